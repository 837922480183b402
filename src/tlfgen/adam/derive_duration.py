"""duration: TRTDURD, ADURN and the like."""

from __future__ import annotations

from typing import Literal

import polars as pl

from tlfgen.data.dates import complete_day
from tlfgen.engine.gives import spans
from tlfgen.engine.keyed import INDEX
from tlfgen.engine.registry import Column, Derived, derivation
from tlfgen.errors import Finding
from tlfgen.spec.significant import divided
from tlfgen.spec.study import StudySpec

DAYS_A_WEEK = 7


@derivation(gives=spans)
def derive_duration(
    rows: pl.DataFrame,
    *,
    start: Column,
    end: Column,
    unit: Literal["days", "weeks", "months"] = "days",
    study: StudySpec,
) -> Derived:
    """Count the time from one date to another, both days included.

    First case that applies:
      1. either date missing or partial   null
      2. the end before the start         null, and a warning
      3. otherwise                        end - start + 1 days, in `unit`

    A week has 7 days, a month as many as study.yaml's `conventions: month_days` says. Nothing is rounded.

    Source: ADaM convention for inclusive spans (TRTDURD); the length of a month is the study's.
    """
    frame = pl.DataFrame({"start": complete_day(rows[start]), "end": complete_day(rows[end])})
    days = (pl.col("end") - pl.col("start")).dt.total_days() + 1
    kept = pl.when(days > 0).then(days)
    length = {"weeks": float(DAYS_A_WEEK), "months": study.conventions.month_days}
    values = frame.select(
        (divided(kept, length[unit]) if unit in length else kept).alias("duration")
    ).to_series()
    reversed_ = frame.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(INDEX)).filter(days <= 0)
    return Derived(
        values,
        findings=tuple(
            Finding(
                "warning",
                "",
                "",
                "duration",
                f"{end} ({last}) lies before {start} ({first})",
                row=index,
                value=str(last),
            )
            for index, first, last in reversed_.select(INDEX, "start", "end").iter_rows()
        ),
    )
