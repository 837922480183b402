"""Whiskers of box plots, by hand."""

from __future__ import annotations

import numpy as np

from tlfgen.stats.summary import summarise
from tlfgen.stats.whiskers import whiskers


def test_whiskers_end_at_the_last_value_within_the_fences() -> None:
    """Quartiles 4 and 8 (the third and the seventh of nine), fences -2 and 14; as R's boxplot.stats has it:
    stats 2 4 6 8 9, out 30."""
    values = [2, 4, 4, 5, 6, 7, 8, 9, 30]
    found = summarise(values)
    assert (found.q1[0], found.median[0], found.q3[0]) == (4, 6, 8)
    low, high, beyond = whiskers(values, [0] * 9, found.q1, found.q3)
    assert (low[0], high[0]) == (2, 9)
    assert [v for v, out in zip(values, beyond, strict=True) if out] == [30]


def test_a_value_on_a_fence_is_within_it() -> None:
    """Quartiles 0.1 and 0.3: the upper fence is 0.6, whose sum in floating point lies below."""
    low, high, beyond = whiskers([0.1, 0.3, 0.6, 0.6001], [0] * 4, [0.1], [0.3])
    assert (low[0], high[0], beyond.tolist()) == (0.1, 0.6, [False, False, False, True])


def test_a_whisker_never_ends_inside_the_box() -> None:
    """Of -100, 10, 11, 12 type 7 gives q1 -17.5 and q3 11.25: the lower fence is -60.6, and the lowest value
    within it, 10, is above q1."""
    values = [-100, 10, 11, 12]
    found = summarise(values, percentile=7)
    assert (found.q1[0], found.q3[0]) == (-17.5, 11.25)
    low, high, beyond = whiskers(values, [0] * 4, found.q1, found.q3)
    assert (low[0], high[0], beyond.tolist()) == (-17.5, 12, [True, False, False, False])


def test_groups_stand_apart_and_one_without_a_value_has_none() -> None:
    low, high, _ = whiskers([1, 5, 2], [0, 2, 0], [1, np.nan, 5], [2, np.nan, 5])
    assert np.isnan(low[1]) and np.isnan(high[1])
    assert (low[0], high[0], low[2], high[2]) == (1, 2, 5, 5)
