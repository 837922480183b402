"""Cox's proportional hazards model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tlfgen.spec.survival import LEVEL, TIES, Ties
from tlfgen.stats import method
from tlfgen.stats.arguments import (
    Floats,
    Whole,
    columns_of,
    dependent,
    labels_of,
    one_of,
    times_and_events,
    two_sided,
)

STEPS, ENOUGH, FLAT, TOO_FAR = 60, 1e-9, 1e-12, 100.0
MONOTONE = "the likelihood is monotone: the coefficient has no finite estimate"
NO_EVENT = "no event"
DEPENDENT = "a covariate is constant or a sum of others"
NOTHING_TO_COMPARE = "at the event times too few subjects with different covariates are at risk"


@dataclass(frozen=True)
class Cox:
    """One number a covariate, NaN where it has no estimate; `reason` says why.

    likelihood_ratio_p and score_p are of all covariates together, and there under a monotone likelihood too.
    log_likelihood at the estimate.
    """

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


@dataclass(frozen=True)
class _Layer:
    """A stratum, its longest times first: the first `last` + 1 subjects are at risk at an event time. Each
    event has a term: its event time and the fraction of that time's events that its risk set leaves out."""

    x: Floats
    died: Whole
    moment: Whole
    last: Whole
    fraction: Floats


@method("cox", "hazard_ratio")
def cox(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    covariates: npt.ArrayLike,
    ties: Ties = TIES,
    strata: npt.ArrayLike | None = None,
    level: float = LEVEL,
) -> Cox:
    """Fit Cox's model by maximum partial likelihood.

    covariates: subjects by covariates. ties: Efron's or Breslow's approximation. strata: each with a
    baseline hazard of its own. Limits and P by Wald; the likelihood ratio and score tests are of all
    covariates together.

    First case that applies, each without an estimate (NaN) and with a reason:
      1. no event
      2. a covariate is constant or a sum of others
      3. at the event times, too few subjects with different covariates are at risk
      4. the likelihood is monotone: a coefficient runs to infinity, as where each event is of the subject
         with the largest covariate at risk. Then no coefficient of the model is given, never a large number.

    ValueError where a value is missing or lists differ in length.

    Source: Cox, Journal of the Royal Statistical Society B 1972; 34: 187-220; Efron, Journal of the American
    Statistical Association 1977; 72: 557-565; Breslow, Biometrics 1974; 30: 89-99; Bryson and Johnson,
    Technometrics 1981; 23: 381-383 (monotone likelihood).
    """
    one_of(ties, Ties, "treatment of ties")
    z = two_sided(level)
    t, e = times_and_events(time, event)
    x = columns_of(covariates, len(t))
    strata_numbers = np.zeros(len(t), np.int64) if strata is None else labels_of(strata, len(t), "stratum")[1]
    if not e.any() or dependent(x):
        return _none(x.shape[1], DEPENDENT if e.any() else NO_EVENT)
    scale = x.std(axis=0)
    layers = _layers(t, e, (x - x.mean(axis=0)) / scale, strata_numbers, ties)
    null, score, information = _likelihood(np.zeros(x.shape[1]), layers)
    if _singular(information, layers):
        return _none(x.shape[1], NOTHING_TO_COMPARE)
    score_p = _chi_square_p(float(score @ np.linalg.solve(information, score)), x.shape[1])
    beta, best, information, converged = _climb(layers, x.shape[1])
    ratio_p = _chi_square_p(2 * (best - null), x.shape[1])
    if not converged:
        return _none(x.shape[1], MONOTONE, ratio_p, score_p)
    return _found(
        beta / scale, np.sqrt(np.diag(np.linalg.inv(information))) / scale, z, ratio_p, score_p, best
    )


def _found(b: Floats, se: Floats, z: float, ratio_p: float, score_p: float, best: float) -> Cox:
    from scipy.special import ndtr

    wald = 2 * ndtr(-np.abs(b / se))
    with np.errstate(over="ignore"):  # the ratio of a covariate in an odd unit: infinite, as its unit has it
        ratio, low, high = np.exp(b), np.exp(b - z * se), np.exp(b + z * se)
    return Cox(b, se, ratio, low, high, wald, ratio_p, score_p, best, True)


