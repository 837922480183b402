"""Ratios from the log-rank test, and those that are no hazard ratios."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlfgen.stats.hazard_ratio import (
    hazard_ratio_log_rank,
    hazard_ratio_mantel_haenszel,
    rate_ratio,
    ratio_of_medians,
)
from tlfgen.stats.kaplan_meier import kaplan_meier
from tlfgen.stats.log_rank import log_rank

RATIOS = (hazard_ratio_log_rank, hazard_ratio_mantel_haenszel)
SAMPLES = st.lists(
    st.tuples(st.integers(1, 12), st.integers(0, 1), st.integers(0, 1)), min_size=2, max_size=25
).filter(lambda sample: len({g for _, _, g in sample}) == 2)


def test_the_published_gliomas(glioma: Any) -> None:
    """Bland and Altman, BMJ 2004; 328: 1073: (14 / 22.48) / (28 / 19.52) = 0.43; here the other way round."""
    found = hazard_ratio_log_rank(log_rank(glioma.time, glioma.event, glioma.group))
    assert found.hazard_ratio == pytest.approx((28 / 19.52) / (14 / 22.48), rel=1e-3)
    half = 1.959964 * math.sqrt(1 / 19.52 + 1 / 22.48)
    assert math.log(found.high) == pytest.approx(math.log(found.hazard_ratio) + half, abs=1e-3)
    assert math.log(found.low) == pytest.approx(math.log(found.hazard_ratio) - half, abs=1e-3)


def test_mantel_haenszel_by_hand() -> None:
    """Times 1 to 4, groups 0, 1, 0, 1, all events: E of group 1 is 1/2 + 2/3 + 1/2 + 1 and V is 1/4 + 2/9 +
    1/4."""
    expected, variance = 1 / 2 + 2 / 3 + 1 / 2 + 1, 1 / 4 + 2 / 9 + 1 / 4
    found = hazard_ratio_mantel_haenszel(log_rank([1, 2, 3, 4], [1] * 4, [0, 1, 0, 1]))
    assert found.hazard_ratio == pytest.approx(math.exp((2 - expected) / variance))
    assert found.high / found.low == pytest.approx(math.exp(2 * 1.959964 / math.sqrt(variance)), rel=1e-6)


@given(SAMPLES)
def test_groups_turned_round_turn_each_ratio(sample: list[tuple[int, int, int]]) -> None:
    time, event, group = (list(c) for c in zip(*sample, strict=True))
    turned = [1 - g for g in group]
    for ratio in RATIOS:
        one, other = ratio(log_rank(time, event, group)), ratio(log_rank(time, event, turned))
        assert other.hazard_ratio == pytest.approx(1 / one.hazard_ratio, nan_ok=True)
        assert (other.low, other.high) == pytest.approx((1 / one.high, 1 / one.low), nan_ok=True)
        assert math.isnan(one.hazard_ratio) or one.low <= one.hazard_ratio <= one.high
    rate = rate_ratio(time, event, group)
    if rate > 0:
        assert rate_ratio(time, event, turned) == pytest.approx(1 / rate)


def test_without_an_event_in_a_group_there_is_no_ratio_of_observed_to_expected() -> None:
    found = hazard_ratio_log_rank(log_rank([1, 2, 3, 4], [1, 0, 1, 0], [0, 1, 0, 1]))
    assert math.isnan(found.hazard_ratio) and math.isnan(found.low) and math.isnan(found.high)
    found = hazard_ratio_mantel_haenszel(log_rank([1, 2], [0, 0], [0, 1]))
    assert math.isnan(found.hazard_ratio)


def test_ratio_of_medians() -> None:
    """The first times with S at or below a half are 2 and 6; the middles of the plateaus 2.5 and 7."""
    first, second = kaplan_meier([1, 2, 3, 4], [1] * 4), kaplan_meier([4, 6, 8, 9], [1] * 4)
    assert ratio_of_medians(first, second, "first") == pytest.approx(6 / 2)
    assert ratio_of_medians(first, second, "midpoint") == pytest.approx(7 / 2.5)
    assert math.isnan(ratio_of_medians(first, kaplan_meier([4, 6], [0, 0])))


def test_rate_ratio() -> None:
    """2 events in 10 units of time against 1 in 20."""
    assert rate_ratio([4, 6, 12, 8], [1, 1, 1, 0], [1, 1, 0, 0]) == pytest.approx((2 / 10) / (1 / 20))
    assert rate_ratio([4, 6, 12, 8], [0, 0, 1, 0], [1, 1, 0, 0]) == 0
    assert math.isnan(rate_ratio([4, 6, 12, 8], [1, 1, 0, 0], [1, 1, 0, 0]))


def test_other_tests_and_numbers_of_groups_are_refused() -> None:
    three = log_rank([1, 2, 3], [1, 1, 1], [0, 1, 2])
    gehan = log_rank([1, 2, 3], [1, 1, 1], [0, 1, 1], weight="gehan")
    pair = log_rank([1, 2, 3], [1, 1, 1], [0, 1, 1])
    for ratio in RATIOS:
        with pytest.raises(ValueError, match="two groups, not 3"):
            ratio(three)
        with pytest.raises(ValueError, match="weighted by gehan"):
            ratio(gehan)
        with pytest.raises(ValueError, match="level 95"):
            ratio(pair, 95)
    with pytest.raises(ValueError, match="two groups, not 1"):
        rate_ratio([1, 2], [1, 1], [0, 0])
    with pytest.raises(ValueError, match="has no group"):
        rate_ratio([1, 2], [1, 1], [0.0, math.nan])
