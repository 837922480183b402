"""Bars of events by term and maximum grade: one side or two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.figure_grade_bars import rows_of
from tlfgen.analysis.prepare import MISSING, OUTRANKED
from tlfgen.analysis.table import Groups, compose, level_of
from tlfgen.display.axis import Ticks, marked, nice_ticks
from tlfgen.display.footnotes import count_of, outranked
from tlfgen.display.output import shared_of
from tlfgen.display.parts import Figure
from tlfgen.display.results import Results
from tlfgen.spec.figure_grade_bars import GradeBarsSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

MOST_TICKS = 6
TICKS_OF_ALL = [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]


@dataclass(frozen=True)
class Piece:
    """A part of a bar. grade: its place among the grades; share: percent of the population; text: its n."""

    grade: int
    share: float
    text: str
    result: str = ""


@dataclass(frozen=True)
class Stack:
    """One bar. text: the subjects of all grades, as "n (percent)"."""

    pieces: tuple[Piece, ...] = ()
    share: float = 0.0
    text: str = ""
    results: tuple[str, ...] = ()


@dataclass(frozen=True)
class GradeBars(Figure):
    """terms: from top to bottom; bars: for each term a stack a side. sides: their labels, "" for a single
    one. grades: from the lowest; ungraded: the last one stands for records without a grade."""

    shape: str = "grade_bars"
    terms: tuple[str, ...] = ()
    bars: tuple[tuple[Stack, ...], ...] = ()
    sides: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    ungraded: bool = False
    ticks: Ticks = ()

    @property
    def blank(self) -> bool:
        return not self.terms

    def texts(self) -> tuple[str, ...]:
        stacks = [s for row in self.bars for s in row]
        inside = [t for s in stacks for t in (s.text, *(p.text for p in s.pieces))]
        return (*self.terms, *self.sides, *self.grades, *(t for _, t in self.ticks), *inside)

    def plain(self) -> list[str]:
        lines = []
        for term, row in zip(self.terms, self.bars, strict=True):
            for side, stack in zip(self.sides, row, strict=True):
                pieces = ", ".join(f"{self.grades[p.grade]}: {p.text}" for p in stack.pieces)
                name = f"{term}, {side}" if side else term
                lines.append(f"{name}: {stack.text or '0'}" + (f"  [{pieces}]" if pieces else ""))
        return lines

    def drawn(self) -> list[tuple[str, str, str]]:
        found = []
        for term, row in zip(self.terms, self.bars, strict=True):
            for stack in row:
                found.append((term, stack.text, "; ".join(stack.results)))
                found += [(f"{term}, {self.grades[p.grade]}", p.text, p.result) for p in stack.pieces]
        return [line for line in found if line[1]]


def lay_out_figure(
    figure: GradeBarsSpec,
    ard: pl.DataFrame,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> GradeBars:
    """Lay out the bars from the results alone."""
    results = Results(ard, study, rules)
    sides = _sides(figure, results)
    terms = _terms(figure, results, sides)
    bars = tuple(tuple(_stack(figure, results, s, t) for s in sides) for t in terms)
    grades = [(v, label) for v, label in figure.columns.levels.items()]
    missing = figure.columns.missing
    ungraded = bool(missing) and any(p.grade == len(grades) for row in bars for s in row for p in s.pieces)
    most = max((s.share for row in bars for s in row), default=0.0)
    ticks = nice_ticks(0, most, MOST_TICKS, rules) if most <= 60 else marked(TICKS_OF_ALL, rules)
    return GradeBars(
        **shared_of(figure, study, _footnotes(figure, results)),
        shape=figure.shape,
        x_label=figure.x_label,
        y_label=figure.y_label,
        alt=figure.alt,
        empty=figure.empty,
        ratio=min(1.35, 0.2 + 0.03 * max(len(terms), 6)),
        terms=tuple(terms),
        bars=bars,
        sides=tuple(label for label, _, _ in sides),
        grades=(*(label for _, label in grades), *([missing] if ungraded and missing else [])),
        ungraded=ungraded,
        ticks=ticks,
    )


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


def _stack(figure: GradeBarsSpec, results: Results, side: Side, term: str) -> Stack:
    _, analysis, groups = side
    total = results.get(analysis, "n", _at(figure, groups, None, term))
    share = results.get(analysis, "pct", _at(figure, groups, None, term))
    if total is None or share is None or not total[1]["stat_num"]:
        return Stack()
    grades = [*figure.columns.levels, *([figure.columns.missing] if figure.columns.missing else [])]
    pieces = []
    for i, grade in enumerate(grades):
        at = _at(figure, groups, grade, term)
        found = results.get(analysis, "n", at)
        if found and found[1]["stat_num"]:
            pct = 100 * results.number(analysis, "pct", at)
            pieces.append(Piece(i, pct, results.text(found[1]), compose(analysis, "n", at)))
    text = f"{results.text(total[1])} ({results.text(share[1])})"
    return Stack(tuple(pieces), 100 * float(share[1]["stat_num"]), text, (total[0], share[0]))


def _footnotes(figure: GradeBarsSpec, results: Results) -> Iterator[str]:
    yield (
        "Numbers in the bars, where there is room, are subjects, each once a term at its highest grade; "
        "behind a bar n (%)."
    )
    if figure.at_least:
        more = " on a side" if figure.sides or figure.columns.by else ""
        yield f"Terms with at least {figure.at_least:g}% of the subjects{more}, by frequency."
    left = max(results.number(f"{figure.output}.{row.id}", MISSING) for row in rows_of(figure))
    if left:
        yield f"{count_of(left, 'record')} without a term {'is' if left == 1 else 'are'} not shown."
    unknown = sum(results.number(f"{figure.output}.{row.id}", OUTRANKED) for row in rows_of(figure))
    if unknown:
        yield f"{outranked(unknown, (figure.columns.of or '').removeprefix('ADSL.'))}."
