"""A box plot: boxes of quartiles with whiskers at each x, a box a column, and the values beyond as points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.figure_box_plot import LOWER, OUTLIERS, UPPER, VALUE, select_outliers
from tlfgen.analysis.levels import keys
from tlfgen.analysis.long import COLUMN
from tlfgen.analysis.prepare import prepare
from tlfgen.analysis.source import ROW, SUBJECT, numbered, record_of
from tlfgen.display.axis import nice_ticks
from tlfgen.display.figure import Groups, columns_of, figure_of
from tlfgen.display.numbers import format_plain
from tlfgen.display.over_time import LETTERS, At, analysis_of, facets_of, notes_of, places_of, strips_of
from tlfgen.display.panels import AnyMark, Axes, Bar, Legend, Look, Panel, Point, Scale, Segment
from tlfgen.display.parts import Figure
from tlfgen.display.results import Results, require
from tlfgen.spec.figure_box_plot import BoxPlotSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules
from tlfgen.stats.whiskers import REACH

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

BOX = (LOWER, "q1", "median", "q3", UPPER)
MOST_TICKS, SHARE = 8, 0.8
Outliers = Mapping[tuple[str | int, ...], list[tuple[float, str, int]]]


def lay_out_figure(
    figure: BoxPlotSpec,
    ard: pl.DataFrame,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> Figure:
    """Lay out a panel for each level of `facet`, or the only one; points are records, all else results."""
    results = Results(ard, study, rules)
    beyond: dict[tuple[str | int, ...], list[tuple[float, str, int]]] = {}
    frame = select_outliers(prepare(figure, numbered(data, figure.from_), study))
    depth = keys(2 if figure.facet else 1)
    for *at, column, value, who, row in frame.select(*depth, COLUMN, VALUE, SUBJECT, ROW).iter_rows():
        beyond.setdefault((*at, column), []).append((value, who, row))
    panels = [
        panel
        for k, facet in enumerate(facets_of(figure, results))
        if (panel := _panel(figure, results, facet, k if figure.facet else None, beyond, rules))
    ]
    whole = figure_of(figure, study, _footnotes(figure, results), *panels)
    return replace(whole, across=figure.across, per_page=figure.per_page)


def _panel(
    figure: BoxPlotSpec,
    results: Results,
    facet: Groups,
    number: int | None,
    beyond: Outliers,
    rules: NumberRules,
) -> Panel | None:
    places, columns = places_of(results, analysis_of(figure), facet), columns_of(figure, results)
    marks = tuple(
        m
        for i, at in enumerate(places)
        for k, (groups, label) in enumerate(columns)
        for m in _box(figure, results, (groups, label), at, (i, k, len(columns)), beyond)
    )
    if not marks:
        return None
    ends = [y for m in marks for y in _heights(m)]
    ticks = nice_ticks(min(ends), max(ends), MOST_TICKS, rules)
    slots = tuple((i + 0.5, label) for i, (_, label, _) in enumerate(places))
    axes = Axes(
        x=Scale(0.0, len(places), slots, figure.x_label, kind="slots", unit="labels", hint="Turn the page."),
        y=Scale(ticks[0][0], ticks[-1][0], ticks, figure.y_label, pad=0.02),
        marks=marks,
        strips=tuple(strips_of(results, analysis_of(figure), figure.strips, columns, places)),
    )
    looks = tuple(Look(label, "boxes", i) for i, (_, label) in enumerate(columns))
    legend = (Legend(tuple(range(len(looks)))),) if len(looks) > 1 else ()
    letter = "" if number is None else LETTERS[number % len(LETTERS)]
    return Panel((axes,), looks, legend, above=True, letter=letter, title=facet[0][1] if facet else "")


def _box(
    figure: BoxPlotSpec, results: Results, column: tuple[Groups, str], at: At, place: tuple[int, int, int],
    beyond: Outliers,
) -> Iterator[AnyMark]:  # fmt: skip
    """A box with its whiskers, median and outliers; nothing without a value. place: slot, column, of how
    many columns."""
    (slot, k, many), (_, _, levels), (groups, label) = place, at, column
    found = {s: require(results.get(analysis_of(figure), s, (*groups, *levels)), s) for s in (*BOX, "mean")}
    values = {s: row["stat_num"] for s, (_, row) in found.items()}
    if values["median"] is None:
        return
    middle, thick = slot + 0.5 + SHARE * ((k + 0.5) / many - 0.5), SHARE / many * 0.8
    low, q1, median, q3, high = (values[s] for s in BOX)
    points = beyond.get((*(level for _, level in levels), k), [])
    text = "  ".join(results.text(found[s][1]) for s in BOX)
    name = ", ".join(t for t in (label, *(level for _, level in levels)) if t)
    say, box = results.rules.words.say, f"{name}: {text}"
    said = say("box_beyond", box=box, values=" ".join(f"{v:.6g}" for v, _, _ in points)) if points else box
    yield Segment((middle, low), (middle, q1), ends=("cap", ""), look=k)
    yield Segment((middle, q3), (middle, high), ends=("", "cap"), look=k)
    yield Bar(
        middle, q1, q3, thick, upright=True, look=k, label=name, text=text, words=(said,),
        results=tuple(found[s][0] for s in BOX),
    )  # fmt: skip
    yield Point(middle, median, "bar", thick, look=k)
    if figure.mean:
        yield Point(
            middle, values["mean"], look=k, label=say("box_mean", box=name), results=(found["mean"][0],)
        )
    for v, who, row in points:
        yield Point(
            middle, v, "ring", look=k, label=f"{name}, {who}", text=f"{v:.6g}",
            records=record_of(figure.from_, row, figure.y),
        )  # fmt: skip


def _heights(mark: AnyMark) -> tuple[float, ...]:
    if isinstance(mark, Segment):
        return mark.start[1], mark.stop[1]
    return (mark.y,) if isinstance(mark, Point) else ()


def _footnotes(figure: BoxPlotSpec, results: Results) -> Iterator[str]:
    number = sum(r["stat_num"] or 0 for r in results.of(analysis_of(figure), OUTLIERS))
    say = results.rules.words.say
    points = say("box_points", number, who=say("value", number)) if number else ""
    means = say("box_means") if figure.mean else ""
    yield say("box_plot", reach=format_plain(REACH, results.rules), points=points, means=means)
    yield from notes_of(figure, results, ("q1",))
