"""A figure drawn in points: a canvas with the theme's fonts, lines, bars and symbols."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tlfgen.document.fonts import figure_fonts
from tlfgen.document.theme import Theme
from tlfgen.errors import RenderError

TEXT, SMALL, LEAST = 9.0, 8.0, 6.0
TICK, GAP, LINE = 3.5, 4.0, 11.5
SLACK = 2.0  # points by which a text may pass the end of the page
INK, RULE, FAINT = "0.0", "0.55", "0.35"

MARKERS = {
    "circle": "o", "square": "s", "diamond": "D", "triangle": "^", "triangle down": "v", "cross": "X",
    "plus": "P", "star": "*",
}  # fmt: skip


@dataclass(frozen=True)
class Box:
    """A rectangle on the canvas, in points from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom


class Canvas:
    """A page of `width` by `height` points; everything on it is placed in points. name: in errors."""

    def __init__(self, theme: Theme, width: float, height: float, name: str) -> None:
        from matplotlib import pyplot

        self.theme, self.width, self.height, self.name = theme, width, height, name
        self.figure = pyplot.figure(figsize=(width / 72, height / 72))
        self.page: Any = self.figure.add_axes((0, 0, 1, 1))
        self.page.set_axis_off()
        self.page.set_xlim(0, width)
        self.page.set_ylim(0, height)

    def wide(self, text: str, size: float, style: str = "regular") -> float:
        """The width of a text."""
        return self.theme.sans.width(text, size, style)

    def text(
        self, x: float, y: float, text: str, size: float = SMALL, *, ha: str = "center", va: str = "baseline",
        colour: str = "black", turned: bool = False, bold: bool = False,
    ) -> None:  # fmt: skip
        if text:
            self._check(x, y, text, size, "bold" if bold else "regular", ha, turned=turned)
            self.page.text(
                x, y, text, fontsize=size, ha=ha, va=va, color=colour, rotation=90 if turned else 0,
                rotation_mode="anchor", fontweight="bold" if bold else "normal",
            )  # fmt: skip

    def _check(
        self, x: float, y: float, text: str, size: float, style: str, ha: str, *, turned: bool
    ) -> None:  # fmt: skip
        """Refuse a text that the end of the page would cut."""
        at, end = (y, self.height) if turned else (x, self.width)
        wide = self.wide(text, size, style)
        first = at - wide * {"left": 0.0, "center": 0.5, "right": 1.0}[ha]
        if first < -SLACK or first + wide > end + SLACK:
            raise RenderError(
                f"{self.name}: there is no room for '{text}'.",
                hint="Shorten it, or turn the page (page: {orientation: landscape}).",
            )

    def line(
        self, x: Sequence[float], y: Sequence[float], colour: str = INK, width: float = 0.6,
        style: Any = "-", z: float = 2,
    ) -> None:  # fmt: skip
        self.page.plot(x, y, color=colour, linewidth=width, linestyle=style, marker="", zorder=z)

    def bar(
        self, box: Box, fill: str, hatching: str = "", edge: str = "0.25", z: float = 2, lines: str = "white"
    ) -> None:  # fmt: skip
        """A filled rectangle with a thin edge; its hatching is drawn line by line, in the ink `lines`."""
        self._rectangle(box, fill, "none", z)
        for kind in {"x": "/\\"}.get(hatching, hatching):
            self._hatch(box, kind, z + 0.1, lines)
        self._rectangle(box, "none", edge, z + 0.2)

    def blank(self, box: Box, z: float = 1.7) -> None:
        """White behind a text, so that no thin line runs through it."""
        self._rectangle(box, "white", "none", z)

    def _rectangle(self, box: Box, fill: str, edge: str, z: float) -> None:
        from matplotlib.patches import Rectangle

        corner = (box.left, box.bottom)
        own = Rectangle(
            corner, box.width, box.height, facecolor=fill, edgecolor=edge, linewidth=0.5, zorder=z
        )
        self.page.add_patch(own)

    def _hatch(self, box: Box, kind: str, z: float, ink: str, step: float = 5.5) -> None:
        from matplotlib.collections import LineCollection

        lines = []
        if kind == "-":
            ys = [box.bottom + step * i for i in range(1, int(box.height / step) + 1)]
            lines = [[(box.left, y), (box.right, y)] for y in ys]
        else:
            first, count = box.bottom - box.width, int((box.height + box.width) / step) + 1
            for i in range(1, count + 1):
                at = first + i * step  # where the rising line meets the left edge
                x0, x1 = max(0.0, box.bottom - at), min(box.width, box.top - at)
                if x1 > x0:
                    ends = [(x0, at + x0), (x1, at + x1)]
                    left = [(box.left + x, y) for x, y in ends]
                    lines.append(left if kind == "/" else [(box.right - x, y) for x, y in ends])
        self.page.add_collection(LineCollection(lines, colors=ink, linewidths=0.7, zorder=z))

    def marker(
        self, x: float, y: float, name: str, *, hollow: bool = False, size: float = 6.0, z: float = 6
    ) -> None:
        """A symbol, black or as an outline, with a white rim that keeps it apart from what is behind it."""
        size = size * (1.35 if name == "star" else 0.85 if name in ("square", "diamond") else 1.0)
        if not hollow:
            self.page.plot(
                [x], [y], marker=MARKERS[name], markersize=size + 1.8, color="white", markeredgewidth=0,
                linestyle="", zorder=z - 0.1,
            )  # fmt: skip
        self.page.plot(
            [x], [y], marker=MARKERS[name], markersize=size, markerfacecolor="white" if hollow else "black",
            markeredgecolor="black", markeredgewidth=0.8 if hollow else 0, linestyle="", zorder=z,
        )  # fmt: skip

    def dot(
        self,
        x: float,
        y: float,
        marker: str,
        colour: str,
        size: float,
        *,
        hollow: bool = False,
        z: float = 3.5,
    ) -> None:
        """A small symbol in a colour, filled or as an outline."""
        self.page.plot(
            [x], [y], marker=marker, markersize=size, markerfacecolor="white" if hollow else colour,
            markeredgecolor=colour, markeredgewidth=0.8 if hollow or marker == "x" else 0,
            linestyle="", zorder=z,
        )  # fmt: skip

    def shade(self, x: Sequence[float], low: Sequence[float], high: Sequence[float], colour: str) -> None:
        """A light shade between two lines."""
        self.page.fill_between(x, low, high, color=colour, alpha=0.1, linewidth=0, zorder=1)

    def filled(self, corners: Sequence[tuple[float, float]], z: float = 4) -> None:
        """A black polygon, as the head of an arrow."""
        from matplotlib.patches import Polygon

        self.page.add_patch(Polygon(corners, closed=True, facecolor="black", edgecolor="none", zorder=z))

    def arrow(self, x: float, y: float, length: float = 9.0) -> None:
        """An arrow to the right."""
        self.line([x, x + length - 4], [y, y], width=1.0, z=5)
        self.filled([(x + length - 5, y - 2.4), (x + length - 5, y + 2.4), (x + length, y)], z=5)

    def svg(self) -> bytes:
        out = io.BytesIO()
        self.figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        return out.getvalue()


@contextmanager
def canvas(theme: Theme, width: float, height: float, name: str) -> Iterator[Canvas]:
    """Open a canvas in the theme's style, and close what it holds."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure_fonts(theme.faces)
    with matplotlib.rc_context(), pyplot.style.context(str(theme.file("figure.mplstyle"))):
        matplotlib.rcParams["font.family"] = theme.families
        found = Canvas(theme, width, height, name)
        try:
            yield found
        finally:
            pyplot.close(found.figure)
