"""What is known of a date: its day, the days that a partial one can mean, its time where one was collected.

A date in hand may be null because the text behind it is partial or cannot be read. Frames that a derivation
is given carry that text beside the date, in the column NAME#text."""

from __future__ import annotations

import polars as pl

from tlfgen.data.dates import complete_day
from tlfgen.data.unread import TEXT
from tlfgen.spec.iso_date import date_bounds, iso_text

WITH_HOUR = len("2014-01-02T08")


def text_behind(rows: pl.DataFrame, name: str) -> pl.Series:
    """The collected text behind a variable, the variable itself where it is one; null where there is none."""
    own = iso_text(pl.col(name), rows.schema[name])
    if name + TEXT not in rows.columns:
        return rows.select(own).to_series()
    text = pl.col(name + TEXT).str.strip_chars()
    told = pl.when(text != "").then(text)
    # a text variable says what it holds; a day says less than the text it was made of
    both = (own, told) if rows.schema[name] == pl.String else (told, own)
    return rows.select(pl.coalesce(both).alias(name)).to_series()


def collected(rows: pl.DataFrame, name: str) -> pl.Series:
    """The rows for which a date was collected: complete, partial, or in a text that cannot be read."""
    return text_behind(rows, name).is_not_null() | rows[name].is_not_null()


def possible_days(rows: pl.DataFrame, name: str) -> tuple[pl.Series, pl.Series]:
    """The first and the last day that a date can mean; null where nothing is known of it.

    First case that applies:
      1. a complete date          its day, twice
      2. a month, or a year       its first and its last day
      3. otherwise                null
    """
    low, high = date_bounds(pl.col("text"), "partial")
    frame = pl.DataFrame({"day": complete_day(rows[name]), "text": text_behind(rows, name)})
    bounds = frame.select(
        pl.coalesce("day", low).alias("low"),
        pl.coalesce("day", high).alias("high"),
    )
    return bounds["low"], bounds["high"]


def moment(rows: pl.DataFrame, name: str) -> pl.Series:
    """The date with its time, to the hour at least; null where no time was collected for that day."""
    frame = pl.DataFrame({"day": complete_day(rows[name]), "text": text_behind(rows, name)})
    timed = (pl.col("text").str.len_chars() >= WITH_HOUR) & (
        pl.col("text").str.slice(0, 10) == pl.col("day").cast(pl.String)
    )
    return frame.select(pl.when(timed).then("text").alias("moment")).to_series()


def earlier_moment(one: pl.Series, other: pl.Series) -> pl.Series:
    """Whether one date with a time lies before the other; null where either has no time, or where they agree
    to the precision of both."""
    frame = pl.DataFrame({"one": one, "other": other})
    shared = pl.min_horizontal(pl.col("one").str.len_chars(), pl.col("other").str.len_chars())
    left, right = pl.col("one").str.slice(0, shared), pl.col("other").str.slice(0, shared)
    return frame.select(pl.when(left != right).then(left < right).alias("before")).to_series()
