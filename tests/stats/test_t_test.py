"""Student's and Welch's t tests."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tlfgen.stats.t_test import compare_t_test

# Student's sleep data, Biometrika 1908; 6: 1-25: hours gained by two drugs, ten patients each
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_student_s_sleep_data() -> None:
    """R's documentation of t.test: Welch t = -1.8608, df = 17.776, P = 0.07939; pooled df = 18, 0.07919."""
    welch = compare_t_test(FIRST, SECOND, "unequal")
    assert welch.statistic == pytest.approx(-1.8608, abs=5e-5)
    assert welch.degrees == pytest.approx(17.776, abs=5e-4)
    assert welch.p_value == pytest.approx(0.07939, abs=5e-6)
    pooled = compare_t_test(FIRST, SECOND)
    assert pooled.degrees == 18 and pooled.p_value == pytest.approx(0.07919, abs=5e-6)


def test_a_missing_value_does_not_count() -> None:
    assert compare_t_test([*FIRST, math.nan], SECOND) == compare_t_test(FIRST, SECOND)


@pytest.mark.parametrize(
    ("given", "variances", "why"),
    [
        (([], [1.0, 2.0]), "equal", "too few values in a group"),
        (([1.0], [2.0]), "equal", "too few values in a group"),
        (([1.0], [2.0, 3.0, 4.0]), "unequal", "too few values in a group"),
        (([0.1, 0.1, 0.1], [0.3, 0.3]), "equal", "all values of a group are alike"),
    ],
)
def test_without_a_test_there_is_a_reason(
    given: tuple[list[float], list[float]], variances: str, why: str
) -> None:
    found = compare_t_test(*given, variances)  # type: ignore[arg-type]
    assert np.isnan(found.p_value) and found.reason == why


def test_an_assumption_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="assumption of variances 'same' is none of 'equal', 'unequal'"):
        compare_t_test(FIRST, SECOND, "same")  # type: ignore[arg-type]
