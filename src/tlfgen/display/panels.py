"""A figure as plain values: panels of marks in data units, which `document/` inks in any theme.

Panel                   one picture: parts side by side over the same rows, a legend, a letter (A, B)
Axes | Columns          a plot; texts that stand on the rows of the plots beside them
Diagram                 boxes from top to bottom, with what stands at their side, and lanes
Line | Band | Bar | Segment | Point | Rule | Label   the marks of a plot

What depends on the size of texts is said as a wish: the corner's texts stand where no mark is, a label near
its point where there is room, symbols of one crowd side by side. A mark has its look (a place among the
panel's looks, which the legend shows), its words for plain text, and the results behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tlfgen.display.axis import Ticks

Spot = tuple[float, float]
Palette = Literal["lines", "threads", "dots", "boxes", "fills", "tints", "symbols"]
Stroke = Literal["solid", "thin", "faint", "dashed", "dotted", "heavy"]
End = Literal["", "cap", "arrow"]


@dataclass(frozen=True)
class Look:
    """What marks look like, and what the legend says of them.

    palette, place: of the theme's; place None is of those without a group. symbol, hollow: of the palette
    "symbols"; joined: a line to a second place; arrow: an arrow alone. text: its number; code: the letters by
    which its marks are told apart in grey print too.
    """

    label: str
    palette: Palette = "lines"
    place: int | None = 0
    symbol: str = ""
    hollow: bool = False
    joined: bool = False
    arrow: bool = False
    text: str = ""
    code: str = ""
    results: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """What the legend says."""
        name = f"{self.code}: {self.label}" if self.code and self.code != self.label else self.label
        return f"{name} (n={self.text})" if self.text else name


@dataclass(frozen=True, kw_only=True)
class Mark:
    """look: its place among the panel's looks, None for plain ink. words: lines of plain text. label, text,
    results, records: for the audit, what the mark is of, what it shows, and the names of the results, or of
    the records and their variables (`ADLB[row=17].AVAL`), behind it."""

    look: int | None = None
    label: str = ""
    text: str = ""
    words: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line(Mark):
    """Through points; steps: level, then up or down. symbols: the look's at each point but the first
    `without`. dodge: in small steps to the right, so that lines do not hide each other."""

    points: tuple[Spot, ...]
    steps: bool = False
    symbols: bool = False
    without: int = 0
    dodge: float = 0.0


@dataclass(frozen=True)
class Band(Mark):
    """A shade between (x, low, high), in steps."""

    points: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class Bar(Mark):
    """From `low` to `high`, `thick` slots wide at its place across (0: only its text), lying or upright.

    inside: its text where there is room; end: the text at its end; cut: the number at the end of a bar that
    is broken there."""

    at: float
    low: float
    high: float
    thick: float
    upright: bool = False
    inside: str = ""
    end: str = ""
    cut: str = ""


@dataclass(frozen=True)
class Segment(Mark):
    """A straight line; ends: what stands at its two ends."""

    start: Spot
    stop: Spot
    stroke: Stroke = "solid"
    ends: tuple[End, End] = ("", "")
    dodge: float = 0.0


@dataclass(frozen=True)
class Point(Mark):
    """A symbol, by default its look's; area: of the largest, for a block. crowd: points of one crowd stand
    side by side, in order, where they would hide each other."""

    x: float
    y: float
    symbol: str = ""
    area: float = 1.0
    crowd: int | None = None
    dodge: float = 0.0


@dataclass(frozen=True)
class Rule(Mark):
    """A line through the whole plot at a value of one axis; its text stands behind it."""

    value: float
    of: Literal["x", "y"] = "y"
    stroke: Stroke = "dashed"
    said: str = ""


@dataclass(frozen=True)
class Label(Mark):
    """A text in the plot. free: near its point, behind the crowd, or nowhere where there is no room; else at
    its point, to the left or the right, above or below."""

    x: float
    y: float
    said: str
    free: bool = False
    crowd: int | None = None
    side: Literal["left", "right"] = "right"
    above: bool = True


AnyMark = Line | Band | Bar | Segment | Point | Rule | Label


@dataclass(frozen=True)
class Scale:
    """One direction of a plot, from `low` to `high`.

    kind: "slots" are rows or columns, 0 to 1 the first (from the top); their number is `high`, and `ticks`
    are at their middles. line: the axis is drawn. mirrored: it grows to the left. packed: slots no wider than
    their bars need. pad: share of the scale that stays free at each end. least, most: points a slot. unit:
    what slots are; hint: what to do where they do not fit.
    """

    low: float
    high: float
    ticks: Ticks = ()
    label: str = ""
    kind: Literal["linear", "log", "slots"] = "linear"
    line: bool = True
    mirrored: bool = False
    packed: bool = False
    pad: float = 0.0
    least: float = 0.0
    most: float = 0.0
    unit: str = "rows"
    hint: str = ""


@dataclass(frozen=True)
class Text:
    """A displayed text with the names of the results that it shows."""

    text: str
    results: tuple[str, ...] = ()
    indent: int = 0


@dataclass(frozen=True)
class Strip:
    """Numbers below the x axis, a text a tick; heading: a line above those of its block, or the only one.
    results: a name a text."""

    label: str
    texts: tuple[str, ...] = ()
    look: int | None = None
    heading: bool = False
    results: tuple[str, ...] = ()


@dataclass(frozen=True)
class CornerRow:
    """A line of the corner: its look's sample, its label, and a text a column."""

    label: str
    texts: tuple[Text, ...]
    look: int | None = None


