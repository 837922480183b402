"""A spider plot: lines of change over real time, marks on them, thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.figure_spider import POINTS, VALUE, select_threads
from tlfgen.analysis.prepare import Prepared, prepare
from tlfgen.analysis.source import NUMBER, ROW, SUBJECT, record_of
from tlfgen.analysis.subjects import GROUP, MARK, TIME
from tlfgen.display.axis import marked, nice_ticks, time_ticks
from tlfgen.display.numbers import format_number, format_plain
from tlfgen.display.panels import AnyMark, Axes, Label, Line, Panel, Point, Rule, Scale, Segment
from tlfgen.display.parts import Figure
from tlfgen.display.results import Results
from tlfgen.display.subjects import (
    WHEN,
    SubjectLegend,
    are_close,
    figure_of_subjects,
    labels_of,
    legend_of,
    marks_left_out,
    numbered_records,
    symbol_of,
    time_note,
    who_is_not_shown,
)
from tlfgen.spec.figure_spider import SpiderSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

MOST_TICKS, MOST_TIMES = 9, 13
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Thread:
    """One subject's line, from (0, 0), and the values that it goes through; spots: its marks, as (which, x,
    y, record); cut: the number of a value that is drawn at the axis' end, by its place among the points.
    who, rows: the subject, and the records of its values."""

    points: Points
    values: Points
    look: int = 0
    label: str = ""
    spots: tuple[tuple[int, float, float, int], ...] = ()
    cut: tuple[tuple[int, str], ...] = ()
    who: str = ""
    rows: tuple[int, ...] = ()

    @property
    def last(self) -> float:
        return max([self.points[-1][0], *(x for _, x, _, _ in self.spots)])


def lay_out_figure(
    figure: SpiderSpec,
    ard: pl.DataFrame,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> Figure:
    """Lay out the lines from the records; the numbers in the legend and below are results."""
    results = Results(ard, study, rules)
    prepared = prepare(figure, numbered_records(figure, data), study)
    legend = legend_of(figure, results, "threads", codes=False)  # its lines have no letters
    threads = _threads(figure, prepared, legend, rules)
    far = max((t.last for t in threads), default=1.0)
    notes = _footnotes(figure, results, threads, far)
    if not threads:
        return figure_of_subjects(figure, study, notes)
    ys = [0.0, *(y for t in threads for _, y in t.points), *figure.references]
    ticks = nice_ticks(min(ys), max(ys), MOST_TICKS, rules)
    times = time_ticks(far, figure.unit, MOST_TIMES, rules)
    lines = [Rule(v, said=text) for v, text in marked(figure.references, rules)]
    axes = Axes(
        x=Scale(0.0, times[-1][0], times, figure.x_label),
        y=Scale(ticks[0][0], ticks[-1][0], ticks, figure.y_label, pad=0.02),
        marks=(
            Rule(0.0, stroke="faint"),
            *lines,
            *(m for i, t in enumerate(threads) for m in _marks(figure, i, t, legend, rules)),
        ),
    )
    return figure_of_subjects(figure, study, notes, Panel((axes,), legend.looks, legend.blocks, ratio=0.72))


def _threads(
    figure: SpiderSpec, prepared: Prepared, legend: SubjectLegend, rules: NumberRules
) -> list[Thread]:
    selected = select_threads(prepared)
    spots: dict[int, list[tuple[int, float, int]]] = {}
    for number, *spot in selected.marked.frame.select(NUMBER, MARK, TIME, ROW).iter_rows():
        spots.setdefault(number, []).append(tuple(spot))
    labels = labels_of(figure, prepared, selected.points)
    columns = (selected.points[c].to_list() for c in (NUMBER, TIME, VALUE, GROUP, SUBJECT, ROW))
    records = zip(*columns, labels, strict=True)
    return [
        _thread(list(own), legend, spots.get(number, []), figure, rules)
        for number, own in groupby(records, key=itemgetter(0))
    ]


def _thread(
    own: Sequence[tuple[int, float, float, str | None, str, int, str]],
    legend: SubjectLegend,
    marks: Sequence[tuple[int, float, int]],
    figure: SpiderSpec,
    rules: NumberRules,
) -> Thread:
    limit = figure.cut
    raw = [(0.0, 0.0), *((time, value) for _, time, value, *_ in own)]
    cut = tuple(
        (i, format_number(y, 0, rules)) for i, (_, y) in enumerate(raw) if limit is not None and y > limit
    )
    points = tuple((x, y if limit is None else min(y, limit)) for x, y in raw)
    spots = tuple((kind, x, height(points, x), row) for kind, x, row in sorted(marks, key=itemgetter(1, 0)))
    _, _, _, group, who, _, label = own[-1]
    rows = tuple(row for *_, row, _ in own)
    return Thread(points, tuple(raw), legend.look(group), label, spots, cut, who, rows)


def _marks(
    figure: SpiderSpec, i: int, thread: Thread, legend: SubjectLegend, rules: NumberRules
) -> Iterator[AnyMark]:
    """The line, its cut values, its marks, a dotted line to those behind it, and the subject's label."""
    group = legend.looks[thread.look].label
    points = "  ".join(f"{x:.1f}: {format_number(y, 1, rules)}" for x, y in thread.values)
    spots = ", ".join(f"{legend.looks[legend.mark(k)].label} {x:.1f}" for k, x, _, _ in thread.spots)
    words = "  ".join(t for t in (thread.label, group, points, spots) if t)
    behind = tuple(name for row in thread.rows for name in record_of(figure.from_, row, figure.y))
    yield Line(
        thread.points, symbols=True, without=1, look=thread.look, words=(words,), label=thread.who,
        text=points, records=behind,
    )  # fmt: skip
    yield from (Label(*thread.points[k], text) for k, text in thread.cut)
    for kind, x, y, row in thread.spots:
        if x > thread.points[-1][0]:
            yield Segment(thread.points[-1], (x, y), "dotted", look=thread.look)
        point = Point(x, y, crowd=i, look=legend.mark(kind))
        yield symbol_of(figure, point, kind, thread.who, row)
    if thread.label:
        yield Label(thread.last, thread.points[-1][1], thread.label, free=True, crowd=i)


def height(points: Points, x: float) -> float:
    """Where a line stands at x: between two points on the line, behind the last one at its height."""
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        if x0 <= x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0) if x1 > x0 else y1
    return points[-1][1]


def _footnotes(figure: SpiderSpec, results: Results, threads: Sequence[Thread], far: float) -> Iterator[str]:
    study, say = results.study, results.rules.words.say
    if figure.references:
        at = tuple(text for _, text in marked(figure.references, results.rules))
        yield say("dashed_lines", values=at)
    if any(t.cut for t in threads):
        yield say("spider_cut", value=format_plain(figure.cut or 0.0, results.rules))
    if any(t.last > t.points[-1][0] for t in threads):
        yield say("spider_dotted")
    if are_close(([x for _, x, _, _ in t.spots] for t in threads), far):
        yield say("side_by_side")
    yield time_note(figure.unit, study.conventions.month_days, results.rules, study.cutoff)
    yield from who_is_not_shown(figure, results, "line")
    for statistic in WHEN:
        number = results.number(f"{figure.output}.{POINTS}", statistic)
        if number:
            yield say(f"undrawn_{statistic}", number, who=say("value", number))
    yield from marks_left_out(figure, results)
