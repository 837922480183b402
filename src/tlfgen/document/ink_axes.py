"""The axes of a plot, the strips of numbers below it, and the small table in its corner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tlfgen.display.panels import Axes, Corner, Scale
from tlfgen.document.drawing import GAP, LINE, SMALL, TEXT, TICK, Box, Canvas
from tlfgen.document.looks import inked
from tlfgen.document.plot import Place, Plot, Stretch, touches
from tlfgen.document.wrap import Setting, wrap

ROW, BLOCK_GAP, LABEL_GAP, LABEL_SHARE = 11.0, 3.0, 10.0, 0.24
SAMPLE, BETWEEN, PAD, TICK_LINE, BELOW = 22.0, 12.0, 8.0, 9.0, 12.0
BEYOND = 60.0  # points by which the label of the x axis may be wider than the plot
PACKED = 24.0 / 0.78  # the widest slot of bars that stand from the left


def label_lines(page: Canvas, label: str, length: float, size: float = TEXT) -> tuple[str, ...]:
    return wrap(label, length, Setting(page.theme.sans, size)) if label else ()


def left_room(page: Canvas, scale: Scale, height: float) -> float:
    """The width that a vertical axis needs to the left of its line."""
    lines = label_lines(page, scale.label, height * 0.96)
    if scale.kind == "slots":
        return 2 + (LINE + GAP if lines else 0)
    widest = max((page.wide(t, SMALL) for _, t in scale.ticks), default=0.0)
    return widest + TICK + GAP + len(lines) * LINE + (GAP if lines else 0) + 1


def draw_left_axis(plot: Plot, edge: float) -> None:
    """The vertical axis; edge: where its label begins."""
    page, box, scale = plot.page, plot.box, plot.axes.y
    if scale.line:
        x = box.right if plot.axes.x.mirrored else box.left
        page.line([x, x], [box.bottom, box.top], z=4)
    for value, text in scale.ticks if scale.kind != "slots" else ():
        y = plot.up(value)
        page.line([box.left - TICK, box.left], [y, y])
        page.text(box.left - TICK - 2, y, text, ha="right", va="center_baseline")
    for i, line in enumerate(label_lines(page, scale.label, box.height * 0.96)):
        page.text(edge + (i + 0.8) * LINE, (box.bottom + box.top) / 2, line, TEXT, turned=True)


@dataclass(frozen=True)
class Bottom:
    """What stands under a plot: its ticks' lines, turned or not, and how high they are; the lines of the
    strips' labels, and how deep the strips, and all of it, are."""

    ticks: tuple[tuple[float, tuple[str, ...]], ...]
    turned: bool
    size: float
    labels: float
    strips: tuple[tuple[str, ...], ...]
    deep: float
    depth: float


def bottom_of(page: Canvas, axes: Axes, width: float, frame: float) -> Bottom:
    """Measure what stands under a plot that is `width` wide, in a frame of `frame`.

    A tick's text is wrapped where it is wider than the room between two ticks; the texts of narrow slots are
    turned."""
    scale = axes.x
    step = _step(scale, width)
    size = SMALL
    laid = _wrapped(page, scale, step)
    turned = scale.kind == "slots" and any(page.wide(t, SMALL) > step - 1 for _, lines in laid for t in lines)
    if turned:
        size = min(SMALL, step * 0.95)
        laid = [(v, (t,)) for v, t in scale.ticks]
        high = max((page.wide(t, size) for _, (t,) in laid), default=0.0) + 4
    else:
        high = max((len(lines) for _, lines in laid), default=0) * TICK_LINE + (TICK + 3 if scale.line else 2)
    high = high if any(t for _, t in scale.ticks) else 0.0
    more = max(len(label_lines(page, scale.label, width + BEYOND)) - 1, 0) * LINE
    named = high + (16 if scale.label or axes.below else 0) + (BELOW if scale.label and axes.below else 0)
    named += more
    strips = strip_lines(page, axes, frame)
    blocks = sum(1 for s in axes.strips if s.heading) or bool(axes.strips)
    deep = sum(len(b) for b in strips) * ROW + blocks * BLOCK_GAP
    return Bottom(tuple(laid), turned, size, high, tuple(strips), deep, named + deep + 4)


