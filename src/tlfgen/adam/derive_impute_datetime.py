"""impute_datetime: a datetime from a --DTC of any precision, with the flags of its date and of its time."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import polars as pl
from pydantic import AfterValidator

from tlfgen.adam.derive_impute_date import Look, Missing, derive_impute_date, other_end
from tlfgen.data.dates import complete_day
from tlfgen.data.known_date import text_behind
from tlfgen.engine.gives import DATETIME, always
from tlfgen.engine.keyed import INDEX, numbered
from tlfgen.engine.registry import Column, Columns, Derived, Fills, derivation
from tlfgen.errors import Finding

HOUR, MINUTE, SECOND = (len("2014-01-02T") + n for n in (0, 3, 6))  # where each begins
GIVEN = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d")
MOMENT, LOW, HIGH, TIME_PART = "#moment", "#low", "#high", "#time_part"
EARLIEST, LATEST = "00:00:00", "23:59:59"


def _time(value: str) -> str:
    if value not in ("first", "last", "none") and not GIVEN.fullmatch(value):
        raise ValueError(
            f"'{value}' is no time: write first, last, none or hours, minutes and seconds, '12:00:00'"
        )
    return value


Time = Annotated[str, AfterValidator(_time)]


@derivation(
    gives=DATETIME,
    fills={"date_flag": always("text", "D", "M", "Y"), "time_flag": always("text", "H", "M", "S")},
    reads=lambda typed, study: filter(None, [other_end(typed["of"])]),
)
def derive_impute_datetime(
    rows: pl.DataFrame,
    *,
    of: Column,
    time: Time,
    missing: Missing | None = None,
    not_before: Column | None = None,
    not_after: Columns = (),
    seconds: Literal["collected", "not_collected"] = "collected",
    date_flag: Fills = None,
    time_flag: Fills = None,
    look: Look = lambda name: None,
) -> Derived:
    """Make a datetime of a --DTC variable, imputing what is missing of its time and, if wanted, of its date.

    The date, first case that applies:
      1. nothing collected             null, no flag
      2. a complete date               its day, no date flag
      3. a partial date, no `missing`  null, no flag
      4. a partial date                as impute_date does, with its flag (D, M)
    Then the time, first case that applies:
      1. hours, minutes and seconds  as collected, no time flag
      2. hours and minutes           seconds by `time`; flag S
      3. hours                       minutes and seconds by `time`; flag M
      4. no time                     all of it by `time`; flag H
    time: first 00:00:00, last 23:59:59, or the time that is said, of which the missing parts are taken; none:
    null in cases 3 and 4, and seconds 00 in case 2.

    Then an imputed time (never a collected part) moves, each time only to a moment that the collected text
    can mean:
      1. --STDTC: to the last moment that the record's --ENDTC can mean, if it lies behind it; --ENDTC: to the
         first one of its --STDTC, if it lies before it
      2. to the earliest of `not_after`, if it lies behind it
      3. to `not_before`, if it lies before it
    A bound that is a date bounds the day alone.

    seconds: not_collected where the study never collects them: they are 00 by convention, without a flag; a
    value that has them is an error. Each imputed hour and minute is in the trail. What is compared with
    another collected moment (treatment_emergent, baseline_flag) goes by what was collected, not by the
    imputed time.

    Source: ADaMIG 1.3, 3.1.3 (--DTF: the highest imputed part of the date; --TMF: H, M or S, the highest
    imputed part of the time).
    """
    text = text_behind(rows, of)
    known = rows.with_columns(text.alias(of))
    day, flag, dated = _day(known, of, missing, not_before, not_after, look)
    frame = numbered(pl.DataFrame({"#text": text, "#day": day}))
    frame = frame.with_columns(_moment(time), _part(seconds), _filled(EARLIEST, LOW), _filled(LATEST, HIGH))
    for bound, up in _bounds(rows, of, not_before, not_after, look):
        frame = _moved(frame, bound, up=up)
    values: dict[str, pl.Series] = {"": frame[MOMENT]}
    there = pl.col(MOMENT).is_not_null()
    rule = pl.lit("impute_datetime").alias("rule")
    if date_flag is not None:
        values[date_flag] = (
            frame.with_columns(flag.alias("#flag")).select(pl.when(there).then("#flag")).to_series()
        )
    if time_flag is not None:
        values[time_flag] = frame.select(pl.when(there).then(TIME_PART)).to_series()
    return Derived(
        values,
        decisions=pl.concat(
            [*([] if dated.decisions is None else [dated.decisions.with_columns(rule)]), _trail(frame, time)]
        ),
        findings=(*dated.findings, *_with_seconds(frame, of, seconds)),
        behind=text,
    )


def _day(
    rows: pl.DataFrame,
    of: str,
    missing: Missing | None,
    not_before: str | None,
    not_after: tuple[str, ...],
    look: Look,
) -> tuple[pl.Series, pl.Series, Derived]:
    """The day, its flag, and what imputing it told."""
    if missing is None:
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, rows.height)
        return complete_day(rows[of]), nothing, Derived(nothing)
    made = derive_impute_date(
        rows, of=of, missing=missing, not_before=not_before, not_after=not_after, flag="#flag", look=look
    )
    assert isinstance(made, Derived) and isinstance(made.values, dict)
    return made.values[""], made.values["#flag"], made


def _collected(start: int) -> pl.Expr:
    """A part of the collected time; null where it was not collected."""
    part = pl.col("#text").str.slice(start, 2)
    whole = pl.col("#text").str.slice(0, len("2014-01-02")) == pl.col("#day").cast(pl.String)
    return pl.when(whole & (part != "")).then(part)


def _filled(time: str, name: str) -> pl.Expr:
    """The moment with what is missing of its time taken of this one."""
    parts = [
        pl.coalesce(_collected(at), pl.lit(own))
        for at, own in zip((HOUR, MINUTE, SECOND), time.split(":"), strict=True)
    ]
    text = pl.concat_str([pl.col("#day").cast(pl.String), *parts], separator=":")
    return text.str.to_datetime("%Y-%m-%d:%H:%M:%S", strict=False, time_unit="us").alias(name)


def _moment(time: str) -> pl.Expr:
    if time == "none":
        return pl.when(_collected(MINUTE).is_not_null()).then(_filled(EARLIEST, MOMENT)).alias(MOMENT)
    return _filled({"first": EARLIEST, "last": LATEST}.get(time, time), MOMENT)


def _part(seconds: str) -> pl.Expr:
    """The highest part of the time that is imputed."""
    found = (
        pl.when(_collected(HOUR).is_null())
        .then(pl.lit("H"))
        .when(_collected(MINUTE).is_null())
        .then(pl.lit("M"))
    )
    if seconds == "collected":
        found = found.when(_collected(SECOND).is_null()).then(pl.lit("S"))
    return found.otherwise(None).alias(TIME_PART)


def _bounds(
    rows: pl.DataFrame, of: str, not_before: str | None, not_after: tuple[str, ...], look: Look
) -> list[tuple[pl.Series, bool]]:
    """The moments between which an imputed time stays, each with whether it is the earliest."""
    found: list[tuple[pl.Series, bool]] = []
    text = look(other) if (other := other_end(of)) else None
    if text is not None and text.dtype == pl.String:
        up = of.endswith("ENDTC")
        frame = pl.DataFrame({"#text": text, "#day": complete_day(text)})
        found.append((frame.select(_filled(EARLIEST if up else LATEST, "bound")).to_series(), up))
    moments = [rows[c].alias(c) for c in dict.fromkeys(not_after) if rows.schema[c] == pl.Datetime]
    if moments:
        found.append(
            (pl.DataFrame(moments).select(pl.min_horizontal(pl.all()).alias("bound")).to_series(), False)
        )
    if not_before is not None and rows.schema[not_before] == pl.Datetime:
        found.append((rows[not_before], True))
    return found


def _moved(frame: pl.DataFrame, bound: pl.Series, *, up: bool) -> pl.DataFrame:
    """Move imputed times beyond a bound to it, where the collected text can mean that."""
    frame = frame.with_columns(bound.alias("#bound"))
    beyond = pl.col(MOMENT) < pl.col("#bound") if up else pl.col(MOMENT) > pl.col("#bound")
    moves = (beyond & pl.col("#bound").is_between(LOW, HIGH)).fill_null(False)
    return frame.with_columns(pl.when(moves).then("#bound").otherwise(MOMENT).alias(MOMENT))


def _trail(frame: pl.DataFrame, time: str) -> pl.DataFrame:
    imputed = frame.filter(pl.col(TIME_PART).is_in(["H", "M"]) & pl.col(MOMENT).is_not_null())
    says = {"H": f"missing time: {time}", "M": f"missing minutes: {time}"}
    return imputed.select(
        pl.col(INDEX).alias("index"),
        pl.col("#text").alias("candidate"),
        pl.col(MOMENT).dt.strftime("%Y-%m-%dT%H:%M:%S").alias("value"),
        pl.lit("impute_datetime").alias("rule"),
        pl.lit(True).alias("chosen"),
        pl.col(TIME_PART).replace_strict(says, return_dtype=pl.String).alias("reason"),
    )


def _with_seconds(frame: pl.DataFrame, of: str, seconds: str) -> tuple[Finding, ...]:
    if seconds == "collected":
        return ()
    there = frame.filter(_collected(SECOND).is_not_null())
    says = "it has seconds, and the spec says that none are collected"
    return tuple(
        Finding("error", "", "", "impute_datetime", says, row=index, field=of, value=text)
        for index, text in there.select(INDEX, "#text").iter_rows()
    )
