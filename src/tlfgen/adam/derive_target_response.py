"""target_response: the response of the target lesions that their measurements imply."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.gives import always
from tlfgen.engine.registry import Column, derivation
from tlfgen.spec.significant import significant


@derivation(gives=always("text", "CR", "PR", "SD", "PD", "NE"))
def derive_target_response(
    rows: pl.DataFrame,
    *,
    value: Column = "AVAL",
    base: Column = "BASE",
    nadir: Column = "NADIR",
    left: Column = "NLEFT",
    measured: Column = "MEASURED",
    decrease_percent: float = 30,
    increase_percent: float = 20,
    increase_mm: float = 5,
) -> pl.Series:
    """Give the response of the target lesions by the sum of their diameters.

    First case that applies:
      1. no `measured` (the record is no sum), no baseline, or no nadir (the baseline itself)   null
      2. no sum, but the lesions measured alone reach the limits of case 5                      PD
      3. no sum                                                                                 NE
      4. no lesion left (NLEFT is 0)                                                            CR
      5. at least `increase_percent` and at least `increase_mm` above the nadir; from a nadir
         of 0, at least `increase_mm`                                                           PD
      6. at least `decrease_percent` below the baseline                                         PR
      7. otherwise                                                                              SD

    measured: the sum of the lesions that have a value. left: the targets that are not gone; a node below 10
    mm is, so that the sum need not be 0 for a CR.

    Source: RECIST 1.1 (Eisenhauer et al., Eur J Cancer 2009;45:228-247), 4.3.1 and 4.3.2; case 2: 4.4.2.
    """
    frame = pl.DataFrame(
        {
            "value": rows[value],
            "base": rows[base],
            "nadir": rows[nadir],
            "left": rows[left],
            "sum": rows[measured],
        }
    )
    low = pl.col("nadir")

    def progressed(name: str) -> pl.Expr:
        more = significant(pl.col(name) - low)
        return (more >= increase_mm) & (more >= significant(low * increase_percent / 100))

    less = significant(pl.col("base") - pl.col("value"))
    partial = less >= significant(pl.col("base") * decrease_percent / 100)
    response = (
        pl.when(pl.any_horizontal(pl.col("base", "nadir", "sum").is_null()))
        .then(None)
        .when(pl.col("value").is_null() & progressed("sum"))
        .then(pl.lit("PD"))
        .when(pl.col("value").is_null())
        .then(pl.lit("NE"))
        .when(pl.col("left") == 0)
        .then(pl.lit("CR"))
        .when(progressed("value"))
        .then(pl.lit("PD"))
        .when(partial)
        .then(pl.lit("PR"))
        .otherwise(pl.lit("SD"))
    )
    return frame.select(response.cast(pl.String).alias("response")).to_series()
