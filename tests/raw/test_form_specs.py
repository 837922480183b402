"""What a form spec can get wrong is a SpecError with file and line, before any data is read."""

from __future__ import annotations

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
        ("form: A-E\nlabel: L\nfiles: [a.csv]\nfields: [{name: SUBJ}]", 1, "'A-E' cannot be the name of a form"),
        ("form: AE\nlabel: L\nfiles: []\nfields: [{name: SUBJ}]", 1, "Form AE names no file"),
        ("form: AE\nlabel: L\nfiles: [a.csv, a.csv]\nfields: [{name: SUBJ}]", 1, "names a file twice"),
        ("fields: [{name: SUBJECT}]", 1, "The subject's field 'SUBJ' does not exist.*Did you mean 'SUBJECT'"),
        (GOOD + "subject: SBJ", 1, "the subject field 'SBJ' does not exist.*Did you mean 'SUBJ'"),
        (GOOD + "key: [AGEE]", 1, "the key field 'AGEE' does not exist.*Did you mean 'AGE'"),
        ("fields:\n  - {name: SUBJ}\n  - {name: IT.AGE}", 6, "'IT.AGE' cannot stand in a condition.*with as:"),
        ("fields:\n  - {name: SUBJ}\n  - {name: USUBJID}", 6, "'USUBJID' is made by tlfgen"),
        ("fields:\n  - {name: SUBJ}\n  - {name: A}\n  - {name: B, as: A}", 7, "two fields 'A'"),
        (GOOD + "ignore: [AGE]", 4, "'AGE' is declared and ignored"),
        ("fields:\n  - {name: SUBJ}\n  - {name: A, type: code}", 6, "A is a code without codelist"),
        ("fields:\n  - {name: SUBJ}\n  - {name: A, type: code, codelist: NYY}", 6, "Did you mean 'NY'"),
        ("fields:\n  - {name: SUBJ}\n  - {name: A, codelist: NY}", 6, "A has a codelist, but is text"),
        ("fields:\n  - {name: SUBJ}\n  - {name: A, layouts: [YYYY]}", 6, "A has layouts, but is text"),
        ("fields:\n  - {name: SUBJ}\n  - {name: A, type: date, layouts: [dd/MM/YYYY]}", 6, "layout 'dd/MM/YYYY'"),
        ("fields:\n  - {name: SUBJ}\n  - {name: A, type: text, min: 1}", 6, "A has min, but is text"),
        ("fields:\n  - {name: SUBJ}\n  - {name: A, type: date, max_length: 1}", 6, "A has max_length, but is date"),
        ("fields:\n  - {name: SUBJ}\n  - {name: A, pattern: '('}", 6, r"pattern cannot be read: \("),
        ("fields:\n  - {name: SUBJ}\n  - {name: A, dictionary: meddra}", 6, "dictionary 'meddra' does not exist"),
        (GOOD + "checks:\n  - {id: C1, where: \"AGEE > 1\", says: x}", 6, "no variable 'AGEE'.*Did you mean 'AGE'"),
        (GOOD + "checks:\n  - {id: C1, where: \"AGE gt 1\", says: x}", 6, "instead of SAS's words"),
        (GOOD + "checks:\n  - {id: C1, where: \"AGE > 1\", says: x, voids: [AGEE]}", 6, "Did you mean 'AGE'"),
        (GOOD + "checks:\n  - {id: C1, where: \"AGE > form.DM.X\", says: x}", 6, "The form 'DM' does not exist"),
        (GOOD + "checks:\n  - {id: C1, where: \"AGE > form.AE.X\", says: x}", 6, "Form AE has no variable 'X'"),
        (GOOD + "checks:\n  - {id: C1, where: \"AGE > DM.X\", says: x}", 6, "'DM.X' is no field of a form"),
        (GOOD + "checks:\n  - {id: C, where: all, says: x}\n  - {id: C, where: all, says: x}", 7, "two checks 'C'"),
    ],
)  # fmt: skip
def test_a_wrong_form_spec_is_named_with_its_line(bench: Bench, spec: str, line: int, says: str) -> None:
    import re

    text = refusal(bench.form(spec))
    assert f"specs/s/forms/ae.yaml, line {line}" in text
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
        ("{from: SUBJ, parts: '(', USUBJID: \"{SUBJ}\"}", "The subject's parts cannot be read"),
    ],
)
def test_a_wrong_subject_is_named(bench: Bench, subject: str, says: str) -> None:
    bench.write("study.yaml", f"study: S\ntitle: T\ncutoff: 2024-06-30\narms: []\nsubject: {subject}\n")
    text = refusal(bench.form(GOOD))
    assert says in text
    assert "specs/s/study.yaml, line 5" in text


def test_a_path_that_leaves_the_raw_folder_is_refused(bench: Bench) -> None:
    (bench.raw.parent / "secret.csv").write_text("SUBJ\n1-01\n")
    assert "leaves" in refusal(bench.form("form: AE\nlabel: L\nfiles: [../secret.csv]\nfields: [{name: SUBJ}]"))
