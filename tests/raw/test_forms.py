"""Forms to typed records: each rule of the table of findings, by a small table."""

from __future__ import annotations

import polars as pl
import pytest

from tlfgen.engine.registry import ROW
from tlfgen.errors import DataError, Finding
from tlfgen.raw.forms import TypedForm
from tlfgen.raw.set_aside import BLANK_KEY, BLANK_RECORD, NO_SUBJECT, REPEATED_KEY

from .conftest import Bench

AE = """
fields:
  - {name: SUBJ, required: true}
  - {name: IT.AETERM, as: AETERM, required: true, max_length: 10}
  - {name: AESEV, type: code, codelist: AESEV}
  - {name: AESER, type: code, codelist: NY}
  - {name: AESTDAT, type: date, layouts: [DD-Mon-YYYY, MM/DD/YYYY, YYYY], partial: true}
  - {name: AEENDAT, type: date, layouts: [DD-Mon-YYYY]}
  - {name: AETIM, type: time}
  - {name: DOSE, type: number, min: 0, max: 200}
  - {name: CYCLE, type: integer}
"""
HEAD = "SUBJ,IT.AETERM,AESEV,AESER,AESTDAT,AEENDAT,AETIM,DOSE,CYCLE\n"


def said(form: TypedForm) -> list[tuple[str, str, int | None, str | None, str | None]]:
    return [(f.severity, f.rule, f.row, f.field, f.value) for f in form.findings]


def only(form: TypedForm) -> Finding:
    (finding,) = form.findings
    return finding


def test_every_type_of_value(bench: Bench) -> None:
    form = (
        bench.form(AE)
        .file(
            HEAD
            + "1-01,Headache,Mild Event,No,05-Mar-2014,07-mar-2014,07:30,12.50,3\n"
            + "1-02,Nausea,severe,YES,,,,,\n"
        )
        .read()
    )
    assert form.findings == ()
    assert form.frame.to_dicts() == [
        {
            "USUBJID": "S-1-01", ROW: 1, "SITEID": "1", "SUBJID": "01", "SUBJ": "1-01", "AETERM": "Headache",
            "AESEV": "MILD", "AESER": "N", "AESTDAT": "2014-03-05", "AEENDAT": "2014-03-07", "AETIM": "07:30",
            "DOSE": 12.5, "CYCLE": 3,
        },
        {
            "USUBJID": "S-1-02", ROW: 2, "SITEID": "1", "SUBJID": "02", "SUBJ": "1-02", "AETERM": "Nausea",
            "AESEV": "SEVERE", "AESER": "Y", "AESTDAT": None, "AEENDAT": None, "AETIM": None, "DOSE": None,
            "CYCLE": None,
        },
    ]  # fmt: skip
    assert form.frame.schema["DOSE"] == pl.Float64
    assert form.frame.schema["CYCLE"] == pl.Int64
    assert form.collected.columns == [
        ROW,
        "SUBJ",
        "AETERM",
        "AESEV",
        "AESER",
        "AESTDAT",
        "AEENDAT",
        "AETIM",
        "DOSE",
        "CYCLE",
    ]
    assert form.collected["DOSE"].to_list() == ["12.50", None]
    assert (form.read, form.quarantined.height) == (2, 0)


@pytest.mark.parametrize(
    ("field", "value", "rule", "says"),
    [
        ("AESEV", "Mld", "codelist AESEV", "'Mld' is not one of MILD, MODERATE, SEVERE (codelist AESEV)"),
        ("DOSE", "200.1", "range", "'200.1' is outside the range 0 to 200"),
        ("DOSE", "1e2", "number", "'1e2' is no number (digits, with a decimal point at most)"),
        ("CYCLE", "0-3", "number", "'0-3' is no whole number"),
        (
            "AEENDAT",
            "31-Feb-2014",
            "date",
            "'31-Feb-2014' is no day of the calendar (written as DD-Mon-YYYY)",
        ),
        ("AEENDAT", "soon", "date", "'soon' is no date written as DD-Mon-YYYY"),
        ("AETIM", "7.30", "time", "'7.30' is no time written as HH:mm or HH:mm:SS"),
    ],
)
def test_a_wrong_value_is_null_and_stays_as_collected(
    bench: Bench, field: str, value: str, rule: str, says: str
) -> None:
    row = {"SUBJ": "1-01", "AETERM": "Fall", "AESER": "Yes", field: value}
    names = [n.removeprefix("IT.") for n in HEAD.strip().split(",")]
    form = bench.form(AE).file(HEAD + ",".join(row.get(n, "") for n in names) + "\n").read()
    assert only(form) == Finding(
        "error", "raw", "AE", rule, f"{says}; kept as collected, the value is null", 1, "S-1-01", field, value
    )
    assert form.frame[field].to_list() == [None]
    assert form.collected[field].to_list() == [value]
    assert form.frame["AESER"].to_list() == ["Y"]


