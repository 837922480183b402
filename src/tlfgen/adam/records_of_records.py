"""What the rules that make records of records share: names, values, sources, what they tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from tlfgen.data.unread import unread
from tlfgen.engine.keyed import SUBJECT
from tlfgen.engine.registry import ROW
from tlfgen.errors import Finding

INDEX = "index"
PARAMETER = "PARAMCD"
LOST = "#lost"  # beside a value: it was collected and cannot be read


def owner_of(name: str) -> str:
    """The dataset of a dotted name."""
    return name.rpartition(".")[0]


def bares(names: Iterable[str]) -> list[str]:
    """Names as they stand in fetched records: without their dataset, without the sign of an order."""
    return list(dict.fromkeys(name.removeprefix("-").rpartition(".")[2] for name in names))


def value_of(name: str, dtype: pl.DataType) -> str:
    """The variable of a BDS record that holds a value of this type; one of those keeps its own name."""
    if name in ("AVAL", "AVALC", "ADT", "ADTM"):
        return name
    if dtype.is_numeric():
        return "AVAL"
    return {pl.Date: "ADT", pl.Datetime: "ADTM"}.get(dtype.base_type(), "AVALC")


def as_value(name: str, frame: pl.DataFrame, column: str) -> pl.Expr:
    """A column as the value of a record: AVAL is a float."""
    value = value_of(name, frame.schema[column])
    return pl.col(column).cast(pl.Float64).alias(value) if value == "AVAL" else pl.col(column).alias(value)


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
    severity: str, owner: str, rule: str, says: str, records: pl.DataFrame, field: str
) -> tuple[Finding, ...]:
    """One finding for each of these records; {NAME} in the words is a column of theirs."""
    return tuple(
        Finding(severity, "adam", owner, rule, says.format(**r), r.get(ROW), r[SUBJECT], field)  # type: ignore[arg-type]
        for r in records.iter_rows(named=True)
    )
