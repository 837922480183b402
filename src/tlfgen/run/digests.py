"""What a dataset holds, as digests by column: a step that reads one column does not depend on another."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import polars as pl

from tlfgen.data.dataset import Dataset
from tlfgen.data.store import read_dataset
from tlfgen.run.views import COLUMNS

BLOCK = 50_000  # texts that stand as Python objects at once


def write_digests(folder: Path) -> None:
    """Write `columns.json` for the datasets in `data/`, as they are read from there: for each dataset the
    digests of its `head` (keys, declared decimals; label, class), and by column, in order, of its `values`
    (with its type, the marks of what could not be read, and whether it is answered) and of its `words`
    (label, origin, codelist, method)."""
    found = {}
    for path in sorted((folder / "data").glob("*.parquet")):
        dataset = read_dataset(path)
        found[dataset.name] = digests_of(dataset)
    (folder / COLUMNS).write_text(json.dumps(found, indent=1), "utf-8")


def digests_of(dataset: Dataset) -> dict[str, dict[str, str]]:
    """The digests of one dataset: head, values and words."""
    head = [dataset.name, list(dataset.keys), sorted(dataset.decimals.items()), dataset.frame.height]
    told = [dataset.label, dataset.class_, dataset.structure, dataset.made_by]
    words = {v.name: _said(asdict(v)) for v in dataset.variables}
    values = {
        name: _said(
            [_values(dataset.frame[name]), list(dataset.unread.get(name, ())), name in dataset.answered]
        )
        for name in dataset.frame.columns
    }
    return {"head": {"": _said(head), "words": _said(told)}, "values": values, "words": words}


def _values(column: pl.Series) -> str:
    """Hash a column's type, its nulls and its values, the same however they lie in memory."""
    total = hashlib.sha256(f"{column.dtype}|{column.len()}|".encode())
    total.update(column.is_null().cast(pl.UInt8).to_numpy().tobytes())
    if column.dtype == pl.String:
        texts = column.fill_null("")
        total.update(texts.str.len_bytes().to_numpy().tobytes())
        for block in texts.to_frame().iter_slices(BLOCK):
            total.update("".join(block.to_series().to_list()).encode("utf-8", "surrogatepass"))
    elif column.dtype != pl.Null:
        physical = column.to_physical()
        empty: bool | int = False if physical.dtype == pl.Boolean else 0
        total.update(physical.fill_null(empty).to_numpy().tobytes())
    return total.hexdigest()


def _said(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
