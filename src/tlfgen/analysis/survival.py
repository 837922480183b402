"""What tables and figures say of times to an event: quantiles with limits, and what two groups are.

One home: a median, a P value or a hazard ratio is the same number, and not estimable for the same reason,
wherever it is shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tlfgen.analysis.registry import Value, known
from tlfgen.spec.survival import LEVEL, LIMITS, QUANTILE_LIMITS, RULE, QuantileLimits, Rule, Transform
from tlfgen.spec.words import Sentence, sentence
from tlfgen.stats.arguments import Floats, Whole, two_sided
from tlfgen.stats.cox import NOTHING_TO_COMPARE
from tlfgen.stats.kaplan_meier import (
    CLOSE,
    KaplanMeier,
    kaplan_meier,
    quantile,
    quantile_limits,
    survival_limits,
)

NO_SUBJECT, NO_EVENT = "no subject", "no event"
NOT_REACHED = "the curve does not get there"
OPEN = "no event ends the curve's plateau there"
NO_LIMIT = "the limit is not reached"
NO_SLOPE = "a time that the symmetric limits need is not reached"
NO_TEST = NOTHING_TO_COMPARE


@dataclass(frozen=True)
class Estimation:
    """How quantiles are estimated."""

    limits: Transform = LIMITS
    rule: Rule = RULE
    quantile_limits: QuantileLimits = QUANTILE_LIMITS
    level: float = LEVEL

    @property
    def said_of_scale(self) -> Sentence:
        """The scale of limits of the curve, in words."""
        return sentence(f"scale_{self.limits}")

    @property
    def said_of_rule(self) -> Sentence:
        """Where the curve has a quantile, in words."""
        return sentence(f"rule_{self.rule}")

    @property
    def said_of_limits(self) -> Sentence:
        """The limits of quantiles, in words."""
        z = f"{two_sided(self.level):.2f}"
        return sentence(f"limits_{self.quantile_limits}", scale=self.said_of_scale, z=z)

    def around(self, survival: Floats, se: Floats) -> tuple[Floats, Floats]:
        """The limits of the curve, or of the curve at some times."""
        return survival_limits(survival, se, self.limits, self.level)

    def quantile(self, km: KaplanMeier, p: float) -> tuple[Value, Value, Value]:
        """The time by which the proportion p has had the event, and its limits; why there is none."""
        low, high = quantile_limits(km, p, self.quantile_limits, self.limits, self.level, rule=self.rule)
        without = no_curve(km) or (NO_SLOPE if self.quantile_limits == "spss_symmetric" else NO_LIMIT)
        own = known(quantile(km, p, self.rule), no_curve(km) or _not_reached(km, p))
        return own, known(low, without), known(high, without)


def curve_of(time: Floats, event: Whole) -> KaplanMeier:
    """Estimate survival by the product limit."""
    return kaplan_meier(time, event)


def no_curve(km: KaplanMeier) -> str:
    """Why a curve says nothing of its quantiles, or nothing of why."""
    return NO_SUBJECT if not len(km.time) else NO_EVENT if not km.events.any() else ""


def _not_reached(km: KaplanMeier, p: float) -> str:
    return OPEN if (km.survival <= 1 - p + CLOSE).any() else NOT_REACHED


@dataclass(frozen=True)
class Pair:
    """Two groups: times, 0/1 events, and 1 for a subject of `each`, 0 for one of `against`. strata: the
    number of each subject's stratum, where there are some."""

    time: Floats
    event: Whole
    first: Whole
    each: str
    against: str
    strata: Whole | None = None

    @property
    def reason(self) -> str:
        """Why no statistic compares them; nothing where some do."""
        if not len(self.first) or self.first.min() == self.first.max():
            there = set(self.first.tolist())
            lost = [name for name, k in ((self.each, 1), (self.against, 0)) if k not in there]
            return f"no subject of {' and none of '.join(lost)}"
        return "" if self.event.any() else NO_EVENT

    @property
    def without_event(self) -> str:
        """Why a ratio of events has no value; nothing where both groups have some."""
        lost = [n for n, k in ((self.each, 1), (self.against, 0)) if not self.event[self.first == k].any()]
        return f"no event of {lost[0]}" if lost else ""

    def silent_strata(self) -> tuple[int, int]:
        """How many strata tell nothing of the two groups, having no event or no event time with both at
        risk; and how many strata there are."""
        if self.strata is None:
            return 0, 0
        every = np.unique(self.strata)
        silent = 0
        for stratum in every:
            own = self.strata == stratum
            last = [self.time[own & (self.first == k)].max(initial=-1.0) for k in (0, 1)]
            silent += not (self.event[own & (self.time <= min(last))]).any()
        return silent, len(every)
