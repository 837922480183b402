"""The Kaplan-Meier estimate, its limits, its quantiles and their limits."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tlfgen.spec.survival import LEVEL, LIMITS, QUANTILE_LIMITS, RULE, QuantileLimits, Rule, Transform
from tlfgen.stats import method
from tlfgen.stats.arguments import Floats, Whole, one_of, times_and_events, two_sided, zeros_and_ones

CLOSE = 1e-9  # S(t) that differ by less are one


@dataclass(frozen=True)
class KaplanMeier:
    """The estimate at each distinct time, in order. at_risk: just before the time; censored: at it, after its
    events; se: Greenwood's standard error of S(t)."""

    time: Floats
    at_risk: Whole
    events: Whole
    censored: Whole
    survival: Floats
    se: Floats


@method("kaplan_meier", "survival")
def kaplan_meier(time: npt.ArrayLike, event: npt.ArrayLike) -> KaplanMeier:
    """Estimate survival by the product limit.

    S(t) is the product over event times up to t of 1 - events / at risk. A subject censored at an event time
    is still at risk then. Variance by Greenwood: S(t)^2 times the sum of events / (at risk (at risk -
    events)); 0 where S(t) is 0. Times are equal where they are the same number: round before, not after.

    time: in any unit, not negative. event: 1, or 0 where the subject is censored. ValueError otherwise.

    Source: Kaplan and Meier, Journal of the American Statistical Association 1958; 53: 457-481.
    """
    t, e = times_and_events(time, event)
    order = np.argsort(t, kind="stable")
    times, start = np.unique(t[order], return_index=True)
    ends = np.append(start[1:], len(t)).astype(np.int64)
    cumulated = np.concatenate([[0], np.cumsum(e[order])])
    events = cumulated[ends] - cumulated[start]
    at_risk = len(t) - start.astype(np.int64)
    censored = (ends - start) - events
    survival = np.cumprod(1 - events / np.maximum(at_risk, 1))
    left = at_risk - events
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(
            left > 0, events / (at_risk * np.maximum(left, 1)), np.where(events > 0, np.inf, 0.0)
        )
        total = np.cumsum(terms)
        se = np.where(survival > 0, survival * np.sqrt(total), 0.0)
    return KaplanMeier(times, at_risk, events.astype(np.int64), censored.astype(np.int64), survival, se)


def reverse(event: npt.ArrayLike) -> Whole:
    """Swap event and censoring: the reverse Kaplan-Meier estimate is that of follow-up.

    Source: Schemper and Smith, Controlled Clinical Trials 1996; 17: 343-346.
    """
    return 1 - zeros_and_ones(event)


def survival_at(km: KaplanMeier, times: npt.ArrayLike) -> tuple[Floats, Floats, Whole]:
    """Read S(t), its standard error and the number at risk at given times.

    First case that applies:
      1. before the first time                          1, with standard error 0
      2. after the last time, with S not yet 0          NaN: not estimable (R carries the last value on)
      3. otherwise                                      the step of the last time up to t, t included

    At risk are those observed for t or longer: who leaves exactly at t still counts. ValueError where a
    time is missing.
    """
    asked = np.atleast_1d(np.asarray(times, float))
    if np.isnan(asked).any():
        raise ValueError("a time at which survival is asked for is missing")
    place = np.searchsorted(km.time, asked, side="right") - 1
    known = place >= 0
    at = np.maximum(place, 0)
    empty = not len(km.time)
    survival = np.where(known, 1.0 if empty else km.survival[at], 1.0)
    se = np.where(known, 0.0 if empty else km.se[at], 0.0)
    over = asked > (km.time[-1] if not empty else -1.0)
    lost = over & (empty or km.survival[-1] > 0)
    following = np.searchsorted(km.time, asked, side="left")
    at_risk = (
        np.where(following < len(km.time), km.at_risk[np.minimum(following, len(km.time) - 1)], 0)
        if not empty
        else np.zeros(len(asked), np.int64)
    )
    return np.where(lost, np.nan, survival), np.where(lost, np.nan, se), at_risk.astype(np.int64)


