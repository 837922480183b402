"""analysis_visit: AVISIT and AVISITN."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.gives import FLOAT, analysed_visits
from tlfgen.engine.registry import Column, Derived, Fills, derivation
from tlfgen.spec.study import StudySpec


@derivation(gives=analysed_visits, fills={"number_to": FLOAT})
def derive_analysis_visit(
    rows: pl.DataFrame,
    *,
    of: Column = "VISITNUM",
    baseline: Column | None = None,
    baseline_name: str = "Baseline",
    number_to: Fills = None,
    study: StudySpec,
) -> Derived:
    """Name the visit under which a record is analysed.

    First case that applies:
      1. `baseline` is "Y"                                                     baseline_name
      2. no visit number, or one that study.yaml does not plan (unscheduled)   null
      3. a visit with `analysis: none`                                         null
      4. `baseline` is given, and the visit is named baseline_name             null: not the baseline
      5. a visit with another `analysis`                                       that name
      6. otherwise                                                             VISIT

    number_to: the variable (AVISITN) for the visit's number, null where the name is; case 1 has the number of
    the visit of that name, or 0. Visits are taken as collected; days are not windowed.
    """
    names = {float(v.VISITNUM): v.analysed for v in study.visits if v.analysed}
    numbers = {name: number for number, name in names.items()}
    number = rows[of].cast(pl.Float64)
    named = number.replace_strict(names, default=None, return_dtype=pl.String)
    flag = rows[baseline] if baseline else pl.Series([None], dtype=pl.String).new_from_index(0, rows.height)
    frame = pl.DataFrame({"number": number, "name": named, "flag": flag}).with_columns(
        (pl.col("flag") == "Y").fill_null(False).alias("is_baseline")
    )
    if baseline:
        other = pl.when(pl.col("name") != baseline_name).then(pl.col("name"))
        frame = frame.with_columns(
            pl.when("is_baseline").then(pl.lit(baseline_name)).otherwise(other).alias("name")
        )
    at = pl.when("is_baseline").then(numbers.get(baseline_name, 0.0)).otherwise(pl.col("number"))
    frame = frame.with_columns(pl.when(pl.col("name").is_not_null()).then(at).alias("number"))
    values = {"": frame["name"]}
    if number_to is not None:
        values[number_to] = frame["number"]
    return Derived(values)
