"""Notes of one kind about the rows of a table, as one sentence: a reader must not drown in footnotes."""

from __future__ import annotations

from collections.abc import Iterator

from tlfgen.spec.words import Words


class RowNotes:
    """What is said of rows, each time as a sentence of its own and as a part of a common one.

    First case that applies:
      1. the same is said of every row, or no head   Serious; Fatal: 1 record has no AESER.
      2. otherwise                                   Head: 1 record without AESER (Serious); 2 ... (Fatal).

    >>> from tlfgen.spec.words import default_words
    >>> notes = RowNotes(default_words(), "not_judged_head")
    >>> notes.add("Serious", "1 record has no AESER", "1 record without AESER")
    >>> list(notes.sentences())
    ['Serious: 1 record has no AESER.']
    >>> notes.add("Fatal", "2 records have no AEOUT", "2 records without AEOUT")
    >>> list(notes.sentences())
    ['Could not be judged: 1 record without AESER (Serious); 2 records without AEOUT (Fatal).']
    """

    def __init__(self, words: Words, head: str = "") -> None:
        self.words, self.head = words, head
        self._rows: dict[tuple[str, str], dict[str, None]] = {}

    def add(self, row: str, alone: str, beside: str = "") -> None:
        """Note what is said of a row: `alone` behind its name, `beside` before it and other rows."""
        self._rows.setdefault((alone, beside), {})[row] = None

    def sentences(self) -> Iterator[str]:
        """Give the sentences."""
        say = self.words.say
        if self.head and len(self._rows) > 1:
            parts = (
                say("of_rows_part", said=beside, rows=", ".join(rows))
                for (_, beside), rows in self._rows.items()
            )
            yield say("of_rows_head", head=say(self.head), parts=say("beside").join(parts))
            return
        for (alone, _), rows in self._rows.items():
            yield say("of_rows", rows=say("beside").join(rows), said=alone)
