"""Logistic regression: closed forms of 2 x 2 tables, published data, and what separates the outcomes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tlfgen.stats.logistic import ALL_THE_SAME, CONSTANT, SEPARATED, firth, logistic

# Flights of the space shuttle before Challenger: temperature at the launch, in degrees Fahrenheit, and
# whether an O-ring suffered. Dalal, Fowlkes and Hoadley, JASA 1989; 84: 945-957.
TEMPERATURE = [66, 70, 69, 68, 67, 72, 73, 70, 57, 63, 70, 78, 67, 53, 67, 75, 70, 81, 76, 79, 75, 76, 58]
DISTRESS = [0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1]

CELLS = st.tuples(*[st.integers(0, 12)] * 4)
FEW = settings(max_examples=25)  # a profile is a search


def table(a: int, b: int, c: int, d: int) -> tuple[list[int], list[int]]:
    """a responders and b others with the covariate, c and d without."""
    return [1] * a + [0] * b + [1] * c + [0] * d, [1] * (a + b) + [0] * (c + d)


def test_the_published_flights() -> None:
    """Agresti, Categorical Data Analysis, problem 5.1: -0.232 (0.108), likelihood ratio 7.95."""
    from scipy.stats import chi2

    found = logistic(DISTRESS, TEMPERATURE)
    assert found.coefficient[0] == pytest.approx(-0.232, abs=5e-4)
    assert found.se[0] == pytest.approx(0.108, abs=5e-4)
    assert found.likelihood_ratio_p[0] == pytest.approx(chi2.sf(7.95, 1), abs=5e-5)
    assert found.low[0] == pytest.approx(math.exp(-0.2322 - 1.96 * 0.1082), abs=5e-4)


@given(CELLS)
def test_a_table_s_odds_ratio_is_that_of_its_cells(cells: tuple[int, int, int, int]) -> None:
    a, b, c, d = cells
    response, x = table(*cells)
    found = logistic(response, x)
    if not (a + c and b + d):
        assert found.reason == ALL_THE_SAME
    elif not (a + b and c + d):
        assert found.reason == CONSTANT
    elif not (a and b and c and d):  # an empty cell separates, completely or nearly
        assert found.separated and found.reason == SEPARATED and np.isnan(found.odds_ratio).all()
    else:
        se = math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
        assert found.odds_ratio[0] == pytest.approx(a * d / (b * c), rel=1e-6)
        assert found.se[0] == pytest.approx(se, rel=1e-6)
        assert found.low[0] == pytest.approx(a * d / (b * c) * math.exp(-1.959964 * se), rel=1e-5)
        assert not found.separated and found.reason == ""


@FEW
@given(CELLS)
def test_firth_adds_a_half_to_each_cell_of_a_table(cells: tuple[int, int, int, int]) -> None:
    """Firth, Biometrika 1993; 80: 27-38, section 4: a half a cell removes the bias of the saturated model."""
    a, b, c, d = cells
    assume(a + b and c + d and a + c and b + d)
    found = firth(*table(*cells))
    assert found.odds_ratio[0] == pytest.approx((a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5)), rel=1e-6)
    assert found.low[0] < found.odds_ratio[0] < found.high[0]
    assert not found.separated


def test_firth_s_profile_limits_are_where_the_penalised_likelihood_has_fallen() -> None:
    """4 of 4 against 0 of 3, by a grid: the profile over the intercept, half a chi-square quantile down."""
    response, x = np.array([1, 1, 1, 1, 0, 0, 0]), np.array([1, 1, 1, 1, 0, 0, 0])
    found = firth(response, x)

    def penalised(b: float) -> float:
        """The best over the intercept, with the saturated table's information p (1 - p) n."""
        a = np.linspace(-12, 6, 200_001)
        without, with_x = 1 / (1 + np.exp(-a)), 1 / (1 + np.exp(-a - b))
        likelihood = 3 * np.log(1 - without) + 4 * np.log(with_x)
        information = 3 * without * (1 - without) * 4 * with_x * (1 - with_x)
        return float((likelihood + np.log(information) / 2).max())

    top = penalised(math.log(found.odds_ratio[0]))
    for limit in (found.low[0], found.high[0]):
        assert top - penalised(math.log(limit)) == pytest.approx(3.841458820694124 / 2, abs=1e-4)
    assert found.likelihood_ratio_p[0] == pytest.approx(math.erfc(math.sqrt(top - penalised(0))), rel=1e-3)