def test_a_text_over_its_length_is_flagged_and_kept(bench: Bench) -> None:
    row = HEAD + "1-01,Headaches and more,,Yes,,,,,\n"
    form = bench.form(AE).file(row).read()
    says = "'Headaches and more' has 18, more than 10 characters; the value is kept"
    assert only(form) == Finding(
        "error", "raw", "AE", "length", says, 1, "S-1-01", "AETERM", "Headaches and more"
    )
    assert form.frame["AETERM"].to_list() == ["Headaches and more"]


def test_several_wrong_values_of_a_row_are_a_finding_each(bench: Bench) -> None:
    form = bench.form(AE).file(HEAD + "1-01,,bad,Maybe,,,,x,\n1-02,Fall,,,,,,,1.5\n").read()
    assert said(form) == [
        ("error", "required", 1, "AETERM", None),
        ("error", "codelist AESEV", 1, "AESEV", "bad"),
        ("error", "codelist NY", 1, "AESER", "Maybe"),
        ("error", "number", 1, "DOSE", "x"),
        ("error", "number", 2, "CYCLE", "1.5"),
    ]
    assert form.frame.height == 2


def test_a_required_field_that_is_blank_is_an_error_and_the_row_stays(bench: Bench) -> None:
    form = bench.form(AE).file(HEAD + "1-01,,,Yes,,,,,\n").read()
    assert only(form) == Finding(
        "error", "raw", "AE", "required", "blank, but required", 1, "S-1-01", "AETERM", None
    )
    assert form.frame["AESER"].to_list() == ["Y"]


def test_a_pattern_must_fit_the_whole_value(bench: Bench) -> None:
    bench.form(r"fields: [{name: SUBJ}, {name: LOT, pattern: '[A-Z]\d+'}]")
    form = bench.file("SUBJ,LOT\n1-01,A1\n1-02,A1b\n1-03, A22\n1-04,A\u0663\n").read()
    assert form.frame["LOT"].to_list() == ["A1", "A1b", " A22", "A\u0663"]
    assert [(f.rule, f.message) for f in form.findings] == [
        ("pattern", f"'{v}' does not fit the pattern [A-Z]\\d+; the value is kept")
        for v in ("A1b", "A\u0663")
    ]


@pytest.mark.parametrize(
    ("value", "iso", "rule", "says"),
    [
        ("2014", "2014", "partial date", "has no month and day; kept as 2014"),
        ("2014-03", "2014-03", "partial date", "has no day; kept as 2014-03"),
        (
            "03/05/2014",
            "2014-03-05",
            "layout",
            "is written as MM/DD/YYYY, not as DD-Mon-YYYY; read as 2014-03-05",
        ),
        (
            "2014-03-05",
            "2014-03-05",
            "layout",
            "is written as YYYY-MM-DD, not as DD-Mon-YYYY; read as 2014-03-05",
        ),
    ],
)
def test_a_remarkable_date_is_a_note(bench: Bench, value: str, iso: str, rule: str, says: str) -> None:
    form = bench.form(AE).file(HEAD + f"1-01,Fall,,,{value},,,,\n").read()
    found = only(form)
    assert (found.severity, found.rule, found.value) == ("note", rule, value)
    assert found.message == f"'{value}' {says}"
    assert form.frame["AESTDAT"].to_list() == [iso]


