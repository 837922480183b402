"""The texts of an output's spec that a reader sees and that may quote results."""

from __future__ import annotations

from collections.abc import Iterator

from tlfgen.spec.shell import OutputShell

QUOTES = ("{{", "{%", "{#")


def texts_of(output: OutputShell) -> Iterator[tuple[str, str]]:
    """(key, text) of the title, the subtitle, the footnotes and, of a figure, its description."""
    for key in ("title", "subtitle", "alt"):
        text = getattr(output, key, "")
        if text:
            yield key, text
    for note in output.footnotes:
        yield "footnotes", note if isinstance(note, str) else note.text


def is_template(text: str) -> bool:
    """Whether a text quotes results."""
    return any(mark in text for mark in QUOTES)
