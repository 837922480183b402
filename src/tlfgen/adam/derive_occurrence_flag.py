"""occurrence_flag: AOCCFL and its kin."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.gives import YES
from tlfgen.engine.keyed import INDEX, first_by, flagged, group_keys, holds, numbered, trail
from tlfgen.engine.registry import Columns, Derived, Where, derivation


@derivation(gives=YES)
def derive_occurrence_flag(
    rows: pl.DataFrame, *, first: Columns, by: Columns = (), where: Where = None
) -> Derived:
    """Flag the first record of each group.

    A group is a subject, within it one for each combination of `by` (a null is a value of its own).
      1. records that do not meet `where`   null
      2. the first of the group by `first`  "Y"
      3. the others                         null

    first: the order, ascending; "-ASEVN" is descending, so `[-ASEVN, ASTDT, AESEQ]` takes the most severe
    and of those the earliest. Nulls come last. Ties go to the record that came first.

    Source: ADaM Structure for Occurrence Data (OCCDS), occurrence flags.
    """
    keys = group_keys(by)
    candidates = numbered(rows).filter(holds(where, rows))
    chosen = first_by(candidates, keys, first)[INDEX]
    order = [name.removeprefix("-") for name in first]
    shown = pl.concat_str([pl.col(name).cast(pl.String).fill_null("none") for name in order], separator=", ")
    decisions = trail(
        candidates,
        keys,
        pl.col(INDEX).is_in(chosen.implode()),
        candidate=pl.lit(", ".join(first)),
        value=shown,
        rule="occurrence_flag",
        reasons=("first of its group", "another comes first"),
    )
    return Derived(flagged(rows.height, chosen), decisions=decisions, null_is_no=True)
