"""The drawing of Kaplan-Meier curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tlfgen.display.figure_kaplan_meier import Curve, Survival
from tlfgen.document.drawing import (
    BOTTOM,
    FAINT,
    SMALL,
    Box,
    Canvas,
    Scale,
    canvas,
    draw_bottom_axis,
    draw_left_axis,
    left_room,
)
from tlfgen.document.theme import Theme
from tlfgen.document.wrap import Setting, wrap

# Told apart by colour and by line, so that grey print works.
COLOURS = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
LINES: tuple[Any, ...] = (
    "-",
    (0, (5, 2)),
    (0, (1, 1.5)),
    (0, (6, 2, 1, 2)),
    (0, (3, 1)),
    (0, (8, 2, 1, 1, 1, 2)),
)
CENSOR, SAMPLE, ROW, BLOCK_GAP = 3.2, 22.0, 11.0, 3.0
LABEL_SHARE, TOP, PAD, BETWEEN, LABEL_GAP = 0.24, 8.0, 8.0, 12.0, 10.0


@dataclass(frozen=True)
class Corner:
    """The texts that stand inside the axes: columns with their widths, rows of lines."""

    widths: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]
    sample: float
    notes: tuple[str, ...]
    width: float

    @property
    def height(self) -> float:
        return (len(self.rows) + len(self.notes)) * ROW


def draw_kaplan_meier(figure: Survival, theme: Theme, width: float, height: float) -> bytes:
    """Draw steps with their censored subjects, the corner's texts where no curve runs, and the numbers below
    the axis on its ticks, as SVG with real text.

    width, height: points. The labels of the numbers have the room that they are measured to need."""
    with canvas(theme, width, height) as page:
        below = _below_lines(page, figure, width * LABEL_SHARE)
        lines = sum(len(label) for block in below for label in block)
        depth = BOTTOM + lines * ROW + len(below) * BLOCK_GAP + 4
        corner = _corner(page, figure)
        inner = height - depth - TOP
        labels = max((page.wide(t, SMALL) for block in below for label in block for t in label), default=0.0)
        first = max((page.wide(row[0], SMALL) for b in figure.blocks for row in b.rows), default=0.0)
        left = max(left_room(page, figure.y_ticks, figure.y_label, inner), labels + LABEL_GAP + first / 2)
        right = max(page.wide(figure.ticks[-1][1], SMALL) / 2, 8.0) + 2
        box = Box(left, depth, width - right, height - TOP)
        above = _placed(figure, box, corner) is None
        if above:
            box = Box(left, depth, width - right, height - TOP - corner.height - PAD)
        across = Scale(0.0, figure.ticks[-1][0], box.left, box.right)
        up = Scale(0.0, figure.y_ticks[-1][0], box.bottom, box.top)
        _median(page, figure, across, up)
        for i, curve in enumerate(figure.curves):
            _draw_curve(page, curve, i, across, up)
        draw_left_axis(page, box, figure.y_ticks, up, figure.y_label)
        draw_bottom_axis(page, box, figure.ticks, across, figure.x_label)
        place = _placed(figure, box, corner) if not above else (box.left, height - TOP)
        _draw_corner(page, figure, corner, place or (box.left, height - TOP))
        _draw_below(page, figure, below, box, across)
        return page.svg()


def _style(i: int, many: bool) -> tuple[str, Any]:
    return (COLOURS[i % len(COLOURS)], LINES[i % len(LINES)]) if many else (COLOURS[0], "-")


def _draw_curve(page: Canvas, curve: Curve, i: int, across: Scale, up: Scale) -> None:
    colour, line = _style(i, True)
    x, y = _stairs([(across(a), up(b)) for a, b in curve.steps])
    if curve.limits:
        _draw_band(page, curve, colour, across, up)
    page.line(x, y, colour, 1.3, line, 3)
    for a, b in curve.marks:
        page.line([across(a), across(a)], [up(b) - CENSOR, up(b) + CENSOR], colour, 0.9, "-", 4)


def _draw_band(page: Canvas, curve: Curve, colour: str, across: Scale, up: Scale) -> None:
    """The limits as a shade, as far as there are any."""
    known = [(a, b) for (a, _), b in zip(curve.steps, curve.limits, strict=True) if b is not None]
    xs, below = _stairs([(across(a), up(b[0])) for a, b in known])
    _, above = _stairs([(across(a), up(b[1])) for a, b in known])
    page.page.fill_between(xs, below, above, color=colour, alpha=0.1, linewidth=0, zorder=1)


def _stairs(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """The corners of a line that stays level and then falls."""
    x, y = [points[0][0]], [points[0][1]]
    for a, b in points[1:]:
        x += [a, a]
        y += [y[-1], b]
    return x, y


def _median(page: Canvas, figure: Survival, across: Scale, up: Scale) -> None:
    """A dashed line at half, as far as the last median, and down from each."""
    places = [c.median_at for c in figure.curves if c.median_at is not None]
    if figure.half is None or not places:
        return
    level = up(figure.half)
    page.line([across.start, across(max(places))], [level, level], FAINT, 0.6, (0, (4, 3)), 1.5)
    for place in places:
        page.line([across(place), across(place)], [up.start, level], FAINT, 0.6, (0, (4, 3)), 1.5)


def _corner(page: Canvas, figure: Survival) -> Corner:
    """The table of the corner: a sample of the line, its label and the texts of each curve."""
    many = len(figure.curves) > 1
    if many:
        rows = (("", *figure.heads), *((c.label, *c.corner) for c in figure.curves))
    else:
        rows = tuple((f"{h}: {t}",) for h, t in zip(figure.heads, figure.curves[0].corner, strict=True))
    widths = tuple(max(page.wide(r[k], SMALL) for r in rows) for k in range(len(rows[0])))
    sample = SAMPLE + 5 if many else 0.0
    wide = sample + sum(widths) + BETWEEN * (len(widths) - 1)
    wide = max([wide, *(page.wide(n, SMALL) for n in figure.notes)])
    return Corner(widths, rows, sample, figure.notes, wide)


def _placed(figure: Survival, box: Box, corner: Corner) -> tuple[float, float] | None:
    """The upper left end of the corner's texts: at the top right, else at the bottom left, where no curve, no
    band and no median line runs through them; None where there is no room inside."""
    across = Scale(0.0, figure.ticks[-1][0], box.left, box.right)
    up = Scale(0.0, figure.y_ticks[-1][0], box.bottom, box.top)
    left, top = box.right - corner.width, box.top + 2
    low, high = _reach(figure, across, up, left - PAD, box.right)
    if left > box.left + PAD and high < top - corner.height - PAD:
        return left, top
    left, top = box.left + PAD, box.bottom + corner.height + PAD
    low, high = _reach(figure, across, up, left, left + corner.width + PAD)
    medians = [across(c.median_at) for c in figure.curves if c.median_at is not None]
    crossed = any(m < left + corner.width + PAD for m in medians)
    if low > top + PAD and not crossed and left + corner.width < box.right:
        return left, top
    return None


def _reach(figure: Survival, across: Scale, up: Scale, start: float, end: float) -> tuple[float, float]:
    """The lowest and the highest point, in points, of what is drawn between two places."""
    low, high = float("inf"), float("-inf")
    for curve in figure.curves:
        bounds = curve.limits or (None,) * len(curve.steps)
        last = curve.steps[0][1]
        for k, ((x, y), limits) in enumerate(zip(curve.steps, bounds, strict=True)):
            stop = curve.steps[k + 1][0] if k + 1 < len(curve.steps) else x
            if across(stop) >= start and across(x) <= end:
                tall = [last, y, *(limits or ())] if across(x) >= start else [y, *(limits or ())]
                low, high = min(low, up(min(tall)) - CENSOR), max(high, up(max(tall)) + CENSOR)
            last = y
    return low, high


def _draw_corner(page: Canvas, figure: Survival, corner: Corner, place: tuple[float, float]) -> None:
    left, top = place
    for i, row in enumerate(corner.rows):
        y, x = top - (i + 0.5) * ROW, left + corner.sample
        if corner.sample and i:
            colour, line = _style(i - 1, True)
            page.line([left, left + SAMPLE], [y, y], colour, 1.3, line, 3)
        for k, text in enumerate(row):
            middle = bool(corner.sample and k)
            at = x + corner.widths[k] / 2 if middle else x
            page.text(at, y, text, SMALL, ha="center" if middle else "left", va="center_baseline")
            x += corner.widths[k] + BETWEEN
    for j, note in enumerate(corner.notes):
        y = top - (len(corner.rows) + j + 0.5) * ROW
        page.text(left, y, note, SMALL, ha="left", va="center_baseline")


def _below_lines(page: Canvas, figure: Survival, most: float) -> list[list[tuple[str, ...]]]:
    """For each block its labels, as wrapped lines: with several curves the heading first."""
    setting = Setting(page.theme.sans, SMALL)
    found: list[list[tuple[str, ...]]] = []
    for block in figure.blocks:
        if len(figure.curves) == 1:
            found.append([(block.heading,)])
        else:
            found.append([(block.heading,), *(wrap(c.label, most, setting) for c in figure.curves)])
    return found


def _draw_below(
    page: Canvas, figure: Survival, below: Sequence[Sequence[tuple[str, ...]]], box: Box, across: Scale
) -> None:
    """The rows of numbers on the ticks, in the colour of their curve."""
    y = box.bottom - BOTTOM
    first = max((page.wide(row[0], SMALL) for b in figure.blocks for row in b.rows), default=0.0)
    edge = (
        box.left
        - LABEL_GAP
        - first / 2
        - max((page.wide(t, SMALL) for b in below for label in b for t in label), default=0.0)
    )
    many = len(figure.curves) > 1
    for block, labels in zip(figure.blocks, below, strict=True):
        y -= BLOCK_GAP
        rows = [(), *block.rows] if many else list(block.rows)
        for i, (label, texts) in enumerate(zip(labels, rows, strict=True)):
            colour = _style(i - 1, many)[0] if i and many else "black"
            for k, line in enumerate(label):
                page.text(
                    edge, y - (k + 0.5) * ROW, line, SMALL, ha="left", va="center_baseline", colour=colour
                )
            for (x, _), text in zip(figure.ticks, texts, strict=False):
                page.text(across(x), y - 0.5 * ROW, text, SMALL, va="center_baseline", colour=colour)
            y -= len(label) * ROW
