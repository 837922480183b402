"""Cases of raw files: what a file holds is read as a reader sees it, and nothing of it is lost in silence."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import openpyxl
import polars as pl
import pytest
from cases.conftest import Case, MakeCase

from tlfgen.adam.derive_impute_date import Missing, derive_impute_date
from tlfgen.errors import DataError, Finding, SpecError
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


def test_a_zero_width_blank_is_left_out_and_told(case: MakeCase) -> None:
    """Case 33: 'Nausea' with U+200B in it is Nausea; the finding names row and code point."""
    result = raw(case, "33-zero-width-blank")
    [finding] = of_rule(result, "characters")
    assert (finding.row, finding.subject, finding.field) == (3, "BASE-1-02", "AETERM")
    assert "U+200B ZERO WIDTH SPACE" in finding.message and finding.value == "Nau<U+200B>sea"
    assert result.forms["AE"].frame["AETERM"].to_list().count("Nausea") == 2


def test_one_term_is_one_line(case: MakeCase) -> None:
    """Case 33: one line, Nausea 2 (50.0)."""
    lines = [
        line for line in case("33-zero-width-blank").shown("ae-by-term").splitlines() if "Nausea" in line
    ]
    assert len(lines) == 1 and "2 (50.0)" in lines[0]


@pytest.mark.parametrize(
    ("text", "seen", "named"),
    [
        ("Head\u00adache", "Headache", "U+00AD SOFT HYPHEN"),
        ("Head\u00a0ache", "Head ache", "U+00A0 NO-BREAK SPACE"),
        ("Head\u202face", "Head ace", "U+202F NARROW NO-BREAK SPACE"),
        ("Cafe\u0301", "Caf\u00e9", "not Unicode NFC"),
        ("Fi\ufeffeber", "Fieber", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ("\u202eabc\u202c", "abc", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("it\u0092s", "it\u2019s", "U+0092 control character"),
        ("a\u0007b", "ab", "U+0007 control character"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e", ""),  # Persian needs its joiner
        ("\u5934\u75db", "\u5934\u75db", ""),
    ],
)
def test_a_text_is_read_as_it_is_seen(case: MakeCase, text: str, seen: str, named: str) -> None:
    """Case 33, the kind: no character without a glyph, no second form of the same text (Unicode NFC)."""
    made = case("33-zero-width-blank").replace("raw/ae.csv", "Nau\u200bsea", text)
    result = run_raw(made.study.specs, made.folder / "raw")
    assert result.forms["AE"].frame["AETERM"][2] == seen
    messages = [f.message for f in of_rule(result, "characters")]
    assert named in " ".join(messages) and bool(messages) is bool(named)


def test_codes_subjects_columns_and_words_of_a_spec_are_read_as_seen(case: MakeCase) -> None:
    """Case 33, the kind: in a code, a subject's number, a column's name and a codelist's word."""
    made = case("33-zero-width-blank").replace("raw/ae.csv", "Nau\u200bsea", "Nausea")
    made.replace("raw/ae.csv", "AESEV", "AE\u200bSEV").replace("raw/ae.csv", "1-03,", "1\u00ad-03,")
    made.replace("raw/ae.csv", "RELATED,NOT RELATED,2024-04-10", "RELATED,NOT\u00a0RELATED,2024-04-10")
    made.replace("codelists.yaml", "NOT RELATED", "NOT\u202fRELATED")
    result = run_raw(made.study.specs, made.folder / "raw")
    assert not [f for f in result.findings if f.severity == "error"]
    frame = result.forms["AE"].frame
    assert "BASE-1-03" in frame["USUBJID"].to_list() and frame["AESEV"].null_count() == 0
    assert frame["REL2"].null_count() == 0


