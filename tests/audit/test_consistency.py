"""The rules on printed numbers: each with a case that contradicts itself and one that does not.

The published cases are those of Yang et al., Drug Design, Development and Therapy (ChiCTR2000028711).
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from tlfgen.audit.consistency import arrangements, cox_ratios, log_rank_terms, remarks
from tlfgen.spec.claims import ClaimsSpec


def claim(name: str, **says: str) -> dict[str, Any]:
    return {"id": name, "where": "Table", "printed": "as printed", "result": "a.b", "says": says}


def found(*claims: dict[str, Any], rules: tuple[dict[str, Any], ...] = ()) -> list[str]:
    spec = ClaimsSpec.model_validate({"source": "a paper", "claims": claims, "rules": rules})
    return [f"{r.rule}: {r.says}" for r in remarks(spec)]


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        ({"n": "4", "of": "17", "pct": "23.5"}, []),  # Table 2, objective response
        ({"n": "5", "of": "20", "pct": "25"}, []),  # Table 1, printed without decimals
        ({"n": "0", "of": "20", "pct": "0"}, []),
        ({"n": "1", "of": "8", "pct": "12.5"}, []),
        ({"n": "1", "of": "8", "pct": "13"}, []),  # half up
        ({"n": "1", "of": "8", "pct": "12"}, ["percentage: 1 of 8 are 13%, not 12%"]),
        ({"n": "4", "of": "17", "pct": "23.6"}, ["percentage: 4 of 17 are 23.5%, not 23.6%"]),
        ({"n": "18", "of": "17"}, ["percentage: 18 is more than its denominator 17"]),
        ({"n": "18"}, []),
    ],
)
def test_a_percentage_is_its_count_over_its_denominator(says: dict[str, str], expected: list[str]) -> None:
    assert found(claim("x", **says)) == expected


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        ({"pct": "23.5", "low": "0.010", "high": "0.460"}, []),  # text, objective response
        (
            {"pct": "88.2", "low": "0.712", "high": "1.053"},  # text, disease control
            ["limits: the upper limit 1.053 of a proportion is above 1"],
        ),
        ({"pct": "88.2", "low": "71.2", "high": "99.9"}, []),
        (
            {"pct": "88.2", "low": "71.2", "high": "105.3"},
            ["limits: the upper limit 105.3 of a proportion is above 100"],
        ),
        ({"pct": "5.0", "low": "-0.05", "high": "0.15"}, ["limits: the lower limit -0.05 is below 0"]),
        ({"median": "6.2", "median_low": "0.42", "median_high": "11.98"}, []),
        (
            {"median": "6.2", "median_low": "-0.42", "median_high": "11.98"},
            ["limits: the lower limit -0.42 is below 0"],
        ),
        (
            {"median": "16.2", "median_low": "0.42", "median_high": "11.98"},
            ["limits: the estimate 16.2 lies outside 0.42 to 11.98"],
        ),
        (
            {"hr": "0.5", "low": "0.9", "high": "0.4"},
            [
                "limits: the lower limit 0.9 is above the upper one 0.4",
                "limits: the estimate 0.5 lies outside 0.9 to 0.4",
            ],
        ),
    ],
)
def test_limits_stand_around_their_estimate_within_what_is_possible(
    says: dict[str, str], expected: list[str]
) -> None:
    assert found(claim("x", **says)) == expected


GRADES = [claim(f"g{i}", n=n) for i, n in enumerate("6560", 1)]


def test_maximum_grades_add_up_to_any_grade() -> None:
    """Table 3 prints 6, 5, 6 and 0 patients with diarrhea by maximum grade, and 15 with any grade."""
    rule = {"rule": "maximum_grades", "parts": ["g1", "g2", "g3", "g4"], "total": "any"}
    says = "maximum_grades: the maximum grades 6 + 5 + 6 + 0 = 17 do not add up to 15"
    assert found(*GRADES, claim("any", n="15"), rules=(rule,)) == [says]
    assert found(*GRADES, claim("any", n="17"), rules=(rule,)) == []


def test_levels_add_up_to_their_total() -> None:
    """Table 1: 13 men and 7 women of 20."""
    rule = {"rule": "levels_sum", "parts": ["m", "f"], "total": "all"}
    sexes = (claim("m", n="13"), claim("f", n="7"))
    assert found(*sexes, claim("all", n="20"), rules=(rule,)) == []
    says = "levels_sum: the levels 13 + 7 = 20 do not add up to 21"
    assert found(*sexes, claim("all", n="21"), rules=(rule,)) == [says]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"p_value": "0.0081"}, {"p_value": "0.008"}, []),  # text and abstract
        ({"n": "7", "pct": "35"}, {"n": "7", "pct": "35.0"}, []),
        ({"n": "7"}, {"n": "8"}, ["same_number: n is 7 in one and 8 in the other"]),
        ({"pct": "82.4"}, {"pct": "82.46"}, ["same_number: pct is 82.4 in one and 82.46 in the other"]),
        ({"pct": "82.4"}, {"pct": "82.40"}, []),  # text and Table 2
        ({"n": "7"}, {"pct": "35"}, []),
    ],
)
def test_a_number_printed_twice_is_the_same(
    one: dict[str, str], other: dict[str, str], expected: list[str]
) -> None:
    rule = {"rule": "same_number", "claims": ["text", "table"]}
    assert found(claim("text", **one), claim("table", **other), rules=(rule,)) == expected


def ratio(hr: str, p: str, n: tuple[str, str] = ("14", "2"), censored: str = "2") -> list[str]:
    rule = {"rule": "hazard_ratio", "ratio": "hr", "p_value": "p", "n": list(n), "censored": ["0", censored]}
    return found(claim("hr", hr=hr), claim("p", p_value=p), rules=(rule,))


def test_a_hazard_ratio_stands_beside_its_p_value() -> None:
    """0.32 with P = 0.0081 in 14 against 2 patients: no order of events gives both; Cox's 0.11 does."""
    (says,) = ratio("0.32", "0.0081")
    assert "a hazard ratio of 0.32 cannot stand beside P = 0.0081" in says
    assert "0.11, 0.18" in says
    assert ratio("0.11", "0.0081") == []
    assert ratio("9.18", "0.0081") == []  # the other way round: 1 / 0.109
    assert ratio("0.32", "0.08") == []  # with P between 0.048 and 0.109 it can


