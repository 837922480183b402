"""percent_change: PCHG."""

from __future__ import annotations

import polars as pl

from tlfgen.adam.derive_change import When, after_baseline
from tlfgen.engine.gives import FLOAT
from tlfgen.engine.registry import Column, derivation
from tlfgen.errors import NOWHERE, Place
from tlfgen.sdtm.derive_last_before_dose import SameDay


@derivation(gives=FLOAT)
def derive_percent_change(
    rows: pl.DataFrame,
    *,
    value: Column = "AVAL",
    base: Column = "BASE",
    when: When = "all",
    date: Column | None = None,
    reference: Column | None = None,
    same_day: SameDay = "before",
    at: Place = NOWHERE,
) -> pl.Series:
    """Give the change from baseline in percent of the baseline.

    First case that applies:
      1. value or baseline missing                            null
      2. when: post_baseline, and the record is not after it  null (as in change)
      3. baseline 0                                           null
      4. otherwise                                            100 * (value - base) / |base|, not rounded

    Source: ADaMIG 1.3, PCHG; by the absolute baseline, so that a rise is positive for a negative baseline
    too.
    """
    post = after_baseline(rows, when, date, reference, same_day, at)
    frame = pl.DataFrame({"value": rows[value], "base": rows[base], "post": post})
    percent = 100 * (pl.col("value") - pl.col("base")) / pl.col("base").abs()
    return frame.select(
        pl.when(pl.col("post") & (pl.col("base") != 0)).then(percent).alias("change")
    ).to_series()
