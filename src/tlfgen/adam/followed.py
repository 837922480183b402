"""The subjects whose assessments a maker looks at: from which day, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date as Day

import polars as pl

from tlfgen.data.dates import complete_day
from tlfgen.data.known_date import collected, possible_days, text_behind
from tlfgen.engine.keyed import SUBJECT, first_by
from tlfgen.engine.registry import ROW, Fetch
from tlfgen.errors import Finding

START, END, END_WHY, START_ROW = "#start", "#end", "#end_why", "#start_row"


def followed(
    fetch: Fetch, start: str, population: str | None, until: Sequence[str], cutoff: Day
) -> pl.DataFrame:
    """Give a row for each subject: USUBJID, the day of `start` and its record, the last day that counts and
    why.

    A subject belongs if it has a day of `start` and, where `population` is given, a "Y" there. The last day
    that counts is the earliest of the `until` dates and the cut-off, itself included; of equal days the
    first that is named gives the reason. A partial `start` is no day; of a partial `until` date the first
    day that it can mean counts, since nothing later is known to lie before it. `unplaced` tells of both.
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
        ends.append(_days(fetch, name, partial=True).select(SUBJECT, pl.col("day").alias(END), why))
    last = pl.concat(reversed(ends)).with_row_index(ROW)
    return people.join(
        first_by(last, [SUBJECT], [END]).drop(ROW), on=SUBJECT, how="left", maintain_order="left"
    ).sort(SUBJECT)


def unplaced(
    fetch: Fetch, start: str, population: str | None, until: Sequence[str], rule: str
) -> tuple[Finding, ...]:
    """Find the subjects whose start or end of observation was collected, and is not known to the day."""
    inside = None
    if population is not None:
        bare = population.rpartition(".")[2]
        inside = fetch(population).filter(pl.col(bare) == "Y")[SUBJECT].unique()
    found = []
    for name in (start, *until):
        records, (owner, _, bare) = fetch(name), name.rpartition(".")
        open_ = records.filter(collected(records, bare) & complete_day(records[bare]).is_null())
        texts = text_behind(open_, bare)
        low, _ = possible_days(open_, bare)
        for who, row, text, day in zip(open_[SUBJECT], open_[ROW], texts, low, strict=True):
            if inside is not None and who not in inside:
                continue
            if name == start:
                says = f"'{text}' is not known to the day: the subject has no record"
            elif day is None:
                says = f"'{text}' cannot be read: it does not end the observation"
            else:
                says = (
                    f"'{text}' is not known to the day: the observation ends on {day}, the first possible one"
                )
            found.append(Finding("error", "adam", owner, rule, says, row, who, bare, text))
    return tuple(found)


def _days(fetch: Fetch, name: str, *, partial: bool = False) -> pl.DataFrame:
    """The earliest day of a column, by subject: USUBJID, ROW, day. partial: a date that is cut short stands
    for its first possible day."""
    records, bare = fetch(name), name.rpartition(".")[2]
    day = (possible_days(records, bare)[0] if partial else complete_day(records[bare])).alias("day")
    found = records.select(SUBJECT, pl.col(ROW).cast(pl.Int64)).with_columns(day).drop_nulls("day")
    return first_by(found, [SUBJECT], ["day"])
