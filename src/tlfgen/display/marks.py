"""Marks of footnotes on a part: given in the order in which they appear, the same on every kind of page."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from tlfgen.display.parts import Figure, Part
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.marks import MARK
from tlfgen.spec.output import OutputSpec
from tlfgen.spec.theme import NumberRules

# The small raised letters of Unicode, which has no q: fonts, text files and figures show them alike.
LETTERS = "\u1d43\u1d47\u1d9c\u1d48\u1d49\u1da0\u1d4d\u02b0\u2071\u02b2\u1d4f\u02e1\u1d50\u207f\u1d52\u1d56"
LETTERS += "\u02b3\u02e2\u1d57\u1d58\u1d5b\u02b7\u02e3\u02b8\u1dbb"
SYMBOLS = "*\u2020\u2021\u00a7\u00b6\u2016"
GLYPHS = {"letters": LETTERS, "symbols": SYMBOLS}
HEAD = ("title", "subtitle", "population", "stub", "heads", "rows", "columns")
KEPT = frozenset({"id", "heading", "results", "keys", "footnotes", "source", "alt"})


def with_marks(part: Part, output: OutputSpec, rules: NumberRules) -> Part:
    """The part with the theme's glyph for each mark, and its footnotes behind the others, in their order.

    The order is that of the page: titles, header from left to right, then row by row. A footnote whose mark
    is not on the page, because its row is not printed, is left out with it. Of a listing the records are not
    looked at: they are data.
    """
    notes = output.notes
    if not notes:
        return part
    kept = KEPT | ({"rows"} if part.kind_label == "Listing" else set())
    labels = output.columns.marked if isinstance(output, FigureSpec) and isinstance(part, Figure) else {}
    part = _changed(part, lambda text: labels.get(text, text), kept) if labels else part
    found = (name for text in _texts(part, kept) for name in MARK.findall(text) if name in notes)
    glyphs = {name: glyph(i, rules) for i, name in enumerate(dict.fromkeys(found))}
    part = _changed(part, lambda text: MARK.sub(lambda m: glyphs.get(m[1], m[0]), text), kept)
    own = tuple(f"{sign} {notes[name].text}" for name, sign in glyphs.items())
    return replace(part, footnotes=(*part.footnotes, *own))


def glyph(place: int, rules: NumberRules) -> str:
    """The mark of a place, from 0; behind the last sign they stand doubled."""
    signs = GLYPHS[rules.marks]
    return signs[place % len(signs)] * (place // len(signs) + 1)


def _fields(value: Any, kept: frozenset[str]) -> list[str]:
    names = [f.name for f in dataclasses.fields(value) if f.name not in kept]
    return sorted(names, key=lambda n: HEAD.index(n) if n in HEAD else len(HEAD))


def _texts(value: Any, kept: frozenset[str]) -> Iterator[str]:
    """The texts of a part in the order in which a page shows them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Sequence):
        for one in value:
            yield from _texts(one, kept)
    elif dataclasses.is_dataclass(value):
        for name in _fields(value, kept):
            yield from _texts(getattr(value, name), kept)


def _changed(value: Any, change: Callable[[str], str], kept: frozenset[str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_changed(v, change, kept) for v in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = [(n, getattr(value, n)) for n in _fields(value, kept)]
        new = {n: made for n, old in pairs if (made := _changed(old, change, kept)) != old}
        return replace(value, **new) if new else value
    return value
