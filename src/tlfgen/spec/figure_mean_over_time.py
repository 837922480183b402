"""A figure of means over time."""

from __future__ import annotations

from typing import Literal

from tlfgen.spec.over_time import OverTimeSpec


class MeanOverTimeSpec(OverTimeSpec):
    """The mean of y at each x with its limits, a line a column.

    limits: one standard error or deviation to each side."""

    shape: Literal["mean_over_time"]
    limits: Literal["se", "sd", "none"] = "se"
