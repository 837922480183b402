"""A figure of means over time."""

from __future__ import annotations

from typing import Literal

from tlfgen.errors import Place
from tlfgen.spec.figure import FigureSpec


class MeanOverTimeSpec(FigureSpec):
    """The mean of y at each x with its limits, a line a column.

    x_value: the numeric variable that places x (default: x's numeric twin). limits: one standard error or
    deviation to each side. strips: statistic -> label, a row of it below the axis for each column."""

    shape: Literal["mean_over_time"]
    y: str
    x: str
    x_value: str | None = None
    limits: Literal["se", "sd", "none"] = "se"
    strips: dict[str, str] = {}

    def named(self) -> list[tuple[str, Place]]:
        axes = {"y": self.y, "x": self.x, "x_value": self.x_value}
        return [(n, self.at_key(key)) for key, n in axes.items() if n]
