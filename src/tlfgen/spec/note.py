"""The model of a footnote that a mark leads to."""

from __future__ import annotations

from pydantic import Field

from tlfgen.spec.loader import Entry


class NoteSpec(Entry):
    """id: what a mark in a label, header, cell or title names it by, `{^id}`."""

    id: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")
    text: str

    filled = frozenset({"text"})  # it quotes results, as the other footnotes do