def test_a_p_value_that_no_order_gives_is_a_remark_and_large_groups_are_not_judged() -> None:
    assert ratio("0.5", "0.0001", n=("2", "2")) == [
        "hazard_ratio: no order of 2 and 2 subjects gives P = 0.0001"
    ]
    assert ratio("0.32", "0.0081", n=("40", "40")) == []


def test_every_order_of_two_small_groups_is_tried_once() -> None:
    group, event = arrangements((2, 1), (0, 1))
    rows = {(*map(int, g), *map(int, e)) for g, e in zip(group, event, strict=True)}
    orders = [tuple(int(i == k) for i in range(3)) for k in range(3)]
    flags = [(1, 1, 1), (0, 1, 1), (1, 0, 1), (1, 1, 0)]
    assert rows == {(*o, *f) for o, f in itertools.product(orders, flags)} and len(group) == 12


def test_log_rank_terms_and_the_cox_ratio_are_those_of_a_hand_worked_order() -> None:
    """Times 1 to 4, groups 1, 0, 1, 0, an event each: E = 1/2 + 1/3 + 1/2, V = 1/4 + 2/9 + 1/4.

    Cox's score is 2 - 2r/(2r + 2) - r/(r + 2) - r/(r + 1), by the risk sets 1010, 010, 10 and 0.
    """
    group, event = np.array([[1.0, 0, 1, 0]]), np.ones((1, 4))
    observed, expected, variance = log_rank_terms(group, event)
    assert observed[0] == 2
    assert expected[0] == pytest.approx(1 / 2 + 1 / 3 + 1 / 2)
    assert variance[0] == pytest.approx(1 / 4 + 2 / 9 + 1 / 4)
    r = cox_ratios(group, event)[0]
    assert 2 - 2 * r / (2 * r + 2) - r / (r + 2) - r / (r + 1) == pytest.approx(0, abs=1e-9)
