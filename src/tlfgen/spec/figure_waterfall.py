"""A waterfall: one bar a subject."""

from __future__ import annotations

from typing import Literal

from tlfgen.errors import Place
from tlfgen.spec.subject_figure import SubjectFigureSpec


class WaterfallSpec(SubjectFigureSpec):
    """One bar a subject of y, a percentage, from the highest to the lowest.

    references: thin lines at these values. cut: bars that reach beyond it end there, with their number."""

    shape: Literal["waterfall"]
    y: str
    references: tuple[float, ...] = ()
    cut: float | None = None

    def named(self) -> list[tuple[str, Place]]:
        return [(self.y, self.at_key("y")), *super().named()]