def _step(scale: Scale, width: float) -> float:
    """The room of a tick, in points."""
    if scale.kind == "slots":
        return width / max(scale.high, 1) if not scale.packed else min(width / max(scale.high, 1), PACKED)
    places = [v for v, _ in scale.ticks]
    near = min((b - a for a, b in zip(places, places[1:], strict=False)), default=scale.high - scale.low)
    span = (scale.high - scale.low) or 1.0
    return width * near / span if scale.kind == "linear" else width


def _wrapped(page: Canvas, scale: Scale, step: float) -> list[tuple[float, tuple[str, ...]]]:
    """The texts of the ticks: each word on a line where one of them is wider than its room."""
    texts = [t for _, t in scale.ticks]
    if all(" " not in t or page.wide(t, SMALL) < step - 3 for t in texts):
        return [(v, (t,)) for v, t in scale.ticks]
    most = max(page.wide(word, SMALL) for t in texts for word in t.split(" "))
    setting = Setting(page.theme.sans, SMALL)
    return [(v, wrap(t, most + 0.5, setting)) for v, t in scale.ticks]


def draw_bottom_axis(plot: Plot, bottom: Bottom) -> None:
    """The horizontal axis with its texts; a tick whose number would touch the one before it has none."""
    page, box, scale = plot.page, plot.box, plot.axes.x
    y = box.bottom - (2 if plot.axes.y.kind == "slots" and not plot.axes.y.line else 0)
    if scale.line:
        page.line([box.left, box.right], [y, y])
    last = float("-inf")
    for x, lines in sorted((plot.across(v), lines) for v, lines in bottom.ticks):
        if bottom.turned:
            page.text(x, y - 2, lines[0], bottom.size, ha="right", va="center_baseline", turned=True)
            continue
        if scale.line:
            page.line([x, x], [y - TICK, y])
        half = max(page.wide(t, SMALL) for t in lines) / 2 + 1
        if x - half > last:
            for i, text in enumerate(lines):
                page.text(x, y - TICK - 2 - i * TICK_LINE, text, va="top")
            last = x + half
    _named(plot, y - bottom.labels - 2)


def _named(plot: Plot, y: float) -> None:
    """The label of the x axis, below the texts on the two sides of a value."""
    page, box = plot.page, plot.box
    if plot.axes.below:
        value, left, right = plot.axes.below
        x = plot.across(value)
        page.text(max(x - 8, page.wide(left, SMALL)), y, left, SMALL, ha="right", va="top")
        page.text(min(x + 8, page.width - page.wide(right, SMALL)), y, right, SMALL, ha="left", va="top")
        y -= BELOW
    middle = (
        (plot.across.start + plot.across.end) / 2 if not plot.across.edges else (box.left + box.right) / 2
    )
    for i, line in enumerate(label_lines(page, plot.axes.x.label, box.width + BEYOND)):
        page.text(middle, y - i * LINE, line, TEXT, va="top")


def strip_lines(page: Canvas, axes: Axes, frame: float) -> list[tuple[str, ...]]:
    """The label of each strip, wrapped."""
    setting = Setting(page.theme.sans, SMALL)
    return [wrap(s.label, frame * LABEL_SHARE, setting) for s in axes.strips]


def strip_room(page: Canvas, axes: Axes, frame: float) -> float:
    """The width that the strips' labels need to the left of the plot."""
    labels = max((page.wide(t, SMALL) for b in strip_lines(page, axes, frame) for t in b), default=0.0)
    first = max((page.wide(s.texts[0], SMALL) for s in axes.strips if s.texts), default=0.0)
    return labels + LABEL_GAP + first / 2 if axes.strips else 0.0


