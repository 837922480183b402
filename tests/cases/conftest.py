"""The cases: a small study of eight invented patients, and for each fault the files that differ.

`studies/base` builds without a finding. `case("01-dosing-end-partial")` is the base with that folder over
it, as a project of its own. What the base gives, by hand: first dose of all 2024-03-20 09:00, last dose
2024-05-31 (2-07: 2024-05-10); emergent events 3 / 2 / 5 of 4 / 4 / 8 patients [4, 2, 6 events]; serious
0 / 1 / 1; related to either drug 2 / 1 / 3; deaths 1 / 2 / 3 on days 101 (1-02), 118 (2-06), 60 (2-07).
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tlfgen.checks import check_specs
from tlfgen.data.dataset import Dataset
from tlfgen.display.parts import Laid
from tlfgen.errors import Finding
from tlfgen.run.build import Build
from tlfgen.spec.analysis import shown_by
from tlfgen.study import Study

STUDIES = Path(__file__).parent / "studies"
MakeCase = Callable[[str], "Case"]


class Case:
    """A case as a project: `root/specs/x`. `data`, `results` and `shown` run the stages in memory, in tenths
    of a second; `build` writes everything, in seconds."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder = root, root / "specs" / "x"

    def write(self, path: str, text: str) -> Case:
        """Write a file of the study, `outputs/more.yaml` say."""
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, "utf-8")
        return self

    def replace(self, path: str, old: str, new: str) -> Case:
        """Change a text that a file of the study holds."""
        text = (self.folder / path).read_text("utf-8")
        assert old in text, f"{path} does not hold {old!r}"
        return self.write(path, text.replace(old, new))

    @property
    def study(self) -> Study:
        return Study.open("x", root=self.root)

    def check(self) -> list[Finding]:
        return self.study.check()

    def build(self, only: tuple[str, ...] = ()) -> Build:
        return self.study.build(only=only)

    @cached_property
    def stages(self) -> tuple[dict[str, Dataset], list[Finding]]:
        """Every dataset and finding of raw, sdtm and adam, made in memory."""
        from tlfgen.adam.build import run_adam
        from tlfgen.data.dictionary import read_dictionaries
        from tlfgen.raw.stage import run_raw
        from tlfgen.sdtm.build import run_sdtm

        specs = self.study.specs
        check_specs(specs)
        raw = run_raw(specs, self.folder / "raw")
        sdtm = run_sdtm(specs, raw.forms, read_dictionaries(specs))
        adam = run_adam(specs, sdtm.datasets)
        return {**sdtm.datasets, **adam.datasets}, [*raw.findings, *sdtm.findings, *adam.findings]

    @property
    def data(self) -> dict[str, Dataset]:
        return self.stages[0]

    def rows(self, dataset: str) -> list[dict[str, Any]]:
        """The records of a dataset, nulls as None."""
        return self.data[dataset].frame.to_dicts()

    def results(self, output: str) -> pl.DataFrame:
        """The results of one output, with those of the analyses that it shows; or of an analysis."""
        from tlfgen.analysis.run import run_analysis
        from tlfgen.analysis.table import stack

        specs = self.study.specs
        every: dict[str, Any] = {**specs.outputs, **specs.analyses}
        own = (output, *shown_by(every[output]))
        run = (run_analysis(every[n], self.data, specs.study, folder=specs.folder) for n in own)
        return stack(run)

    def part(self, output: str) -> Laid:
        """One output laid out, in the numbers of the house theme and the words of the study."""
        from tlfgen.display.lay_out import lay_out
        from tlfgen.run.inputs import theme_folders
        from tlfgen.spec.theme import NumberRules
        from tlfgen.spec.words import load_words

        specs = self.study.specs
        rules = NumberRules(words=load_words(theme_folders(self.root, self.folder)))
        return lay_out(specs.outputs[output], self.results(output), self.data, specs.study, rules)

    def shown(self, output: str) -> str:
        """One output as text."""
        from tlfgen.display.text import as_text

        return as_text(self.part(output))

    def pages(self, output: str) -> bytes:
        """The pages of one output in the house theme, as a PDF."""
        from tlfgen.document.output import render_output
        from tlfgen.document.theme import load_theme

        return render_output(self.part(output), load_theme("house", [STUDIES.parents[2] / "templates"]))

    def cells(self, output: str) -> list[dict[str, str]]:
        """The lines of `outputs/<id>.cells.csv` of a build."""
        path = self.study.folders[2] / "outputs" / f"{output}.cells.csv"
        return list(csv.DictReader(path.read_text("utf-8").splitlines()))

    def findings(self) -> list[dict[str, str]]:
        """The lines of findings.csv of a build."""
        path = self.study.folders[2] / "findings.csv"
        return list(csv.DictReader(path.read_text("utf-8").splitlines()))


@pytest.fixture
def case(tmp_path: Path) -> MakeCase:
    """Lay a case over the base; `base` alone is the base."""

    def make(name: str) -> Case:
        target = tmp_path / name / "specs" / "x"
        shutil.copytree(STUDIES / "base", target)
        if name != "base":
            shutil.copytree(STUDIES / name, target, dirs_exist_ok=True)
        return Case(tmp_path / name)

    return make
