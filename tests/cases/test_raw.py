"""Cases of raw files: what a file holds is read as a reader sees it, and nothing of it is lost in silence."""

from __future__ import annotations

import polars as pl
import pytest
from cases.conftest import MakeCase

from tlfgen.adam.derive_impute_date import Missing, derive_impute_date
from tlfgen.errors import Finding, SpecError
from tlfgen.raw.stage import RawResult, run_raw


def raw(case: MakeCase, name: str) -> RawResult:
    made = case(name)
    return run_raw(made.study.specs, made.folder / "raw")


def of_rule(result: RawResult, rule: str) -> list[Finding]:
    return [f for f in result.findings if f.rule == rule]


def test_a_term_over_its_length_is_kept(case: MakeCase) -> None:
    """Case 40: a term of 229 characters where the form says 200; AETERM is required and stays."""
    result = raw(case, "40-text-over-its-length")
    [finding] = of_rule(result, "length")
    assert (finding.dataset, finding.row, finding.subject, finding.field) == ("AE", 5, "BASE-2-05", "AETERM")
    assert "has 229, more than 200 characters" in finding.message
    terms = result.forms["AE"].frame["AETERM"].to_list()
    assert [len(t) for t in terms if t.startswith("Syncope")] == [229]


def test_a_pattern_takes_linear_time(case: MakeCase) -> None:
    """Case 53: '(a+)+' on letters a and an exclamation mark; each letter doubled the time, 40 never ended."""
    made = case("53-pattern-backtracking")
    made.replace("raw/ae.csv", "aaaaaaaaaaaaaaaaaaaaaaaa!", "a" * 5000 + "!")
    result = run_raw(made.study.specs, made.folder / "raw")
    [finding] = of_rule(result, "pattern")
    assert finding.value == "a" * 5000 + "!"


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("forms/ae.yaml", "pattern: '(a+)+'", r"pattern: '(a)\1'"),
        ("forms/ae.yaml", "pattern: '(a+)+'", "pattern: '(?=a)a'"),
        ("study.yaml", r"'(?P<SITEID>\d)-", r"'(?P<SITEID>\d)(?=-)-"),
        ("study.yaml", "arms:", "unscheduled: {pattern: 'U (?<!x)(?P<VISITNUM>.)'}\narms:"),
    ],
)
def test_a_pattern_that_could_backtrack_is_refused(case: MakeCase, path: str, old: str, new: str) -> None:
    """Case 53: every pattern of a spec, by its line."""
    made = case("53-pattern-backtracking").replace(path, old, new)
    with pytest.raises(SpecError, match="The pattern cannot be read") as caught:
        made.check()
    assert "no look-around, no back-references" in str(caught.value)
    assert caught.value.place.line


def test_a_date_without_its_month_tells_day_and_year(case: MakeCase) -> None:
    """Case 19: 10-UNK-2022 and 2022---10 are --DTC 2022---10 (SDTMIG 3.4, 4.4.2), UN-UNK-2022 is 2022."""
    result = raw(case, "19-month-unknown")
    assert result.forms["AE"].frame["AESTDAT"].to_list() == ["2022---10", "2022", "2022---10"]
    notes = [f for f in result.findings if f.field == "AESTDAT"]
    assert {f.severity for f in notes} == {"note"} and len(notes) == 3
    assert "'10-UNK-2022' has no month; kept as 2022---10" in {f.message for f in notes}


