"""Conditions: what decimal arithmetic makes equal is equal; what cannot be read is refused with its line."""

from __future__ import annotations

import re
import time
from decimal import Decimal

import polars as pl
import pytest
from cases.conftest import MakeCase
from hypothesis import given, settings
from hypothesis import strategies as st

from tlfgen.analysis.table import both
from tlfgen.errors import SpecError
from tlfgen.spec.condition import parse_condition

AE = "outputs/ae-by-term.yaml"


def line_of(text: str, found: str) -> list[str]:
    """The cells of the line that begins with a label."""
    line = next(x for x in text.splitlines() if x.strip().startswith(found))
    return re.split(r"\s{2,}", line.strip())[1:]


def test_exact_multiples_of_a_limit_are_graded_as_decimals(case: MakeCase) -> None:
    """Case 02: creatinine 1.8 / 1.2 and 1.95 / 1.3 grade 1; bilirubin 3.6 / 1.2 and 3.3 / 1.1 grade 2; both
    bilirubins are at least 3 x ULN (CTCAE 5.0: grade 2 is ">1.5 - 3.0 x ULN")."""
    made = case("02-exact-multiple")
    week_2 = [r for r in made.rows("ADLB") if r["AVISIT"] == "Week 2"]
    ratio = {(r["PARAMCD"], r["AVAL"], r["ANRHI"]): str(r["ATOXGR"]) for r in week_2}
    assert ratio[("CREAT", 1.8, 1.2)] == ratio[("CREAT", 1.95, 1.3)] == "1"
    assert ratio[("BILI", 3.6, 1.2)] == ratio[("BILI", 3.3, 1.1)] == "2"
    assert line_of(made.shown("grades"), "Bilirubin at least 3 x ULN") == ["1", "1", "2"]


tenths = st.integers(1, 999).map(lambda n: Decimal(n) / 10)


@settings(max_examples=200)
@given(st.lists(tenths, min_size=1, max_size=20), st.sampled_from(["1.5", "3", "2.5", "0.1"]))
def test_a_value_is_neither_above_nor_below_a_multiple_that_it_equals(
    limits: list[Decimal], factor: str
) -> None:
    """Decimal arithmetic is the truth: limits 0.1 to 99.9, multiples by 1.5, 3 and others."""
    exact = [limit * Decimal(factor) for limit in limits]
    frame = pl.DataFrame({"AVAL": [float(v) for v in exact], "ANRHI": [float(v) for v in limits]})
    side = f"{factor} * ANRHI"
    for sign, holds in {"=": 1, ">=": 1, "<=": 1, "<>": 0, ">": 0, "<": 0}.items():
        assert parse_condition(f"AVAL {sign} {side}").rows(frame).to_list() == [bool(holds)] * len(exact)
    assert parse_condition(f"AVAL BETWEEN {side} AND {side}").rows(frame).all()
    listed = ", ".join(str(v) for v in exact)
    assert parse_condition(f"{side} IN ({listed})").rows(frame).all()


@settings(max_examples=200)
@given(st.lists(st.tuples(tenths, tenths), min_size=1, max_size=20))
def test_values_that_differ_as_decimals_compare_as_decimals_do(pairs: list[tuple[Decimal, Decimal]]) -> None:
    frame = pl.DataFrame({"A": [float(a) for a, _ in pairs], "B": [float(b) for _, b in pairs]})
    above = parse_condition("A > 3 * B").rows(frame).to_list()
    assert above == [a > 3 * b for a, b in pairs]


def test_whole_numbers_compare_exactly() -> None:
    """2^53 + 1 has no float of its own; 13 digits are more than 12."""
    frame = pl.DataFrame({"N": [9007199254740993], "M": [9007199254740992]})
    assert parse_condition("N > M").rows(frame).to_list() == [True]
    frame = pl.DataFrame({"N": [1000000000001]})
    assert parse_condition("N = 1000000000000").rows(frame).to_list() == [False]
    assert parse_condition("N IN (1000000000000)").rows(frame).to_list() == [False]


def test_two_date_times_of_one_day_compare_by_their_times() -> None:
    """By hand: 08:00 is before 09:00; a day without a time is the same day."""
    frame = pl.DataFrame({"A": ["2024-03-20T08:00", "2024-03-20T09:00:30", "2024-03-20", "2024-03"]})
    dates = {"A": "partial"}
    assert parse_condition("A < '2024-03-20T09:00'").rows(frame, dates).to_list() == [
        True,
        False,
        False,
        False,
    ]
    assert parse_condition("A = '2024-03-20T09:00'").rows(frame, dates).to_list() == [
        False,
        True,
        True,
        False,
    ]
    assert parse_condition("A = '2024-03-20'").rows(frame, dates).to_list() == [True, True, True, False]


def test_dates_are_in_a_list_of_days() -> None:
    frame = pl.DataFrame({"D": ["2024-03-20", "2024-03-21", None]}).with_columns(pl.col("D").str.to_date())
    assert parse_condition("D IN ('2024-03-20')").rows(frame).to_list() == [True, False, False]
    assert parse_condition("D IN (DATE '2024-03-21')").rows(frame).to_list() == [False, True, False]


def test_the_source_line_names_the_records_that_were_counted(case: MakeCase) -> None:
    """Case 35: Source: ADSL, SAFFL = 'Y' AND (SEX = 'F' OR DCSREAS = 'COMPLETED'). The printed text, read
    again, finds as many subjects as the table's columns have."""
    made = case("35-filter-without-brackets")
    (source,) = re.findall(r"Source: ADSL, (.*?)\.?$", made.shown("deaths"), re.MULTILINE)
    assert source == "SAFFL = 'Y' AND (SEX = 'F' OR DCSREAS = 'COMPLETED')"
    adsl = made.data["ADSL"].frame
    wanted = adsl.filter(
        (pl.col("SAFFL") == "Y") & ((pl.col("SEX") == "F") | (pl.col("DCSREAS") == "COMPLETED"))
    )
    assert adsl.filter(parse_condition(source).rows(adsl))["USUBJID"].equals(wanted["USUBJID"])


