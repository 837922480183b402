"""The drawing of a swimmer plot."""

from __future__ import annotations

from collections.abc import Callable

from tlfgen.display.figure_swimmer import Lane, Swimmer
from tlfgen.document.drawing import (
    BOTTOM,
    GAP,
    LEAST,
    RULE,
    SMALL,
    TEXT,
    Box,
    Canvas,
    Entry,
    Scale,
    canvas,
    draw_bottom_axis,
    fill_of,
)
from tlfgen.document.subject_legend import draw_legends, height_of, legends_of
from tlfgen.document.theme import Theme
from tlfgen.errors import RenderError

ARROW, SHARE, THICKEST = 10.0, 0.62, 12.0


def draw_swimmer(figure: Swimmer, theme: Theme, width: float, height: float) -> bytes:
    """Draw the bars one below the other, the longest on top, as SVG with real text.

    width, height: points. Raises RenderError: labels that would overlap."""
    with canvas(theme, width, height) as page:
        more = [Entry(figure.ongoing, _arrow(page))] if figure.ongoing else []
        legends = legends_of(page, figure, width - 20, more)
        below = height_of(legends) + 10 + BOTTOM
        lane = (height - 6 - below) / len(figure.lanes)
        names = max((page.wide(x.label, SMALL) for x in figure.lanes), default=0.0)
        codes = _codes(page, figure) if lane >= LEAST else 0.0
        left = GAP + codes + (names + 2 if names else 0) + 2 + (14 if figure.y_label else 0)
        box = Box(left, below, width - 16, height - 6)
        if names and lane < LEAST:
            raise RenderError(
                f"Figure {figure.number} ({figure.id}): {len(figure.lanes)} labels do not fit on the page.",
                hint="Leave out labels.",
            )
        scale = Scale(0.0, figure.ticks[-1][0], box.left, box.right)
        draw_bottom_axis(page, box, figure.ticks, scale, figure.x_label)
        page.line([box.left, box.left], [box.bottom, box.top])
        if figure.y_label:
            page.text(10, (box.bottom + box.top) / 2, figure.y_label, TEXT, turned=True)
        for i, own in enumerate(figure.lanes):
            y = box.top - (i + 0.5) * lane
            _lane(page, figure, own, y, lane, scale)
            size = min(SMALL, lane)
            if codes and figure.keys:
                page.text(
                    box.left - GAP, y, figure.keys[own.key].code, size, ha="right", va="center_baseline"
                )
            page.text(box.left - GAP - codes, y, own.label, size, ha="right", va="center_baseline")
        draw_legends(page, legends, box.left, height_of(legends) + 2)
        return page.svg()


def _codes(page: Canvas, figure: Swimmer) -> float:
    """The width of the column with the groups' codes, the space beside it included."""
    widest = max((page.wide(k.code, SMALL) for k in figure.keys), default=0.0)
    return widest + 6 if widest else 0.0


def _arrow(page: Canvas) -> Callable[[Box], None]:
    return lambda box: page.arrow(box.left + 2, (box.bottom + box.top) / 2)


def _lane(page: Canvas, figure: Swimmer, lane: Lane, y: float, room: float, scale: Scale) -> None:
    half = min(room * SHARE, THICKEST) / 2
    end = scale(lane.length)
    last = max((scale(s.until or s.x) for s in lane.signs), default=end)
    if last > end:
        page.line([end, last], [y, y], RULE, 0.6, z=1.8)
    page.bar(Box(scale(0), y - half, end, y + half), *fill_of(figure.place(lane.key)))
    if lane.ongoing:
        page.arrow(max(end, last), y, ARROW)
    size = max(3.6, min(6.2, room * 0.62))
    before = 0.0
    for sign in lane.signs:
        symbol = figure.symbols[sign.kind]
        x = max(scale(sign.x), before + size + 0.5)
        if sign.until is not None:
            page.line([scale(sign.x), scale(sign.until)], [y, y], width=1.4, z=5)
        page.marker(x, y, symbol.marker, hollow=symbol.open, size=size)
        before = x