@pytest.mark.parametrize(
    ("layout", "text", "value"),
    [
        ("YYYY-MM-DD", "2022-UN-10", "2022---10"),
        ("YYYY-MM-DD", "2022-03-UN", "2022-03"),
        ("YYYY-MM-DD", "2022-un-unk", "2022"),
        ("DDMonYYYY", "UNUNK2022", "2022"),
        ("DD/MM/YYYY", "UNK/UNK/2022", "2022"),
        ("DD-UNK-YYYY", "10-UNK-2022", "2022---10"),
        ("DD Mon YYYY", "31 UNKN 2022", "2022---31"),
        ("DD Mon YYYY", "32 UNK 2022", None),
        ("DD Mon YYYY", "10 MAR UNK", None),
    ],
)
def test_unknown_parts_of_a_date(case: MakeCase, layout: str, text: str, value: str | None) -> None:
    """Case 19, the kind: what a value tells is kept, in any layout and with any of the words for unknown."""
    made = case("19-month-unknown")
    made.replace("forms/ae.yaml", "[DD-Mon-YYYY, UN-Mon-YYYY, UN-UNK-YYYY, YYYY-MM-DD]", f"['{layout}']")
    made.replace("raw/ae.csv", ",10-UNK-2022,", f",{text},")
    result = run_raw(made.study.specs, made.folder / "raw")
    assert result.forms["AE"].frame["AESTDAT"][0] == value
    own = layout == "DD-UNK-YYYY"
    assert any(f.row == 1 and f.value == text for f in result.findings) is not own


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ("AESTDAT < '2024-03-20'", True),
        ("AESTDAT >= '2022-01-10'", True),
        ("AESTDAT > '2022-06-01'", False),  # it may be January
        ("AESTDAT <= '2022-12-10'", True),
        ("AESTDAT < '2022-12-10'", False),
        ("AESTDAT IS NOT NULL", True),
    ],
)
def test_a_date_without_its_month_compares_by_what_it_can_mean(
    case: MakeCase, where: str, holds: bool
) -> None:
    """Case 19: 2022---10 is 10 January to 10 December 2022."""
    made = case("19-month-unknown")
    made.replace("forms/ae.yaml", 'where: "AEENDAT < AESTDAT"', f'where: "{where}"')
    result = run_raw(made.study.specs, made.folder / "raw")
    assert [f.row for f in of_rule(result, "check AE-01") if f.row == 3] == [3] * holds


@pytest.mark.parametrize(
    ("text", "missing", "day"),
    [
        ("2022---10", "first", "2022-01-10"),
        ("2022---31", "mid", "2022-06-30"),
        ("2022---10", "last", "2022-12-10"),
    ],
)
def test_a_month_is_imputed_and_the_day_is_kept(text: str, missing: str, day: str) -> None:
    """Case 19: the day that was collected stays; the flag is M (codelist DATEFL)."""
    made = derive_impute_date(
        pl.DataFrame({"X": [text]}),
        of="X",
        missing=Missing.model_validate({"day": missing, "month": missing}),
        flag="F",
    )
    assert made.values[""].cast(pl.String).to_list() == [day] and made.values["F"].to_list() == ["M"]


def test_an_implausible_year_is_a_finding_of_the_form(case: MakeCase) -> None:
    """Case 59: 0021-04-10; the finding names form, row and field, the text is kept, the report is built."""
    made = case("59-year-0021")
    result = run_raw(made.study.specs, made.folder / "raw")
    found = of_rule(result, "year")
    assert {(f.severity, f.dataset, f.field, f.value) for f in found} == {
        ("error", "AE", "AESTDAT", "0021-04-10"), ("error", "AE", "AEENDAT", "0021-04-11"),
    }  # fmt: skip
    row = found[0].row
    assert row is not None
    assert "has the year 0021, outside 1900 to 2034; kept as collected, the value is null" in found[0].message
    assert result.forms["AE"].collected["AESTDAT"][row - 1] == "0021-04-10"
    assert result.forms["AE"].frame["AESTDAT"][row - 1] is None


@pytest.mark.parametrize(
    "text", ["0021", "0021-04", "2203-01-01", "1899-12-31", "0021---10", "0021-04-10T10:00"]
)
def test_years_of_every_form_of_date_are_checked(case: MakeCase, text: str) -> None:
    """Case 59, the kind: partial dates and dates with a time, far past and far future (cut-off 2024)."""
    made = case("59-year-0021").replace("raw/ae.csv", "0021-04-10", text)
    result = run_raw(made.study.specs, made.folder / "raw")
    assert text in {f.value for f in of_rule(result, "year")}


def test_an_implausible_year_does_not_stop_the_report(case: MakeCase) -> None:
    """Case 59: one wrong cell never costs the report."""
    made = case("59-year-0021")
    made.build()
    found = [f for f in made.findings() if f["RULE"] == "year"]
    assert {f["FIELD"] for f in found} == {"AESTDAT", "AEENDAT"}
