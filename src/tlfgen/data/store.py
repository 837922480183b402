"""Datasets on disk: Parquet with the metadata inside, and XPT v5 beside it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import polars as pl

from tlfgen.data.dataset import Dataset, Variable
from tlfgen.errors import DataError, Finding

METADATA = "tlfgen"


def write_dataset(dataset: Dataset, folder: Path) -> list[Path]:
    """Write `<name>.parquet` (lower case), its metadata in the file's own key-value pairs."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{dataset.name.lower()}.parquet"
    head = {
        "name": dataset.name, "label": dataset.label, "class": dataset.class_, "structure": dataset.structure,
        "keys": list(dataset.keys), "variables": [asdict(v) for v in dataset.variables],
        "decimals": dict(dataset.decimals),
    }  # fmt: skip
    dataset.frame.write_parquet(
        path, metadata={METADATA: json.dumps(head, ensure_ascii=False, sort_keys=True)}
    )
    return [path]


def read_dataset(path: Path) -> Dataset:
    """Read what `write_dataset` wrote."""
    try:
        head = json.loads(pl.read_parquet_metadata(path)[METADATA])
        frame = pl.read_parquet(path)
    except (OSError, KeyError, pl.exceptions.PolarsError) as error:
        raise DataError(f"{path.name} is not a dataset of tlfgen: {error}.", path=str(path)) from None
    variables = tuple(Variable(**v) for v in head["variables"])
    return Dataset(
        head["name"],
        head["label"],
        frame,
        variables,
        tuple(head["keys"]),
        head["class"],
        head["structure"],
        head["decimals"],
    )


def read_folder(folder: Path) -> dict[str, Dataset]:
    """Read every dataset of a folder, by name."""
    datasets = [read_dataset(p) for p in sorted(folder.glob("*.parquet"))]
    return {d.name: d for d in datasets}


def write_transport(dataset: Dataset, folder: Path, stage: str) -> list[Finding]:
    """Write `<name>.xpt`; typographic characters become ASCII, each a finding. Longer texts than 200 bytes
    are cut only in the XPT file, each a finding; the Parquet file keeps them whole."""
    from tlfgen.data.xpt_file import XptVariable, submission_text, write_xpt

    frame, replaced = submission_text(dataset.frame)
    findings = [
        Finding(
            "note",
            stage,
            dataset.name,
            "ASCII",
            f"'{r.character}' is '{r.replacement}' in the XPT file",
            r.row,
            None,
            r.variable,
        )
        for r in replaced
    ]
    frame, more = _ascii_only(frame, dataset.name, stage)
    frame, cut = _fitting(frame, dataset.name, stage)
    findings += more + cut
    variables = [
        XptVariable(v.name, v.label, "text" if v.type == "text" else "number", _format(v))
        for v in dataset.variables
    ]
    write_xpt(
        folder / f"{dataset.name.lower()}.xpt",
        frame,
        name=dataset.name,
        label=dataset.label,
        variables=variables,
    )
    return findings


def _format(variable: Variable) -> str:
    return {"date": "DATE9.", "datetime": "DATETIME20."}.get(variable.type, "")


def _ascii_only(frame: pl.DataFrame, name: str, stage: str) -> tuple[pl.DataFrame, list[Finding]]:
    """XPT v5 holds ASCII: any other character becomes ?, each text a warning; the Parquet file keeps it."""
    from tlfgen.data.xpt_file import unprintable_columns

    findings = []
    for column in unprintable_columns(frame):
        for row in frame[column].str.contains(r"[^ -~]").fill_null(False).arg_true():
            message = "characters without an ASCII form are '?' in the XPT file; the Parquet file keeps them"
            findings.append(
                Finding("warning", stage, name, "ASCII", message, row + 1, None, column, frame[column][row])
            )
        frame = frame.with_columns(pl.col(column).str.replace_all(r"[^ -~]", "?"))
    return frame, findings


def _fitting(frame: pl.DataFrame, name: str, stage: str) -> tuple[pl.DataFrame, list[Finding]]:
    """XPT v5 holds 200 bytes a text: a longer one is cut there, each a warning; the Parquet file keeps it."""
    findings = []
    long = frame.select((pl.col(pl.String).str.len_bytes() > 200).any())
    for column in (name for name in long.columns if long[name].item()):
        for row in (frame[column].str.len_bytes() > 200).fill_null(False).arg_true():
            message = "longer than 200 characters; cut in the XPT file, whole in the Parquet file"
            findings.append(Finding("warning", stage, name, "length", message, row + 1, None, column))
        frame = frame.with_columns(pl.col(column).str.slice(0, 200))
    return frame, findings
