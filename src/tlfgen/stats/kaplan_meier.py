"""The Kaplan-Meier estimate, its limits, its quantiles and their limits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tlfgen.stats import method

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Transform = Literal["plain", "log", "loglog"]
Rule = Literal["first", "midpoint"]
QuantileLimits = Literal["brookmeyer_crowley", "spss_symmetric"]
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


def times_and_events(time: npt.ArrayLike, event: npt.ArrayLike) -> tuple[Floats, Whole]:
    """Arrays of times and of 0/1 events; a ValueError for what is no such thing."""
    t, e = np.asarray(time, float), np.asarray(event)
    if t.ndim != 1 or t.shape != e.shape:
        raise ValueError("times and events are two lists of one length")
    if not np.isfinite(t).all() or (t < 0).any():
        raise ValueError("a time is missing, infinite or negative")
    if not np.isin(e, (0, 1)).all():
        raise ValueError("an event is 1, its absence 0")
    return t, e.astype(np.int64)


@method("kaplan_meier", "Kaplan-Meier method, Greenwood's variance", "survival")
def kaplan_meier(time: npt.ArrayLike, event: npt.ArrayLike) -> KaplanMeier:
    """Estimate survival by the product limit.

    S(t) is the product over event times up to t of 1 - events / at risk. A subject censored at an event time
    is still at risk then. Variance by Greenwood: S(t)^2 times the sum of events / (at risk (at risk -
    events)); 0 where S(t) is 0.

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
    found: Whole = 1 - np.asarray(event).astype(np.int64)
    return found


def survival_at(km: KaplanMeier, times: npt.ArrayLike) -> tuple[Floats, Floats, Whole]:
    """S(t), its standard error and the number at risk (observed for t or longer) at given times.

    Behind the last time the curve stays at 0 if it got there; else it is not known, NaN.
    """
    asked = np.atleast_1d(np.asarray(times, float))
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


def _z(level: float) -> float:
    from scipy.special import ndtri

    if not 0 < level < 1:
        raise ValueError(f"the level {level} does not lie between 0 and 1")
    return float(ndtri((1 + level) / 2))


def survival_limits(
    survival: npt.ArrayLike,
    se: npt.ArrayLike,
    transform: Transform = "loglog",
    level: float = 0.95,
    truncate: bool = True,
) -> tuple[Floats, Floats]:
    """Pointwise limits of S(t) on a scale.

    plain: S and z standard errors to each side, cut at 0 and 1 with `truncate`; log: on log S, cut at 1;
    loglog: on log(-log S), within 0 and 1 by itself. Where S is 1 without an event yet, both limits are 1;
    where S is 0 they are not known: NaN.

    Source: Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data, 2nd edition, section 1.4.
    """
    s, e, z = np.asarray(survival, float), np.asarray(se, float), _z(level)
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


def quantile(km: KaplanMeier, p: float = 0.5, rule: Rule = "first") -> float:
    """The time by which the proportion p has had the event; NaN where the curve does not get there.

    first: the first time with S(t) at or below 1 - p. midpoint: where S(t) is 1 - p along a plateau, the
    middle of the plateau, as SAS, R and Prism give it; NaN where the plateau is the curve's last.

    Source: Brookmeyer and Crowley, Biometrics 1982; 38: 29-41; SAS/STAT, PROC LIFETEST.
    """
    own = km.events > 0
    return _crossing(km.time[own], km.survival[own], 1 - p, rule)


def _crossing(times: Floats, curve: Floats, target: float, rule: Rule) -> float:
    reached = np.flatnonzero(curve <= target + CLOSE)
    if not len(reached):
        return math.nan
    at = int(reached[0])
    flat = rule == "midpoint" and abs(curve[at] - target) <= CLOSE and at + 1 < len(times)
    return float((times[at] + times[at + 1]) / 2) if flat else float(times[at])


def quantile_limits(
    km: KaplanMeier,
    p: float = 0.5,
    method: QuantileLimits = "brookmeyer_crowley",
    transform: Transform = "loglog",
    level: float = 0.95,
    epsilon: float = 0.05,
    rule: Rule = "first",
) -> tuple[float, float]:
    """Limits of a quantile; NaN is not estimable.

    brookmeyer_crowley: where the lower and the upper limit of S(t) cross 1 - p, by the rule of the estimate.
    spss_symmetric: the first time m and z standard errors to each side, with SE(m) = SE(S(m)) / f, f = (S(u)
    - S(l)) / (l - u), u the last event time with S at least 1 - p + epsilon, l the first with S at most 1 - p
    - epsilon; not truncated.

    Source: Brookmeyer and Crowley, Biometrics 1982; 38: 29-41. Symmetric: IBM SPSS Statistics Algorithms, KM.
    """
    own = km.events > 0
    times, curve, se = km.time[own], km.survival[own], km.se[own]
    if method == "spss_symmetric":
        return _symmetric(times, curve, se, p, level, epsilon)
    low, high = survival_limits(curve, se, transform, level)
    return _crossing(times, low, 1 - p, rule), _crossing(times, high, 1 - p, rule)


def _symmetric(
    times: Floats, curve: Floats, se: Floats, p: float, level: float, epsilon: float
) -> tuple[float, float]:
    reached = np.flatnonzero(curve <= 1 - p + CLOSE)
    above = np.flatnonzero(curve >= 1 - p + epsilon - CLOSE)
    below = np.flatnonzero(curve <= 1 - p - epsilon + CLOSE)
    if not len(reached) or not len(above) or not len(below):
        return math.nan, math.nan
    at, u, low = reached[0], above[-1], below[0]
    density = (curve[u] - curve[low]) / (times[low] - times[u])
    half = _z(level) * se[at] / density
    return float(times[at] - half), float(times[at] + half)
