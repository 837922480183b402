"""Conditions against SQLite as the independent engine, and partial dates by what they can mean."""

from __future__ import annotations

import datetime
import sqlite3

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlfgen.errors import SpecError
from tlfgen.spec.condition import parse_condition

COLUMNS = {"T": "text", "U": "text", "X": "number", "Y": "number"}
text_literal = st.sampled_from(["'a'", "'b'", "'NE'", "''"])
number_literal = st.sampled_from(["0", "1", "2.5", "-1"])
sign = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])


@st.composite
def comparisons(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(["text", "number"]))
    columns = st.sampled_from([c for c, k in COLUMNS.items() if k == kind])
    literal = text_literal if kind == "text" else number_literal
    column = draw(columns)
    forms = "compare,columns,in,not in,between,not between,null,not null,sum,like"
    form = draw(st.sampled_from(forms.split(",")))
    if form == "like" and kind == "text":
        pattern = draw(st.sampled_from(["'a%'", "'%E'", "'_'", "'N_'", "'%'", "'b'"]))
        return f"{column} {draw(st.sampled_from(['LIKE', 'NOT LIKE']))} {pattern}"
    if form == "compare":
        return f"{column} {draw(sign)} {draw(literal)}"
    if form == "columns":
        return f"{column} {draw(sign)} {draw(columns)}"
    if form in ("in", "not in"):
        return f"{column} {form.upper()} ({', '.join(draw(st.lists(literal, min_size=1, max_size=3)))})"
    if form in ("between", "not between"):
        return f"{column} {form.upper()} {draw(literal)} AND {draw(literal)}"
    if form == "sum" and kind == "number":
        return f"{column} + {draw(number_literal)} * 2 {draw(sign)} {draw(columns)}"
    return f"{column} IS {'NOT ' if form == 'not null' else ''}NULL"


conditions = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda t: f"{t[0]} {t[1]} {t[2]}"),
        inner.map(lambda c: f"NOT ({c})"),
        inner.map(lambda c: f"({c})"),
    ),
    max_leaves=5,
)
rows = st.lists(
    st.tuples(
        st.sampled_from([None, "a", "b", "NE", ""]),
        st.sampled_from([None, "a", "b"]),
        st.sampled_from([None, 0.0, 1.0, 2.5, -1.0]),
        st.sampled_from([None, 0.0, 2.5]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=300)
@given(conditions, rows)
def test_a_condition_holds_where_sqlite_says_so(text: str, table: list[tuple[object, ...]]) -> None:
    with sqlite3.connect(":memory:") as base:
        base.execute("pragma case_sensitive_like = on")
        base.execute("create table r (T text, U text, X real, Y real)")
        base.executemany("insert into r values (?, ?, ?, ?)", table)
        expected = [bool(r[0]) for r in base.execute(f"select coalesce(({text}), 0) from r order by rowid")]
    base.close()
    schema = {"T": pl.String, "U": pl.String, "X": pl.Float64, "Y": pl.Float64}
    frame = pl.DataFrame(table, schema=schema, orient="row")
    assert parse_condition(text).rows(frame).to_list() == expected


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("AVALC ne 'NE'", "<>"),
        ("AVALC ^= 'NE'", "<>"),
        ('AVALC = "NE"', "single quotes"),
        ("AVAL = .", "IS NULL"),
        ("AVAL == 1", "Write ="),
        ("upper(AVALC) = 'X'", "no place"),
        ("AVAL = (select 1)", "no place"),
        ("case when A = 1 then 1 end = 1", "no place"),
        ("* = 1", ""),
        ("A = 1; drop table x", ""),
        ("A IS 1", ""),
    ],
)
def test_what_is_no_condition_is_refused_with_a_hint(text: str, hint: str) -> None:
    with pytest.raises(SpecError) as caught:
        condition = parse_condition(text)
        condition.rows(pl.DataFrame({"A": [1.0], "AVAL": [1.0], "AVALC": ["x"]}))
    assert hint in str(caught.value)


A, B = "2014-03", "2014-03-02"


@pytest.mark.parametrize(
    ("left", "sign", "right", "holds"),
    [
        ("2014-02", "<", B, True),
        (A, "<", B, False),
        (A, ">=", B, False),
        (A, "<>", B, False),
        (A, "=", A, False),
        (B, "=", B, True),
        ("2014", "<", "2015-01", True),
        ("2014", "<=", "2014-12-31", True),
        ("2014", "<", "2014-12-31", False),
        ("2014", ">", "2013-12-31", True),
        ("2013", "<>", A, True),
        ("2014-03-02T10:00", "=", B, True),
        (None, "<", B, False),
        ("2012-02", "<=", "2012-02-29", True),
        ("2012-02", "<", "2012-02-29", False),
    ],
)
@pytest.mark.parametrize("kind", ["partial", "date", "literal"])
def test_partial_dates_compare_by_what_they_can_mean(
    left: str | None, sign: str, right: str, holds: bool, kind: str
) -> None:
    """2014-03 is any day of March: before 2 April surely, before 2 March not known, and not known not to
    be."""
    if kind != "partial" and len(right) != 10:
        return
    frame = pl.DataFrame({"L": [left], "R": [right]}, schema={"L": pl.String, "R": pl.String})
    if kind == "date":
        frame = frame.with_columns(pl.lit(datetime.date.fromisoformat(right)).alias("R"))
    text = f"L {sign} '{right}'" if kind == "literal" else f"L {sign} R"
    dates = {"L": "partial"} | ({"R": "partial"} if kind == "partial" else {})
    assert parse_condition(text).rows(frame, dates).to_list() == [holds]


def test_not_of_what_cannot_be_known_is_not_true() -> None:
    frame = pl.DataFrame({"L": [A, A, "2014-01", None], "R": [B, B, B, B]})
    dates = {"L": "partial", "R": "partial"}
    assert parse_condition("NOT (L < R)").rows(frame, dates).to_list() == [False, False, False, False]
    assert parse_condition("NOT (L > R)").rows(frame, dates).to_list() == [False, False, True, False]


def test_a_condition_names_the_columns_it_needs() -> None:
    assert parse_condition("A = 1 AND form.DS.DEATHDT IS NULL OR A > B").columns == (
        "A",
        "form.DS.DEATHDT",
        "B",
    )
    assert parse_condition("all").columns == ()
    assert parse_condition("all").rows(pl.DataFrame({"A": [1, 2]})).to_list() == [True, True]


def test_a_whole_number_is_in_a_list_of_numbers() -> None:
    frame = pl.DataFrame({"N": [1, 2, None, 4]}, schema={"N": pl.Int64})
    assert parse_condition("N IN (1, 4)").rows(frame).to_list() == [True, False, False, True]
    assert parse_condition("N NOT IN (1, 4.5)").rows(frame).to_list() == [False, True, False, True]
