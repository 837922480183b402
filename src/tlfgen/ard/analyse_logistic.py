"""logistic: a response against one covariate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tlfgen.ard.analysis import AnalysedCell, Level, Value, analysis, known
from tlfgen.ard.compare import NO_EVENT
from tlfgen.data.registry import Column, Where
from tlfgen.stats.fisher_exact import compare_fisher_exact
from tlfgen.stats.logistic import firth, logistic

SIDES = ("", "_low", "_high")
STATISTICS = (
    "n",
    "events",
    "with_n",
    "with_events",
    "without_n",
    "without_events",
    *(f"or{s}" for s in SIDES),
    "p_wald",
    "p_likelihood_ratio",
    *(f"or_firth{s}" for s in SIDES),
    "p_firth",
    "p_fisher",
)


def _statistics(*, covariate: str | None, coded: object, **_: object) -> tuple[str, ...]:
    if (covariate is None) == (coded is None):
        raise ValueError("takes either covariate:, a variable, or coded:, a condition")
    return STATISTICS


def _notes(*, level: float, **_: object) -> Mapping[str, str]:
    percent = f"{100 * level:g}%"
    penalised = (
        f"Firth: penalised likelihood, with {percent} profile limits and the penalised likelihood ratio P."
    )
    return {
        "or": f"Odds ratio: univariate logistic regression, maximum likelihood, {percent} Wald limits.",
        "p_wald": "Wald P of the logistic regression.",
        "p_likelihood_ratio": "Likelihood ratio P of the logistic regression.",
        "or_firth": penalised,
        "p_firth": penalised,
        "p_fisher": "Fisher P: Fisher's exact test, two-sided.",
    }


@analysis(_statistics, _notes)
def analyse_logistic(
    cell: AnalysedCell,
    *,
    response: Where,
    covariate: Column | None = None,
    coded: Where = None,
    level: Level = 0.95,
) -> Mapping[str, Value]:
    """Fit a logistic regression of a response on one covariate, by maximum likelihood and by Firth.

    response: the condition of a response. covariate: a numeric variable, or coded: a condition, 1 where it is
    met and 0 where it is not. A record without a value of the variable is left out. Under separation maximum
    likelihood has no estimate, and Firth's stands beside. with_n, with_events, without_*: subjects and
    responders by the condition; p_fisher: of that table. A SpecError where a subject has two records.
    """
    assert response is not None
    y = cell.where(response).to_numpy().astype(float)
    if coded is not None:
        x = cell.where(coded).to_numpy().astype(float)
        known_x = np.ones(len(y), bool)
        for name in coded.columns:
            known_x &= cell.column(name).is_not_null().to_numpy()
    else:
        x = cell.numbers(str(covariate))
        known_x = np.isfinite(x)
    cell.one_each(known_x)
    y, x = y[known_x], x[known_x]
    found = {"n": Value(len(y)), "events": Value(y.sum(), None, len(y))} | _table(y, x, coded is not None)
    if len(y) < 2 or len(np.unique(y)) < 2 or len(np.unique(x)) < 2:
        why = "the covariate or the response is constant"
        return found | {s: Value(None, why) for s in STATISTICS if s not in found}
    ml, penalised = logistic(y, x, level), firth(y, x, level)
    for name, model in (("or", ml), ("or_firth", penalised)):
        for side, value in zip(SIDES, (model.odds_ratio, model.low, model.high), strict=True):
            found[f"{name}{side}"] = known(value[0], model.reason)
    return found | {
        "p_wald": known(ml.wald_p[0], ml.reason),
        "p_likelihood_ratio": known(ml.likelihood_ratio_p[0], ml.reason),
        "p_firth": known(penalised.likelihood_ratio_p[0], penalised.reason),
    }


def _table(y: Any, x: Any, binary: bool) -> dict[str, Value]:
    names = ("with_n", "with_events", "without_n", "without_events")
    if not binary:
        return {n: Value(None, "the covariate is a number") for n in (*names, "p_fisher")}
    counts = [float((x == 1).sum()), float(y[x == 1].sum()), float((x == 0).sum()), float(y[x == 0].sum())]
    found = dict(zip(names, map(Value, counts), strict=True))
    if counts[1] == counts[3] == 0:
        return found | {"p_fisher": Value(None, NO_EVENT)}
    p = compare_fisher_exact(counts[1], counts[0], counts[3], counts[2]).p_value[0]
    return found | {"p_fisher": known(p, "a group without subjects")}
