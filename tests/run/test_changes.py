"""One thing changed and built again gives the bytes of a build from scratch, whatever was changed.

A result that is taken from the cache although something that it depends on has changed shows here as a file
that differs. Each kind of thing that goes into a build is changed once."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from tlfgen.study import Study

MINI = Path(__file__).parents[1] / "mini"
TEMPLATES = Path(__file__).parents[2] / "templates"

# kind of input: (file, what stands there, what stands there afterwards, a published file that must move)
CHANGES = {
    "a raw value": (
        "specs/mini/raw/dm.csv", "1-01,Female,61,A", "1-01,Female,62,A", "outputs/demography.txt",
    ),
    "a label": (
        "specs/mini/adam/adsl.yaml", "Actual Treatment for Period 01", "Treatment", "adam/adsl.xpt",
    ),
    "the label of a dataset": (
        "specs/mini/sdtm/ae.yaml", "domain: AE", "domain: AE\nlabel: Events", "sdtm/ae.xpt",
    ),
    "a type": (
        "specs/mini/adam/adsl.yaml", "- {name: DTHDT,",
        "- {name: AGE, from: DM.AGE, type: float, label: Age}\n  - {name: DTHDT,", "adam/adsl.parquet",
    ),
    "the condition of an analysis set": (
        "specs/mini/study.yaml", "TRTSDT IS NOT NULL", "AGE > 60", "outputs/demography.txt",
    ),
    "the label of an analysis set": (
        "specs/mini/study.yaml", "label: Safety set", "label: Treated", "outputs/demography.txt",
    ),
    "the label of an arm": ("specs/mini/study.yaml", "ARM: Arm A", "ARM: Drug", "outputs/demography.txt"),
    "a convention": (
        "specs/mini/study.yaml", "visits: []", "conventions: {not_estimable: NC}", "outputs/demography.txt",
    ),
    "a codelist": (
        "specs/mini/codelists.yaml", "F: {collected: [Female]}, M: {collected: [Male]}",
        "F: {collected: [Male]}, M: {collected: [Female]}", "outputs/demography.txt",
    ),
    "the order of levels": (
        "specs/mini/outputs/demography.yaml", "{F: Female, M: Male}", "{M: Male, F: Female}",
        "outputs/demography.txt",
    ),
    "the text of a narrative": (
        "specs/mini/report/synopsis.md.j2", "subjects were treated", "patients were treated", "csr.pdf",
    ),
    "a template": ("templates/report/table.html.j2", "<table", "<table title='x'", "outputs/demography.pdf"),
    "a style sheet": (
        "templates/report/output.css", "", "\np { letter-spacing: 1pt }\n", "outputs/demography.pdf",
    ),
    "a word": ("templates/words.yaml", "(N={n})", "[N={n}]", "outputs/demography.txt"),
    "a rule for numbers": (
        "templates/report/theme.yaml", 'decimal_mark: "."', 'decimal_mark: ","', "outputs/demography.txt",
    ),
    "a font": ("templates/report/theme.yaml", "sans: [Source Sans Pro,", "sans: [", "outputs/demography.pdf"),
}  # fmt: skip


def published(root: Path) -> dict[str, str]:
    """SHA-256 of every published file, run.json apart."""
    folder = root / "output" / "mini"
    files = (p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != "run.json")
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a theme of its own, built."""
    root = tmp_path_factory.mktemp("built")
    shutil.copytree(MINI, root / "specs" / "mini")
    shutil.copytree(TEMPLATES / "report", root / "templates" / "report")
    shutil.copy(TEMPLATES / "words.yaml", root / "templates" / "words.yaml")
    Study.open("mini", root=root).build()
    return root


@pytest.mark.parametrize("kind", CHANGES)
def test_built_again_it_is_what_a_build_from_scratch_gives(built: Path, tmp_path: Path, kind: str) -> None:
    file, old, new, moves = CHANGES[kind]
    again, scratch = tmp_path / "again", tmp_path / "scratch"
    shutil.copytree(built, again, symlinks=True)
    text = (again / file).read_text("utf-8")
    assert old in text
    (again / file).write_text(text.replace(old, new) if old else text + new, "utf-8")
    for part in ("specs", "templates"):
        shutil.copytree(again / part, scratch / part)
    Study.open("mini", root=again).build()
    Study.open("mini", root=scratch).build()
    assert published(again) == published(scratch)
    assert published(again)[moves] != published(built)[moves]
