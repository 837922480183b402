"""A waterfall: bars from the highest to the lowest, with codes, cut values and thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.figure_waterfall import VALUE, select_bars
from tlfgen.analysis.prepare import prepare
from tlfgen.analysis.source import ROW, SUBJECT, record_of
from tlfgen.analysis.subjects import GROUP
from tlfgen.display.axis import marked, nice_ticks
from tlfgen.display.numbers import format_number, format_plain
from tlfgen.display.panels import Axes, Bar, Panel, Rule, Scale
from tlfgen.display.parts import Figure
from tlfgen.display.results import Results
from tlfgen.display.subjects import (
    SubjectLegend,
    figure_of_subjects,
    labels_of,
    legend_of,
    numbered_records,
    who_is_not_shown,
)
from tlfgen.spec.figure_waterfall import WaterfallSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

MOST_TICKS = 9


def lay_out_figure(
    figure: WaterfallSpec,
    ard: pl.DataFrame,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> Figure:
    """Lay out the bars from the records; their numbers in the legend and below are results."""
    results = Results(ard, study, rules)
    prepared = prepare(figure, numbered_records(figure, data), study)
    frame = select_bars(prepared)
    legend = legend_of(figure, results)
    values, labels = frame[VALUE].to_list(), labels_of(figure, prepared, frame)
    looks = [legend.look(group) for group in frame[GROUP].to_list()]
    whose = [frame[c].to_list() for c in (SUBJECT, ROW)]
    bars = [
        _bar(figure, legend, rules, i, *bar)
        for i, bar in enumerate(zip(values, looks, labels, *whose, strict=True))
    ]
    notes = _footnotes(figure, results, any(b.cut for b in bars))
    if not bars:
        return figure_of_subjects(figure, study, notes)
    ends = [0.0, *(b.high for b in bars), *figure.references]
    ticks = nice_ticks(min(ends), max(ends), MOST_TICKS, rules)
    lines = tuple(Rule(v, said=text) for v, text in marked(figure.references, rules))
    axes = Axes(
        x=Scale(
            0.0, len(bars), tuple((i + 0.5, t) for i, t in enumerate(labels) if t), kind="slots", line=False,
            packed=True, unit="labels",
            hint="Turn the page (page: {orientation: landscape}) or leave out labels.",
        ),
        y=Scale(ticks[0][0], ticks[-1][0], ticks, figure.y_label),
        marks=(*lines, Rule(0.0, stroke="solid"), *bars),
    )  # fmt: skip
    panel = Panel((axes,), legend.looks, legend.blocks, ratio=0.66)
    return figure_of_subjects(figure, study, notes, panel)


def _bar(
    figure: WaterfallSpec,
    legend: SubjectLegend,
    rules: NumberRules,
    i: int,
    value: float,
    look: int,
    label: str,
    who: str,
    row: int,
) -> Bar:
    """One bar with its group's letters; one beyond `cut` ends there, with its number."""
    own = legend.looks[look]
    cut = format_number(value, 0, rules) if figure.cut is not None and value > figure.cut else ""
    end = value if figure.cut is None else min(value, figure.cut)
    text = format_number(value, 1, rules)
    said = "  ".join(t for t in (label, text, own.code or own.label) if t)
    return Bar(
        i + 0.5, 0.0, end, 0.78, upright=True, end=own.code, cut=cut, look=look, words=(said,), label=who,
        text=text, records=record_of(figure.from_, row, figure.y),
    )  # fmt: skip


def _footnotes(figure: WaterfallSpec, results: Results, cut: bool) -> Iterator[str]:
    say = results.rules.words.say
    if figure.references:
        at = tuple(text for _, text in marked(figure.references, results.rules))
        yield say("dashed_lines", values=at)
    if cut:
        yield say("waterfall_cut", value=format_plain(figure.cut or 0.0, results.rules))
    yield from who_is_not_shown(figure, results, "bar")
