"""Coding dictionaries: a file of the study's own, or a whole one by path."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tlfgen.data.formats import read_raw
from tlfgen.errors import SpecError
from tlfgen.spec.specs import Specs, inside
from tlfgen.spec.study import DictionarySpec


def read_dictionaries(specs: Specs) -> dict[str, pl.DataFrame]:
    """Read each dictionary of study.yaml that names a file; its first column (or `key`) is the term looked
    up.

    A path stays in the study, but an absolute one is a licensed dictionary kept elsewhere and is read where
    it lies in one of `dictionary_folders`. Terms are compared in upper case with single blanks; a term that
    stands twice is a SpecError."""
    found = {}
    for name, spec in specs.study.dictionaries.items():
        if spec.file is None:
            continue
        path = _path(spec, spec.file, specs)
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


def _path(spec: DictionarySpec, file: str, specs: Specs) -> Path:
    if not Path(file).is_absolute():
        return inside(specs.folder, file, spec.at)
    full = Path(file).resolve()
    folders = [Path(f).resolve() for f in specs.study.dictionary_folders]
    if any(folder in full.parents for folder in folders):
        return full
    raise SpecError(
        f"The dictionary '{file}' lies outside the study, in no folder that study.yaml lists.",
        place=spec.at_key("file"),
        hint=f'Add to study.yaml: dictionary_folders: ["{Path(file).parent}"]',
    )
