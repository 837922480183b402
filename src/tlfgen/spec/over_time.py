"""What figures of a variable over time share: y at each x, a panel a facet, numbers below the axis."""

from __future__ import annotations

from pydantic import Field

from tlfgen.errors import Place
from tlfgen.spec.figure import FigureSpec


class OverTimeSpec(FigureSpec):
    """y at each x, by the levels of the columns.

    x_value: the numeric variable that places x (default: x's numeric twin). strips: statistic -> label, a row
    of it below the axis for each column. facet: a variable (as PARAM) with a panel for each level, lettered
    A, B, ...; across: panels side by side; per_page: panels a page, 0 for all on one."""

    y: str
    x: str
    x_value: str | None = None
    strips: dict[str, str] = {}
    facet: str | None = None
    across: int = Field(default=1, ge=1, le=4)
    per_page: int = Field(default=0, ge=0, le=26)

    def named(self) -> list[tuple[str, Place]]:
        axes = {"y": self.y, "x": self.x, "x_value": self.x_value, "facet": self.facet}
        return [(n, self.at_key(key)) for key, n in axes.items() if n]
