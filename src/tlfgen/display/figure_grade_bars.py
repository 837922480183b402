"""Bars of events by term and maximum grade: one side or two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.figure_grade_bars import rows_of
from tlfgen.analysis.prepare import MISSING, OUTRANKED
from tlfgen.analysis.table import Groups, level_of
from tlfgen.display.axis import marked, nice_ticks
from tlfgen.display.figure import figure_of
from tlfgen.display.footnotes import outranked
from tlfgen.display.panels import Axes, Bar, Columns, Legend, Look, Panel, Scale, Text
from tlfgen.display.parts import Figure
from tlfgen.display.results import Results
from tlfgen.spec.figure_grade_bars import GradeBarsSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

MOST_TICKS = 6
TICKS_OF_ALL = [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]


def lay_out_figure(
    figure: GradeBarsSpec,
    ard: pl.DataFrame,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> Figure:
    """Lay out the bars from the results alone."""
    results = Results(ard, study, rules)
    sides = _sides(figure, results)
    terms = _terms(figure, results, sides)
    notes = _footnotes(figure, results)
    if not terms:
        return figure_of(figure, study, notes)
    looks = _looks(figure)
    stacks = [[_stack(figure, results, s, t, i, looks) for i, t in enumerate(terms)] for s in sides]
    bars = [tuple(bar for stack in side for bar in stack) for side in stacks]
    most = max(bar.high for side in bars for bar in side)
    ticks = nice_ticks(0, most, MOST_TICKS, rules) if most <= 60 else marked(TICKS_OF_ALL, rules)
    plots = [
        Axes(
            x=Scale(0.0, ticks[-1][0], ticks, figure.x_label, mirrored=len(sides) == 2 and not k),
            y=Scale(0.0, len(terms), kind="slots", least=8.6, unit="terms", hint="Raise at_least."),
            marks=own, title=label,
        )
        for k, ((label, _, _), own) in enumerate(zip(sides, bars, strict=True))
    ]  # fmt: skip
    texts = tuple(Text(t) for t in terms)
    parts: tuple[Axes | Columns, ...]
    if len(plots) == 2:
        parts = (plots[0], Columns(texts, align="centre", most=0.26), plots[1])
    else:
        parts = (Columns(texts, align="right", most=0.38), plots[0])
    used = tuple(i for i in range(len(looks)) if any(b.look == i for side in bars for b in side))
    ratio = min(1.35, 0.2 + 0.03 * max(len(terms), 6))
    return figure_of(figure, study, notes, Panel(parts, looks, (Legend(used),), ratio=ratio))


def _looks(figure: GradeBarsSpec) -> tuple[Look, ...]:
    """A tint a grade, from the lowest; the darkest ones are kept for the highest of five."""
    looks = [Look(label, "tints", i) for i, label in enumerate(figure.columns.levels.values())]
    missing = figure.columns.missing
    return (*looks, *([Look(missing, "tints", None)] if missing else []))


Side = tuple[str, str, tuple[tuple[str, str], ...]]


def _sides(figure: GradeBarsSpec, results: Results) -> list[Side]:
    """(label, analysis, groups of the subjects) of each side."""
    names = [f"{figure.output}.{row.id}" for row in rows_of(figure)]
    if figure.sides:
        return [(s.label, name, ()) for s, name in zip(figure.sides, names, strict=True)]
    if not figure.columns.by:
        return [("", names[0], ())]
    sizes = {groups[:1]: n for groups, n in results.columns(figure.output)}
    return [(f"{g[0][1]} (N={n})", names[0], g) for g, n in sizes.items()]


def _terms(figure: GradeBarsSpec, results: Results, sides: list[Side]) -> list[str]:
    """The terms that reach `at_least` on a side; those that the first side does not have stand last."""
    found: dict[str, None] = {}
    for _, analysis, _side in sides:
        for row in results.of(analysis, "n"):
            found[level_of(row)] = None
    least = figure.at_least / 100 - 1e-12

    def highest(term: str) -> float:
        return max(results.number(a, "pct", _at(figure, g, None, term)) for _, a, g in sides)

    return [t for t in found if highest(t) >= least and highest(t) > 0]


def _at(figure: GradeBarsSpec, side: Groups, grade: str | None, term: str) -> Groups:
    """The groups of a result: the side's, the grade's (None: all of them), the term's."""
    level = grade if grade is not None else figure.columns.total or ""
    return (*side, (figure.columns.of or "", level), (figure.by.removeprefix("ADSL."), term))


def _stack(
    figure: GradeBarsSpec, results: Results, side: Side, term: str, row: int, looks: Sequence[Look]
) -> Iterator[Bar]:
    """The pieces of one bar, from the lowest grade, n (percent) of all behind the last; the audit has the
    total first."""
    label, analysis, groups = side
    name = f"{term}, {label}" if label else term
    total = results.get(analysis, "n", _at(figure, groups, None, term))
    share = results.get(analysis, "pct", _at(figure, groups, None, term))
    if total is None or share is None or not total[1]["stat_num"]:
        yield Bar(row + 0.5, 0.0, 0.0, 0.74, words=(f"{name}: 0",))
        return
    text = f"{results.text(total[1])} ({results.text(share[1])})"
    pieces = list(_pieces(figure, results, side, term))
    said = ", ".join(f"{looks[i].label}: {shown}" for i, _, shown, _ in pieces)
    whole = Bar(
        row + 0.5, 0.0, 100 * float(share[1]["stat_num"]), 0.0, end=text, label=name, text=text,
        results=(total[0], share[0]), words=(f"{name}: {text}" + (f"  [{said}]" if said else ""),),
    )  # fmt: skip
    yield whole
    at = 0.0
    for i, pct, shown, result in pieces:
        yield Bar(
            row + 0.5, at, at + pct, 0.74, look=i, inside=shown, text=shown, results=(result,),
            label=f"{name}, {looks[i].label}",
        )  # fmt: skip
        at += pct


def _pieces(
    figure: GradeBarsSpec, results: Results, side: Side, term: str
) -> Iterator[tuple[int, float, str, str]]:
    """Of each grade that somebody has: its place, percent, n as a text, and the result's name."""
    _, analysis, groups = side
    grades = [*figure.columns.levels, *([figure.columns.missing] if figure.columns.missing else [])]
    for i, grade in enumerate(grades):
        at = _at(figure, groups, grade, term)
        found = results.get(analysis, "n", at)
        if found and found[1]["stat_num"]:
            yield i, 100 * results.number(analysis, "pct", at), results.text(found[1]), found[0]


def _footnotes(figure: GradeBarsSpec, results: Results) -> Iterator[str]:
    say = results.rules.words.say
    yield say("grade_bars")
    if figure.at_least:
        which = "at_least_side" if figure.sides or figure.columns.by else "at_least"
        yield say(f"grade_bars_{which}", percent=f"{figure.at_least:g}")
    left = max(results.number(f"{figure.output}.{row.id}", MISSING) for row in rows_of(figure))
    if left:
        yield say("grade_bars_without_term", left, who=say("record", left))
    unknown = sum(results.number(f"{figure.output}.{row.id}", OUTRANKED) for row in rows_of(figure))
    if unknown:
        yield outranked(results.rules.words, unknown, (figure.columns.of or "").removeprefix("ADSL.")) + "."
