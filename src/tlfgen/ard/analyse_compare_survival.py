"""compare_survival: two groups' times to an event against each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tlfgen.ard.analyse_kaplan_meier import of_rounded, rounded_half_up
from tlfgen.ard.analysis import AnalysedCell, Decimals, Level, Value, analysis, known
from tlfgen.data.registry import Column, Where
from tlfgen.stats.cox import cox
from tlfgen.stats.hazard_ratio import (
    hazard_ratio_log_rank,
    hazard_ratio_mantel_haenszel,
    rate_ratio,
    ratio_of_medians,
)
from tlfgen.stats.kaplan_meier import kaplan_meier
from tlfgen.stats.log_rank import log_rank, log_rank_permutation

RATIOS = ("hr", "hr_breslow", "hr_oe", "hr_mh")
P_VALUES = ("p_log_rank", "p_permutation", "p_gehan", "p_wald", "p_likelihood_ratio", "p_score")
STATISTICS = (
    "n",
    "events",
    *P_VALUES,
    *(f"{r}{side}" for r in RATIOS for side in ("", "_low", "_high")),
    "ratio_of_medians",
    "rate_ratio",
)
NO_TEST = "no test with these events"
TESTS = {
    "p_log_rank": "Log-rank P: unstratified log-rank test, asymptotic, two-sided",
    "p_permutation": "Permutation P: log-rank scores over every arrangement of the two groups (100,000 at "
    "random where there are more), two-sided",
    "p_gehan": "Gehan P: Gehan-Breslow-Wilcoxon test, two-sided",
    "p_wald": "Wald P of Cox's model with Efron's treatment of ties",
    "p_likelihood_ratio": "Likelihood ratio P of Cox's model with Efron's treatment of ties",
    "p_score": "Score P of Cox's model with Efron's treatment of ties",
}
HAZARDS = {
    "hr": "Cox's model with Efron's treatment of ties",
    "hr_breslow": "Cox's model with Breslow's treatment of ties",
    "hr_oe": "ratio of observed to expected events of the log-rank test",
    "hr_mh": "Mantel and Haenszel's exp((O - E) / V) of the log-rank test",
}
VARIANCES = {
    "hr_oe": "limits by the variance 1 / E + 1 / E of its logarithm",
    "hr_mh": "limits by the variance 1 / V of its logarithm",
}


def _statistics(*, each: str, against: str, **_: object) -> tuple[str, ...]:
    if each == against:
        raise ValueError(f"compares '{each}' with itself")
    return STATISTICS


def _notes(*, each: str, against: str, round: int | None, level: float, **_: object) -> Mapping[str, str]:
    rounded = of_rounded(round)
    found = {name: f"{words}{rounded}." for name, words in TESTS.items()}
    for name, words in HAZARDS.items():
        limits = f"{100 * level:g}% {VARIANCES.get(name, 'Wald limits')}"
        found[name] = f"Hazard ratio, {each} over {against}: {words}, with {limits}{rounded}."
    found["ratio_of_medians"] = f"Ratio of the medians, {against} over {each}{rounded}: no hazard ratio."
    of_rates = f"Ratio of events per person-time, {each} over {against}{rounded}"
    return found | {"rate_ratio": f"{of_rates}: a hazard ratio only where hazards are constant."}


@analysis(_statistics, _notes)
def analyse_compare_survival(
    cell: AnalysedCell,
    *,
    group: Column,
    each: str,
    against: str,
    time: Column = "AVAL",
    event: Where = "CNSR = 0",  # type: ignore[assignment]
    round: Decimals | None = None,
    level: Level = 0.95,
) -> Mapping[str, Value]:
    """Compare the survival of two groups; the records of other groups are left out.

    group: the variable; each, against: its two values. A ratio is of the hazard of `each` over that of
    `against`. ratio_of_medians (of `against` over `each`, by the middle of a plateau) and rate_ratio are no
    hazard ratios. round: decimals of the times before the analysis. A SpecError where a subject has two
    records.
    """
    assert event is not None
    at, belongs = cell.numbers(time), cell.texts(group)
    kept = np.isfinite(at) & belongs.is_in([each, against]).fill_null(False).to_numpy()
    cell.one_each(kept)
    first = (belongs == each).fill_null(False).to_numpy()[kept].astype(int)
    happened = cell.where(event).to_numpy()[kept].astype(int)
    at = rounded_half_up(at[kept], round)
    found: dict[str, Value] = {"n": Value(len(at)), "events": Value(int(happened.sum()), None, len(at))}
    if len(np.unique(first)) < 2:
        missing = f"no subject of {each if not first.any() else against}"
        return found | {s: Value(None, missing) for s in STATISTICS[2:]}
    return found | _tests(at, happened, first) | _ratios(at, happened, first, level)


def _tests(at: Any, happened: Any, first: Any) -> dict[str, Value]:
    return {
        "p_log_rank": known(log_rank(at, happened, first).p_value, NO_TEST),
        "p_permutation": known(log_rank_permutation(at, happened, first).p_value, NO_TEST),
        "p_gehan": known(log_rank(at, happened, first, weight="gehan").p_value, NO_TEST),
    }


def _ratios(at: Any, happened: Any, first: Any, level: float) -> dict[str, Value]:
    test = log_rank(at, happened, first)
    efron = cox(at, happened, first, "efron", level=level)
    breslow = cox(at, happened, first, "breslow", level=level)
    found = {
        "p_wald": known(efron.wald_p[0], efron.reason),
        "p_likelihood_ratio": known(efron.likelihood_ratio_p, efron.reason),
        "p_score": known(efron.score_p, efron.reason or NO_TEST),
    }
    for name, model in (("hr", efron), ("hr_breslow", breslow)):
        for side, values in (("", model.hazard_ratio), ("_low", model.low), ("_high", model.high)):
            found[name + side] = known(values[0], model.reason)
    simple = {"hr_oe": hazard_ratio_log_rank(test, level), "hr_mh": hazard_ratio_mantel_haenszel(test, level)}
    for name, ratio in simple.items():
        for side, value in (("", ratio.hazard_ratio), ("_low", ratio.low), ("_high", ratio.high)):
            found[name + side] = known(value, NO_TEST)
    curves = [kaplan_meier(at[first == k], happened[first == k]) for k in (1, 0)]
    medians = ratio_of_medians(curves[0], curves[1], "midpoint")
    found["ratio_of_medians"] = known(medians, "a median is not reached")
    found["rate_ratio"] = known(rate_ratio(at, happened, first), "a group without events")
    return found
