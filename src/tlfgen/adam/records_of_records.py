"""What the rules that make records of records share: names, values, sources, what they tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from tlfgen.data.unread import unread
from tlfgen.engine.keyed import SUBJECT
from tlfgen.engine.registry import ROW
from tlfgen.errors import Finding, Place, Severity, SpecError
from tlfgen.spec.significant import significant
from tlfgen.spec.study import StudySpec

INDEX = "index"
PARAMETER = "PARAMCD"
VALUES = ("AVAL", "AVALC", "ADT", "ADTM")  # what a record may have of its parameter
VISIT, AT = "#visit", "#at"  # an expected visit, and its number
LOST = "#lost"  # beside a value: it was collected and cannot be read


def owner_of(name: str) -> str:
    """The dataset of a dotted name."""
    return name.rpartition(".")[0]


def bares(names: Iterable[str]) -> list[str]:
    """Names as they stand in fetched records: without their dataset, without the sign of an order."""
    return list(dict.fromkeys(name.removeprefix("-").rpartition(".")[2] for name in names))


def value_of(name: str, dtype: pl.DataType) -> str:
    """The variable of a BDS record that holds a value of this type; one of those keeps its own name."""
    if name in VALUES:
        return name
    if dtype.is_numeric():
        return "AVAL"
    return {pl.Date: "ADT", pl.Datetime: "ADTM"}.get(dtype.base_type(), "AVALC")


def as_value(name: str, frame: pl.DataFrame, column: str) -> pl.Expr:
    """A column as the value of a record: AVAL is a float."""
    value = value_of(name, frame.schema[column])
    return pl.col(column).cast(pl.Float64).alias(value) if value == "AVAL" else pl.col(column).alias(value)


def check_shown(value: str, keys: Sequence[str], others: Sequence[str], at: Place) -> None:
    """What is taken stands in the variable that its record has for it; a SpecError where it cannot.

    First case that applies:
      1. PARAMCD is one of the keys, and what is taken is not
         the parameter's value or date (CHG)                    refused: it would be a value of the parameter
      2. the variable is also one that stands on the record     refused: it would hold two things
    """
    if PARAMETER in keys and value not in VALUES:
        raise SpecError(
            f"{value} would stand in AVAL as a value of the parameter that it was taken of.", place=at,
            hint="Take AVAL, in an `order` of your own; or name one parameter: leave PARAMCD out of `by`,"
            " say which in `where`, and give the new one in `set`.",
        )  # fmt: skip
    if value not in VALUES and (taken := [n for n in others if n in ("AVAL", "AVALC")]):
        raise SpecError(
            f"{taken[0]} of the record is {value}; it cannot be kept as it was too.", place=at,
            hint=f"Leave {taken[0]} out of by, order and keep.",
        )  # fmt: skip


def valued(records: pl.DataFrame, value: str) -> pl.DataFrame:
    """The records that have a value, or one that cannot be read; LOST tells which. What is missing is
    none."""
    lost = unread(records, value)
    return records.with_columns(lost.alias(LOST)).filter(pl.col(value).is_not_null() | pl.col(LOST))


def indexed(frame: pl.DataFrame) -> pl.DataFrame:
    """The records to be made with their position, from 0."""
    return frame.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(INDEX))


def used_rows(made: pl.DataFrame, records: pl.DataFrame, keys: Sequence[str], owner: str) -> pl.DataFrame:
    """The sources of records that were made of all records of the same keys: index, source, source_row."""
    joined = made.select(INDEX, *keys).join(records.select(*keys, ROW), on=list(keys), nulls_equal=True)
    return joined.select(INDEX, pl.lit(owner).alias("source"), pl.col(ROW).alias("source_row")).sort(
        INDEX, "source_row"
    )


def read_row(made: pl.DataFrame, owner: str) -> pl.DataFrame:
    """The sources of records that were each made of one record, whose number they carry in ROW."""
    return made.select(INDEX, pl.lit(owner).alias("source"), pl.col(ROW).alias("source_row"))


def told(
    severity: Severity, owner: str, rule: str, says: str, records: pl.DataFrame, field: str
) -> tuple[Finding, ...]:
    """One finding for each of these records; {NAME} in the words is a column of theirs."""
    return tuple(
        Finding(severity, "adam", owner, rule, says.format(**r), r.get(ROW), r[SUBJECT], field)
        for r in records.iter_rows(named=True)
    )


def planned_visits(expected: Mapping[str, float], study: StudySpec, at: Place) -> pl.DataFrame:
    """The expected visits, those of study.yaml where none are said: name (VISIT) and number (AT).

    A SpecError where there are none, or two have one number."""
    planned = expected or {v.analysed: v.VISITNUM for v in study.visits if v.analysed}
    schema = {VISIT: pl.String, AT: pl.Float64}
    visits = pl.DataFrame(list(planned.items()), schema=schema, orient="row")
    visits = visits.with_columns(significant(pl.col(AT)))
    twice = visits.filter(pl.col(AT).is_duplicated())
    if visits.is_empty() or twice.height:
        raise SpecError(
            f"Two expected visits have the number {twice[AT][0]:g}: {', '.join(twice[VISIT])}."
            if twice.height else "No visit is expected.",
            place=at, hint="Write expected: {Week 2: 2, Week 4: 4}, each visit with its AVISITN.",
        )  # fmt: skip
    return visits


def misnamed(
    visits: pl.DataFrame, records: pl.DataFrame, visit: str, number: str, owner: str, rule: str
) -> tuple[Finding, ...]:
    """One finding for each expected visit whose number records have under another name: they are taken for
    the same visit."""
    at = significant(pl.col(number)).alias(AT)
    named = records.select(at, pl.col(visit).alias("#given")).drop_nulls()
    others = named.join(visits, on=AT).filter(pl.col("#given") != pl.col(VISIT))
    counted = others.group_by(AT, VISIT, "#given").len().sort(AT, "#given")
    return tuple(
        Finding("warning", "adam", owner, rule,
                f"visit {n:g} is '{given}' in {{count}} records and expected as '{name}': taken as one",
                field=visit, count=count)
        for n, name, given, count in counted.iter_rows()
    )  # fmt: skip
