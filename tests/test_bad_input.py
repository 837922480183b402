"""What bad input gets: an error that names file and line, or a finding; never half an output.

The study is tests/mini: four subjects, three of them treated, four adverse events.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tlfgen.checks import check_specs
from tlfgen.errors import DataError, Finding, SpecError, TlfgenError, UsageError
from tlfgen.study import Study


def change(root: Path, file: str, old: str, new: str) -> None:
    path = root / "specs" / "mini" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def findings(root: Path) -> list[Finding]:
    return Study.open("mini", root=root).check()


def rules(root: Path) -> list[tuple[str, str, int | None]]:
    return [(f.rule, f.severity, f.row) for f in findings(root)]


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "says"),
    [
        ("adam/adae.yaml", "of: AESTDTC", "of: AESTDCT", 9, "Did you mean 'AESTDTC'?"),
        (
            "sdtm/ae.yaml",
            "from: AETERM}\n  - {name: AEDECOD",
            "from: AETREM}\n  - {name: AEDECOD",
            6,
            "Did you mean 'AETERM'?",
        ),
        (
            "adam/adae.yaml",
            "derive: treatment_emergent",
            "derive: treatment_emergnt",
            11,
            "Did you mean 'treatment_emergent'?",
        ),
        ("adam/adae.yaml", "end_window_days", "end_window_day", 11, "Did you mean 'end_window_days'?"),
        (
            "adam/adae.yaml",
            "30, missing_start",
            "30,\n     missing_strat",
            12,
            "Did you mean 'missing_start'?",
        ),
        ("adam/adae.yaml", "end_window_days: 30,", "\n     end_window_days: month,", 12, "end_window_days"),
        ("forms/dm.yaml", "codelist: SEX", "codelist: SEXX", 7, "Did you mean 'SEX'?"),
        ("report.yaml", "in_text: [demography]", "in_text: [demograhpy]", 4, "Did you mean 'demography'?"),
        ("outputs/demography.yaml", "summarise: AGE", "summarise: AGEE", 8, "AGE"),
        ("outputs/demography.yaml", "population: SAFFL", "population: SAFL", 5, "Did you mean 'SAFFL'?"),
        ("outputs/ae.yaml", "from: ADAE", "from: ADAEE", 6, "Did you mean 'ADAE'?"),
        ("sdtm/dm.yaml", "from: DM", "from: DMM", 2, "DM"),
        ("study.yaml", "cutoff:", "cutof:", 4, "Did you mean 'cutoff'?"),
        ("study.yaml", '"TRTSDT IS NOT NULL"', '"TRTSTD IS NOT NULL"', 11, "TRTSDT"),
    ],
)
def test_a_misspelt_name_is_an_error_with_file_line_and_the_nearest_name(
    mini: Path, file: str, old: str, new: str, line: int, says: str
) -> None:
    change(mini, file, old, new)
    with pytest.raises(SpecError) as caught:
        check_specs(Study.open("mini", root=mini).specs)
    assert f"specs/mini/{file}, line {line}" in str(caught.value)
    assert says in str(caught.value)


def test_a_path_that_leaves_the_study_is_refused(mini: Path) -> None:
    change(mini, "forms/dm.yaml", "files: [dm.csv]", "files: [../../../secret.csv]")
    with pytest.raises(SpecError, match="leaves the study's folder"):
        findings(mini)


def test_a_narrative_outside_the_study_is_refused(mini: Path) -> None:
    change(mini, "report.yaml", "text: synopsis.md.j2", "text: ../../other.md.j2")
    with pytest.raises(SpecError, match="leaves the study's folder"):
        check_specs(Study.open("mini", root=mini).specs)


def test_a_missing_file_is_named(mini: Path) -> None:
    (mini / "specs/mini/raw/ae.csv").rename(mini / "specs/mini/raw/aes.csv")
    with pytest.raises(DataError, match=r"ae\.csv") as caught:
        findings(mini)
    assert "aes.csv" in str(caught.value)


def test_a_missing_raw_folder_is_named(mini: Path) -> None:
    with pytest.raises(UsageError, match="--raw"):
        Study.open("mini", root=mini).check(raw=mini / "nowhere")


def test_an_empty_file_is_named(mini: Path) -> None:
    (mini / "specs/mini/raw/ae.csv").write_bytes(b"")
    with pytest.raises(DataError, match="empty") as caught:
        findings(mini)
    assert "ae.csv" in str(caught.value)


def test_another_encoding_is_named_with_the_line(mini: Path) -> None:
    path = mini / "specs/mini/raw/ae.csv"
    path.write_bytes(path.read_bytes().replace(b"Headache", b"Fi\xe8vre"))
    with pytest.raises(DataError, match="UTF-8") as caught:
        findings(mini)
    assert "ae.csv" in str(caught.value) and "line 2" in str(caught.value)


def test_a_truncated_transport_file_is_named(mini: Path) -> None:
    import polars as pl

    from tlfgen.data.xpt_file import XptVariable, write_xpt

    frame = pl.read_csv(mini / "specs/mini/raw/dm.csv", infer_schema=False)
    path = mini / "specs/mini/raw/dm.xpt"
    write_xpt(
        path,
        frame,
        name="DM",
        label="Demography",
        variables=[XptVariable(c, c, "text") for c in frame.columns],
    )
    change(mini, "forms/dm.yaml", "dm.csv", "dm.xpt")
    assert not [f for f in findings(mini) if f.severity == "error" and f.dataset == "DM"]
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(DataError, match=r"dm\.xpt"):
        findings(mini)


def test_an_extra_column_is_a_warning_that_names_it(mini: Path) -> None:
    change(mini, "raw/dm.csv", "SUBJ,SEX,AGE,ARM", "SUBJ,SEX,AGE,ARM,SHOE")
    change(mini, "raw/dm.csv", ",A\n", ",A,43\n")
    change(mini, "raw/dm.csv", ",B\n", ",B,43\n")
    found = [f for f in findings(mini) if f.field == "SHOE"]
    assert [(f.severity, f.dataset) for f in found] == [("warning", "DM")]


def test_a_missing_column_is_a_finding_or_an_error_that_names_it(mini: Path) -> None:
    change(mini, "raw/dm.csv", "SUBJ,SEX,AGE,ARM", "SUBJ,SEXX,AGE,ARM")
    assert ("error", "SEX") in [(f.severity, f.field) for f in findings(mini)]
    change(mini, "raw/ec.csv", "ECSTDAT", "ECSTART")
    with pytest.raises(DataError, match="ECSTDAT"):
        findings(mini)


def test_a_subject_in_one_form_and_not_in_demography_is_an_error_and_stays(mini: Path) -> None:
    with (mini / "specs/mini/raw/ae.csv").open("a") as handle:
        handle.write("9-99,Fall,Yes,2024-02-02,\n")
    found = [f for f in findings(mini) if f.subject == "MINI-9-99"]
    raw = [(f.severity, f.dataset, f.row) for f in found if f.stage == "raw"]
    assert raw == [("error", "AE", 5)]
    told = {(f.dataset, f.rule) for f in found if f.stage != "raw"}
    assert ("AE", "check subject_not_in_dm") in told and ("ADAE", "check subject_not_in_adsl") in told


def test_a_death_before_the_first_dose_is_an_error(mini: Path) -> None:
    change(mini, "raw/ds.csv", "2024-04-01,2024-04-01", "2024-04-01,2024-01-01")
    assert ("check DS-01", "error", 2) in rules(mini)


def test_an_impossible_end_of_a_serious_event_leaves_the_event(mini: Path) -> None:
    change(mini, "raw/ae.csv", "2024-04-01,2024-04-01", "2024-04-01,2024-02-31")
    assert ("date", "error", 3) in rules(mini)
    built = Study.open("mini", root=mini).build()
    ae = Study.open("mini", root=mini).load("AE")
    serious = ae[ae["AESER"] == "Y"]
    assert serious["AETERM"].tolist() == ["Cardiac arrest"]
    assert serious["AEENDTC"].isna().all()
    supp = Study.open("mini", root=mini).load("SUPPAE")
    assert supp["QVAL"].tolist() == ["2024-02-31"]
    assert built.findings["error"] == 1


def test_every_row_is_accounted_for(mini: Path) -> None:
    with (mini / "specs/mini/raw/ae.csv").open("a") as handle:
        handle.write("unreadable,Fall,No,2024-02-02,\n")
    built = Study.open("mini", root=mini).build()
    raw = {
        r["dataset"]: (int(r["read"]), int(r["used"]), int(r["left_out"]))
        for r in built.ledger
        if r["stage"] == "raw"
    }
    assert raw["AE"] == (5, 4, 1)
    assert all(read == used + left for read, used, left in raw.values())
    quarantined = list(
        csv.DictReader((mini / "output/mini/quarantine/AE.csv").read_text("utf-8").splitlines())
    )
    assert [q["SUBJ"] for q in quarantined] == ["unreadable"]


def breaks_specs(root: Path) -> None:
    change(root, "adam/adsl.yaml", "of: EX.EXSTDTC", "of: EX.EXSTDTX")


def breaks_data(root: Path) -> None:
    (root / "specs/mini/raw/ec.csv").unlink()


def breaks_text(root: Path) -> None:
    change(root, "report/synopsis.md.j2", "ae-by-term.any.n", "ae-by-term.any.nn")


@pytest.mark.parametrize("damage", [breaks_specs, breaks_data, breaks_text])
def test_the_last_good_output_stays(mini: Path, damage: Callable[[Path], None]) -> None:
    Study.open("mini", root=mini).build()
    before = {
        p: p.read_bytes() for p in sorted(mini.glob("*/mini/**/*")) if p.is_file() and "specs" not in p.parts
    }
    damage(mini)
    with pytest.raises(TlfgenError):
        Study.open("mini", root=mini).build()
    after = {
        p: p.read_bytes() for p in sorted(mini.glob("*/mini/**/*")) if p.is_file() and "specs" not in p.parts
    }
    assert before == after


def test_a_message_and_an_exit_code_never_a_traceback(mini: Path) -> None:
    breaks_specs(mini)
    run = subprocess.run(
        [sys.executable, "-m", "tlfgen", "build", "mini"],
        cwd=mini,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert run.stderr.startswith("SpecError: ") and "Traceback" not in run.stderr
    assert "specs/mini/adam/adsl.yaml, line 10" in run.stderr
