"""Limits of a proportion, against published tables, scipy and the definitions.

Published: Newcombe, Statistics in Medicine 1998; 17: 857-872, table I.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tlfgen.stats.proportion import (
    limits_clopper_pearson,
    limits_mean_t,
    limits_wald,
    limits_wilson,
)

METHODS = (limits_clopper_pearson, limits_mean_t, limits_wald, limits_wilson)
COUNTS = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
LEVELS = st.sampled_from([0.8, 0.9, 0.95, 0.99])


@pytest.mark.parametrize(
    ("events", "size", "wald", "wilson", "exact"),
    [
        (81, 263, (0.2522, 0.3638), (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0527, 0.1500), (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0, 0.0), (0.0, 0.1611), (0.0, 0.1684)),
        (1, 29, (-0.0319, 0.1009), (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_published_limits(events: int, size: int, wald: object, wilson: object, exact: object) -> None:
    expected = {limits_wald: wald, limits_wilson: wilson, limits_clopper_pearson: exact}
    for limits, printed in expected.items():
        found = limits(events, size)
        assert (found.low[0], found.high[0]) == pytest.approx(printed, abs=5.1e-5)


@given(COUNTS, LEVELS)
def test_exact_and_score_limits_are_scipy_s(counts: tuple[int, int], level: float) -> None:
    for limits, name in ((limits_clopper_pearson, "exact"), (limits_wilson, "wilson")):
        theirs = stats.binomtest(*counts).proportion_ci(level, name)
        ours = limits(*counts, level)
        assert (ours.low[0], ours.high[0]) == pytest.approx((theirs.low, theirs.high), rel=1e-9, abs=1e-12)


@given(COUNTS, LEVELS)
def test_exact_limits_leave_half_of_the_rest_in_each_tail(counts: tuple[int, int], level: float) -> None:
    (events, size), found = counts, limits_clopper_pearson(*counts, level)
    if events:
        tail = stats.binom.sf(events - 1, size, found.low[0])
        assert tail == pytest.approx((1 - level) / 2, rel=1e-6)
    if events < size:
        tail = stats.binom.cdf(events, size, found.high[0])
        assert tail == pytest.approx((1 - level) / 2, rel=1e-6)


@given(COUNTS, LEVELS)
def test_limits_contain_the_proportion_and_turn_with_it(counts: tuple[int, int], level: float) -> None:
    events, size = counts
    for limits in METHODS:
        found, turned = limits(events, size, level), limits(size - events, size, level)
        if size > 1:
            assert found.low[0] <= events / size + 1e-15 and events / size <= found.high[0] + 1e-15
            assert (found.low[0], found.high[0]) == pytest.approx(
                (1 - turned.high[0], 1 - turned.low[0]), abs=1e-9
            )
    within = [limits(events, size, level) for limits in (limits_clopper_pearson, limits_wilson)]
    assert all(found.low[0] >= 0 and found.high[0] <= 1 for found in within)


@given(st.integers(2, 60).flatmap(lambda n: st.tuples(st.integers(1, n - 1), st.just(n))), LEVELS)
def test_limits_of_the_mean_are_scipy_s_t_interval(counts: tuple[int, int], level: float) -> None:
    events, size = counts
    values = [1] * events + [0] * (size - events)
    theirs = stats.t.interval(level, size - 1, np.mean(values), stats.sem(values))
    ours = limits_mean_t(events, size, level)
    assert (ours.low[0], ours.high[0]) == pytest.approx(theirs)


def test_the_limits_of_a_mean_are_not_cut_at_0_and_1() -> None:
    """As printed for 15 and 4 of 17: 0.712-1.053 and 0.010-0.460."""
    found = limits_mean_t([15, 4], [17, 17])
    assert found.low == pytest.approx([0.7116, 0.0105], abs=5e-5)
    assert found.high == pytest.approx([1.0531, 0.4601], abs=5e-5)
    assert limits_wald(1, 10).low[0] < 0


def test_without_a_subject_there_are_no_limits() -> None:
    for limits in METHODS:
        found = limits([0, 3], [0, 10])
        assert np.isnan([found.low[0], found.high[0]]).all()
        assert np.isfinite([found.low[1], found.high[1]]).all()
    assert math.isnan(limits_mean_t(1, 1).low[0])  # one value has no standard deviation
    assert limits_wilson([], []).low.tolist() == []


@pytest.mark.parametrize(
    ("events", "size"), [(3, 2), (-1, 2), (0.5, 2), (1, 2.5), (math.nan, 2), (1, math.nan), (1, math.inf)]
)
def test_impossible_counts_are_refused(events: float, size: float) -> None:
    for limits in METHODS:
        with pytest.raises(ValueError, match="whole numbers between 0 and the number of subjects"):
            limits(events, size)


def test_unequal_lengths_and_a_level_in_percent_are_refused() -> None:
    with pytest.raises(ValueError, match="as many"):
        limits_wald([1, 2], [3])
    with pytest.raises(ValueError, match="level 95 does not lie"):
        limits_wald(1, 3, 95)
