"""Form specs drafted from files: what is guessed, what is said, and that a draft reads its own file."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tlfgen.errors import DataError
from tlfgen.raw.draft import draft_forms, scalar
from tlfgen.raw.forms import TypedForm, read_form
from tlfgen.raw.guess import Guess, guess
from tlfgen.spec.form import CodelistSpec, FormSpec
from tlfgen.spec.loader import load_yaml
from tlfgen.spec.study import StudySpec

from .conftest import Bench


def seen(*texts: str | None) -> Guess:
    return guess(pl.Series("x", texts, dtype=pl.String))


@pytest.mark.parametrize(
    ("texts", "type_", "layouts"),
    [
        ((None, " "), "text", ()),
        (("A", "A"), "text", ()),
        (("10", "10"), "integer", ()),
        (("A", "A", None), "text", ()),
        (("A",), "text", ()),
        (("No", "No"), "code", ()),
        (("1", "2", None), "integer", ()),
        (("1", "2.50"), "number", ()),
        (("1", "1e5"), "text", ()),
        (("001", "002"), "text", ()),
        (("036.2", "100.1"), "number", ()),
        (("Y", "N", "Y", "N", None), "code", ()),
        (("Mild", "mild", "Severe", "Severe"), "code", ()),
        (("Headache", "Rash", "Fall"), "text", ()),
        (tuple(f"W{n}" for n in range(15)) * 2, "code", ()),
        (tuple(f"W{n}" for n in range(16)) * 2, "text", ()),
        (("2014-03-05", None), "date", ("YYYY-MM-DD",)),
        (("03/25/2014", "03/05/2014"), "date", ("MM/DD/YYYY",)),
        (("25/03/2014", "05/03/2014"), "date", ("DD/MM/YYYY",)),
        (("05-Mar-2014", "06-MAR-2014", "2014"), "date", ("DD-Mon-YYYY", "YYYY")),
        (("05-Mar-2014", "06-MAR-2014", "UN-Mar-2014"), "date", ("DD-Mon-YYYY", "UN-Mon-YYYY")),
        (("2014", "2015"), "integer", ()),
        (("20140305", "20140306"), "date", ("YYYYMMDD",)),
        (("99990305", "20140306", "31"), "integer", ()),
        (("2014-03-05T00:00:00", "2014-03-06T00:00:00"), "date", ("YYYY-MM-DDT00:00:00",)),
        (("2014-03-05 07:30", "2014-03-06 23:10"), "date", ("YYYY-MM-DD HH:mm",)),
        (("07:30", "23:10"), "time", ("HH:mm",)),
        (("07:30", "soon", "soon", "07:30"), "code", ()),
    ],
)  # fmt: skip
def test_what_a_column_seems_to_hold(
    texts: tuple[str | None, ...], type_: str, layouts: tuple[str, ...]
) -> None:
    found = seen(*texts)
    assert (found.type, found.layouts) == (type_, layouts)
    assert found.partial == any("DD" not in layout for layout in layouts if type_ == "date")


def test_an_ambiguous_layout_is_said() -> None:
    found = seen("03/05/2014", "04/06/2014")
    assert found.layouts == ("MM/DD/YYYY",)
    assert "could as well be DD/MM/YYYY" in found.seen
    assert "could as well" not in seen("03/25/2014", "04/06/2014").seen


def test_a_few_values_that_are_no_dates_are_said_and_many_make_a_text() -> None:
    days = [f"2014-03-{d:02d}" for d in range(1, 29)]
    assert "1 in no layout known here, such as 'soon'" in seen(*days, "soon").seen
    assert seen(*days[:5], "soon").type == "text"


FILES = {
    "ae_raw.csv": (
        "STUDY,PATNUM,IT.AETERM,AESEV,AESER,AESTDAT,AEPTCD\n"
        "X1,1-01,Headache,Mild,No,01/25/2014,\nX1,1-01,\"Fall, <b>bad</b> # or: worse\",Severe,Yes,2014,\n"
        "X1,1-02,Rash,Mild,No,02/03/2014,\nX1,1-02,Rash,Severe,no,,\n"
    ),
    "dm_raw.csv": "STUDY,PATNUM,SEX,AGE\nX1,1-01,F,61\nX1,1-02,M,70\nX1,1-03,F,55\nX1,1-04,M,58\n",
    "notes.txt": "not a form\n",
}  # fmt: skip


def drafts(folder: Path) -> dict[str, str]:
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    return draft_forms(folder).texts


def test_a_draft_says_what_was_seen(tmp_path: Path) -> None:
    texts = drafts(tmp_path)
    assert list(texts) == ["forms/ae.yaml", "forms/dm.yaml", "codelists.yaml"]
    assert (
        texts["forms/ae.yaml"]
        == """\
