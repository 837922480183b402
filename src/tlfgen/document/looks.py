"""What the looks of marks are: colour, line, marker, fill and hatching, told apart in grey print too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tlfgen.display.panels import Look

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
# Ordered tints, from light to dark, and the colour of text on them.
TINTS = (
    ("#E3EEF7", "black"), ("#AFCFE6", "black"), ("#5F9DC8", "black"), ("#1E5F94", "white"),
    ("#0A2A4A", "white"),
)  # fmt: skip
NO_TINT = ("#FFFFFF", "black")
INK = "0.0"


@dataclass(frozen=True)
class Inked:
    """colour: of lines, markers and edges; fill, hatching: of bars; ink: of a text on them."""

    colour: str = INK
    line: Any = "-"
    marker: str = "o"
    fill: str = "#FFFFFF"
    hatching: str = ""
    edge: str = "0.25"
    ink: str = "black"


PLAIN = Inked()


def inked(look: Look | None) -> Inked:
    """The ink of a look; places beyond the last begin anew. None is plain ink."""
    if look is None or look.palette == "symbols":
        return PLAIN
    place = look.place
    if look.palette == "threads":
        colour, line, marker = NO_THREAD if place is None else THREADS[place % len(THREADS)]
        return Inked(colour, line, marker)
    if look.palette == "fills":
        fill, hatching = NO_FILL if place is None else FILLS[place % len(FILLS)]
        return Inked(fill=fill, hatching=hatching)
    if look.palette == "tints":
        fill, ink = NO_TINT if place is None else TINTS[min(place, len(TINTS) - 1)]
        return Inked(fill=fill, edge="0.5" if place is None else "white", ink=ink)
    n = place or 0
    colour, line, marker = COLOURS[n % len(COLOURS)], LINES[n % len(LINES)], DOTS[n % len(DOTS)]
    fill, edge = BOXES[n % len(BOXES)]
    if look.palette == "boxes":
        return Inked(edge, line, marker, fill, edge=edge)
    return Inked(colour, line, marker, colour, edge=colour)
