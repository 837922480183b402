"""impute_date: a date from a partial one, with its flag."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import polars as pl

from tlfgen.data.dates import complete_day
from tlfgen.data.known_date import text_behind
from tlfgen.engine.gives import DATE, always
from tlfgen.engine.keyed import INDEX, numbered
from tlfgen.engine.registry import Column, Columns, Derived, Fills, derivation
from tlfgen.errors import Finding
from tlfgen.spec.iso_date import NO_MONTH, date_bounds
from tlfgen.spec.loader import Entry

Part = Literal["first", "mid", "last"]
LOW, HIGH, MOST = "#low", "#high", "#most"
MONTHS = 12
Look = Callable[[str], pl.Series | None]


class Missing(Entry):
    """What stands for a missing day, and for a missing month."""

    day: Part
    month: Part


@derivation(
    gives=DATE,
    fills={"flag": always("text", "D", "M", "Y")},
    reads=lambda typed, study: filter(None, [other_end(typed["of"])]),
)
def derive_impute_date(
    rows: pl.DataFrame,
    *,
    of: Column,
    missing: Missing,
    not_before: Column | None = None,
    not_after: Columns = (),
    flag: Fills = None,
    look: Look = lambda name: None,
) -> Derived:
    """Make a date of a --DTC variable, imputing a missing day or month.

    First case that applies:
      1. nothing collected     null, no flag
      2. a complete date       its day, no flag
      3. year and month        the first day, the 15th or the last day of the month, by `missing.day`; flag D
      4. year only             `missing.month` first: January, last: December, each with its day as in case 3;
                               mid: 30 June; flag M
      5. year and day          `missing.month` first: January, mid: June, last: December; flag M

    Then an imputed date (never a collected one) moves, each time only to a day that the partial date can
    mean (of a year and day, to that day in the nearest month within the bound):
      1. --STDTC: to the last day of the record's --ENDTC, if it lies behind it;
         --ENDTC: to the first day of its --STDTC, if it lies before it
      2. to the earliest of `not_after`, if it lies behind it
      3. to `not_before`, if it lies before it, and not behind the days of 1 and 2
    A partial --STDTC of which every day lies behind the record's --ENDTC is an error; nothing moves.

    The flag is the highest part that was imputed (D or M); a missing year is never imputed. The --DTC itself
    stays as it is. Each imputed date is shown in the trail.

    not_before, not_after: the first dose, and death, end of study, cut-off; a partial one of them does not
    count.

    Source: the ADaM flags --DTF (codelist DATEFL); bounds by the convention that an event of the month of
    the first dose is taken to have begun with the treatment, unless it had ended before.
    """
    if rows.schema[of] in (pl.Date, pl.Datetime):
        return Derived({"": complete_day(rows[of]), **({flag: _none(rows)} if flag is not None else {})})
    frame = _partial(rows, of).with_columns(
        _filled(missing).alias("#date"), pl.lit(None, dtype=pl.String).alias("#moved")
    )
    frame, impossible = _within_record(frame, of, look)
    if not_after:
        bound = rows.select(
            pl.min_horizontal([complete_day(rows[c]).alias(c) for c in dict.fromkeys(not_after)])
        ).to_series()
        frame = _moved(frame, bound, pl.col("#date") > pl.col("#bound"), f"not after {', '.join(not_after)}")
        frame = frame.with_columns(_nearer(pl.col("#bound")))
    if not_before is not None:
        bound = complete_day(rows[not_before])
        says = f"not before {not_before}"
        frame = _moved(frame, bound, pl.col("#date") < pl.col("#bound"), says, up=True)
    values = {"": frame["#date"]}
    if flag is not None:
        values[flag] = frame.select(pl.when(pl.col("#date").is_not_null()).then(pl.col("#part"))).to_series()
    return Derived(
        values, decisions=_trail(frame, of, missing), findings=impossible, behind=text_behind(rows, of)
    )


def _partial(rows: pl.DataFrame, of: str) -> pl.DataFrame:
    """The rows with the first and last day that each date can mean, and what is missing of it."""
    low, high = date_bounds(pl.col(of), "partial")
    length = pl.col(of).str.len_chars()
    no_month = pl.col(of).str.contains(NO_MONTH)
    part = pl.when((length == 4) | no_month).then(pl.lit("M")).when(length == 7).then(pl.lit("D"))
    return numbered(rows).with_columns(
        low.alias(LOW),
        high.alias(HIGH),
        high.alias(MOST),
        part.otherwise(None).alias("#part"),
        pl.when(no_month).then(low.dt.day()).alias("#day"),
    )


def other_end(of: str) -> str:
    """The end of a start, the start of an end: AESTDTC and AEENDTC."""
    if of.endswith("STDTC"):
        return of.removesuffix("STDTC") + "ENDTC"
    return of.removesuffix("ENDTC") + "STDTC" if of.endswith("ENDTC") else ""


def _within_record(frame: pl.DataFrame, of: str, look: Look) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """Keep a start from lying behind its own end, and an end from lying before its own start."""
    is_start, other = of.endswith("STDTC"), other_end(of)
    found = look(other) if other else None
    if found is None:
        return frame, ()
    low, high = date_bounds(pl.col("other"), "partial")
    own = found.to_frame("other").select((high if is_start else low).alias("bound")).to_series()
    if not is_start:
        return _moved(frame, own, pl.col("#date") < pl.col("#bound"), f"not before {other}", up=True), ()
    frame = _moved(frame, own, pl.col("#date") > pl.col("#bound"), f"not after {other}")
    after = frame.filter(pl.col("#part").is_not_null() & (pl.col(LOW) > pl.col("#bound")))
    says = f"every day that it can mean lies after {other}"
    findings = tuple(
        Finding("error", "", "", "impute_date", says, row=index, field=of, value=value)
        for index, value in after.select(INDEX, of).iter_rows()
    )
    return frame.with_columns(_nearer(pl.col("#bound"))), findings


def _nearer(bound: pl.Expr) -> pl.Expr:
    """The last day that is allowed: the bound, where the partial date reaches beyond it."""
    reached = bound.is_between(pl.col(LOW), pl.col(MOST))
    return pl.when(reached).then(bound).otherwise(pl.col(MOST)).alias(MOST)


def _filled(missing: Missing) -> pl.Expr:
    """The imputed date before any bound; of a complete date, its day."""
    middle_of_year = pl.date(pl.col(LOW).dt.year(), 6, pl.min_horizontal(pl.col("#day").fill_null(30), 30))
    month = pl.col(LOW) if missing.month == "first" else pl.col(HIGH).dt.month_start()
    year_only = middle_of_year if missing.month == "mid" else _day_of(month, missing.day)
    of_day = {"first": pl.col(LOW), "mid": middle_of_year, "last": pl.col(HIGH)}[missing.month]
    return (
        pl.when(pl.col("#day").is_not_null())
        .then(of_day)
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


def _moved(
    frame: pl.DataFrame, bound: pl.Series, beyond: pl.Expr, why: str, *, up: bool = False
) -> pl.DataFrame:
    """Move imputed dates beyond a bound to it, or with a day and no month to the nearest month within it,
    where the partial date can mean that. up: the bound is the earliest day."""
    frame = frame.with_columns(bound.alias("#bound"))
    months = [pl.col(LOW).dt.offset_by(f"{n}mo") for n in range(MONTHS)]
    within = [(m >= pl.col("#bound")) if up else (m <= pl.col("#bound")) for m in months]
    own = [pl.when((m.dt.day() == pl.col("#day")) & w).then(m) for m, w in zip(months, within, strict=True)]
    nearest = pl.min_horizontal(own) if up else pl.max_horizontal(own)
    to = pl.when(pl.col("#day").is_null()).then("#bound").otherwise(nearest)
    possible = pl.col("#part").is_not_null() & to.is_between(pl.col(LOW), pl.col(MOST))
    moves = (possible & beyond).fill_null(False)
    return frame.with_columns(
        pl.when(moves).then(to).otherwise(pl.col("#date")).alias("#date"),
        pl.when(moves).then(pl.lit(why)).otherwise(pl.col("#moved")).alias("#moved"),
    )


def _trail(frame: pl.DataFrame, of: str, missing: Missing) -> pl.DataFrame:
    imputed = frame.filter(pl.col("#part").is_not_null() & pl.col("#date").is_not_null())
    how = (
        pl.when(pl.col("#part") == "D")
        .then(pl.lit(f"missing day: {missing.day}"))
        .when(pl.col("#day").is_not_null())
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
