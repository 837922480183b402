"""A spider plot: lines of change over real time, marks on them, thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.figure_spider import POINTS, VALUE, select_threads
from tlfgen.analysis.prepare import prepare
from tlfgen.analysis.source import NUMBER
from tlfgen.analysis.subjects import GROUP, MARK, TIME
from tlfgen.display.axis import Ticks, nice_ticks, time_ticks
from tlfgen.display.footnotes import count_of
from tlfgen.display.numbers import format_number
from tlfgen.display.results import Results
from tlfgen.display.subjects import (
    SIDE_BY_SIDE,
    WHEN,
    SubjectFigure,
    are_close,
    keys_of,
    labels_of,
    marks_left_out,
    reference_labels,
    shared_of_subjects,
    symbols_of,
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
class Spot:
    """A mark on a line. kind: its place among the symbols of the legend."""

    kind: int
    x: float
    y: float


@dataclass(frozen=True)
class Thread:
    """One subject's line, from (0, 0). cut: the number of a value that is drawn at the axis' end, by its
    place among the points."""

    points: Points
    key: int = 0
    label: str = ""
    spots: tuple[Spot, ...] = ()
    cut: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Spider(SubjectFigure):
    """threads: in the subjects' order. ticks, times: of the axes, whose ends they are."""

    shape: str = "spider"
    threads: tuple[Thread, ...] = ()
    ticks: Ticks = ()
    times: Ticks = ()
    references: Ticks = ()

    @property
    def blank(self) -> bool:
        return not self.threads

    def texts(self) -> tuple[str, ...]:
        lines = (text for t in self.threads for text in (t.label, *(c for _, c in t.cut)))
        ticks = (t for _, t in (*self.ticks, *self.times, *self.references))
        return (*self.legend_texts(), *lines, *ticks)

    def plain(self) -> list[str]:
        lines = [k.shown for k in self.keys]
        for thread in self.threads:
            group = self.keys[thread.key].label if self.keys else ""
            points = "  ".join(f"{x:.1f}: {y:.1f}" for x, y in thread.points)
            spots = ", ".join(f"{self.symbols[s.kind].label} {s.x:.1f}" for s in thread.spots)
            lines.append("  ".join(t for t in (thread.label, group, points, spots) if t))
        return lines


def lay_out_figure(
    figure: SpiderSpec,
    ard: pl.DataFrame,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> Spider:
    """Lay out the lines from the records; the numbers in the legend and below are results."""
    results = Results(ard, study, rules)
    prepared = prepare(figure, data, study)
    selected = select_threads(prepared)
    levels, keys = keys_of(figure, results)
    place = {level: i for i, level in enumerate(levels)}
    spots: dict[int, list[tuple[int, float]]] = {}
    for number, mark, time in selected.marked.frame.select(NUMBER, MARK, TIME).iter_rows():
        spots.setdefault(number, []).append((mark, time))
    labels = labels_of(figure, prepared, selected.points)
    columns = (selected.points[c].to_list() for c in (NUMBER, TIME, VALUE, GROUP))
    records = zip(*columns, labels, strict=True)
    threads = tuple(
        _thread(list(own), place, spots.get(number, []), figure, rules)
        for number, own in groupby(records, key=itemgetter(0))
    )
    ys = [0.0, *(y for t in threads for _, y in t.points), *figure.references]
    return Spider(
        **shared_of_subjects(figure, study, _footnotes(figure, results, threads)),
        ratio=0.72,
        keys=tuple(replace(k, code="") for k in keys),  # its lines have no letters
        symbols=symbols_of(figure, results),
        threads=threads,
        ticks=nice_ticks(min(ys), max(ys), MOST_TICKS, rules),
        times=time_ticks(_last(threads), figure.unit, MOST_TIMES, rules),
        references=reference_labels(figure.references, rules),
    )


def _thread(
    own: Sequence[tuple[int, float, float, str | None, str]],
    place: Mapping[str, int],
    marks: Sequence[tuple[int, float]],
    figure: SpiderSpec,
    rules: NumberRules,
) -> Thread:
    limit = figure.cut
    raw = [(0.0, 0.0), *((time, value) for _, time, value, _, _ in own)]
    cut = tuple(
        (i, format_number(y, 0, rules)) for i, (_, y) in enumerate(raw) if limit is not None and y > limit
    )
    points = tuple((x, y if limit is None else min(y, limit)) for x, y in raw)
    spots = tuple(Spot(kind, x, height(points, x)) for kind, x in sorted(marks, key=itemgetter(1, 0)))
    _, _, _, group, label = own[-1]
    return Thread(points, place.get(group or "", 0), label, spots, cut)


def _last(threads: Sequence[Thread]) -> float:
    """The latest time that is drawn."""
    ends = (x for t in threads for x in (t.points[-1][0], *(s.x for s in t.spots)))
    return max(ends, default=1.0)


def height(points: Points, x: float) -> float:
    """Where a line stands at x: between two points on the line, behind the last one at its height."""
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        if x0 <= x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0) if x1 > x0 else y1
    return points[-1][1]


def _footnotes(figure: SpiderSpec, results: Results, threads: Sequence[Thread]) -> Iterator[str]:
    study = results.study
    if figure.references:
        said = " and ".join(text for _, text in reference_labels(figure.references, results.rules))
        yield f"Dashed lines at {said}."
    if any(t.cut for t in threads):
        (at,) = reference_labels([figure.cut or 0.0], results.rules)
        yield f"Values beyond {at[1]} are drawn there; their number stands beside them."
    if any(s.x > t.points[-1][0] for t in threads for s in t.spots):
        yield "Dotted: from the last value to a later mark, at the height of the last value."
    if are_close(([s.x for s in t.spots] for t in threads), _last(threads)):
        yield SIDE_BY_SIDE
    yield time_note(figure.unit, study.conventions.month_days, results.rules, study.cutoff)
    yield from who_is_not_shown(figure, results, "line")
    for statistic, words in WHEN.items():
        number = results.number(f"{figure.output}.{POINTS}", statistic)
        if number:
            yield f"{count_of(number, 'value')} {words} {'is' if number == 1 else 'are'} not drawn."
    yield from marks_left_out(figure, results)
