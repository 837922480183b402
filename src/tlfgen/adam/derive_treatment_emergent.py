"""treatment_emergent: TRTEMFL."""

from __future__ import annotations

from typing import Literal

import polars as pl

from tlfgen.data.dates import complete_day
from tlfgen.data.registry import Column, derivation


@derivation
def derive_treatment_emergent(
    rows: pl.DataFrame,
    *,
    start: Column = "ASTDT",
    end: Column | None = "AENDT",
    first_dose: Column = "TRTSDT",
    last_dose: Column = "TRTEDT",
    end_window_days: int | None = None,
    missing_start: Literal["emergent", "not"] = "emergent",
) -> pl.Series:
    """Flag events that began on treatment.

    First case that applies:
      1. subject not treated (no first dose)                       null
      2. event ended before the first dose                         null
      3. start missing                                             "Y", or null where `missing_start` is "not"
      4. start before the first dose                               null
      5. start within last dose + `end_window_days`                "Y"
      6. last dose not known, or no `end_window_days` (no limit)   "Y"
      7. otherwise                                                 null

    end_window_days: days after the last dose that still count. end: empty where no end is collected. Partial
    dates are imputed first (impute_date). An event that began before the first dose and worsened later is not
    emergent here; where worsening is collected as a record of its own, that record has its own start.

    Source: ICH E9, glossary, "treatment emergent"; the window and a missing start are the analysis plan's.
    """
    dates = {"start": start, "first": first_dose, "last": last_dose} | ({"end": end} if end else {})
    frame = pl.DataFrame({name: complete_day(rows[column]) for name, column in dates.items()})
    no_limit = pl.col("last").is_null() if end_window_days is not None else pl.lit(True)
    within = no_limit | (pl.col("start") <= pl.col("last") + pl.duration(days=end_window_days or 0))
    ended_before = (pl.col("end") < pl.col("first")) if end else pl.lit(False)
    emergent = (
        pl.when(pl.col("first").is_null())
        .then(pl.lit(False))
        .when(ended_before)
        .then(pl.lit(False))
        .when(pl.col("start").is_null())
        .then(pl.lit(missing_start == "emergent"))
        .otherwise((pl.col("start") >= pl.col("first")) & within)
    )
    return frame.select(pl.when(emergent).then(pl.lit("Y")).alias("flag")).to_series()
