"""analysis_flag: ANL01FL, one record of a group."""

from __future__ import annotations

from typing import Literal

import polars as pl

from tlfgen.engine.gives import YES
from tlfgen.engine.keyed import INDEX, first_by, flagged, group_keys, holds, last_by, numbered, trail
from tlfgen.engine.registry import Column, Columns, Derived, Where, derivation
from tlfgen.errors import NOWHERE, Place, SpecError


@derivation(gives=YES)
def derive_analysis_flag(
    rows: pl.DataFrame,
    *,
    by: Columns,
    order: Columns,
    pick: Literal["first", "last", "closest"] = "last",
    where: Where = None,
    day: Column | None = None,
    target: Column | None = None,
    at: Place = NOWHERE,
) -> Derived:
    """Flag the one record of each group that is analysed.

    A group is a subject, within it one for each combination of `by` (a null is a value of its own).
      1. records that do not meet `where`   null
      2. the record that `pick` takes       "Y"
      3. the others                         null

    pick: "first" and "last" by `order` ("-NAME" is descending; a null is never taken before a value; ties go
    to the record that came first, and last). "closest": the smallest distance of `day` from `target`; of
    equal distances the first by `order`. where: as `AVISIT IS NOT NULL AND AVAL IS NOT NULL`.
    """
    keys = group_keys(by)
    candidates = numbered(rows).filter(holds(where, rows))
    if pick == "closest":
        if day is None or target is None:
            raise SpecError("pick: closest needs day: and target:.", place=at)
        candidates = candidates.with_columns((pl.col(day) - pl.col(target)).abs().alias("#distance"))
        picked = first_by(candidates, keys, ["#distance", *order])
    else:
        picked = (first_by if pick == "first" else last_by)(candidates, keys, order)
    chosen = picked[INDEX]
    names = [*([day] if pick == "closest" and day else []), *(name.removeprefix("-") for name in order)]
    shown = pl.concat_str([pl.col(name).cast(pl.String).fill_null("none") for name in names], separator=", ")
    decisions = trail(
        candidates,
        keys,
        pl.col(INDEX).is_in(chosen.implode()),
        candidate=pl.lit(", ".join(names)),
        value=shown,
        rule="analysis_flag",
        reasons=(f"{pick} of its group", "another is taken"),
    )
    return Derived(flagged(rows.height, chosen), decisions=decisions, null_is_no=True)
