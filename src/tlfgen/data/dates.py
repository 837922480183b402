"""Dates: collected parts to ISO 8601, complete days, study days."""

from __future__ import annotations

import polars as pl


def join_date_time(date: pl.Series, time: pl.Series | None) -> pl.Series:
    """Join a collected ISO date and a collected time (HH:MM[:SS]) to --DTC, exactly as precise as collected.

    First case that applies:
      1. no date                      null
      2. a partial date, or no time   the date alone
      3. otherwise                    dateTtime
    """
    if time is None:
        return date
    frame = pl.DataFrame({"d": date, "t": time.str.strip_chars()})
    whole = (pl.col("d").str.len_chars() == 10) & pl.col("t").is_not_null() & (pl.col("t") != "")
    return frame.select(
        pl.when(whole).then(pl.col("d") + "T" + pl.col("t")).otherwise(pl.col("d")).alias("dtc")
    ).to_series()


def complete_day(dtc: pl.Series) -> pl.Series:
    """The day of a --DTC, or of a datetime, as pl.Date; null where it is partial or missing. A pl.Date passes
    unchanged."""
    if dtc.dtype == pl.Date:
        return dtc
    if dtc.dtype == pl.Datetime:
        return dtc.dt.date()
    day = pl.first().str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    return dtc.to_frame().select(day).to_series()


def complete_moment(dtc: pl.Series) -> pl.Series:
    """The moment of a --DTC; null where its hour or minute is missing. A pl.Datetime passes unchanged."""
    if dtc.dtype == pl.Datetime:
        return dtc
    to_the_minute = pl.first().str.len_chars() == len("2014-01-02T09:30")
    text = pl.when(to_the_minute).then(pl.first() + ":00").otherwise(pl.first())
    moment = text.str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False, time_unit="us")
    return dtc.to_frame().select(moment).to_series()


def study_day(day: pl.Series, reference: pl.Series) -> pl.Series:
    """Days from the reference, with no day 0: on or after it +1, before it the bare difference (SDTMIG 3.4,
    4.4.4)."""
    days = (day - reference).dt.total_days()
    frame = pl.DataFrame({"days": days})
    return frame.select(
        pl.when(pl.col("days") >= 0).then(pl.col("days") + 1).otherwise(pl.col("days")).alias("dy")
    ).to_series()
