"""Numbers as text; the independent source of rounding is Python's decimal on the written number."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlfgen.display.numbers import format_number, format_p_value, format_percent, format_plain, half_up
from tlfgen.spec.study import PercentSpec
from tlfgen.spec.theme import NumberRules, PValueRules

RULES = NumberRules()
WRITTEN = st.tuples(st.integers(-(10**10), 10**10), st.integers(0, 8)).map(
    lambda t: Decimal(t[0]).scaleb(-t[1])
)


@given(WRITTEN, st.integers(0, 6))
def test_rounding_is_half_away_from_zero_of_the_written_number(written: Decimal, decimals: int) -> None:
    assert half_up(float(written), decimals) == written.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


@given(st.integers(-999_999, 999_999), st.integers(0, 5))
def test_a_half_goes_away_from_zero(whole: int, decimals: int) -> None:
    """The halves are where binary numbers go astray: 1.005 lies below itself, and Python's round goes to
    even."""
    half = (Decimal(abs(whole)) + Decimal("0.5")).scaleb(-decimals)
    away = (Decimal(abs(whole)) + 1).scaleb(-decimals)
    sign = -1 if whole < 0 else 1
    assert half_up(sign * float(half), decimals) == sign * away


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1.005, 2, "1.01"), (2.675, 2, "2.68"), (0.5, 0, "1"), (1.5, 0, "2"), (2.5, 0, "3"), (-2.5, 0, "-3"),
        (-0.04, 1, "0.0"), (-0.0, 0, "0"), (1.1 * 1.1 * 100, 0, "121"), (0.1 + 0.2, 1, "0.3"),
        (1e15, 0, "1000000000000000"), (123456789012.5, 0, "123456789013"), (99.95, 1, "100.0"),
    ],
)  # fmt: skip
def test_numbers_as_printed(value: float, decimals: int, text: str) -> None:
    assert format_number(value, decimals, RULES) == text


def test_the_theme_gives_the_glyphs() -> None:
    rules = NumberRules(decimal_mark="\u00b7", minus="\u2212", percent="%")
    assert format_number(-1.25, 1, rules) == "\u22121\u00b73"
    assert format_percent(0.125, PercentSpec(), rules) == "12\u00b75%"
    assert format_plain(-0.5, rules) == "\u22120\u00b75"


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (0.1 + 0.2, "0.3"), (1e-7, "0.0000001"), (-54.0, "-54"), (0.0, "0")]
)
def test_a_plain_number_has_the_decimals_that_it_has(value: float, text: str) -> None:
    assert format_plain(value, RULES) == text


@pytest.mark.parametrize(
    ("ratio", "spec", "text"),
    [
        (1 / 3, PercentSpec(), "33.3"),
        (1 / 16, PercentSpec(), "6.3"),  # 6.25
        (0.0, PercentSpec(), "0"),
        (0.0, PercentSpec(zero="percent"), "0.0"),
        (1.0, PercentSpec(), "100.0"),
        (1.0, PercentSpec(hundred="plain"), "100"),
        (1 / 3000, PercentSpec(), "0.0"),  # not "<0.1": a study that wants it says so
        (2999 / 3000, PercentSpec(hundred="plain"), "100.0"),  # rounded to it, not all of them
        (2 / 3, PercentSpec(decimals=0), "67"),
    ],
)
def test_percentages(ratio: float, spec: PercentSpec, text: str) -> None:
    assert format_percent(ratio, spec, RULES) == text


FOUR = NumberRules(p_value=PValueRules(digits=4, floor="<0.0001", ceiling=">0.9999"))
TWO = NumberRules(p_value=PValueRules(digits=2))  # with the usual limits, <0.001 and >0.999
BARE = NumberRules(p_value=PValueRules(digits=3, floor="<0.001", ceiling="", leading_zero=False))


@pytest.mark.parametrize(
    ("p", "rules", "text"),
    [
        (0.0312, RULES, "0.031"), (0.0005, RULES, "<0.001"), (0.001, RULES, "0.001"),
        (0.00149, RULES, "0.001"), (0.9991, RULES, ">0.999"), (0.999, RULES, "0.999"),
        (1.0, RULES, ">0.999"), (0.0, RULES, "<0.001"),
        (0.00009, FOUR, "<0.0001"), (0.00015, FOUR, "0.0002"), (0.99996, FOUR, ">0.9999"),
        (0.004, TWO, "<0.01"), (0.0004, TWO, "<0.001"), (0.005, TWO, "0.01"),  # 0.004 is not below 0.001
        (0.996, TWO, ">0.99"), (0.9995, TWO, ">0.999"), (0.994, TWO, "0.99"),
        (0.0312, BARE, ".031"), (0.0004, BARE, "<.001"), (1.0, BARE, "1.000"),
    ],
)  # fmt: skip
def test_p_values(p: float, rules: NumberRules, text: str) -> None:
    assert format_p_value(p, rules) == text


def test_a_number_that_is_none_is_never_printed() -> None:
    with pytest.raises(ValueError, match="nan cannot be rounded"):
        format_number(float("nan"), 1, RULES)
