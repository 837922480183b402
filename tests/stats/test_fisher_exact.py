"""Fisher's exact test, against textbook tables, exact arithmetic and R."""

from __future__ import annotations

import json
import math
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlfgen.stats.fisher_exact import compare_fisher_exact


def exact(x: int, n: int, y: int, m: int) -> Fraction:
    """The definition, in whole numbers."""
    total = x + y
    ways = {k: math.comb(n, k) * math.comb(m, total - k) for k in range(max(0, total - m), min(n, total) + 1)}
    return Fraction(sum(w for w in ways.values() if w <= ways[x]), math.comb(n + m, total))


@pytest.mark.parametrize(
    ("table", "p"),
    [
        # Agresti, An Introduction to Categorical Data Analysis, 2nd ed., section 2.6.2: the tea taster, 34/70
        ((3, 4, 1, 4), 0.485714285714286),
        # Fisher's twins of convicts, in R's documentation of fisher.test: 10 of 13 against 2 of 17
        ((10, 13, 2, 17), 0.0005367241),
        # nothing happened: every table is as likely as this one
        ((0, 86, 0, 96), 1.0),
        ((5, 5, 0, 5), 2 / 252),
    ],
)
def test_textbook_tables(table: tuple[int, int, int, int], p: float) -> None:
    assert compare_fisher_exact(*table).p_value[0] == pytest.approx(p, rel=1e-7)


def test_a_group_without_subjects_gives_no_p_value() -> None:
    found = compare_fisher_exact([0, 1, 1], [0, 3, 3], [1, 0, 2], [4, 0, 4]).p_value
    assert np.isnan(found).tolist() == [True, True, False]


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="events lie between 0 and the number of subjects"):
        compare_fisher_exact([5], [4], [1], [4])


def test_no_table_gives_no_number() -> None:
    assert compare_fisher_exact([], [], [], []).p_value.tolist() == []


GROUP = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(st.lists(st.tuples(GROUP, GROUP), min_size=1, max_size=8))
def test_many_tables_at_once_agree_with_exact_arithmetic(
    tables: list[tuple[tuple[int, int], tuple[int, int]]],
) -> None:
    (x, n), (y, m) = zip(*[t[0] for t in tables], strict=True), zip(*[t[1] for t in tables], strict=True)
    found = compare_fisher_exact(x, n, y, m).p_value
    wanted = [float(exact(*a, *b)) for a, b in tables]
    assert found == pytest.approx(wanted, rel=1e-9)


def test_large_groups_keep_their_digits() -> None:
    table = (520, 5000, 430, 4900)
    assert compare_fisher_exact(*table).p_value[0] == pytest.approx(float(exact(*table)), rel=1e-8)


REFERENCE = os.environ.get("TLFGEN_REFERENCE", "")


@pytest.mark.reference
@pytest.mark.skipif(not REFERENCE, reason="TLFGEN_REFERENCE is not set")
def test_as_r_has_it() -> None:
    compared = 0
    for path in sorted((Path(REFERENCE) / "oracle" / "expected").glob("bin*.json")):
        answers = json.loads(path.read_text())
        if "p" not in answers.get("fisher_two_sided", {}):
            continue
        b, a = answers["counts"]["B"], answers["counts"]["A"]
        found = compare_fisher_exact(b["x"], b["n"], a["x"], a["n"]).p_value[0]
        assert found == pytest.approx(answers["fisher_two_sided"]["p"], rel=1e-8), path.name
        compared += 1
    assert compared >= 3
