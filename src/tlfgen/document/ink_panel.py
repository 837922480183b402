"""One panel: its heading, its legend, and its parts side by side over the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tlfgen.display.panels import Axes, Bar, Columns, Diagram, Label, Panel, Rule
from tlfgen.document.drawing import LEAST, LINE, SMALL, TEXT, Box, Canvas
from tlfgen.document.ink_axes import (
    PACKED,
    Bottom,
    bottom_of,
    draw_bottom_axis,
    draw_corner,
    draw_left_axis,
    draw_strips,
    lay_corner,
    left_room,
    place_corner,
    slots,
    straight,
    strip_room,
)
from tlfgen.document.ink_columns import (
    LaidColumns,
    draw_columns,
    draw_head_line,
    head_room,
    lay_columns,
    row_sizes,
)
from tlfgen.document.ink_diagram import draw_diagram
from tlfgen.document.ink_legend import draw_legends, height_of, legends_of, widest_of
from tlfgen.document.ink_marks import CODE, LABEL, draw_marks
from tlfgen.document.plot import Place, Plot, outline
from tlfgen.document.wrap import Setting, wrap
from tlfgen.errors import RenderError

HEADING, TITLE, TOP, LEAST_PLOT, LEAST_REACH, CORNER_PAD = 18.0, 18.0, 8.0, 110.0, 45.0, 8.0
LEAST_HEIGHT = 60.0
BETWEEN, GUTTER = 14.0, 7.0


@dataclass(frozen=True)
class Across:
    """Where the parts stand: the left end of columns, the box of a plot but for its height; and where the
    room of each plot begins."""

    boxes: tuple[Box, ...]
    edges: tuple[float, ...]


def draw_panel(page: Canvas, panel: Panel, frame: Box, name: str) -> None:
    """Draw a panel in its frame. name: the figure, in errors."""
    if panel.letter or panel.title:
        frame = replace(frame, top=frame.top - _heading(page, panel, frame))
    for part in panel.parts:
        if isinstance(part, Diagram):
            draw_diagram(page, part, frame, name)
            return
    if not panel.parts:
        page.text(frame.left, frame.top - 14, panel.empty, TEXT, ha="left")
        return
    legends = legends_of(page, panel, frame.width - 20)
    tall, body = height_of(legends), frame
    if tall and panel.above:
        body = replace(frame, top=frame.top - tall - 4)
    elif tall:
        body = replace(frame, bottom=frame.bottom + tall + 10)
    left = _draw_parts(page, panel, body, name)
    if tall and panel.above:
        wide = widest_of(page, legends)
        middle = min((left + frame.right - wide) / 2, frame.right - wide)
        draw_legends(page, legends, max(middle, frame.left), frame.top)
    elif tall:
        start = min(left, frame.right - widest_of(page, legends))
        draw_legends(page, legends, max(start, frame.left), frame.bottom + tall + 2)


def _heading(page: Canvas, panel: Panel, frame: Box) -> float:
    """Draw the letter, and the title in as many lines as it needs; give their height."""
    wide = page.wide(panel.letter, 11, "bold") + 8 if panel.letter else 0.0
    page.text(frame.left, frame.top - 12, panel.letter, 11, ha="left", bold=True)
    lines = wrap(panel.title, frame.width - wide, Setting(page.theme.sans, TEXT, "bold"))
    for i, line in enumerate(lines):
        page.text(frame.left + wide, frame.top - 12 - i * LINE, line, TEXT, ha="left", bold=True)
    return HEADING + LINE * (len(lines) - 1)


def _draw_parts(page: Canvas, panel: Panel, body: Box, name: str) -> float:
    """Draw the parts; give where the first of them begins, for the legend."""
    plots = [p for p in panel.parts if isinstance(p, Axes)]
    under = max(bottom_of(page, p, body.width * 0.8 / len(plots), body.width).depth for p in plots)
    laid, sizes = _rows(page, panel, body, under, name)
    top = body.top - max(head_room(laid), TITLE if any(p.title for p in plots) else TOP)
    across = _across(page, panel, laid, replace(body, top=top, bottom=body.bottom + under), name)
    bottoms = [
        bottom_of(page, part, box.width, body.width)
        for part, box in zip(panel.parts, across.boxes, strict=True)
        if isinstance(part, Axes)
    ]
    _check_numbers(page, panel, bottoms, [b.width for b in across.boxes], name)
    floor = body.bottom + max(b.depth for b in bottoms)
    floor = top - sum(sizes) if sizes else floor
    corners = [lay_corner(page, p.corner).height for p in plots if p.corner]
    if top - floor - max(corners, default=0.0) < LEAST_HEIGHT and not sizes:
        raise RenderError(
            f"{name}: its panels do not fit on the page.",
            hint="Use a portrait page, panels across, or fewer of them a page.",
        )
    reach = _reach(
        page, plots, [b for p, b in zip(panel.parts, across.boxes, strict=True) if p in plots], name
    )
    rest_columns, rest_bottoms = iter(laid), iter(bottoms)
    for part, box, edge in zip(panel.parts, across.boxes, across.edges, strict=True):
        if isinstance(part, Axes):
            own = replace(box, bottom=floor, top=top)
            _draw_plot(page, panel, part, own, edge, next(rest_bottoms), (sizes, reach))
        elif laid:
            up = slots(plots[0].y, top, sizes, -1)
            draw_columns(page, next(rest_columns), box.left, top, up)
    if head_room(laid):
        draw_head_line(page, body, top)
    first = next(i for i, p in enumerate(panel.parts) if isinstance(p, Axes))
    return min(across.boxes[first].left, body.left + body.width / 3)


def _rows(
    page: Canvas, panel: Panel, body: Box, under: float, name: str
) -> tuple[tuple[LaidColumns, ...], tuple[float, ...]]:
    """The columns, and the heights of the rows; no columns beside rows that are too low for letters."""
    plots = [p for p in panel.parts if isinstance(p, Axes)]
    columns = [p for p in panel.parts if isinstance(p, Columns)]
    scale = plots[0].y
    if scale.kind != "slots":
        return (), ()
    for wrapped in (True, False):
        laid = tuple(lay_columns(page, c, body.width, wrapped=wrapped) for c in columns)
        top = body.top - max(head_room(laid), TITLE if any(p.title for p in plots) else TOP)
        sizes = row_sizes(scale, top - body.bottom - under, laid, name=name, last=not wrapped)
        if sizes is not None:
            return (() if min(sizes) < LEAST and not scale.least else laid), sizes
    raise AssertionError("row_sizes gives sizes or raises in the end")


def _across(page: Canvas, panel: Panel, laid: Sequence[LaidColumns], body: Box, name: str) -> Across:
    """Share the width out: to columns what they need, to plots what is left."""
    gap = BETWEEN if head_room(laid) else GUTTER
    own = iter(laid)
    widths = [
        0.0 if isinstance(p, Axes) or not laid else next(own).width + gap * _sides(panel, i)
        for i, p in enumerate(panel.parts)
    ]
    plots = [p for p in panel.parts if isinstance(p, Axes)]
    share = (body.width - sum(widths)) / len(plots)
    if share < (LEAST_PLOT if laid else LEAST_REACH):
        raise RenderError(
            f"{name}: its texts leave no room for the plot.",
            hint="Shorten labels, or turn the page (page: {orientation: landscape}).",
        )
    x, boxes, edges = body.left, [], []
    for i, part in enumerate(panel.parts):
        if isinstance(part, Axes):
            height = body.height - (lay_corner(page, part.corner).height + CORNER_PAD if part.corner else 0.0)
            labels = left_room(page, part.y, height)
            left = max(labels, strip_room(page, part, body.width))
            right = _right_room(page, panel, i, part)
            boxes.append(Box(x + left, body.bottom, x + share - right, body.top))
            edges.append(x + left - labels)
            x += share
        else:
            before = gap if i and not isinstance(panel.parts[i - 1], Columns) else 0.0
            boxes.append(Box(x + before, body.bottom, x + widths[i], body.top))
            edges.append(x)
            x += widths[i]
    return Across(tuple(boxes), tuple(edges))


def _sides(panel: Panel, i: int) -> int:
    """At how many sides of a column there is a gap: behind it, and before it where a plot stands there."""
    before = i > 0 and not isinstance(panel.parts[i - 1], Columns)
    return (i < len(panel.parts) - 1) + before


def _right_room(page: Canvas, panel: Panel, i: int, axes: Axes) -> float:
    """The width that a plot needs to the right of its box: for half a number, an arrow, texts of rules."""
    rules = max(
        (page.wide(m.said, SMALL) + 6 for m in axes.marks if isinstance(m, Rule) and m.said), default=0.0
    )
    if axes.x.kind == "slots" or axes.x.mirrored:
        return max(rules, 2.0)
    end = page.wide(axes.x.ticks[-1][1], SMALL) / 2 if axes.x.ticks else 0.0
    beside = 4.0 if i < len(panel.parts) - 1 else 10.0
    return max(rules, 0.0 if axes.x.pad else max(end, beside) + 2)


def _check_numbers(
    page: Canvas, panel: Panel, bottoms: Sequence[Bottom], widths: Sequence[float], name: str
) -> None:
    """Refuse labels of slots that would be too small, and numbers below an axis that would touch."""
    plots = [(p, w) for p, w in zip(panel.parts, widths, strict=True) if isinstance(p, Axes)]
    for (axes, width), bottom in zip(plots, bottoms, strict=True):
        if bottom.turned and bottom.size < LEAST:
            count = int(axes.x.high)
            raise RenderError(f"{name}: {count} {axes.x.unit} do not fit side by side.", hint=axes.x.hint)
        place = straight(axes.x, 0.0, width)
        places = [place(v) for v, _ in axes.x.ticks] if axes.x.kind != "slots" else []
        for strip in axes.strips:
            wide = [page.wide(t, SMALL) for t in strip.texts]
            needs = [(a + b) / 2 + 1 for a, b in zip(wide, wide[1:], strict=False)]
            rooms = [b - a for a, b in zip(places, places[1:], strict=False)]
            if any(need > room for need, room in zip(needs, rooms, strict=False)):
                raise RenderError(
                    f"{name}: the numbers below its axis do not fit side by side.",
                    hint="Use fewer ticks, fewer panels across, or a landscape page.",
                )


def _ends(axes: Axes) -> Iterator[Bar]:
    """The bars of a plot that have a text at their end."""
    yield from (m for m in axes.marks if isinstance(m, Bar) and (m.end or m.cut))


def _reach(page: Canvas, plots: Sequence[Axes], boxes: Sequence[Box], name: str) -> float | None:
    """How far the scale of lying bars reaches, so that the texts at their ends stay within; all plots of a
    panel have one. None where no bar has such a text."""
    reach = [
        (box.width - page.wide(bar.end, SMALL) - 5) * axes.x.high / bar.high
        for axes, box in zip(plots, boxes, strict=True)
        for bar in _ends(axes)
        if not bar.upright and bar.high > 0
    ]
    if not reach:
        return None
    found = min([*reach, *(box.width for box in boxes)])
    if found < LEAST_REACH:
        raise RenderError(
            f"{name}: its texts leave no room for bars.",
            hint="Turn the page (page: {orientation: landscape}), or shorten labels.",
        )
    return found


def _draw_plot(
    page: Canvas, panel: Panel, axes: Axes, box: Box, edge: float, bottom: Bottom,
    rows: tuple[Sequence[float], float | None],
) -> None:  # fmt: skip
    sizes, reach = rows
    if reach is not None and axes.x.mirrored:
        box = replace(box, left=box.right - reach)
    elif reach is not None:
        box = replace(box, right=box.left + reach)
    corner = lay_corner(page, axes.corner) if axes.corner else None
    plot = _plot(page, panel, axes, box, sizes)
    place = None
    if corner is not None:
        taken = [s for mark in axes.marks for s in outline(plot, mark)]
        place = place_corner(corner, box, taken)
        if place is None:
            place = (min(box.left, box.right - corner.width), box.top)
            plot = _plot(page, panel, axes, replace(box, top=box.top - corner.height - CORNER_PAD), sizes)
    draw_marks(plot)
    draw_left_axis(plot, edge)
    draw_bottom_axis(plot, bottom)
    draw_strips(plot, bottom)
    if axes.title:
        page.text((plot.box.left + plot.box.right) / 2, plot.box.top + 6, axes.title, TEXT, bold=True)
    if corner is not None and place is not None:
        draw_corner(plot, corner, place)


def _plot(page: Canvas, panel: Panel, axes: Axes, box: Box, sizes: Sequence[float]) -> Plot:
    return Plot(
        page, axes, panel.looks, box, _place_across(page, axes, box), _place_up(page, axes, box, sizes)
    )


def _place_across(page: Canvas, axes: Axes, box: Box) -> Place:
    """The x direction; behind lines there is room for the labels at their ends."""
    if axes.x.kind == "slots":
        wide = box.width / max(axes.x.high, 1)
        size = min(wide, PACKED) if axes.x.packed else wide
        return slots(axes.x, box.left, [size] * int(axes.x.high), 1)
    names = [page.wide(m.said, LABEL) for m in axes.marks if isinstance(m, Label) and m.free]
    free = max(names) + 10 if names else 0.0
    if axes.x.mirrored:
        return straight(axes.x, box.right, box.left)
    return straight(axes.x, box.left, box.right - free)


def _place_up(page: Canvas, axes: Axes, box: Box, sizes: Sequence[float]) -> Place:
    """The y direction; beyond upright bars there is room for the texts at their ends."""
    if axes.y.kind == "slots":
        return slots(axes.y, box.top, sizes, -1)
    bars = [b for b in _ends(axes) if b.upright]
    room = max((page.wide(t, CODE) for b in bars for t in (b.end, b.cut)), default=0.0) + 4
    below = room if any(b.high < b.low for b in bars) else 0.0
    above = room if any(b.high >= b.low for b in bars) else 0.0
    return straight(axes.y, box.bottom + below, box.top - above)
