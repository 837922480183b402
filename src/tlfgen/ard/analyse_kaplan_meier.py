"""kaplan_meier: times to an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from tlfgen.ard.analysis import AnalysedCell, Value, analysis, known
from tlfgen.data.registry import Column, Where
from tlfgen.stats.kaplan_meier import (
    QuantileLimits,
    Rule,
    Transform,
    kaplan_meier,
    quantile,
    quantile_limits,
    survival_at,
    survival_limits,
)

COUNTS = ("n", "events", "events_pct", "censored", "censored_pct")
QUANTILES = {"q1": 0.25, "median": 0.5, "q3": 0.75}
NOT_REACHED, NO_LIMIT = "the curve does not get there", "the limit is not reached"
NOT_FOLLOWED, ENDED = "not followed so long", "the curve has come to 0, and its variance with it"
SCALES = {"plain": "plain", "log": "log", "loglog": "log-log"}
MEDIANS = {
    "brookmeyer_crowley": "Brookmeyer-Crowley limits on the {scale} scale",
    "spss_symmetric": "symmetric limits of 1.96 standard errors as SPSS gives them",
}
RULES = {
    "first": "the first time at which the curve is at or below the level",
    "midpoint": "the first time at which the curve is below the level, or the middle of a plateau at it",
}


def named(time: float) -> str:
    """A time as part of a statistic's name: 6, and 3_5 for 3.5."""
    return f"{time:g}".replace(".", "_")


def _statistics(*, rates: tuple[float, ...], **_: object) -> tuple[str, ...]:
    quantiles = [f"{q}{side}" for q in QUANTILES for side in ("", "_low", "_high")]
    landmarks = [f"rate_{named(t)}{side}" for t in rates for side in ("", "_low", "_high")]
    landmarks += [f"at_risk_{named(t)}_n" for t in rates]
    return (*COUNTS, *quantiles, "min", "max", *landmarks)


def _notes(
    *,
    limits: Transform,
    quantile_rule: Rule,
    quantile_method: str = "",
    quantile_limits: QuantileLimits,
    rates: tuple[float, ...],
    round: int | None,
    reverse: bool,
    **_: object,
) -> Mapping[str, str]:
    found = {}
    base = "reverse Kaplan-Meier method" if reverse else "Kaplan-Meier method"
    rounded = (
        f" Times are rounded to {round} decimal{'' if round == 1 else 's'} before the analysis."
        if round is not None
        else ""
    )
    for q in QUANTILES:
        found[q] = f"Medians and quartiles by the {base}: {RULES[quantile_rule]}.{rounded}"
        around = MEDIANS[quantile_limits].format(scale=SCALES[limits])
        found |= dict.fromkeys((f"{q}_low", f"{q}_high"), f"95% limits of medians and quartiles: {around}.")
    for t in rates:
        found[f"rate_{named(t)}"] = f"Rates by the {base}."
        said = f"95% limits of rates: Greenwood's variance on the {SCALES[limits]} scale."
        found |= dict.fromkeys((f"rate_{named(t)}_low", f"rate_{named(t)}_high"), said)
    return found


def rounded_half_up(values: Any, decimals: int | None) -> Any:
    """Times at so many decimals, halves up; as they are without."""
    return values if decimals is None else np.floor(values * 10**decimals + 0.5 + 1e-9) / 10**decimals


@analysis(_statistics, _notes)
def analyse_kaplan_meier(
    cell: AnalysedCell,
    *,
    time: Column = "AVAL",
    event: Where = "CNSR = 0",  # type: ignore[assignment]
    limits: Transform = "loglog",
    quantile_rule: Rule = "midpoint",
    quantile_limits: QuantileLimits = "brookmeyer_crowley",
    rates: tuple[float, ...] = (),
    round: int | None = None,
    reverse: bool = False,
    level: float = 0.95,
) -> Mapping[str, Value]:
    """Estimate survival by the product limit from the records of a cell, one a subject.

    time: with a null the record is left out. event: which records are events; the others are censored.
    limits: the scale of the limits of S(t). quantile_rule, quantile_limits: of median and quartiles. rates:
    times at which S(t) is given, as a percentage. round: decimals of the times before the analysis. reverse:
    events and censoring exchanged (follow-up).
    """
    at = cell.numbers(time)
    kept = np.isfinite(at)
    happened = cell.where(event).to_numpy()[kept].astype(int)  # type: ignore[arg-type]
    at = rounded_half_up(at[kept], round)
    km = kaplan_meier(at, 1 - happened if reverse else happened)
    n, events = len(at), int((1 - happened if reverse else happened).sum())
    share = [Value(k / n, None, n) if n else Value(None, "no subject", n) for k in (events, n - events)]
    found = {
        "n": Value(n),
        "events": Value(events, None, n),
        "events_pct": share[0],
        "censored": Value(n - events, None, n),
        "censored_pct": share[1],
        "min": known(at.min() if n else np.nan, "no subject"),
        "max": known(at.max() if n else np.nan, "no subject"),
    }
    for name, p in QUANTILES.items():
        low, high = _limits(km, p, quantile_limits, limits, level, quantile_rule)
        found[name] = known(quantile(km, p, quantile_rule), NOT_REACHED)
        found |= {f"{name}_low": known(low, NO_LIMIT), f"{name}_high": known(high, NO_LIMIT)}
    if rates:
        survival, se, at_risk = survival_at(km, rates)
        lows, highs = survival_limits(survival, se, limits, level)
        for i, t in enumerate(rates):
            without = ENDED if survival[i] == 0 else NOT_FOLLOWED
            found |= {
                f"rate_{named(t)}": known(survival[i], NOT_FOLLOWED),
                f"at_risk_{named(t)}_n": Value(float(at_risk[i])),
                f"rate_{named(t)}_low": known(lows[i], without),
                f"rate_{named(t)}_high": known(highs[i], without),
            }
    return found


def _limits(
    km: Any,
    p: float,
    method: QuantileLimits,
    scale: Transform,
    level: float,
    rule: Literal["first", "midpoint"],
) -> tuple[float, float]:
    return quantile_limits(km, p, method, scale, level, rule=rule)
