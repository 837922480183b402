"""The drawing of a figure: its panels, one below the other or side by side, in a theme."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tlfgen.display.panels import Panel
from tlfgen.display.parts import Figure
from tlfgen.document.drawing import Box, canvas
from tlfgen.document.ink_panel import draw_panel
from tlfgen.document.theme import Theme

GAP = 14.0


def pages_of(figure: Figure) -> list[tuple[Panel, ...]]:
    """The panels of each page, as many as the figure says."""
    most = figure.per_page or len(figure.panels)
    return [figure.panels[i : i + most] for i in range(0, len(figure.panels), most)]


def ratio_of(panels: Sequence[Panel], across: int) -> float:
    """The height that panels wish together, over the width of the page."""
    rows = [panels[i : i + across] for i in range(0, len(panels), across)]
    return sum(max(p.ratio for p in row) for row in rows) / (across if across > 1 else 1)


def ink(figure: Figure, panels: Sequence[Panel], theme: Theme, width: float, height: float) -> bytes:
    """Draw panels of a figure as SVG with real text.

    width, height: points. Raises RenderError: what does not fit."""
    name = f"Figure {figure.number} ({figure.id})"
    with canvas(theme, width, height, name) as page:
        for panel, frame in _frames(panels, figure.across, width, height):
            draw_panel(page, panel, frame, name)
        return page.svg()


def _frames(panels: Sequence[Panel], across: int, width: float, height: float) -> Iterator[tuple[Panel, Box]]:
    """Each panel's frame: rows of `across` panels, as high as they wish."""
    rows = [panels[i : i + across] for i in range(0, len(panels), across)]
    wishes = [max(p.ratio for p in row) for row in rows]
    own = (width - GAP * (across - 1)) / across
    room, top = height - GAP * (len(rows) - 1), height
    for row, wish in zip(rows, wishes, strict=True):
        tall = room * wish / sum(wishes)
        for i, panel in enumerate(row):
            left = i * (own + GAP)
            yield panel, Box(left, top - tall, left + own, top)
        top -= tall + GAP
