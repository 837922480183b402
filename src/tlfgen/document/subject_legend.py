"""The legend of a figure of single subjects: groups, marks, and what else the figure draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tlfgen.display.subjects import SubjectFigure, Symbol
from tlfgen.document.drawing import LEGEND_LINE, Box, Canvas, Entry, draw_legend, fill_of, legend_rows

Rows = list[list[tuple[float, Entry]]]


def legends_of(
    page: Canvas,
    figure: SubjectFigure,
    width: float,
    more: Sequence[Entry] = (),
    group: Callable[[int | None], Callable[[Box], None]] | None = None,
) -> list[Rows]:
    """The groups and, below them, the marks. group: what draws a group's swatch, by default its fill."""

    def filled(place: int | None) -> Callable[[Box], None]:
        return lambda box: page.bar(box, *fill_of(place))

    draw = group or filled
    groups = [Entry(k.shown, draw(k.place)) for k in figure.keys]
    marks = [Entry(s.shown, _mark(page, s)) for s in figure.symbols] + list(more)
    found = []
    if groups:
        found.append(legend_rows(page, figure.title_of_keys, groups, width))
    if marks:
        found.append(legend_rows(page, "", marks, width))
    return found


def _mark(page: Canvas, symbol: Symbol) -> Callable[[Box], None]:
    def draw(box: Box) -> None:
        y = (box.bottom + box.top) / 2
        if symbol.line:
            page.line([box.left, box.right], [y, y], width=1.4, z=5)
        page.marker(
            box.left if symbol.line else (box.left + box.right) / 2, y, symbol.marker, hollow=symbol.open
        )

    return draw


def height_of(legends: Sequence[Rows]) -> float:
    return sum(len(rows) for rows in legends) * LEGEND_LINE


def draw_legends(page: Canvas, legends: Sequence[Rows], left: float, top: float) -> None:
    for rows in legends:
        top = draw_legend(page, rows, left, top)
