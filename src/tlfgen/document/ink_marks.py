"""The marks of a plot, each kind in its own way."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tlfgen.display.panels import AnyMark, Band, Bar, Label, Line, Point, Rule, Segment
from tlfgen.document.drawing import FAINT, INK, RULE, SMALL, Box
from tlfgen.document.plot import TICK_MARK, Plot, Spot, outline, path_of, stairs, touches

SQUARE, SMALLEST, DOT, CODE, NUMBER, LABEL = 8.5, 2.6, 3.2, 7.5, 7.5, 7.0
LYING, UPRIGHT = 13.0, 24.0  # the most points that a bar is thick
DASHES = (0, (4, 3))
STROKES: dict[str, tuple[str, float, Any, float]] = {
    "solid": (INK, 0.9, "-", 3), "thin": (RULE, 0.6, "-", 1.8), "faint": ("0.75", 0.5, "-", 1),
    "dashed": (FAINT, 0.6, DASHES, 1.5), "dotted": (INK, 0.8, (0, (1, 2)), 2.5), "heavy": (INK, 1.4, "-", 5),
}  # fmt: skip


def draw_marks(plot: Plot) -> None:
    """Draw all marks; what stands where there is room comes last."""
    last: list[Label] = []
    for mark in plot.axes.marks:
        if isinstance(mark, Label):
            last.append(mark)
            continue
        plot.taken += outline(plot, mark)
        _DRAWN[type(mark)](plot, mark)
    for label in sorted(last, key=lambda own: own.free):
        _label(plot, label)


def _line(plot: Plot, line: Line) -> None:
    ink, path = plot.ink(line), path_of(plot, line)
    thread = (look := plot.look(line)) is not None and look.palette == "threads"
    plot.page.line(
        [x for x, _ in path], [y for _, y in path], ink.colour, 1.0 if thread else 1.3, ink.line, 3
    )
    if line.symbols:
        for point in line.points[line.without :]:
            plot.page.dot(
                *plot.spot(point, line.dodge), ink.marker, ink.colour, DOT if thread else DOT + 1, z=3.5
            )


def _band(plot: Plot, band: Band) -> None:
    low = stairs([plot.spot((x, a)) for x, a, _ in band.points])
    high = stairs([plot.spot((x, b)) for x, _, b in band.points])
    plot.page.shade([x for x, _ in low], [y for _, y in low], [y for _, y in high], plot.ink(band).colour)


def _bar(plot: Plot, bar: Bar) -> None:
    ink, page = plot.ink(bar), plot.page
    way, along = (plot.across, plot.up) if bar.upright else (plot.up, plot.across)
    middle, thick = way(bar.at), bar.thick * way.slot(bar.at)
    half = min(thick, UPRIGHT if bar.upright else LYING) / 2
    a, b = along(bar.low), along(bar.high)
    low, high = sorted((a, b))
    if bar.upright:
        own = Box(middle - half, low, middle + half, high)
    else:
        own = Box(low, middle - half, high, middle + half)
    if high - low >= 0.5 and half:
        page.bar(own, ink.fill, ink.hatching, ink.edge, lines=ink.lines)
    elif bar.upright and bar.high == bar.low:
        page.line([own.left, own.right], [low, low], width=1.6, z=5)
    size = min(NUMBER, 2 * half)
    if bar.inside and page.wide(bar.inside, size) + 2 <= high - low:
        page.text((low + high) / 2, middle, bar.inside, size, va="center_baseline", colour=ink.ink)
    if bar.end and not bar.upright:
        out = 4 if b >= a and not plot.axes.x.mirrored else -4
        page.text(b + out, middle, bar.end, ha="left" if out > 0 else "right", va="center_baseline")
    elif bar.end or bar.cut:
        _upright_end(plot, bar, middle, half, (a, b), way.slot(bar.at))


def _upright_end(
    plot: Plot, bar: Bar, middle: float, half: float, ends: tuple[float, float], slot: float
) -> None:
    """The text at the end of an upright bar; of a cut one its number there, and the text at its foot."""
    foot, end = ends
    down = bar.high < bar.low
    if bar.cut:
        y = end - 7
        plot.page.line([middle - half - 1, middle + half + 1], [y - 1.5, y + 1.5], "white", 2.2, z=5)
        end_text(plot, bar.cut, middle, end + 2.5, slot, down=False)
        end_text(plot, bar.end, middle, foot - 2.5, slot, down=True)
    else:
        end_text(plot, bar.end, middle, end + (-2.5 if down else 2.5), slot, down=down)


def end_text(plot: Plot, text: str, x: float, y: float, slot: float, *, down: bool) -> None:
    """A text at the end of a bar, upright where the bars are too narrow for it."""
    if not text:
        return
    page, sign = plot.page, -1 if down else 1
    wide = page.wide(text, CODE)
    turned = wide > slot - 1.5
    across, along = (CODE * 0.7, wide) if turned else (wide, CODE * 0.75)
    ends = sorted((y, y + sign * (along + 1)))
    page.blank(Box(x - across / 2 - 1, ends[0], x + across / 2 + 1, ends[1]))
    if turned:
        page.text(x, ends[0], text, CODE, ha="left", va="center_baseline", turned=True)
    else:
        page.text(x, y, text, CODE, va="top" if down else "baseline")


def _segment(plot: Plot, segment: Segment) -> None:
    colour, width, dashes, z = STROKES[segment.stroke]
    if segment.look is not None:
        colour = plot.ink(segment).colour
    start, stop = plot.spot(segment.start, segment.dodge), plot.spot(segment.stop, segment.dodge)
    plot.page.line([start[0], stop[0]], [start[1], stop[1]], colour, width, dashes, z)
    upright = start[0] == stop[0]
    for (x, y), end, way in zip((start, stop), segment.ends, (-1, 1), strict=True):
        if end == "cap" and upright:
            plot.page.line([x - 2, x + 2], [y, y], colour, width, "-", z)
        elif end == "cap":
            plot.page.line([x, x], [y - 2, y + 2], colour, width, "-", z)
        elif end == "arrow":
            plot.page.filled([(x + way * 3, y), (x - way * 2, y + 2.3), (x - way * 2, y - 2.3)])


def _point(plot: Plot, point: Point) -> None:
    look, ink, page = plot.look(point), plot.ink(point), plot.page
    x, y = plot.spot((point.x, point.y), point.dodge)
    symbol = point.symbol or (look.symbol if look else "")
    size = plot.size(point.y)
    if point.crowd is not None:
        x = max(x, plot.crowds.get(point.crowd, -math.inf))
        plot.crowds[point.crowd] = x + size + 0.5
    if symbol == "tick":
        page.line([x, x], [y - TICK_MARK, y + TICK_MARK], ink.colour, 0.9, "-", 4)
    elif symbol == "arrow":
        page.arrow(x, y, 10.0)
    elif symbol == "block":
        half = max(SQUARE * math.sqrt(point.area), SMALLEST) / 2
        page.bar(Box(x - half, y - half, x + half, y + half), ink.fill, edge=ink.fill, z=4)
    elif symbol == "bar":  # across an upright bar, as the median of a box
        half = min(point.area * plot.across.slot(point.x), UPRIGHT) / 2
        page.line([x - half, x + half], [y, y], ink.colour, 1.4, "-", 4)
    elif symbol == "ring":
        page.dot(x, y, "o", ink.colour, DOT, hollow=True, z=4.5)
    elif symbol:
        hollow = look is not None and look.hollow
        page.marker(x, y, symbol, hollow=hollow, size=size)
        plot.taken += [((x - 3, y), (x + 3, y)), ((x, y - 3), (x, y + 3))]
    else:
        page.dot(x, y, ink.marker, ink.colour, DOT + 1, hollow=look is not None and look.hollow, z=4.5)


def _rule(plot: Plot, rule: Rule) -> None:
    box, page = plot.box, plot.page
    colour, width, dashes, z = STROKES[rule.stroke]
    if rule.of == "x":
        x = plot.across(rule.value)
        page.line([x, x], [box.bottom, box.top], colour, min(width, 0.6), dashes, z)
        return
    y = plot.up(rule.value)
    page.line([box.left, box.right], [y, y], colour, min(width, 0.6), dashes, z)
    page.text(box.right + 3, y, rule.said, SMALL, ha="left", va="center_baseline")


def _label(plot: Plot, label: Label) -> None:
    x, y = plot.spot((label.x, label.y))
    page, left = plot.page, label.side == "left"
    if not label.free:
        page.text(
            x + (-4 if left else 4), y + (3 if label.above else -3), label.said, SMALL,
            ha="right" if left else "left", va="baseline" if label.above else "top",
        )  # fmt: skip
        far, middle = page.wide(label.said, SMALL) + 4, y + (6 if label.above else -6)
        plot.taken.append(((x, middle), (x + (-far if left else far), middle)))
        return
    if label.crowd in plot.crowds:
        x = max(x, plot.crowds[label.crowd] - (plot.size(label.y) + 0.5))
    wide = page.wide(label.said, LABEL)
    for dx, dy in ((5.0, -2.4), (5.0, 2.0), (5.0, -7.0), (-wide / 2, 4.5), (-wide / 2, -9.5)):
        if _set_free(plot, label.said, (x + dx, y + dy), wide):
            return


def _set_free(plot: Plot, said: str, at: Spot, wide: float) -> bool:
    """Set a label where it touches nothing; say whether there was room."""
    own, box = Box(at[0], at[1], at[0] + wide, at[1] + LABEL * 0.75), plot.box
    inside = own.right <= box.right and box.bottom < own.bottom and own.top < box.top + 6
    if not inside or any(touches(own, s) for s in plot.taken):
        return False
    plot.page.text(own.left, own.bottom, said, LABEL, ha="left")
    plot.taken += [((own.left, y), (own.right, y)) for y in (own.bottom, own.top)]
    return True


_DRAWN: dict[type[AnyMark], Callable[[Plot, Any], None]] = {
    Line: _line, Band: _band, Bar: _bar, Segment: _segment, Point: _point, Rule: _rule,
}  # fmt: skip
