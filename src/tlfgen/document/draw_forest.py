"""The drawing of a forest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tlfgen.display.figure_forest import Branch, Forest
from tlfgen.document.drawing import (
    FAINT,
    INK,
    RULE,
    SMALL,
    TEXT,
    TICK,
    Box,
    Canvas,
    Scale,
    canvas,
)
from tlfgen.document.theme import Theme
from tlfgen.document.wrap import Setting, wrap
from tlfgen.errors import RenderError

LINE, ROW, LEAST_ROW, INDENT, BETWEEN = 10.5, 15.5, 11.0, 9.0, 14.0
SQUARE, SMALLEST, LEAST_PLOT, LABEL_SHARE = 8.5, 2.6, 110.0, 0.34
AXIS, FAVOURS = 34.0, 12.0


@dataclass(frozen=True)
class Columns:
    """Where the texts and the axis stand: left edges and middles."""

    labels: tuple[tuple[str, ...], ...]
    heads: tuple[tuple[str, ...], ...]
    middles: tuple[float, ...]
    plot: tuple[float, float]
    text: float
    heights: tuple[float, ...]


@dataclass(frozen=True)
class Across:
    """From a value to its place on the axis; beyond the axis its end."""

    scale: Scale
    log: bool
    left: float
    right: float

    def __call__(self, value: float) -> float:
        if self.log and value <= 0:
            return self.left
        at = self.scale(math.log10(value) if self.log else value)
        return min(max(at, self.left), self.right)


def _across(figure: Forest, box: Box) -> Across:
    ends = (figure.ticks[0][0], figure.ticks[-1][0])
    low, high = (math.log10(v) for v in ends) if figure.log else ends
    return Across(Scale(low, high, box.left, box.right), figure.log, box.left, box.right)


def draw_forest(figure: Forest, theme: Theme, width: float, height: float) -> bytes:
    """Draw the rows with their texts left and right of the axis, as SVG with real text.

    width, height: points. Raises RenderError: rows or columns that do not fit."""
    with canvas(theme, width, height) as page:
        columns = _columns(page, figure, width)
        below = AXIS + (FAVOURS if figure.favours else 0)
        head = max(len(h) for h in columns.heads) * LINE + 6
        scale_rows = min((height - head - below) / sum(columns.heights), 1.3)
        if scale_rows * ROW < LEAST_ROW:
            raise RenderError(
                f"Figure {figure.number} ({figure.id}): {len(figure.branches)} rows do not fit on the page.",
                hint="Use a portrait page, or fewer subgroups.",
            )
        top = height - head
        bottom = top - sum(columns.heights) * scale_rows
        box = Box(columns.plot[0], bottom, columns.plot[1], top)
        across = _across(figure, box)
        _heads(page, columns, height, width)
        _lines(page, figure, box, across)
        y = top
        for branch, label, tall in zip(figure.branches, columns.labels, columns.heights, strict=True):
            y -= tall * scale_rows
            _row(page, branch, label, columns, y + tall * scale_rows / 2, across)
        _axis(page, figure, box, across)
        return page.svg()


def _columns(page: Canvas, figure: Forest, width: float) -> Columns:
    """The room of each column from its texts; the axis has what is left."""
    setting, bold = Setting(page.theme.sans, SMALL), Setting(page.theme.sans, SMALL, "bold")
    labels = tuple(wrap(b.label, width * LABEL_SHARE - INDENT * b.indent, setting) for b in figure.branches)
    widest = max(
        INDENT * b.indent + page.wide(t, SMALL)
        for b, label in zip(figure.branches, labels, strict=True)
        for t in label
    )
    count = len(figure.branches[0].counts) or max(len(b.counts) for b in figure.branches)
    tables = [[b.counts[k] for b in figure.branches if b.counts] for k in range(count)]
    heads = [wrap(figure.heads[0], width * LABEL_SHARE, bold)]
    heads += [wrap(h, 78.0 if count > 1 else 120.0, bold) for h in figure.heads[1:-1]]
    last = wrap(figure.heads[-1], 130.0, bold)
    wide = [
        max([page.wide(t, SMALL) for t in (*rows, *head)])
        for rows, head in zip(tables, heads[1:], strict=True)
    ]
    right = max(page.wide(t, SMALL, "bold") for t in last)
    right = max([right, *(page.wide(b.text, SMALL) for b in figure.branches)])
    x, middles = max(widest, *(page.wide(t, SMALL, "bold") for t in heads[0])) + BETWEEN, []
    for w in wide:
        middles.append(x + w / 2)
        x += w + BETWEEN
    plot = (x + 4, width - right - BETWEEN - 4)
    if plot[1] - plot[0] < LEAST_PLOT:
        raise RenderError(
            f"Figure {figure.number} ({figure.id}): its texts leave no room for the axis.",
            hint="Shorten labels, or turn the page (page: {orientation: landscape}).",
        )
    heights = tuple(ROW + (len(label) - 1) * LINE for label in labels)
    return Columns(labels, (*heads, last), tuple(middles), plot, width - right, heights)


def _heads(page: Canvas, columns: Columns, height: float, width: float) -> None:
    lines = max(len(h) for h in columns.heads)
    places = [(0.0, "left"), *((m, "center") for m in columns.middles), (columns.text, "left")]
    for head, (x, side) in zip(columns.heads, places, strict=True):
        for k, text in enumerate(head):
            y = height - (lines - len(head) + k + 0.5) * LINE
            page.text(x, y, text, SMALL, ha=side, va="center_baseline", bold=True)
    y = height - lines * LINE - 3
    page.line([0, width], [y, y], INK, 0.5)


def _lines(page: Canvas, figure: Forest, box: Box, across: Across) -> None:
    """The line of no effect, and the dashed one of all subjects."""
    for value, colour, style in ((figure.none, RULE, "-"), (figure.overall, FAINT, (0, (4, 3)))):
        if value is not None and figure.ticks[0][0] <= value <= figure.ticks[-1][0]:
            x = across(value)
            page.line([x, x], [box.bottom, box.top], colour, 0.6, style, 1.5)


def _row(
    page: Canvas, branch: Branch, label: Sequence[str], columns: Columns, y: float, across: Across
) -> None:
    for k, text in enumerate(label):
        at = y + ((len(label) - 1) / 2 - k) * LINE
        page.text(INDENT * branch.indent, at, text, SMALL, ha="left", va="center_baseline")
    for x, text in zip(columns.middles, branch.counts, strict=False):
        page.text(x, y, text, SMALL, va="center_baseline")
    page.text(columns.text, y, branch.text, SMALL, ha="left", va="center_baseline")
    _mark(page, branch, y, across)


def _mark(page: Canvas, branch: Branch, y: float, across: Across) -> None:
    """The square at the estimate and the line of its limits; nothing where there is no estimate."""
    if branch.estimate is None:
        return
    ends = [across.left if branch.cut[0] else across(branch.low or 0.0)]
    ends.append(across.right if branch.cut[1] else across(branch.high or 0.0))
    page.line(ends, [y, y], INK, 0.9, "-", 3)
    for end, cut, way in zip(ends, branch.cut, (-1, 1), strict=True):
        if cut:
            _arrow(page, end, y, way)
        else:
            page.line([end, end], [y - 2, y + 2], INK, 0.9, "-", 3)
    half = max(SQUARE * math.sqrt(branch.share), SMALLEST) / 2
    x = across(branch.estimate)
    if across.left <= x <= across.right:
        page.bar(Box(x - half, y - half, x + half, y + half), "#0072B2", edge="#0072B2", z=4)


def _arrow(page: Canvas, x: float, y: float, way: int) -> None:
    from matplotlib.patches import Polygon

    corners = [(x + way * 3, y), (x - way * 2, y + 2.3), (x - way * 2, y - 2.3)]
    page.page.add_patch(Polygon(corners, closed=True, facecolor="black", edgecolor="none", zorder=4))


def _axis(page: Canvas, figure: Forest, box: Box, across: Across) -> None:
    y = box.bottom - 2
    page.line([box.left, box.right], [y, y], INK, 0.6)
    for value, text in figure.ticks:
        x = across(value)
        page.line([x, x], [y - TICK, y], INK, 0.6)
        page.text(x, y - TICK - 2, text, SMALL, va="top")
    middle = (box.left + box.right) / 2
    lines = wrap(figure.x_label, box.width + 60, Setting(page.theme.sans, TEXT)) if figure.x_label else ()
    at = y - TICK - 15
    if figure.favours and figure.none is not None:
        x = across(figure.none)
        left, right = f"\u2190 {figure.favours[0]}", f"{figure.favours[1]} \u2192"
        page.text(max(x - 8, page.wide(left, SMALL)), at, left, SMALL, ha="right", va="top")
        page.text(min(x + 8, page.width - page.wide(right, SMALL)), at, right, SMALL, ha="left", va="top")
        at -= FAVOURS
    for k, line in enumerate(lines[:1]):
        page.text(middle, at - k * LINE, line, TEXT, va="top")
