"""Bars of events by term and maximum grade."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from tlfgen.errors import Place
from tlfgen.spec.condition import Condition
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.shell import Conditional


class SideSpec(Conditional):
    """One side of the figure: its label, and the records that it counts."""

    label: str


class GradeBarsSpec(FigureSpec):
    """A stacked bar a term: the subjects with it by their highest grade, in percent of the population.

    by: the variable of the terms. columns: as a table's, `of` the grade with its `levels` from the lowest to
    the highest, `missing` for records without one, `total` for all of them, and `worst: true`. Terms stand by
    the total's count, ties alphabetical. at_least: percent that a term must reach on a side, unrounded.
    sides: two, to the left and to the right, as all and related events; terms stand as on the first. With
    `columns: by` the sides are its two levels, each with its own N."""

    shape: Literal["grade_bars"]
    by: str
    at_least: float = 0
    sides: tuple[SideSpec, ...] = ()

    @model_validator(mode="after")
    def _columns(self) -> GradeBarsSpec:
        own = self.columns
        if not (own.of and own.levels and own.total and own.worst):
            raise ValueError("grade_bars needs columns: of (the grade), worst: true, its levels and a total")
        if own.groups or own.spans:
            raise ValueError("grade_bars draws neither groups nor spans")
        if len(self.sides) not in (0, 2) or (self.sides and own.by):
            raise ValueError("sides are two, or the levels of columns: by")
        return self

    def named(self) -> list[tuple[str, Place]]:
        found = [(self.by, self.at_key("by"))]
        return found + [(n, s.at) for s in self.sides if s.condition for n in s.condition.columns]

    def conditions(self) -> list[tuple[Condition, str]]:
        return [(s.condition, self.from_) for s in self.sides if s.condition]
