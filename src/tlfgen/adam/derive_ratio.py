"""One quantity over another."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.gives import FLOAT
from tlfgen.engine.registry import Column, derivation


@derivation(gives=FLOAT)
def derive_ratio(rows: pl.DataFrame, *, of: Column, over: Column, times: float = 1.0) -> pl.Series:
    """Divide `of` by `over` and multiply by `times`; null where either is null or `over` is 0."""
    divisor = pl.when(pl.col(over) != 0).then(pl.col(over))
    return rows.select((pl.col(of).cast(pl.Float64) / divisor * times).alias("ratio")).to_series()
