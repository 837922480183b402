"""A journal's theme sets the manuscript: the outputs that report.yaml lists for it, numbered anew."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pdfplumber
import pikepdf
import pytest
from click.testing import CliRunner

from tlfgen.cli import cli
from tlfgen.errors import SpecError, UsageError
from tlfgen.study import Study


def list_outputs(root: Path, *ids: str) -> None:
    path = root / "specs/mini/report.yaml"
    path.write_text(path.read_text("utf-8") + f"manuscript: [{', '.join(ids)}]\n", "utf-8")


def test_the_manuscript_has_its_own_outputs_numbers_and_folder(mini: Path) -> None:
    list_outputs(mini, "ae-by-term", "demography")
    Study.open("mini", root=mini).build()
    report = (mini / "output/mini/csr.pdf").read_bytes()
    done = Study.open("mini", root=mini).build(theme="nejm")
    assert done.document == mini / "output/mini-nejm/manuscript.pdf"
    with pdfplumber.open(done.document) as pdf:
        texts = [page.extract_text() for page in pdf.pages]
    titles = {o.title: o for o in Study.open("mini", root=mini).specs.outputs.values()}
    first, second = (
        next(t for t, o in titles.items() if o.output == i) for i in ("ae-by-term", "demography")
    )
    assert f"Table 1. {first}." in texts[0] and f"Table 2. {second}." in texts[-1]
    assert not any("Source:" in t or "14." in t for t in texts)
    with pikepdf.open(done.document) as whole, whole.open_outline() as outline:
        assert [item.title for item in outline.root] == [f"Table 1 {first}", f"Table 2 {second}"]
    files = {p.relative_to(done.folder).as_posix() for p in done.folder.rglob("*") if p.is_file()}
    outputs = {f"outputs/{i}.{e}" for i in ("ae-by-term", "demography") for e in ("pdf", "txt", "cells.csv")}
    assert files == {"manuscript.pdf", "run.json", "ard.parquet"} | outputs
    # the report stays as it was, and its numbers are the manuscript's
    assert (mini / "output/mini/csr.pdf").read_bytes() == report
    name = "outputs/demography.cells.csv"
    report_cells, cells = (
        list(csv.DictReader((mini / folder / name).read_text("utf-8").splitlines()))
        for folder in ("output/mini", "output/mini-nejm")
    )
    assert [c["results"] for c in cells] == [c["results"] for c in report_cells]
    assert json.loads((done.folder / "run.json").read_text("utf-8"))["theme"]["name"] == "nejm"


def test_nothing_runs_twice_and_two_themes_stand_side_by_side(mini: Path) -> None:
    list_outputs(mini, "demography")
    study = Study.open("mini", root=mini)
    study.build()
    first = [str(s["step"]) for s in study.build(theme="lancet").steps if s["ran"]]
    # another theme has other fonts, which may lack a character
    own = ["characters", "texts", "part-demography", "pages-demography", "manuscript", "files", "ards"]
    assert sorted(first) == sorted(own)
    assert not any(s["ran"] for s in study.build(theme="lancet").steps)
    study.build(theme="jco")
    assert (mini / "output/mini-lancet/manuscript.pdf").is_file()
    assert (mini / "output/mini-jco/manuscript.pdf").is_file()
    assert not any(s["ran"] for s in study.build().steps)


def test_the_command_names_the_manuscript(mini: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    list_outputs(mini, "demography")
    monkeypatch.chdir(mini)
    done = CliRunner().invoke(cli, ["build", "mini", "--theme", "dove"])
    assert done.exit_code == 0, done.output
    assert "output/mini-dove/manuscript.pdf" in done.output


def test_a_study_without_a_list_is_refused_before_anything_is_built(mini: Path) -> None:
    with pytest.raises(UsageError, match="names no outputs") as caught:
        Study.open("mini", root=mini).build(theme="lancet")
    assert "report.yaml" in str(caught.value)
    assert not (mini / "output/mini-lancet").exists()


@pytest.mark.parametrize(
    ("ids", "says"),
    [
        (("demograpy",), "demography"),
        (("ae-listing",), "single patients"),
        (("demography", "demography"), "twice"),
    ],
)
def test_what_cannot_stand_in_a_manuscript_is_a_spec_error(
    mini: Path, ids: tuple[str, ...], says: str
) -> None:
    list_outputs(mini, *ids)
    with pytest.raises(SpecError, match=says) as caught:
        Study.open("mini", root=mini).check()
    assert "report.yaml, line" in str(caught.value)
