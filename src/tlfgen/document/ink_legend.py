"""The legend of a panel: samples of its looks, in rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tlfgen.display.panels import Axes, Line, Look, Panel
from tlfgen.document.drawing import SMALL, Box, Canvas
from tlfgen.document.looks import inked

SWATCH, BETWEEN, LEGEND_LINE, DOT = 16.0, 16.0, 13.5, 3.2


@dataclass(frozen=True)
class Entry:
    """An entry of a legend: what draws its sample in a box, and its label."""

    label: str
    draw: Callable[[Box], None] | None


Rows = list[list[tuple[float, Entry]]]


def legends_of(page: Canvas, panel: Panel, width: float) -> list[Rows]:
    """The legends of a panel, each in rows of at most `width`."""
    dotted = {
        m.look
        for p in panel.parts
        if isinstance(p, Axes)
        for m in p.marks
        if isinstance(m, Line) and m.symbols
    }
    found = []
    for legend in panel.legend:
        entries = [
            Entry(panel.looks[i].shown, _sample(page, panel.looks[i], i in dotted)) for i in legend.looks
        ]
        if entries:
            found.append(_rows(page, legend.title, entries, width))
    return found


def _sample(page: Canvas, look: Look, dotted: bool) -> Callable[[Box], None]:
    ink = inked(look)

    def draw(box: Box) -> None:
        x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
        if look.arrow:
            page.arrow(box.left + 2, y)
        elif look.palette in ("fills", "tints", "boxes"):
            edge = "0.5" if look.palette == "tints" else ink.edge
            page.bar(box, ink.fill, ink.hatching, edge, lines=ink.lines)
        elif look.palette == "symbols":
            if look.joined:
                page.line([box.left, box.right], [y, y], width=1.4, z=5)
            page.marker(box.left if look.joined else x, y, look.symbol, hollow=look.hollow)
        elif look.palette == "dots":
            page.dot(x, y, ink.marker, ink.colour, DOT + 1.2, hollow=look.hollow)
        else:
            page.line([box.left - 3, box.right + 2], [y, y], ink.colour, 1.1, ink.line)
            if dotted:
                page.dot(x, y, ink.marker, ink.colour, DOT if look.palette == "threads" else DOT + 1)

    return draw


def _rows(page: Canvas, title: str, entries: Sequence[Entry], width: float) -> Rows:
    """The entries in rows of at most `width`, each with its place; the title stands before the first."""
    rows: Rows = []
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


def height_of(legends: Sequence[Rows]) -> float:
    return sum(len(rows) for rows in legends) * LEGEND_LINE


def widest_of(page: Canvas, legends: Sequence[Rows]) -> float:
    """The width of the widest row."""
    ends = (
        x + SWATCH + 5 + page.wide(e.label, SMALL)
        for rows in legends
        for row in rows
        for x, e in row
        if e.draw
    )
    return max(ends, default=0.0)


def draw_legends(page: Canvas, legends: Sequence[Rows], left: float, top: float) -> None:
    """Draw the legends below `top`."""
    for row in (row for rows in legends for row in rows):
        y = top - LEGEND_LINE / 2
        for x, entry in row:
            at = left + x
            if entry.draw is not None:
                entry.draw(Box(at, y - 4, at + SWATCH, y + 4))
                at += SWATCH + 5
            page.text(at, y, entry.label, SMALL, ha="left", va="center_baseline")
        top -= LEGEND_LINE
