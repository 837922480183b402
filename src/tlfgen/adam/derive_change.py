"""change: CHG."""

from __future__ import annotations

from typing import Literal

import polars as pl

from tlfgen.data.known_date import earlier_moment, moment, possible_days
from tlfgen.engine.gives import FLOAT
from tlfgen.engine.registry import Column, derivation
from tlfgen.errors import NOWHERE, Place, SpecError
from tlfgen.sdtm.derive_last_before_dose import SameDay

When = Literal["all", "post_baseline"]


@derivation(gives=FLOAT)
def derive_change(
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
    """Subtract the baseline from the value.

    First case that applies:
      1. value or baseline missing                            null
      2. when: post_baseline, and the record is not after it  null
      3. otherwise                                            value - base, not rounded

    A record is after the baseline if every day that its `date` can mean is later than the `reference` day, or
    it is on it where `same_day` is "after" (as in baseline_flag) or the times collected for both say so.

    Source: ADaMIG 1.3, CHG; whether it is null before the baseline is the producer's choice.
    """
    post = after_baseline(rows, when, date, reference, same_day, at)
    frame = pl.DataFrame({"value": rows[value], "base": rows[base], "post": post})
    return frame.select(pl.when("post").then(pl.col("value") - pl.col("base")).alias("change")).to_series()


def after_baseline(
    rows: pl.DataFrame, when: When, date: str | None, reference: str | None, same_day: SameDay, at: Place
) -> pl.Series:
    """The records that have a change: all, or those after the reference day."""
    if when == "all":
        return pl.Series([True]).new_from_index(0, rows.height)
    if date is None or reference is None:
        raise SpecError("when: post_baseline needs date: and reference:.", place=at)
    earlier = earlier_moment(moment(rows, date), moment(rows, reference))
    (low, high), (first, last) = possible_days(rows, date), possible_days(rows, reference)
    frame = pl.DataFrame({"low": low, "high": high, "first": first, "last": last, "earlier": earlier})
    later = pl.col("low") > pl.col("last")
    after = pl.coalesce(~pl.col("earlier"), pl.lit(same_day == "after"))
    on_day = (pl.col("low") == pl.col("last")) & (pl.col("high") == pl.col("first")) & after
    return frame.select((later | on_day).fill_null(False).alias("post")).to_series()
