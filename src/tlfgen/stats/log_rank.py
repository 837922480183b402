"""Tests that compare survival curves: log-rank, Gehan's, and the permutation of the log-rank."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tlfgen.stats import method
from tlfgen.stats.arguments import Floats, Whole, labels_of, one_of, times_and_events

Weight = Literal["log_rank", "gehan"]
MOST_EXACT = 100_000
SLACK = 1e-9


@dataclass(frozen=True)
class LogRank:
    """groups in order; observed, expected: events (weighted, with Gehan's weight); variance: their matrix.

    degrees: groups that were at risk at an event, less one. NaN where there is no test."""

    groups: tuple[Any, ...]
    observed: Floats
    expected: Floats
    variance: Floats
    chi_square: float
    degrees: int
    p_value: float
    weight: Weight = "log_rank"


@dataclass(frozen=True)
class PermutationTest:
    """arrangements: how many were looked at; exact: they were all."""

    p_value: float
    arrangements: int
    exact: bool


@method("log_rank", "survival_comparison")
def log_rank(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    group: npt.ArrayLike,
    strata: npt.ArrayLike | None = None,
    weight: Weight = "log_rank",
) -> LogRank:
    """Compare the survival of two or more groups.

    At each event time the events of a group have a hypergeometric distribution given the margins; observed
    less expected and their covariances are summed over times, and over strata. weight gehan: each time by
    its number at risk (Gehan-Breslow-Wilcoxon). The statistic is chi-square with groups - 1 degrees; a group
    whose subjects are all censored before the first event does not count. NaN with fewer than two groups,
    without events, or where no event time has subjects of two groups at risk.

    group, strata: a label a subject, of any type. ValueError where one is missing.

    Source: Mantel, Cancer Chemotherapy Reports 1966; 50: 163-170; Gehan, Biometrika 1965; 52: 203-223.
    """
    t, e = times_and_events(time, event)
    one_of(weight, Weight, "weight")
    labels, g = labels_of(group, len(t), "group")
    layers = np.zeros(len(t), np.int64) if strata is None else labels_of(strata, len(t), "stratum")[1]
    k = len(labels)
    observed, expected, variance = np.zeros(k), np.zeros(k), np.zeros((k, k))
    for layer in np.unique(layers):
        own = layers == layer
        o, x, v = _terms(t[own], e[own], g[own], k, weight)
        observed, expected, variance = observed + o, expected + x, variance + v
    return _test(labels, observed, expected, variance, weight)


def _terms(t: Floats, e: Whole, g: Whole, k: int, weight: Weight) -> tuple[Floats, Floats, Floats]:
    times = np.unique(t[e == 1])
    risk, died = np.zeros((len(times), k)), np.zeros((len(times), k))
    for j in range(k):
        risk[:, j] = (g == j).sum() - np.searchsorted(np.sort(t[g == j]), times, side="left")
        own = (g == j) & (e == 1)
        died[:, j] = np.bincount(np.searchsorted(times, t[own]), minlength=len(times))
    n, d = risk.sum(axis=1), died.sum(axis=1)
    w = n if weight == "gehan" else np.ones_like(n)
    share = risk / n[:, None]
    factor = w**2 * d * np.where(n > 1, (n - d) / np.maximum(n - 1, 1), 0.0)
    variance = np.einsum("i,ij->j", factor, share)[:, None] * np.eye(k) - np.einsum(
        "i,ij,il->jl", factor, share, share
    )
    return (w[:, None] * died).sum(axis=0), (w * d) @ share, variance


def _test(
    groups: tuple[Any, ...], observed: Floats, expected: Floats, variance: Floats, weight: Weight
) -> LogRank:
    from scipy.special import gammaincc

    there = np.flatnonzero(expected > 0)
    degrees = max(len(there) - 1, 0)
    chi_square = p_value = math.nan
    if degrees > 0:
        part = variance[np.ix_(there[:-1], there[:-1])]
        difference = (observed - expected)[there[:-1]]
        if np.linalg.matrix_rank(part) == degrees:
            chi_square = float(difference @ np.linalg.solve(part, difference))
            p_value = float(gammaincc(degrees / 2, max(chi_square, 0.0) / 2))
    return LogRank(groups, observed, expected, variance, chi_square, degrees, p_value, weight)


@method("log_rank_permutation", "survival_comparison")
def log_rank_permutation(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    group: npt.ArrayLike,
    draws: int = 100_000,
    seed: int = 1,
) -> PermutationTest:
    """Compare two groups by the permutation of the log-rank score, two-sided.

    P is the share of the ways to give the group's labels to the subjects whose score (observed less expected
    events) lies at least as far from its permutation mean of 0 as the observed one. All ways are looked at
    where they are at most 100,000; else `draws` of them at random, with (1 + as extreme) / (1 + draws).
    Scores that differ by less than 1e-9 are equally extreme. NaN where all scores are alike, as without
    events: there is nothing to compare. ValueError unless there are two groups.

    Source: Peto and Peto, Journal of the Royal Statistical Society A 1972; 135: 185-207 (log-rank scores).
    """
    t, e = times_and_events(time, event)
    labels, g = labels_of(group, len(t), "group")
    if len(labels) != 2:
        raise ValueError(f"a permutation of the log-rank statistic compares two groups, not {len(labels)}")
    scores = _scores(t, e)
    if np.ptp(scores) < SLACK:
        return PermutationTest(math.nan, 0, True)
    smaller = g == (1 if 2 * g.sum() <= len(g) else 0)  # the other's sum is the same with its sign turned
    size = int(smaller.sum())
    seen = abs(float(scores[smaller].sum())) * (1 - SLACK) - SLACK
    ways = math.comb(len(t), size)
    if ways <= MOST_EXACT:
        chosen = np.fromiter(
            itertools.chain.from_iterable(itertools.combinations(range(len(t)), size)), np.int64
        )
        sums = scores[chosen.reshape(ways, size)].sum(axis=1)
        return PermutationTest(float((np.abs(sums) >= seen).mean()), ways, True)
    random = np.random.default_rng(seed)
    hits = sum(abs(float(scores[random.permutation(len(t))[:size]].sum())) >= seen for _ in range(draws))
    return PermutationTest((1 + hits) / (1 + draws), draws, False)


def _scores(t: Floats, e: Whole) -> Floats:
    """Each subject's event less its cumulative hazard (Nelson-Aalen): they add up to 0."""
    times, died = np.unique(t[e == 1], return_counts=True)
    at_risk = len(t) - np.searchsorted(np.sort(t), times, side="left")
    hazard = np.concatenate([[0.0], np.cumsum(died / at_risk)])
    found: Floats = e - hazard[np.searchsorted(times, t, side="right")]
    return found