@FEW
@given(CELLS)
def test_the_covariate_turned_round_turns_the_ratio(cells: tuple[int, int, int, int]) -> None:
    response, x = table(*cells)
    assume(response)
    for fit in (logistic, firth):
        found, turned = fit(response, x), fit(response, [1 - v for v in x])
        assert turned.reason == found.reason
        assert turned.odds_ratio == pytest.approx(1 / found.odds_ratio, rel=1e-5, nan_ok=True)
        assert turned.low == pytest.approx(1 / found.high, rel=1e-4, nan_ok=True)
        assert turned.likelihood_ratio_p == pytest.approx(found.likelihood_ratio_p, rel=1e-5, nan_ok=True)


@pytest.mark.parametrize(
    ("x", "separated"),
    [
        ([1, 2, 3, 4, 5, 6], True),  # complete
        ([1, 2, 3, 3, 4, 5], True),  # nearly: they touch at 3
        ([1, 2, 4, 3, 5, 6], False),  # they overlap
        ([6, 5, 4, 3, 2, 1], True),
        ([[1, 9], [2, 1], [3, 5], [3, 7], [4, 2], [5, 6]], True),  # the first of two
        ([[0, 1], [1, 2], [2, 3], [1, 0], [2, 1], [3, 2]], True),  # neither alone: their difference
        ([[1, 5], [2, 3], [4, 2], [3, 4], [5, 4], [2, 3.5]], False),
    ],
)
def test_what_separates_three_from_three(x: Any, separated: bool) -> None:
    response = [0, 0, 0, 1, 1, 1]
    found = logistic(response, x)
    assert found.separated == separated and (found.reason == SEPARATED) == separated
    assert np.isnan(found.odds_ratio).all() == separated
    penalised = firth(response, x)
    assert np.isfinite(penalised.odds_ratio).all() and not penalised.separated


def test_covariates_that_are_nearly_the_same_separate_nothing() -> None:
    x = np.arange(1, 9.0)
    close = np.column_stack([x, x + 1e-4 * np.array([1, -1, 1, 1, -1, -1, 1, 0])])
    response = [0, 1, 0, 1, 1, 0, 1, 0]
    found = logistic(response, close)
    assert not found.separated and np.isfinite(found.coefficient).all()


@pytest.mark.parametrize("fit", [logistic, firth])
@pytest.mark.parametrize("unit", [1e-8, 1e8])
def test_the_unit_of_a_covariate_does_not_matter(fit: Any, unit: float) -> None:
    found = fit(DISTRESS, np.array(TEMPERATURE) * unit)
    assert found.coefficient * unit == pytest.approx(fit(DISTRESS, TEMPERATURE).coefficient, rel=1e-6)


@pytest.mark.parametrize("fit", [logistic, firth])
def test_no_estimate_and_why(fit: Any) -> None:
    assert fit([1, 1, 1], [1, 2, 3]).reason == ALL_THE_SAME
    assert fit([0, 1, 0], [2, 2, 2]).reason == CONSTANT
    assert fit([0, 1, 0, 1], [[1, 2], [2, 4], [3, 6], [1, 2]]).reason == CONSTANT
    empty = fit([], [])
    assert empty.reason == ALL_THE_SAME and np.isnan(empty.odds_ratio).all() and not empty.separated


@pytest.mark.parametrize("fit", [logistic, firth])
def test_impossible_arguments_are_refused(fit: Any) -> None:
    cases: list[tuple[str, tuple[Any, Any]]] = [
        ("responses are a list of 0 and 1", ([0, 2], [1, 2])),
        ("responses are a list of 0 and 1", ([0, math.nan], [1, 2])),
        ("not shape", ([0, 1], [1, 2, 3, 4])),
        ("not shape", ([0, 1], [[1, 2, 3, 4]])),
        ("missing or an infinite value", ([0, 1], [1, math.nan])),
    ]
    for message, (response, x) in cases:
        with pytest.raises(ValueError, match=message):
            fit(response, x)
    with pytest.raises(ValueError, match="level 95"):
        fit([0, 1], [1, 2], 95)
