"""The registry of changes of the grammar, filled by the import of one `change_<name>.py` each.

A change is a function `(file, study)` on one file's tree: it rewrites what it knows to be of the old grammar
and leaves everything else, so that a file of the new grammar stays as it is. What it cannot move it notes.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq


@dataclass
class SpecFile:
    """One file of the specs. path: in the study. tree: as read, with comments; None of a text template. text:
    of a template. unmoved: line and what a change could not move there."""

    path: str
    tree: Any = None
    text: str = ""
    changed: bool = False
    unmoved: list[tuple[int, str]] = field(default_factory=list)

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    def note(self, at: CommentedMap | CommentedSeq, key: str, says: str) -> None:
        """Note what cannot be moved, with the line of a key."""
        line = at.lc.data[key][0] if key in (at.lc.data or {}) else at.lc.line
        self.unmoved.append((line + 1, says))


Files = dict[str, SpecFile]


@dataclass(frozen=True)
class Change:
    """A change of the grammar: to which version, in words, and what does it."""

    version: int
    name: str
    says: str
    function: Callable[[SpecFile, Files], None]


_CHANGES: dict[str, Change] = {}


def change(
    version: int,
) -> Callable[[Callable[[SpecFile, Files], None]], Callable[[SpecFile, Files], None]]:
    """Register a change that leads to a version. Its docstring's first line says what is written now."""

    def register(function: Callable[[SpecFile, Files], None]) -> Callable[[SpecFile, Files], None]:
        name = function.__name__
        says = (function.__doc__ or "").partition("\n")[0]
        _CHANGES[name] = Change(version, name, says, function)
        return function

    return register


@cache
def _import_changes() -> None:
    import tlfgen.upgrade

    for module in pkgutil.iter_modules(tlfgen.upgrade.__path__):
        if module.name.startswith("change_"):
            import_module(f"tlfgen.upgrade.{module.name}")


def changes_after(version: int) -> list[Change]:
    """The changes since a version, in the order in which they are made: by version, then by name."""
    _import_changes()
    found = [c for c in _CHANGES.values() if c.version > version]
    return sorted(found, key=lambda c: (c.version, c.name))


def rows_of(file: SpecFile) -> Iterator[CommentedMap]:
    """The rows of an output that is a table."""
    if file.folder == "outputs" and isinstance(file.tree, dict):
        yield from (r for r in file.tree.get("rows") or () if isinstance(r, CommentedMap))


def renamed(entry: CommentedMap, old: str, new: str) -> None:
    """Give a key another name; its place, value and comments stay."""
    place = list(entry).index(old)
    comment = entry.ca.items.pop(old, None)
    entry.insert(place, new, entry.pop(old))
    if comment is not None:
        entry.ca.items[new] = comment


def taken(entry: CommentedMap, key: str) -> Any:
    """Take a key out of an entry and give its value; None where it is not there."""
    entry.ca.items.pop(key, None)
    return entry.pop(key, None)


def flow(**values: Any) -> CommentedMap:
    """An entry written in braces on one line."""
    made = CommentedMap(values)
    made.fa.set_flow_style()
    return made


def flow_list(values: list[Any]) -> CommentedSeq:
    """A list written in brackets on one line."""
    made = CommentedSeq(values)
    made.fa.set_flow_style()
    return made
