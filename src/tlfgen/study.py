"""A study: its specs, its plan, its build.

>>> Study.open("my-study").build(raw=Path("exports"))        # doctest: +SKIP

The steps, each with a result on disk, stand in run/plan.py. A step runs again only when something that it
reads has changed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tlfgen.checks import check_specs, place_outputs
from tlfgen.errors import DataError, Finding, LedgerError, UsageError, unknown
from tlfgen.run.build import Build, Progress, build_study
from tlfgen.run.inputs import Inputs, Project, theme_folders
from tlfgen.run.record import changed_since
from tlfgen.spec.specs import Specs, find_study, load_specs
from tlfgen.spec.words import load_words

if TYPE_CHECKING:
    import pandas as pd

    from tlfgen.audit.claims import Judged
    from tlfgen.audit.consistency import Remark
    from tlfgen.data.dataset import Dataset


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
        return cls(load_specs(folder, start), _root(folder, start, given=root is not None))

    @property
    def name(self) -> str:
        return self.specs.name

    @property
    def project(self) -> Project:
        return Project(self.specs, self.root)

    @property
    def folders(self) -> tuple[Path, Path, Path]:
        """Where a build is published: sdtm/<study>, adam/<study>, output/<study>."""
        return self.project.folders

    def raw_folder(self, raw: Path | None) -> Path:
        """The folder of the raw forms; a UsageError where there is none."""
        folder = raw.resolve() if raw else self.specs.folder / "raw"
        if not folder.is_dir():
            raise UsageError(
                f"The raw forms are not there: {raw or self.specs.shown('raw')} is no folder.",
                hint="Name it with --raw FOLDER.",
            )
        return folder

    def check(self, *, raw: Path | None = None) -> list[Finding]:
        """Check the specs, then the data: every stage is run, and what a build finds in it is found."""
        check_specs(self.specs)
        load_words(theme_folders(self.root, self.specs.folder))
        from tlfgen.adam.build import run_adam
        from tlfgen.analysis.check_references import check_references, outputs_in_no_section
        from tlfgen.analysis.check_words import check_words
        from tlfgen.data.dictionary import read_dictionaries
        from tlfgen.raw.stage import run_raw
        from tlfgen.sdtm.build import run_sdtm

        forms = run_raw(self.specs, self.raw_folder(raw))
        placed = [ids for _, ids in place_outputs(self.specs)]
        found = [*check_words(self.specs), *check_references(self.specs)]
        found += [*outputs_in_no_section(self.specs, placed), *forms.findings]
        if not self.specs.domains:
            return found
        try:
            sdtm = run_sdtm(self.specs, forms.forms, read_dictionaries(self.specs))
            adam = run_adam(self.specs, sdtm.datasets)
        except LedgerError as error:
            message = " ".join(m for m in (error.message, error.hint) if m)
            return [*found, Finding("error", "sdtm", "LEDGER", "ledger", message)]
        for stage, result in (("sdtm", sdtm), ("adam", adam)):
            found += [*result.findings, *_found_on_writing(result.datasets, stage)]
        return found + self._found_in({**sdtm.datasets, **adam.datasets})

    def _found_in(self, datasets: dict[str, Dataset]) -> list[Finding]:
        from tlfgen.document.theme import load_theme
        from tlfgen.document.unprintable import unprintable, unprintable_specs
        from tlfgen.reconcile.run import check_study

        theme = load_theme("house", theme_folders(self.root, self.specs.folder))
        lost = [*unprintable(datasets, theme), *unprintable_specs(self.specs.printed, theme)]
        return [*check_study(datasets, self.specs), *lost]

    def build(
        self,
        *,
        raw: Path | None = None,
        theme: str = "house",
        only: Iterable[str] = (),
        jobs: int = 1,
        progress: Progress | None = None,
    ) -> Build:
        """Build everything that has changed, and publish it at once. jobs: how many steps may run side by
        side, each in a process of its own; the bytes are the same with any number.

        Raises SpecError before data is read; DataError and LedgerError; in every case the last good output
        stays."""
        told = progress or _silent
        return build_study(self.project, self.raw_folder(raw), theme, tuple(only), told, jobs)

    def load(self, name: str) -> pd.DataFrame:
        """A built dataset (or ARD, FINDINGS, LEDGER) as a pandas frame."""
        from tlfgen.data.store import read_dataset

        for folder in self.folders[:2]:
            path = folder / f"{name.lower()}.parquet"
            if path.is_file():
                return read_dataset(path).frame.to_pandas()
        raise DataError(f"{name} is not built.", hint=f"`tlfgen build {self.name}` builds it.")

    def datasets(self) -> dict[str, Dataset]:
        """Every built dataset, by name."""
        from tlfgen.data.store import read_folder

        found: dict[str, Dataset] = {}
        for folder in self.folders[:2]:
            if not folder.is_dir():
                raise DataError(f"{self.name} is not built.", hint=f"`tlfgen build {self.name}` builds it.")
            found |= read_folder(folder)
        return found

    def claims(self) -> tuple[list[Judged], list[Remark]]:
        """Judge claims.yaml against the built datasets, and remark what cannot hold among the claims."""
        from tlfgen.audit.claims import Judge
        from tlfgen.audit.consistency import remarks

        if self.specs.claims is None:
            raise UsageError(f"{self.name} has no claims: {self.specs.shown('claims.yaml')} is not there.")
        of = {**self.specs.outputs, **self.specs.analyses}
        judge = Judge(of, self.datasets(), self.specs.study, folder=self.specs.folder)
        return judge.judge(self.specs.claims), remarks(self.specs.claims)

    def changed(self, *, raw: Path | None = None) -> list[str]:
        """What has changed since the last whole build, by name: specs, the theme, and the files that are read
        beside them, these only where the folder of the raw forms is known."""
        own = self.specs.folder / "raw"
        inputs = Inputs.of(self.project, self.raw_folder(raw) if raw else own, "house")
        return changed_since(self.folders[2], inputs, files=bool(raw) or own.is_dir())

    def show(self, output: str) -> str:
        """An output of the last whole build as text; `changed` says what has changed since."""
        if output not in self.specs.outputs:
            raise unknown("The output", output, self.specs.outputs)
        path = self.folders[2] / "outputs" / f"{output}.txt"
        if not path.is_file():
            raise DataError(f"{output} is not built.", hint=f"`tlfgen build {self.name}` builds it.")
        return path.read_text("utf-8").rstrip("\n")


def _root(folder: Path, start: Path, *, given: bool) -> Path:
    """The folder that a study's builds are written in.

    First case that applies:
      1. the study is one of specs/             the folder that holds specs/
      2. we stand in the study or below it      the folder that holds the study: no build among the specs
      3. otherwise                              where we stand
    """
    if folder.parent.name == "specs" and not given:
        return folder.parent.parent
    if start == folder or folder in start.parents:
        if given:
            raise UsageError(
                f"{start} holds the study's specs: a build writes beside them, never among them.",
                hint="Name another folder as root.",
            )
        return folder.parent
    return start


def _found_on_writing(datasets: Mapping[str, Dataset], stage: str) -> list[Finding]:
    """What the transport files of these datasets cannot hold."""
    from tlfgen.data.store import write_transport

    found: list[Finding] = []
    with tempfile.TemporaryDirectory() as folder:
        for dataset in datasets.values():
            found += write_transport(dataset, Path(folder), stage)
    return found


def _silent(step: str, done: int, of: int) -> None:
    return None