def draw_strips(plot: Plot, bottom: Bottom) -> None:
    """The rows of numbers on the ticks, in the colour of their look."""
    page, axes = plot.page, plot.axes
    labels = max((page.wide(t, SMALL) for lines in bottom.strips for t in lines), default=0.0)
    first = max((page.wide(s.texts[0], SMALL) for s in axes.strips if s.texts), default=0.0)
    edge = plot.box.left - labels - LABEL_GAP - first / 2
    y = plot.box.bottom - bottom.depth + 4 + bottom.deep
    for i, (strip, lines) in enumerate(zip(axes.strips, bottom.strips, strict=True)):
        y -= BLOCK_GAP if strip.heading or not i else 0
        colour = "black" if strip.look is None else inked(plot.looks[strip.look]).colour
        for k, line in enumerate(lines):
            page.text(edge, y - (k + 0.5) * ROW, line, ha="left", va="center_baseline", colour=colour)
        for (x, _), text in zip(axes.x.ticks, strip.texts, strict=False):
            page.text(plot.across(x), y - 0.5 * ROW, text, va="center_baseline", colour=colour)
        y -= len(lines) * ROW


@dataclass(frozen=True)
class CornerLaid:
    """The corner's texts: columns with their widths, rows of lines."""

    corner: Corner
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    sample: float
    width: float
    height: float


def lay_corner(page: Canvas, corner: Corner) -> CornerLaid:
    """Measure the small table: a sample, a label and the texts of each row; of one row a line a text."""
    many = len(corner.rows) > 1
    rows: tuple[tuple[str, ...], ...] = tuple((r.label, *(t.text for t in r.texts)) for r in corner.rows)
    if many:
        rows = (("", *corner.heads), *rows)
    elif rows:
        rows = tuple((f"{h}: {t}",) for h, t in zip(corner.heads, rows[0][1:], strict=True))
    widths = tuple(max(page.wide(r[k], SMALL) for r in rows) for k in range(len(rows[0]))) if rows else ()
    sample = SAMPLE + 5 if many else 0.0
    wide = sample + sum(widths) + BETWEEN * (len(widths) - 1)
    wide = max([wide, *(page.wide(n.text, SMALL) for n in corner.notes)])
    return CornerLaid(corner, rows, widths, sample, wide, (len(rows) + len(corner.notes)) * ROW)


def place_corner(laid: CornerLaid, box: Box, taken: Sequence[Stretch]) -> tuple[float, float] | None:
    """The upper left end of the corner's texts: at the top right, else at the bottom left, where no mark runs
    through them; None where there is no room inside."""
    for left, top in (
        (box.right - laid.width, box.top + 2),
        (box.left + PAD, box.bottom + laid.height + PAD),
    ):
        own = Box(left, top - laid.height, left + laid.width, top)
        inside = own.left >= box.left + PAD - 1e-6 and own.right <= box.right + 1e-6
        if inside and not any(touches(own, s, PAD) for s in taken):
            return left, top
    return None


def draw_corner(plot: Plot, laid: CornerLaid, place: tuple[float, float]) -> None:
    page, (left, top) = plot.page, place
    for i, row in enumerate(laid.rows):
        y, x = top - (i + 0.5) * ROW, left + laid.sample
        look = laid.corner.rows[i - 1].look if laid.sample and i else None
        if look is not None:
            ink = inked(plot.looks[look])
            page.line([left, left + SAMPLE], [y, y], ink.colour, 1.3, ink.line, 3)
        for k, text in enumerate(row):
            middle = bool(laid.sample and k)
            at = x + laid.widths[k] / 2 if middle else x
            page.text(at, y, text, ha="center" if middle else "left", va="center_baseline")
            x += laid.widths[k] + BETWEEN
    for j, note in enumerate(laid.corner.notes):
        page.text(left, top - (len(laid.rows) + j + 0.5) * ROW, note.text, ha="left", va="center_baseline")


def straight(scale: Scale, start: float, end: float) -> Place:
    """A place without slots, `pad` of the way free at each end."""
    free = (end - start) * scale.pad
    return Place(scale, start + free, end - free)


def slots(scale: Scale, start: float, sizes: Sequence[float], way: int) -> Place:
    """A place of slots, one behind the other from `start`."""
    edges = [start]
    for size in sizes:
        edges.append(edges[-1] + way * size)
    return Place(scale, start, edges[-1], tuple(edges))
