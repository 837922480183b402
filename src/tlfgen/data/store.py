"""Datasets on disk: Parquet with the metadata inside, and XPT v5 beside it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.data.ascii_text import as_ascii
from tlfgen.data.dataset import Dataset, Variable
from tlfgen.data.long_text import join_dataset, split_dataset
from tlfgen.errors import DataError, Finding, Severity

if TYPE_CHECKING:
    from tlfgen.data.xpt_file import Replacement

METADATA = "tlfgen"


def write_dataset(dataset: Dataset, folder: Path) -> list[Path]:
    """Write `<name>.parquet` (lower case), its metadata in the file's own key-value pairs. A text over 200
    characters goes on in further variables, as in the XPT file."""
    dataset = split_dataset(dataset)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{dataset.name.lower()}.parquet"
    head = {
        "name": dataset.name, "label": dataset.label, "class": dataset.class_, "structure": dataset.structure,
        "keys": list(dataset.keys), "variables": [asdict(v) for v in dataset.variables],
        "decimals": dict(dataset.decimals), "unread": {n: list(at) for n, at in dataset.unread.items()},
        "answered": list(dataset.answered), "made_by": dataset.made_by,
    }  # fmt: skip
    dataset.frame.write_parquet(
        path, metadata={METADATA: json.dumps(head, ensure_ascii=False, sort_keys=True)}
    )
    return [path]


def read_dataset(path: Path) -> Dataset:
    """Read what `write_dataset` wrote; texts that go on in further variables are whole again."""
    try:
        head = json.loads(pl.read_parquet_metadata(path)[METADATA])
        frame = pl.read_parquet(path)
    except (OSError, KeyError, pl.exceptions.PolarsError) as error:
        raise DataError(f"{path.name} is not a dataset of tlfgen: {error}.", path=str(path)) from None
    variables = tuple(Variable(**v) for v in head["variables"])
    named = (head["name"], head["label"], frame, variables, tuple(head["keys"]))
    told = (head["decimals"], head["unread"], tuple(head["answered"]), head["made_by"])
    return join_dataset(Dataset(*named, head["class"], head["structure"], *told))


def read_folder(folder: Path) -> dict[str, Dataset]:
    """Read every dataset of a folder, by name."""
    datasets = [read_dataset(p) for p in sorted(folder.glob("*.parquet"))]
    return {d.name: d for d in datasets}


def write_transport(dataset: Dataset, folder: Path, stage: str) -> list[Finding]:
    """Write `<name>.xpt`. Typographic characters become ASCII, letters their form in ascii_text.py, each
    a finding. A text over 200 characters goes on in further variables, as in the Parquet file."""
    from tlfgen.data.xpt_file import XptVariable, write_xpt

    dataset = split_dataset(dataset)
    frame, replaced, more = _submitted(dataset, stage)
    findings = [
        Finding("note", stage, dataset.name, "length", f"{v.continues} goes on in {v.name}", field=v.name)
        for v in dataset.variables
        if v.continues
    ]
    findings += [
        Finding(
            "note", stage, dataset.name, "ASCII", f"'{r.character}' is '{r.replacement}' in the XPT file",
            r.row, None, r.variable,
        )
        for r in replaced
    ]  # fmt: skip
    variables = [
        XptVariable(v.name, v.label, "text" if v.type == "text" else "number", _format(v))
        for v in dataset.variables
    ]
    path = folder / f"{dataset.name.lower()}.xpt"
    write_xpt(path, frame, name=dataset.name, label=dataset.label, variables=variables)
    return findings + more


def _format(variable: Variable) -> str:
    return {"date": "DATE9.", "datetime": "DATETIME20."}.get(variable.type, "")


def _submitted(dataset: Dataset, stage: str) -> tuple[pl.DataFrame, tuple[Replacement, ...], list[Finding]]:
    """The frame as an XPT file holds it, which characters were replaced, and what is said of letters."""
    from tlfgen.data.xpt_file import submission_text, unprintable_columns

    names = unprintable_columns(dataset.frame)
    if not names:
        return dataset.frame, (), []
    part, replaced = submission_text(dataset.frame.select(names))
    part, findings = _ascii_only(part, dataset.name, stage)
    return dataset.frame.with_columns(part.get_columns()), replaced, findings


def _ascii_only(frame: pl.DataFrame, name: str, stage: str) -> tuple[pl.DataFrame, list[Finding]]:
    """XPT v5 holds ASCII: letters take their stated form, a note; what has none stands as its code point, a
    warning. The Parquet file keeps the text."""
    from tlfgen.data.xpt_file import unprintable_columns

    findings = []
    for column in unprintable_columns(frame):
        texts = frame[column].to_list()
        for row in frame[column].str.contains(r"[^ -~]").fill_null(False).arg_true():
            text, form = texts[row], as_ascii(texts[row])
            coded = "[U+" in form and "[U+" not in text
            says = (
                "a character without a Latin form stands as its code point" if coded else "letters are Latin"
            )
            message = f"{says} in the XPT file: '{form}'; the Parquet file keeps the text"
            severity: Severity = "warning" if coded else "note"
            findings.append(Finding(severity, stage, name, "ASCII", message, row + 1, None, column, text))
            texts[row] = form
        frame = frame.with_columns(pl.Series(column, texts, dtype=pl.String))
    return frame, findings
