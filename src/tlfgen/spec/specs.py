"""All specs of one study, read and typed; no data is touched."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Discriminator, Tag

from tlfgen.errors import Place, SpecError, UsageError, nearest
from tlfgen.spec.analysis import AnalysisSpec, AnyAnalysis, ElsewhereAnalysisSpec, with_analyses, with_columns
from tlfgen.spec.claims import ClaimsSpec
from tlfgen.spec.dataset import AdamSpec, DomainSpec
from tlfgen.spec.elsewhere import ElsewhereSpec
from tlfgen.spec.form import CodelistSpec, FormSpec
from tlfgen.spec.loader import Mapping_, load_yaml, read_tree, validate
from tlfgen.spec.output import OutputSpec, ReportSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.version import check_version

T = TypeVar("T")
DEMOGRAPHY = "DM"
LONGEST_NAME, LONGEST_PATH = 255, 4000  # bytes, of a file's name and of a path
PRINTED = ("outputs/", "report/", "report.yaml", "study.yaml")


@dataclass(frozen=True)
class Specs:
    """A study's specs by name. `folder` is where they were read, `base` the same as the user reaches it;
    `texts` each file's bytes by its path in it."""

    folder: Path
    name: str
    study: StudySpec
    codelists: dict[str, CodelistSpec]
    forms: dict[str, FormSpec]
    domains: dict[str, DomainSpec]
    datasets: dict[str, AdamSpec]
    analyses: dict[str, AnalysisSpec]
    outputs: dict[str, Any]
    report: ReportSpec
    texts: dict[str, bytes] = field(repr=False)
    claims: ClaimsSpec | None = None
    elsewhere: dict[str, ElsewhereSpec] = field(default_factory=dict)
    base: str = ""

    @cached_property
    def digest(self) -> str:
        return digest_of(self.texts)

    @property
    def printed(self) -> dict[str, bytes]:
        """The files whose texts may be printed."""
        return {n: t for n, t in self.texts.items() if n.startswith(PRINTED)}

    @property
    def form_of_subjects(self) -> str | None:
        """The form that the subjects of DM come from."""
        domain = self.domains.get(DEMOGRAPHY)
        sources = domain.from_ if domain else ()
        return sources[0].form if sources and sources[0].form in self.forms else None

    @property
    def results_elsewhere(self) -> dict[str, ElsewhereAnalysisSpec]:
        """The analyses whose results were made elsewhere."""
        return {n: a for n, a in self.analyses.items() if isinstance(a, ElsewhereAnalysisSpec)}

    @property
    def files_elsewhere(self) -> dict[str, str]:
        """The files that were made elsewhere, with who made each."""
        found = {e.file: e.made_by for e in self.elsewhere.values()}
        return found | {a.file: a.made_by for a in self.results_elsewhere.values()}

    @property
    def elsewhere_told(self) -> dict[str, str]:
        """Each dataset and analysis that was made elsewhere, with its file and who made it."""
        found = {n: f"{e.file} ({e.made_by})" for n, e in self.elsewhere.items()}
        return found | {n: f"{a.file} ({a.made_by})" for n, a in self.results_elsewhere.items()}

    @property
    def entries(self) -> tuple[Any, ...]:
        """Every spec that was read from a file."""
        named = (self.codelists, self.forms, self.domains, self.datasets, self.analyses, self.outputs)
        return (self.study, *(e for specs in named for e in specs.values()), self.report)

    def shown(self, path: str) -> str:
        """A file of the study as errors print it."""
        return f"{self.base}{path}"

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
    """Resolve `path` below `folder`; one that leaves it, or that no file can have, is a SpecError."""
    long = next((p for p in Path(path).parts if len(p.encode()) > LONGEST_NAME), None)
    if long is not None or len(path.encode()) > LONGEST_PATH:
        shown = long or path
        raise SpecError(
            f"'{shown[:40]}...' is longer than a file's name can be: {len(shown.encode())} bytes.",
            place=at,
            hint=f"A name has {LONGEST_NAME} bytes at most, a path {LONGEST_PATH}.",
        )
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


def load_specs(folder: Path, start: Path | None = None) -> Specs:
    """Read every spec of a study; the first thing wrong is a SpecError with file and line.

    start: the folder that paths in messages begin in; without, the one that holds specs/."""
    base = _base(folder, start)
    folder = folder.resolve()
    _check_links(folder, base)
    _check_version(folder, base)
    texts = spec_texts(folder)  # before they are read, so that one that changes meanwhile is noticed
    study = _one(folder, "study.yaml", StudySpec, base)
    codelists: dict[str, CodelistSpec] = {}
    if (folder / "codelists.yaml").is_file():
        codelists = load_yaml(
            folder / "codelists.yaml", dict[str, CodelistSpec], shown=f"{base}codelists.yaml"
        )
    claims = (folder / "claims.yaml").is_file()
    report = (folder / "report.yaml").is_file()
    adam = _folder(folder, "adam", _OfAdam, "dataset", base)
    analyses = _folder(folder, "analyses", AnyAnalysis, "analysis", base)
    taken = _trees(folder, base)
    outputs = _folder(folder, "outputs", OutputSpec, "output", base, lambda t: with_analyses(t, taken))
    _check_apart(analyses, outputs)
    return Specs(
        folder, folder.name, study, codelists,
        forms=_folder(folder, "forms", FormSpec, "form", base),
        domains=_folder(folder, "sdtm", DomainSpec, "domain", base),
        datasets={n: d for n, d in adam.items() if isinstance(d, AdamSpec)},
        elsewhere={n: d for n, d in adam.items() if isinstance(d, ElsewhereSpec)},
        analyses=analyses,
        outputs=outputs,
        report=_one(folder, "report.yaml", ReportSpec, base) if report else ReportSpec(),
        texts=texts,
        claims=_one(folder, "claims.yaml", ClaimsSpec, base) if claims else None,
        base=base,
    )  # fmt: skip


