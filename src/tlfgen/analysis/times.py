"""Times to an event, read alike for tables, figures and comparisons: one record a subject."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from tlfgen.analysis.source import NUMBER, SUBJECT, judged
from tlfgen.errors import Place, SpecError
from tlfgen.spec.condition import Condition
from tlfgen.spec.significant import significant
from tlfgen.spec.words import Sentence, sentence
from tlfgen.stats.arguments import Floats, Whole

TIME, EVENT = "#time", "#event"
WITHOUT_TIME, WITHOUT_STATUS = "without_time", "without_status"
EVENT_UNKNOWN = "of whom the event is not known"  # of a proportion: counted as without it
REASONS = {
    WITHOUT_TIME: "without a time",
    WITHOUT_STATUS: "with a time and without a known censoring status",
}


@dataclass(frozen=True)
class Times:
    """frame: the records with a time and a status, with TIME and EVENT. The others are counted."""

    frame: pl.DataFrame
    without_time: int
    without_status: int

    @property
    def time(self) -> Floats:
        found: Floats = self.frame[TIME].to_numpy()
        return found

    @property
    def event(self) -> Whole:
        found: Whole = self.frame[EVENT].cast(pl.Int64).to_numpy()
        return found

    def left_out(self) -> Iterator[tuple[str, int]]:
        """Why records are left out, and how many."""
        yield WITHOUT_TIME, self.without_time
        yield WITHOUT_STATUS, self.without_status


def times_of(
    records: pl.DataFrame,
    column: str,
    event: Condition,
    *,
    at: Place,
    decimals: int | None = None,
    dataset: str = "",
) -> Times:
    """Read the times and the censoring status of records.

    First case that applies to a record:
      1. no time                                        left out: without a time
      2. `event` meets a null that it turns on          left out: without a status
      3. otherwise                                      a time, and whether it ends in the event

    decimals: the times are rounded half up before the analysis. A SpecError where `column` is no number, a
    time is negative or infinite, or a subject has two records.
    """
    own = records[column]
    if not (own.dtype.is_numeric() or own.dtype == pl.Null):
        name = f"{dataset}.{column}" if dataset else column
        raise SpecError(f"{name} is no number and cannot be analysed as a time.", place=at)
    read = records.with_columns(
        significant(pl.col(column)).fill_nan(None).alias(TIME), judged(event, records).alias(EVENT)
    )
    timed = read.filter(pl.col(TIME).is_not_null())
    kept = timed.filter(pl.col(EVENT).is_not_null())
    _check(kept, at)
    if decimals is not None:
        rounded = rounded_half_up(kept[TIME].to_numpy(), decimals)
        kept = kept.with_columns(pl.Series(TIME, rounded, pl.Float64))
    return Times(kept, read.height - timed.height, timed.height - kept.height)


def rounded_half_up(values: Floats, decimals: int) -> Floats:
    """Times at so many decimals, halves up."""
    found: Floats = np.floor(values * 10**decimals + 0.5 + 1e-9) / 10**decimals
    return found


def of_rounded(decimals: int | None) -> Sentence | str:
    """What a footnote adds where times are rounded before the analysis."""
    return "" if decimals is None else sentence("rounded", decimals)


def _check(kept: pl.DataFrame, at: Place) -> None:
    twice = kept.filter(pl.col(NUMBER).is_not_null() & pl.col(NUMBER).is_duplicated())
    if twice.height:
        raise SpecError(
            f"There is more than one time of subject {_who(twice)}; the analysis takes one.",
            place=at,
            hint="Narrow where: to one record a subject, as PARAMCD = 'OS' does.",
        )
    wrong = kept.filter((pl.col(TIME) < 0) | ~pl.col(TIME).is_finite())
    if wrong.height:
        said = "is infinite" if np.isinf(wrong[TIME][0]) else f"is {wrong[TIME][0]}; it cannot be negative"
        raise SpecError(f"The time of subject {_who(wrong)} {said}.", place=at)


def _who(frame: pl.DataFrame) -> str:
    return str(frame[SUBJECT][0] if SUBJECT in frame.columns else frame[NUMBER][0])
