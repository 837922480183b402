"""The summary of a numeric variable, against the CAMIS page, hand examples and R."""

from __future__ import annotations

import csv
import json
import math
import os
import statistics
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlfgen.stats.summary import Percentile, quantiles, summarise

# CAMIS, "Summary statistics: R vs SAS" (psiaims.github.io/CAMIS/Comp/r-sas-summary-stats.html)
CAMIS = [10, 20, 30, 40, 150, 160, 170, 180, 190, 200]


@pytest.mark.parametrize(("percentile", "expected"), [(2, (30, 95)), (7, (32.5, 106))])
def test_25th_and_40th_percentile_as_on_the_camis_page(
    percentile: Percentile, expected: tuple[float, float]
) -> None:
    assert quantiles(CAMIS, (0.25, 0.4), percentile=percentile) == pytest.approx(expected, rel=1e-14)


def test_percentile_definition_6_by_hand() -> None:
    # p (n + 1) = 2.75: three quarters of the way from the 2nd value, 20, to the 3rd, 30
    assert quantiles(CAMIS, (0.25,), percentile=6) == (27.5,)


def test_summary_by_hand() -> None:
    # 2, 4, 9: mean 5; squares 9 + 1 + 16 = 26; variance 13; np = 0.75, 1.5, 2.25 take the 1st, 2nd, 3rd value
    found = summarise([9, 2, 4])
    assert (found.n[0], found.mean[0], found.sd[0]) == (3, 5, math.sqrt(13))
    assert found.se[0] == pytest.approx(math.sqrt(13 / 3), rel=1e-15)
    assert (found.min[0], found.q1[0], found.median[0], found.q3[0], found.max[0]) == (2, 2, 4, 9, 9)


def test_one_value_has_no_sd_and_no_value_has_nothing() -> None:
    found = summarise([7.5, math.nan], [0, 1], size=3)
    assert found.n.tolist() == [1, 0, 0]
    assert found.mean[0] == found.median[0] == found.min[0] == found.max[0] == 7.5
    assert np.isnan(found.sd).all() and np.isnan(found.se).all()
    assert np.isnan(found.mean[1:]).all() and np.isnan(found.q1[1:]).all() and np.isnan(found.max[1:]).all()


def test_values_that_are_alike_have_no_spread() -> None:
    found = summarise([0.1] * 3)
    assert (found.q1[0], found.q3[0]) == (0.1, 0.1)
    assert found.sd[0] == pytest.approx(0, abs=1e-16)


NUMBERS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-10_000, 10_000).map(lambda i: i / 10)), min_size=1, max_size=60
)


@given(NUMBERS)
def test_groups_give_what_each_gives_alone(rows: list[tuple[int, float]]) -> None:
    """The independent source is Python's `statistics`, exact on fractions."""
    found = summarise([v for _, v in rows], [g for g, _ in rows], size=4)
    for group in range(4):
        own = [v for g, v in rows if g == group]
        assert found.n[group] == len(own)
        if own:
            assert found.mean[group] == pytest.approx(float(statistics.fmean(own)), abs=1e-9)
            assert found.median[group] == pytest.approx(statistics.median(own), abs=1e-9)
            assert (found.min[group], found.max[group]) == (min(own), max(own))
        if len(own) > 1:
            exact = statistics.variance([Fraction(v) for v in own])
            assert found.sd[group] == pytest.approx(math.sqrt(exact), abs=1e-7)


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=40), st.integers(1, 99))
def test_type_2_averages_at_the_steps(values: list[int], percent: int) -> None:
    """The definition in exact fractions, also where n * p is whole but not in binary."""
    ordered = sorted(values)
    at = Fraction(percent, 100) * len(values)
    j = math.ceil(at)
    expected = (ordered[j - 1] + ordered[min(j, len(values) - 1)]) / 2 if at == j else ordered[j - 1]
    assert quantiles(values, (percent / 100,))[0] == expected


REFERENCE = os.environ.get("TLFGEN_REFERENCE", "")


@pytest.mark.reference
@pytest.mark.skipif(not REFERENCE, reason="TLFGEN_REFERENCE is not set")
@pytest.mark.parametrize("name", ["con01_n5_one_arm", "con05_n60_missing"])
def test_summary_as_r_has_it(name: str) -> None:
    folder = Path(REFERENCE) / "oracle"
    described = json.loads((folder / "expected" / f"{name}.json").read_text())["describe"]
    rows = list(csv.DictReader((folder / "datasets" / f"{name}.csv").read_text().splitlines()))
    compared = 0
    for arm, variables in described.items():
        for variable, expected in variables.items():
            if variable not in rows[0]:
                continue
            own = [r[variable] for r in rows if arm in ("overall", r["ARM"])]
            values = [float(v) if v else math.nan for v in own]
            found = summarise(values)
            for statistic in ("n", "mean", "sd", "se", "min", "max"):
                assert getattr(found, statistic)[0] == pytest.approx(expected[statistic], rel=1e-10)
            types: tuple[Percentile, ...] = (2, 6, 7)
            for percentile in types:
                asked = tuple(expected["quantile_probs"])
                assert quantiles(values, asked, percentile=percentile) == pytest.approx(
                    expected[f"quantile_type{percentile}"], rel=1e-10
                )
            compared += 1
    assert compared >= 4