def test_missing_tokens_that_nobody_named_are_findings(case: MakeCase) -> None:
    """Case 27: without `missing:` a finding on a text that is exactly such a token."""
    found = of_rule(raw(case, "27-missing-tokens"), "missing")
    assert {(f.severity, f.field, f.value) for f in found} == {
        ("warning", "SOC", "NA"), ("warning", "AECOMM", "NA"), ("warning", "AECOMM", "."),
    }  # fmt: skip
    assert all(f.row and f.subject for f in found)


@pytest.mark.parametrize("where", ["study", "forms", "fields"])
def test_missing_tokens_are_blank(case: MakeCase, where: str) -> None:
    """Case 27: a form or study names its tokens (`missing: [NA, .]`) and they are blank, numbers too."""
    made, says = case("27-missing-tokens"), "missing: [NA, .]"
    if where == "study":
        made.replace("study.yaml", "arms:", f"{says}\narms:")
    elif where == "forms":
        made.replace("forms/ae.yaml", "fields:", f"{says}\nfields:")
        made.replace("forms/vs.yaml", "fields:", f"{says}\nfields:")
    else:
        made.replace("forms/ae.yaml", "name: SOC,", f"name: SOC, {says},")
        made.replace("forms/ae.yaml", "name: AECOMM,", f"name: AECOMM, {says},")
        made.replace("forms/ae.yaml", "name: AESHOSP,", f"name: AESHOSP, {says},")
        made.replace("forms/vs.yaml", "name: WEIGHT,", f"name: WEIGHT, {says},")
    result = run_raw(made.study.specs, made.folder / "raw")
    assert not [f for f in result.findings if f.severity != "note"]
    ae, vs = result.forms["AE"], result.forms["VS"]
    for text in (ae.frame["SOC"], ae.frame["AECOMM"], ae.collected["AECOMM"]):
        assert not {"NA", "."} & set(text)
    weights = [f for f in of_rule(result, "missing") if f.field == "WEIGHT"]
    assert {f.value for f in weights} == {"NA", "."} and vs.frame["WEIGHT"].null_count() == 2


def test_a_field_may_say_that_a_token_is_a_value(case: MakeCase) -> None:
    """Case 27, the kind: what stands for nothing is a fact about the file, declared at the nearest place."""
    made = case("27-missing-tokens").replace("study.yaml", "arms:", "missing: [NA, .]\narms:")
    made.replace("forms/ae.yaml", "name: SOC,", "name: SOC, missing: [],")
    result = run_raw(made.study.specs, made.folder / "raw")
    assert "NA" in set(result.forms["AE"].frame["SOC"])
    assert not [f for f in of_rule(result, "missing") if f.field == "SOC"]


def test_a_level_left_out_on_purpose_is_no_warning(case: MakeCase) -> None:
    """Case 93: with `else: null` nothing; otherwise one finding with a count."""
    made = case("93-level-left-out-on-purpose")
    [finding] = [f for f in made.stages[1] if f.rule == "number_of"]
    assert finding.value == "Baseline" and "Records with it: 24" in finding.message
    made.replace("adam/advs.yaml", "levels: {Week", "else: null, levels: {Week")
    assert not [f for f in Case(made.root).stages[1] if f.rule == "number_of"]


def test_a_number_in_merged_cells_holds_for_its_rows(case: MakeCase) -> None:
    """Case 42: A2:A4 merged; the number holds for the three rows, with a note that names the range."""
    result = raw(case, "42-workbook-merged-subject")
    form = result.forms["VS"]
    assert form.frame["USUBJID"].to_list()[:3] == ["BASE-1-01"] * 3
    assert form.quarantined.height == 0
    [note] = [f for f in of_rule(result, "file") if "merged" in f.message]
    assert "A2:A4" in note.message and "holds for 3 rows" in note.message


def workbook(made: Case, change: Callable[[Any], None]) -> RawResult:
    """The case's workbook, changed and read."""
    path = made.folder / "raw" / "vs.xlsx"
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return run_raw(made.study.specs, made.folder / "raw")


