"""The plan of a build: whose specs, which document, where it is published, what a step reads."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tlfgen.checks import number_manuscript
from tlfgen.errors import UsageError
from tlfgen.run.cache import Cache, Result
from tlfgen.run.keys import hash_file, hash_texts
from tlfgen.spec.specs import Specs, inside

if TYPE_CHECKING:
    import polars as pl

    from tlfgen.analysis.asked import Asked
    from tlfgen.data.dataset import Dataset

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Project:
    """A study's specs and the folder that holds specs/, sdtm/, adam/ and output/."""

    specs: Specs
    root: Path

    @property
    def name(self) -> str:
        return self.specs.name

    @property
    def folders(self) -> tuple[Path, Path, Path]:
        """Where a build is published: sdtm/<study> and adam/<study>, which lead into output/<study>."""
        return (
            self.root / "sdtm" / self.name,
            self.root / "adam" / self.name,
            self.root / "output" / self.name,
        )


@dataclass
class Steps:
    """The plan of one build: what each step reads. manuscript: the numbers of its outputs, by id; empty for a
    report."""

    study: Project
    raw: Path
    theme: str
    cache: Cache
    progress: Progress
    manuscript: Mapping[str, str]
    results: dict[str, Result] = field(default_factory=dict)
    read: dict[str, dict[str, Dataset]] = field(default_factory=dict)

    @cached_property
    def asked(self) -> Asked:
        """The statistics that texts name, beside those that cells print."""
        from tlfgen.analysis.asked import asked_of_specs

        return asked_of_specs(self.specs)

    def asks(self, output: str) -> dict[str, str]:
        """What texts ask of an output, for the keys of its steps."""
        return {"asked": " ".join(self.asked.of(output))}

    def ard(self, output: str) -> pl.DataFrame:
        """The results of an output whose step has run."""
        import polars as pl

        return pl.read_parquet(self.results[f"ard-{output}"].folder / "ard.parquet")

    @property
    def output(self) -> Path:
        """The folder that the build is published in."""
        if self.manuscript:
            return self.study.root / "output" / f"{self.study.name}-{self.theme}"
        return self.study.folders[2]

    @property
    def links(self) -> dict[Path, str]:
        """The folders that lead into it, each with the part it shows."""
        if self.manuscript:
            return {}
        return dict(zip(self.study.folders, ("sdtm", "adam"), strict=False))

    @property
    def has_record(self) -> bool:
        return (self.output / "run.json").is_file()

    @property
    def document(self) -> str:
        return "manuscript.pdf" if self.manuscript else "csr.pdf"

    @property
    def title(self) -> str:
        """What running headers call the document."""
        return "Tables and Figures" if self.manuscript else self.specs.report.report

    @property
    def specs(self) -> Specs:
        return self.study.specs

    def datasets(self, *names: str) -> dict[str, Dataset]:
        """Every dataset that these steps made, each read once a build."""
        from tlfgen.data.store import read_folder

        found: dict[str, Dataset] = {}
        for name in names:
            if name not in self.read:
                self.read[name] = read_folder(self.results[name].folder / "data")
            found |= self.read[name]
        return found

    def texts(self, *starts: str) -> dict[str, str]:
        """The digests of the spec files whose paths start so."""
        files = self.specs.texts.items()
        return {f"spec {n}": hash_texts({n: t.hex()}) for n, t in files if n.startswith(starts)}

    def dictionary_files(self) -> dict[str, str]:
        """The digests of the dictionaries that lie outside the study."""
        files = (d.file for d in self.specs.study.dictionaries.values() if d.file)
        paths = {f: Path(f) for f in files if Path(f).is_absolute()}
        return {f"dictionary {n}": hash_file(p) if p.is_file() else "missing" for n, p in paths.items()}

    def raw_files(self) -> dict[str, str]:
        names = sorted({f for form in self.specs.forms.values() for f in form.files})
        paths = {n: inside(self.raw, n, form.at) for form in self.specs.forms.values() for n in form.files}
        return {f"raw {n}": hash_file(paths[n]) if paths[n].is_file() else "missing" for n in names}


def manuscript_of(study: Project, theme: str) -> dict[str, str]:
    """The numbers of the manuscript's outputs where the theme is of one."""
    from tlfgen.document.theme import load_theme

    if load_theme(theme, theme_folders(study.root, study.specs.folder)).spec.document == "report":
        return {}
    numbers = number_manuscript(study.specs)
    if not numbers:
        raise UsageError(
            f"The theme '{theme}' sets a manuscript, and {study.name} names no outputs for one.",
            hint="List them by id in report.yaml, `manuscript: [...]`.",
        )
    return numbers


def theme_folders(root: Path, study: Path | None = None) -> list[Path]:
    """Where templates are looked up: the study, the project, the package."""
    here = Path(__file__).resolve()
    shipped = [here.parents[1] / "templates", here.parents[3] / "templates"]
    own = [study / "templates"] if study else []
    return [p for p in dict.fromkeys([*own, root / "templates", *shipped]) if p.is_dir()]


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Let the garbage collector look less often: for the many small objects of a build that live on, looking
    takes a tenth of its time."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
