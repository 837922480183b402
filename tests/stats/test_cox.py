"""Cox's model: the published remission times, lifelines, and likelihoods written out by hand."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tlfgen.stats.cox import DEPENDENT, MONOTONE, NO_EVENT, NOTHING_TO_COMPARE, cox
from tlfgen.stats.log_rank import log_rank

SUBJECT = st.tuples(st.integers(1, 10), st.integers(0, 1), st.integers(0, 1))
SAMPLES = st.lists(SUBJECT, min_size=3, max_size=25)


@pytest.mark.parametrize(
    ("ties", "coefficient", "se", "log_likelihood"),
    [("efron", 1.572, 0.412, -85.01), ("breslow", 1.509, 0.410, -86.38)],
)
def test_the_published_remission_times(
    remission: Any, ties: Any, coefficient: float, se: float, log_likelihood: float
) -> None:
    """Breslow: Kleinbaum and Klein, Survival Analysis, 2nd ed., section 3.II (model 1: 1.509, 0.410, 86.380).
    Efron: Venables and Ripley, Modern Applied Statistics with S, 4th ed., section 13.1 (1.572, 0.412)."""
    found = cox(remission.time, remission.event, remission.is_in("placebo"), ties)
    assert found.coefficient[0] == pytest.approx(coefficient, abs=5.1e-4)
    assert found.se[0] == pytest.approx(se, abs=5.1e-4)
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=5e-3)
    assert found.hazard_ratio[0] == pytest.approx(math.exp(coefficient), rel=5.1e-4)
    assert math.log(found.high[0] / found.low[0]) == pytest.approx(2 * 1.959964 * se, abs=2.1e-3)


def test_two_covariates_and_strata_are_lifelines_s() -> None:
    import pandas as pd
    from lifelines import CoxPHFitter

    random = np.random.default_rng(7)
    n = 60
    frame = pd.DataFrame({"a": random.integers(0, 2, n), "b": random.normal(60, 9, n)})
    frame["s"] = random.integers(0, 3, n)
    frame["t"] = np.ceil(random.exponential(8 * np.exp(-0.6 * frame["a"])))
    frame["e"] = random.integers(0, 4, n) > 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas warns about lifelines
        fitted = CoxPHFitter().fit(frame, "t", "e", strata=["s"], fit_options={"precision": 1e-9})
        theirs = fitted.summary
    ours = cox(frame["t"], frame["e"], frame[["a", "b"]], strata=frame["s"])
    assert ours.coefficient == pytest.approx(theirs["coef"].to_numpy(), rel=1e-5)
    assert ours.se == pytest.approx(theirs["se(coef)"].to_numpy(), rel=1e-5)
    assert ours.low == pytest.approx(theirs["exp(coef) lower 95%"].to_numpy(), rel=1e-5)
    assert ours.wald_p == pytest.approx(theirs["p"].to_numpy(), rel=1e-5)
    assert ours.log_likelihood == pytest.approx(fitted.log_likelihood_, rel=1e-8)
    assert ours.likelihood_ratio_p == pytest.approx(fitted.log_likelihood_ratio_test().p_value, rel=1e-5)


def likelihood(beta: float, sample: list[tuple[int, int, int]]) -> float:
    """Breslow's, as it is written: the product over events of risk over the risks of all who are there."""
    return sum(
        beta * x - math.log(sum(math.exp(beta * z) for s, _, z in sample if s >= t))
        for t, e, x in sample
        if e
    )


@given(SAMPLES)
def test_the_estimate_is_the_top_of_the_likelihood_and_none_is_given_without_a_top(
    sample: list[tuple[int, int, int]],
) -> None:
    time, event, x = (list(c) for c in zip(*sample, strict=True))
    found = cox(time, event, x, "breslow")
    if found.reason in (NO_EVENT, DEPENDENT, NOTHING_TO_COMPARE):
        return
    slope = likelihood(30.001, sample) - likelihood(29.999, sample)
    other = likelihood(-30.001, sample) - likelihood(-29.999, sample)
    if found.reason == MONOTONE:  # rising to the right for ever, or to the left
        assert slope > -1e-9 or other > -1e-9
        assert np.isnan(found.hazard_ratio).all() and not found.converged
        top = max(likelihood(30, sample), likelihood(-30, sample))
    else:
        b = float(found.coefficient[0])
        top = likelihood(b, sample)
        assert found.log_likelihood == pytest.approx(top, rel=1e-9)
        assert top >= max(likelihood(b + d, sample) for d in (-0.01, 0.01, -3, 3))
    from scipy.stats import chi2

    ratio = 2 * (top - likelihood(0, sample))
    assert found.likelihood_ratio_p == pytest.approx(chi2.sf(max(ratio, 0), 1), rel=1e-4, abs=1e-6)


