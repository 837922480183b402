"""A swimmer plot: bars of time, marks, arrows where a subject goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.figure_swimmer import LENGTH, ONGOING, select_swim
from tlfgen.analysis.prepare import prepare
from tlfgen.analysis.source import NUMBER
from tlfgen.analysis.subjects import GROUP, MARK, TIME, UNTIL, WHO
from tlfgen.display.axis import Ticks, time_ticks
from tlfgen.display.results import Results
from tlfgen.display.subjects import (
    SIDE_BY_SIDE,
    Sign,
    SubjectFigure,
    are_close,
    keys_of,
    labels_of,
    marks_left_out,
    shared_of_subjects,
    symbols_of,
    time_note,
    who_is_not_shown,
)
from tlfgen.spec.figure_swimmer import SwimmerSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

MOST_TICKS = 13


@dataclass(frozen=True)
class Lane:
    """One subject: a bar from 0 to `length`, an arrow where ongoing, and its signs."""

    length: float
    key: int = 0
    ongoing: bool = False
    label: str = ""
    signs: tuple[Sign, ...] = ()


@dataclass(frozen=True)
class Swimmer(SubjectFigure):
    """lanes: from top to bottom. ongoing: what the arrow means, with its number; blank without one."""

    shape: str = "swimmer"
    lanes: tuple[Lane, ...] = ()
    ticks: Ticks = ()
    ongoing: str = ""
    ongoing_results: tuple[str, ...] = ()

    @property
    def blank(self) -> bool:
        return not self.lanes

    def texts(self) -> tuple[str, ...]:
        return (
            *self.legend_texts(),
            self.ongoing,
            *(x.label for x in self.lanes),
            *(t for _, t in self.ticks),
        )

    def plain(self) -> list[str]:
        lines = [k.shown for k in self.keys]
        for lane in self.lanes:
            group = self.keys[lane.key].label if self.keys else ""
            signs = ", ".join(f"{self.symbols[s.kind].label} {s.x:.1f}" for s in lane.signs)
            length = f"{lane.length:.1f}{' ongoing' if lane.ongoing else ''}"
            lines.append("  ".join(t for t in (lane.label, length, group, signs) if t))
        return lines

    def drawn(self) -> list[tuple[str, str, str]]:
        arrows = [("Ongoing", self.ongoing, "; ".join(self.ongoing_results))] if self.ongoing_results else []
        return [*super().drawn(), *arrows]


def lay_out_figure(
    figure: SwimmerSpec,
    ard: pl.DataFrame,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> Swimmer:
    """Lay out the bars and marks from the records; the numbers in the legend and below are results."""
    results = Results(ard, study, rules)
    prepared = prepare(figure, data, study)
    swim = select_swim(prepared)
    levels, keys = keys_of(figure, results)
    place = {level: i for i, level in enumerate(levels)}
    signs: dict[int, list[Sign]] = {}
    marks = swim.marked.frame.select(NUMBER, MARK, TIME, UNTIL).sort(NUMBER, TIME, MARK)
    for number, mark, time, until in marks.iter_rows():
        signs.setdefault(number, []).append(Sign(mark, time, until))
    labels = labels_of(figure, prepared, swim.bars)
    rows = swim.bars.select(NUMBER, LENGTH, ONGOING, GROUP).iter_rows()
    lanes = tuple(
        Lane(length, place.get(group, 0), ongoing, label, tuple(signs.get(number, ())))
        for (number, length, ongoing, group), label in zip(rows, labels, strict=True)
    )
    ends = [x for lane in lanes for x in (lane.length, *(s.until or s.x for s in lane.signs))]
    close = are_close(([s.x for s in x.signs] for x in lanes), max(ends, default=1.0))
    going = results.get(f"{figure.output}.{WHO}", "ongoing") if any(x.ongoing for x in lanes) else None
    return Swimmer(
        **shared_of_subjects(figure, study, _footnotes(figure, results, close)),
        ratio=min(1.3, max(0.45, 0.22 + 0.0235 * len(lanes))),
        keys=keys,
        symbols=symbols_of(figure, results),
        lanes=lanes,
        ticks=time_ticks(max(ends, default=1.0), figure.unit, MOST_TICKS, rules),
        ongoing=f"Ongoing at the data cut-off (n={results.text(going[1])})" if going else "",
        ongoing_results=(going[0],) if going else (),
    )


def _footnotes(figure: SwimmerSpec, results: Results, close: bool) -> Iterator[str]:
    study = results.study
    if close:
        yield SIDE_BY_SIDE
    yield time_note(figure.unit, study.conventions.month_days, results.rules, study.cutoff)
    yield from who_is_not_shown(figure, results, "bar")
    yield from marks_left_out(figure, results)
