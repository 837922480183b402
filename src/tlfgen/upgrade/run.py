"""Rewrite a study of an older grammar: every file in memory first, then all of them on disk, or none."""

from __future__ import annotations

import difflib
import io
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.resolver import VersionedResolver

from tlfgen.errors import Place, SpecError
from tlfgen.spec.loader import read_tree
from tlfgen.spec.version import VERSION, newer, version_of
from tlfgen.upgrade.changes import SpecFile, changes_after

STUDY = "study.yaml"
NOT_SPECS = ("raw", "seed", "templates")


class _Plain(VersionedResolver):
    """Every scalar is a text, as tlfgen reads it: NO, 010 and 2014-01-02 are written as they were."""

    @property
    def versioned_resolver(self) -> dict[str, list[Any]]:
        return {}


@dataclass(frozen=True)
class Upgraded:
    """What an upgrade does. texts: path -> (before, after) of each file that changes. unmoved: path, line and
    what cannot be moved. made: the changes that changed something, in words."""

    version: int
    texts: dict[str, tuple[str, str]]
    unmoved: list[tuple[str, int, str]]
    made: list[str]

    def diff(self) -> Iterator[str]:
        """The change of every file, as `diff -u` prints it."""
        for path, (before, after) in sorted(self.texts.items()):
            old, new = (t.splitlines(keepends=True) for t in (before, after))
            yield from difflib.unified_diff(old, new, path, path)


def upgraded(folder: Path) -> Upgraded:
    """Upgrade a study in memory; nothing is written."""
    tree = read_tree(folder / STUDY, shown=STUDY)
    version = version_of(tree, STUDY)
    if version > VERSION:
        raise newer(version, Place(STUDY))
    before = dict(_spec_texts(folder))
    files = {path: _read(path, text) for path, text in before.items()}
    made: dict[str, None] = {}
    for change in changes_after(version):
        for file in files.values():
            was, file.changed = file.changed, False
            change.function(file, files)
            if file.changed:
                made[change.says] = None
            file.changed = file.changed or was
    if version < VERSION:
        _set_version(files[STUDY])
    texts = {p: (before[p], _written(f, before[p])) for p, f in files.items() if f.changed}
    unmoved = [(p, line, says) for p, f in files.items() for line, says in f.unmoved]
    return Upgraded(version, texts, sorted(unmoved), list(made))


def write(folder: Path, done: Upgraded) -> None:
    """Put the new files in the place of the old: written beside first, study.yaml with its version last, so
    that an upgrade that is stopped is made again."""
    with tempfile.TemporaryDirectory(prefix=".upgrade-", dir=folder) as beside:
        staged = []
        for number, path in enumerate(sorted(done.texts, key=lambda p: p == STUDY)):
            made = Path(beside) / str(number)
            made.write_text(done.texts[path][1], "utf-8")
            made.chmod((folder / path).stat().st_mode)
            staged.append((made, folder / path))
        for made, place in staged:
            os.replace(made, place)


def _spec_texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        kept = path.suffix in (".yaml", ".j2") and parts[0] not in NOT_SPECS
        if kept and path.is_file() and not any(p.startswith(".") for p in parts):
            yield "/".join(parts), path.read_text("utf-8")


def _read(path: str, text: str) -> SpecFile:
    if not path.endswith(".yaml"):
        return SpecFile(path, text=text)
    try:
        return SpecFile(path, _yaml(text).load(text))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(path, mark.line + 1 if mark else 0)
        raise SpecError("The file is not YAML.", place=place, hint=str(error).split("\n")[0]) from None


def _yaml(text: str) -> Any:
    """A reader and writer that keeps comments, order, quotes and the file's own indent of lists."""
    yaml = YAML()
    yaml.Resolver = _Plain
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    indented = re.search(r"^[^\s#-][^\n]*:[ ]*(#[^\n]*)?\n(?:\s*#[^\n]*\n|\n)*( +)- ", text, re.MULTILINE)
    offset = len(indented[2]) if indented else 0
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    return yaml


def _written(file: SpecFile, before: str) -> str:
    if file.tree is None:
        return file.text
    out = io.StringIO()
    _yaml(before).dump(file.tree, out)
    return _as_laid_out(before, out.getvalue())


def _as_laid_out(before: str, after: str) -> str:
    """The new text with each line that says the same as before as it was, its blanks included."""
    old, new = (t.splitlines(keepends=True) for t in (before, after))
    was, said = ([re.sub(r"(?<=\S) +", " ", line.rstrip()) for line in lines] for lines in (old, new))
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, was, said, autojunk=False).get_opcodes():
        if tag == "equal":
            new[j1:j2] = old[i1:i2]
    return "".join(new)


def _set_version(file: SpecFile) -> None:
    file.tree.pop("version", None)
    place = list(file.tree).index("study") + 1 if "study" in file.tree else 0
    file.tree.insert(place, "version", str(VERSION))
    file.changed = True
