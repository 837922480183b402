"""baseline_flag: ABLFL."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.gives import YES
from tlfgen.engine.registry import Column, Columns, Derived, derivation
from tlfgen.sdtm.derive_last_before_dose import SameDay, flag_last_before


@derivation(gives=YES)
def derive_baseline_flag(
    rows: pl.DataFrame,
    *,
    by: Columns = ("PARAMCD",),
    value: Column = "AVAL",
    date: Column = "ADT",
    reference: Column = "TRTSDT",
    same_day: SameDay = "before",
    order: Columns = (),
) -> Derived:
    """Flag the baseline record: the last result before the reference date.

    The rule is that of last_before_dose: where a time was collected for `date` and `reference`, the time
    decides. `same_day` is for a result of the reference day whose time is not known ("before" takes it as
    before the dose, "after" as after it). There is at most one baseline in a subject and `by`.

    Source: ADaMIG 1.3, ABLFL; which record is the baseline is the analysis plan's.
    """
    return flag_last_before(rows, "baseline_flag", by, date, value, reference, same_day, order)
