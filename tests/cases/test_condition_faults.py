"""Conditions attacked from outside: what they compare, and what of them can never be meant."""

from __future__ import annotations

import polars as pl
import pytest
from cases.conftest import MakeCase

from tlfgen.errors import SpecError
from tlfgen.spec.condition import parse_condition
from tlfgen.spec.condition_text import conjuncts, written

AE = "outputs/ae-by-term.yaml"
WHERE = "where: \"TRTEMFL = 'Y'\""
FRAME = pl.DataFrame({"A": [1, 2, None, 0], "B": [0, 2, 1, 0], "X": [1.5, None, -3.3, 0.0]})


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        # SQL gives no value to what is divided by zero; as a float it was infinite, and above everything
        ("A / B > 3", [None, False, None, None]),
        ("A / B <> 1", [None, False, None, None]),
        ("X / B < 0", [None, None, True, None]),
        # 10^15 * 10^4 = 10^19 is more than 64 bits hold; it came round to a negative number
        ("A * 1000000000000000 * 10000 > A", [True, True, None, False]),
        ("A < 99999999999999999999", [True, True, None, True]),
        ("X < 1e30", [True, None, True, True]),
    ],
)
def test_arithmetic_gives_a_true_value_or_none(condition: str, truth: list[bool | None]) -> None:
    assert parse_condition(condition).truth(FRAME).to_list() == truth


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("'AESER' = 'Y'", "a variable stands without quotes, as AESER"),
        ("A = 1 OR 2 = 2", "without a variable"),
        ("2.5 IN (1.5, 2.5)", "without a variable"),
        ("1 BETWEEN 0 AND 2", "without a variable"),
        ("'x' IS NULL", "without a variable"),
        ("A > 1e999", "1e999 is too large"),
        ("A IN (1, 1e400)", "1e400 is too large"),
    ],
)
def test_what_no_record_decides_is_refused(condition: str, says: str) -> None:
    with pytest.raises(SpecError, match="cannot be read") as caught:
        parse_condition(condition)
    assert says in str(caught.value)


def test_a_whole_number_keeps_all_its_digits() -> None:
    """It was written with six, so that a condition told beside a result was not the one that was met."""
    condition = parse_condition("A = 12345678 AND B IN (9007199254740993, -1234567)")
    assert written(condition.tree) == condition.text
    assert conjuncts(condition)[0].text == "A = 12345678"


def refused(case: MakeCase, where: str) -> str:
    with pytest.raises(SpecError) as caught:
        case("base").replace(AE, WHERE, f'where: "{where}"').check()
    return str(caught.value)


@pytest.mark.parametrize(
    "where",
    ["AESEV >= 'MODERATE'", "AESEV BETWEEN 'MILD' AND 'SEVERE'", "'MILD' < AESEV", "AESEV <= '3'",
     "AEDECOD < 'M'", "REL1 > REL2"],
)  # fmt: skip
def test_texts_are_not_put_in_order(case: MakeCase, where: str) -> None:
    """By the alphabet LIFE THREATENING comes before MILD: AESEV >= 'MODERATE' left it out."""
    assert "no order but the alphabet's" in refused(case, where)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("outputs/lab-shift.yaml", "where: \"PARAMCD = 'ALT'\"", "where: \"ATOXGR >= '3'\""),
        ("outputs/lab-shift.yaml", "where: \"PARAMCD = 'ALT'\"", 'where: "ATOXGR > BTOXGR"'),
        ("forms/ae.yaml", 'where: "AEENDAT < AESTDAT"', "where: \"AESTTIM < '06:00'\""),
    ],
)
def test_grades_and_times_have_an_order(case: MakeCase, path: str, old: str, new: str) -> None:
    case("base").replace(path, old, new).check()  # raises nothing


@pytest.mark.parametrize("where", ["ABLFL <> 'Y'", "NOT ABLFL = 'Y'", "ABLFL NOT IN ('Y')", "'Y' <> ABLFL"])
def test_what_is_no_baseline_is_not_looked_for_in_vain(case: MakeCase, where: str) -> None:
    """ABLFL is Y or null: the table was empty, without a word. The weeks 2 and 4 of 8 subjects are meant."""
    old, table = "where: \"PARAMCD = 'ALT'\"", "outputs/lab-shift.yaml"
    with pytest.raises(SpecError, match="ABLFL is 'Y' or missing") as caught:
        case("base").replace(table, old, f'where: "{where}"').check()
    assert "ABLFL IS NULL" in str(caught.value)


