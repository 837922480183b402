"""The parts of a report as plain values: what `document/` renders.

Every text here is a displayed value: rounded, formatted and labelled. A part holds no statistic, no frame and
no markup; `document/` adds only glyph-level matters (dashes, escapes) and geometry.

Table | Listing | Figure   one output each; all frozen
Cell                       one displayed text with the names of the results that it shows
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

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
    """One column header: lines of text, and how many leaf columns it spans."""

    lines: tuple[str, ...]
    span: int = 1


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


@dataclass(frozen=True)
class Table(Output):
    """heads: rows of header cells, outermost first; the last row has one Head a leaf column, stub excluded.

    stub: the header of the label column ("" for none). aligns: one a leaf column.
    empty: the sentence printed instead of rows where there are none.
    """

    heads: tuple[tuple[Head, ...], ...] = ()
    stub: str = ""
    rows: tuple[Row, ...] = ()
    aligns: tuple[Align, ...] = ()
    empty: str = ""


@dataclass(frozen=True)
class ListingColumn:
    """width: percent of the page. repeat "page": printed on the first row of a page and where it changes."""

    label: str
    width: float
    align: Align = "left"
    repeat: Literal["row", "page"] = "row"


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
class Series:
    """One curve: x and y in data units, optional lower and upper limits, and a label."""

    label: str
    x: tuple[float, ...]
    y: tuple[float | None, ...]
    lower: tuple[float | None, ...] = ()
    upper: tuple[float | None, ...] = ()
    results: tuple[str, ...] = ()


@dataclass(frozen=True)
class Strip:
    """A row of texts below the x axis ("n" by visit), one text a tick."""

    label: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Figure(Output):
    """shape: the drawing that document/ has for it. ticks: x positions and their labels."""

    shape: str = "mean_over_time"
    series: tuple[Series, ...] = ()
    x_label: str = ""
    y_label: str = ""
    ticks: tuple[tuple[float, str], ...] = ()
    strips: tuple[Strip, ...] = ()
    reference_y: float | None = None
    alt: str = ""
    empty: str = ""
    kind_label: str = "Figure"


Part = Table | Listing | Figure


@dataclass(frozen=True)
class Displayed:
    """The displayed value of one result, for the narrative and in-text tables."""

    result: str
    text: str


@dataclass(frozen=True)
class FrontMatter:
    """What the cover, headers and footers print."""

    study: str
    title: str
    facts: tuple[tuple[str, str], ...] = ()
    notice: str = ""
    cutoff: str = ""
    build: str = ""
    findings: tuple[tuple[str, str], ...] = field(default=())
