"""Expressions: what each function gives, what is refused, and arithmetic against exact fractions."""

from __future__ import annotations

import datetime
import math
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlfgen.errors import SpecError
from tlfgen.spec.expression import parse_expression

FRAME = pl.DataFrame(
    {
        "A": [1.005, -2.675, None],
        "N": [2, 0, 1],
        "T": ["ab ", "", "x"],
        "VSDTC": ["2024-01-05", "2024", "2024-01-01T09:00"],
        "ADT": [datetime.date(2024, 1, 10), datetime.date(2023, 12, 31), None],
        "ABLFL": ["Y", None, None],
    }
)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        # half away from zero, as decimals: 1.005 is 1.01, though its binary number lies below
        ("round(A, 2)", [1.01, -2.68, None]),
        ("round(A)", [1, -3, None]),
        ("round(A * 100, -1)", [100.0, -270.0, None]),
        ("floor(A)", [1, -3, None]),
        ("ceil(A)", [2, -2, None]),
        ("floor(0.1 * 3 * 10 * N)", [6, 0, 3]),  # 6.000000000000001 and 3.0000000000000004 as binary numbers
        ("abs(A)", [1.005, 2.675, None]),
        ("A - -N", [3.005, -2.675, None]),
        ("power(N, 3) + sqrt(4 * N)", [8 + math.sqrt(8), 0.0, 3.0]),
        ("exp(ln(N + 1))", [pytest.approx(3.0), 1.0, pytest.approx(2.0)]),
        ("least(A, N, 1)", [1.0, -2.675, None]),  # a missing one leaves it open
        ("greatest(N, 1)", [2, 1, 1]),
        ("coalesce(A, N)", [1.005, -2.675, 1.0]),
        ("upper(T)", ["AB ", None, "X"]),  # an empty text is missing
        ("concat(trim(T), '/', lower(T))", ["ab/ab ", None, "x/x"]),
        ("substr(T, 2, 1)", ["b", None, None]),
        ("substr(T, 2)", ["b ", None, None]),
        ("length(T)", [3, 0, 1]),
        ("days_between(VSDTC, ADT)", [5, None, None]),  # of a partial date no day is known
        ("days_between(DATE '2024-01-01', ADT) + 1", [10, 0, None]),
        ("CASE WHEN A > 0 THEN 'up' WHEN A < 0 THEN 'down' END", ["up", "down", None]),
        ("CASE WHEN A BETWEEN 0 AND 2 AND N = 2 THEN N ELSE 9 END", [2, 9, 9]),
        ("CASE WHEN 1.5 * 1.2 >= N - 0.2 THEN 1 ELSE 0 END", [1, 1, 1]),  # 1.8 is not below 1.8
        ("CASE WHEN (N = 0) THEN CASE WHEN A < 0 THEN -1 END ELSE round(A) END", [1, -1, None]),
        ("coalesce(ABLFL, 'N')", ["Y", "N", "N"]),
    ],
)
def test_an_expression_gives(text: str, values: list[object]) -> None:
    value, undefined = parse_expression(text).evaluate(FRAME, ["VSDTC"])
    assert value.to_list() == values
    assert not undefined.any()


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("A / N", [False, True, False]),
        ("ln(N)", [False, True, False]),
        ("sqrt(N - 1)", [False, True, False]),
        ("power(N, -1)", [False, True, False]),
        ("exp(N * 1000)", [True, False, True]),
        ("round(1 / N)", [False, True, False]),
        ("CASE WHEN N <> 0 THEN A / N END", [False, False, False]),  # never divided
        ("coalesce(A, 1 / N)", [False, False, False]),
        ("coalesce(1 / N, A)", [False, True, False]),
        ("A + 1", [False, False, False]),  # what is missing is no fault of the arithmetic
    ],
)
def test_what_arithmetic_has_no_value_for_is_told(text: str, lost: list[bool]) -> None:
    assert parse_expression(text).evaluate(FRAME)[1].to_list() == lost


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("A + T", "T is text; + - * / stand between numbers"),
        ("ADT - 1", "ADT is a date; + - * / stand between numbers. Days between dates: days_between"),
        ("max(A, N)", "no function max(). Did you mean greatest("),
        ("rund(A)", "Did you mean round("),
        ("missing(A)", "IS NULL"),
        ("round(A", "A bracket is not closed"),
        ("CASE WHEN A > 1 THEN 2", "CASE has no END"),
        ("CASE A WHEN 1 THEN 2 END", "CASE begins with WHEN"),
        ("CASE WHEN A THEN 2 END", "A stands alone"),
        ("CASE WHEN A > 1 ELSE 2 END", "ELSE has no place here"),
        ("A > 1", "a condition stands where one is expected"),
        ("round(A, N)", "a whole number, written as such"),
        ("round(A, 1, 2)", "given 3 values"),
        ("substr(T, 0)", "a whole number from 1"),
        ("sqrt()", "given nothing"),
        ("concat(T, A)", "A is a number; concat() takes texts"),
        ("coalesce(A, T)", "must be of one type"),
        ("greatest(T, 'b')", "T is text; greatest() takes numbers"),
        ("CASE WHEN A > 1 THEN 2 ELSE T END", "must be of one type"),
        ("CASE WHEN A > 1 THEN NULL END", "leave out ELSE"),
        ("A, N", "A comma stands only"),
        ("1 + 2", "names no variable"),
        ("", "empty"),
        ("(" * 200 + "A" + ")" * 200, ""),  # brackets alone are no depth
        ("abs(" * 200 + "A" + ")" * 200, "deeper than 100"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, says: str) -> None:
    if not says:
        assert parse_expression(text).evaluate(FRAME)[0].to_list() == FRAME["A"].to_list()
        return
    with pytest.raises(SpecError) as refused:
        parse_expression(text).evaluate(FRAME)
    assert says in f"{refused.value} {refused.value.hint}"


