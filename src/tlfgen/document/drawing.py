"""A figure drawn in points: a canvas with the theme's fonts, fills told apart in grey, axes, a legend."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tlfgen.display.axis import Ticks
from tlfgen.document.fonts import figure_fonts
from tlfgen.document.theme import Theme
from tlfgen.document.wrap import Setting, wrap

TEXT, SMALL, LEAST = 9.0, 8.0, 6.0
TICK, GAP, LINE = 3.5, 4.0, 11.5
INK, RULE, FAINT = "0.0", "0.55", "0.35"
SWATCH, BETWEEN = 16.0, 16.0

# Fill and hatching of groups in order; their lightness differs, and where it is near the hatching does.
FILLS = (
    ("#0072B2", ""), ("#8FC7EA", ""), ("#DEDEDE", ""), ("#D55E00", "/"), ("#A8A8A8", "\\"), ("#009E73", "-"),
    ("#F0E442", ""), ("#CC79A7", "x"),
)  # fmt: skip
NO_FILL = ("#FFFFFF", "")  # of those without a group
# Ordered tints, from light to dark, and the colour of text on them.
TINTS = (
    ("#E3EEF7", "black"), ("#AFCFE6", "black"), ("#5F9DC8", "black"), ("#1E5F94", "white"),
    ("#0A2A4A", "white"),
)  # fmt: skip
NO_TINT = ("#FFFFFF", "black")
MARKERS = {
    "circle": "o", "square": "s", "diamond": "D", "triangle": "^", "triangle down": "v", "cross": "X",
    "plus": "P", "star": "*",
}  # fmt: skip


@dataclass(frozen=True)
class Box:
    """A rectangle on the canvas, in points from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom


@dataclass(frozen=True)
class Scale:
    """From data to points: `low` stands at `start`, `high` at `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / ((self.high - self.low) or 1.0) * (self.end - self.start)


@dataclass(frozen=True)
class Entry:
    """An entry of a legend: what draws its swatch in a box, and its label."""

    label: str
    draw: Callable[[Box], None] | None


class Canvas:
    """A page of `width` by `height` points; everything on it is placed in points."""

    def __init__(self, theme: Theme, width: float, height: float) -> None:
        from matplotlib import pyplot

        self.theme, self.width, self.height = theme, width, height
        self.figure = pyplot.figure(figsize=(width / 72, height / 72))
        self.page: Any = self.figure.add_axes((0, 0, 1, 1))
        self.page.set_axis_off()
        self.page.set_xlim(0, width)
        self.page.set_ylim(0, height)

    def wide(self, text: str, size: float, style: str = "regular") -> float:
        """The width of a text."""
        return self.theme.sans.width(text, size, style)

    def text(
        self, x: float, y: float, text: str, size: float = SMALL, *, ha: str = "center", va: str = "baseline",
        colour: str = "black", turned: bool = False, bold: bool = False,
    ) -> None:  # fmt: skip
        if text:
            self.page.text(
                x, y, text, fontsize=size, ha=ha, va=va, color=colour, rotation=90 if turned else 0,
                rotation_mode="anchor", fontweight="bold" if bold else "normal",
            )  # fmt: skip

    def line(
        self, x: Sequence[float], y: Sequence[float], colour: str = INK, width: float = 0.6,
        style: Any = "-", z: float = 2,
    ) -> None:  # fmt: skip
        self.page.plot(x, y, color=colour, linewidth=width, linestyle=style, marker="", zorder=z)

    def bar(self, box: Box, fill: str, hatching: str = "", edge: str = "0.25", z: float = 2) -> None:
        """A filled rectangle with a thin edge; its hatching is drawn line by line."""
        self._rectangle(box, fill, "none", z)
        for kind in {"x": "/\\"}.get(hatching, hatching):
            self._hatch(box, kind, z + 0.1)
        self._rectangle(box, "none", edge, z + 0.2)

    def blank(self, box: Box, z: float = 1.7) -> None:
        """White behind a text, so that no thin line runs through it."""
        self._rectangle(box, "white", "none", z)

    def _rectangle(self, box: Box, fill: str, edge: str, z: float) -> None:
        from matplotlib.patches import Rectangle

        corner = (box.left, box.bottom)
        own = Rectangle(
            corner, box.width, box.height, facecolor=fill, edgecolor=edge, linewidth=0.5, zorder=z
        )
        self.page.add_patch(own)

    def _hatch(self, box: Box, kind: str, z: float, step: float = 5.5) -> None:
        from matplotlib.collections import LineCollection

        lines = []
        if kind == "-":
            ys = [box.bottom + step * i for i in range(1, int(box.height / step) + 1)]
            lines = [[(box.left, y), (box.right, y)] for y in ys]
        else:
            first, count = box.bottom - box.width, int((box.height + box.width) / step) + 1
            for i in range(1, count + 1):
                at = first + i * step  # where the rising line meets the left edge
                x0, x1 = max(0.0, box.bottom - at), min(box.width, box.top - at)
                if x1 > x0:
                    ends = [(x0, at + x0), (x1, at + x1)]
                    left = [(box.left + x, y) for x, y in ends]
                    lines.append(left if kind == "/" else [(box.right - x, y) for x, y in ends])
        self.page.add_collection(LineCollection(lines, colors="white", linewidths=0.7, zorder=z))

    def marker(
        self, x: float, y: float, name: str, *, hollow: bool = False, size: float = 6.0, z: float = 6
    ) -> None:
        """A symbol, black or as an outline, with a white rim that keeps it apart from what is behind it."""
        size = size * (1.35 if name == "star" else 0.85 if name in ("square", "diamond") else 1.0)
        if not hollow:
            self.page.plot(
                [x], [y], marker=MARKERS[name], markersize=size + 1.8, color="white", markeredgewidth=0,
                linestyle="", zorder=z - 0.1,
            )  # fmt: skip
        self.page.plot(
            [x], [y], marker=MARKERS[name], markersize=size, markerfacecolor="white" if hollow else "black",
            markeredgecolor="black", markeredgewidth=0.8 if hollow else 0, linestyle="", zorder=z,
        )  # fmt: skip

    def arrow(self, x: float, y: float, length: float = 9.0) -> None:
        """An arrow to the right."""
        from matplotlib.patches import Polygon

        self.line([x, x + length - 4], [y, y], width=1.0, z=5)
        head = [(x + length - 5, y - 2.4), (x + length - 5, y + 2.4), (x + length, y)]
        self.page.add_patch(Polygon(head, closed=True, facecolor="black", edgecolor="none", zorder=5))

    def svg(self) -> bytes:
        out = io.BytesIO()
        self.figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        return out.getvalue()


@contextmanager
def canvas(theme: Theme, width: float, height: float) -> Iterator[Canvas]:
    """Open a canvas in the theme's style, and close what it holds."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure_fonts(theme.faces)
    with matplotlib.rc_context(), pyplot.style.context(str(theme.file("figure.mplstyle"))):
        matplotlib.rcParams["font.family"] = theme.families
        found = Canvas(theme, width, height)
        try:
            yield found
        finally:
            pyplot.close(found.figure)


