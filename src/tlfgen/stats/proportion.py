"""Limits of a proportion, of many at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tlfgen.spec.survival import LEVEL
from tlfgen.stats import method
from tlfgen.stats.arguments import two_sided

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ProportionLimits:
    """Lower and upper limits, NaN where there is no subject. Not truncated: Wald's and those of a mean may
    pass 0 or 1, and say so by that."""

    low: Floats
    high: Floats


def _counts(events: npt.ArrayLike, size: npt.ArrayLike, level: float) -> tuple[Floats, Floats]:
    x, n = np.atleast_1d(np.asarray(events, float)), np.atleast_1d(np.asarray(size, float))
    if x.shape != n.shape:
        raise ValueError("there are as many numbers of events as numbers of subjects")
    whole = np.isfinite(x) & np.isfinite(n) & (x == np.floor(x)) & (n == np.floor(n))
    if not (whole & (x >= 0) & (x <= n)).all():
        raise ValueError("events are whole numbers between 0 and the number of subjects")
    two_sided(level)
    return x, n


def _blank(limits: Floats, n: Floats) -> Floats:
    found: Floats = np.where(n > 0, limits, np.nan)
    return found


@method("clopper_pearson", "proportion")
def limits_clopper_pearson(
    events: npt.ArrayLike, size: npt.ArrayLike, level: float = LEVEL
) -> ProportionLimits:
    """Give the exact limits of a proportion by Clopper and Pearson.

    Each limit leaves half of 1 - level in the binomial's tail beyond it: quantiles of beta(x, n - x + 1) and
    beta(x + 1, n - x); 0 where there is no event, 1 where there are only events.

    Source: Clopper and Pearson, Biometrika 1934; 26: 404-413.
    """
    from scipy.special import betaincinv

    x, n = _counts(events, size, level)
    tail = (1 - level) / 2
    some, rest = np.maximum(x, 1), np.maximum(n - x, 1)
    low = np.where(x > 0, betaincinv(some, n - x + 1, tail), 0.0)
    high = np.where(x < n, betaincinv(x + 1, rest, 1 - tail), 1.0)
    return ProportionLimits(_blank(low, n), _blank(high, n))


@method("wilson", "proportion")
def limits_wilson(events: npt.ArrayLike, size: npt.ArrayLike, level: float = LEVEL) -> ProportionLimits:
    """Give the score limits of a proportion by Wilson, without continuity correction.

    Source: Wilson, Journal of the American Statistical Association 1927; 22: 209-212.
    """
    x, n = _counts(events, size, level)
    z = two_sided(level)
    m = np.maximum(n, 1)
    p = x / m
    middle, half = p + z**2 / (2 * m), z * np.sqrt(p * (1 - p) / m + z**2 / (4 * m**2))
    low, high = (middle - half) / (1 + z**2 / m), (middle + half) / (1 + z**2 / m)
    low, high = np.where(x == 0, 0.0, low), np.where(x == n, 1.0, high)
    return ProportionLimits(_blank(low, n), _blank(high, n))


@method("wald", "proportion")
def limits_wald(events: npt.ArrayLike, size: npt.ArrayLike, level: float = LEVEL) -> ProportionLimits:
    """Give Wald's limits: the proportion and z standard errors sqrt(p (1 - p) / n) to each side.

    Source: Agresti, Categorical Data Analysis, 3rd edition, section 1.3.3.
    """
    x, n = _counts(events, size, level)
    m = np.maximum(n, 1)
    p = x / m
    half = two_sided(level) * np.sqrt(p * (1 - p) / m)
    return ProportionLimits(_blank(p - half, n), _blank(p + half, n))


@method("mean_t", "proportion")
def limits_mean_t(events: npt.ArrayLike, size: npt.ArrayLike, level: float = LEVEL) -> ProportionLimits:
    """Give Student's limits of the mean of a variable that is 1 for an event and 0 else.

    p and t(n - 1) times sqrt(p (1 - p) / (n - 1)) to each side; NaN with fewer than two subjects. What a
    program prints where a response is coded 0/1 and its mean asked for; no limits of a proportion.

    Source: the one-sample t interval.
    """
    from scipy.special import stdtrit

    x, n = _counts(events, size, level)
    m = np.maximum(n, 2)
    p = x / m
    half = stdtrit(m - 1, (1 + level) / 2) * np.sqrt(p * (1 - p) / (m - 1))
    enough = np.where(n > 1, n, 0)
    return ProportionLimits(_blank(p - half, enough), _blank(p + half, enough))
