"""Notes of one kind about the rows of a table, as one sentence: a reader must not drown in footnotes."""

from __future__ import annotations

from collections.abc import Iterator


class RowNotes:
    """What is said of rows, each time as a sentence of its own and as a part of a common one.

    First case that applies:
      1. the same is said of every row, or no head   Serious; Fatal: 1 record has no AESER.
      2. otherwise                                   Head: 1 record without AESER (Serious); 2 ... (Fatal).

    >>> notes = RowNotes("Could not be judged")
    >>> notes.add("Serious", "1 record has no AESER", "1 record without AESER")
    >>> list(notes.sentences())
    ['Serious: 1 record has no AESER.']
    >>> notes.add("Fatal", "2 records have no AEOUT", "2 records without AEOUT")
    >>> list(notes.sentences())
    ['Could not be judged: 1 record without AESER (Serious); 2 records without AEOUT (Fatal).']
    """

    def __init__(self, head: str = "") -> None:
        self.head = head
        self._rows: dict[tuple[str, str], dict[str, None]] = {}

    def add(self, row: str, alone: str, beside: str = "") -> None:
        """Note what is said of a row: `alone` behind its name, `beside` before it and other rows."""
        self._rows.setdefault((alone, beside), {})[row] = None

    def sentences(self) -> Iterator[str]:
        """Give the sentences."""
        if self.head and len(self._rows) > 1:
            parts = (f"{beside} ({', '.join(rows)})" for (_, beside), rows in self._rows.items())
            yield f"{self.head}: {'; '.join(parts)}."
            return
        for (alone, _), rows in self._rows.items():
            yield f"{'; '.join(rows)}: {alone}."
