"""Whiskers of box plots: how far a group's values reach without those that lie far outside."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
REACH = 1.5  # times the interquartile range


def whiskers(
    values: npt.ArrayLike, groups: npt.ArrayLike, q1: npt.ArrayLike, q3: npt.ArrayLike
) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Find the ends of the whiskers of each group, and say of each value whether it lies beyond them.

    The fences stand 1.5 times the interquartile range below q1 and above q3; a whisker ends at the last value
    within them, and never inside the box. q1, q3: of each group, NaN without a value; groups: the number of
    each value's group.

    Source: Tukey, Exploratory Data Analysis (1977), 2C and 2D.

    >>> low, high, beyond = whiskers([1, 2, 3, 4, 20], [0] * 5, [2], [4])
    >>> low.tolist(), high.tolist(), beyond.tolist()
    ([1.0], [4.0], [False, False, False, False, True])
    """
    x, g = np.asarray(values, np.float64), np.asarray(groups, np.int64)
    lower, upper = np.asarray(q1, np.float64), np.asarray(q3, np.float64)
    reach = REACH * (upper - lower)
    # a value on a fence is within it, whatever the last bit of the product says
    slack = 1e-9 * np.maximum(np.abs(lower), np.abs(upper))
    beyond = (x < (lower - reach - slack)[g]) | (x > (upper + reach + slack)[g])
    low, high = np.full(len(lower), np.inf), np.full(len(lower), -np.inf)
    np.minimum.at(low, g[~beyond], x[~beyond])
    np.maximum.at(high, g[~beyond], x[~beyond])
    return np.minimum(low, lower), np.maximum(high, upper), beyond
