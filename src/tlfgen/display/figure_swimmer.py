"""A swimmer plot: bars of time, marks, arrows where a subject goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.figure_swimmer import LENGTH, ONGOING, Swim, select_swim
from tlfgen.analysis.prepare import Prepared, prepare
from tlfgen.analysis.source import NUMBER, ROW, SUBJECT, record_of
from tlfgen.analysis.subjects import GROUP, MARK, TIME, UNTIL, WHO
from tlfgen.display.axis import time_ticks
from tlfgen.display.panels import AnyMark, Axes, Bar, Columns, Look, Panel, Point, Scale, Segment, Text
from tlfgen.display.parts import Figure
from tlfgen.display.results import Results
from tlfgen.display.subjects import (
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
from tlfgen.spec.figure_swimmer import SwimmerSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules
from tlfgen.spec.words import Words

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

MOST_TICKS = 13
Sign = tuple[int, float, float | None, int]


@dataclass(frozen=True)
class Lane:
    """One subject: a bar from 0 to `length` in its group's look, an arrow where ongoing, and its signs: which
    mark, when, until when, and the number of its record. who, row: the subject, and its record."""

    length: float
    look: int
    ongoing: bool
    label: str
    signs: tuple[Sign, ...]
    who: str
    row: int

    @property
    def last(self) -> float:
        """Where the last of it is drawn."""
        return max([self.length, *(until or x for _, x, until, _ in self.signs)])


def lay_out_figure(
    figure: SwimmerSpec,
    ard: pl.DataFrame,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> Figure:
    """Lay out the bars and marks from the records; the numbers in the legend and below are results."""
    results = Results(ard, study, rules)
    prepared = prepare(figure, numbered_records(figure, data), study)
    swim = select_swim(prepared)
    going = results.get(f"{figure.output}.{WHO}", "ongoing") if swim.bars[ONGOING].any() else None
    more = (
        [Look(rules.words.say("ongoing"), arrow=True, text=results.text(going[1]), results=(going[0],))]
        if going
        else []
    )
    legend = legend_of(figure, results, more=more)
    lanes = _lanes(figure, prepared, swim, legend)
    far = max((lane.last for lane in lanes), default=1.0)
    close = are_close(([x for _, x, _, _ in lane.signs] for lane in lanes), far)
    notes = _footnotes(figure, results, close)
    if not lanes:
        return figure_of_subjects(figure, study, notes)
    ticks = time_ticks(far, figure.unit, MOST_TICKS, rules)
    named = any(lane.label for lane in lanes)
    axes = Axes(
        x=Scale(0.0, ticks[-1][0], ticks, figure.x_label),
        y=Scale(
            0.0, len(lanes), label=figure.y_label, kind="slots", least=6.0 if named else 0.0, unit="labels",
            hint="Leave out labels.",
        ),
        marks=tuple(m for i, lane in enumerate(lanes) for m in _marks(figure, i, lane, legend, rules.words)),
    )  # fmt: skip
    codes = tuple(Text(legend.looks[lane.look].code) for lane in lanes)
    texts = (tuple(Text(lane.label) for lane in lanes), codes)
    columns = tuple(Columns(own, align="right") for own in texts if any(t.text for t in own))
    ratio = min(1.3, max(0.45, 0.22 + 0.0235 * len(lanes)))
    panel = Panel((*columns, axes), legend.looks, legend.blocks, ratio=ratio)
    return figure_of_subjects(figure, study, notes, panel)


def _lanes(figure: SwimmerSpec, prepared: Prepared, swim: Swim, legend: SubjectLegend) -> list[Lane]:
    signs: dict[int, list[Sign]] = {}
    marks = swim.marked.frame.select(NUMBER, MARK, TIME, UNTIL, ROW).sort(NUMBER, TIME, MARK)
    for number, *sign in marks.iter_rows():
        signs.setdefault(number, []).append(tuple(sign))
    labels = labels_of(figure, prepared, swim.bars)
    rows = swim.bars.select(NUMBER, LENGTH, ONGOING, GROUP, SUBJECT, ROW).iter_rows()
    return [
        Lane(length, legend.look(group), ongoing, label, tuple(signs.get(number, ())), who, row)
        for (number, length, ongoing, group, who, row), label in zip(rows, labels, strict=True)
    ]


def _marks(figure: SwimmerSpec, i: int, lane: Lane, legend: SubjectLegend, words: Words) -> Iterator[AnyMark]:
    """The bar, a thin line from it to the last sign, an arrow where the subject goes on, and the signs."""
    y, group = i + 0.5, legend.looks[lane.look].label
    if lane.last > lane.length:
        yield Segment((lane.length, y), (lane.last, y), "thin")
    said = ", ".join(f"{legend.looks[legend.mark(kind)].label} {x:.1f}" for kind, x, _, _ in lane.signs)
    length = f"{lane.length:.1f}"
    length = words.say("length_ongoing", length=length) if lane.ongoing else length
    told = "  ".join(t for t in (lane.label, length, group, said) if t)
    yield Bar(
        y, 0.0, lane.length, 0.62, look=lane.look, words=(told,), label=lane.who, text=length,
        records=record_of(figure.from_, lane.row, figure.start, figure.end),
    )  # fmt: skip
    if lane.ongoing:
        yield Point(lane.last, y, "arrow")
    for kind, x, until, row in lane.signs:
        if until is not None:
            yield Segment((x, y), (until, y), "heavy")
        point = Point(x, y, crowd=i, look=legend.mark(kind))
        yield symbol_of(figure, point, kind, lane.who, row)


def _footnotes(figure: SwimmerSpec, results: Results, close: bool) -> Iterator[str]:
    study = results.study
    if close:
        yield results.rules.words.say("side_by_side")
    yield time_note(figure.unit, study.conventions.month_days, results.rules, study.cutoff)
    yield from who_is_not_shown(figure, results, "bar")
    yield from marks_left_out(figure, results)
