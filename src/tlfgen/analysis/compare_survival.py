"""The comparisons of two groups' times to an event.

Ratios are of the hazard of `each` over that of `against`. Without an event, or without a subject of one
group, nothing is estimable.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import numpy as np
from pydantic import BeforeValidator

from tlfgen.analysis.comparisons import comparison
from tlfgen.analysis.forms import P_VALUE, SIDES, Declared, of_pair
from tlfgen.analysis.registry import Level, Value, known
from tlfgen.analysis.survival import NO_TEST, Pair
from tlfgen.engine.registry import Column
from tlfgen.spec.form import as_list
from tlfgen.spec.survival import LEVEL, TIES, Ties
from tlfgen.stats.cox import cox
from tlfgen.stats.hazard_ratio import (
    HazardRatio,
    hazard_ratio_log_rank,
    hazard_ratio_mantel_haenszel,
    rate_ratio,
    ratio_of_medians,
)
from tlfgen.stats.kaplan_meier import KaplanMeier, kaplan_meier, quantile
from tlfgen.stats.log_rank import Weight, log_rank, log_rank_permutation

Strata = Annotated[tuple[Column, ...], BeforeValidator(as_list)]
RATIO = of_pair("ratio", "ratio")
COUNTS = {  # of a stratified comparison
    "_strata": Declared("count", "strata"),
    "_silent_strata": Declared("count", "strata that tell nothing"),
}
CHI_SQUARE = Declared("number", "chi-square")
OF_COX = {"_p": "Wald", "_p_likelihood_ratio": "likelihood ratio", "_p_score": "score"}


def _names(strata: tuple[str, ...]) -> str:
    return ", ".join(s.removeprefix("ADSL.") for s in strata)


def _nothing(pair: Pair, endings: tuple[str, ...] | Mapping[str, Declared]) -> dict[str, Value]:
    return dict.fromkeys(endings, Value(None, pair.reason))


def _note_log_rank(*, rounded: str, strata: tuple[str, ...], **_: object) -> str:
    kind = f"log-rank test stratified by {_names(strata)}" if strata else "unstratified log-rank test"
    return f"Log-rank P: {kind}, asymptotic, two-sided{rounded}"


@comparison("survival", {"": P_VALUE, "_chi_square": CHI_SQUARE, **COUNTS}, _note_log_rank, "log-rank")
def compare_log_rank(pair: Pair, *, strata: Strata = ()) -> Mapping[str, Value]:
    """Compare two curves by the log-rank test: P, and chi-square with one degree of freedom.

    strata: variables within whose levels the events are expected.
    """
    return _log_rank(pair, "log_rank")


def _note_gehan(*, rounded: str, strata: tuple[str, ...], **_: object) -> str:
    within = f" stratified by {_names(strata)}" if strata else ""
    return f"Gehan P: Gehan-Breslow-Wilcoxon test{within}, two-sided{rounded}"


@comparison("survival", {"": P_VALUE, "_chi_square": CHI_SQUARE, **COUNTS}, _note_gehan, "Gehan")
def compare_gehan(pair: Pair, *, strata: Strata = ()) -> Mapping[str, Value]:
    """Compare two curves by Gehan's test, early events weighing more: P and chi-square.

    strata: variables within whose levels the events are expected.
    """
    return _log_rank(pair, "gehan")


def _log_rank(pair: Pair, weight: Weight) -> Mapping[str, Value]:
    if pair.reason:
        return _nothing(pair, ("", "_chi_square"))
    test = log_rank(pair.time, pair.event, pair.first, pair.strata, weight)
    chi_square = replace(known(test.chi_square, NO_TEST), decimals=3)
    return {"": known(test.p_value, NO_TEST), "_chi_square": chi_square}


def _note_permutation(*, rounded: str, **_: object) -> str:
    return (
        "Permutation P: log-rank scores over every arrangement of the two groups (100,000 at random where "
        f"there are more), two-sided{rounded}"
    )


@comparison("survival", {"": P_VALUE}, _note_permutation, "exact")
def compare_log_rank_permutation(pair: Pair) -> Mapping[str, Value]:
    """Compare two curves by the log-rank scores of every arrangement of the groups: P.

    It has no value where the log-rank test has none.
    """
    if pair.reason:
        return _nothing(pair, ("",))
    given = (pair.time, pair.event, pair.first)
    none = math.isnan(log_rank(*given).p_value)
    return {"": known(math.nan if none else log_rank_permutation(*given).p_value, NO_TEST)}


def _note_cox(
    *, each: str, against: str, rounded: str, ends: Sequence[str], ties: Ties, strata: tuple[str, ...],
    level: float,
) -> str:  # fmt: skip
    within = f", stratified by {_names(strata)}" if strata else ""
    model = f"Cox's model with {ties.capitalize()}'s treatment of ties{within}"
    tests = [name for end, name in OF_COX.items() if end in ends]
    p = f"{' and '.join(tests)} P"
    if not set(SIDES) & set(ends):
        return f"{p} of {model}{rounded}"
    more = f"; {p} of the same model" if tests else ""
    return f"Hazard ratio, {each} over {against}: {model}, with {100 * level:g}% Wald limits{rounded}{more}"


@comparison("survival", {**RATIO, **dict.fromkeys(OF_COX, P_VALUE), **COUNTS}, _note_cox, "hazard ratio")
def compare_cox(
    pair: Pair, *, ties: Ties = TIES, strata: Strata = (), level: Level = LEVEL
) -> Mapping[str, Value]:
    """Estimate the hazard ratio by Cox's model, with Wald limits; _p is Wald's P.

    ties: efron or breslow. strata: variables whose levels have a baseline hazard each.
    """
    if pair.reason:
        return _nothing(pair, (*SIDES, *OF_COX))
    model = cox(pair.time, pair.event, pair.first.astype(float), ties, pair.strata, level)
    why = model.reason or "beyond what a number can hold"
    values = (model.hazard_ratio[0], model.low[0], model.high[0])
    return {side: known(v, why) for side, v in zip(SIDES, values, strict=True)} | {
        "_p": known(model.wald_p[0], model.reason),
        "_p_likelihood_ratio": known(model.likelihood_ratio_p, model.reason),
        "_p_score": known(model.score_p, model.reason),
    }


def _note_oe(*, each: str, against: str, rounded: str, level: float, **_: object) -> str:
    return (
        f"Hazard ratio, {each} over {against}: ratio of observed to expected events of the log-rank test, "
        f"with {100 * level:g}% limits by the variance 1 / E + 1 / E of its logarithm{rounded}"
    )


@comparison("survival", RATIO, _note_oe, "hazard ratio")
def compare_hazard_ratio_log_rank(pair: Pair, *, level: Level = LEVEL) -> Mapping[str, Value]:
    """Estimate the hazard ratio by the observed over the expected events of the log-rank test."""
    if pair.reason:
        return _nothing(pair, SIDES)
    ratio = hazard_ratio_log_rank(log_rank(pair.time, pair.event, pair.first), level)
    return _sides(ratio, pair.without_event or NO_TEST)


def _note_mh(*, each: str, against: str, rounded: str, level: float, **_: object) -> str:
    return (
        f"Hazard ratio, {each} over {against}: Mantel and Haenszel's exp((O - E) / V) of the log-rank test, "
        f"with {100 * level:g}% limits by the variance 1 / V of its logarithm{rounded}"
    )


@comparison("survival", RATIO, _note_mh, "hazard ratio")
def compare_hazard_ratio_mantel_haenszel(pair: Pair, *, level: Level = LEVEL) -> Mapping[str, Value]:
    """Estimate the hazard ratio by exp((O - E) / V) of the log-rank test."""
    if pair.reason:
        return _nothing(pair, SIDES)
    ratio = hazard_ratio_mantel_haenszel(log_rank(pair.time, pair.event, pair.first), level)
    return _sides(ratio, NO_TEST)


def _sides(ratio: HazardRatio, why: str) -> Mapping[str, Value]:
    values = (ratio.hazard_ratio, ratio.low, ratio.high)
    return {side: known(v, why) for side, v in zip(SIDES, values, strict=True)}


def _note_medians(*, each: str, against: str, rounded: str, **_: object) -> str:
    return (
        f"Ratio of the medians, {against} over {each}, by the middle of a plateau{rounded}: no hazard ratio"
    )


@comparison("survival", {"": RATIO[""]}, _note_medians, "ratio of medians")
def compare_ratio_of_medians(pair: Pair) -> Mapping[str, Value]:
    """Divide the median of `against` by that of `each`: no hazard ratio."""
    if pair.reason:
        return _nothing(pair, ("",))
    curves = [kaplan_meier(pair.time[pair.first == k], pair.event[pair.first == k]) for k in (1, 0)]
    why = next(_no_median(pair, curves), f"the median of {pair.each} is 0")
    return {"": known(ratio_of_medians(curves[0], curves[1]), why)}


def _no_median(pair: Pair, curves: list[KaplanMeier]) -> Iterator[str]:
    for name, curve in zip((pair.each, pair.against), curves, strict=True):
        if math.isnan(quantile(curve)):
            yield f"the median of {name} is not reached"


def _note_rates(*, each: str, against: str, rounded: str, **_: object) -> str:
    return (
        f"Ratio of events per person-time, {each} over {against}{rounded}: a hazard ratio only where hazards "
        "are constant"
    )


@comparison("survival", {"": RATIO[""]}, _note_rates, "rate ratio")
def compare_rate_ratio(pair: Pair) -> Mapping[str, Value]:
    """Divide the events per person-time of `each` by those of `against`: no hazard ratio."""
    if pair.reason:
        return _nothing(pair, ("",))
    none = not pair.event[pair.first == 0].any()
    why = f"no event of {pair.against}" if none else "a group was followed for no time"
    with np.errstate(divide="ignore"):
        return {"": known(rate_ratio(pair.time, pair.event, pair.first), why)}
