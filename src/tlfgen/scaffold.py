"""A new study: the starter that builds at once, or form specs drafted from files."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tlfgen.errors import UsageError

STARTER = Path(__file__).parent / "starter"


def new_study(folder: Path, raw: Path | None = None) -> list[str]:
    """Write a study into `folder`, which must not hold one; give the files written.

    Without `raw`: a small study with made-up data that builds as it is. With `raw`: forms and codelists
    drafted from the files of that folder; datasets, outputs and report are then written by hand, from the
    starter's example."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty.", hint="Name a folder that does not exist yet.")
    drafts = {}
    if raw is not None:
        from tlfgen.raw.draft import draft_forms

        if not raw.is_dir():
            raise UsageError(f"{raw} is no folder.", hint="Name the folder that holds the raw files.")
        drafts = draft_forms(raw)
    name = re.sub(r"[^A-Z0-9-]", "", folder.name.upper()) or "NEWSTUDY"
    beside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    for path in sorted(p for p in STARTER.rglob("*") if p.is_file()):
        relative = path.relative_to(STARTER)
        if drafts and relative.parts[0] in ("forms", "raw", "codelists.yaml", "sdtm", "adam", "outputs"):
            continue
        _write(beside / relative, path.read_text("utf-8").replace("NEWSTUDY", name))
    for relative_name, text in drafts.items():
        _write(beside / relative_name, text)
    if folder.exists():
        folder.rmdir()
    beside.rename(folder)
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
