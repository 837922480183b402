"""What every page of an output has: its title above, its footnotes at the foot, and the room between."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tlfgen.display.parts import Output
from tlfgen.document.theme import Theme
from tlfgen.document.wrap import Setting, wrap

TITLE_SIZE, TITLE_LEADING = 10.0, 13.0
HEAD_GAP, NOTES_GAP = 8.0, 9.0
RULES = 16.0  # the rules of a table and the white space at them


@dataclass(frozen=True)
class Sheet:
    """The page of one output in one orientation, in points."""

    output: Output
    theme: Theme
    orientation: str

    @property
    def width(self) -> float:
        return self.theme.body(self.orientation)[0]

    @property
    def height(self) -> float:
        return self.theme.body(self.orientation)[1]

    @property
    def setting(self) -> Setting:
        return Setting(self.theme.sans, self.theme.spec.sizes.table)

    @property
    def bold(self) -> Setting:
        return Setting(self.theme.sans, self.theme.spec.sizes.table, "bold")

    @cached_property
    def title_lines(self) -> tuple[str, ...]:
        title = Setting(self.theme.sans, TITLE_SIZE, "bold")
        return tuple(
            line
            for text in (self.output.title, self.output.subtitle)
            if text
            for line in wrap(text, self.width * 0.9, title)
        )

    @cached_property
    def note_lines(self) -> tuple[tuple[str, ...], ...]:
        sizes = self.theme.spec.sizes
        note = Setting(self.theme.sans, sizes.note)
        return tuple(wrap(text, self.width, note) for text in self.output.footnotes)

    @cached_property
    def source_lines(self) -> tuple[str, ...]:
        note = Setting(self.theme.sans, self.theme.spec.sizes.note)
        return wrap(f"Source: {self.output.source}", self.width, note) if self.output.source else ()

    @property
    def head_height(self) -> float:
        population = 1 if self.output.population else 0
        return (1 + len(self.title_lines) + population) * TITLE_LEADING + HEAD_GAP

    @property
    def notes_height(self) -> float:
        lines = sum(map(len, self.note_lines)) + len(self.source_lines)
        return lines * self.theme.spec.sizes.note_leading + (NOTES_GAP if lines else 0)

    @property
    def room(self) -> float:
        """The height left for the table, figure or listing."""
        return self.height - self.head_height - self.notes_height - 2
