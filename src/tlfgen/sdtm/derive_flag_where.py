"""flag_where: a flag by a condition."""

from __future__ import annotations

import polars as pl

from tlfgen.data.keyed import holds
from tlfgen.data.registry import Where, derivation


@derivation
def derive_flag_where(
    rows: pl.DataFrame, *, where: Where, value: str = "Y", otherwise: str | None = None
) -> pl.Series:
    """Flag the records that meet a condition.

    First case that applies:
      1. the condition is known to be true   `value`
      2. otherwise                           `otherwise` (null)

    Flags of records are Y or null (ADaM); `otherwise: N` is for those that the standard has as Y/N.
    """
    flag = pl.when("met").then(pl.lit(value)).otherwise(pl.lit(otherwise, dtype=pl.String))
    return pl.DataFrame({"met": holds(where, rows)}).select(flag.alias("flag")).to_series()
