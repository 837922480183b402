"""A new study: the starter that builds at once, or form specs drafted from files."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tlfgen.errors import UsageError

STARTER = Path(__file__).parent / "starter"
DRAFT = """\
# Drafted from the raw files. Correct what is in capitals;
# then describe sdtm/, adam/, outputs/ and report.yaml.
study: {name}
title: TITLE OF THE STUDY
cutoff: 2099-12-31
subject: {{from: "{subject}", USUBJID: "{name}-{{{subject}}}"}}
arms:
  - {{ARMCD: A, ARM: ARM A, order: 1, collected: [A]}}
"""


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
        if raw is None:
            _write(beside / relative, path.read_text("utf-8").replace("NEWSTUDY", name))
    for relative_name, text in drafts.items():
        _write(beside / relative_name, text)
    if raw is not None:
        _write(beside / "study.yaml", DRAFT.format(name=name, subject=_subject(raw)))
        _write(beside / "report.yaml", "report: Clinical Study Report\nsections: []\n")
    if folder.exists():
        folder.rmdir()
    beside.rename(folder)
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def _subject(raw: Path) -> str:
    from tlfgen.data.formats import known_formats, read_raw
    from tlfgen.raw.draft import find_subject

    suffixes = {suffix for suffix, _ in known_formats()}
    files = sorted(p for p in raw.iterdir() if p.suffix.lower() in suffixes)
    return find_subject([read_raw(p).frame for p in files]) or "SUBJECT"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
