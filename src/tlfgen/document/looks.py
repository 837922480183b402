"""What the looks of marks are: colour, line, marker, fill and hatching, told apart in grey print too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tlfgen.display.panels import Look
from tlfgen.errors import RenderError

# Curves: told apart by colour, by line and by marker.
COLOURS = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
LINES: tuple[Any, ...] = (
    "-", (0, (5, 2)), (0, (6, 2, 1, 2)), (0, (1, 1.5)), (0, (3, 1)), (0, (8, 2, 1, 1, 1, 2)),
)  # fmt: skip
DOTS = ("o", "s", "^", "D", "v", "P")
# Many thin lines of few groups; lightness differs, and where it is near the line does.
THREADS: tuple[tuple[str, Any, str], ...] = (
    ("#0072B2", "-", "o"), ("#56B4E9", "-", "s"), ("#7F7F7F", (0, (5, 1.5)), "^"),
    ("#D55E00", (0, (1.2, 1.2)), "D"), ("#000000", (0, (6, 1.5, 1, 1.5)), "v"), ("#009E73", "-", "P"),
)  # fmt: skip
NO_THREAD: tuple[str, Any, str] = ("#A0A0A0", "-", "x")
# Fill and hatching of groups in order; their lightness differs, and where it is near the hatching does.
FILLS = (
    ("#0072B2", ""), ("#8FC7EA", ""), ("#DEDEDE", ""), ("#D55E00", "/"), ("#A8A8A8", "\\"), ("#009E73", "-"),
    ("#F0E442", ""), ("#CC79A7", "x"),
)  # fmt: skip
NO_FILL = ("#FFFFFF", "")  # of those without a group
# Fill and edge of boxes in order, from white to dark.
BOXES = (
    ("#FFFFFF", "#000000"), ("#BFDDEE", "#0072B2"), ("#E8935A", "#8A3C00"), ("#2E8F70", "#004434"),
    ("#D0D0D0", "#3A3A3A"), ("#7A5AA6", "#2A1A45"),
)  # fmt: skip
HATCHINGS = ("", "/", "\\", "-", "x")  # of groups beyond a palette's end, round by round, in dark lines
# Ordered tints, from light to dark, and the colour of text on them.
TINTS = (
    ("#E3EEF7", "black"), ("#AFCFE6", "black"), ("#5F9DC8", "black"), ("#1E5F94", "white"),
    ("#0A2A4A", "white"),
)  # fmt: skip
NO_TINT = ("#FFFFFF", "black")
INK = "0.0"


@dataclass(frozen=True)
class Inked:
    """colour: of lines, markers and edges; fill, hatching: of bars; lines: the ink of the hatching; ink: of a
    text on bars."""

    colour: str = INK
    line: Any = "-"
    marker: str = "o"
    fill: str = "#FFFFFF"
    hatching: str = ""
    lines: str = "white"
    edge: str = "0.25"
    ink: str = "black"


PLAIN = Inked()
BARS = ("fills", "tints", "boxes")
SIZES: dict[str, Sequence[object]] = {
    "lines": COLOURS, "dots": COLOURS, "threads": THREADS, "fills": FILLS, "tints": TINTS, "boxes": BOXES,
}  # fmt: skip


def inked(look: Look | None) -> Inked:
    """The ink of a look. None is plain ink.

    Places beyond the last have the colours anew, with another line and marker, or another hatching, in each
    round; a RenderError where these come to their end."""
    if look is None or look.palette == "symbols":
        return PLAIN
    if look.place is None:
        return _of_none(look)
    size = len(SIZES[look.palette])
    again, at = divmod(look.place, size)
    if again >= (len(HATCHINGS) if look.palette in BARS else size):
        raise RenderError(
            f"'{look.label}' is group {look.place + 1}, and no look is left that differs from the others.",
            hint="Show fewer groups in a figure, or a page for some of them.",
        )
    turned = (at + again) % size
    if look.palette in BARS:
        more = (HATCHINGS[again], "0.25") if again else ("", "white")
        return _bar(look, at, more)
    if look.palette == "threads":
        return Inked(THREADS[at][0], *THREADS[turned][1:])
    return Inked(COLOURS[at], LINES[turned], DOTS[turned], COLOURS[at], edge=COLOURS[at])


def _of_none(look: Look) -> Inked:
    """The ink of those without a group."""
    if look.palette == "threads":
        return Inked(*NO_THREAD)
    if look.palette == "fills":
        return Inked(fill=NO_FILL[0], hatching=NO_FILL[1])
    if look.palette == "tints":
        return Inked(fill=NO_TINT[0], edge="0.5", ink=NO_TINT[1])
    return inked(replace(look, place=0))


def _bar(look: Look, at: int, more: tuple[str, str]) -> Inked:
    """The ink of a bar or a box; more: the hatching of its round, and the ink of its lines."""
    hatching, lines = more
    if look.palette == "fills":
        fill, own = FILLS[at]
        return Inked(fill=fill, hatching=hatching or own, lines=lines)
    if look.palette == "tints":
        fill, ink = TINTS[at]
        return Inked(fill=fill, hatching=hatching, lines=lines, edge="white", ink=ink)
    fill, edge = BOXES[at]
    return Inked(edge, LINES[at], DOTS[at], fill, hatching, lines, edge)