conditions = st.sampled_from(
    ["A = 1", "A = 1 OR B = 1", "(A = 1 OR B = 1)", "(A = 1) OR (B = 1)", "NOT A = 1 OR B = 1",
     "A = 1 AND B = 1 OR A = 0", "A BETWEEN 0 AND 1", "T = 'this or that'", "all",
     "(A = 1 OR B = 1) AND T = 'x'"]
)  # fmt: skip


@given(st.lists(conditions, min_size=1, max_size=4))
def test_joined_conditions_mean_that_each_holds(parts: list[str]) -> None:
    values = [(a, b, t) for a in (0, 1, None) for b in (0, 1, None) for t in ("x", "this or that")]
    frame = pl.DataFrame(values, schema={"A": pl.Int64, "B": pl.Int64, "T": pl.String}, orient="row")
    each = [parse_condition(p).rows(frame) for p in parts]
    joined = both(*parts) or "all"
    assert parse_condition(joined).rows(frame).to_list() == [all(row) for row in zip(*each, strict=True)]
    assert both(joined, "all") in (joined, "")  # joining again adds no brackets


def test_a_check_of_a_thousand_ors_is_read(case: MakeCase) -> None:
    """Case 68. By hand: nobody of the base has an event after the cut-off."""
    made = case("68-deep-condition")
    assert not [f for f in made.stages[1] if "AE-02" in f.rule]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("NOT " * 200 + "N = 1", [True, False]),
        ("NOT " * 201 + "N = 1", [False, True]),
        ("NOT (" * 200 + "N = 1" + ")" * 200, [True, False]),
        ("(" * 50 + "N = 1" + ")" * 50, [True, False]),
        ("(" * 5000 + "N = 1" + ")" * 5000, [True, False]),
        (" OR ".join(f"N = {i}" for i in range(1, 1001)), [True, True]),
        (" AND ".join(f"N <> {i}" for i in range(2, 1001)), [True, False]),
        ("N = 1 AND (N = 1 OR (" * 40 + "N = 1" + "))" * 40, [True, False]),
    ],
    ids=lambda x: str(x)[:12],
)
def test_length_and_depth_use_up_no_stack(text: str, holds: list[bool]) -> None:
    assert parse_condition(text).rows(pl.DataFrame({"N": [1, 2]})).to_list() == holds


def test_what_is_nested_too_deep_is_refused_in_one_line() -> None:
    with pytest.raises(SpecError, match="nested deeper than 100 levels"):
        parse_condition("N = 1 AND (N = 1 OR (" * 200 + "N = 1" + "))" * 200)


def test_ors_of_dates_take_time_in_proportion_to_their_number() -> None:
    """Four times as many take about four times as long; their cube would be 64 times."""
    frame, taken = pl.DataFrame({"A": ["2024-03-01", "2024"]}), {}
    for number in (100, 100, 400):
        text = " OR ".join(f"A > '2025-03-{i % 28 + 1:02d}'" for i in range(number))
        begun = time.process_time()
        assert not parse_condition(text).rows(frame, {"A": "partial"}).any()
        taken[number] = time.process_time() - begun
    assert taken[400] < 25 * taken[100]


def test_a_sas_literal_is_refused_with_its_line_and_what_to_write(case: MakeCase) -> None:
    """Case 94: line 7; write DATE '2024-04-01'."""
    with pytest.raises(SpecError) as caught:
        case("94-sas-date-literal").check()
    assert caught.value.place.line == 7 and AE in caught.value.place.path
    assert "write DATE '2024-04-01'" in str(caught.value)


@pytest.mark.parametrize(
    ("where", "hint"),
    [
        ("missing(ASTDT)", "IS NULL"),
        ("AESER eq 'Y'", "Write = instead"),
        ('AESER = \\"Y\\"', "single quotes"),
        ("ASTDT >= '31FEB2024'd", "no day of the calendar"),
        ("ASTDT >= DATE '2025-02-30'", "'2025-02-30' is no day"),
        ("AESEQ + 1", "A condition is a comparison"),
        ("AESER", "AESER stands alone"),
        ("TRTEMFL = 'Y", "does not end"),
        ("(AESER = 'Y'", "not closed"),
    ],
)
def test_what_people_write_from_habit_is_refused_with_the_line(case: MakeCase, where: str, hint: str) -> None:
    made = case("base").replace(AE, "where: \"TRTEMFL = 'Y'\"", f'where: "{where}"')
    with pytest.raises(SpecError) as caught:
        made.check()
    assert hint in str(caught.value) and caught.value.place.line == 7


@pytest.mark.parametrize(
    ("old", "new", "says", "line"),
    [
        ("population: SAFFL", "population:\n\tSAFFL", "begins with a tab", 6),
        ("title: Deaths", "title: Deaths: all of them", "A colon stands", 4),
        ("title: Deaths", "title: 'Deaths", "A quote that was opened", 0),
        ("title: Deaths", "title: @Deaths", "No text begins with @", 4),
        ("total: Total}", "total: Total", "A bracket", 0),
    ],
)
def test_what_is_no_yaml_is_said_in_plain_words(
    case: MakeCase, old: str, new: str, says: str, line: int
) -> None:
    with pytest.raises(SpecError, match=says) as caught:
        case("base").replace("outputs/deaths.yaml", old, new).check()
    assert caught.value.place.line == line or not line
