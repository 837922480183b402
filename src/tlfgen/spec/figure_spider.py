"""A spider plot: one line a subject over time, from no change at the start."""

from __future__ import annotations

from typing import Literal

from tlfgen.errors import Place
from tlfgen.spec.subject_figure import MarkSpec, SubjectFigureSpec, Unit


class SpiderSpec(SubjectFigureSpec):
    """A line a subject through y, a percentage, at the dates of its records; it begins at 0 at the start.

    date: of the record; start: the subject's first day, of ADSL. references: thin lines at these values.
    cut: lines end there, with their number. marks: events of any dataset, drawn on the subject's line."""

    shape: Literal["spider"]
    y: str
    date: str
    start: str
    unit: Unit = "months"
    references: tuple[float, ...] = ()
    cut: float | None = None
    marks: tuple[MarkSpec, ...] = ()

    def named(self) -> list[tuple[str, Place]]:
        axes = {"y": self.y, "date": self.date, "start": self.start}
        return [*((n, self.at_key(key)) for key, n in axes.items()), *super().named()]

    def marked(self) -> tuple[MarkSpec, ...]:
        return self.marks
