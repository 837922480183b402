"""What a form spec can get wrong is a SpecError with file and line, before any data is read."""

from __future__ import annotations

import re

import pytest

from tlfgen.errors import SpecError

from .conftest import Bench

GOOD = "fields: [{name: SUBJ}, {name: AGE, type: integer}]\n"


def refusal(bench: Bench) -> str:
    with pytest.raises(SpecError) as caught:
        bench.run()  # there is no raw file: an error about data would be a DataError
    return str(caught.value)


@pytest.mark.parametrize(
    ("spec", "line", "says"),
    [
        ("form: A-E\nlabel: L\nfiles: [a.csv]\nfields: []", 1, "'A-E' cannot be the name of a form"),
        ("form: AE\nlabel: L\nfiles: []\nfields: []", 1, "Form AE names no file"),
        ("form: AE\nlabel: L\nfiles: [a.csv, a.csv]\nfields: []", 1, "names a file twice"),
        ("fields: [{name: SUBJECT}]", 1, "The subject's field 'SUBJ' does not exist.*Did you mean 'SUBJECT'"),
        (GOOD + "subject: SBJ", 1, "the subject field 'SBJ' does not exist.*Did you mean 'SUBJ'"),
        (GOOD + "key: [AGEE]", 1, "the key field 'AGEE' does not exist.*Did you mean 'AGE'"),
        (GOOD + "ignore: [AGE]", 4, "'AGE' is declared and ignored"),
    ],
)
def test_a_wrong_form_spec_is_named_with_its_line(bench: Bench, spec: str, line: int, says: str) -> None:
    text = refusal(bench.form(spec))
    assert f"specs/s/forms/ae.yaml, line {line}" in text
    assert re.search(says, text, re.DOTALL), text


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("{name: IT.A}", "'IT.A' cannot stand in a condition.*with as:"),
        ("{name: USUBJID}", "'USUBJID' is made by tlfgen"),
        ("{name: A, as: SUBJ}", "two fields 'SUBJ'"),
        ("{name: A, type: code}", "A is a code without codelist"),
        ("{name: A, type: code, codelist: NYY}", "Did you mean 'NY'"),
        ("{name: A, codelist: NY}", "A has a codelist, but is text"),
        ("{name: A, layouts: [YYYY]}", "A has layouts, but is text"),
        ("{name: A, type: date, layouts: [dd/MM/YYYY]}", "The layout 'dd/MM/YYYY' cannot be read"),
        ("{name: A, min: 1}", "A has min, but is text"),
        ("{name: A, type: date, max_length: 1}", "A has max_length, but is date"),
        ("{name: A, pattern: '('}", r"pattern cannot be read: \("),
        ("{name: A, dictionary: meddra}", "dictionary 'meddra' does not exist"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(bench: Bench, field: str, says: str) -> None:
    text = refusal(bench.form(f"fields:\n  - {{name: SUBJ}}\n  - {field}\n"))
    assert "specs/s/forms/ae.yaml, line 6" in text
    assert re.search(says, text, re.DOTALL), text


@pytest.mark.parametrize(
    ("check", "says"),
    [
        ('where: "AGEE > 1"', "no variable 'AGEE'.*Did you mean 'AGE'"),
        ('where: "AGE gt 1"', "instead of SAS's gt"),
        ('where: "AGE > 1", voids: [AGEE]', "no variable 'AGEE'.*Did you mean 'AGE'"),
        ('where: "AGE > form.DM.X"', "The form 'DM' does not exist"),
        ('where: "AGE > form.AE.X"', "Form AE has no variable 'X'"),
        ('where: "AGE > DM.X"', "'DM.X' is no field of a form"),
        ('where: all}\n  - {id: C, says: x, where: "AGE > 1"', "two checks 'C'"),
    ],
)
def test_a_wrong_check_is_named_with_its_line(bench: Bench, check: str, says: str) -> None:
    text = refusal(bench.form(f"{GOOD}checks:\n  - {{id: C, says: x, {check}}}\n"))
    assert f"specs/s/forms/ae.yaml, line {6 + check.count(chr(10))}" in text
    assert re.search(says, text, re.DOTALL), text


def test_a_word_that_means_two_things_is_refused(bench: Bench) -> None:
    bench.write("codelists.yaml", "SEX:\n  terms: {F: {collected: [x]}, M: {collected: [X]}}\n")
    text = refusal(bench.form("fields: [{name: SUBJ}, {name: SEX, type: code, codelist: SEX}]"))
    assert "In the codelist SEX, 'X' means both F and M." in text
    assert "specs/s/codelists.yaml, line 2" in text


@pytest.mark.parametrize(
    ("subject", "says"),
    [
        ('{from: SUBJ, USUBJID: "S-{SUBJID}"}', "USUBJID: the part 'SUBJID' does not exist"),
        ('{from: SUBJ, USUBJID: "S-{SUBJ"}', "The template of USUBJID cannot be read"),
        ('{from: SUBJ, USUBJID: "S-{SUBJ.__class__}"}', "The template of USUBJID cannot be read"),
        ('{from: SUBJ, USUBJID: "S-{}"}', "The template of USUBJID cannot be read"),
        ("{from: SUBJ, parts: '(', USUBJID: \"{SUBJ}\"}", "The pattern cannot be read: ("),
    ],
)
def test_a_wrong_subject_is_named(bench: Bench, subject: str, says: str) -> None:
    head = "study: S\nversion: 2\ntitle: T\ncutoff: 2024-06-30\narms: []\n"
    bench.write("study.yaml", f"{head}subject: {subject}\n")
    text = refusal(bench.form(GOOD))
    assert says in text
    assert "specs/s/study.yaml, line 6" in text


def test_a_path_that_leaves_the_raw_folder_is_refused(bench: Bench) -> None:
    (bench.raw.parent / "secret.csv").write_text("SUBJ\n1-01\n")
    assert "leaves" in refusal(
        bench.form("form: AE\nlabel: L\nfiles: [../secret.csv]\nfields: [{name: SUBJ}]")
    )
