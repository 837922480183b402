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
from tlfgen.analysis.registry import Level, Value, known, percent_of_level
from tlfgen.analysis.survival import NO_TEST, Estimation, Pair, curve_of
from tlfgen.engine.registry import Column
from tlfgen.spec.form import as_list
from tlfgen.spec.survival import LEVEL, TIES, Ties
from tlfgen.spec.words import Sentence, sentence
from tlfgen.stats.cox import cox
from tlfgen.stats.hazard_ratio import (
    HazardRatio,
    hazard_ratio_log_rank,
    hazard_ratio_mantel_haenszel,
    rate_ratio,
    ratio_of_medians,
)
from tlfgen.stats.kaplan_meier import KaplanMeier
from tlfgen.stats.log_rank import Weight, log_rank, log_rank_permutation

Rounded = Sentence | str
Strata = Annotated[tuple[Column, ...], BeforeValidator(as_list)]
RATIO = of_pair("ratio", "ratio")
COUNTS = {  # of a stratified comparison
    "_strata": Declared("count", "strata"),
    "_silent_strata": Declared("count", "strata that tell nothing"),
}
CHI_SQUARE = Declared("number", "chi-square")
OF_COX = ("_p", "_p_likelihood_ratio", "_p_score")


def _stratified(key: str, strata: tuple[str, ...], rounded: Rounded) -> Sentence:
    if not strata:
        return sentence(key, rounded=rounded)
    return sentence(f"{key}_stratified", strata=_names(strata), rounded=rounded)


def _names(strata: tuple[str, ...]) -> str:
    return ", ".join(s.removeprefix("ADSL.") for s in strata)


def _nothing(pair: Pair, endings: tuple[str, ...] | Mapping[str, Declared]) -> dict[str, Value]:
    return dict.fromkeys(endings, Value(None, pair.reason))


def _note_log_rank(*, rounded: Rounded, strata: tuple[str, ...], **_: object) -> Sentence:
    return _stratified("log_rank", strata, rounded)


@comparison("survival", {"": P_VALUE, "_chi_square": CHI_SQUARE, **COUNTS}, _note_log_rank)
def compare_log_rank(pair: Pair, *, strata: Strata = ()) -> Mapping[str, Value]:
    """Compare two curves by the log-rank test: P, and chi-square with one degree of freedom.

    strata: variables within whose levels the events are expected.
    """
    return _log_rank(pair, "log_rank")


def _note_gehan(*, rounded: Rounded, strata: tuple[str, ...], **_: object) -> Sentence:
    return _stratified("gehan", strata, rounded)


@comparison("survival", {"": P_VALUE, "_chi_square": CHI_SQUARE, **COUNTS}, _note_gehan)
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


def _note_permutation(*, rounded: Rounded, **_: object) -> Sentence:
    return sentence("log_rank_permutation", rounded=rounded)


@comparison("survival", {"": P_VALUE}, _note_permutation)
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
    *, each: object, against: str, rounded: Rounded, ends: Sequence[str], ties: Ties,
    strata: tuple[str, ...], level: float,
) -> Sentence:  # fmt: skip
    model = sentence(f"cox_{ties}")
    if strata:
        model = sentence("cox_stratified", model=model, strata=_names(strata))
    tests = tuple(sentence(f"test{end}") for end in OF_COX if end in ends)
    if not set(SIDES) & set(ends):
        return sentence("cox_p", tests=tests, model=model, rounded=rounded)
    return sentence(
        "cox_ratio_and_p" if tests else "cox_ratio",
        each=each, against=against, model=model, level=percent_of_level(level), rounded=rounded, tests=tests,
    )  # fmt: skip


@comparison("survival", {**RATIO, **dict.fromkeys(OF_COX, P_VALUE), **COUNTS}, _note_cox)
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


def _note_oe(*, each: object, against: str, rounded: Rounded, level: float, **_: object) -> Sentence:
    said = {"each": each, "against": against, "rounded": rounded, "level": percent_of_level(level)}
    return sentence("hazard_ratio_log_rank", **said)


@comparison("survival", RATIO, _note_oe)
def compare_hazard_ratio_log_rank(pair: Pair, *, level: Level = LEVEL) -> Mapping[str, Value]:
    """Estimate the hazard ratio by the observed over the expected events of the log-rank test."""
    if pair.reason:
        return _nothing(pair, SIDES)
    ratio = hazard_ratio_log_rank(log_rank(pair.time, pair.event, pair.first), level)
    return _sides(ratio, pair.without_event or NO_TEST)


def _note_mh(*, each: object, against: str, rounded: Rounded, level: float, **_: object) -> Sentence:
    said = {"each": each, "against": against, "rounded": rounded, "level": percent_of_level(level)}
    return sentence("hazard_ratio_mantel_haenszel", **said)


@comparison("survival", RATIO, _note_mh)
def compare_hazard_ratio_mantel_haenszel(pair: Pair, *, level: Level = LEVEL) -> Mapping[str, Value]:
    """Estimate the hazard ratio by exp((O - E) / V) of the log-rank test."""
    if pair.reason:
        return _nothing(pair, SIDES)
    ratio = hazard_ratio_mantel_haenszel(log_rank(pair.time, pair.event, pair.first), level)
    return _sides(ratio, NO_TEST)


def _sides(ratio: HazardRatio, why: str) -> Mapping[str, Value]:
    values = (ratio.hazard_ratio, ratio.low, ratio.high)
    return {side: known(v, why) for side, v in zip(SIDES, values, strict=True)}


def _note_medians(*, each: object, against: str, rounded: Rounded, **_: object) -> Sentence:
    return sentence("ratio_of_medians", each=each, against=against, rounded=rounded)


@comparison("survival", {"": RATIO[""]}, _note_medians)
def compare_ratio_of_medians(pair: Pair) -> Mapping[str, Value]:
    """Divide the median of `against` by that of `each`: no hazard ratio."""
    if pair.reason:
        return _nothing(pair, ("",))
    curves = [curve_of(pair.time[pair.first == k], pair.event[pair.first == k]) for k in (1, 0)]
    why = next(_no_median(pair, curves), f"the median of {pair.each} is 0")
    return {"": known(ratio_of_medians(curves[0], curves[1]), why)}


def _no_median(pair: Pair, curves: list[KaplanMeier]) -> Iterator[str]:
    for name, curve in zip((pair.each, pair.against), curves, strict=True):
        if Estimation().quantile(curve, 0.5)[0].value is None:
            yield f"the median of {name} is not reached"


def _note_rates(*, each: object, against: str, rounded: Rounded, **_: object) -> Sentence:
    return sentence("rate_ratio", each=each, against=against, rounded=rounded)


@comparison("survival", {"": RATIO[""]}, _note_rates)
def compare_rate_ratio(pair: Pair) -> Mapping[str, Value]:
    """Divide the events per person-time of `each` by those of `against`: no hazard ratio."""
    if pair.reason:
        return _nothing(pair, ("",))
    none = not pair.event[pair.first == 0].any()
    why = f"no event of {pair.against}" if none else "a group was followed for no time"
    with np.errstate(divide="ignore"):
        return {"": known(rate_ratio(pair.time, pair.event, pair.first), why)}
