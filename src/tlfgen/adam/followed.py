"""The subjects whose assessments a maker looks at: from which day, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date as Day

import polars as pl

from tlfgen.data.dates import complete_day
from tlfgen.data.keyed import SUBJECT, first_by
from tlfgen.data.registry import ROW, Fetch

START, END, END_WHY, START_ROW = "#start", "#end", "#end_why", "#start_row"


def followed(
    fetch: Fetch, start: str, population: str | None, until: Sequence[str], cutoff: Day
) -> pl.DataFrame:
    """Give a row for each subject: USUBJID, the day of `start` and its record, the last day that counts and
    why.

    A subject belongs if it has a day of `start` and, where `population` is given, a "Y" there. The last day
    that counts is the earliest of the `until` dates and the cut-off, itself included; of equal days the
    first that is named gives the reason. Partial dates are no days.
    """
    people = _days(fetch, start).rename({"day": START, ROW: START_ROW})
    if population is not None:
        bare = population.rpartition(".")[2]
        inside = fetch(population).filter(pl.col(bare) == "Y").select(SUBJECT).unique()
        people = people.join(inside, on=SUBJECT, how="semi")
    ends = [
        people.select(SUBJECT, pl.lit(cutoff).alias(END), pl.lit("after the data cut-off").alias(END_WHY))
    ]
    for name in reversed(until):
        why = pl.lit(f"after {name}").alias(END_WHY)
        ends.append(_days(fetch, name).select(SUBJECT, pl.col("day").alias(END), why))
    last = pl.concat(reversed(ends)).with_row_index(ROW)
    return people.join(
        first_by(last, [SUBJECT], [END]).drop(ROW), on=SUBJECT, how="left", maintain_order="left"
    ).sort(SUBJECT)


def _days(fetch: Fetch, name: str) -> pl.DataFrame:
    """The earliest complete day of a column, by subject: USUBJID, ROW, day."""
    records = fetch(name)
    day = complete_day(records[name.rpartition(".")[2]]).alias("day")
    found = records.select(SUBJECT, pl.col(ROW).cast(pl.Int64)).with_columns(day).drop_nulls("day")
    return first_by(found, [SUBJECT], ["day"])