form: AE
label: ae_raw
files: [ae_raw.csv]
subject: PATNUM
key: []
# key: [PATNUM, AESEV]   # no two records share it
fields:
  - {name: STUDY, type: text}   # always 'X1'
  - {name: PATNUM, type: text, required: true}   # 2 subjects
  - {name: IT.AETERM, as: AETERM, type: text}   # 3 different, at most 28 characters; never blank
  - {name: AESEV, type: code, codelist: AESEV}   # 2 words; never blank
  - {name: AESER, type: code, codelist: NY}   # 2 words; never blank
  - {name: AESTDAT, type: date, layouts: [MM/DD/YYYY, YYYY], partial: true}   # 1 of 4 blank
  - {name: AEPTCD, type: text}   # blank throughout
"""
    )
    assert "# key: [PATNUM]   # no two records share it" in texts["forms/dm.yaml"]
    assert (
        "SEX:   # DM.SEX\n  terms:\n    F: {collected: [F]}   # 2 times\n    M: {collected: [M]}"
        in texts["codelists.yaml"]
    )
    assert '"N": {collected: ["No"]}   # 3 times' in texts["codelists.yaml"]


def read_drafts(texts: dict[str, str], folder: Path, study: StudySpec, raw: Path) -> dict[str, TypedForm]:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    codelists: dict[str, CodelistSpec] = load_yaml(folder / "codelists.yaml", dict[str, CodelistSpec])
    forms: list[FormSpec] = [
        load_yaml(folder / name, FormSpec) for name in texts if name.startswith("forms/")
    ]
    return {form.form: read_form(form, study, codelists, raw) for form in forms}


def test_a_draft_reads_its_own_file_without_an_error(bench: Bench, tmp_path: Path) -> None:
    raw = tmp_path / "files"
    raw.mkdir()
    forms = read_drafts(
        drafts(raw), tmp_path / "study", bench.form("fields: [{name: SUBJ}]").specs().study, raw
    )
    assert [f for form in forms.values() for f in form.findings if f.severity != "note"] == []
    ae = forms["AE"].frame
    assert ae["AETERM"][1] == "Fall, <b>bad</b> # or: worse"
    assert ae["AESER"].to_list() == ["N", "Y", "N", "N"]
    assert ae["AESTDAT"].to_list() == ["2014-01-25", "2014", "2014-02-03", None]


def test_names_that_cannot_stand_in_conditions_are_changed(tmp_path: Path) -> None:
    text = "USUBJID,a b,A-B,%,1st\n1-01,x,x,p,q\n1-02,y,z,r,s\n"
    (tmp_path / "1 lab-data.csv").write_text(text, "utf-8")
    drafted = draft_forms(tmp_path).texts["forms/f_1_lab_data.yaml"]
    assert "form: F_1_LAB_DATA\n" in drafted
    assert "{name: USUBJID, as: SUBJECT, type: text, required: true}" in drafted
    assert [part for part in ("as: a_b", "as: A_B", "as: F_", "as: F_1st") if part not in drafted] == []


def test_a_file_that_is_not_utf8_is_drafted_with_a_guessed_encoding(tmp_path: Path) -> None:
    (tmp_path / "ae.csv").write_bytes("PATNUM,X\n1,Fi\u00e8vre\n2,Toux\n".encode("latin-1"))
    assert (
        "encoding: windows-1252   # guessed: the file is not UTF-8"
        in draft_forms(tmp_path).texts["forms/ae.yaml"]
    )


def test_a_folder_without_readable_files_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(DataError, match="There is no file to draft forms from"):
        draft_forms(tmp_path)


@pytest.mark.parametrize(
    ("text", "yaml"),
    [
        ("Mild Event", "Mild Event"), ("No", '"No"'), ("y", '"y"'), ("a: b", '"a: b"'), ("a, b", '"a, b"'),
        ("[x]", '"[x]"'), ("#1", '"#1"'), ('say "x"', '"say \\"x\\""'), ("two\nlines", '"two\\nlines"'),
        ("caf\u00e9", '"caf\u00e9"'), ("MM/DD/YYYY", "MM/DD/YYYY"), ("HH:mm", '"HH:mm"'), ("- x", '"- x"'),
    ],
)  # fmt: skip
def test_texts_are_safe_yaml(text: str, yaml: str) -> None:
    assert scalar(text) == yaml