def _base(folder: Path, start: Path | None) -> str:
    """A study's folder as messages begin with it: relative to `start` where it lies below."""
    if start is None:
        return f"specs/{folder.name}/" if folder.parent.name == "specs" else f"{folder}/"
    try:
        below = folder.relative_to(start).as_posix()
    except ValueError:
        return f"{folder}/"
    return "" if below == "." else f"{below}/"


def _check_links(folder: Path, base: str) -> None:
    """Refuse pipes, and links that leave the study: what stands elsewhere is not read for a study."""
    for path in sorted(folder.rglob("*")):
        if not path.is_symlink():
            if not path.is_file() and not path.is_dir():
                raise SpecError(
                    "It is a pipe or a device, not a file; it is not read.",
                    place=Place(f"{base}{path.relative_to(folder).as_posix()}"),
                    hint="Take it out of the study's folder.",
                )
            continue
        target = path.resolve()
        if target != folder and folder not in target.parents:
            raise SpecError(
                "The link leaves the study's folder; it is not followed.",
                place=Place(f"{base}{path.relative_to(folder).as_posix()}"),
                hint="Put the file itself there. Raw files elsewhere are named with --raw FOLDER.",
            )


def _one(folder: Path, path: str, model: type[T], base: str) -> T:
    if not (folder / path).is_file():
        raise SpecError(f"{base}{path} is missing.")
    return load_yaml(folder / path, model, shown=f"{base}{path}")


def _check_version(folder: Path, base: str) -> None:
    """Refuse a study of another grammar before a key of it is read."""
    if (folder / "study.yaml").is_file():
        shown = f"{base}study.yaml"
        check_version(read_tree(folder / "study.yaml", shown=shown), shown, folder.name)


def _trees(folder: Path, base: str) -> dict[str, Mapping_]:
    """The analyses as they are read, by id."""
    paths = sorted((folder / "analyses").glob("*.yaml"))
    trees = (with_columns(read_tree(p, shown=f"{base}analyses/{p.name}")) for p in paths)
    return {str(tree["analysis"]): tree for tree in trees}


def _check_apart(analyses: Mapping[str, AnalysisSpec], outputs: Mapping[str, Any]) -> None:
    """Refuse an analysis with the id of an output: a result's name would be of either."""
    for name, analysis in analyses.items():
        if name in outputs:
            raise SpecError(
                f"'{name}' is also the id of an output ({outputs[name].at.path}).",
                place=analysis.at_key("analysis"),
                hint="Give the analysis another id.",
            )


def _as_it_is(tree: Any) -> Any:
    return tree


def _folder(
    folder: Path, sub: str, model: Any, name_of: str, base: str, change: Callable[[Any], Any] = _as_it_is
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted((folder / sub).glob("*.yaml")):
        shown = f"{base}{sub}/{path.name}"
        entry: Any = validate(change(read_tree(path, shown=shown)), model, shown=shown)
        name = getattr(entry, name_of)
        if name in found:
            raise SpecError(
                f"The {name_of} '{name}' is described twice.",
                place=entry.at,
                hint=f"First in {found[name].at.path}.",
            )
        found[name] = entry
    return found


def _read_or_derived(tree: Any) -> str:
    """Which model an entry of adam/ has: a dataset with a file is read."""
    has_file = isinstance(tree, dict) and "file" in tree
    return "read" if has_file or isinstance(tree, ElsewhereSpec) else "derived"


_OfAdam = Annotated[
    Annotated[ElsewhereSpec, Tag("read")] | Annotated[AdamSpec, Tag("derived")],
    Discriminator(_read_or_derived),
]


def spec_texts(folder: Path) -> dict[str, bytes]:
    """Read the spec files that shape a build: everything but the raw data and hidden files."""
    kept = {}
    for path in _files_below(folder):
        parts = path.relative_to(folder).parts
        if parts[0] not in ("raw", "seed", "claims.yaml"):
            kept["/".join(parts)] = path.read_bytes()
    return dict(sorted(kept.items()))


def _files_below(folder: Path, above: tuple[Path, ...] = ()) -> Iterator[Path]:
    """Every file that is not hidden; a folder that is a link is followed, but not into itself."""
    here = folder.resolve()
    for path in sorted(folder.iterdir()) if here not in above else ():
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield from _files_below(path, (*above, here))
        elif path.is_file():
            yield path
