"""The order of an arm."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.gives import INTEGER
from tlfgen.engine.registry import Column, derivation
from tlfgen.spec.study import StudySpec


@derivation(gives=INTEGER)
def derive_arm_number(rows: pl.DataFrame, *, of: Column, study: StudySpec) -> pl.Series:
    """Give the order of the arm that `of` names (TRT01PN, TRT01AN), from study.yaml; null for any other
    text."""
    order = {arm.ARM: arm.order for arm in study.arms}
    return rows[of].replace_strict(order, default=None, return_dtype=pl.Int64)
