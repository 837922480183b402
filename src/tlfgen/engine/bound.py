"""A condition with what is known of its columns, as a derivation is given it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from tlfgen.spec.condition import Condition
from tlfgen.spec.condition_compile import FLAG


@dataclass(frozen=True)
class Bound:
    """A condition that knows which of its columns hold ISO 8601 text, and which are flags whose null says
    no."""

    condition: Condition
    dates: Mapping[str, str]
    flags: Collection[str] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return self.condition.columns

    def rows(self, frame: pl.DataFrame) -> pl.Series:
        return self.truth(frame).fill_null(False)

    def truth(self, frame: pl.DataFrame) -> pl.Series:
        marks = (pl.lit(True).alias(name + FLAG) for name in self.columns if name in self.flags)
        return self.condition.truth(frame.with_columns(*marks), self.dates)