def _none(count: int, why: str, ratio_p: float = math.nan, score_p: float = math.nan) -> Cox:
    nan = np.full(count, np.nan)
    return Cox(nan, nan, nan, nan, nan, nan, ratio_p, score_p, math.nan, False, why)


def _chi_square_p(statistic: float, degrees: int) -> float:
    from scipy.special import gammaincc

    return float(gammaincc(degrees / 2, max(statistic, 0.0) / 2))


def _singular(information: Floats, layers: Sequence[_Layer]) -> bool:
    """An event tells next to nothing of a coefficient, in standard deviations of the covariate."""
    events = sum(len(layer.died) for layer in layers)
    return bool(np.linalg.eigvalsh(information)[0] < FLAT * events)


def _layers(t: Floats, e: Whole, x: Floats, strata: Whole, ties: Ties) -> list[_Layer]:
    found = []
    for stratum in np.unique(strata[e == 1]):
        own = np.flatnonzero(strata == stratum)
        own = own[np.argsort(-t[own], kind="stable")]
        died = np.flatnonzero(e[own] == 1)
        falling = -t[own]
        moments, moment, count = np.unique(falling[died], return_inverse=True, return_counts=True)
        last = np.searchsorted(falling, moments, side="right") - 1
        before = np.arange(len(died)) - np.repeat(np.cumsum(count) - count, count)
        fraction = before / np.repeat(count, count) if ties == "efron" else np.zeros(len(died))
        found.append(_Layer(x[own], died, moment.astype(np.int64), last.astype(np.int64), fraction))
    return found


def _likelihood(beta: Floats, layers: Sequence[_Layer]) -> tuple[float, Floats, Floats]:
    """Log partial likelihood, score and information."""
    p = len(beta)
    total, score, information = 0.0, np.zeros(p), np.zeros((p, p))
    for layer in layers:
        x, eta = layer.x, layer.x @ beta
        shift = float(eta.max())
        weight = np.exp(eta - shift)[:, None]
        products = (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)
        parts = weight * np.column_stack([np.ones(len(x)), x, products])
        died = np.zeros((len(layer.last), parts.shape[1]))
        np.add.at(died, layer.moment, parts[layer.died])
        # the events are in the order of their times: term by term
        sums = np.cumsum(parts, axis=0)[layer.last[layer.moment]]
        sums = sums - layer.fraction[:, None] * died[layer.moment]
        mean = sums[:, 1 : p + 1] / sums[:, [0]]
        total += float(eta[layer.died].sum() - np.log(sums[:, 0]).sum() - shift * len(layer.died))
        score = score + x[layer.died].sum(axis=0) - mean.sum(axis=0)
        information = (
            information + (sums[:, p + 1 :] / sums[:, [0]]).sum(axis=0).reshape(p, p) - mean.T @ mean
        )
    return total, score, information


def _climb(layers: Sequence[_Layer], count: int) -> tuple[Floats, float, Floats, bool]:
    """Newton's steps, halved until the likelihood rises; a coefficient that runs away does not converge."""
    beta = np.zeros(count)
    here, score, information = _likelihood(beta, layers)
    for _ in range(STEPS):
        if _singular(information, layers):
            break
        step = np.linalg.solve(information, score)
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 2.0))
        there = _likelihood(beta + step, layers)
        while there[0] < here - FLAT and np.abs(step).max() > FLAT:
            step = step / 2
            there = _likelihood(beta + step, layers)
        beta, (here, score, information) = beta + step, there
        if max(float(np.ptp(layer.x @ beta)) for layer in layers) > TOO_FAR:
            break
        if np.abs(step).max() < ENOUGH * (1 + np.abs(beta).max()):
            return beta, here, information, not _singular(information, layers)
    return beta, here, information, False
