"""Marks that tie a text of an output to a footnote: `Placebo{^a}` and the footnote `{id: a, text: ...}`.

A spec names its footnotes; the letters or symbols that a page prints are given in the order in which the
marks appear there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tlfgen.errors import Place, SpecError, unknown
from tlfgen.spec.loader import Entry, Mapping_
from tlfgen.spec.note import NoteSpec

MARK = re.compile(r"\{\^([A-Za-z][A-Za-z0-9_-]*)\}")
IN_FORMAT = "^"  # how the name of a mark begins, between the braces of a format


def without_marks(text: str) -> str:
    """A text without its marks, as where no footnote stands below: contents, bookmarks."""
    return MARK.sub("", text)


def marks_apart(data: Any, keys: tuple[str, ...]) -> Any:
    """What is read of an entry, the labels under some keys without their marks, which stand under `marked`.

    A label names columns and results as well: these bear no mark. A label stands as a text, as the values of
    a mapping (levels, sets) or as its keys (groups, spans). marked: label -> label with its marks.
    """
    if not isinstance(data, Mapping):
        return data
    if "marked" in data:
        raise ValueError("marked: is no key of an entry; write the mark in the label, Placebo{^a}")
    marked: dict[str, str] = {}

    def plain(text: Any) -> Any:
        if not isinstance(text, str) or not MARK.search(text):
            return text
        return marked.setdefault(without_marks(text), text) and without_marks(text)

    apart = {k: _apart(k, v, plain) if k in keys else v for k, v in data.items()}
    if not marked:
        return data
    found = Mapping_({**apart, "marked": marked})
    found.place, found.key_places = getattr(data, "place", found.place), getattr(data, "key_places", {})
    return found


def _apart(key: str, value: Any, plain: Any) -> Any:
    if not isinstance(value, Mapping):
        return plain(value)
    if key in ("groups", "spans"):
        return {plain(label): of for label, of in value.items()}
    return {level: plain(label) for level, label in value.items()}


def check_marks(output: Entry, notes: Mapping[str, NoteSpec]) -> None:
    """Check that each mark of an output has a footnote and each footnote with an id a mark.

    A SpecError names a mark in a text that bears none, one without a footnote, and a footnote without a mark.
    """
    found: set[str] = set()
    for text, place, bears in _texts(output):
        for name in MARK.findall(text):
            if not bears:
                raise SpecError(
                    f"'{text}' bears no mark.",
                    place=place,
                    hint="Marks stand in titles, labels, headers and cells (docs/spec-outputs.md).",
                )
            if name not in notes:
                raise unknown("The footnote", name, notes, place)
            found.add(name)
    for name, note in notes.items():
        if name not in found:
            raise SpecError(
                f"No text has the mark {{^{name}}} of this footnote.",
                place=note.at,
                hint=f"Write {{^{name}}} where it belongs, or the footnote as a plain sentence.",
            )


def _texts(entry: Entry) -> Iterator[tuple[str, Place, bool]]:
    """Every text of an entry and of those below it, with its place and whether it bears marks."""
    for key in type(entry).model_fields:
        place, bears = entry.at_key(key), key in type(entry).bears_marks
        values = [getattr(entry, key)]
        while values:
            value = values.pop(0)
            if isinstance(value, Entry):
                yield from _texts(value)
            elif isinstance(value, str):
                yield value, place, bears
            elif isinstance(value, Mapping):
                values += [*value, *value.values()]
            elif isinstance(value, (list, tuple)):
                values += value
