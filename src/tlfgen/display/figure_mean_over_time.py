"""Means over time: a line a column, limits, and what stands below the axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.figure_mean_over_time import LOWER, UPPER
from tlfgen.display.axis import nice_ticks
from tlfgen.display.figure import Groups, columns_of, figure_of
from tlfgen.display.over_time import LETTERS, At, analysis_of, facets_of, notes_of, places_of, strips_of
from tlfgen.display.panels import AnyMark, Axes, Legend, Line, Look, Panel, Scale, Segment
from tlfgen.display.parts import Figure
from tlfgen.display.results import Results, require
from tlfgen.spec.figure_mean_over_time import MeanOverTimeSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

MOST_TICKS = 8


def lay_out_figure(
    figure: MeanOverTimeSpec,
    ard: pl.DataFrame,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> Figure:
    """Lay out a panel for each level of `facet`, or the only one, from the results of `output.Y`."""
    results = Results(ard, study, rules)
    panels = [
        panel
        for k, facet in enumerate(facets_of(figure, results))
        if (panel := _panel(figure, results, facet, k if figure.facet else None, rules))
    ]
    notes = _footnotes(figure, results)
    return replace(figure_of(figure, study, notes, *panels), across=figure.across, per_page=figure.per_page)


def _panel(
    figure: MeanOverTimeSpec, results: Results, facet: Groups, number: int | None, rules: NumberRules
) -> Panel | None:
    """The lines of one facet; None where no x has a place."""
    places = places_of(results, analysis_of(figure), facet)
    if not places:
        return None
    columns = columns_of(figure, results)
    lines = [_mean(figure, results, groups, places) for groups, _ in columns]
    marks = [m for i, own in enumerate(lines) for m in _marks(figure, columns, i, own)]
    ends = [y for own in lines for p in own for y in (p.y, p.low, p.high) if y is not None]
    ticks = nice_ticks(min(ends, default=0.0), max(ends, default=1.0), MOST_TICKS, rules)
    xs = tuple((x, label) for x, label, _ in places)
    axes = Axes(
        x=Scale(min(x for x, _ in xs), max(x for x, _ in xs), xs, figure.x_label, pad=0.04),
        y=Scale(ticks[0][0], ticks[-1][0], ticks, figure.y_label),
        marks=tuple(marks),
        strips=tuple(strips_of(results, analysis_of(figure), figure.strips, columns, places)),
    )
    looks = tuple(Look(label, "lines", i) for i, (_, label) in enumerate(columns))
    letter = "" if number is None else LETTERS[number % len(LETTERS)]
    title = facet[0][1] if facet else ""
    return Panel((axes,), looks, (Legend(tuple(range(len(looks)))),), above=True, letter=letter, title=title)


@dataclass(frozen=True)
class Mean:
    """A mean at one x, with its limits; y None where there is none."""

    x: float
    label: str
    y: float | None
    low: float | None
    high: float | None
    result: str


def _mean(figure: MeanOverTimeSpec, results: Results, groups: Groups, places: Sequence[At]) -> list[Mean]:
    def value(statistic: str, at: Groups) -> tuple[str, float | None]:
        analysis = analysis_of(figure)
        name, row = require(results.get(analysis, statistic, (*groups, *at)), f"{analysis}.{statistic}")
        return name, row["stat_num"]

    found = []
    for x, label, at in places:
        name, y = value("mean", at)
        low, high = (None, None) if figure.limits == "none" else (value(s, at)[1] for s in (LOWER, UPPER))
        found.append(Mean(x, label, y, low, high, name))
    return found


def _marks(
    figure: MeanOverTimeSpec, columns: Sequence[tuple[Groups, str]], i: int, means: Sequence[Mean]
) -> Iterator[AnyMark]:
    """The limits as bars, and the line with a symbol at each mean."""
    there = [m for m in means if m.y is not None]
    dodge, label = i - (len(columns) - 1) / 2, columns[i][1]
    words = [label]
    for m in there:
        around = f"  [{m.low:.6g}, {m.high:.6g}]" if m.low is not None and m.high is not None else ""
        words.append(f"  {m.label}: {m.y:.6g}{around}")
        if m.low is not None and m.high is not None:
            yield Segment((m.x, m.low), (m.x, m.high), ends=("cap", "cap"), dodge=dodge, look=i)
    if there:
        yield Line(
            tuple((m.x, m.y) for m in there if m.y is not None), symbols=True, dodge=dodge, look=i,
            label=label, words=tuple(words), results=tuple(m.result for m in means),
        )  # fmt: skip


def _footnotes(figure: MeanOverTimeSpec, results: Results) -> Iterator[str]:
    if figure.limits != "none":
        yield results.rules.words.say(f"mean_limits_{figure.limits}")
    yield from notes_of(figure, results)
