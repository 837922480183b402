"""compare_survival: two groups' times to an event against each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from tlfgen.ard.analyse_kaplan_meier import rounded_half_up
from tlfgen.ard.analysis import AnalysedCell, Value, analysis, known
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
WORDS = {
    "p_log_rank": "Log-rank P: unstratified log-rank test, asymptotic, two-sided.",
    "p_permutation": "Permutation P: log-rank scores over every arrangement of the two groups, two-sided.",
    "p_gehan": "Gehan P: Gehan-Breslow-Wilcoxon test, two-sided.",
    "p_wald": "Wald P of Cox's model.",
    "p_likelihood_ratio": "Likelihood ratio P of Cox's model.",
    "p_score": "Score P of Cox's model.",
    "hr": "Hazard ratio: Cox's model with Efron's treatment of ties and Wald limits.",
    "hr_breslow": "Hazard ratio: Cox's model with Breslow's treatment of ties.",
    "hr_oe": "Hazard ratio O/E: ratio of observed to expected events of the log-rank test.",
    "hr_mh": "Hazard ratio by Mantel and Haenszel: exp((O - E) / V) of the log-rank test.",
    "ratio_of_medians": "The ratio of the medians is no hazard ratio.",
    "rate_ratio": "The ratio of events per person-time is a hazard ratio only where hazards are constant.",
}


@analysis(lambda **_: STATISTICS, lambda **_: WORDS)
def analyse_compare_survival(
    cell: AnalysedCell,
    *,
    group: Column,
    each: str,
    against: str,
    time: Column = "AVAL",
    event: Where = "CNSR = 0",  # type: ignore[assignment]
    round: int | None = None,
    level: float = 0.95,
) -> Mapping[str, Value]:
    """Compare the survival of two groups; the records of other groups are left out.

    group: the variable; each, against: its two values. A ratio is of the hazard of `each` over that of
    `against`. ratio_of_medians (of `against` over `each`, by the middle of a plateau) and rate_ratio are no
    hazard ratios. round: decimals of the times before the analysis.
    """
    at, belongs = cell.numbers(time), cell.column(group).cast(pl.String)
    kept = np.isfinite(at) & belongs.is_in([each, against]).fill_null(False).to_numpy()
    first = (belongs == each).fill_null(False).to_numpy()[kept].astype(int)
    happened = cell.where(event).to_numpy()[kept].astype(int)  # type: ignore[arg-type]
    at = rounded_half_up(at[kept], round)
    found: dict[str, Value] = {"n": Value(len(at)), "events": Value(int(happened.sum()), None, len(at))}
    if len(np.unique(first)) < 2:
        missing = f"no subject of {each if not first.any() else against}"
        return found | {s: Value(None, missing) for s in STATISTICS[2:]}
    return found | _tests(at, happened, first, level) | _ratios(at, happened, first, level)


def _tests(at: Any, happened: Any, first: Any, level: float) -> dict[str, Value]:
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