def test_a_condition_takes_no_function() -> None:
    from tlfgen.spec.condition import parse_condition

    with pytest.raises(SpecError) as refused:
        parse_condition("abs(A) > 1")
    assert "no functions" in str(refused.value.hint)


Exact = tuple[str, Fraction | None]  # an expression and its value by exact arithmetic; None where it has none
COLUMNS = {"A": Fraction(12, 5), "B": Fraction(-7, 2), "C": Fraction(0), "D": None, "E": Fraction(13, 8)}
_LEAVES = st.sampled_from([*COLUMNS.items(), ("2", Fraction(2)), ("0.05", Fraction(1, 20))])


def _joined(one: Exact, sign: str, other: Exact) -> Exact:
    (left, a), (right, b) = one, other
    text = f"({left} {sign} {right})"
    if a is None or b is None or sign == "/" and b == 0:
        return text, None
    return text, {"+": a + b, "-": a - b, "*": a * b}[sign] if sign != "/" else a / b


def _called(name: str, one: Exact, other: Exact) -> Exact:
    (left, a), (right, b) = one, other
    if name in ("least", "greatest"):
        pick = min if name == "least" else max
        return f"{name}({left}, {right})", None if a is None or b is None else pick(a, b)
    if name == "coalesce":
        return f"coalesce({left}, {right})", b if a is None else a
    if name == "case":
        met = a is not None and b is not None and a > b
        return f"CASE WHEN {left} + 0 * A > {right} THEN {left} ELSE {right} END", a if met else b
    shown = f"round({left}, 2)" if name == "round2" else f"{name}({left})"
    if a is None:
        return shown, None
    rounded = Fraction(math.floor(abs(a) * 100 + Fraction(1, 2)), 100) * (-1 if a < 0 else 1)
    whole = {
        "abs": abs(a),
        "round2": rounded,
        "floor": Fraction(math.floor(a)),
        "ceil": Fraction(math.ceil(a)),
    }
    return shown, whole[name]


def _grown(below: st.SearchStrategy[Exact]) -> st.SearchStrategy[Exact]:
    names = st.sampled_from(["least", "greatest", "coalesce", "case", "abs", "round2", "floor", "ceil"])
    return st.builds(_joined, below, st.sampled_from("+-*/"), below) | st.builds(_called, names, below, below)


@settings(max_examples=150)
@given(st.recursive(_LEAVES, _grown, max_leaves=8))
def test_expressions_are_those_of_exact_fractions(exact: Exact) -> None:
    text, value = exact
    frame = pl.DataFrame({n: [None if v is None else float(v)] for n, v in COLUMNS.items()},
                         schema=dict.fromkeys(COLUMNS, pl.Float64))  # fmt: skip
    found = parse_expression(f"{text} + 0 * A").evaluate(frame)[0][0]
    assert found is None if value is None else found == pytest.approx(float(value), rel=1e-9, abs=1e-9)
