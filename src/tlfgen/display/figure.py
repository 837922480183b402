"""What every figure has around its panels: titles, footnotes, source, the sentence where nothing is drawn."""

from __future__ import annotations

from collections.abc import Iterable

from tlfgen.display.output import shared_of
from tlfgen.display.panels import Panel
from tlfgen.display.parts import Figure
from tlfgen.display.results import Results
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.study import StudySpec

Groups = tuple[tuple[str, str], ...]


def figure_of(
    figure: FigureSpec, study: StudySpec, footnotes: Iterable[str], *panels: Panel, others: str = ""
) -> Figure:
    """A figure of these panels. others: further datasets, for the source."""
    shared = shared_of(figure, study, footnotes)
    shared["source"] += f"; with records of {others}" if others else ""
    return Figure(**shared, panels=panels, alt=figure.alt, empty=figure.empty)


def columns_of(figure: FigureSpec, results: Results) -> list[tuple[Groups, str]]:
    """The groups of each column with its label, the total's included."""
    return [
        (g, figure.columns.levels.get(g[-1][1], g[-1][1]) if g else figure.columns.total or "")
        for g, _ in results.columns(figure.output)
    ]
