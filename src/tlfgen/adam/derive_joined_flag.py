"""joined_flag: a flag of records that another one of the same group bears out, as a confirmed worsening."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tlfgen.data.dates import complete_day
from tlfgen.engine.gives import YES
from tlfgen.engine.keyed import INDEX, SUBJECT, flagged, group_keys, holds, numbered
from tlfgen.engine.registry import ROW, Column, Columns, Derived, Where, derivation
from tlfgen.errors import Finding

OTHER = "other:"
DAYS = "#days"
UNDATED = "its day is not known: it cannot be borne out"
UNDATED_LATER = "its day is not known: it bears out no other"


@derivation(gives=YES)
def derive_joined_flag(
    rows: pl.DataFrame,
    *,
    by: Columns,
    date: Column,
    where: Where = None,
    later: Where = None,
    min_days: int = 1,
    max_days: int | None = None,
) -> Derived:
    """Flag the records that a later one bears out.

    A group is a subject and the values of `by`, a null being a value of its own. First case that applies:
      1. the record does not meet `where`, or its date is
         missing or partial                                   null; of a date, with a warning
      2. another record of the group meets `later`, and its
         date lies `min_days` to `max_days` after             "Y"
      3. otherwise                                            null

    A record that meets `later` and has no complete date bears out none, with a warning where one could be.
    The earliest record that bears it out is the source.

    Source: the analysis plan's rule of what is confirmed.
    """
    keys = group_keys(by)
    frame = numbered(rows).with_columns(complete_day(rows[date]).alias("#day"))
    one = frame.filter(holds(where, rows)).select(INDEX, ROW, "#day", *keys)
    other = frame.filter(holds(later, rows)).select(
        pl.col(ROW).alias(OTHER), pl.col("#day").alias("#then"), *keys
    )
    days = (pl.col("#then") - pl.col("#day")).dt.total_days().alias(DAYS)
    pairs = one.join(other, on=keys, nulls_equal=True).filter(pl.col(ROW) != pl.col(OTHER))
    pairs = pairs.with_columns(days)
    within = pl.col(DAYS) >= min_days
    pairs = pairs.filter(within if max_days is None else within & (pl.col(DAYS) <= max_days))
    found = pairs.sort(DAYS, OTHER).unique(INDEX, keep="first").sort(INDEX)
    return Derived(
        flagged(rows.height, found[INDEX]),
        sources=found.select(pl.col(INDEX).alias("index"), pl.col(OTHER).alias("source_row")),
        findings=tuple(_undated(frame, one, other, keys, date)),
        null_is_no=True,
    )


def _undated(
    frame: pl.DataFrame, one: pl.DataFrame, other: pl.DataFrame, keys: list[str], date: str
) -> Iterator[Finding]:
    """Warn of the records that are no part of a pair because their day is not known."""
    lost = frame.filter(pl.col("#day").is_null()).select(INDEX, ROW, *keys)
    asked = lost.filter(pl.col(INDEX).is_in(one[INDEX].implode()))
    able = lost.filter(pl.col(ROW).is_in(other[OTHER].implode())).join(asked, on=INDEX, how="anti")
    able = able.join(one, on=keys, how="semi", nulls_equal=True)
    for says, records in ((UNDATED, asked), (UNDATED_LATER, able)):
        for index, who in records.select(INDEX, SUBJECT).iter_rows():
            yield Finding("warning", "", "", "joined_flag", says, index, who, date)
