"""The drawing of a diagram: boxes from top to bottom, what stands at their side, lanes side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tlfgen.display import panels
from tlfgen.display.panels import Aside, Diagram
from tlfgen.document.drawing import INK, SMALL, TEXT, Box, Canvas
from tlfgen.document.wrap import Setting, wrap
from tlfgen.errors import RenderError

LINE, PAD, GAP, LEAST_GAP, INDENT, HEAD = 11.0, 6.0, 22.0, 12.0, 9.0, 4.0
WRONG = "#B00020"
LEAST_WIDTH = 92.0


@dataclass(frozen=True)
class Laid:
    """A box with its wrapped lines: (indent, text)."""

    lines: tuple[tuple[float, str], ...]
    width: float
    wrong: bool = False
    stays: bool = False

    @property
    def height(self) -> float:
        return len(self.lines) * LINE + 2 * PAD


@dataclass(frozen=True)
class Step:
    """A box of the flow, and the boxes at the side of the arrow below it."""

    box: Laid
    sides: tuple[Laid, ...]

    def after(self, gap: float) -> float:
        """The height of the arrow below the box."""
        if not self.sides:
            return gap
        return sum(s.height for s in self.sides) + gap * 0.6 * (len(self.sides) - 1) + gap


def draw_diagram(page: Canvas, diagram: Diagram, frame: Box, name: str) -> None:
    """Draw boxes from top to bottom with arrows between them and what leaves at the side.

    name: the figure. Raises RenderError: boxes that do not fit in the frame."""
    trunk = _steps(page, diagram, diagram.trunk, frame.width, name)
    lanes = [_steps(page, diagram, b, frame.width / len(diagram.lanes), name) for b in diagram.lanes]
    gap = _gap(trunk, lanes, frame.height, name)
    centre = frame.left + _centre(trunk, frame.width, bool(lanes))
    y = _column(page, trunk, centre, frame.top - 2, gap, bool(lanes))
    if lanes:
        _branches(page, lanes, centre, y, gap, frame, bool(trunk))


def _steps(
    page: Canvas, diagram: Diagram, stations: Sequence[panels.Box], room: float, name: str
) -> list[Step]:
    own = min(room * 0.44, 220.0)
    if own < LEAST_WIDTH:
        raise RenderError(
            f"{name}: {len(diagram.lanes)} branches do not fit side by side.",
            hint="Turn the page (page: {orientation: landscape}).",
        )
    found = []
    for station in stations:
        box = Laid(_lines(page, station.text, own, TEXT), _fitted(page, station.text, own))
        found.append(Step(box, tuple(_side(page, s, min(room * 0.54 - GAP, 230.0)) for s in station.asides)))
    wide = max((s.box.width for s in found), default=own)
    return [Step(Laid(s.box.lines, wide), s.sides) for s in found]


def _fitted(page: Canvas, text: str, most: float) -> float:
    lines = _lines(page, text, most, TEXT)
    return max([LEAST_WIDTH, *(page.wide(t, TEXT) + 2 * PAD + 2 for _, t in lines)])


def _lines(page: Canvas, text: str, wide: float, size: float) -> tuple[tuple[float, str], ...]:
    return tuple((0.0, t) for t in wrap(text, wide - 2 * PAD - 2, Setting(page.theme.sans, size)))


def _side(page: Canvas, side: Aside, most: float) -> Laid:
    setting = Setting(page.theme.sans, SMALL)
    lines = [(0.0, t) for t in wrap(side.text, most - 2 * PAD - 2, setting)]
    for reason in side.lines:
        first, *more = wrap(reason, most - 2 * PAD - 2 - INDENT, setting)
        lines += [(INDENT, first), *((INDENT * 1.7, t) for t in more)]
    wide = max(x + page.wide(t, SMALL) for x, t in lines) + 2 * PAD + 2
    return Laid(tuple(lines), wide, side.wrong, side.stays)


def _needed(steps: Sequence[Step], gap: float, arrow_below: bool) -> float:
    total = sum(s.box.height for s in steps)
    total += sum(s.after(gap) for s in (steps if arrow_below else steps[:-1]))
    if steps and not arrow_below and steps[-1].sides:
        total += steps[-1].after(gap)
    return total


def _gap(trunk: Sequence[Step], lanes: Sequence[Sequence[Step]], height: float, name: str) -> float:
    """The space between boxes: as it should be, or less where the page needs it."""
    for gap in (GAP, 18.0, 15.0, LEAST_GAP):
        below = max((_needed(lane, gap, False) for lane in lanes), default=0.0)
        if _needed(trunk, gap, bool(lanes)) + below + (gap if lanes else 0) <= height - 4:
            return gap
    raise RenderError(
        f"{name}: its boxes do not fit on the page.",
        hint="Use fewer boxes or reasons, or a portrait page.",
    )


def _centre(trunk: Sequence[Step], width: float, branched: bool) -> float:
    """The middle of the boxes: of the page where nothing stands at the side or they branch, as far as what
    stands there fits; else so that both are in the middle."""
    if not any(s.sides for s in trunk):
        return width / 2
    own = max(s.box.width for s in trunk)
    sides = max(side.width for s in trunk for side in s.sides)
    if branched:
        return min(width / 2, width - 1 - sides - GAP - own / 2)
    reach = max(own, own / 2 + GAP + sides + own / 2)
    return (width - reach) / 2 + own / 2


def _column(page: Canvas, steps: Sequence[Step], x: float, y: float, gap: float, arrow: bool) -> float:
    """Draw the steps from `y` down; give where the next begins."""
    for i, step in enumerate(steps):
        own = Box(x - step.box.width / 2, y - step.box.height, x + step.box.width / 2, y)
        _draw(page, step.box, own, TEXT, centred=True)
        y = own.bottom
        last = i == len(steps) - 1
        if last and not arrow and not step.sides:
            break
        below = y - step.after(gap)
        at = y - gap / 2
        for side in step.sides:
            left = x + step.box.width / 2 + GAP
            middle = at - side.height / 2
            _draw(page, side, Box(left, middle - side.height / 2, left + side.width, at), SMALL)
            page.line([x, left if side.stays else left - 1], [middle, middle], INK, 0.7)
            if not side.stays:
                _head(page, left, middle, right=True)
            end = middle
            at -= side.height + gap * 0.6
        if last and not arrow:
            page.line([x, x], [y, end], INK, 0.7)
        elif last:
            page.line([x, x], [y, below], INK, 0.7)
        else:
            page.line([x, x], [y, below + 1], INK, 0.7)
            _head(page, x, below)
        y = below
    return y


def _branches(
    page: Canvas,
    lanes: Sequence[Sequence[Step]],
    centre: float,
    y: float,
    gap: float,
    frame: Box,
    joined: bool,
) -> None:
    """Draw the branches side by side below a line that joins them."""
    room = frame.width / len(lanes)
    middles = []
    for k, lane in enumerate(lanes):
        own = max(s.box.width for s in lane)
        sides = max((side.width + GAP for s in lane for side in s.sides), default=0.0)
        middles.append(frame.left + k * room + max(room - own - sides, 0) / 2 + own / 2)
    top = y - gap
    if joined:
        page.line([min([centre, *middles]), max([centre, *middles])], [y, y], INK, 0.7)
    for x, lane in zip(middles, lanes, strict=True):
        if joined:
            page.line([x, x], [y, top + 1], INK, 0.7)
            _head(page, x, top)
        _column(page, lane, x, top, gap, False)


def _draw(page: Canvas, laid: Laid, own: Box, size: float, *, centred: bool = False) -> None:
    page.bar(own, "white", edge=WRONG if laid.wrong else "0.0", z=2)
    colour = WRONG if laid.wrong else "black"
    for i, (indent, text) in enumerate(laid.lines):
        y = own.top - PAD - (i + 0.5) * LINE
        x = (own.left + own.right) / 2 if centred else own.left + PAD + 1 + indent
        page.text(x, y, text, size, ha="center" if centred else "left", va="center_baseline", colour=colour)


def _head(page: Canvas, x: float, y: float, *, right: bool = False) -> None:
    """The head of an arrow whose point is at (x, y)."""
    if right:
        corners = [(x, y), (x - HEAD * 1.3, y + HEAD / 2), (x - HEAD * 1.3, y - HEAD / 2)]
    else:
        corners = [(x, y), (x - HEAD / 2, y + HEAD * 1.3), (x + HEAD / 2, y + HEAD * 1.3)]
    page.filled(corners, z=5)
