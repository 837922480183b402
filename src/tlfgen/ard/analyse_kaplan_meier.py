"""kaplan_meier: times to an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field

from tlfgen.ard.analysis import AnalysedCell, Decimals, Level, Value, analysis, known
from tlfgen.ard.table import both
from tlfgen.data.registry import Column, Where
from tlfgen.spec.form import as_list
from tlfgen.stats.arguments import two_sided
from tlfgen.stats.kaplan_meier import (
    QuantileLimits,
    Rule,
    Transform,
    kaplan_meier,
    quantile,
    survival_at,
    survival_limits,
)
from tlfgen.stats.kaplan_meier import quantile_limits as limits_of

Times = Annotated[tuple[Annotated[float, Field(gt=0)], ...], BeforeValidator(as_list)]
COUNTS = ("n", "events", "events_pct", "censored", "censored_pct")
QUANTILES = {"q1": 0.25, "median": 0.5, "q3": 0.75}
NOT_REACHED, NO_LIMIT = "the curve does not get there", "the limit is not reached"
NOT_FOLLOWED, ENDED = "not followed so long", "the curve has come to 0, and its variance with it"
SCALES = {"plain": "plain", "log": "log", "loglog": "log-log"}
MEDIANS = {
    "brookmeyer_crowley": "Brookmeyer-Crowley limits on the {scale} scale",
    "spss_symmetric": "symmetric limits of {z:.2f} standard errors as SPSS gives them",
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
    quantile_limits: QuantileLimits,
    rates: tuple[float, ...],
    round: int | None,
    reverse: bool,
    level: float,
    **_: object,
) -> Mapping[str, str]:
    base = f"{'reverse ' if reverse else ''}Kaplan-Meier method{of_rounded(round)}"
    found: dict[str, str] = {}
    around = MEDIANS[quantile_limits].format(scale=SCALES[limits], z=two_sided(level))
    for q in QUANTILES:
        found[q] = f"Medians and quartiles by the {base}: {RULES[quantile_rule]}."
        said = f"{100 * level:g}% limits of medians and quartiles: {around}."
        found |= dict.fromkeys((f"{q}_low", f"{q}_high"), said)
    for t in rates:
        found[f"rate_{named(t)}"] = f"Rates by the {base}."
        said = f"{100 * level:g}% limits of rates: Greenwood's variance on the {SCALES[limits]} scale."
        found |= dict.fromkeys((f"rate_{named(t)}_low", f"rate_{named(t)}_high"), said)
    return found


def of_rounded(decimals: int | None) -> str:
    """What a footnote adds where times are rounded before the analysis."""
    return "" if decimals is None else f", of times rounded to {decimals} decimal{'s' * (decimals != 1)}"


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
    rates: Times = (),
    round: Decimals | None = None,
    reverse: bool = False,
    level: Level = 0.95,
) -> Mapping[str, Value]:
    """Estimate survival by the product limit from the records of a cell, one a subject.

    time: with a null the record is left out. event: which records are events; the others are censored.
    limits: the scale of the limits of S(t). quantile_rule, quantile_limits: of median and quartiles. rates:
    times at which S(t) is given, as a percentage. round: decimals of the times before the analysis. reverse:
    events and censoring exchanged (follow-up). A SpecError where a subject has two records.
    """
    assert event is not None
    at = cell.numbers(time)
    kept = np.isfinite(at)
    cell.one_each(kept)
    happened = cell.where(event).to_numpy()[kept].astype(int)
    at = rounded_half_up(at[kept], round)
    km = kaplan_meier(at, 1 - happened if reverse else happened)
    n, events = len(at), int((1 - happened if reverse else happened).sum())
    all_of, met = f"{time} IS NOT NULL", both(f"{time} IS NOT NULL", event.text)
    found = {"n": Value(n, where=all_of)}
    for name, k, where in zip(
        ("events", "censored"), (events, n - events), (all_of, met) if reverse else (met, all_of), strict=True
    ):
        found[name] = Value(k, None, n, where)
        found[f"{name}_pct"] = Value(k / n if n else None, None if n else "no subject", n, where)
    found |= {
        "min": known(at.min() if n else np.nan, "no subject"),
        "max": known(at.max() if n else np.nan, "no subject"),
    }
    for name, p in QUANTILES.items():
        low, high = limits_of(km, p, quantile_limits, limits, level, rule=quantile_rule)
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
