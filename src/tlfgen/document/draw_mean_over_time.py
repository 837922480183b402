"""The drawing of means with their limits over time."""

from __future__ import annotations

import io
from typing import Any

from tlfgen.display.parts import Lines
from tlfgen.document.fonts import figure_fonts
from tlfgen.document.theme import Theme
from tlfgen.document.wrap import Setting, wrap

LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v")
STRIP_SIZE, STRIP_LINE = 8.5, 12.0


def draw_mean_over_time(figure: Lines, theme: Theme, width: float, height: float) -> bytes:
    """Draw a line with error bars for each series, told apart by colour, line and marker, as SVG with real
    text.

    width, height: points. The series stand side by side by a small step, so that bars do not hide each
    other; the strips of numbers stand below the axis on the same ticks."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure_fonts(theme.faces)
    with matplotlib.rc_context(), pyplot.style.context(str(theme.file("figure.mplstyle"))):
        matplotlib.rcParams["font.family"] = theme.families
        drawn = pyplot.figure(figsize=(width / 72, height / 72))
        left = max([46.0, *(theme.sans.width(s.label, STRIP_SIZE) + 16 for s in figure.strips)])
        below = 44 + STRIP_LINE * len(figure.strips) + 6
        inner = height - below - 24
        axes = drawn.add_axes((left / width, below / height, (width - left - 12) / width, inner / height))
        _curves(axes, figure)
        _axes(axes, figure, wrap(figure.y_label, inner * 0.96, Setting(theme.sans, 9)))
        _strips(axes, figure, inner)
        out = io.BytesIO()
        drawn.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        pyplot.close(drawn)
    return out.getvalue()


def _curves(axes: Any, figure: Lines) -> None:
    positions = [x for x, _ in figure.ticks]
    step = 0.011 * (max(positions) - min(positions) or 1)
    if figure.reference_y is not None:
        axes.axhline(figure.reference_y, color="0.6", linewidth=0.6, zorder=0)
    for i, series in enumerate(figure.series):
        shift = (i - (len(figure.series) - 1) / 2) * step
        limits = zip(series.x, series.y, series.lower or series.y, series.upper or series.y, strict=True)
        points = [(x, y, lo, hi) for x, y, lo, hi in limits if y is not None]
        x = [p[0] + shift for p in points]
        y = [p[1] for p in points]
        bars = [[b - (b if lo is None else lo), (b if hi is None else hi) - b] for _, b, lo, hi in points]
        axes.errorbar(
            x, y, yerr=list(zip(*bars, strict=True)) if series.lower and bars else None, label=series.label,
            linestyle=LINES[i % len(LINES)], marker=MARKERS[i % len(MARKERS)], capsize=2, elinewidth=0.7,
        )  # fmt: skip
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.01), ncols=len(figure.series), handlelength=3.2)


def _axes(axes: Any, figure: Lines, y_label: tuple[str, ...]) -> None:
    positions = [x for x, _ in figure.ticks]
    room = 0.04 * (max(positions) - min(positions) or 1)
    axes.set_xlim(min(positions) - room, max(positions) + room)
    axes.set_xticks(positions, [label for _, label in figure.ticks])
    axes.set_ylabel("\n".join(y_label))
    axes.set_xlabel(figure.x_label)


def _strips(axes: Any, figure: Lines, height: float) -> None:
    """Rows of numbers below the axis, in the colour of their curve where there is one for each."""
    if not figure.strips:
        return
    line, top = STRIP_LINE / height, -40 / height
    transform = axes.get_xaxis_transform()
    left = axes.get_xlim()[0]
    shift = len(figure.strips) - len(figure.series)
    for i, strip in enumerate(figure.strips):
        colour = f"C{i - shift}" if i >= shift and shift >= 0 else "black"
        y = top - (i + 0.5) * line
        axes.annotate(
            strip.label, (left, y), (-8, 0), xycoords=transform, textcoords="offset points", ha="right",
            va="center", fontsize=STRIP_SIZE, color=colour, annotation_clip=False,
        )  # fmt: skip
        for (x, _), text in zip(figure.ticks, strip.texts or [""] * len(figure.ticks), strict=True):
            axes.text(
                x, y, text, transform=transform, ha="center", va="center", fontsize=STRIP_SIZE, color=colour
            )
