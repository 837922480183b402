"""What the work of a step is handed: the build's inputs, the step, the results that it reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlfgen import __version__
from tlfgen.run.inputs import Inputs
from tlfgen.run.steps import Step
from tlfgen.run.views import facts_of, narrowed
from tlfgen.spec.analysis import shown_by

if TYPE_CHECKING:
    import polars as pl

    from tlfgen.data.dataset import Dataset
    from tlfgen.display.parts import FrontMatter, Laid
    from tlfgen.spec.study import StudySpec

SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True)
class At:
    """folders: the results of the steps that this one needs, by name."""

    inputs: Inputs
    step: Step
    folders: Mapping[str, Path]

    @property
    def output(self) -> Any:
        """The spec of the output, or of the analysis, that the step is of."""
        specs = self.inputs.specs
        return {**specs.outputs, **specs.analyses}[self.step.argument]

    @property
    def facts(self) -> StudySpec:
        """What an output may know of study.yaml."""
        return facts_of(self.inputs.specs.study)

    def data(self) -> dict[str, Dataset]:
        """The datasets that the step reads, with the columns that its key holds and no others."""
        found: dict[str, Dataset] = {}
        for read in (r for r in self.step.reads if r.of_columns):
            folder = self.folders[read.step]
            found |= narrowed(_datasets(folder / "data"), read.columns_in(folder), labels=read.labels)
        return found

    def results(self, output: str) -> pl.DataFrame:
        """The results of an output."""
        import polars as pl

        return pl.read_parquet(self.folders[f"ard-{output}"] / "ard.parquet")

    def shown(self) -> pl.DataFrame:
        """The results of the output that the step is of, and of the analyses that it shows."""
        from tlfgen.analysis.table import stack

        return stack(self.results(i) for i in (self.step.argument, *shown_by(self.output)))

    def part(self, output: str) -> Laid:
        """An output as it was laid out."""
        from tlfgen.display.stored import read_part

        return read_part(self.folders[f"part-{output}"] / "part.json")

    def pages(self, output: str) -> bytes:
        """The pages of an output."""
        return (self.folders[f"pages-{output}"] / "part.pdf").read_bytes()

    def front(self) -> FrontMatter:
        """What cover, headers and footers print, with the number of findings."""
        from tlfgen.display.parts import FrontMatter

        study = self.inputs.specs.study
        facts = {"Protocol": study.study, **study.facts, "Data cut-off": study.cutoff.isoformat()}
        counts = finding_counts(self.folders["audit"])
        findings = tuple((f"{s.capitalize()}s", str(counts.get(s, 0))) for s in SEVERITIES)
        named = (study.study, study.title, tuple(facts.items()), study.notice, study.cutoff.isoformat())
        status = self.inputs.specs.report.status
        return FrontMatter(*named, self.inputs.id, findings, status, f"tlfgen {__version__}")


@lru_cache(maxsize=4)
def _datasets(folder: Path) -> dict[str, Dataset]:
    """Every dataset of a result, read once a process: a result's folder has its key in its name."""
    from tlfgen.data.store import read_folder

    return read_folder(folder)


def forget() -> None:
    """Let go of the datasets that were read."""
    _datasets.cache_clear()


def finding_counts(audit: Path) -> dict[str, int]:
    """The number of findings by severity."""
    counts: dict[str, int] = json.loads((audit / "counts.json").read_text("utf-8"))["findings"]
    return counts