def test_a_partial_date_where_a_whole_one_is_expected_is_a_warning_and_stays(bench: Bench) -> None:
    form = bench.form(AE).file(HEAD + "1-01,Fall,,,,2014-03,,,\n").read()
    found = only(form)
    assert (found.severity, found.rule) == ("warning", "partial date")
    assert found.message == "'2014-03' has no day, where the form expects a whole date; kept as 2014-03"
    assert form.frame["AEENDAT"].to_list() == ["2014-03"]


def test_the_forms_own_layout_is_no_finding_even_with_blanks_around(bench: Bench) -> None:
    form = bench.form(AE).file(HEAD + "1-01,Fall,,, 05-Mar-2014,,07:30:10,,\n").read()
    assert form.findings == ()
    assert form.frame.select("AESTDAT", "AETIM").row(0) == ("2014-03-05", "07:30:10")


def test_a_field_without_layouts_is_iso(bench: Bench) -> None:
    bench.form("fields: [{name: SUBJ}, {name: D, type: date, partial: true}]")
    form = bench.file(
        "SUBJ,D\n1-01,2014-03-05\n1-02,2014-03\n1-03,05.03.2014\n1-04,2014-03-05T07:30\n"
    ).read()
    assert form.frame["D"].to_list() == ["2014-03-05", "2014-03", None, "2014-03-05T07:30"]
    assert [(f.severity, f.rule, f.row) for f in form.findings] == [
        ("note", "partial date", 2), ("error", "date", 3), ("note", "layout", 4),
    ]  # fmt: skip


def test_five_thousand_notes_of_one_cause_are_one(bench: Bench) -> None:
    """Case 93: findings that are the same are one; a list that nobody can read hides the one that matters."""
    rows = "".join(f"1-{n % 100:02d},T{n},,,03/{n % 28 + 1:02d}/2014,,,,\n" for n in range(5000))
    form = bench.form(AE).file(HEAD + rows + "1-01,T,,Maybe,,,,,\n").read()
    assert [(f.rule, f.row) for f in form.findings] == [("layout", 1), ("codelist NY", 5001)]
    assert form.findings[0].message == (
        "is written as MM/DD/YYYY, not as DD-Mon-YYYY (5000 records: rows 1 to 5000)"
    )


@pytest.mark.parametrize(("number", "lines"), [(100, 100), (101, 1)])
def test_a_hundred_errors_of_one_cause_are_a_line_each(bench: Bench, number: int, lines: int) -> None:
    rows = "".join(f"1-{n % 100:02d},T{n},,Maybe,,,,,\n" for n in range(number))
    form = bench.form(AE).file(HEAD + rows).read()
    assert len(form.findings) == lines
    assert ("101 records: rows 1 to 101" in form.findings[0].message) is (lines == 1)


# Records that are set aside


def test_an_unusable_subject_sets_the_record_aside(bench: Bench) -> None:
    form = (
        bench.form(AE)
        .file(
            HEAD
            + "1-01,Fall,,,,,,,\nX,Death,,Yes,,,,,\n,Pain,,,,,,,\n"
            + "1-\u0661\u0661,Pain,,,,,,,\n 1-02 ,Rash,,,,,,,\n"
        )
        .read()
    )
    assert form.frame["USUBJID"].to_list() == ["S-1-01", "S-1-02"]
    assert form.frame["SUBJ"].to_list() == ["1-01", "1-02"]
    assert form.frame[ROW].to_list() == [1, 5]
    assert form.collected.select(ROW, "SUBJ").rows() == [(1, "1-01"), (5, " 1-02")]
    assert said(form) == [
        ("error", "subject", 2, "SUBJ", "X"),
        ("error", "subject", 3, "SUBJ", None),
        ("error", "subject", 4, "SUBJ", "1-\u0661\u0661"),
    ]
    assert form.findings[0].message == (
        r"'X' is no subject of this study (it does not fit (?P<SITEID>\d)-(?P<SUBJID>\d\d))"
        "; the record is set aside"
    )
    aside = form.quarantined
    assert aside.select(ROW, "file", "kind", "IT.AETERM", "AESER").rows() == [
        (2, "ae.csv", NO_SUBJECT, "Death", "Yes"),
        (3, "ae.csv", NO_SUBJECT, "Pain", None),
        (4, "ae.csv", NO_SUBJECT, "Pain", None),
    ]
    assert aside["reason"][1] == "the subject is blank"
    assert form.read == form.frame.height + aside.height == 5


