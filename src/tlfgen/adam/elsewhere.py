"""Datasets that were made elsewhere: read, typed, and held against their description."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from tlfgen.data.dataset import LEDGER, LINEAGE, Dataset, Variable, missing_variable
from tlfgen.data.formats import RawTable, read_raw
from tlfgen.data.standards import adam_variable, type_of_file
from tlfgen.engine.finish import check_keys
from tlfgen.engine.table import DTYPES, SUBJECT
from tlfgen.errors import Finding, SpecError
from tlfgen.spec.elsewhere import ElsewhereSpec
from tlfgen.spec.specs import Specs

RULE = "made elsewhere"
PLACE = "#place"  # of a record in its file


def elsewhere_names(specs: Specs) -> dict[str, list[str]]:
    """Dataset -> the variables of its file; a SpecError where the description names others, or one has no
    label."""
    found = {}
    for spec in specs.elsewhere.values():
        table = _table(spec, specs)
        names = table.frame.columns
        for variable in spec.variables:
            if variable.name not in names:
                raise missing_variable(spec.name, variable.name, names, variable.at)
        for key in (SUBJECT, *spec.keys):
            if key not in names:
                raise missing_variable(spec.name, key, names, spec.at_key("keys"))
        for name in names:
            _variable(spec, name, table.labels)
        found[spec.name] = names
    return found


@dataclass(frozen=True)
class Elsewhere:
    """A dataset that was made elsewhere, what is wrong with it, and for each record its place in the file."""

    dataset: Dataset
    findings: tuple[Finding, ...]
    lineage: pl.DataFrame
    ledger: pl.DataFrame


def read_elsewhere(specs: Specs) -> dict[str, Elsewhere]:
    """Read every dataset that was made elsewhere; values that its types cannot hold are null and findings.

    Raises SpecError where a file is not there or lacks a variable, DataError where it cannot be read or its
    keys are not unique.
    """
    elsewhere_names(specs)
    return {spec.name: _read(spec, specs) for spec in specs.elsewhere.values()}


def _read(spec: ElsewhereSpec, specs: Specs) -> Elsewhere:
    table = _table(spec, specs)
    typed: list[pl.Series] = []
    findings: list[Finding] = []
    for name in table.frame.columns:
        text, kind = table.frame[name], type_of_file(name, spec.type_said(name))
        values = _typed(text, kind)
        lost = text.is_not_null() & values.is_null()
        findings += _unreadable(spec, table, name, kind, lost)
        typed.append(values.alias(name))
    frame = pl.DataFrame(typed).with_row_index(PLACE, table.first_row)
    frame = frame.sort(list(spec.keys), nulls_last=True, maintain_order=True)
    check_keys(spec.name, frame, tuple(spec.keys), spec.at_key("keys"))
    variables = tuple(_variable(spec, name, table.labels) for name in table.frame.columns)
    dataset = Dataset(
        spec.name, spec.label, frame.drop(PLACE), variables, tuple(spec.keys), spec.class_, spec.structure,
        made_by=spec.made_by,
    )  # fmt: skip
    return Elsewhere(dataset, tuple(findings), _lineage(spec, frame), _ledger(spec, frame.height))


def _lineage(spec: ElsewhereSpec, frame: pl.DataFrame) -> pl.DataFrame:
    """Each record comes from its row of the file, and there lineage ends."""
    columns = {
        "dataset": pl.lit(spec.name), "row": pl.int_range(1, pl.len() + 1), "source": pl.lit(spec.file),
        "source_row": pl.col(PLACE), "role": pl.lit("record"),
    }  # fmt: skip
    return frame.select(e.cast(LINEAGE[n]).alias(n) for n, e in columns.items())


def _ledger(spec: ElsewhereSpec, height: int) -> pl.DataFrame:
    reason = f"made by {spec.made_by}; not recomputed"
    line = ("adam", spec.name, spec.file, height, height, 0, reason, height)
    return pl.DataFrame([line], schema=LEDGER, orient="row")


def strangers(dataset: Dataset, subjects: pl.Series) -> Iterator[Finding]:
    """A finding for each subject of a dataset made elsewhere that ADSL does not have, and for each record
    that has none."""
    for index in dataset.frame[SUBJECT].is_null().arg_true().to_list():
        says = "the record has no subject"
        yield Finding("error", "adam", dataset.name, RULE, says, row=index + 1, field=SUBJECT)
    own = dataset.frame[SUBJECT].unique().sort()
    for who in own.filter(~own.is_in(subjects.implode())).to_list():
        says = f"{who} is no subject of ADSL"
        yield Finding("error", "adam", dataset.name, RULE, says, subject=who, field=SUBJECT, value=who)


def _typed(text: pl.Series, kind: str) -> pl.Series:
    if kind == "date":
        return text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    if kind == "integer":
        number = text.cast(pl.Float64, strict=False)
        return number.set(number != number.round(), None).cast(pl.Int64, strict=False)
    if kind == "float":
        number = text.cast(pl.Float64, strict=False)
        return number.set(~number.is_finite(), None)  # NaN and inf are texts of R and Python, and no numbers
    return text.cast(DTYPES[kind], strict=False)


def _unreadable(
    spec: ElsewhereSpec, table: RawTable, name: str, kind: str, lost: pl.Series
) -> Iterator[Finding]:
    rows = table.frame.filter(lost)
    for place, who, value in zip(lost.arg_true(), rows[SUBJECT], rows[name], strict=True):
        says = f"row {table.first_row + int(place)} of {spec.file}: '{value}' is no {kind}; it is null"
        yield Finding("error", "adam", spec.name, RULE, says, None, who, name, str(value))


def _variable(spec: ElsewhereSpec, name: str, labels: Mapping[str, str]) -> Variable:
    said = next((v.label for v in spec.variables if v.name == name and v.label), None)
    standard = adam_variable(name)
    label = said or labels.get(name) or (standard.label if standard else None)
    if not label:
        raise SpecError(
            f"{spec.name}.{name} has no label, in the file or in the standard.", place=spec.at,
            hint=f"Give one under variables: {{name: {name}, label: ...}}.",
        )  # fmt: skip
    kind = type_of_file(name, spec.type_said(name))
    return Variable(name, label, kind, "Assigned", method=f"Made by {spec.made_by}")


def _table(spec: ElsewhereSpec, specs: Specs) -> RawTable:
    path = specs.file(spec.file, spec.at_key("file"))
    if not path.is_file():
        raise SpecError(f"The file '{spec.file}' of {spec.name} is not there.", place=spec.at_key("file"))
    with path.open("rb") as opened:
        content = hashlib.file_digest(opened, "sha256").hexdigest()
    return _cached(path, spec.encoding, content)


@lru_cache(maxsize=8)
def _cached(path: Path, encoding: str | None, content: str) -> RawTable:
    """A file as text, read once as long as its content, of which this is the hash, stays."""
    return read_raw(path, encoding=encoding)
