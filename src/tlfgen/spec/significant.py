"""Floats compared at 12 significant digits: what decimal arithmetic makes equal is equal.

1.5 * 1.2 is 1.7999999999999998 as a binary number and 1.8 as a decimal one. Values that are compared, cut,
ranked or tied go through `significant` first; integers, dates and texts compare as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

DIGITS = 12


def significant(value: pl.Expr) -> pl.Expr:
    """A float at 12 significant digits, or at whole numbers where it has more in front of the point.

    Null stays null. 1.7999999999999998 and 1.8 become the same number, as do 3.3000000000000003 and 3.3.
    """
    import polars as pl

    number = value.cast(pl.Float64)
    return pl.when(number.abs() < 10.0**DIGITS).then(number.round_sig_figs(DIGITS)).otherwise(number.round())


def divided(value: pl.Expr, by: float) -> pl.Expr:
    """A column divided by a number, with the same bits however many rows there are.

    polars multiplies by the reciprocal where a column has several rows and divides where it has one, so that
    89 / 30.4375 would depend on who else is in the table.
    """
    return value * (1 / by)


def comparable(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A column as it is compared: `significant` where it is a float, itself otherwise."""
    return significant(value) if dtype.is_float() else value