def test_a_blank_record_between_others_is_set_aside_and_counted(bench: Bench) -> None:
    form = bench.form(AE).file(HEAD + "1-01,Fall,,,,,,,\n,,,,,,,,\n1-02,Rash,,,,,,,\n").read()
    assert form.quarantined.select(ROW, "kind").rows() == [(2, BLANK_RECORD)]
    assert [(f.severity, f.rule, f.row) for f in form.findings] == [
        ("note", "file", None),
        ("error", "record", 2),
    ]


KEYED = """
key: [SUBJ, ECSTDAT, POINT]
fields:
  - {name: SUBJ, required: true}
  - {name: ECSTDAT, type: date, layouts: [DD-Mon-YYYY], required: true}
  - {name: POINT, type: code, codelist: NY}
  - {name: DOSE, type: number}
"""


def test_the_first_of_records_with_one_key_stays(bench: Bench) -> None:
    form = bench.form(KEYED).file("""
        SUBJ,ECSTDAT,POINT,DOSE
        1-01,05-Mar-2014,Yes,54
        1-01,05-MAR-2014,Y,81
        1-01,2014-03-05,yes,99
        1-01,05-Mar-2014,,54
        1-01,05-Mar-2014,,54
        1-02,05-Mar-2014,Yes,54
    """.replace("    ", "")).read()  # fmt: skip
    assert form.frame[ROW].to_list() == [1, 4, 6]
    assert form.quarantined.select(ROW, "kind", "reason").rows() == [
        (2, REPEATED_KEY, "repeats the key of row 1 (SUBJ 1-01, ECSTDAT 2014-03-05, POINT Y)"),
        (3, REPEATED_KEY, "repeats the key of row 1 (SUBJ 1-01, ECSTDAT 2014-03-05, POINT Y)"),
        (5, REPEATED_KEY, "repeats the key of row 4 (SUBJ 1-01, ECSTDAT 2014-03-05, POINT blank)"),
    ]
    assert {(f.severity, f.rule) for f in form.findings} == {("error", "key")}


def test_a_blank_required_key_field_sets_the_record_aside(bench: Bench) -> None:
    form = bench.form(KEYED).file("SUBJ,ECSTDAT,POINT,DOSE\n1-01,,Y,54\n1-01, ,Y,54\n").read()
    assert form.quarantined["kind"].to_list() == [BLANK_KEY, BLANK_KEY]
    assert form.findings[0].message == "ECSTDAT is blank, which the key needs; the record is set aside"


def test_a_wrong_date_in_the_key_sets_no_dose_aside(bench: Bench) -> None:
    form = (
        bench.form(KEYED)
        .file(
            "SUBJ,ECSTDAT,POINT,DOSE\n1-01,31-Feb-2014,Y,54\n1-01,30-Feb-2014,Y,54\n1-01,31-Feb-2014,Y,81\n"
        )
        .read()
    )
    assert form.frame.select(ROW, "ECSTDAT", "DOSE").rows() == [
        (1, None, 54.0),
        (2, None, 54.0),
        (3, None, 81.0),
    ]
    assert not form.quarantined.height


def test_two_doses_of_a_month_are_two_doses(bench: Bench) -> None:
    """A date without its day identifies no dose: nothing says that the two are one."""
    bench.form(KEYED).file("SUBJ,ECSTDAT,POINT,DOSE\n1-01,2014-02,Y,54\n1-01,2014-02,Y,54\n")
    form = bench.read()
    assert form.frame["DOSE"].to_list() == [54.0, 54.0]
    assert [f.row for f in form.findings if f.rule == "duplicate"] == [2]


