"""What a build is of: a study's specs, its raw files, a theme; and what of them goes into keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tlfgen.checks import number_manuscript
from tlfgen.errors import DataError, UsageError
from tlfgen.run.keys import hash_bytes, hash_file, hash_texts, source_digest, versions_digest
from tlfgen.spec.catalog import catalog_of
from tlfgen.spec.specs import Specs, inside, spec_texts
from tlfgen.spec.words import shipped_templates

if TYPE_CHECKING:
    from tlfgen.analysis.asked import Asked
    from tlfgen.document.theme import Theme


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


@dataclass(frozen=True)
class Inputs:
    """All that goes into one build. manuscript: the numbers of its outputs, by id; empty for a report.
    The digests are of the raw files with the catalogues of formats beside them, of the dictionaries, of the
    datasets and results made elsewhere, of the theme: each file read once a build. id: of the build, the hash
    of everything that goes in."""

    project: Project
    raw: Path
    theme_name: str
    manuscript: Mapping[str, str]
    raw_digests: Mapping[str, str] = field(repr=False)
    dictionary_digests: Mapping[str, str] = field(repr=False)
    elsewhere_digests: Mapping[str, str] = field(repr=False)
    theme_digest: str = field(repr=False)

    @classmethod
    def of(cls, project: Project, raw: Path, theme_name: str) -> Inputs:
        """Read what goes in; a UsageError where the theme is of a manuscript and the study has none."""
        theme = load(project, theme_name)
        numbers = {} if theme.spec.document == "report" else _manuscript(project, theme_name)
        specs = project.specs
        files = (_raw_files(specs, raw), _dictionaries(specs), _elsewhere(specs))
        return cls(project, raw, theme_name, numbers, *files, theme.digest())

    def check_unchanged(self) -> None:
        """Raise a DataError that names what has changed on disk since it was read."""
        there = Inputs.of(self.project, self.raw, self.theme_name)
        texts = spec_texts(self.specs.folder)
        of_specs = {n: hash_bytes(t) for n, t in texts.items()}
        read = {n: hash_bytes(t) for n, t in self.specs.texts.items()}
        pairs = [(self.files, there.files), (read, of_specs)]
        pairs.append(({"the theme": self.theme_digest}, {"the theme": there.theme_digest}))
        moved = sorted({n for old, new in pairs for n in {**old, **new} if old.get(n) != new.get(n)})
        if moved:
            raise DataError(
                f"{moved[0]} has changed since the build read it.",
                hint="Nothing of this build is kept. Build again when no file is being written.",
            )

    @property
    def specs(self) -> Specs:
        return self.project.specs

    @cached_property
    def theme(self) -> Theme:
        """The theme as the study sees it."""
        return load(self.project, self.theme_name)

    def __getstate__(self) -> dict[str, object]:
        """Without the theme, of which each process loads its own fonts and templates."""
        return {n: v for n, v in self.__dict__.items() if n != "theme"}

    @cached_property
    def id(self) -> str:
        parts = {**self.files, "specs": self.specs.digest}
        program = {"source": source_digest(), "versions": versions_digest()}
        return hash_texts({**parts, "theme": self.theme_digest, **program})[:12]

    @property
    def files(self) -> dict[str, str]:
        """The digests of the files that are read beside the specs."""
        return {**self.raw_digests, **self.dictionary_digests, **self.elsewhere_digests}

    @property
    def output(self) -> Path:
        """The folder that the build is published in."""
        if self.manuscript:
            return self.project.root / "output" / f"{self.project.name}-{self.theme_name}"
        return self.project.folders[2]

    @property
    def links(self) -> dict[Path, str]:
        """The folders that lead into it, each with the part it shows."""
        return {} if self.manuscript else dict(zip(self.project.folders, ("sdtm", "adam"), strict=False))

    @property
    def document(self) -> str:
        return "manuscript.pdf" if self.manuscript else "csr.pdf"

    @property
    def title(self) -> str:
        """What running headers call the document."""
        return "Tables and Figures" if self.manuscript else self.specs.report.report

    @cached_property
    def asked(self) -> Asked:
        """The statistics that texts name, beside those that cells print."""
        from tlfgen.analysis.asked import asked_of_specs

        return asked_of_specs(self.specs)

    def texts(self, *starts: str) -> dict[str, str]:
        """The digests of the spec files whose paths start so."""
        files = self.specs.texts.items()
        return {f"spec {n}": hash_texts({n: t.hex()}) for n, t in files if n.startswith(starts)}

    def elsewhere(self, *files: str) -> dict[str, str]:
        """The digests of these files that were made elsewhere."""
        return {n: self.elsewhere_digests[n] for n in (f"made elsewhere {file}" for file in files)}

    @property
    def written(self) -> dict[str, str]:
        """The digests of the specs themselves, without the files that were made elsewhere."""
        made = {f"spec {file}" for file in self.specs.files_elsewhere}
        return {n: d for n, d in self.texts("").items() if n not in made}


def _raw_files(specs: Specs, raw: Path) -> dict[str, str]:
    """The digests of the forms' files, and of the catalogues of formats that they are read with."""
    paths: dict[str, Path] = {}
    for form in specs.forms.values():
        for name in form.files:
            paths[name] = path = inside(raw, name, form.at)
            catalog = catalog_of(form, path, raw)
            if catalog is not None:
                paths[f"{name} with {catalog.name}"] = catalog
    return {f"raw {n}": _hashed(paths[n]) for n in sorted(paths)}


def _dictionaries(specs: Specs) -> dict[str, str]:
    """The digests of the dictionaries, wherever they lie."""
    files = [d.file for d in specs.study.dictionaries.values() if d.file]
    return {f"dictionary {f}": _hashed(specs.folder / f) for f in files}


def _elsewhere(specs: Specs) -> dict[str, str]:
    """The digests of the datasets and results that were made elsewhere."""
    return {f"made elsewhere {file}": _hashed(specs.folder / file) for file in specs.files_elsewhere}


def _hashed(path: Path) -> str:
    return hash_file(path) if path.is_file() else "missing"


def load(project: Project, theme: str) -> Theme:
    """A theme as the study sees it."""
    from tlfgen.document.theme import load_theme

    return load_theme(theme, theme_folders(project.root, project.specs.folder))


def _manuscript(project: Project, theme: str) -> dict[str, str]:
    """The numbers of the manuscript's outputs."""
    numbers = number_manuscript(project.specs)
    if not numbers:
        raise UsageError(
            f"The theme '{theme}' sets a manuscript, and {project.name} names no outputs for one.",
            hint="List them by id in report.yaml, `manuscript: [...]`.",
        )
    return numbers


def theme_folders(root: Path, study: Path | None = None) -> list[Path]:
    """Where templates are looked up: the study, the project, the package."""
    own = [study / "templates"] if study else []
    return [p for p in dict.fromkeys([*own, root / "templates", *shipped_templates()]) if p.is_dir()]
