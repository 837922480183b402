"""impute_date: a date from a partial one, with its flag."""

from __future__ import annotations

from typing import Literal

import polars as pl

from tlfgen.data.dates import complete_day
from tlfgen.data.keyed import INDEX, numbered
from tlfgen.data.registry import Column, Columns, Derived, Fills, derivation
from tlfgen.spec.iso_date import NO_MONTH, date_bounds
from tlfgen.spec.loader import Entry

Part = Literal["first", "mid", "last"]
LOW, HIGH = "#low", "#high"


class Missing(Entry):
    """What stands for a missing day, and for a missing month."""

    day: Part
    month: Part


@derivation
def derive_impute_date(
    rows: pl.DataFrame,
    *,
    of: Column,
    missing: Missing,
    not_before: Column | None = None,
    not_after: Columns = (),
    flag: Fills = None,
) -> Derived:
    """Make a date of a --DTC variable, imputing a missing day or month.

    First case that applies:
      1. nothing collected     null, no flag
      2. a complete date       its day, no flag
      3. year and month        the first day, the 15th or the last day of the month, by `missing.day`; flag D
      4. year only             `missing.month` first: January, last: December, each with its day as in case 3;
                               mid: 30 June; flag M
      5. year and day          that day of January, June or December, by `missing.month`; flag M

    Then an imputed date (never a collected one) moves:
      - to `not_before`, if it lies before it and that day is among those the partial date can mean;
      - to the earliest of `not_after`, if it lies behind it and that day is among those.

    The flag is the highest part that was imputed (D or M); a missing year is never imputed. The --DTC itself
    stays as it is. Each imputed date is shown in the trail.

    not_before, not_after: the first dose, and death, end of study, cut-off; a partial one of them does not
    count.

    Source: the ADaM flags --DTF (codelist DATEFL); bounds by the convention that an event of the month of
    the first dose is taken to have begun with the treatment.
    """
    if rows.schema[of] == pl.Date:
        return Derived({"": rows[of], **({flag: _none(rows)} if flag is not None else {})})
    low, high = date_bounds(pl.col(of), "partial")
    length = pl.col(of).str.len_chars()
    no_month = pl.col(of).str.contains(NO_MONTH).fill_null(False)
    part = pl.when((length == 4) | no_month).then(pl.lit("M")).when(length == 7).then(pl.lit("D"))
    frame = numbered(rows).with_columns(
        low.alias(LOW), high.alias(HIGH), part.alias("#part"), no_month.alias("#no month")
    )
    frame = frame.with_columns(_filled(missing).alias("#date"), pl.lit(None, dtype=pl.String).alias("#moved"))
    if not_before is not None:
        frame = _moved(
            frame,
            complete_day(rows[not_before]),
            pl.col("#date") < pl.col("#bound"),
            f"not before {not_before}",
        )
    if not_after:
        bound = rows.select(
            pl.min_horizontal([complete_day(rows[c]).alias(c) for c in dict.fromkeys(not_after)])
        ).to_series()
        frame = _moved(frame, bound, pl.col("#date") > pl.col("#bound"), f"not after {', '.join(not_after)}")
    values = {"": frame["#date"]}
    if flag is not None:
        values[flag] = frame.select(pl.when(pl.col("#date").is_not_null()).then(pl.col("#part"))).to_series()
    return Derived(values, decisions=_trail(frame, of, missing))


def _filled(missing: Missing) -> pl.Expr:
    """The imputed date before any bound; of a complete date, its day."""
    middle_of_year = pl.date(pl.col(LOW).dt.year(), 6, 30)
    month = pl.col(LOW) if missing.month == "first" else pl.col(HIGH).dt.month_start()
    year_only = middle_of_year if missing.month == "mid" else _day_of(month, missing.day)
    months = {"first": "0mo", "mid": "5mo", "last": "11mo"}[missing.month]
    return (
        pl.when(pl.col("#no month"))
        .then(pl.col(LOW).dt.offset_by(months))
        .when(pl.col("#part") == "M")
        .then(year_only)
        .when(pl.col("#part") == "D")
        .then(_day_of(pl.col(LOW), missing.day))
        .otherwise(pl.col(LOW))
    )


def _day_of(month_start: pl.Expr, part: Part) -> pl.Expr:
    if part == "first":
        return month_start
    return month_start.dt.month_end() if part == "last" else month_start.dt.offset_by("14d")


def _moved(frame: pl.DataFrame, bound: pl.Series, beyond: pl.Expr, why: str) -> pl.DataFrame:
    """Move imputed dates beyond a bound to it, where the partial date can mean it."""
    frame = frame.with_columns(bound.alias("#bound"))
    possible = pl.col("#part").is_not_null() & pl.col("#bound").is_between(pl.col(LOW), pl.col(HIGH))
    possible &= ~pl.col("#no month") | (pl.col("#bound").dt.day() == pl.col(LOW).dt.day())
    moves = (possible & beyond).fill_null(False)
    return frame.with_columns(
        pl.when(moves).then(pl.col("#bound")).otherwise(pl.col("#date")).alias("#date"),
        pl.when(moves).then(pl.lit(why)).otherwise(pl.col("#moved")).alias("#moved"),
    )


def _trail(frame: pl.DataFrame, of: str, missing: Missing) -> pl.DataFrame:
    imputed = frame.filter(pl.col("#part").is_not_null() & pl.col("#date").is_not_null())
    how = (
        pl.when(pl.col("#part") == "D")
        .then(pl.lit(f"missing day: {missing.day}"))
        .when(pl.col("#no month"))
        .then(pl.lit(f"missing month: {missing.month}"))
        .otherwise(pl.lit(f"missing month: {missing.month}, day: {missing.day}"))
    )
    return imputed.select(
        pl.col(INDEX).alias("index"),
        pl.col(of).alias("candidate"),
        pl.col("#date").cast(pl.String).alias("value"),
        pl.lit("impute_date").alias("rule"),
        pl.lit(True).alias("chosen"),
        pl.coalesce("#moved", how).alias("reason"),
    )


def _none(rows: pl.DataFrame) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, rows.height)