def test_a_repeated_record_without_a_key_is_a_warning_and_stays(bench: Bench) -> None:
    same = "1-01,Fall,,,,,,,\n"
    form = bench.form(AE).file(HEAD + same + "1-01,Fall,,,,,,1,\n" + same + same).read()
    assert form.frame.height == 4
    assert said(form) == [("warning", "duplicate", 3, None, None), ("warning", "duplicate", 4, None, None)]
    assert form.findings[1].message == "equal to row 1 in every declared field; both are kept"


# Subjects


def test_a_form_may_name_its_subject_otherwise(bench: Bench) -> None:
    form = (
        bench.form("subject: PAT\nfields: [{name: PATIENT, as: PAT}, {name: SITEID}]")
        .file("PATIENT,SITEID\n1-01,Z\n")
        .read()
    )
    assert form.frame.to_dicts() == [
        {"USUBJID": "S-1-01", ROW: 1, "SUBJID": "01", "PAT": "1-01", "SITEID": "Z"}
    ]


def test_a_field_of_the_subject_may_have_rules_of_its_own(bench: Bench) -> None:
    bench.form("fields: [{name: SUBJ, pattern: '1-..'}, {name: N, type: integer}]")
    form = bench.file("SUBJ,N\n1-01,1\n2-01,x\n 1-02,3\n").read()
    assert form.frame.select("USUBJID", "SUBJ").rows() == [
        ("S-1-01", "1-01"),
        ("S-2-01", "2-01"),
        ("S-1-02", "1-02"),
    ]
    assert sorted((f.rule, f.row) for f in form.findings) == [("number", 2), ("pattern", 2)]


def test_a_subject_without_parts_is_any_text(bench: Bench) -> None:
    bench.write(
        "study.yaml",
        "study: S\nversion: 2\ntitle: T\ncutoff: 2024-06-30\n"
        'subject: {from: ID, USUBJID: "S-{ID}"}\narms: []',
    )
    form = bench.form("fields: [{name: ID, type: integer}]").file("ID\n7\n,\n".replace(",", " ")).read()
    assert form.frame.to_dicts() == [{"USUBJID": "S-7", ROW: 1, "ID": 7}]


def test_a_part_that_may_be_absent_makes_the_subject_unusable_where_usubjid_needs_it(bench: Bench) -> None:
    bench.write(
        "study.yaml",
        r"""
        study: S
        version: 2
        title: T
        cutoff: 2024-06-30
        subject: {from: ID, parts: '(?P<A>\d)(-(?P<B>\d))?', USUBJID: "S-{A}-{B}"}
        arms: []
        """,
    )
    form = bench.form("fields: [{name: ID}]").file("ID\n1-2\n1\n").read()
    assert form.frame["USUBJID"].to_list() == ["S-1-2"]
    assert form.quarantined["kind"].to_list() == [NO_SUBJECT]


# Files and columns


def test_files_are_joined_in_their_order_and_rows_are_numbered_through(bench: Bench) -> None:
    bench.form("form: AE\nlabel: L\nfiles: [b.csv, a.csv]\nfields: [{name: SUBJ}, {name: X}]\n")
    form = bench.file("SUBJ,X\n1-01,b\nbad,b\n", "b.csv").file("X,SUBJ\na,1-02\na,bad\n", "a.csv").read()
    assert form.frame.select(ROW, "SUBJ", "X").rows() == [(1, "1-01", "b"), (3, "1-02", "a")]
    assert form.quarantined.select(ROW, "file").rows() == [(2, "b.csv"), (4, "a.csv")]


def test_a_missing_file_names_form_file_folder_and_the_nearest(bench: Bench) -> None:
    with pytest.raises(DataError) as caught:
        bench.form(AE).file(HEAD, "aes.csv").file(HEAD, "dm.csv").read()
    text = str(caught.value)
    assert "Form AE: its file ae.csv is not there." in text
    assert str(bench.raw / "ae.csv") in text
    assert f"Did you mean 'aes.csv'? {bench.raw} holds aes.csv, dm.csv." in text


