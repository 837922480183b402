"""A newcomer's mistakes and surroundings: what a study names twice, what is drafted, how a command ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from cases.conftest import MakeCase
from openpyxl import Workbook

from tlfgen.checks import check_specs
from tlfgen.errors import SpecError, UsageError
from tlfgen.raw.stage import run_raw
from tlfgen.scaffold import Written, new_study
from tlfgen.sdtm.build import run_sdtm
from tlfgen.study import Study

ARM_B = "  - {ARMCD: B, ARM: Arm B, order: 2, collected: [B]}"
ELEMENT = (
    "elements: [{ETCD: T, ELEMENT: Treatment, EPOCH: TREATMENT, starts: [form.EC.ECSTDAT], rule: First dose}]"
)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("collected: [B]", "collected: [A, B]", "'A' stands for the arm Arm A and for the arm Arm B"),
        ("ARM: Arm B", "ARM: a", "'a' stands for the arm Arm A and for the arm a"),
        ("ARMCD: B", "ARMCD: A", "The ARMCD 'A' stands twice, first in line 8"),
        ("ARM: Arm B", "ARM: Arm A", "The ARM 'Arm A' stands twice"),
        ("order: 2", "order: 1", "The order '1' stands twice"),
        (
            ARM_B,
            ARM_B + "\nnot_assigned: [{collected: [B], ARMNRS: SCREEN FAILURE}]",
            "'B' stands for the arm Arm B and for SCREEN FAILURE",
        ),
        ("VISITNUM: 3", "VISITNUM: 2", "The VISITNUM '2' stands twice"),
        ("visits:", ELEMENT[:-1] + ", " + ELEMENT.removeprefix("elements: [") + "\nvisits:", "The ETCD 'T'"),
        ("visits:", ELEMENT[:-2] + ", arms: [C]}]\nvisits:", "The arm 'C' does not exist"),
        (
            "visits:",
            "eligibility:\n  - {IETESTCD: I1, IECAT: INCLUSION, IETEST: Aged}\n"
            "  - {IETESTCD: I1, IECAT: EXCLUSION, IETEST: Not aged}\nvisits:",
            "The IETESTCD 'I1' stands twice",
        ),
    ],
)
def test_what_study_yaml_names_stands_for_one_thing(case: MakeCase, old: str, new: str, says: str) -> None:
    """The base gives 4 subjects each to A and B; a word of both arms moved all four of A to B in silence."""
    with pytest.raises(SpecError) as caught:
        case("base").replace("study.yaml", old, new).check()
    assert says in str(caught.value) and "specs/x/study.yaml, line" in str(caught.value)


def test_an_arm_that_is_a_number_is_read_as_its_word(case: MakeCase) -> None:
    """1 and 2 for A and B: four subjects each, as the base has."""
    base = case("base").replace("forms/dm.yaml", "as: PLANNED, type: text", "as: PLANNED, type: integer")
    base.replace("study.yaml", "collected: [A]", "collected: ['1']")
    base.replace("study.yaml", "collected: [B]", "collected: ['2']")
    text = (base.folder / "raw/dm.csv").read_text("utf-8")
    base.write("raw/dm.csv", text.replace(",A\n", ",1\n").replace(",B\n", ",2\n"))
    assert sorted(r["ARMCD"] for r in base.rows("DM")) == ["A"] * 4 + ["B"] * 4


@pytest.mark.parametrize(
    "entry",
    [
        "{name: CQ01NAM, label: Group, derive: query_group, of: ADSL.AGE, groups: {A: [HEADACHE]}}",
        "{name: XDUR, label: Days, type: float, derive: duration, start: ASTDT, end: ADSL.AGE, unit: days}",
    ],
)
def test_a_derivation_of_a_variable_of_another_type_is_an_error_of_its_line(
    case: MakeCase, entry: str
) -> None:
    base = case("base").replace("adam/adae.yaml", "variables:\n", f"variables:\n  - {entry}\n")
    with pytest.raises(SpecError, match="cannot be derived of .*ADSL.AGE") as caught:
        base.check()
    assert "specs/x/adam/adae.yaml, line" in str(caught.value)


def drafted(folder: Path, files: dict[str, str | bytes]) -> tuple[Study, Written]:
    """A study drafted from these raw files."""
    for name, text in files.items():
        path = folder / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    written = new_study(folder / "drafted", folder / "raw")
    return Study.open("drafted", root=folder), written


def datasets(study: Study, raw: Path) -> dict[str, pl.DataFrame]:
    check_specs(study.specs)
    made = run_sdtm(study.specs, run_raw(study.specs, raw).forms, {})
    return {name: d.frame for name, d in made.datasets.items()}


DM = "SUBJID,SITEID,AGE,SEX,ARM\n001,1,31,M,Low\n002,1,32,F,High\n003,2,33,M,Low\n004,2,34,F,High\n"
AE = "SUBJID,AETERM,AESTDAT\n001,Headache,2024-01-11\n002,Nausea,2024-02-11\n"


def test_a_file_in_a_folder_below_is_drafted(tmp_path: Path) -> None:
    study, written = drafted(
        tmp_path, {"dm.csv": DM, "site1/ae.csv": AE, "site2/ae.csv": AE, "site2/x.doc": ""}
    )
    assert study.specs.forms["AE"].files == ("site1/ae.csv",)
    assert any("write files: [site1/ae.csv, site2/ae.csv] in forms/ae.yaml" in n for n in written.notes)
    assert "site2/x.doc is left out: no format is known for it." in written.notes
    assert datasets(study, tmp_path / "raw")["AE"].height == 2


def test_a_file_without_a_subject_is_left_out_and_the_others_build(tmp_path: Path) -> None:
    """SUBJID, PATNUM and no number of a subject: three files, two forms."""
    files = {
        "dm.csv": DM,
        "ae.csv": AE.replace("SUBJID", "PATNUM"),
        "labs.csv": "NAME,UNIT\nALT,U/L\nAST,U/L\n",
    }
    study, written = drafted(tmp_path, dict(files))
    assert "labs.csv is left out: no column was found that names the subject." in written.notes
    assert sorted(study.specs.forms) == ["AE", "DM"]
    assert datasets(study, tmp_path / "raw")["DM"].height == 4


def test_a_sheet_without_a_subject_is_left_out_by_its_name(tmp_path: Path) -> None:
    book = Workbook()
    forms: dict[str, list[list[str]]] = {
        "DM": [["SUBJID", "AGE"], ["001", "31"], ["002", "32"]],
        "Read me": [["Text"], ["x"]],
    }
    for title, rows in forms.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    del book["Sheet"]
    (tmp_path / "raw").mkdir()
    book.save(tmp_path / "raw/book.xlsx")
    study, written = drafted(tmp_path, {})
    said = "book.xlsx, sheet 'Read me', is left out: no column was found that names the subject."
    assert said in written.notes and list(study.specs.forms) == ["DM"]


def test_missing_words_among_numbers_and_dates_are_drafted_as_missing(tmp_path: Path) -> None:
    """AGE NA of one subject of four: the other three keep 31, 32 and 34; 'old' is no number."""
    dm = DM.replace("003,2,33", "003,2,NA")
    study, _ = drafted(tmp_path, {"dm.csv": dm, "ae.csv": AE.replace("2024-02-11", "UNK")})
    assert [(f.type, f.missing) for f in study.specs.forms["DM"].fields if f.name == "AGE"] == [
        ("integer", ("NA",))
    ]
    made = datasets(study, tmp_path / "raw")
    assert made["DM"].sort("USUBJID")["AGE"].to_list() == [31, 32, None, 34]
    assert made["AE"].sort("USUBJID")["AESTDTC"].to_list() == ["2024-01-11", None]
    study, written = drafted(tmp_path / "more", {"dm.csv": DM.replace("33", "old")})
    assert "sdtm/dm.yaml: AGE is left out: AGE of the form is no number." in written.notes
    assert "AGE" not in [v.name for v in study.specs.domains["DM"].variables]


def test_arms_and_visits_that_look_alike_are_drafted_with_codes_of_their_own(tmp_path: Path) -> None:
    """'Dose 5+' and 'Dose 5-' are two arms, 'Low' and 'LOW' one; a brace is no template."""
    arms = ("Dose 5+", "Dose 5-", "Low {x}", "LOW {X}")
    dm = DM.splitlines()
    lines = [dm[0], *(f"{line.rpartition(',')[0]},{arm}" for line, arm in zip(dm[1:], arms, strict=True))]
    visits = "SUBJID,VISIT,AETERM\n001,Visit 1,a\n002,VISIT  1,b\n003,{2},c\n"
    study, _ = drafted(tmp_path, {"dm.csv": "\n".join(lines) + "\n", "ae.csv": visits})
    assert [a.ARMCD for a in study.specs.study.arms] == ["DOSE5", "DOSE52", "LOWX"]
    assert [v.VISIT for v in study.specs.study.visits] == ["VISIT 1", "(2)"]
    made = datasets(study, tmp_path / "raw")["DM"].sort("USUBJID")
    assert made["ARMCD"].to_list() == ["DOSE5", "DOSE52", "LOWX", "LOWX"]


def test_names_and_encodings_that_are_not_ours_are_drafted(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "dm.csv": DM.encode("utf-16"),
        "übel.csv": AE,
        "wt {kg}.csv": AE + "003,x{y},\n",
    }
    study, written = drafted(tmp_path, files)
    assert sorted(study.specs.forms) == ["DM", "UBEL", "WT_KG"]
    assert "dm.csv is not UTF-8: read as utf-16, a guess." in written.notes
    assert datasets(study, tmp_path / "raw")["DM"].height == 4


def test_new_fills_an_empty_folder_that_the_user_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here = tmp_path.stat().st_ino
    assert "study.yaml" in new_study(Path(".")).files
    assert tmp_path.stat().st_ino == here and (Path.cwd() / "study.yaml").is_file()
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="file is a file"):
        new_study(tmp_path / "file")


@pytest.mark.parametrize("closing", ["| head -n 0; exit ${PIPESTATUS[0]}", ">&-", "2>&-"])
def test_the_exit_code_is_the_studys_whoever_listens(case: MakeCase, closing: str) -> None:
    """1 says that the data have errors under --strict; 0 that they have none, to a reader who left too."""
    base = case("base")
    command = f"(sleep 0.3; {sys.executable} -m tlfgen list derivations) {closing}"
    run = subprocess.run(["bash", "-c", command], cwd=base.root, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "") and not list(base.root.glob("tlfgen-fault*"))
