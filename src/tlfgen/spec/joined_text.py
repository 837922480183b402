"""Braces in texts: `text:` joins a text of variables, `{NAME}`; elsewhere a brace is an error, but where
an output's own text quotes results.

A text that looks like a template where none is filled would stand in the data, or on the page, as it is
written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tlfgen.errors import Place, SpecError
from tlfgen.spec.loader import Entry
from tlfgen.spec.marks import without_marks
from tlfgen.spec.shell import OutputShell

_NAME = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")
# Filled elsewhere and checked there, or a pattern, a condition or what the raw files say, in which a brace
# means itself.
FILLED = frozenset({"cell", "cells", "USUBJID", "parts", "pattern", "where", "cuts"}) | {
    "collected", "missing", "files", "sheet", "ignore",
}  # fmt: skip

QUOTING = frozenset({"title", "subtitle", "footnotes", "alt"})


def joined_names(text: str, at: Place) -> list[str]:
    """The variables that a joined text names, as in "Left the study: {REASON}"."""
    rest = _NAME.sub("", text)
    if "{" in rest or "}" in rest:
        hint = 'Write {NAME} with a variable\'s name alone: "Left the study: {REASON}".'
        raise SpecError(f"The text '{text}' has a brace that names no variable.", place=at, hint=hint)
    names = list(dict.fromkeys(_NAME.findall(text)))
    if not names:
        hint = "Write {NAME} where a variable stands, or value: for a constant."
        raise SpecError(f"The text '{text}' names no variable.", place=at, hint=hint)
    return names


def joined_parts(text: str) -> list[str]:
    """The parts of a joined text, plain ones and names by turns, a plain one first."""
    return _NAME.split(text)


def check_plain_texts(entry: Entry) -> None:
    """No text of a spec has a brace where nothing is filled; a SpecError names the first."""
    for key in type(entry).model_fields:
        for name, text in _texts(getattr(entry, key), key):
            if name in QUOTING and isinstance(entry, OutputShell):
                continue  # these quote results, and are checked as the narratives are
            text = without_marks(text) if name in type(entry).bears_marks else text
            if name not in FILLED | type(entry).filled and ("{" in text or "}" in text):
                hint = "A brace is filled in text:, cell: and USUBJID: alone; here it would stand as it is."
                raise SpecError(f"{name}: '{text}' has a brace.", place=entry.at_key(key), hint=hint)


def _texts(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Entry):
        check_plain_texts(value)
    elif isinstance(value, dict):
        for name, part in value.items():
            yield key, str(name)
            yield from _texts(part, str(name) if isinstance(part, str) and str(name) in FILLED else key)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part, key)
