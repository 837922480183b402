"""What every page of an output has: its title above, its footnotes at the foot, and the room between."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tlfgen import __version__
from tlfgen.display.parts import Output
from tlfgen.document.theme import Theme
from tlfgen.document.wrap import Setting, wrap

TITLE_SIZE, TITLE_LEADING = 10.0, 13.0
HEAD_GAP, NOTES_GAP = 8.0, 9.0
PROGRAM = f"tlfgen {__version__}"
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
        """Kind and number, title, subtitle; where the theme has a caption, its first three in one line."""
        output = self.output
        own = (self._caption(output.title),) if self.theme.spec.caption else (self._numbered, output.title)
        return self._wrapped(*own, output.subtitle)

    @cached_property
    def continued_lines(self) -> tuple[str, ...]:
        """What stands there from the second page on."""
        output = self.output
        if self.theme.spec.caption:
            return self._wrapped(self._caption(self.theme.words.say("continued")))
        return self._wrapped(
            f"{self._numbered} {self.theme.words.say('continued')}", output.title, output.subtitle
        )

    @property
    def _numbered(self) -> str:
        return f"{self.output.kind_label} {self.output.number}"

    def _caption(self, title: str) -> str:
        kind, number = self.output.kind_label, self.output.number
        return self.theme.spec.caption.format(kind=kind, KIND=kind.upper(), number=number, title=title)

    def _wrapped(self, *texts: str) -> tuple[str, ...]:
        setting = Setting(self.theme.sans, TITLE_SIZE, "bold")
        return tuple(line for text in texts if text for line in wrap(text, self.width * 0.9, setting))

    @cached_property
    def note_lines(self) -> tuple[tuple[str, ...], ...]:
        sizes = self.theme.spec.sizes
        note = Setting(self.theme.sans, sizes.note)
        return tuple(wrap(text, self.width, note) for text in self.output.footnotes)

    @cached_property
    def source_lines(self) -> tuple[str, ...]:
        """Where the output's data come from, as the theme says it."""
        output, line = self.output, self.theme.spec.source_line
        if not output.source or not line:
            return ()
        note = Setting(self.theme.sans, self.theme.spec.sizes.note)
        text = line.format(source=output.source, output=output.id, number=output.number, program=PROGRAM)
        return wrap(text, self.width, note)

    @property
    def head_height(self) -> float:
        population = 1 if self.output.population else 0
        return (len(self.title_lines) + population) * TITLE_LEADING + HEAD_GAP

    @property
    def notes_height(self) -> float:
        lines = sum(map(len, self.note_lines)) + len(self.source_lines)
        return lines * self.theme.spec.sizes.note_leading + (NOTES_GAP if lines else 0)

    @property
    def room(self) -> float:
        """The height left for the table, figure or listing."""
        return self.height - self.head_height - self.notes_height - 2
