"""Logistic regression by maximum likelihood and by Firth's penalised likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tlfgen.spec.survival import LEVEL
from tlfgen.stats import method
from tlfgen.stats.arguments import Floats, columns_of, dependent, two_sided

STEPS, ENOUGH, LOST = 200, 1e-10, 1e3
NEAR = 1e-6  # a step from the top, of which the likelihood has lost the square
NOISE = 1e-13
PRECISE = 1e-9
SINGULAR = 1e-15  # of the largest eigenvalue
SEPARATED = "separation: the covariate divides the outcomes, and the odds ratio has no finite estimate"
CONSTANT = "a covariate is constant or a sum of others"
ALL_THE_SAME = "the responses are all the same, or there is none"
TOO_WIDE = "a limit of the penalised likelihood lies too far away"


@dataclass(frozen=True)
class Logistic:
    """One number a covariate (the intercept is left out), NaN where it has no estimate; `reason` says why.
    wald_p and likelihood_ratio_p: of each covariate."""

    coefficient: Floats
    se: Floats
    odds_ratio: Floats
    low: Floats
    high: Floats
    wald_p: Floats
    likelihood_ratio_p: Floats
    separated: bool
    reason: str = ""


@method("logistic", "regression")
def logistic(response: npt.ArrayLike, covariates: npt.ArrayLike, level: float = LEVEL) -> Logistic:
    """Fit a logistic model with an intercept by maximum likelihood.

    First case that applies, the first three without an estimate (NaN) and with a reason:
      1. the responses are all the same, or there is none
      2. a covariate is constant or a sum of others
      3. separation, complete or quasi-complete: by the covariate's ranges in the two outcomes where there is
         one, by information that vanishes on the way to the maximum where there are several
      4. otherwise the estimate, with limits and P by Wald and the likelihood ratio P of each covariate
         against the model without it

    response: 0 or 1. covariates: subjects by covariates. ValueError where a value is missing or lists differ
    in length.

    Source: Albert and Anderson, Biometrika 1984; 71: 1-10 (separation).
    """
    two_sided(level)
    y, x, why = _given(response, covariates)
    if why or _separated(y, x):
        return _none(x.shape[1], why or SEPARATED)
    return _fit(y, x, level, firth=False)


@method("firth", "regression")
def firth(response: npt.ArrayLike, covariates: npt.ArrayLike, level: float = LEVEL) -> Logistic:
    """Fit a logistic model with an intercept by Firth's penalised likelihood, finite under separation too.

    The likelihood is multiplied by the square root of the information's determinant (Jeffreys' prior).
    P and limits of each covariate by the profile of the penalised likelihood, in which the penalty keeps
    every covariate; wald_p beside them is by the information. No estimate where the responses are all the
    same or a covariate is constant or a sum of others.

    Source: Firth, Biometrika 1993; 80: 27-38; Heinze and Schemper, Statistics in Medicine 2002;
    21: 2409-2419.
    """
    two_sided(level)
    y, x, why = _given(response, covariates)
    return _none(x.shape[1], why) if why else _fit(y, x, level, firth=True)


def _given(response: npt.ArrayLike, covariates: npt.ArrayLike) -> tuple[Floats, Floats, str]:
    y = np.asarray(response, float)
    if y.ndim != 1 or not np.isin(y, (0, 1)).all():
        raise ValueError("responses are a list of 0 and 1")
    x = columns_of(covariates, len(y))
    if len(np.unique(y)) < 2:
        return y, x, ALL_THE_SAME
    return y, x, CONSTANT if dependent(x) else ""


def _separated(y: Floats, x: Floats) -> bool:
    if x.shape[1] == 1:
        one, other = x[y == 1, 0], x[y == 0, 0]
        return bool(one.max() <= other.min() or other.max() <= one.min())
    design = _design((x - x.mean(axis=0)) / x.std(axis=0))
    start, free = np.zeros(design.shape[1]), np.ones(design.shape[1], bool)
    _, top = _climb(y, design, start, free, firth=False)
    # against what the design would tell at even chances, so that related covariates are no separation
    even = _point(start, y, design, False).information
    root = np.linalg.inv(np.linalg.cholesky(even))
    return bool(np.linalg.eigvalsh(root @ top.information @ root.T)[0] < LOST**-2)


def _design(x: Floats) -> Floats:
    return np.column_stack([np.ones(len(x)), x])


def _fit(y: Floats, x: Floats, level: float, *, firth: bool) -> Logistic:
    from scipy.special import erfc, ndtr

    middle, scale = x.mean(axis=0), x.std(axis=0)
    design = _design((x - middle) / scale)
    free = np.ones(design.shape[1], bool)
    beta, top = _climb(y, design, np.zeros(design.shape[1]), free, firth=firth)
    covariance = np.linalg.inv(top.information)
    se = np.sqrt(np.diag(covariance))[1:] / scale
    b = beta[1:] / scale
    ratio_p = np.full(len(b), np.nan)
    for k in range(len(b)):
        held = free.copy()
        held[k + 1] = False
        start = np.where(held, beta, 0.0)
        _, without = _climb(y, design, start, held, firth=firth)
        ratio_p[k] = float(erfc(math.sqrt(max(top.value - without.value, 0.0))))
    half = two_sided(level) * se
    low, high = b - half, b + half
    if firth:
        sides = [
            [_profile(y, design, beta, top.value, k + 1, s, level) / scale[k] for s in (-1, 1)]
            for k in range(len(b))
        ]
        low, high = np.array(sides).T
    wald = 2 * ndtr(-np.abs(b / se))
    with np.errstate(over="ignore"):
        odds = np.exp(np.array([b, low, high]))
    why = "" if np.isfinite(np.array([low, high])).all() else TOO_WIDE
    return Logistic(b, se, odds[0], odds[1], odds[2], wald, ratio_p, False, why)


def _none(count: int, why: str) -> Logistic:
    nan = np.full(count, np.nan)
    return Logistic(nan, nan, nan, nan, nan, nan, nan, why == SEPARATED, why)


@dataclass(frozen=True)
class _Point:
    """The model at some coefficients: the (penalised) log likelihood, the chances, the information."""

    value: float
    chances: Floats
    information: Floats


def _point(beta: Floats, y: Floats, design: Floats, firth: bool) -> _Point:
    eta = design @ beta
    p: Floats = 1 / (1 + np.exp(-np.clip(eta, -500, 500)))
    information = design.T @ ((p * (1 - p))[:, None] * design)
    value = float(np.sum(y * eta - np.logaddexp(0, eta)))
    penalty = 0.5 * float(np.linalg.slogdet(information)[1]) if firth else 0.0
    return _Point(value + penalty, p, information)


def _inverse(information: Floats) -> Floats:
    """The inverse, of the directions that the information knows: the pseudo-inverse where it is singular."""
    values, vectors = np.linalg.eigh(information)
    known = values > SINGULAR * values[-1]
    found: Floats = (vectors[:, known] / values[known]) @ vectors[:, known].T
    return found


def _climb(
    y: Floats,
    design: Floats,
    beta: Floats,
    free: npt.NDArray[np.bool_],
    *,
    firth: bool,
    enough: float = ENOUGH,
) -> tuple[Floats, _Point]:
    """Newton's steps over the free coefficients, halved until the (penalised) likelihood rises."""
    here = _point(beta, y, design, firth)
    part = np.ix_(free, free)
    for _ in range(STEPS):
        pull = y - here.chances
        if firth:
            p = here.chances
            root = np.sqrt(p * (1 - p))[:, None] * design
            leverage = np.sum(root @ _inverse(here.information) * root, axis=1)
            pull = pull + leverage * (0.5 - p)
        step = np.zeros_like(beta)
        step[free] = _inverse(here.information[part]) @ (design.T @ pull)[free]
        step *= min(1.0, 5.0 / max(np.abs(step).max(), 1e-300))
        there = _point(beta + step, y, design, firth)
        while there.value < here.value - NOISE * abs(here.value) and np.abs(step).max() > NOISE:
            step = step / 2
            there = _point(beta + step, y, design, firth)
        beta, here = beta + step, replace(there, value=max(there.value, here.value))
        if np.abs(step).max() < enough:
            break
    return beta, here


