"""Texts on the rows of a plot: wrapped, measured, and the heights of the rows that they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tlfgen.display.panels import Columns, Scale
from tlfgen.document.drawing import INK, LEAST, SMALL, Box, Canvas
from tlfgen.document.plot import Place
from tlfgen.document.wrap import Setting, wrap
from tlfgen.errors import RenderError

LINE, ROW, INDENT, TIGHT = 10.5, 15.5, 9.0, 8.8


@dataclass(frozen=True)
class LaidColumns:
    """Columns with their lines, a tuple a row, and how wide they are."""

    columns: Columns
    lines: tuple[tuple[str, ...], ...]
    head: tuple[str, ...]
    width: float


def lay_columns(page: Canvas, columns: Columns, width: float, *, wrapped: bool) -> LaidColumns:
    """Measure the texts; `width` is that of the panel."""
    setting, bold = Setting(page.theme.sans, SMALL), Setting(page.theme.sans, SMALL, "bold")
    lines = tuple(
        wrap(t.text, columns.most * width - INDENT * t.indent, setting) if wrapped else (t.text,)
        for t in columns.texts
    )
    head = wrap(columns.head, min(columns.head_most, columns.most * width), bold) if columns.head else ()
    wide = [
        INDENT * text.indent + page.wide(line, SMALL)
        for text, own in zip(columns.texts, lines, strict=True)
        for line in own
    ]
    wide += [page.wide(line, SMALL, "bold") for line in head]
    return LaidColumns(columns, lines, head, max(wide, default=0.0))


def row_sizes(
    scale: Scale, room: float, laid: Sequence[LaidColumns], *, name: str, last: bool
) -> tuple[float, ...] | None:
    """The heights of the rows in `room` points.

    First case that applies:
      1. all lines fit in rows of one height          this height, at most the scale's `most`
      2. in rows as high as their lines need           these heights
      3. the texts can be set on one line each         None, to be asked again
      4. otherwise                                     a RenderError
    """
    count = int(scale.high)
    lines = [max((len(own.lines[i]) for own in laid), default=1) for i in range(count)]
    equal = min(room / count, scale.most or room)
    if equal >= scale.least and max(lines) * TIGHT <= max(equal, TIGHT):
        return (equal,) * count
    needs = [ROW + (n - 1) * LINE for n in lines]
    stretch = min(room / sum(needs), (scale.most or room) / ROW)
    if stretch * ROW >= max(scale.least, TIGHT) and max(lines) > 1:
        return tuple(stretch * need for need in needs)
    if not last:
        return None
    raise RenderError(f"{name}: {count} {scale.unit} do not fit on the page.", hint=scale.hint)


def draw_columns(page: Canvas, laid: LaidColumns, left: float, top: float, up: Place) -> None:
    """Draw the texts in the middle of their rows, the header above `top`."""
    for i, (text, lines) in enumerate(zip(laid.columns.texts, laid.lines, strict=True)):
        slot = up.slot(i)
        step = min(LINE, slot / len(lines))
        size = min(SMALL, max(step * 0.95, LEAST - 1))
        x, side = _at(laid, left, INDENT * text.indent)
        for k, line in enumerate(lines):
            y = up(i + 0.5) + ((len(lines) - 1) / 2 - k) * step
            page.text(x, y, line, size, ha=side, va="center_baseline")
    x, side = _at(laid, left, 0.0)
    for k, line in enumerate(laid.head):
        y = top + 6 + (len(laid.head) - k - 0.5) * LINE
        page.text(x, y, line, SMALL, ha=side, va="center_baseline", bold=True)


def _at(laid: LaidColumns, left: float, indent: float) -> tuple[float, str]:
    align = laid.columns.align
    if align == "centre":
        return left + laid.width / 2, "center"
    return (left + laid.width, "right") if align == "right" else (left + indent, "left")


def head_room(laid: Sequence[LaidColumns]) -> float:
    """The height of the headers with the line below them."""
    lines = max((len(own.head) for own in laid), default=0)
    return lines * LINE + 6 if lines else 0.0


def draw_head_line(page: Canvas, frame: Box, top: float) -> None:
    page.line([frame.left, frame.right], [top + 3, top + 3], INK, 0.5)
