"""eDISH: a point a subject, lines at the limits, and the number of subjects in each quadrant."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.figure_edish import NOT_SHOWN, QUADRANT, QUADRANTS, UNREADABLE, X, Y, select_points
from tlfgen.analysis.prepare import prepare
from tlfgen.analysis.source import ROW, SUBJECT, numbered, record_of
from tlfgen.analysis.table import level_of
from tlfgen.display.axis import Ticks, marked
from tlfgen.display.figure import columns_of, figure_of
from tlfgen.display.panels import AnyMark, Axes, Label, Legend, Look, Panel, Point, Rule, Scale
from tlfgen.display.parts import Figure
from tlfgen.display.results import Results, require
from tlfgen.spec.figure_edish import EdishSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

LOWEST, HIGHEST = 0.1, 10.0  # of both axes, where the values need no more
MOST_DECADES = 3


def lay_out_figure(
    figure: EdishSpec,
    ard: pl.DataFrame,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> Figure:
    """Lay out the points from the records; the numbers in the quadrants and below are results."""
    results = Results(ard, study, rules)
    prepared = prepare(figure, numbered(data, figure.from_), study)
    points = select_points(prepared)
    notes = _footnotes(figure, results)
    if not points.height:
        return figure_of(figure, study, notes)
    columns = columns_of(figure, results)
    x = _scale([*points[X], figure.x.limit], figure.x_label, rules)
    y = _scale([*points[Y], figure.y.limit], figure.y_label, rules)
    marks: list[AnyMark] = [Rule(figure.x.limit, "x"), Rule(figure.y.limit, "y")]
    masks = [points.with_columns(own=column.by_mask)["own"] for column in prepared.columns]
    owners = _owners(masks)
    names = (X, Y, QUADRANT, SUBJECT, X + ROW, Y + ROW)
    for i, a, b, quadrant, who, *rows in zip(owners, *(points[n] for n in names), strict=True):
        if i is not None:
            said = f"{a:.6g}, {b:.6g}, {quadrant}"
            told = ": ".join(t for t in (columns[i][1], said) if t)
            marks.append(
                Point(a, b, look=i, label=who, text=said, words=(told,), records=_behind(figure, rows))
            )
    marks += _labels(figure, results, (x, y))
    looks = tuple(Look(label, "dots", i, hollow=True) for i, (_, label) in enumerate(columns))
    own = [i for i, mask in enumerate(masks) if i in owners or not mask.any()]
    legend = (Legend(tuple(own)),) if len(looks) > 1 else ()
    return figure_of(
        figure, study, notes, Panel((Axes(x, y, tuple(marks)),), looks, legend, above=True, ratio=0.8)
    )


def _behind(figure: EdishSpec, rows: Sequence[int]) -> tuple[str, ...]:
    """The values and limits of normal of the records of the two axes."""
    return tuple(t for row in rows for t in record_of(figure.from_, row, figure.value, figure.upper))


def _owners(masks: Sequence[pl.Series]) -> list[int | None]:
    """The column in whose look each subject is drawn, once: the smallest that holds it, and so the total's
    only where no other does; None of those that no column holds."""
    order = sorted(range(len(masks)), key=lambda i: masks[i].sum())
    return [next((i for i in order if within[i]), None) for within in zip(*masks, strict=True)]


def _scale(values: Sequence[float], label: str, rules: NumberRules) -> Scale:
    """Powers of ten that hold the values; up to three decades have ticks at 2 and 5 of each too."""
    low, high = min(LOWEST, *values), max(HIGHEST, *values)
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    steps = (1, 2, 5) if last - first <= MOST_DECADES else (1,)
    at = [step * 10.0**p for p in range(first, last) for step in steps]
    ticks: Ticks = marked([*at, 10.0**last], rules)
    return Scale(ticks[0][0], ticks[-1][0], ticks, label, "log", pad=0.02)


def _labels(figure: EdishSpec, results: Results, scales: tuple[Scale, Scale]) -> Iterator[Label]:
    """The name of each quadrant in its outer corner, with its subjects, a number a column."""
    x, y = scales
    corners = ((x.low, y.low), (x.high, y.low), (x.low, y.high), (x.high, y.high))
    groups = [g for g, _ in columns_of(figure, results)]
    for quadrant, (a, b) in zip(figure.quadrants, corners, strict=True):
        found = [
            require(results.get(f"{figure.output}.{QUADRANTS}", "n", (*g, ("QUADRANT", quadrant))), quadrant)
            for g in groups
        ]
        text = ", ".join(results.text(row) for _, row in found)
        said = f"{quadrant}: {text}"
        yield Label(
            a, b, said, side="left" if a == x.high else "right", above=b == y.low, label=quadrant, text=text,
            words=(said,), results=tuple(name for name, _ in found),
        )  # fmt: skip


def _footnotes(figure: EdishSpec, results: Results) -> Iterator[str]:
    rules, analysis = results.rules, f"{figure.output}.{QUADRANTS}"
    (_, a), (_, b) = marked([figure.x.limit, figure.y.limit], rules)
    say = rules.words.say
    yield say("edish_points", x=a, y=b)
    columns = [label for _, label in columns_of(figure, results)]
    which = "edish_numbers_of" if len(columns) > 1 else "edish_numbers"
    yield say(which, columns=", ".join(columns), x=a, y=b)
    number = results.number(analysis, NOT_SHOWN)
    if number:
        yield say("edish_without_value", number, who=say("subject", number))
    for row in results.of(analysis, UNREADABLE):
        if lost := row["stat_num"]:
            yield say("edish_without_ratio", lost, parameter=level_of(row), who=say("record", lost))
