"""The drawing of a spider plot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tlfgen.display.figure_spider import Spider, Thread
from tlfgen.document.drawing import (
    BOTTOM,
    Box,
    Canvas,
    Scale,
    canvas,
    draw_bottom_axis,
    draw_left_axis,
    draw_references,
    left_room,
    right_room,
)
from tlfgen.document.subject_legend import draw_legends, height_of, legends_of
from tlfgen.document.theme import Theme

# Colour, line and marker of each group; lightness differs, and where it is near the line does.
LINES: tuple[tuple[str, Any, str], ...] = (
    ("#0072B2", "-", "o"), ("#56B4E9", "-", "s"), ("#7F7F7F", (0, (5, 1.5)), "^"),
    ("#D55E00", (0, (1.2, 1.2)), "D"), ("#000000", (0, (6, 1.5, 1, 1.5)), "v"), ("#009E73", "-", "P"),
)  # fmt: skip
NO_GROUP: tuple[str, Any, str] = ("#A0A0A0", "-", "x")
DOT, MARK, LABEL, PAD = 3.2, 5.6, 7.0, 7.0
Segment = tuple[tuple[float, float], tuple[float, float]]


def draw_spider(figure: Spider, theme: Theme, width: float, height: float) -> bytes:
    """Draw the lines with their marks and, where there is room, the subjects' labels, as SVG with real text.

    width, height: points. A label that would lie on a line, a mark or another label is left out."""
    with canvas(theme, width, height) as page:
        legends = legends_of(page, figure, width - 20, group=_group(page))
        below = height_of(legends) + 10 + BOTTOM
        left = left_room(page, figure.ticks, figure.y_label, height - below - 10)
        box = Box(left, below, width - right_room(page, figure.references), height - 8)
        down = Scale(figure.ticks[0][0], figure.ticks[-1][0], box.bottom + PAD, box.top)
        names = max((page.wide(t.label, LABEL) for t in figure.threads), default=0.0)
        across = Scale(0.0, figure.times[-1][0], box.left, box.right - 6 - (names + 4 if names else 0))
        draw_references(page, box, figure.references, down)
        draw_left_axis(page, box, figure.ticks, down, figure.y_label)
        draw_bottom_axis(page, box, figure.times, across, figure.x_label)
        page.line([box.left, box.right], [down(0), down(0)], "0.75", 0.5, z=1)
        page.line([box.left, box.left], [box.bottom, down.start])
        taken = [((box.left, down(v)), (page.width, down(v))) for v in (0.0, *dict(figure.references))]
        for thread in figure.threads:
            taken += _thread(page, figure, thread, across, down)
        _labels(page, figure, box, across, down, taken)
        draw_legends(page, legends, box.left, height_of(legends) + 2)
        return page.svg()


def _group(page: Canvas) -> Callable[[int | None], Callable[[Box], None]]:
    def of(place: int | None) -> Callable[[Box], None]:
        def draw(box: Box) -> None:
            y = (box.bottom + box.top) / 2
            colour, style, marker = _look(place)
            page.line([box.left - 3, box.right + 2], [y, y], colour, 1.1, style)
            page.page.plot(
                [(box.left + box.right) / 2], [y], marker=marker, markersize=DOT, color=colour, linestyle=""
            )

        return draw

    return of


def _look(place: int | None) -> tuple[str, Any, str]:
    return NO_GROUP if place is None else LINES[place % len(LINES)]


def _thread(page: Canvas, figure: Spider, thread: Thread, across: Scale, down: Scale) -> list[Segment]:
    """Draw one line; give its segments and those of its marks, in points."""
    colour, style, marker = _look(figure.place(thread.key))
    points = [(across(x), down(y)) for x, y in thread.points]
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    page.line(xs, ys, colour, 1.0, style, 3)
    page.page.plot(xs[1:], ys[1:], marker=marker, markersize=DOT, color=colour, linestyle="", zorder=3.5)
    taken = list(zip(points, points[1:], strict=False))
    for i, text in thread.cut:
        page.text(xs[i] + 4, ys[i] + 1, text, LABEL, ha="left")
        taken.append(((xs[i] + 4, ys[i] + 3), (xs[i] + 4 + page.wide(text, LABEL), ys[i] + 3)))
    before = 0.0
    for spot in thread.spots:
        x, y = across(spot.x), down(spot.y)
        if spot.x > thread.points[-1][0]:
            page.line([xs[-1], x], [ys[-1], y], colour, 0.8, (0, (1, 2)), 2.5)
            taken.append(((xs[-1], ys[-1]), (x, y)))
        x = before = max(x, before + MARK + 0.6)
        symbol = figure.symbols[spot.kind]
        page.marker(x, y, symbol.marker, hollow=symbol.open, size=MARK)
        taken += [((x - 3, y), (x + 3, y)), ((x, y - 3), (x, y + 3))]
    return taken


def _labels(page: Canvas, figure: Spider, box: Box, across: Scale, down: Scale, taken: list[Segment]) -> None:
    for thread in figure.threads:
        if not thread.label:
            continue
        x = max(across(thread.points[-1][0]), *(across(s.x) for s in thread.spots), 0.0)
        x += max(len(thread.spots) - 1, 0) * MARK / 2
        y = down(thread.points[-1][1])
        wide = page.wide(thread.label, LABEL)
        for dx, dy in ((5.0, -2.4), (5.0, 2.0), (5.0, -7.0), (-wide / 2, 4.5), (-wide / 2, -9.5)):
            place = Box(x + dx, y + dy, x + dx + wide, y + dy + LABEL * 0.75)
            inside = place.right <= box.right and box.bottom < place.bottom and place.top < box.top + 6
            if inside and not any(_touches(place, s) for s in taken):
                page.text(place.left, place.bottom, thread.label, LABEL, ha="left")
                taken.append(((place.left, place.bottom), (place.right, place.bottom)))
                taken.append(((place.left, place.top), (place.right, place.top)))
                break


def _touches(box: Box, segment: Segment) -> bool:
    """Say whether a segment meets a box, a point of white around it (Liang and Barsky's clipping)."""
    (x0, y0), (x1, y1) = segment
    near, far = 0.0, 1.0
    dx, dy = x1 - x0, y1 - y0
    edges = (
        (-dx, x0 - box.left + 1), (dx, box.right + 1 - x0),
        (-dy, y0 - box.bottom + 1), (dy, box.top + 1 - y0),
    )  # fmt: skip
    for p, q in edges:
        if p == 0:
            if q < 0:
                return False
        elif p < 0:
            near = max(near, q / p)
        else:
            far = min(far, q / p)
    return near <= far
