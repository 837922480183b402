"""`tlfgen new --raw`: nothing that was found is left unsaid, and the draft checks and builds at once."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cases.conftest import STUDIES

from tlfgen.errors import DataError
from tlfgen.raw.draft import draft_forms
from tlfgen.scaffold import new_study
from tlfgen.study import Study

COLLECTED = "collected"


def collected(name: str) -> Path:
    return STUDIES / name / COLLECTED


def test_each_sheet_of_a_workbook_is_a_form(tmp_path: Path) -> None:
    """Case 43: the sheets DM, AE, EX."""
    written = new_study(tmp_path / "drafted", collected("43-new-several-sheets"))
    forms = [f for f in written.files if f.startswith("forms/")]
    assert forms == ["forms/ae.yaml", "forms/dm.yaml", "forms/ex.yaml"]
    assert "sheet: AE" in (tmp_path / "drafted/forms/ae.yaml").read_text("utf-8")
    study = Study.open("drafted", root=tmp_path)
    found = study.check(raw=collected("43-new-several-sheets"))
    assert [f for f in found if f.severity != "note"] == []
    study.build(raw=collected("43-new-several-sheets"))
    typed = study.folders[2] / "forms"
    assert sorted(p.name.split(".")[0] for p in typed.iterdir()) == ["AE", "DM", "EX"]


def test_a_constant_is_a_fact(tmp_path: Path) -> None:
    """Case 44: EXTRT, EXDOSE and EXDOSU are the same in each row."""
    text = draft_forms(collected("44-new-constant-columns")).texts["forms/ex.yaml"]
    assert "ignore" not in text
    assert "{name: EXTRT, type: text}   # always 'EXAMPLE'" in text
    assert "{name: EXDOSE, type: integer}" in text and "{name: EXDOSU, type: text}   # always 'mg'" in text
    new_study(tmp_path / "drafted", collected("44-new-constant-columns"))
    study = Study.open("drafted", root=tmp_path)
    study.build(raw=collected("44-new-constant-columns"))
    ex = study.load("EX")
    assert ex[["EXTRT", "EXDOSE", "EXDOSU"]].drop_duplicates().values.tolist() == [["EXAMPLE", 10.0, "mg"]]


def test_the_subject_is_the_field_that_is_unique_in_demography() -> None:
    """Case 45: SUBJID has 4 values in 8 rows, PATNUM 8."""
    draft = draft_forms(collected("45-new-subject-guess"))
    assert draft.subject.column == "PATNUM" and not draft.subject.notes
    assert "{name: PATNUM, type: text, required: true}   # 8 subjects" in draft.texts["forms/dm.yaml"]


def test_a_subject_that_is_not_unique_anywhere_is_said(tmp_path: Path) -> None:
    for path in collected("45-new-subject-guess").iterdir():
        lines = [line.split(",") for line in path.read_text("utf-8").splitlines()]
        (tmp_path / path.name).write_text("\n".join(",".join(p[:2] + p[3:]) for p in lines) + "\n", "utf-8")
    draft = draft_forms(tmp_path)
    assert draft.subject.column == "SUBJID"
    assert "4 different in 8 records: two subjects may become one" in draft.notes[-1]


def test_one_file_in_another_encoding_is_drafted_with_it(tmp_path: Path) -> None:
    """Case 72: AE in Windows-1252, DM in ASCII."""
    written = new_study(tmp_path / "drafted", collected("72-new-not-utf-8"))
    assert {"forms/ae.yaml", "forms/dm.yaml"} <= set(written.files)
    assert "encoding: windows-1252" in (tmp_path / "drafted/forms/ae.yaml").read_text("utf-8")
    assert [
        f
        for f in Study.open("drafted", root=tmp_path).check(raw=collected("72-new-not-utf-8"))
        if f.severity != "note"
    ] == []


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    shutil.copytree(collected("45-new-subject-guess"), raw)
    (raw / "lb.xlsx").write_bytes(b"no workbook")
    (raw / "notes.docx").write_bytes(b"x")
    written = new_study(tmp_path / "drafted", raw)
    assert {"forms/ae.yaml", "forms/dm.yaml"} <= set(written.files)
    assert [n for n in written.notes if n.startswith("lb.xlsx is left out: ")]
    assert [n for n in written.notes if n.startswith("notes.docx is left out: ")]
    (raw / "dm.csv").unlink()
    (raw / "ae.csv").unlink()
    with pytest.raises(DataError):
        draft_forms(raw)


def test_the_printed_next_step_works_and_the_draft_builds_to_sdtm(tmp_path: Path) -> None:
    """Case 71: `new mystudy --raw raw` with the files of the base, then what it prints, then build."""
    shutil.copytree(STUDIES / "base" / "raw", tmp_path / "raw")

    def run(*words: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "tlfgen", *words]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.stderr == ""
        return done.returncode, done.stdout

    code, out = run("new", "mystudy", "--raw", "raw")
    assert code == 0
    printed = next(line for line in out.splitlines() if line.startswith("Next: tlfgen "))
    code, out = run(*shlex.split(printed.removeprefix("Next: tlfgen ")), "--strict")
    assert code == 0 and "findings 0 errors, 0 warnings" in out
    code, out = run("build", "mystudy", "--raw", "raw", "--strict")
    assert code == 0 and "built    output/mystudy, no report" in out
    study = Study.open("mystudy", root=tmp_path)
    dm, ae = study.load("DM"), study.load("AE")
    assert sorted(dm["USUBJID"])[:2] == ["MYSTUDY-1-01", "MYSTUDY-1-02"] and sorted(set(dm["ARM"])) == [
        "A",
        "B",
    ]
    assert set(ae["AEDECOD"]) == {"NOT KNOWN"} and ae["AESTDTC"].str.startswith("2024-").all()
    text = (tmp_path / "mystudy" / "study.yaml").read_text("utf-8")
    assert "collected: [Week 2]" in text and "{ARMCD: B, ARM: B, order: 2, collected: [B]}" in text
    assert "cutoff: 2024-08-31   # guessed" in text
