"""A new study: the starter that builds at once, or form specs drafted from files."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from tlfgen.errors import UsageError

STARTER = Path(__file__).parent / "starter"


@dataclass(frozen=True)
class Written:
    """What `new` wrote: the files, and what a draft left out or guessed, in words for people."""

    files: tuple[str, ...]
    notes: tuple[str, ...] = ()


def new_study(folder: Path, raw: Path | None = None) -> Written:
    """Write a study into `folder`, which must not hold one.

    Without `raw`: a small study with made-up data that builds as it is. With `raw`: forms, codelists,
    study.yaml and the domains whose columns bear the standard's names, drafted from the files of that folder;
    it checks and builds as far as SDTM. The rest is written by hand, from the starter's example."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        what = "not empty" if folder.is_dir() else "a file"
        raise UsageError(f"{folder} is {what}.", hint="Name a folder that does not exist yet.")
    place = folder.resolve()
    name = re.sub(r"[^A-Z0-9-]", "", place.name.upper()) or "NEWSTUDY"
    texts, notes = _starter(name) if raw is None else _draft(raw, name)
    beside = place.with_name(f".{place.name}.new")
    filled = place if place.exists() else beside  # an empty folder may be the one that the user stands in
    shutil.rmtree(beside, ignore_errors=True)
    for path, text in texts.items():
        _write(filled / path, text)
    if filled == beside:
        beside.rename(place)
    files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return Written(tuple(files), notes)


def _starter(name: str) -> tuple[dict[str, str], tuple[str, ...]]:
    paths = sorted(p for p in STARTER.rglob("*") if p.is_file())
    texts = {p.relative_to(STARTER).as_posix(): p.read_text("utf-8").replace("NEWSTUDY", name) for p in paths}
    return texts, ()


def _draft(raw: Path, name: str) -> tuple[dict[str, str], tuple[str, ...]]:
    from tlfgen.raw.draft import draft_forms
    from tlfgen.raw.draft_study import draft_study
    from tlfgen.sdtm.draft import draft_domains

    if not raw.is_dir():
        raise UsageError(f"{raw} is no folder.", hint="Name the folder that holds the raw files.")
    draft = draft_forms(raw)
    domains, notes = draft_domains(draft)
    texts = {**draft.texts, **domains, "study.yaml": draft_study(draft, name)}
    return texts, (*draft.notes, *notes)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
