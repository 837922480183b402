"""The difference of two proportions, against the tables of its publication."""

from __future__ import annotations

import numpy as np
import pytest

from tlfgen.stats.risk_difference import risk_difference


@pytest.mark.parametrize(
    ("counts", "limits"),
    [
        # Newcombe, Statistics in Medicine 1998; 17: 873-890, table II, method 10
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((10, 10, 0, 20), (0.6791, 1.0000)),
        ((10, 10, 0, 10), (0.6075, 1.0000)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ],
)
def test_the_published_examples(counts: tuple[int, int, int, int], limits: tuple[float, float]) -> None:
    found = risk_difference(*counts)
    assert found.estimate[0] == pytest.approx(counts[0] / counts[1] - counts[2] / counts[3])
    assert (found.low[0], found.high[0]) == tuple(pytest.approx(v, abs=5e-5) for v in limits)


def test_turned_around_it_is_the_same_with_its_sign_turned() -> None:
    one, other = (
        risk_difference([3, 5], [7, 9], [1, 9], [8, 9]),
        risk_difference([1, 9], [8, 9], [3, 5], [7, 9]),
    )
    assert np.allclose(one.low, -other.high) and np.allclose(one.estimate, -other.estimate)


def test_a_group_without_subjects_has_no_difference() -> None:
    found = risk_difference(0, 0, 1, 4)
    assert np.isnan([found.estimate[0], found.low[0], found.high[0]]).all()
    with pytest.raises(ValueError, match="events are whole numbers"):
        risk_difference(5, 4, 1, 4)
