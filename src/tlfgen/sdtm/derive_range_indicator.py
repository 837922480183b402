"""range_indicator: --NRIND, where a result lies against its reference range."""

from __future__ import annotations

import polars as pl

from tlfgen.data.unread import unread
from tlfgen.engine.gives import always
from tlfgen.engine.registry import Column, derivation
from tlfgen.spec.significant import significant

BOUND = r"^([<>]=?)\s*(\d+(?:\.\d+)?)$"
NUMBER = r"^[+-]?\d+(\.\d+)?$"


@derivation(gives=always("text", "LOW", "NORMAL", "HIGH"))
def derive_range_indicator(
    rows: pl.DataFrame, *, result: Column, low: Column, high: Column, value: Column | None = None
) -> pl.Series:
    """Say whether a result is LOW, NORMAL or HIGH against its reference range.

    First case that applies; result and limits are as collected, in one unit:
      1. no result, or neither limit                           null
      2. "<x" with x at or below `low`, "<=x" with x below it  LOW
      3. ">x" with x at or above `high`, ">=x" with x above it HIGH
      4. any other text that is no decimal number              null
      5. `value` given and null                                null: the form found the number impossible
      6. below `low`                                           LOW
      7. above `high`                                          HIGH
      8. a limit that was given and is no number               null
      9. otherwise                                             NORMAL

    The limits themselves are normal, at 12 significant digits. A range without one of its limits is open
    there.

    value: the result as the form typed it.

    Source: SDTMIG 3.4, --NRIND; terms of the codelist NRIND (C78736).
    """
    text = pl.col(result).cast(pl.String).str.strip_chars()
    sign, bound = text.str.extract(BOUND, 1), significant(text.str.extract(BOUND, 2).cast(pl.Float64))
    least, most = _number(pl.col(low)), _number(pl.col(high))
    number = _number(text)
    if value is not None:
        number = pl.when(pl.col(value).is_not_null()).then(number)
    indicator = (
        pl.when(least.is_null() & most.is_null())
        .then(None)
        .when((bound < least) & sign.str.starts_with("<") | (bound == least) & (sign == "<"))
        .then(pl.lit("LOW"))
        .when((bound > most) & sign.str.starts_with(">") | (bound == most) & (sign == ">"))
        .then(pl.lit("HIGH"))
        .when(number.is_null())
        .then(None)
        .when(number < least)
        .then(pl.lit("LOW"))
        .when(number > most)
        .then(pl.lit("HIGH"))
        .when(least.is_null() & _given(rows, low) | most.is_null() & _given(rows, high))
        .then(None)
        .otherwise(pl.lit("NORMAL"))
    )
    return rows.select(indicator.alias("indicator")).to_series()


def _given(rows: pl.DataFrame, name: str) -> pl.Expr:
    """Whether a limit was collected, readable or not."""
    blank = pl.col(name).cast(pl.String).str.strip_chars() == ""
    return (pl.col(name).is_not_null() & ~blank) | pl.lit(unread(rows, name))


def _number(text: pl.Expr) -> pl.Expr:
    plain = text.cast(pl.String).str.strip_chars()
    return significant(pl.when(plain.str.contains(NUMBER)).then(plain).cast(pl.Float64))
