"""logistic: a response against one covariate."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import polars as pl

from tlfgen.analysis.compare import NO_EVENT
from tlfgen.analysis.forms import COUNT, EVENTS, P_VALUE, SIDES, Declared, with_limits
from tlfgen.analysis.registry import AnalysedCell, Level, Value, analysis, known, percent_of_level
from tlfgen.engine.registry import Column, Where
from tlfgen.spec.condition import Condition
from tlfgen.spec.survival import LEVEL
from tlfgen.spec.words import Sentence, sentence
from tlfgen.stats.arguments import Floats
from tlfgen.stats.fisher_exact import compare_fisher_exact
from tlfgen.stats.logistic import firth, logistic

FORMS: Mapping[str, Declared] = {
    "n": COUNT,
    "events": EVENTS,
    "with_n": COUNT,
    "with_events": EVENTS,
    "without_n": COUNT,
    "without_events": EVENTS,
    **with_limits("or", "ratio", "odds ratio"),
    "p_wald": P_VALUE,
    "p_likelihood_ratio": P_VALUE,
    **with_limits("or_firth", "ratio", "odds ratio"),
    "p_firth": P_VALUE,
    "p_fisher": P_VALUE,
}
NO_SUBJECT = "no subject"


def _statistics(*, covariate: str | None, coded: object, **_: object) -> tuple[str, ...]:
    if (covariate is None) == (coded is None):
        raise ValueError("takes either covariate:, a variable, or coded:, a condition")
    return tuple(FORMS)


def _notes(*, level: float, **_: object) -> Mapping[str, Sentence]:
    firth_ = sentence("logistic_firth", level=percent_of_level(level))
    return {
        "or": sentence("logistic_ratio", level=percent_of_level(level)),
        "p_wald": sentence("logistic_wald"),
        "p_likelihood_ratio": sentence("logistic_likelihood_ratio"),
        "or_firth": firth_,
        "p_firth": firth_,
        "p_fisher": sentence("logistic_fisher"),
    }


def _read(
    cell: AnalysedCell, response: Condition, covariate: str | None, coded: Condition | None
) -> tuple[Floats, Floats]:
    """Response and covariate of each record, NaN where it is not known."""
    y: Floats = cell.judged(response).cast(pl.Float64).fill_null(np.nan).to_numpy()
    if coded is None:
        return y, cell.numbers(str(covariate))
    x: Floats = cell.judged(coded).cast(pl.Float64).fill_null(np.nan).to_numpy()
    for name in coded.columns:
        x = np.where(cell.column(name).is_null().to_numpy(), np.nan, x)
    return y, x


def _left_out(
    cell: AnalysedCell,
    *,
    response: Condition,
    covariate: str | None,
    coded: Condition | None,
    **_: object,
) -> Mapping[str, int]:
    y, x = _read(cell, response, covariate, coded)
    return {
        "without a known response": int(np.isnan(y).sum()),
        "without a value of the covariate": int((np.isfinite(y) & ~np.isfinite(x)).sum()),
    }


@analysis(FORMS, _notes, statistics=_statistics, left_out=_left_out)
def analyse_logistic(
    cell: AnalysedCell,
    *,
    response: Where,
    covariate: Column | None = None,
    coded: Where = None,
    level: Level = LEVEL,
) -> Mapping[str, Value]:
    """Fit a logistic regression of a response on one covariate, by maximum likelihood and by Firth.

    response: the condition of a response; a record of which it is not known is left out. covariate: a numeric
    variable, or coded: a condition, 1 where it is met and 0 where it is not. A record without a value of the
    variable is left out. Under separation maximum likelihood has no estimate, and Firth's stands beside.
    with_n, with_events, without_*: subjects and responders by the condition; p_fisher: of that table. A
    SpecError where a subject has two records.
    """
    assert response is not None
    y, x = _read(cell, response, covariate, coded)
    whole = np.isfinite(y) & np.isfinite(x)
    cell.one_each(whole)
    y, x = y[whole], x[whole]
    found = {"n": Value(len(y)), "events": Value(y.sum(), None, len(y))}
    why = _nothing_to_fit(y, x)
    found |= _table(y, x, coded is not None, why)
    if why:
        return found | {s: Value(None, why) for s in FORMS if s not in found}
    ml, penalised = logistic(y, x, level), firth(y, x, level)
    for name, model in (("or", ml), ("or_firth", penalised)):
        for side, value in zip(SIDES, (model.odds_ratio, model.low, model.high), strict=True):
            found[f"{name}{side}"] = known(value[0], model.reason or "beyond what a number can hold")
    return found | {
        "p_wald": known(ml.wald_p[0], ml.reason),
        "p_likelihood_ratio": known(ml.likelihood_ratio_p[0], ml.reason),
        "p_firth": known(penalised.likelihood_ratio_p[0], penalised.reason),
    }


def _nothing_to_fit(y: Floats, x: Floats) -> str:
    """Why there is no model; nothing where there is one."""
    if not len(y):
        return NO_SUBJECT
    if len(np.unique(y)) < 2:
        return "no response" if not y[0] else "every subject has the response"
    return "the covariate is the same in all subjects" if len(np.unique(x)) < 2 else ""


def _table(y: Floats, x: Floats, binary: bool, why: str) -> dict[str, Value]:
    names = ("with_n", "with_events", "without_n", "without_events")
    if not binary:
        return {n: Value(None, "the covariate is a number") for n in (*names, "p_fisher")}
    counts = [float((x == 1).sum()), float(y[x == 1].sum()), float((x == 0).sum()), float(y[x == 0].sum())]
    found = dict(zip(names, map(Value, counts), strict=True))
    if counts[1] == counts[3] == 0:
        return found | {"p_fisher": Value(None, NO_EVENT)}
    p = math.nan if why else compare_fisher_exact(counts[1], counts[0], counts[3], counts[2]).p_value[0]
    return found | {"p_fisher": known(p, why)}
