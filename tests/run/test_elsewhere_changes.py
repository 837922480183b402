"""A changed byte of a file that was made elsewhere runs again what reads it and nothing else, and gives what
a build from scratch gives."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tlfgen.study import Study

MINI = Path(__file__).parents[1] / "mini"
BY = "SAS 9.4, 2026-05-01"
ADAE = f"""dataset: ADAE
file: adam/adae.csv
made_by: {BY}
label: Adverse Events Analysis Dataset
keys: [STUDYID, USUBJID, AESEQ]
variables:
  - {{name: AESEQ, type: integer, label: Sequence Number}}
  - {{name: AETERM, label: Reported Term}}
  - {{name: AEDECOD, label: Dictionary-Derived Term}}
  - {{name: AESER, label: Serious Event}}
  - {{name: AESTDTC, label: Start}}
  - {{name: AEENDTC, label: End}}
  - {{name: AEACN, label: Action Taken}}
"""
EVENTS = """STUDYID,USUBJID,AESEQ,AETERM,AEDECOD,AESER,AESTDTC,AEENDTC,TRTEMFL,AEACN
MINI,MINI-1-01,1,Headache,Headache,N,2024-01-12,2024-01-13,Y,NONE
MINI,MINI-1-02,1,Cardiac arrest,Cardiac arrest,Y,2024-04-01,2024-04-01,Y,NONE
MINI,MINI-1-03,1,Rash,Rash,N,2023-12-01,,,NONE
"""
ANALYSIS = f"""analysis: age-test
file: results/age-test.csv
made_by: {BY}
population: SAFFL
columns: {{by: ADSL.TRT01A, total: Total}}
statistics: {{p: {{shown: p, label: P value, against: Arm B, each: Arm A}}}}
"""
RESULTS = "statistic,group1,level1,value\np,TRT01A,Arm A~Arm B,0.4321\n"
OUTPUT = """output: age
number: 14.1.2.2
kind: table
title: Age
population: SAFFL
columns: {by: ADSL.TRT01A, total: Total}
rows:
  - {id: age, analysis: age-test, label: Age, cells: {P value: "{p}"}}
"""
SYNOPSIS = '\nP {{ n("age-test.p[TRT01A=Arm A~Arm B]") }}.\n'
# after a changed byte of the dataset: ADaM, what looks for faults in data, and the document of the build
OF_DATA = {"specs", "adam", "checks", "conditions", "characters", "report", "files"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose ADAE and P value were made elsewhere, built."""
    root = tmp_path_factory.mktemp("elsewhere")
    folder = root / "specs" / "mini"
    shutil.copytree(MINI, folder)
    files = {
        "adam/adae.yaml": ADAE, "adam/adae.csv": EVENTS, "analyses/age-test.yaml": ANALYSIS,
        "results/age-test.csv": RESULTS, "outputs/age.yaml": OUTPUT,
        "report/synopsis.md.j2": (MINI / "report/synopsis.md.j2").read_text("utf-8") + SYNOPSIS,
    }  # fmt: skip
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    Study.open("mini", root=root).build()
    return root


def ran(root: Path, path: str, old: str, new: str) -> set[str]:
    """The steps that run again after a change of a file."""
    file = root / "specs" / "mini" / path
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    return {str(s["step"]) for s in Study.open("mini", root=root).build().steps if s["ran"]}


def published(root: Path) -> dict[str, str]:
    """SHA-256 of every published file, run.json apart."""
    folder = root / "output" / "mini"
    files = (p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != "run.json")
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_a_changed_byte_runs_what_reads_it_and_gives_what_a_build_from_scratch_gives(
    root: Path, tmp_path: Path
) -> None:
    """A P value; an action that no output reads; a term that the listing shows."""
    assert ran(root, "results/age-test.csv", "0.4321", "0.4322") == {
        "specs", "ard-age-test", "agreement", "part-age", "report", "files", "ards",
    }  # fmt: skip
    assert ran(root, "results/age-test.csv", "0.4322", "0.0321") == {
        "specs", "ard-age-test", "agreement", "part-age", "pages-age", "report", "files", "ards",
    }  # fmt: skip
    assert ran(root, "adam/adae.csv", "Y,NONE", "Y,DOSE REDUCED") == OF_DATA
    steps = ran(root, "adam/adae.csv", ",Headache,Headache", ",Head ache,Headache")
    assert steps == OF_DATA | {"ard-ae-listing", "part-ae-listing", "pages-ae-listing"}
    shutil.copytree(root / "specs", tmp_path / "specs")
    Study.open("mini", root=tmp_path).build()
    assert published(root) == published(tmp_path)
    assert "0.032" in (root / "output/mini/outputs/age.txt").read_text("utf-8")


def test_the_record_of_the_build_names_each_file_its_digest_and_who_made_it(root: Path) -> None:
    record = json.loads((root / "output" / "mini" / "run.json").read_text("utf-8"))
    for file in ("adam/adae.csv", "results/age-test.csv"):
        told = hashlib.sha256((root / "specs" / "mini" / file).read_bytes()).hexdigest()
        assert record["made_elsewhere"][file] == {"made_by": BY, "sha256": told}


def test_cells_and_quoted_numbers_name_the_file_and_who_made_it(root: Path) -> None:
    folder = root / "output" / "mini"
    lines = {
        n: (folder / n).read_text("utf-8").splitlines() for n in ("outputs/age.cells.csv", "numbers.csv")
    }
    for name, own in lines.items():
        (p,) = [x for x in own if "age-test.p" in x]
        assert p.endswith(f'"results/age-test.csv ({BY})"'), name
    events = (folder / "outputs/ae-by-term.cells.csv").read_text("utf-8").splitlines()
    assert all(x.endswith(f'"adam/adae.csv ({BY})"') for x in events if "ae-by-term.any" in x)
    listed = (folder / "outputs/ae-listing.cells.csv").read_text("utf-8").splitlines()[1:]
    assert listed and all(f"adam/adae.csv ({BY})" in x for x in listed)
    demography = (folder / "outputs/demography.cells.csv").read_text("utf-8")
    assert "SAS" not in demography
