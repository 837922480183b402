"""Log-rank, Gehan's and the permutation test: published times, definitions by brute force, lifelines."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tlfgen.stats import log_rank as module
from tlfgen.stats.log_rank import log_rank, log_rank_permutation

SUBJECT = st.tuples(st.integers(1, 12), st.integers(0, 1), st.integers(0, 2), st.integers(0, 1))
SAMPLES = st.lists(SUBJECT, min_size=2, max_size=30)
Sample = list[tuple[int, int, int, int]]


def columns(sample: Sample) -> tuple[list[int], list[int], list[int], list[int]]:
    time, event, group, stratum = (list(c) for c in zip(*sample, strict=True))
    return time, event, group, stratum


def test_the_published_remission_times(remission: Any) -> None:
    """Kleinbaum and Klein, Survival Analysis, 2nd ed., section 2.IV: 16.79; Wilcoxon 13.46."""
    found = log_rank(remission.time, remission.event, remission.group)
    assert found.groups == ("drug", "placebo")
    assert found.observed.tolist() == [9, 21]
    assert found.expected == pytest.approx([19.25, 10.75], abs=5e-3)
    assert found.chi_square == pytest.approx(16.79, abs=5e-3)
    assert found.degrees == 1
    gehan = log_rank(remission.time, remission.event, remission.group, weight="gehan")
    assert gehan.chi_square == pytest.approx(13.46, abs=5e-3)


def test_the_published_gliomas(glioma: Any) -> None:
    """Bland and Altman, BMJ 2004; 328: 1073: 14 and 28 deaths against 22.48 and 19.52 expected, and 6.88 for
    the sum of (O - E)^2 / E."""
    found = log_rank(glioma.time, glioma.event, glioma.group)
    assert found.observed.tolist() == [14, 28]
    assert found.expected == pytest.approx([22.48, 19.52], abs=5e-3)
    simple = ((found.observed - found.expected) ** 2 / found.expected).sum()
    assert simple == pytest.approx(6.88, abs=5e-3)
    assert simple < found.chi_square  # the simple form is conservative


@given(SAMPLES, st.sampled_from([("log_rank", None), ("gehan", "wilcoxon")]))
def test_lifelines_has_the_same_test_of_three_groups(sample: Sample, weights: Any) -> None:
    from lifelines.statistics import multivariate_logrank_test

    time, event, group, _ = columns(sample)
    ours = log_rank(time, event, group, weight=weights[0])
    assume(ours.degrees == len(set(group)) - 1 > 0 and not math.isnan(ours.p_value))
    theirs = multivariate_logrank_test(time, group, event, weightings=weights[1])
    assert ours.chi_square == pytest.approx(theirs.test_statistic, rel=1e-6, abs=1e-9)
    assert ours.p_value == pytest.approx(theirs.p_value, rel=1e-6, abs=1e-9)


@given(SAMPLES)
def test_events_are_shared_out_and_neither_unit_nor_order_matters(sample: Sample) -> None:
    time, event, group, stratum = columns(sample)
    for strata in (None, stratum):
        found = log_rank(time, event, group, strata)
        assert found.observed.sum() == pytest.approx(sum(event))
        assert found.expected.sum() == pytest.approx(sum(event))
        assert found.variance.sum(axis=0) == pytest.approx(np.zeros(len(found.groups)), abs=1e-9)
        other = log_rank([t / 30.4375 for t in time[::-1]], event[::-1], group[::-1], strata and strata[::-1])
        assert other.p_value == pytest.approx(found.p_value, nan_ok=True)


@given(SAMPLES)
def test_strata_add_up(sample: Sample) -> None:
    time, event, group, stratum = columns(sample)
    assume(set(stratum) == {0, 1})
    whole = log_rank(time, event, group, stratum)
    expected = dict.fromkeys(whole.groups, 0.0)
    for layer in (0, 1):
        own = [i for i, s in enumerate(stratum) if s == layer]
        part = log_rank([time[i] for i in own], [event[i] for i in own], [group[i] for i in own])
        for label, value in zip(part.groups, part.expected, strict=True):
            expected[label] += value
    assert list(expected.values()) == pytest.approx(whole.expected.tolist())


def test_a_group_that_is_gone_before_the_first_event_does_not_count() -> None:
    found = log_rank([1, 2, 3, 4, 5, 6, 0.5], [1, 1, 1, 1, 1, 1, 0], list("abababc"))
    pair = log_rank([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], list("ababab"))
    assert (found.chi_square, found.p_value) == pytest.approx((pair.chi_square, pair.p_value))
    assert found.degrees == 1


@pytest.mark.parametrize(
    ("time", "event", "group"),
    [
        ([1, 2, 3], [0, 0, 0], [0, 1, 1]),  # no event
        ([1, 2, 3], [1, 1, 1], [0, 0, 0]),  # one group
        ([2, 2, 2], [1, 1, 1], [0, 1, 1]),  # all at once: nothing can vary
        ([1, 2, 3], [0, 1, 1], [0, 1, 1]),  # never two groups at risk
        ([], [], []),
    ],
)
def test_no_test_where_nothing_can_be_compared(time: Any, event: Any, group: Any) -> None:
    found = log_rank(time, event, group)
    assert math.isnan(found.chi_square) and math.isnan(found.p_value)


def brute_force(time: list[int], event: list[int], group: list[int]) -> float:
    """The definition: observed less expected events of each arrangement, from the test itself."""

    def distance(chosen: tuple[int, ...]) -> float:
        labels = [int(i in chosen) for i in range(len(time))]
        test = log_rank(time, event, labels)
        return abs(float(test.observed[1] - test.expected[1]))

    seen = distance(tuple(i for i, g in enumerate(group) if g))
    ways = [distance(c) for c in itertools.combinations(range(len(time)), sum(group))]
    return float(np.mean([d >= seen - 1e-9 for d in ways]))


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 1), st.integers(0, 1)), min_size=2, max_size=7))
def test_the_permutation_test_counts_every_arrangement(sample: list[tuple[int, int, int]]) -> None:
    time, event, group = (list(c) for c in zip(*sample, strict=True))
    assume(len(set(group)) == 2)
    found = log_rank_permutation(time, event, group)
    if math.isnan(found.p_value):  # every arrangement is alike: nothing to compare
        assert brute_force(time, event, group) == 1
        return
    assert found.exact and found.arrangements == math.comb(len(group), sum(group))
    assert found.p_value == pytest.approx(brute_force(time, event, group))
    turned = log_rank_permutation(time, event, [1 - g for g in group])
    assert turned.p_value == pytest.approx(found.p_value)


def test_two_of_sixteen_have_no_p_value_below_1_in_120() -> None:
    """The last two of 16 to have the event: no arrangement but the observed one is as far out."""
    found = log_rank_permutation(range(1, 17), [1] * 16, [0] * 14 + [1, 1])
    assert found.p_value == pytest.approx(1 / 120)
    assert found.arrangements == 120


def test_a_large_group_takes_no_more_room_than_a_small_one() -> None:
    """97,020 arrangements of 441 subjects: the two are chosen, not the 439."""
    group = [0] * 439 + [1] * 2
    small = log_rank_permutation(range(441), [1] * 441, group)
    large = log_rank_permutation(range(441), [1] * 441, [1 - g for g in group])
    assert small.exact and small == large


def test_random_arrangements_repeat_and_come_close_to_all_of_them(
    glioma: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    time, event = glioma.time[:6] + glioma.time[20:32], glioma.event[:6] + glioma.event[20:32]
    group = glioma.group[:6] + glioma.group[20:32]
    exact = log_rank_permutation(time, event, group)
    assert exact.exact and exact.arrangements == math.comb(18, 6)
    monkeypatch.setattr(module, "MOST_EXACT", 1000)
    first, again = (log_rank_permutation(time, event, group, draws=4000, seed=1) for _ in range(2))
    assert first == again and not first.exact and first.arrangements == 4000
    error = math.sqrt(exact.p_value * (1 - exact.p_value) / 4000)
    assert abs(first.p_value - exact.p_value) < 4 * error


def test_random_arrangements_never_give_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_EXACT", 10)
    found = log_rank_permutation(range(40), [1] * 40, [0] * 20 + [1] * 20, draws=99)
    assert found.p_value == pytest.approx(1 / 100)


def test_a_permutation_compares_two_groups() -> None:
    for group in ([0, 0, 0], [0, 1, 2]):
        with pytest.raises(ValueError, match="two groups, not"):
            log_rank_permutation([1, 2, 3], [1, 1, 1], group)


@pytest.mark.parametrize("test", [log_rank, log_rank_permutation])
def test_missing_and_surplus_values_are_refused(test: Any) -> None:
    cases: list[tuple[str, tuple[Any, Any, Any]]] = [
        ("missing, infinite or negative", ([-1, 2], [1, 1], [0, 1])),
        ("missing, infinite or negative", ([math.nan, 2], [1, 1], [0, 1])),
        ("one length", ([1, 2, 3], [1, 1], [0, 1])),
        ("one group a subject", ([1, 2], [1, 1], [0, 1, 1])),
        ("has no group", ([1, 2, 3], [1, 1, 1], ["a", None, "b"])),
        ("has no group", ([1, 2, 3], [1, 1, 1], [0.0, math.nan, 1.0])),
    ]
    for message, given_values in cases:
        with pytest.raises(ValueError, match=message):
            test(*given_values)


def test_a_missing_stratum_and_an_unknown_weight_are_refused() -> None:
    missing: Any = ["a", None]
    with pytest.raises(ValueError, match="has no stratum"):
        log_rank([1, 2], [1, 1], [0, 1], missing)
    with pytest.raises(ValueError, match="weight 'wilcoxon' is none of 'log_rank', 'gehan'"):
        log_rank([1, 2], [1, 1], [0, 1], weight="wilcoxon")  # type: ignore[arg-type]
