"""analysis_visit: AVISIT and AVISITN."""

from __future__ import annotations

import polars as pl

from tlfgen.data.registry import Column, Derived, Fills, derivation
from tlfgen.spec.study import StudySpec


@derivation
def derive_analysis_visit(
    rows: pl.DataFrame, *, of: Column = "VISITNUM", number_to: Fills = None, study: StudySpec
) -> Derived:
    """Name the visit under which a record is analysed.

    First case that applies:
      1. no visit number, or one that study.yaml does not plan (unscheduled)   null
      2. a visit with `analysis: none`                                         null
      3. a visit with another `analysis`                                       that name
      4. otherwise                                                             VISIT

    number_to: the variable (AVISITN) for the visit's number, null where the name is. Visits are taken as
    collected; days are not windowed.
    """
    names = {float(v.VISITNUM): v.analysed for v in study.visits if v.analysed}
    number = rows[of].cast(pl.Float64)
    values = {"": number.replace_strict(names, default=None, return_dtype=pl.String)}
    if number_to is not None:
        frame = pl.DataFrame({"number": number, "name": values[""]})
        values[number_to] = frame.select(
            pl.when(pl.col("name").is_not_null()).then(pl.col("number"))
        ).to_series()
    return Derived(values)