def survival_limits(
    survival: npt.ArrayLike,
    se: npt.ArrayLike,
    transform: Transform = LIMITS,
    level: float = LEVEL,
    truncate: bool = True,
) -> tuple[Floats, Floats]:
    """Give pointwise limits of S(t), on a scale.

    plain: S and z standard errors to each side; log: the same on log S; loglog: on log(-log S), within 0
    and 1 by itself. With `truncate`, limits below 0 and above 1 are cut. Where S is 1 (no event yet) both
    limits are 1; where S is 0 they are not estimable: NaN.

    Source: Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data, 2nd edition, section 1.4.
    """
    one_of(transform, Transform, "transformation")
    s, e, z = np.asarray(survival, float), np.asarray(se, float), two_sided(level)
    inside = (s > 0) & (s < 1)
    safe = np.where(inside, s, 0.5)
    if transform == "plain":
        low, high = s - z * e, s + z * e
    elif transform == "log":
        low, high = safe * np.exp(-z * e / safe), safe * np.exp(z * e / safe)
    else:
        spread = np.exp(z * e / (safe * np.abs(np.log(safe))))
        low, high = safe**spread, safe ** (1 / spread)
    low, high = (np.where(inside, v, np.where(s >= 1, 1.0, np.nan)) for v in (low, high))
    if truncate:
        low, high = np.maximum(low, 0.0), np.minimum(high, 1.0)
    return low, high


def quantile(km: KaplanMeier, p: float = 0.5, rule: Rule = RULE) -> float:
    """Give the time by which the proportion p has had the event; NaN where the curve does not get there.

    first: the first event time with S(t) at or below 1 - p. midpoint: where S(t) is 1 - p along a plateau,
    the middle between its two event times; NaN where no event ends the plateau, as in SAS (R goes to the
    middle of that event time and the last time of all).

    Source: Brookmeyer and Crowley, Biometrics 1982; 38: 29-41; SAS/STAT, PROC LIFETEST.
    """
    one_of(rule, Rule, "rule")
    _proportion(p)
    own = km.events > 0
    return _crossing(km.time[own], km.survival[own], 1 - p, rule)


def _crossing(times: Floats, curve: Floats, target: float, rule: Rule) -> float:
    reached = np.flatnonzero(curve <= target + CLOSE)
    if not len(reached):
        return math.nan
    at = int(reached[0])
    if rule == "first" or abs(curve[at] - target) > CLOSE:
        return float(times[at])
    return float((times[at] + times[at + 1]) / 2) if at + 1 < len(times) else math.nan


def _proportion(p: float) -> None:
    if not 0 < p < 1:
        raise ValueError(f"a quantile's proportion lies between 0 and 1, and {p} does not")


def quantile_limits(
    km: KaplanMeier,
    p: float = 0.5,
    method: QuantileLimits = QUANTILE_LIMITS,
    transform: Transform = LIMITS,
    level: float = LEVEL,
    epsilon: float = 0.05,
    rule: Rule = RULE,
) -> tuple[float, float]:
    """Give limits of a quantile; NaN is not estimable.

    brookmeyer_crowley: where the lower and the upper limit of S(t) cross 1 - p, by the rule of the estimate.
    spss_symmetric: the first time m and z standard errors to each side, with SE(m) = SE(S(m)) / f, f = (S(u)
    - S(l)) / (l - u), u the last event time with S at least 1 - p + epsilon, l the first with S at most 1 - p
    - epsilon; not truncated, and NaN where one of these times is missing or S(m) is 0.

    Source: Brookmeyer and Crowley, Biometrics 1982; 38: 29-41. Symmetric: IBM SPSS Statistics Algorithms, KM.
    """
    one_of(method, QuantileLimits, "method")
    one_of(rule, Rule, "rule")
    _proportion(p)
    own = km.events > 0
    times, curve, se = km.time[own], km.survival[own], km.se[own]
    if method == "spss_symmetric":
        return _symmetric(times, curve, se, p, level, epsilon)
    low, high = survival_limits(curve, se, transform, level)
    return _crossing(times, low, 1 - p, rule), _crossing(times, high, 1 - p, rule)


def _symmetric(
    times: Floats, curve: Floats, se: Floats, p: float, level: float, epsilon: float
) -> tuple[float, float]:
    if not 0 < epsilon < min(p, 1 - p):
        raise ValueError(f"epsilon lies between 0 and {min(p, 1 - p):g}, and {epsilon} does not")
    reached = np.flatnonzero(curve <= 1 - p + CLOSE)
    above = np.flatnonzero(curve >= 1 - p + epsilon - CLOSE)
    below = np.flatnonzero(curve <= 1 - p - epsilon + CLOSE)
    if not len(reached) or not len(above) or not len(below):
        return math.nan, math.nan
    at, u, low = reached[0], above[-1], below[0]
    if curve[at] <= 0:  # Greenwood's standard error is 0 there, which is no precision
        return math.nan, math.nan
    density = (curve[u] - curve[low]) / (times[low] - times[u])
    half = two_sided(level) * se[at] / density
    return float(times[at] - half), float(times[at] + half)
