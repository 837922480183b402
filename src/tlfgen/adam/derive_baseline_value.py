"""baseline_value: BASE and its kin."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.gives import same_as
from tlfgen.engine.keyed import INDEX, group_keys, numbered
from tlfgen.engine.registry import ROW, Column, Columns, Derived, derivation
from tlfgen.errors import Finding


@derivation(gives=same_as("value"))
def derive_baseline_value(
    rows: pl.DataFrame, *, value: Column = "AVAL", flag: Column = "ABLFL", by: Columns = ("PARAMCD",)
) -> Derived:
    """Give every record of a group the value of its baseline record.

    First case that applies, in a subject and `by`:
      1. no record flagged "Y"        null
      2. one record flagged "Y"       its value
      3. two or more flagged "Y"      null, and an error finding

    value: AVAL for BASE, AVALC for BASEC, ANRIND for BNRIND.

    Source: ADaMIG 1.3, BASE.
    """
    keys = group_keys(by)
    base = numbered(rows)
    baseline = base.filter(pl.col(flag) == "Y")
    several = baseline.filter(pl.struct(keys).is_duplicated()).sort(INDEX)
    one = baseline.filter(~pl.struct(keys).is_duplicated())
    taken = one.select(*keys, pl.col(value).alias("#value"), pl.col(ROW).alias("#baseline"))
    filled = base.join(taken, on=keys, how="left", nulls_equal=True, maintain_order="left")
    elsewhere = filled.filter(pl.col("#baseline").is_not_null() & (pl.col("#baseline") != pl.col(ROW)))
    return Derived(
        filled["#value"],
        sources=elsewhere.select(pl.col(INDEX).alias("index"), pl.col("#baseline").alias("source_row")),
        findings=tuple(
            Finding(
                "error",
                "",
                "",
                "baseline_value",
                f"{flag} is Y on several records of one group",
                row=index,
                field=flag,
            )
            for index in several[INDEX]
        ),
    )