FLAGS = """
  - {name: XFL, derive: flag_where, where: "AVAL > ANRHI", label: X}
  - {name: YFL, derive: flag_where, where: "%s <> 'Y'", label: Y}
"""


def test_no_flag_is_made_of_what_another_does_not_say(case: MakeCase) -> None:
    """XFL is null where AVAL is not above, and where it is not known: YFL was null throughout. A baseline
    flag chooses, so that null says no: 16 of the 24 records, weeks 2 and 4 of 8 subjects by parameter."""
    made = case("base")
    text = (made.folder / "adam/adlb.yaml").read_text("utf-8")
    with pytest.raises(SpecError, match="XFL is 'Y' or missing"):
        made.write("adam/adlb.yaml", text + FLAGS.strip("\n") % "XFL" + "\n").check()
    rows = made.write("adam/adlb.yaml", text + FLAGS.strip("\n") % "ABLFL" + "\n").rows("ADLB")
    assert [r["YFL"] for r in rows] == [None if r["ABLFL"] == "Y" else "Y" for r in rows]
    assert sum(r["YFL"] == "Y" for r in rows) == 16


def test_a_missing_flag_may_be_asked_for_beside(case: MakeCase) -> None:
    where = "where: \"PARAMCD = 'ALT' AND (ABLFL <> 'Y' OR ABLFL IS NULL)\""
    made = case("base").replace("outputs/lab-shift.yaml", "where: \"PARAMCD = 'ALT'\"", where)
    assert (
        made.shown("lab-shift").count("8 (100.0)") == 4
    )  # Week 2 and Week 4, all of them normal at baseline


def test_a_number_in_quotes_is_told_without_them(case: MakeCase) -> None:
    assert "AESEQ = 12" in refused(case, "AESEQ = '12'")


ONSET = "  - {name: ONSET, from: AESTDTC, label: Onset}\n"


@pytest.mark.parametrize(
    ("where", "events"),
    [
        # starts: 03-25 and 04-02 of 1-01, "2024-04" of 1-02, 04-12 of 1-03, "2024" of 2-05, 05-02 of 2-06
        ("{} < '2024-04-15'", 3),  # April and 2024 may be later
        ("{} <> '2024-04-10'", 4),
        ("{} >= '2024-04-01'", 4),  # all of April, but not all of 2024
    ],
)
def test_a_partial_date_is_one_under_any_name(case: MakeCase, where: str, events: int) -> None:
    made = case("base").replace("adam/adae.yaml", "variables:\n", f"variables:\n{ONSET}")
    made.replace("raw/ae.csv", "2024-04-10", "2024-04").replace("raw/ae.csv", "2024-04-15", "2024")
    made.replace(AE, WHERE, f'where: "{where.format("ONSET")}"')
    assert f"[{events}]" in made.shown("ae-by-term").split("Any event")[1].splitlines()[0].split()[-1]


@pytest.mark.parametrize("where", ["ADSL.ARMCD = 'A'", "ARM = 'Arm A'", "DOMAIN = 'AE'"])
def test_an_output_reads_what_a_dataset_ends_with(case: MakeCase, where: str) -> None:
    """ARMCD is a variable of DM, which ADSL is made from and does not keep; the build alone refused it."""
    assert "has no variable" in refused(case, where)


CLAIM = "- {id: d, where: Base, label: Deaths, printed: '1', result: %s, says: {%s}%s}"


@pytest.mark.parametrize(
    ("result", "says", "more", "message"),
    [
        ("os.km", "events: few", "", "'few' is no number"),
        ("os.km", "events: ''", "", "'' is no number"),
        ("os.km", "events: NaN", "", "'NaN' is no number"),
        ("deathz.died", "n: '3'", "", "Did you mean 'deaths'"),
        ("deaths.died", "n: '3'", ", instead: [died]", "is not the name of a result"),
        ("os-km.compare", "n: '3'", ", vary: ties", "no analysis whose method could vary"),
        ("deaths.died", "n: '3'", ", vary: ties", "no analysis whose method could vary"),
    ],
)
def test_a_claim_is_checked_before_data(
    case: MakeCase, result: str, says: str, more: str, message: str
) -> None:
    text = f"source: By hand\nclaims:\n  {CLAIM % (result, says, more)}\n"
    with pytest.raises(SpecError) as caught:
        case("base").write("claims.yaml", text).check()
    assert message in str(caught.value) and caught.value.place.line


def test_a_variable_is_summarised_once(case: MakeCase) -> None:
    with pytest.raises(SpecError, match="summarises a variable twice"):
        case("base").replace("outputs/demography.yaml", "summarise: AGE", "summarise: [AGE, AGE]").check()
