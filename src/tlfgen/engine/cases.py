"""The first case that applies: a value by conditions, with one for every other record."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def first_case(
    met: Sequence[pl.Series | None], values: Sequence[pl.Series], height: int
) -> tuple[pl.Series, int]:
    """Give each record the value of its case, and count those of which it is not known whether they belong to
    "every other record".

    First case that applies:
      1. a condition that is true                                   its value
      2. a case without a condition, and every one before is false  its value
      3. otherwise                                                  null

    met: the conditions, null where their values do not tell; None for a case without one. What is missing or
    cannot be read so never ends in the case that stands for the rest: `IS NULL` makes a case of its own.
    """
    unsure = pl.Series([False]).new_from_index(0, height)
    result = pl.lit(None, dtype=pl.String)
    applies: list[pl.Series] = []
    for condition in met:
        applies.append(~unsure if condition is None else condition.fill_null(False))
        unsure = unsure if condition is None else unsure | condition.is_null()
    for condition, value in reversed(list(zip(applies, values, strict=True))):
        result = pl.when(pl.lit(condition)).then(pl.lit(value)).otherwise(result)
    rest = [pl.lit(v).is_not_null() for c, v in zip(met, values, strict=True) if c is None]
    found = pl.DataFrame({"unsure": unsure}).select(
        result.cast(pl.String).alias("value"),
        (pl.col("unsure") & pl.any_horizontal(pl.lit(False), *rest)).alias("left"),
    )
    return found["value"], found.filter(pl.col("left") & pl.col("value").is_null()).height
