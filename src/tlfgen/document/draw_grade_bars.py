"""The drawing of events by term and maximum grade."""

from __future__ import annotations

from collections.abc import Callable

from tlfgen.display.figure_grade_bars import GradeBars, Stack
from tlfgen.document.drawing import (
    BOTTOM,
    LEGEND_LINE,
    NO_TINT,
    SMALL,
    TEXT,
    TINTS,
    Box,
    Canvas,
    Entry,
    Scale,
    canvas,
    draw_bottom_axis,
    draw_legend,
    legend_rows,
)
from tlfgen.document.theme import Theme
from tlfgen.document.wrap import Setting, wrap
from tlfgen.errors import RenderError

NUMBER, LEAST_ROW, GUTTER, MARGIN, WIDEST = 7.5, 8.6, 7.0, 6.0, 0.55
LEAST_REACH = 45.0


def draw_grade_bars(figure: GradeBars, theme: Theme, width: float, height: float) -> bytes:
    """Draw a stacked bar a term, on two sides with the terms between them, as SVG with real text.

    width, height: points. Raises RenderError: more terms than the page has room for."""
    with canvas(theme, width, height) as page:
        used = {p.grade for row in figure.bars for s in row for p in s.pieces}
        grades = [Entry(figure.grades[i], _swatch(page, figure, i)) for i in sorted(used)]
        rows = legend_rows(page, "", grades, width - 2 * MARGIN)
        two = len(figure.sides) == 2
        below = BOTTOM + len(rows) * LEGEND_LINE + 10
        top = height - (18 if any(figure.sides) else 4)
        room = (top - below) / len(figure.terms)
        if room < LEAST_ROW:
            raise RenderError(
                f"Figure {figure.number} ({figure.id}): {len(figure.terms)} terms do not fit on a page.",
                hint="Raise at_least.",
            )
        setting = Setting(theme.sans, SMALL)
        most = width * (0.26 if two else 0.38)
        names = [wrap(t, most, setting) for t in figure.terms]
        if any(len(n) * SMALL * 1.1 > room for n in names):
            names = [(t,) for t in figure.terms]
        label = max(setting.width(line) for n in names for line in n)
        if label > width * WIDEST:
            raise RenderError(
                f"Figure {figure.number} ({figure.id}): the longest term leaves no room for bars.",
                hint="Raise at_least, so that long terms have room for a second line.",
            )
        texts = max(page.wide(s.text, SMALL) for row in figure.bars for s in row) + 5
        boxes = _boxes(width, label, two, below, top)
        for side, box in enumerate(boxes):
            _side(page, figure, side, box, room, texts, mirrored=two and side == 0)
        middle = (boxes[0].right + boxes[1].left) / 2 if two else 0.0
        for i, lines in enumerate(names):
            y = top - (i + 0.5) * room + (len(lines) - 1) * SMALL * 0.55
            for n, line in enumerate(lines):
                at = (middle, "center") if two else (boxes[0].left - GUTTER, "right")
                page.text(at[0], y - n * SMALL * 1.1, line, ha=at[1], va="center_baseline")
        draw_legend(page, rows, MARGIN, len(rows) * LEGEND_LINE + 2)
        return page.svg()


def _boxes(width: float, label: float, two: bool, bottom: float, top: float) -> list[Box]:
    if not two:
        return [Box(label + GUTTER + 2, bottom, width - 8, top)]
    half = (width - label - 2 * GUTTER - 2 * MARGIN) / 2
    left, right = MARGIN + half, width - MARGIN - half
    return [Box(MARGIN, bottom, left, top), Box(right, bottom, width - MARGIN, top)]


def _side(
    page: Canvas, figure: GradeBars, side: int, box: Box, room: float, texts: float, *, mirrored: bool
) -> None:
    """One side: bars that begin at the terms, their totals behind them; room for these is kept free."""
    high = figure.ticks[-1][0]
    zero, far = (box.right, box.left) if mirrored else (box.left, box.right)
    widest = max(stack.share for row in figure.bars for stack in row)
    # the total behind the longest bar must stay within the box; both sides have one scale
    reach = min(box.width, (box.width - texts) * high / max(widest, 1e-9))
    if reach < LEAST_REACH:
        raise RenderError(
            f"Figure {figure.number} ({figure.id}): the terms and numbers leave no room for bars.",
            hint="Turn the page (page: {orientation: landscape}) or draw one side.",
        )
    scale = Scale(0.0, high, zero, zero - reach if mirrored else zero + reach)
    own = Box(min(zero, scale.end), box.bottom, max(zero, scale.end), box.top)
    draw_bottom_axis(page, own, figure.ticks, scale, figure.x_label)
    page.line([zero, zero], [box.bottom, box.top], z=4)
    if figure.sides[side]:
        page.text((own.left + own.right) / 2, box.top + 6, figure.sides[side], TEXT, bold=True)
    for i, row in enumerate(figure.bars):
        _bar(page, figure, row[side], box.top - (i + 0.5) * room, room, scale, mirrored)


def _bar(
    page: Canvas, figure: GradeBars, stack: Stack, y: float, room: float, scale: Scale, mirrored: bool
) -> None:
    half, at = min(room * 0.74, 13.0) / 2, 0.0
    for piece in stack.pieces:
        fill, ink = _tint(figure, piece.grade)
        a, b = sorted((scale(at), scale(at + piece.share)))
        page.bar(Box(a, y - half, b, y + half), fill, edge="white" if fill != NO_TINT[0] else "0.5")
        size = min(NUMBER, 2 * half)
        if page.wide(piece.text, size) + 2 <= b - a:
            page.text((a + b) / 2, y, piece.text, size, va="center_baseline", colour=ink)
        at += piece.share
    if stack.text:
        x = scale(stack.share) + (-4 if mirrored else 4)
        page.text(x, y, stack.text, ha="right" if mirrored else "left", va="center_baseline")


def _tint(figure: GradeBars, grade: int) -> tuple[str, str]:
    """The tint of a grade: the darkest ones are kept for the highest of five."""
    if figure.ungraded and grade == len(figure.grades) - 1:
        return NO_TINT
    return TINTS[min(grade, len(TINTS) - 1)]


def _swatch(page: Canvas, figure: GradeBars, grade: int) -> Callable[[Box], None]:
    fill, _ = _tint(figure, grade)
    return lambda box: page.bar(box, fill, edge="0.5")
