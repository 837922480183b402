"""Ratios beside Cox's: from the log-rank test, and quantities that are no hazard ratio."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tlfgen.stats import method
from tlfgen.stats.kaplan_meier import KaplanMeier, Rule, quantile, times_and_events
from tlfgen.stats.log_rank import LogRank


@dataclass(frozen=True)
class HazardRatio:
    """The second group's hazard over the first's; NaN where it has no value."""

    hazard_ratio: float
    low: float
    high: float


def _z(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))


@method("hazard_ratio_log_rank", "ratio of observed to expected events of the log-rank test", "hazard_ratio")
def hazard_ratio_log_rank(test: LogRank, level: float = 0.95) -> HazardRatio:
    """Give (O2 / E2) / (O1 / E1), with limits by the variance 1 / E1 + 1 / E2 of its logarithm.

    Source: Pike, as in Peto et al., British Journal of Cancer 1977; 35: 1-39.
    """
    (o1, o2), (e1, e2) = test.observed, test.expected
    if min(o1, o2, e1, e2) <= 0:
        return HazardRatio(math.nan, math.nan, math.nan)
    log, half = math.log((o2 / e2) / (o1 / e1)), _z(level) * math.sqrt(1 / e1 + 1 / e2)
    return HazardRatio(math.exp(log), math.exp(log - half), math.exp(log + half))


@method("hazard_ratio_mantel_haenszel", "Mantel-Haenszel hazard ratio of the log-rank test", "hazard_ratio")
def hazard_ratio_mantel_haenszel(test: LogRank, level: float = 0.95) -> HazardRatio:
    """Give exp((O2 - E2) / V), with limits by the variance 1 / V of its logarithm; Peto's one-step estimate.

    Source: Yusuf, Peto et al., Progress in Cardiovascular Diseases 1985; 27: 335-371.
    """
    variance = float(test.variance[1, 1])
    if variance <= 0:
        return HazardRatio(math.nan, math.nan, math.nan)
    log, half = float(test.observed[1] - test.expected[1]) / variance, _z(level) / math.sqrt(variance)
    return HazardRatio(math.exp(log), math.exp(log - half), math.exp(log + half))


def ratio_of_medians(first: KaplanMeier, second: KaplanMeier, rule: Rule = "first") -> float:
    """The second curve's median over the first's: no hazard ratio."""
    a, b = quantile(first, 0.5, rule), quantile(second, 0.5, rule)
    return b / a if a else math.nan


def rate_ratio(time: npt.ArrayLike, event: npt.ArrayLike, group: npt.ArrayLike) -> float:
    """Events per person-time, the second group's over the first's: of constant hazards a hazard ratio."""
    t, e = times_and_events(time, event)
    labels, g = np.unique(np.asarray(group), return_inverse=True)
    if len(labels) != 2:
        raise ValueError("a rate ratio compares two groups")
    rates = [float(e[g == k].sum() / t[g == k].sum()) if t[g == k].sum() > 0 else math.nan for k in (0, 1)]
    return rates[1] / rates[0] if rates[0] else math.nan