@given(SAMPLES, st.sampled_from(["efron", "breslow"]))
def test_groups_turned_round_turn_the_ratio(sample: list[tuple[int, int, int]], ties: Any) -> None:
    time, event, x = (list(c) for c in zip(*sample, strict=True))
    found, turned = cox(time, event, x, ties), cox(time, event, [1 - g for g in x], ties)
    assert turned.reason == found.reason
    assert turned.hazard_ratio == pytest.approx(1 / found.hazard_ratio, rel=1e-6, nan_ok=True)
    assert turned.low == pytest.approx(1 / found.high, rel=1e-6, nan_ok=True)
    assert turned.wald_p == pytest.approx(found.wald_p, rel=1e-5, nan_ok=True)


@given(SAMPLES)
def test_without_ties_the_score_test_is_the_log_rank_test(sample: list[tuple[int, int, int]]) -> None:
    event, x = [e for _, e, _ in sample], [g for _, _, g in sample]
    found = cox(range(len(sample)), event, x)
    assume(found.reason in ("", MONOTONE))
    assert found.score_p == pytest.approx(log_rank(range(len(sample)), event, x).p_value, rel=1e-6)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_the_unit_of_a_covariate_does_not_matter(unit: float) -> None:
    x = np.array([1, 0, 3, 2, 1.5, 0])
    found = cox(range(6), [1] * 6, x * unit)
    assert found.coefficient * unit == pytest.approx(cox(range(6), [1] * 6, x).coefficient)
    assert found.converged


@pytest.mark.parametrize(
    ("event", "x", "reason"),
    [
        ([0, 0, 0, 0], [0, 1, 0, 1], NO_EVENT),
        ([1, 1, 1, 1], [1, 1, 1, 1], DEPENDENT),
        ([1, 1, 1, 1], [[1, 2], [2, 4], [0, 0], [1, 2]], DEPENDENT),
        ([0, 0, 1, 1], [0, 1, 1, 1], NOTHING_TO_COMPARE),
        ([1, 1, 0, 0], [1, 1, 0, 0], MONOTONE),  # no event in the group 0
        ([1, 1, 1, 1], [1, 1, 0, 0], MONOTONE),  # all of the group 1 before the first of the group 0
        ([1, 1, 1, 1], [4, 3, 2, 1], MONOTONE),
        ([1, 1, 0, 0], [[1, 5], [1, 3], [0, 4], [0, 6]], MONOTONE),  # the first of two covariates
    ],
)
def test_no_estimate_and_why(event: list[int], x: Any, reason: str) -> None:
    found = cox([1, 2, 3, 4], event, x)
    assert found.reason == reason and not found.converged
    every = (found.coefficient, found.se, found.hazard_ratio, found.low, found.high, found.wald_p)
    assert all(np.isnan(v).all() for v in every)
    if reason != MONOTONE:
        assert math.isnan(found.score_p) and math.isnan(found.likelihood_ratio_p)


@pytest.mark.parametrize(("size", "last"), [(2, 1), (2000, 5)])
def test_a_rare_group_without_a_late_event_is_monotone(size: int, last: int) -> None:
    x = np.zeros(size)
    x[: min(last, size - 1)] = 1
    assert cox(np.arange(size), np.ones(size, int), x).reason == MONOTONE


def test_no_subject_and_one() -> None:
    assert cox([], [], []).reason == NO_EVENT
    assert cox([1], [1], [1]).reason == DEPENDENT


def test_impossible_arguments_are_refused() -> None:
    cases: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
        ("missing, infinite or negative", ([-1, 2], [1, 1], [0, 1]), {}),
        ("one length", ([1, 2], [1], [0, 1]), {}),
        ("not shape", ([1, 2], [1, 1], [0, 1, 1, 0]), {}),
        ("not shape", ([1, 2], [1, 1], [[0, 1, 1, 0]]), {}),
        ("missing or an infinite value", ([1, 2], [1, 1], [0, math.nan]), {}),
        ("has no stratum", ([1, 2], [1, 1], [0, 1]), {"strata": ["a", None]}),
        ("ties 'exact' is none of", ([1, 2], [1, 1], [0, 1]), {"ties": "exact"}),
        ("level 95 does not lie", ([1, 2], [1, 1], [0, 1]), {"level": 95}),
    ]
    for message, args, named in cases:
        with pytest.raises(ValueError, match=message):
            cox(*args, **named)
