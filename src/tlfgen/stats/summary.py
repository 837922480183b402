"""The usual summary of a numeric variable, for many groups at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tlfgen.spec.usual import PERCENTILE
from tlfgen.stats import method

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Percentile = Literal[2, 6, 7]

QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Summary:
    """One number a group; NaN where there is none: all but n without a value, sd and se with a single one."""

    n: Whole
    mean: Floats
    sd: Floats
    se: Floats
    median: Floats
    q1: Floats
    q3: Floats
    min: Floats
    max: Floats


@method("summary", "summary")
def summarise(
    values: npt.ArrayLike,
    groups: npt.ArrayLike | None = None,
    *,
    size: int = 1,
    percentile: Percentile = PERCENTILE,
) -> Summary:
    """Summarise a variable: n, mean, SD with n - 1, standard error, median, quartiles, minimum, maximum.

    groups: the number (0 to size - 1) of each value's group; without it all values are one group.
    Values that are NaN do not count. percentile: see `quantiles`.
    """
    x, g, n = _sorted(values, groups, size)
    some = n > 0
    first = np.cumsum(n) - n
    mean = _sums(x, first, n) / np.where(some, n, np.nan)
    squares = _sums((x - np.repeat(mean, n)) ** 2, first, n)
    sd = np.sqrt(squares / np.where(n > 1, n - 1, np.nan))
    q1, median, q3 = _quantiles(x, first, n, QUARTILES, percentile)
    low, high = np.full(size, np.nan), np.full(size, np.nan)
    low[some], high[some] = x[first[some]], x[first[some] + n[some] - 1]
    return Summary(n, mean, sd, sd / np.sqrt(np.where(some, n, np.nan)), median, q1, q3, low, high)


def quantiles(
    values: npt.ArrayLike, probabilities: Sequence[float], *, percentile: Percentile = PERCENTILE
) -> tuple[float, ...]:
    """Find quantiles of one group, by a definition of Hyndman and Fan (1996).

      2  the inverse of the empirical distribution function, averaged at its steps (SAS's default, PCTLDEF=5)
      6  linear, aimed at p(n + 1) (SAS PCTLDEF=4)
      7  linear, between the order statistics (R's and numpy's default)

    NaN where there is no value.

    Source: Hyndman and Fan, The American Statistician 50 (1996), 361-365.
    """
    x, _, n = _sorted(values, None, 1)
    found = _quantiles(x, np.zeros(1, np.int64), n, probabilities, percentile)
    return tuple(float(q[0]) for q in found)


def _sorted(values: npt.ArrayLike, groups: npt.ArrayLike | None, size: int) -> tuple[Floats, Whole, Whole]:
    """The values that are there, in order within their groups, and how many each group has."""
    x = np.asarray(values, dtype=np.float64)
    g = np.zeros(x.shape, np.int64) if groups is None else np.asarray(groups, dtype=np.int64)
    there = ~np.isnan(x)
    x, g = x[there], g[there]
    order = np.lexsort((x, g))
    return x[order], g[order], np.bincount(g, minlength=size).astype(np.int64)


def _sums(x: Floats, first: Whole, n: Whole) -> Floats:
    total = np.zeros(n.shape)
    some = n > 0
    if some.any():
        total[some] = np.add.reduceat(x, first[some])
    return total


def _quantiles(
    x: Floats, first: Whole, n: Whole, probabilities: Sequence[float], percentile: int
) -> list[Floats]:
    some = n > 0
    found = []
    for p in probabilities:
        j, weight = _position(n[some], p, percentile)
        result = np.full(n.shape, np.nan)
        low = first[some] + np.clip(j, 1, n[some]) - 1
        high = first[some] + np.clip(j + 1, 1, n[some]) - 1
        # two equal neighbours give themselves, exactly
        result[some] = np.where(x[low] == x[high], x[low], (1 - weight) * x[low] + weight * x[high])
        found.append(result)
    return found


def _position(n: Whole, p: float, percentile: int) -> tuple[Whole, Floats]:
    """Order statistic j (from 1) and the weight of the next one."""
    slack = 4 * np.finfo(np.float64).eps  # n * p that should be whole may miss it by a rounding error
    at = {2: n * p, 6: (n + 1) * p, 7: 1 + (n - 1) * p}[percentile]
    j = np.floor(at + slack)
    part = at - j
    part = np.where(np.abs(part) < slack, 0.0, part)
    weight: Floats = np.where(part > 0, 1.0, 0.5) if percentile == 2 else np.asarray(part, np.float64)
    return j.astype(np.int64), weight
