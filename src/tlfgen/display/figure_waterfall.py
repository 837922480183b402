"""A waterfall: bars from the highest to the lowest, with codes, cut values and thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.figure_waterfall import VALUE, select_bars
from tlfgen.analysis.prepare import prepare
from tlfgen.analysis.subjects import GROUP
from tlfgen.display.axis import Ticks, nice_ticks
from tlfgen.display.numbers import format_number
from tlfgen.display.results import Results
from tlfgen.display.subjects import (
    SubjectFigure,
    keys_of,
    labels_of,
    reference_labels,
    shared_of_subjects,
    who_is_not_shown,
)
from tlfgen.spec.figure_waterfall import WaterfallSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

MOST_TICKS = 9


@dataclass(frozen=True)
class Fall:
    """One bar. key: its group's place in the legend. cut: its number, where the bar ends before it."""

    value: float
    key: int = 0
    label: str = ""
    cut: str = ""


@dataclass(frozen=True)
class Waterfall(SubjectFigure):
    """bars: in order. ticks: of the y axis, whose ends they are."""

    shape: str = "waterfall"
    bars: tuple[Fall, ...] = ()
    ticks: Ticks = ()
    references: Ticks = ()

    @property
    def blank(self) -> bool:
        return not self.bars

    def texts(self) -> tuple[str, ...]:
        bars = (t for b in self.bars for t in (b.label, b.cut))
        return (*self.legend_texts(), *bars, *(t for _, t in (*self.ticks, *self.references)))

    def plain(self) -> list[str]:
        lines = [k.shown for k in self.keys]
        for bar in self.bars:
            group = self.keys[bar.key].code or self.keys[bar.key].label if self.keys else ""
            lines.append("  ".join(t for t in (bar.label, f"{bar.value:.1f}", group) if t))
        return lines


def lay_out_figure(
    figure: WaterfallSpec,
    ard: pl.DataFrame,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> Waterfall:
    """Lay out the bars from the records; their numbers in the legend and below are results."""
    results = Results(ard, study, rules)
    prepared = prepare(figure, data, study)
    frame = select_bars(prepared)
    levels, keys = keys_of(figure, results)
    place = {level: i for i, level in enumerate(levels)}
    bars = tuple(
        Fall(value, place.get(group, 0), label, _cut_text(value, figure, rules))
        for value, group, label in zip(
            frame[VALUE].to_list(), frame[GROUP].to_list(), labels_of(figure, prepared, frame), strict=True
        )
    )
    drawn = [min(b.value, figure.cut) if figure.cut is not None else b.value for b in bars]
    ends = [0.0, *drawn, *figure.references]
    return Waterfall(
        **shared_of_subjects(figure, study, _footnotes(figure, results, bars)),
        ratio=0.66,
        keys=keys,
        bars=bars,
        ticks=nice_ticks(min(ends), max(ends), MOST_TICKS, rules),
        references=reference_labels(figure.references, rules),
    )


def _cut_text(value: float, figure: WaterfallSpec, rules: NumberRules) -> str:
    return format_number(value, 0, rules) if figure.cut is not None and value > figure.cut else ""


def _footnotes(figure: WaterfallSpec, results: Results, bars: tuple[Fall, ...]) -> Iterator[str]:
    if figure.references:
        said = " and ".join(text for _, text in reference_labels(figure.references, results.rules))
        yield f"Dashed lines at {said}."
    if any(b.cut for b in bars):
        (at,) = reference_labels([figure.cut or 0.0], results.rules)
        yield f"Bars beyond {at[1]} are cut there; their value stands above them."
    yield from who_is_not_shown(figure, results, "bar")
