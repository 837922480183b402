"""A plot on the canvas: where values stand, and what its marks cover."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tlfgen.display.panels import AnyMark, Axes, Band, Line, Look, Point, Rule, Scale, Segment
from tlfgen.document.drawing import Box, Canvas
from tlfgen.document.looks import Inked, inked

Spot = tuple[float, float]
Stretch = tuple[Spot, Spot]
TICK_MARK, DODGE, MARK = 3.2, 0.0102, 5.6
NEAR = 0.35  # the share of the way to the next tick that marks may be moved


@dataclass(frozen=True)
class Place:
    """From data to points in one direction: `low` stands at `start`, `high` at `end`; edges: of slots."""

    scale: Scale
    start: float
    end: float
    edges: tuple[float, ...] = ()

    def __call__(self, value: float) -> float:
        if self.edges:
            i = min(max(int(value), 0), len(self.edges) - 2)
            return self.edges[i] + (value - i) * (self.edges[i + 1] - self.edges[i])
        low, high = self.scale.low, self.scale.high
        if self.scale.kind == "log":
            if value <= 0:
                return self.start
            value, low, high = math.log10(value), math.log10(low), math.log10(high)
        return self.start + (value - low) / ((high - low) or 1.0) * (self.end - self.start)

    def slot(self, value: float) -> float:
        """The points of the slot that a value is in; of a scale without slots, of 1."""
        if not self.edges:
            return abs(self(value + 1) - self(value))
        i = min(max(int(value), 0), len(self.edges) - 2)
        return abs(self.edges[i + 1] - self.edges[i])


@dataclass
class Plot:
    """A plot while it is drawn. taken: what marks cover; crowds: where the next of each crowd may stand."""

    page: Canvas
    axes: Axes
    looks: Sequence[Look]
    box: Box
    across: Place
    up: Place
    taken: list[Stretch] = field(default_factory=list)
    crowds: dict[int, float] = field(default_factory=dict)

    def look(self, mark: AnyMark) -> Look | None:
        return None if mark.look is None else self.looks[mark.look]

    def ink(self, mark: AnyMark) -> Inked:
        return inked(self.look(mark))

    def spot(self, spot: Spot, dodge: float = 0.0) -> Spot:
        return self.across(spot[0]) + dodge * self.step, self.up(spot[1])

    @cached_property
    def step(self) -> float:
        """A step to the right, in points: so small that all stay within the plot, and nearer to their own x
        than to the next."""
        steps = [abs(m.dodge) for m in self.axes.marks if isinstance(m, Line | Segment | Point)]
        most = max(steps, default=0.0)
        if not most:
            return 0.0
        places = sorted(self.across(x) for x, _ in self.axes.x.ticks)
        rooms = [NEAR * (b - a) for a, b in zip(places, places[1:], strict=False)]
        ends = [places[0] - self.box.left, self.box.right - places[-1]] if places else []
        return min([DODGE * self.box.width, *(room / most for room in (*rooms, *ends))])

    def size(self, y: float) -> float:
        """The size of a symbol: as large as its row has room for."""
        return max(3.6, min(6.2, self.up.slot(y) * 0.62)) if self.up.edges else MARK


def stairs(points: Sequence[Spot]) -> list[Spot]:
    """The corners of a line that stays level and then falls."""
    found = [points[0]]
    for x, y in points[1:]:
        found += [(x, found[-1][1]), (x, y)]
    return found


def path_of(plot: Plot, line: Line) -> list[Spot]:
    """The corners of a line, in points."""
    spots = [plot.spot(p, line.dodge) for p in line.points]
    return stairs(spots) if line.steps else spots


def outline(plot: Plot, mark: AnyMark) -> Iterator[Stretch]:
    """The stretches, in points, that a mark covers; labels and bars cover none."""
    if isinstance(mark, Line):
        path = path_of(plot, mark)
        yield from zip(path, path[1:], strict=False)
    elif isinstance(mark, Band):
        for k, edge in enumerate((1, 2)):
            path = stairs([plot.spot((p[0], p[edge])) for p in mark.points])
            yield from zip(path, path[1:], strict=False)
            if not k:
                yield from ((plot.spot((x, a)), plot.spot((x, b))) for x, a, b in mark.points)
    elif isinstance(mark, Segment):
        yield plot.spot(mark.start, mark.dodge), plot.spot(mark.stop, mark.dodge)
    elif isinstance(mark, Point):
        x, y = plot.spot((mark.x, mark.y), mark.dodge)
        yield (x - TICK_MARK, y), (x + TICK_MARK, y)
        yield (x, y - TICK_MARK), (x, y + TICK_MARK)
    elif isinstance(mark, Rule):
        yield _rule(plot, mark)


def _rule(plot: Plot, rule: Rule) -> Stretch:
    if rule.of == "y":
        y = plot.up(rule.value)
        return (plot.box.left, y), (plot.page.width, y)
    x = plot.across(rule.value)
    return (x, plot.box.bottom), (x, plot.box.top)


def touches(box: Box, stretch: Stretch, white: float = 1.0) -> bool:
    """Say whether a stretch meets a box, some white around it (Liang and Barsky's clipping)."""
    (x0, y0), (x1, y1) = stretch
    near, far = 0.0, 1.0
    dx, dy = x1 - x0, y1 - y0
    edges = (
        (-dx, x0 - box.left + white), (dx, box.right + white - x0),
        (-dy, y0 - box.bottom + white), (dy, box.top + white - y0),
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
