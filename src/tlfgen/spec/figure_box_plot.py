"""A box plot of a variable over time."""

from __future__ import annotations

from typing import Literal

from tlfgen.spec.over_time import OverTimeSpec


class BoxPlotSpec(OverTimeSpec):
    """A box at each x for each column: quartiles by the study's convention, the median as a line, whiskers to
    the last values within 1.5 times the interquartile range, and every value beyond them as a point.

    x stands in slots of one width, in the order of its places. mean: a dot at the mean."""

    shape: Literal["box_plot"]
    mean: bool = False
