"""Coding dictionaries: a file of the study's own, or a whole one by path."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tlfgen.data.formats import read_raw
from tlfgen.errors import SpecError
from tlfgen.spec.specs import Specs, inside


def read_dictionaries(specs: Specs) -> dict[str, pl.DataFrame]:
    """Read each dictionary of study.yaml that names a file; its first column (or `key`) is the term looked
    up.

    A path stays in the study, but an absolute one is a licensed dictionary kept elsewhere and is read as
    given. Terms are compared in upper case with single blanks; a term that stands twice is a SpecError."""
    found = {}
    for name, spec in specs.study.dictionaries.items():
        if spec.file is None:
            continue
        path = Path(spec.file) if Path(spec.file).is_absolute() else inside(specs.folder, spec.file, spec.at)
        if not path.is_file():
            raise SpecError(f"The dictionary file '{spec.file}' is not there.", place=spec.at)
        frame = read_raw(path).frame
        key = spec.key or frame.columns[0]
        if key not in frame.columns:
            raise SpecError(
                f"The dictionary '{name}' has no column '{key}'.",
                place=spec.at,
                hint="It has " + ", ".join(frame.columns) + ".",
            )
        frame = frame.select(
            pl.col(key).str.to_uppercase().str.strip_chars().str.replace_all(r"\s+", " "), pl.exclude(key)
        ).unique(maintain_order=True)
        twice = frame.filter(pl.col(key).is_duplicated())
        if twice.height:
            raise SpecError(f"The dictionary '{name}' codes '{twice[key][0]}' in two ways.", place=spec.at)
        found[name] = frame
    return found
