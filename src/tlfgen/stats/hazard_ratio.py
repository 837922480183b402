"""Ratios beside Cox's: from the log-rank test, and quantities that are no hazard ratio."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy.typing as npt

from tlfgen.spec.survival import LEVEL, RULE, Rule
from tlfgen.stats import method
from tlfgen.stats.arguments import labels_of, times_and_events, two_sided
from tlfgen.stats.kaplan_meier import KaplanMeier, quantile
from tlfgen.stats.log_rank import LogRank


@dataclass(frozen=True)
class HazardRatio:
    """The second group's hazard over the first's; NaN where it has no value."""

    hazard_ratio: float
    low: float
    high: float


def _two_groups(test: LogRank) -> None:
    if len(test.groups) != 2:
        raise ValueError(f"a hazard ratio compares two groups, not {len(test.groups)}")
    if test.weight != "log_rank":
        raise ValueError(f"a hazard ratio is of the log-rank test, not of one weighted by {test.weight}")


@method("hazard_ratio_log_rank", "hazard_ratio")
def hazard_ratio_log_rank(test: LogRank, level: float = LEVEL) -> HazardRatio:
    """Give (O2 / E2) / (O1 / E1), with limits by the variance 1 / E1 + 1 / E2 of its logarithm.

    NaN where a group has no event. ValueError unless the test is an unweighted one of two groups.

    Source: Pike, as in Peto et al., British Journal of Cancer 1977; 35: 1-39.
    """
    _two_groups(test)
    z = two_sided(level)
    (o1, o2), (e1, e2) = test.observed, test.expected
    if min(o1, o2, e1, e2) <= 0:
        return HazardRatio(math.nan, math.nan, math.nan)
    log, half = math.log((o2 / e2) / (o1 / e1)), z * math.sqrt(1 / e1 + 1 / e2)
    return HazardRatio(math.exp(log), math.exp(log - half), math.exp(log + half))


@method("hazard_ratio_mantel_haenszel", "hazard_ratio")
def hazard_ratio_mantel_haenszel(test: LogRank, level: float = LEVEL) -> HazardRatio:
    """Give exp((O2 - E2) / V), with limits by the variance 1 / V of its logarithm; Peto's one-step estimate.

    Biased where the ratio is far from 1 or the groups are very unequal: Cox's model is better there. NaN
    where no event time has both groups at risk. ValueError unless the test is an unweighted one of two
    groups.

    Source: Yusuf, Peto et al., Progress in Cardiovascular Diseases 1985; 27: 335-371.
    """
    _two_groups(test)
    z = two_sided(level)
    variance = float(test.variance[1, 1])
    if variance <= 0:
        return HazardRatio(math.nan, math.nan, math.nan)
    log, half = float(test.observed[1] - test.expected[1]) / variance, z / math.sqrt(variance)
    return HazardRatio(math.exp(log), math.exp(log - half), math.exp(log + half))


def ratio_of_medians(first: KaplanMeier, second: KaplanMeier, rule: Rule = RULE) -> float:
    """Divide the second curve's median by the first's: no hazard ratio. NaN where one is not reached."""
    a, b = quantile(first, 0.5, rule), quantile(second, 0.5, rule)
    return b / a if a else math.nan


def rate_ratio(time: npt.ArrayLike, event: npt.ArrayLike, group: npt.ArrayLike) -> float:
    """Divide the second group's events per person-time by the first's: of constant hazards a hazard ratio.

    NaN where the first group has no event or a group no time. ValueError unless there are two groups.
    """
    t, e = times_and_events(time, event)
    labels, g = labels_of(group, len(t), "group")
    if len(labels) != 2:
        raise ValueError(f"a rate ratio compares two groups, not {len(labels)}")
    rates = [float(e[g == k].sum() / t[g == k].sum()) if t[g == k].sum() > 0 else math.nan for k in (0, 1)]
    return rates[1] / rates[0] if rates[0] else math.nan
