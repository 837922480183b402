"""Kaplan-Meier: the published remission times, the definitions by hand, lifelines as second opinion."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlfgen.spec.survival import Transform
from tlfgen.stats.kaplan_meier import (
    kaplan_meier,
    quantile,
    quantile_limits,
    reverse,
    survival_at,
    survival_limits,
)

SCALES: tuple[Transform, ...] = ("plain", "log", "loglog")
NEVER = (math.nan, math.nan)
SAMPLES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 1)), min_size=1, max_size=30)


def test_the_published_remission_times(remission: Any) -> None:
    """Kleinbaum and Klein, Survival Analysis, 2nd ed., table 2.2; standard errors: R 4, survival, survfit."""
    km = kaplan_meier(*remission.of("drug"))
    own = km.events > 0
    assert km.time[own].tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert km.at_risk[own].tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert km.events[own].tolist() == [3, 1, 1, 1, 1, 1, 1]
    printed = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert km.survival[own] == pytest.approx(printed, abs=5.1e-5)
    printed = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    assert km.se[own] == pytest.approx(printed, abs=5.1e-5)
    assert (km.events.sum(), km.censored.sum()) == (9, 12)


def test_the_published_medians(remission: Any) -> None:
    """Venables and Ripley, Modern Applied Statistics with S, 4th ed., section 13.1: 23 (13-NA), 8 (4-11)."""
    drug, placebo = kaplan_meier(*remission.of("drug")), kaplan_meier(*remission.of("placebo"))
    assert (quantile(drug), quantile(placebo)) == (23, 8)
    assert quantile_limits(drug) == pytest.approx((13, math.nan), nan_ok=True)
    assert quantile_limits(placebo) == (4, 11)


def test_who_is_censored_at_an_event_is_at_risk_then() -> None:
    km = kaplan_meier([2, 2, 2, 5], [1, 0, 0, 1])
    assert km.time.tolist() == [2, 5]
    assert (km.at_risk.tolist(), km.events.tolist(), km.censored.tolist()) == ([4, 1], [1, 1], [2, 0])
    assert km.survival.tolist() == [0.75, 0]


def test_the_reverse_estimate_is_of_follow_up() -> None:
    """By hand: events at 1 and 3 are censored, censoring at 2 and 4 are the events: 1 - 1/3, then 0."""
    km = kaplan_meier([1, 2, 3, 4], reverse([1, 0, 1, 0]))
    assert km.survival == pytest.approx([1, 2 / 3, 2 / 3, 0])
    assert quantile(km) == 4


def test_s_at_a_time_includes_its_event_and_ends_with_the_last_time() -> None:
    km = kaplan_meier([1, 2, 3, 4], [1, 0, 1, 0])
    survival, se, at_risk = survival_at(km, [0, 0.5, 1, 2.5, 3, 4, 4.1])
    assert survival == pytest.approx([1, 1, 0.75, 0.75, 0.375, 0.375, math.nan], nan_ok=True)
    assert at_risk.tolist() == [4, 4, 4, 2, 2, 1, 0]
    assert se[0] == 0 and math.isnan(se[-1])
    ended = kaplan_meier([1, 2], [1, 1])
    assert survival_at(ended, [9])[0].tolist() == [0]


def test_plain_limits_are_cut_unless_told() -> None:
    km = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 0])
    low, high = survival_limits(km.survival, km.se, "plain", truncate=False)
    assert high[0] == pytest.approx(0.75 + 1.959964 * math.sqrt(0.75 * 0.25 / 4))  # uncensored: binomial
    assert low[2] < 0
    low, high = survival_limits(km.survival, km.se, "plain")
    assert high[0] == 1 and low[2] == 0


def test_limits_where_nothing_happened_and_where_all_did() -> None:
    for transform in SCALES:
        low, high = survival_limits([1.0, 0.0, math.nan], [0.0, 0.0, math.nan], transform)
        assert low == pytest.approx([1, math.nan, math.nan], nan_ok=True)
        assert high == pytest.approx([1, math.nan, math.nan], nan_ok=True)


def test_a_plateau_at_the_quantile() -> None:
    """S is 0.5 from 2 to 3: the first time of it, or its middle; with no event at its end it has none."""
    km = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1])
    assert (quantile(km, rule="first"), quantile(km, rule="midpoint")) == (2, 2.5)
    open_ended = kaplan_meier([1, 2, 3, 4], [1, 1, 0, 0])
    assert quantile(open_ended, rule="first") == 2
    assert math.isnan(quantile(open_ended, rule="midpoint"))


@pytest.mark.parametrize("n", [20, 24, 28, 36, 40, 44])
def test_a_plateau_that_rounding_would_miss(n: int) -> None:
    """The product of 23/24, 22/23, ... is not a half in floating point: with 24 above it, with 36 below."""
    km = kaplan_meier(range(1, n + 1), [1] * n)
    assert (quantile(km, rule="first"), quantile(km)) == (n / 2, n / 2 + 0.5)
    assert (quantile(km, 0.25, "first"), quantile(km, 0.75, "first")) == (n / 4, 3 * n / 4)


def test_symmetric_limits_by_hand() -> None:
    """Ten events at 1 to 10: S is 0.5 at 5, with error sqrt(0.5 * 0.5 / 10); S is 0.6 at 4 and 0.4 at 6, so
    the density is 0.1 a unit of time."""
    low, high = quantile_limits(kaplan_meier(range(1, 11), [1] * 10), method="spss_symmetric")
    half = 1.9599639845400545 * math.sqrt(0.5 * 0.5 / 10) / 0.1
    assert (low, high) == pytest.approx((5 - half, 5 + half))


def test_the_density_reaches_to_the_events_at_epsilon_exactly() -> None:
    """20 events: S is 0.55 at the 9th and 0.45 at the 11th, here at 8.9 and 11.3; 0.1 in 2.4 units."""
    time = [1, 2, 3, 4, 5, 6, 7, 8, 8.9, 10, 11.3, 12, 13, 14, 15, 16, 17, 18, 19, 20]
    low, high = quantile_limits(kaplan_meier(time, [1] * 20), method="spss_symmetric")
    assert (low + high) / 2 == pytest.approx(10)
    assert high - 10 == pytest.approx(1.959964 * math.sqrt(0.25 / 20) * 2.4 / 0.1, rel=1e-6)


def test_symmetric_limits_are_not_truncated() -> None:
    """S is 0.75, 0.5, 0.25, 0: an error of 0.25 and a density of 0.5 in the 4 units from 1 to 5, so that the
    limits are 1.96 times 2 from 1.5."""
    low, high = quantile_limits(kaplan_meier([1, 1.5, 5, 6], [1] * 4), method="spss_symmetric")
    assert (low, high) == pytest.approx((1.5 - 1.959964 * 2, 1.5 + 1.959964 * 2), rel=1e-6)


@pytest.mark.parametrize(
    ("time", "event"),
    [
        ([1, 2, 3, 4], [1, 1, 0, 0]),  # no event with S at or below 0.45
        ([1, 2, 2], [1, 1, 1]),  # S falls from 0.67 to 0, whose standard error is none
        ([1], [1]),
        ([1, 2], [0, 0]),
    ],
)
def test_symmetric_limits_that_are_not_estimable(time: list[float], event: list[int]) -> None:
    found = quantile_limits(kaplan_meier(time, event), method="spss_symmetric")
    assert found == pytest.approx(NEVER, nan_ok=True)


@pytest.mark.parametrize("event", [0, 1])
def test_one_subject(event: int) -> None:
    km = kaplan_meier([3], [event])
    assert (km.survival.tolist(), km.se.tolist()) == ([1 - event], [0])
    assert quantile(km) == pytest.approx(3 if event else math.nan, nan_ok=True)
    assert quantile_limits(km) == pytest.approx(NEVER, nan_ok=True)


def test_no_subject() -> None:
    km = kaplan_meier([], [])
    assert len(km.time) == 0 and math.isnan(quantile(km))
    survival, _, at_risk = survival_at(km, [1])
    assert math.isnan(survival[0]) and at_risk.tolist() == [0]


@given(SAMPLES)
def test_lifelines_has_the_same_curve_limits_and_median(sample: list[tuple[int, int]]) -> None:
    from lifelines import KaplanMeierFitter

    time, event = [t for t, _ in sample], [e for _, e in sample]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifelines divides by 0 where S is 0 and warns
        fitted = KaplanMeierFitter().fit(time, event)
        theirs = fitted.survival_function_["KM_estimate"]
        limits = fitted.confidence_interval_.loc[theirs.index]
    km = kaplan_meier(time, event)
    at = theirs.loc[km.time].to_numpy()
    assert km.survival == pytest.approx(at, abs=1e-9)
    inside = (km.survival > 0) & (km.survival < 1)
    low, high = survival_limits(km.survival, km.se)
    assert low[inside] == pytest.approx(limits.loc[km.time].to_numpy()[inside, 0], rel=1e-6)
    assert high[inside] == pytest.approx(limits.loc[km.time].to_numpy()[inside, 1], rel=1e-6)
    median = fitted.median_survival_time_
    if not (np.abs(at - 0.5) < 1e-9).any():  # lifelines may miss a plateau at a half by rounding
        assert quantile(km) == pytest.approx(math.nan if math.isinf(median) else median, nan_ok=True)


@given(SAMPLES)
def test_the_curve_does_not_depend_on_order_or_unit_and_its_limits_contain_it(
    sample: list[tuple[int, int]],
) -> None:
    time, event = [t for t, _ in sample], [e for _, e in sample]
    km, turned = kaplan_meier(time, event), kaplan_meier([7 * t for t in time[::-1]], event[::-1])
    assert (turned.time == 7 * km.time).all() and (turned.survival == km.survival).all()
    assert quantile(turned) == pytest.approx(7 * quantile(km), nan_ok=True)
    for transform in SCALES:
        low, high = survival_limits(km.survival, km.se, transform)
        known = ~np.isnan(low)
        assert (low[known] <= km.survival[known] + 1e-12).all()
        assert (km.survival[known] <= high[known] + 1e-12).all()
        assert (low[known] >= 0).all() and (high[known] <= 1).all()


@pytest.mark.parametrize("time", [[-1.0, 2.0], [math.nan, 2.0], [math.inf, 2.0]])
def test_a_time_that_is_none_is_refused(time: list[float]) -> None:
    with pytest.raises(ValueError, match="missing, infinite or negative"):
        kaplan_meier(time, [1, 0])


@pytest.mark.parametrize("event", [[1, 2], [1, math.nan], ["Y", "N"]])
def test_an_event_that_is_neither_0_nor_1_is_refused(event: Any) -> None:
    for refuses in (lambda: kaplan_meier([1, 2], event), lambda: reverse(event)):
        with pytest.raises(ValueError, match="an event is 1, its absence 0"):
            refuses()


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        kaplan_meier([1.0, 2.0], [1])


def test_unknown_choices_are_refused() -> None:
    km = kaplan_meier([1, 2, 3], [1, 1, 1])
    choices: list[tuple[str, Any]] = [
        ("transformation 'log-log' is none of", lambda: survival_limits(0.5, 0.1, "log-log")),  # type: ignore[arg-type]
        ("rule 'middle' is none of", lambda: quantile(km, rule="middle")),  # type: ignore[arg-type]
        ("method 'spss' is none of", lambda: quantile_limits(km, method="spss")),  # type: ignore[arg-type]
        ("between 0 and 1, and 50 does not", lambda: quantile(km, 50)),
        ("between 0 and 1, and 50 does not", lambda: quantile_limits(km, 50)),
        ("level 95 does not lie", lambda: quantile_limits(km, level=95)),
        ("epsilon lies between 0 and 0.5", lambda: quantile_limits(km, method="spss_symmetric", epsilon=0.5)),
        ("is missing", lambda: survival_at(km, [math.nan])),
    ]
    for message, refuses in choices:
        with pytest.raises(ValueError, match=message):
            refuses()
