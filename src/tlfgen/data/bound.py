"""A condition with what is known of its columns, as a derivation is given it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tlfgen.spec.condition import Condition


@dataclass(frozen=True)
class Bound:
    """A condition that knows which of its columns hold ISO 8601 text."""

    condition: Condition
    dates: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        return self.condition.columns

    def rows(self, frame: pl.DataFrame) -> pl.Series:
        return self.condition.rows(frame, self.dates)

    def truth(self, frame: pl.DataFrame) -> pl.Series:
        return self.condition.truth(frame, self.dates)
