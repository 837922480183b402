"""The parts of a report as plain values: what `document/` renders.

Every text here is a displayed value: rounded, formatted and labelled. A part holds no statistic, no frame and
no markup; `document/` adds only glyph-level matters (dashes, escapes) and geometry.

Table | Listing | Figure   one output each; all frozen
Pages                      an output split by page, a part for each
Cell                       one displayed text with the names of the results that it shows
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from tlfgen.display.panels import Panel

Align = Literal["left", "centre", "right", "decimal"]
Orientation = Literal["portrait", "landscape"]


@dataclass(frozen=True)
class Cell:
    """A displayed text; `results` names the results behind it (`analysis.statistic[GROUP=level]`), for audit.

    `slots` are the texts of the cell's numbers in the order of its format ("12", "14.0"), so that columns can
    be aligned number by number; empty where the text is no number.
    """

    text: str
    results: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()


@dataclass(frozen=True)
class Head:
    """One column header: lines of text, and how many leaf columns it spans; `results` names the N in it.

    follows: the column says nothing without the one before it, as a P value after its arm."""

    lines: tuple[str, ...]
    span: int = 1
    results: tuple[str, ...] = ()
    follows: bool = False


@dataclass(frozen=True)
class Row:
    """One line of a table.

    kind: "heading" is a group label without values; "data" a row of values.
    indent: the level, from 0. group: rows with one group belong together on a page where they fit;
    a heading's group is that of the rows below it. space_before: a little space above (starts of groups).
    """

    label: str
    cells: tuple[Cell, ...] = ()
    indent: int = 0
    kind: Literal["heading", "data"] = "data"
    group: int = 0
    space_before: bool = False


@dataclass(frozen=True)
class Output:
    """What every output has. number is the ICH E3 number ("14.1.2.1"); population a label ("Safety set").

    kind_label: "Table", "Listing" or "Figure". subtitle: an optional line below the title.
    footnotes: complete sentences, in order. source: dataset(s) and condition, for the grey line.
    heading: the title as contents and bookmarks say it, where no footnote stands below.
    """

    id: str
    number: str
    title: str
    population: str
    footnotes: tuple[str, ...] = ()
    orientation: Orientation = "portrait"
    subtitle: str = ""
    source: str = ""
    kind_label: str = "Table"
    heading: str = ""

    @property
    def named(self) -> str:
        """Its kind, number and heading."""
        return f"{self.kind_label} {self.number} {self.heading or self.title}"


@dataclass(frozen=True)
class Table(Output):
    """heads: rows of header cells, outermost first; the last row has one Head a leaf column, stub excluded.

    stub: the header of the label column ("" for none). aligns: one a leaf column.
    empty: the sentence printed instead of rows where there are none.
    turns: whether it may go landscape where its columns do not fit its page.
    """

    heads: tuple[tuple[Head, ...], ...] = ()
    stub: str = ""
    rows: tuple[Row, ...] = ()
    aligns: tuple[Align, ...] = ()
    empty: str = ""
    turns: bool = True


@dataclass(frozen=True)
class ListingColumn:
    """width: percent of the page. repeat "page": printed on the first row of a page and where it changes.
    variables: what the column shows of a record, for the audit."""

    label: str
    width: float
    align: Align = "left"
    repeat: Literal["row", "page"] = "row"
    variables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listing(Output):
    """rows: displayed texts, one tuple a record in order; `keys` gives each row's record for the audit.

    Texts may hold line feeds where one cell shows several variables.
    """

    columns: tuple[ListingColumn, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    keys: tuple[str, ...] = ()
    empty: str = ""
    kind_label: str = "Listing"


@dataclass(frozen=True)
class Figure(Output):
    """Panels of marks; none where there is nothing to draw, and the `empty` sentence stands.

    alt: for those who cannot see the figure. across: panels side by side; per_page: panels a page, 0 for all
    on one.
    """

    panels: tuple[Panel, ...] = ()
    alt: str = ""
    empty: str = ""
    across: int = 1
    per_page: int = 0
    kind_label: str = "Figure"

    @property
    def blank(self) -> bool:
        """Nothing to draw: the `empty` sentence stands."""
        return not self.panels


@dataclass(frozen=True)
class Pages(Output):
    """An output split by page: a part for each value of its `page_by`, in order.

    labels: the value that each page's subtitle says. files: each is a file with a number of its own.
    """

    parts: tuple[Table | Listing | Figure, ...] = ()
    labels: tuple[str, ...] = ()
    files: bool = False

    @property
    def numbered(self) -> tuple[Table | Listing | Figure, ...]:
        """The parts with the output's number, which a manuscript changes; of files with one more place."""
        own = (f"{self.number}.{i}" if self.files else self.number for i in range(1, len(self.parts) + 1))
        return tuple(replace(part, number=number) for part, number in zip(self.parts, own, strict=True))

    @property
    def bookmarks(self) -> tuple[str, ...]:
        """What bookmarks call each part: its value, of files behind its number."""
        named = zip(self.numbered, self.labels, strict=True)
        return tuple(f"{part.number} {label}" if self.files else label for part, label in named)


Part = Table | Listing | Figure
Laid = Part | Pages


@dataclass(frozen=True)
class Displayed:
    """The displayed value of one result, for the narrative and in-text tables."""

    result: str
    text: str


@dataclass(frozen=True)
class FrontMatter:
    """What the cover, headers and footers print. status: DRAFT or FINAL; program: with its version."""

    study: str
    title: str
    facts: tuple[tuple[str, str], ...] = ()
    notice: str = ""
    cutoff: str = ""
    build: str = ""
    findings: tuple[tuple[str, str], ...] = field(default=())
    status: str = ""
    program: str = ""