@dataclass(frozen=True)
class Corner:
    """A small table in the plot, where no mark is; notes: lines below it."""

    heads: tuple[str, ...] = ()
    rows: tuple[CornerRow, ...] = ()
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Axes:
    """A plot. title: above it. below: texts under the x axis to the left and to the right of a value."""

    x: Scale
    y: Scale
    marks: tuple[AnyMark, ...] = ()
    title: str = ""
    strips: tuple[Strip, ...] = ()
    corner: Corner | None = None
    below: tuple[float, str, str] | None = None


@dataclass(frozen=True)
class Columns:
    """Texts on the slots of the plots beside them. most: share of the width at which a text is wrapped;
    head_most: points at which the header is."""

    texts: tuple[Text, ...]
    head: str = ""
    align: Literal["left", "right", "centre"] = "left"
    most: float = 1.0
    head_most: float = 130.0


@dataclass(frozen=True)
class Aside:
    """What stands at the side of a box: its text, and a line a reason.

    stays: those told of go on in the flow. wrong: it says what does not add up."""

    text: str
    lines: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    stays: bool = False
    wrong: bool = False


@dataclass(frozen=True)
class Box:
    """One box and what stands at its side, above the arrow to the next."""

    text: str
    asides: tuple[Aside, ...] = ()
    results: tuple[str, ...] = ()


@dataclass(frozen=True)
class Diagram:
    """trunk: the boxes above the lanes; lanes: the boxes of each, side by side; either may be empty."""

    trunk: tuple[Box, ...] = ()
    lanes: tuple[tuple[Box, ...], ...] = ()


@dataclass(frozen=True)
class Legend:
    """Looks in order, behind a title."""

    looks: tuple[int, ...]
    title: str = ""


@dataclass(frozen=True)
class Panel:
    """One picture. ratio: the height that it wishes, over the width of the page; above: the legend stands
    above the parts. empty: the sentence in place of parts, where a panel beside it has some."""

    parts: tuple[Axes | Columns | Diagram, ...]
    looks: tuple[Look, ...] = ()
    legend: tuple[Legend, ...] = ()
    above: bool = False
    letter: str = ""
    title: str = ""
    ratio: float = 0.68
    empty: str = ""
