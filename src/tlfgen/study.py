"""A study: its specs, its plan, its build.

>>> Study.open("my-study").build(raw=Path("exports"))        # doctest: +SKIP

The steps, each with a result on disk: raw, sdtm, adam, then for each output its results (ard) and its pages
(part), then the report. A step runs again only when something that it reads has changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlfgen.build import Build, Progress, build_study
from tlfgen.errors import DataError, Finding, UsageError, unknown
from tlfgen.spec.specs import Specs, find_study, inside, load_specs

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class Study:
    """One study of a project. root: the folder that holds specs/, sdtm/, adam/ and output/."""

    specs: Specs
    root: Path

    @classmethod
    def open(cls, study: str | None = None, *, root: Path | None = None) -> Study:
        """Read a study's specs: a folder, a name under specs/, or the only one there is."""
        start = (root or Path.cwd()).resolve()
        folder = find_study(study, start)
        if root is None and folder.parent.name == "specs":
            start = folder.parent.parent
        return cls(load_specs(folder), start)

    @property
    def name(self) -> str:
        return self.specs.name

    @property
    def folders(self) -> tuple[Path, Path, Path]:
        """Where a build is published: sdtm/<study>, adam/<study>, output/<study>."""
        return (
            self.root / "sdtm" / self.name,
            self.root / "adam" / self.name,
            self.root / "output" / self.name,
        )

    def raw_folder(self, raw: Path | None) -> Path:
        """The folder of the raw forms; a UsageError where there is none."""
        folder = raw.resolve() if raw else self.specs.folder / "raw"
        if not folder.is_dir():
            raise UsageError(
                f"The raw forms are not there: {raw or f'specs/{self.name}/raw'} is no folder.",
                hint="Name it with --raw FOLDER.",
            )
        return folder

    def check(self, *, raw: Path | None = None) -> list[Finding]:
        """Check the specs, then the data against its forms; nothing is built."""
        self.check_specs()
        from tlfgen.raw.stage import run_raw

        return list(run_raw(self.specs, self.raw_folder(raw)).findings)

    def check_specs(self) -> None:
        """Check every name in every spec before data is read."""
        from tlfgen.adam.build import check_adam
        from tlfgen.ard.check import check_outputs
        from tlfgen.audit.record import FINDINGS
        from tlfgen.data.plan import Schema
        from tlfgen.raw.stage import check_form_specs
        from tlfgen.sdtm.build import check_sdtm

        check_form_specs(self.specs)
        schemas = check_adam(self.specs, check_sdtm(self.specs))
        schemas["FINDINGS"] = Schema("FINDINGS", set(FINDINGS))
        check_outputs(self.specs.outputs, self.specs.study, schemas)
        self.sections()

    def build(
        self,
        *,
        raw: Path | None = None,
        theme: str = "house",
        only: Iterable[str] = (),
        progress: Progress | None = None,
    ) -> Build:
        """Build everything that has changed, and publish it at once.

        Raises SpecError before data is read; DataError and LedgerError; in every case the last good output
        stays."""
        return build_study(self, self.raw_folder(raw), theme, tuple(only), progress or _silent)

    def load(self, name: str) -> pd.DataFrame:
        """A built dataset (or ARD, FINDINGS, LEDGER) as a pandas frame."""
        from tlfgen.data.store import read_dataset

        for folder in self.folders[:2]:
            path = folder / f"{name.lower()}.parquet"
            if path.is_file():
                return read_dataset(path).frame.to_pandas()
        raise DataError(f"{name} is not built.", hint=f"`tlfgen build {self.name}` builds it.")

    def show(self, output: str) -> str:
        """A built output as text."""
        if output not in self.specs.outputs:
            raise unknown("The output", output, self.specs.outputs)
        path = self.folders[2] / "outputs" / f"{output}.txt"
        if not path.is_file():
            raise DataError(f"{output} is not built.", hint=f"`tlfgen build {self.name}` builds it.")
        return path.read_text("utf-8").rstrip("\n")

    def sections(self) -> list[tuple[Any, tuple[str, ...]]]:
        """The report's sections with the ids of the outputs that stand in each, by number."""
        placed = []
        for section in self.specs.report.sections:
            ids: list[str] = []
            for wanted in section.outputs:
                matching = [o for o in self.specs.outputs.values() if _matches(o, wanted)]
                if not matching and "*" not in wanted:
                    raise unknown("The output", wanted, self.specs.outputs, section.at)
                ids += [o.output for o in sorted(matching, key=lambda o: _number_key(o.number))]
            for wanted in section.in_text:
                if wanted not in self.specs.outputs:
                    raise unknown("The output", wanted, self.specs.outputs, section.at)
            if section.text:
                path = inside(self.specs.folder / "report", section.text, section.at)
                if not path.is_file():
                    there = [p.name for p in (self.specs.folder / "report").glob("*.md.j2")]
                    raise unknown("The narrative", section.text, there, section.at)
            placed.append((section, tuple(dict.fromkeys(ids))))
        return placed


def _matches(output: Any, wanted: str) -> bool:
    if wanted.endswith("*"):
        return bool(output.number.startswith(wanted[:-1]))
    return wanted in (output.output, output.number)


def _number_key(number: str) -> tuple[tuple[int, int], ...]:
    """14.2.F1 after 14.2.10: figures stand behind the tables of their section."""
    return tuple((1, int(p[1:])) if p[:1] == "F" else (0, int(p)) for p in number.split("."))


def _silent(step: str, done: int, of: int) -> None:
    return None
