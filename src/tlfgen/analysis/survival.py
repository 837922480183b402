"""What tables and figures say of times to an event: quantiles with limits, and two groups compared.

One home: a median, a P value or a hazard ratio is the same number, and not estimable for the same reason,
wherever it is shown."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tlfgen.analysis.registry import Value, known
from tlfgen.spec.survival import LEVEL, LIMITS, QUANTILE_LIMITS, RULE, QuantileLimits, Rule, Transform
from tlfgen.stats.arguments import Floats, Whole
from tlfgen.stats.cox import NOTHING_TO_COMPARE, Cox, cox
from tlfgen.stats.hazard_ratio import (
    HazardRatio,
    hazard_ratio_log_rank,
    hazard_ratio_mantel_haenszel,
    rate_ratio,
    ratio_of_medians,
)
from tlfgen.stats.kaplan_meier import CLOSE, KaplanMeier, kaplan_meier, quantile, quantile_limits
from tlfgen.stats.log_rank import log_rank, log_rank_permutation

NO_SUBJECT, NO_EVENT = "no subject", "no event"
NOT_REACHED = "the curve does not get there"
OPEN = "no event ends the curve's plateau there"
NO_LIMIT = "the limit is not reached"
NO_SLOPE = "a time that the symmetric limits need is not reached"
NO_TEST = NOTHING_TO_COMPARE
SIDES = ("", "_low", "_high")
RATIOS = ("hr", "hr_breslow", "hr_oe", "hr_mh")
P_VALUES = ("p_log_rank", "p_permutation", "p_gehan", "p_wald", "p_likelihood_ratio", "p_score")
COMPARED = (*P_VALUES, *(f"{r}{s}" for r in RATIOS for s in SIDES), "ratio_of_medians", "rate_ratio")
OF_EFRON = ("p_wald", "p_likelihood_ratio", "p_score", *(f"hr{s}" for s in SIDES))


@dataclass(frozen=True)
class Estimation:
    """How quantiles are estimated."""

    limits: Transform = LIMITS
    rule: Rule = RULE
    quantile_limits: QuantileLimits = QUANTILE_LIMITS
    level: float = LEVEL

    def quantile(self, km: KaplanMeier, p: float) -> tuple[Value, Value, Value]:
        """The time by which the proportion p has had the event, and its limits; why there is none."""
        low, high = quantile_limits(km, p, self.quantile_limits, self.limits, self.level, rule=self.rule)
        without = no_curve(km) or (NO_SLOPE if self.quantile_limits == "spss_symmetric" else NO_LIMIT)
        own = known(quantile(km, p, self.rule), no_curve(km) or _not_reached(km, p))
        return own, known(low, without), known(high, without)


def no_curve(km: KaplanMeier) -> str:
    """Why a curve says nothing of its quantiles, or nothing of why."""
    return NO_SUBJECT if not len(km.time) else NO_EVENT if not km.events.any() else ""


def _not_reached(km: KaplanMeier, p: float) -> str:
    return OPEN if (km.survival <= 1 - p + CLOSE).any() else NOT_REACHED


@dataclass(frozen=True)
class Pair:
    """Two groups: times, 0/1 events, and 1 for a subject of `each`, 0 for one of `against`."""

    time: Floats
    event: Whole
    first: Whole
    each: str
    against: str

    @property
    def reason(self) -> str:
        """Why no statistic compares them; nothing where some do."""
        if not len(self.first) or self.first.min() == self.first.max():
            there = set(self.first.tolist())
            lost = [name for name, k in ((self.each, 1), (self.against, 0)) if k not in there]
            return f"no subject of {' and none of '.join(lost)}"
        return "" if self.event.any() else NO_EVENT


def compared(pair: Pair, wanted: Collection[str], level: float = LEVEL) -> dict[str, Value]:
    """The statistics of COMPARED that are wanted; without a subject or an event none has a value.

    Ratios are of the hazard of `each` over that of `against`. The permutation test has no value where the
    log-rank test has none.
    """
    if pair.reason:
        return {s: Value(None, pair.reason) for s in COMPARED if s in wanted}
    found: dict[str, Value] = {}
    for part in (_tests, _models, _simple, _others):
        found |= part(pair, wanted, level)
    return {s: found[s] for s in COMPARED if s in wanted}


def _tests(pair: Pair, wanted: Collection[str], level: float) -> Mapping[str, Value]:
    given = (pair.time, pair.event, pair.first)
    found = {}
    p = log_rank(*given).p_value
    if "p_log_rank" in wanted:
        found["p_log_rank"] = known(p, NO_TEST)
    if "p_gehan" in wanted:
        found["p_gehan"] = known(log_rank(*given, weight="gehan").p_value, NO_TEST)
    if "p_permutation" in wanted:
        permuted = math.nan if math.isnan(p) else log_rank_permutation(*given).p_value
        found["p_permutation"] = known(permuted, NO_TEST)
    return found


def _models(pair: Pair, wanted: Collection[str], level: float) -> Mapping[str, Value]:
    given = (pair.time, pair.event, pair.first.astype(float))
    found: dict[str, Value] = {}
    if set(OF_EFRON) & set(wanted):
        efron = cox(*given, ties="efron", level=level)
        found |= _sides("hr", efron) | {
            "p_wald": known(efron.wald_p[0], efron.reason),
            "p_likelihood_ratio": known(efron.likelihood_ratio_p, efron.reason),
            "p_score": known(efron.score_p, efron.reason),
        }
    if {f"hr_breslow{s}" for s in SIDES} & set(wanted):
        found |= _sides("hr_breslow", cox(*given, ties="breslow", level=level))
    return found


def _sides(name: str, model: Cox) -> dict[str, Value]:
    values = (model.hazard_ratio[0], model.low[0], model.high[0])
    why = model.reason or "beyond what a number can hold"
    return {name + side: known(v, why) for side, v in zip(SIDES, values, strict=True)}


def _simple(pair: Pair, wanted: Collection[str], level: float) -> Mapping[str, Value]:
    """The ratios of the log-rank test."""
    found: dict[str, Value] = {}
    if not {f"{name}{side}" for name in ("hr_oe", "hr_mh") for side in SIDES} & set(wanted):
        return found
    test = log_rank(pair.time, pair.event, pair.first)
    simple: tuple[tuple[str, HazardRatio, str], ...] = (
        ("hr_oe", hazard_ratio_log_rank(test, level), _without_event(pair) or NO_TEST),
        ("hr_mh", hazard_ratio_mantel_haenszel(test, level), NO_TEST),
    )
    for name, ratio, why in simple:
        values = (ratio.hazard_ratio, ratio.low, ratio.high)
        found |= {name + side: known(v, why) for side, v in zip(SIDES, values, strict=True)}
    return found


def _without_event(pair: Pair) -> str:
    lost = [n for n, k in ((pair.each, 1), (pair.against, 0)) if not pair.event[pair.first == k].any()]
    return f"no event of {lost[0]}" if lost else ""


def _others(pair: Pair, wanted: Collection[str], level: float) -> Mapping[str, Value]:
    found = {}
    if "ratio_of_medians" in wanted:
        curves = [kaplan_meier(pair.time[pair.first == k], pair.event[pair.first == k]) for k in (1, 0)]
        why = next(_no_median(pair, curves), f"the median of {pair.each} is 0")
        found["ratio_of_medians"] = known(ratio_of_medians(curves[0], curves[1]), why)
    if "rate_ratio" in wanted:
        none = not pair.event[pair.first == 0].any()
        why = f"no event of {pair.against}" if none else "a group was followed for no time"
        with np.errstate(divide="ignore"):
            found["rate_ratio"] = known(rate_ratio(pair.time, pair.event, pair.first), why)
    return found


def _no_median(pair: Pair, curves: list[KaplanMeier]) -> Iterator[str]:
    for name, curve in zip((pair.each, pair.against), curves, strict=True):
        if math.isnan(quantile(curve)):
            yield f"the median of {name} is not reached"
