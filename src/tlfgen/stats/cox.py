"""Cox's proportional hazards model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tlfgen.stats import method
from tlfgen.stats.kaplan_meier import Floats, Whole, times_and_events

Ties = Literal["efron", "breslow"]
STEPS, ENOUGH, TOO_FAR = 60, 1e-9, 15.0
MONOTONE = "the likelihood is monotone: the coefficient has no finite estimate"


@dataclass(frozen=True)
class Cox:
    """One number a covariate, NaN where it has no estimate; `reason` says why. log_likelihood at the
    estimate."""

    coefficient: Floats
    se: Floats
    hazard_ratio: Floats
    low: Floats
    high: Floats
    wald_p: Floats
    likelihood_ratio_p: float
    score_p: float
    log_likelihood: float
    converged: bool
    reason: str = ""


@method("cox", "Cox's proportional hazards model", "hazard_ratio")
def cox(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    covariates: npt.ArrayLike,
    ties: Ties = "efron",
    strata: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Cox:
    """Fit Cox's model by maximum partial likelihood.

    covariates: subjects by covariates. ties: Efron's or Breslow's approximation. strata: each with a
    baseline hazard of its own. Limits and P by Wald; the likelihood ratio and score tests are of all
    covariates together. A coefficient that runs to infinity (a group without events before the other's last)
    has no estimate: NaN with a reason, never a large number.

    Source: Cox, Journal of the Royal Statistical Society B 1972; 34: 187-220; Efron, Journal of the American
    Statistical Association 1977; 72: 557-565; Breslow, Biometrics 1974; 30: 89-99.
    """
    from scipy.special import gammaincc, ndtr, ndtri

    t, e = times_and_events(time, event)
    x = np.asarray(covariates, float).reshape(len(t), -1)
    layers = (
        np.zeros(len(t), np.int64)
        if strata is None
        else np.unique(np.asarray(strata), return_inverse=True)[1]
    )
    middle = x.mean(axis=0) if len(x) else np.zeros(x.shape[1])
    x = x - middle
    beta = np.zeros(x.shape[1])
    if e.sum() == 0 or np.linalg.matrix_rank(x) < x.shape[1]:
        why = "no event" if e.sum() == 0 else "a covariate is constant or a sum of others"
        return _none(x.shape[1], why)
    null, score, information = _likelihood(beta, t, e, x, layers, ties)
    score_p = float(gammaincc(len(beta) / 2, max(_quadratic(score, information), 0.0) / 2))
    here, converged = null, False
    for _ in range(STEPS):
        if np.linalg.matrix_rank(information, tol=1e-12) < len(beta):
            break
        step = np.linalg.solve(information, score)
        step *= min(1.0, 2.0 / max(np.abs(step * x.std(axis=0)).max(), 1e-300))
        there, score_there, information_there = _likelihood(beta + step, t, e, x, layers, ties)
        while there < here - 1e-12 and np.abs(step).max() > 1e-12:
            step = step / 2
            there, score_there, information_there = _likelihood(beta + step, t, e, x, layers, ties)
        beta, here, score, information = beta + step, there, score_there, information_there
        if np.abs(beta * x.std(axis=0)).max() > TOO_FAR:
            break
        if np.abs(step).max() < ENOUGH * (1 + np.abs(beta).max()):
            converged = True
            break
    if not converged:
        return _none(len(beta), MONOTONE, score_p)
    se = np.sqrt(np.diag(np.linalg.inv(information)))
    half = float(ndtri((1 + level) / 2)) * se
    wald = 2 * ndtr(-np.abs(beta / se))
    ratio_p = float(gammaincc(len(beta) / 2, max(here - null, 0.0)))
    return Cox(
        beta, se, np.exp(beta), np.exp(beta - half), np.exp(beta + half), wald, ratio_p, score_p, here, True
    )


def _none(count: int, why: str, score_p: float = float("nan")) -> Cox:
    nan = np.full(count, np.nan)
    return Cox(nan, nan, nan, nan, nan, nan, float("nan"), score_p, float("nan"), False, why)


def _quadratic(score: Floats, information: Floats) -> float:
    return float(score @ np.linalg.pinv(information) @ score)


def _likelihood(
    beta: Floats, t: Floats, e: Whole, x: Floats, layers: Whole, ties: Ties
) -> tuple[float, Floats, Floats]:
    """Log partial likelihood, score and information."""
    total, score, information = 0.0, np.zeros(len(beta)), np.zeros((len(beta), len(beta)))
    eta = x @ beta
    weight = np.exp(eta - eta.max())
    for layer in np.unique(layers):
        own = layers == layer
        for moment in np.unique(t[own & (e == 1)]):
            risk, died = own & (t >= moment), own & (t == moment) & (e == 1)
            d = int(died.sum())
            total += float(eta[died].sum() - d * eta.max())
            score = score + x[died].sum(axis=0)
            r0, r1, r2 = _sums(weight[risk], x[risk])
            d0, d1, d2 = _sums(weight[died], x[died])
            for j in range(d):
                f = j / d if ties == "efron" else 0.0
                s0, s1, s2 = r0 - f * d0, r1 - f * d1, r2 - f * d2
                mean = s1 / s0
                total -= float(np.log(s0))
                score = score - mean
                information = information + s2 / s0 - np.outer(mean, mean)
    return total, score, information


def _sums(weight: Floats, x: Floats) -> tuple[float, Floats, Floats]:
    return float(weight.sum()), weight @ x, np.einsum("i,ij,ik->jk", weight, x, x)