def _profile(y: Floats, design: Floats, beta: Floats, best: float, k: int, side: int, level: float) -> float:
    """Where the profile of the penalised likelihood falls by half the chi-square quantile."""
    target = best - two_sided(level) ** 2 / 2
    held = np.ones(len(beta), bool)
    held[k] = False
    here = beta.copy()

    def drop(value: float, start: Floats) -> tuple[float, Floats]:
        """The best of several starts: the profile may have two tops where the outcomes are divided."""
        best_of = (-math.inf, start)
        guesses = np.array([start, beta, np.concatenate([start[:1], -start[1:]])])
        guesses[:, k] = value
        for guess in np.unique(guesses, axis=0):
            found, top = _climb(y, design, guess, held, firth=True, enough=NEAR)
            best_of = max(best_of, (top.value - target, found), key=lambda pair: pair[0])
        return best_of

    near, above, step = float(beta[k]), best - target, 0.25
    far = near + side * step
    below, there = drop(far, here)
    while below > 0:
        near, above, here = far, below, there
        step = min(step * 2, 1.0)
        far += side * step
        if abs(far - float(beta[k])) > LOST:
            return math.nan
        below, there = drop(far, here)
    return _root(lambda value: drop(value, here)[0], (near, above), (far, below))


def _root(f: Callable[[float], float], near: tuple[float, float], far: tuple[float, float]) -> float:
    """Where a falling function is 0, between a point above and one below: false position, the weight of an
    end that stays twice halved (Illinois)."""
    (a, above), (b, below) = near, far
    between, stayed = (a + b) / 2, 0
    for _ in range(STEPS):
        between = (a * below - b * above) / (below - above)
        height = f(between)
        if abs(height) < PRECISE or abs(b - a) < PRECISE:
            break
        if height > 0:
            below = below / 2 if stayed == 1 else below
            a, above, stayed = between, height, 1
        else:
            above = above / 2 if stayed == -1 else above
            b, below, stayed = between, height, -1
    return between
