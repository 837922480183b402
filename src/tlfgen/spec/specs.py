"""All specs of one study, read and typed; no data is touched."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from tlfgen.errors import Place, SpecError, UsageError, nearest
from tlfgen.spec.claims import ClaimsSpec
from tlfgen.spec.dataset import AdamSpec, DomainSpec
from tlfgen.spec.form import CodelistSpec, FormSpec
from tlfgen.spec.loader import load_yaml
from tlfgen.spec.output import OutputSpec, ReportSpec
from tlfgen.spec.study import StudySpec

T = TypeVar("T")


@dataclass(frozen=True)
class Specs:
    """A study's specs by name. `folder` is where they were read; `texts` each file's bytes by its path in
    it."""

    folder: Path
    name: str
    study: StudySpec
    codelists: dict[str, CodelistSpec]
    forms: dict[str, FormSpec]
    domains: dict[str, DomainSpec]
    datasets: dict[str, AdamSpec]
    outputs: dict[str, Any]
    report: ReportSpec
    texts: dict[str, bytes] = field(repr=False)
    claims: ClaimsSpec | None = None

    @cached_property
    def digest(self) -> str:
        return digest_of(self.texts)

    def shown(self, path: str) -> str:
        """A file of the study as errors print it."""
        return f"specs/{self.name}/{path}"

    def file(self, path: str, at: Place) -> Path:
        """Resolve a path that a spec gives; it must stay inside the study."""
        return inside(self.folder, path, at)


def digest_of(texts: dict[str, bytes]) -> str:
    """Hash named contents, in the order of their names."""
    total = hashlib.sha256()
    for name in sorted(texts):
        total.update(f"{name}\0{hashlib.sha256(texts[name]).hexdigest()}\n".encode())
    return total.hexdigest()


def inside(folder: Path, path: str, at: Place) -> Path:
    """Resolve `path` below `folder`; a path that leaves it is a SpecError."""
    base = folder.resolve()
    full = (base / path).resolve()
    if Path(path).is_absolute() or (full != base and base not in full.parents):
        raise SpecError(
            f"The path '{path}' leaves the study's folder.",
            place=at,
            hint="Paths in specs stay in the study.",
        )
    return full


def find_study(study: str | None, start: Path) -> Path:
    """Find a study's folder: a path, a name under specs/, the folder we are in, or the only one there is.

    Raises UsageError that lists the studies there are.
    """
    root = start / "specs"
    known = sorted(p.parent.name for p in root.glob("*/study.yaml"))
    if study is None:
        if (start / "study.yaml").is_file():
            return start
        if len(known) == 1:
            return root / known[0]
        raise UsageError(
            "Which study?",
            hint="Known: " + ", ".join(known) + "." if known else "No specs/*/study.yaml here.",
        )
    for folder in (root / study, start / study):
        if (folder / "study.yaml").is_file():
            return folder
    near = nearest(study, known)
    hint = f"Did you mean '{near}'?" if near else "Known: " + (", ".join(known) or "none") + "."
    raise UsageError(
        f"There is no study '{study}': neither specs/{study}/study.yaml nor {study}/study.yaml exists.",
        hint=hint,
    )


def load_specs(folder: Path) -> Specs:
    """Read every spec of a study; the first thing wrong is a SpecError with file and line."""
    folder = folder.resolve()
    name = folder.name
    study = _one(folder, "study.yaml", StudySpec)
    codelists: dict[str, CodelistSpec] = {}
    if (folder / "codelists.yaml").is_file():
        codelists = load_yaml(
            folder / "codelists.yaml", dict[str, CodelistSpec], shown=f"specs/{name}/codelists.yaml"
        )
    return Specs(
        folder, name, study, codelists,
        forms=_folder(folder, "forms", FormSpec, "form"),
        domains=_folder(folder, "sdtm", DomainSpec, "domain"),
        datasets=_folder(folder, "adam", AdamSpec, "dataset"),
        outputs=_folder(folder, "outputs", OutputSpec, "output"),
        report=_one(folder, "report.yaml", ReportSpec),
        texts=_texts(folder),
        claims=_one(folder, "claims.yaml", ClaimsSpec) if (folder / "claims.yaml").is_file() else None,
    )  # fmt: skip


def _one(folder: Path, path: str, model: type[T]) -> T:
    if not (folder / path).is_file():
        raise SpecError(f"specs/{folder.name}/{path} is missing.")
    return load_yaml(folder / path, model, shown=f"specs/{folder.name}/{path}")


def _folder(folder: Path, sub: str, model: Any, name_of: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted((folder / sub).glob("*.yaml")):
        entry: Any = load_yaml(path, model, shown=f"specs/{folder.name}/{sub}/{path.name}")
        name = getattr(entry, name_of)
        if name in found:
            raise SpecError(
                f"The {name_of} '{name}' is described twice.",
                place=entry.at,
                hint=f"First in {found[name].at.path}.",
            )
        found[name] = entry
    return found


def _texts(folder: Path) -> dict[str, bytes]:
    """The spec files that shape a build: everything but the raw data and hidden files."""
    kept = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(p.startswith(".") for p in parts)
        if path.is_file() and not hidden and parts[0] not in ("raw", "seed", "claims.yaml"):
            kept["/".join(parts)] = path.read_bytes()
    return kept
