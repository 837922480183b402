"""The drawing of a waterfall."""

from __future__ import annotations

from tlfgen.display.figure_waterfall import Fall, Waterfall
from tlfgen.document.drawing import (
    LEAST,
    SMALL,
    Box,
    Canvas,
    Scale,
    canvas,
    draw_left_axis,
    draw_references,
    fill_of,
    left_room,
    right_room,
)
from tlfgen.document.subject_legend import draw_legends, height_of, legends_of
from tlfgen.document.theme import Theme
from tlfgen.errors import RenderError

WIDEST, SHARE, CODE = 24.0, 0.78, 7.5


def draw_waterfall(figure: Waterfall, theme: Theme, width: float, height: float) -> bytes:
    """Draw the bars side by side, each with its group's code at its end, as SVG with real text.

    width, height: points. Raises RenderError: labels that would overlap."""
    with canvas(theme, width, height) as page:
        legends = legends_of(page, figure, width - 20)
        names = max((page.wide(b.label, SMALL) for b in figure.bars if b.label), default=0.0)
        below = height_of(legends) + 12 + (names + 6 if names else 0)
        inner = height - below - 24
        left = left_room(page, figure.ticks, figure.y_label, inner)
        box = Box(left, below, width - right_room(page, figure.references), height - 24)
        scale = Scale(figure.ticks[0][0], figure.ticks[-1][0], box.bottom + _room(page, figure), box.top)
        draw_references(page, box, figure.references, scale)
        draw_left_axis(page, box, figure.ticks, scale, figure.y_label)
        _bars(page, figure, box, scale)
        page.line([box.left, box.right], [scale(0), scale(0)], width=0.6, z=4)
        _names(page, figure, box)
        draw_legends(page, legends, box.left, height_of(legends) + 4)
        return page.svg()


def _slot(figure: Waterfall, box: Box) -> float:
    return min(box.width / len(figure.bars), WIDEST / SHARE)


def _turned(page: Canvas, text: str, slot: float) -> bool:
    return page.wide(text, CODE) > slot - 1.5


def _room(page: Canvas, figure: Waterfall) -> float:
    """Room below the lowest tick for the codes of bars that reach it."""
    codes = [k.code for k in figure.keys if k.code]
    return max((page.wide(c, CODE) for c in codes), default=0.0) + 4 if codes else 0.0


def _bars(page: Canvas, figure: Waterfall, box: Box, scale: Scale) -> None:
    slot = _slot(figure, box)
    high = figure.ticks[-1][0]
    for i, bar in enumerate(figure.bars):
        middle, half = box.left + (i + 0.5) * slot, slot * SHARE / 2
        zero, end = scale(0), scale(min(bar.value, high))
        if abs(end - zero) >= 0.5:
            own = Box(middle - half, min(zero, end), middle + half, max(zero, end))
            page.bar(own, *fill_of(figure.place(bar.key)))
        else:
            page.line([middle - half, middle + half], [zero, zero], width=1.6, z=5)
        code = figure.keys[bar.key].code if figure.keys else ""
        if bar.cut:
            _cut(page, bar, middle, half, end, slot)
            _end_text(page, code, middle, zero - 2.5, slot, down=True)
        else:
            _end_text(page, code, middle, end + (2.5 if bar.value >= 0 else -2.5), slot, down=bar.value < 0)


def _cut(page: Canvas, bar: Fall, middle: float, half: float, end: float, slot: float) -> None:
    """A white break near the end of a bar, and its number above it."""
    y = end - 7
    page.line([middle - half - 1, middle + half + 1], [y - 1.5, y + 1.5], "white", 2.2, z=5)
    _end_text(page, bar.cut, middle, end + 2.5, slot, down=False)


def _end_text(page: Canvas, text: str, x: float, y: float, slot: float, *, down: bool) -> None:
    """A text at the end of a bar, upright where the bars are too narrow for it."""
    if not text:
        return
    wide, sign = page.wide(text, CODE), -1 if down else 1
    turned = _turned(page, text, slot)
    across, along = (CODE * 0.7, wide) if turned else (wide, CODE * 0.75)
    ends = sorted((y, y + sign * (along + 1)))
    page.blank(Box(x - across / 2 - 1, ends[0], x + across / 2 + 1, ends[1]))
    if not turned:
        page.text(x, y, text, CODE, va="top" if down else "baseline")
    else:
        page.text(x, y, text, CODE, ha="right" if down else "left", va="center_baseline", turned=True)


def _names(page: Canvas, figure: Waterfall, box: Box) -> None:
    """The subjects' labels, upright below the bars."""
    if not any(b.label for b in figure.bars):
        return
    slot = _slot(figure, box)
    size = min(SMALL, slot * 0.95)
    if size < LEAST:
        raise RenderError(
            f"Figure {figure.number} ({figure.id}): {len(figure.bars)} labels do not fit side by side.",
            hint="Turn the page (page: {orientation: landscape}) or leave out labels.",
        )
    for i, bar in enumerate(figure.bars):
        x = box.left + (i + 0.5) * slot
        page.text(x, box.bottom - 2, bar.label, size, ha="right", va="center_baseline", turned=True)