def test_titles_hidden_rows_and_further_sheets_are_told(case: MakeCase) -> None:
    """Case 42, the kind: what a reader sees in the workbook is what is read."""

    def change(book: Any) -> None:
        sheet = book.worksheets[0]
        sheet.unmerge_cells("A2:A4")
        sheet["A3"], sheet["A4"] = "1-01", "1-01"
        sheet.insert_rows(1)
        sheet["A1"] = "Vital signs, site 1"
        sheet.row_dimensions[6].hidden = True
        sheet.column_dimensions["D"].hidden = True
        book.create_sheet("Site 2").append(["SUBJ"])

    result = workbook(case("42-workbook-merged-subject"), change)
    messages: dict[str, list[str]] = {}
    for f in of_rule(result, "file"):
        messages.setdefault(f.severity, []).append(f.message)
    assert result.forms["VS"].frame.height == 24
    assert any("Row 1 stands above the header" in m for m in messages["note"])
    assert any("row 6" in m and "Hidden" in m for m in messages["note"])
    assert any("column D" in m for m in messages["note"])
    assert any("not read: 'Site 2'" in m for m in messages["warning"])


def test_a_header_in_merged_cells_is_refused(case: MakeCase) -> None:
    """Case 42, the kind: two columns under one name."""
    with pytest.raises(DataError, match="header of the sheet .* has merged cells: D1:E1"):
        workbook(case("42-workbook-merged-subject"), lambda book: book.worksheets[0].merge_cells("D1:E1"))


def test_a_far_cell_costs_nothing(case: MakeCase) -> None:
    """Case 54: a number in row 1,048,576 was 1,048,551 findings: one blank stretch, one note."""
    started = time.process_time()
    result = raw(case, "54-workbook-far-cell")
    assert time.process_time() - started < 5
    form = result.forms["VS"]
    assert form.read == 25 and form.quarantined.height == 1
    [note] = [f for f in of_rule(result, "file") if "hold nothing" in f.message]
    assert "to 1048575 hold nothing" in note.message and "is row 1048576 of the sheet" in note.message
    assert len([f for f in result.findings if f.dataset == "VS"]) <= 3


def test_a_far_column_and_blank_records_cost_one_finding(case: MakeCase) -> None:
    """Case 54, the kind: a cell in the last column, and 90 blank rows between two records."""

    def change(book: Any) -> None:
        sheet = book.worksheets[0]
        sheet.delete_rows(sheet.max_row)
        sheet["XFD3"] = "x"
        sheet["A116"] = "1-01"

    result = workbook(case("54-workbook-far-cell"), change)
    [blank] = of_rule(result, "record")
    assert blank.message == "90 records are blank (rows 25 to 114); set aside"


def test_a_damaged_workbook_is_an_error_about_the_file(case: MakeCase) -> None:
    """Case 67: one byte of the compressed sheet is changed."""
    with pytest.raises(DataError, match="not an Excel workbook, or it is cut or damaged") as caught:
        raw(case, "67-workbook-damaged")
    assert "vs.xlsx" in str(caught.value) and "Save it again" in str(caught.value)


def test_an_empty_chart_sheet_is_no_matter(case: MakeCase) -> None:
    """Case 67: an empty chart sheet gave an AttributeError; a chart holds no record."""
    result = workbook(case("42-workbook-merged-subject"), lambda book: book.create_chartsheet("Chart"))
    assert result.forms["VS"].frame.height == 24


def test_a_spec_holds_no_character_that_nobody_sees(case: MakeCase) -> None:
    """Case 33, the kind: a word of a spec with U+200B in it matches nothing and looks as if it did."""
    made = case("33-zero-width-blank").replace("forms/ae.yaml", "name: SOC,", "name: SO\u200bC,")
    with pytest.raises(SpecError, match="U\\+200B ZERO WIDTH SPACE") as caught:
        made.check()
    assert caught.value.place.line == 7