def test_a_column_neither_declared_nor_ignored_is_one_warning(bench: Bench) -> None:
    form = (
        bench.form("fields: [{name: SUBJ}]\nignore: [PAGE]")
        .file("SUBJ,PAGE,SHOE\n1-01,1,43\n1-02,1,44\n")
        .read()
    )
    found = only(form)
    assert (found.severity, found.rule, found.row, found.field) == (
        "warning",
        "undeclared column",
        None,
        "SHOE",
    )
    assert "ae.csv has a column 'SHOE' that is neither declared nor ignored" in found.message


def test_a_declared_column_that_is_missing_is_null_throughout(bench: Bench) -> None:
    form = (
        bench.form("fields: [{name: SUBJ}, {name: WEIGHT, type: number}]")
        .file("SUBJ,WEIGTH\n1-01,70\n")
        .read()
    )
    assert form.frame.select("WEIGHT").to_dicts() == [{"WEIGHT": None}]
    assert form.frame.schema["WEIGHT"] == pl.Float64
    assert [(f.severity, f.rule, f.field) for f in form.findings] == [
        ("error", "missing column", "WEIGHT"),
        ("warning", "undeclared column", "WEIGTH"),
    ]
    assert (
        form.findings[0].message
        == "ae.csv has no column 'WEIGHT'; all its values are null. The nearest is 'WEIGTH'"
    )


@pytest.mark.parametrize(
    ("spec", "file", "missing"),
    [
        ("fields: [{name: SUBJ}]", "SUBJECT\n1-01\n", "SUBJ"),
        ("fields: [{name: SUBJ}, {name: DOSE, required: true}]", "SUBJ,DOSES\n1-01,1\n", "DOSE"),
        ("key: [X]\nfields: [{name: SUBJ}, {name: IT.X, as: X}]", "SUBJ,IT_X\n1-01,1\n", "IT.X"),
    ],
)
def test_a_missing_column_that_the_form_needs_is_an_error(
    bench: Bench, spec: str, file: str, missing: str
) -> None:
    with pytest.raises(DataError) as caught:
        bench.form(spec).file(file).read()
    assert f"Form AE: ae.csv has no column '{missing}', which the form needs." in str(caught.value)
    assert "Did you mean" in str(caught.value)


def test_a_file_with_a_header_only_is_a_warning(bench: Bench) -> None:
    form = bench.form(AE).file(HEAD).read()
    assert (form.read, form.frame.height) == (0, 0)
    assert form.frame.schema["CYCLE"] == pl.Int64
    assert said(form) == [("warning", "file", None, None, None)]


def test_what_was_odd_about_a_file_is_a_note(bench: Bench) -> None:
    bench.form("encoding: latin-1\nfields: [{name: SUBJ}, {name: X}]")
    (bench.raw / "ae.csv").write_bytes("SUBJ,X\n1-01,Fi\u00e8vre\n".encode("latin-1"))
    form = bench.read()
    assert form.frame["X"].to_list() == ["Fi\u00e8vre"]
    assert said(form) == [("note", "file", None, None, None)]
    assert form.findings[0].message == "ae.csv: Read as latin-1."


def test_columns_of_a_file_called_like_ours_are_kept_in_quarantine(bench: Bench) -> None:
    bench.form("fields: [{name: SUBJ}]\nignore: [file, reason]")
    form = bench.file("SUBJ,file,reason\nbad,f,r\n").read()
    assert form.quarantined.select("file", "file (collected)", "reason (collected)").row(0) == (
        "ae.csv",
        "f",
        "r",
    )


def test_markup_in_a_text_stays_text(bench: Bench) -> None:
    form = bench.form("fields: [{name: SUBJ}, {name: X}]").file('SUBJ,X\n1-01,"<b>a</b>{x},=1+1"\n').read()
    assert form.frame["X"].to_list() == ["<b>a</b>{x},=1+1"]
    assert form.findings == ()


def test_braces_and_percent_signs_in_a_wrong_value_do_not_confuse_the_message(bench: Bench) -> None:
    form = bench.form(AE).file(HEAD + "1-01,Fall,{0}%s,,,,,,\n").read()
    assert only(form).message.startswith("'{0}%s' is not one of MILD")
