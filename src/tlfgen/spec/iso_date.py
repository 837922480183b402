"""ISO 8601 dates as they are collected: complete, cut from the right ("2014-03", "2014"), or without a month
("2014---10": a missing middle is one hyphen; SDTMIG 3.4, 4.4.2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

PARTIAL = re.compile(
    r"(?!0000)\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3])(:[0-5]\d){0,2})?)?)?"
    r"|(?!0000)\d{4}---(0[1-9]|[12]\d|3[01])"
)
NO_MONTH = r"^[0-9]{4}---[0-9]{2}$"


def iso_text(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A value as text; a day and a moment as ISO 8601, 2014-01-02T09:30:00."""
    import polars as pl

    return value.dt.strftime("%Y-%m-%dT%H:%M:%S") if dtype == pl.Datetime else value.cast(pl.String)


def date_bounds(value: pl.Expr, kind: str) -> tuple[pl.Expr, pl.Expr]:
    """Give the earliest and the latest day that a date can mean.

    kind "date": a pl.Date, both bounds are itself. Else ISO 8601 text: a year is its 1 January to 31
    December, a month its first to last day, a day without its month that day of January to that of December,
    a time is cut off. Null where the text is null or no date."""
    import polars as pl

    if kind == "date":
        return value, value
    day = value.str.slice(0, 10)
    padded = day + pl.lit("-01-01").str.slice(day.str.len_chars().cast(pl.Int64) - 4)
    no_month = value.str.contains(NO_MONTH)
    january = day.str.slice(0, 4) + "-01-" + day.str.slice(7, 2)
    earliest = pl.when(no_month).then(january).otherwise(padded).str.to_date("%Y-%m-%d", strict=False)
    length = value.str.len_chars()
    latest = (
        pl.when(no_month).then(earliest.dt.offset_by("11mo"))
        .when(length == 4).then(earliest.dt.offset_by("1y").dt.offset_by("-1d"))
        .when(length == 7).then(earliest.dt.month_end())
        .otherwise(earliest)
    )  # fmt: skip
    return earliest, latest