def fill_of(place: int | None) -> tuple[str, str]:
    """Fill and hatching of the group at this place, None being no group; beyond the last they begin anew."""
    return NO_FILL if place is None else FILLS[place % len(FILLS)]


def left_room(page: Canvas, ticks: Ticks, label: str, height: float) -> float:
    """The width that a vertical axis needs to the left of its line."""
    lines = wrap(label, height * 0.96, Setting(page.theme.sans, TEXT)) if label else ()
    widest = max((page.wide(t, SMALL) for _, t in ticks), default=0.0)
    return widest + TICK + GAP + len(lines) * LINE + (GAP if lines else 0) + 1


def draw_left_axis(page: Canvas, box: Box, ticks: Ticks, scale: Scale, label: str) -> None:
    page.line([box.left, box.left], [scale.start, scale.end])
    for value, text in ticks:
        y = scale(value)
        page.line([box.left - TICK, box.left], [y, y])
        page.text(box.left - TICK - 2, y, text, ha="right", va="center_baseline")
    lines = wrap(label, box.height * 0.96, Setting(page.theme.sans, TEXT)) if label else ()
    edge = left_room(page, ticks, label, box.height)
    for i, line in enumerate(lines):
        x = box.left - edge + (i + 0.8) * LINE
        page.text(x, (box.bottom + box.top) / 2, line, TEXT, turned=True)


def draw_bottom_axis(page: Canvas, box: Box, ticks: Ticks, scale: Scale, label: str) -> None:
    """An axis that takes BOTTOM points below the box, with its label; a tick whose number would touch the one
    before it has none."""
    page.line([box.left, box.right], [box.bottom, box.bottom])
    last = float("-inf")
    for x, text in sorted((scale(value), text) for value, text in ticks):
        page.line([x, x], [box.bottom - TICK, box.bottom])
        half = page.wide(text, SMALL) / 2 + 1
        if x - half > last:
            page.text(x, box.bottom - TICK - 2, text, va="top")
            last = x + half
    page.text((box.left + box.right) / 2, box.bottom - TICK - 14, label, TEXT, va="top")


BOTTOM = TICK + 2 + 10 + 4 + 12


def legend_rows(
    page: Canvas, title: str, entries: Sequence[Entry], width: float
) -> list[list[tuple[float, Entry]]]:
    """The entries in rows of at most `width`, each with its place; the title stands before the first."""
    rows: list[list[tuple[float, Entry]]] = []
    x, start = 0.0, 0.0
    if title:
        start = min(page.wide(title, SMALL) + 12, width / 3)
        rows.append([(0.0, Entry(title, None))])
        x = start
    for entry in entries:
        need = SWATCH + 5 + page.wide(entry.label, SMALL)
        if rows and x + need > width and len(rows[-1]) > (1 if title and len(rows) == 1 else 0):
            rows.append([])
            x = start
        if not rows:
            rows.append([])
        rows[-1].append((x, entry))
        x += need + BETWEEN
    return rows


LEGEND_LINE = 13.5


def draw_legend(
    page: Canvas, rows: Sequence[Sequence[tuple[float, Entry]]], left: float, top: float
) -> float:
    """Draw a legend below `top`; give its lower end."""
    for i, row in enumerate(rows):
        y = top - (i + 0.5) * LEGEND_LINE
        for x, entry in row:
            at = left + x
            if entry.draw is None:
                page.text(at, y, entry.label, SMALL, ha="left", va="center_baseline")
                continue
            entry.draw(Box(at, y - 4, at + SWATCH, y + 4))
            page.text(at + SWATCH + 5, y, entry.label, SMALL, ha="left", va="center_baseline")
    return top - len(rows) * LEGEND_LINE


def draw_references(page: Canvas, box: Box, references: Ticks, scale: Scale) -> None:
    """Thin dashed lines across, their values behind them."""
    for value, text in references:
        y = scale(value)
        page.line([box.left, box.right], [y, y], FAINT, 0.6, (0, (4, 3)), 1.5)
        page.text(box.right + 3, y, text, SMALL, ha="left", va="center_baseline")


def right_room(page: Canvas, references: Ticks) -> float:
    return max((page.wide(t, SMALL) + 6 for _, t in references), default=4.0)
