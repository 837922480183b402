"""What figures of single subjects show alike: keys of the legend, labels, who is not shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from tlfgen.analysis.prepare import Prepared
from tlfgen.analysis.source import SUBJECTS, text_of
from tlfgen.analysis.subjects import MARKS, NOT_SHOWN, SHOWN, WHO
from tlfgen.analysis.table import groups_of, level_of
from tlfgen.display.footnotes import count_of
from tlfgen.display.numbers import format_plain
from tlfgen.display.output import shared_of
from tlfgen.display.parts import Figure
from tlfgen.display.results import Results
from tlfgen.spec.study import StudySpec
from tlfgen.spec.subject_figure import MarkSpec, SubjectFigureSpec
from tlfgen.spec.theme import NumberRules

WHEN = {
    "undated": "without a full date",
    "before_start": "before the start",
    "after_cutoff": "after the data cut-off",
}
LONGEST_CODE, NEAR = 3, 0.015
SIDE_BY_SIDE = "Symbols of nearly the same time stand side by side, the later ones to the right."


@dataclass(frozen=True)
class Key:
    """A group in the legend. place: in the order of colours, None for those without a group. code: the
    letters by which its bars are told apart in grey print too."""

    label: str
    place: int | None = 0
    text: str = ""
    code: str = ""
    results: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        name = f"{self.code}: {self.label}" if self.code and self.code != self.label else self.label
        return f"{name} (n={self.text})" if self.text else name


@dataclass(frozen=True)
class Symbol:
    """A mark in the legend. line: it also draws a line to a second date."""

    label: str
    marker: str
    open: bool = False
    line: bool = False
    text: str = ""
    results: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        return f"{self.label} (n={self.text})"


@dataclass(frozen=True)
class Sign:
    """One symbol drawn. kind: its place among the symbols of the legend."""

    kind: int
    x: float
    until: float | None = None


@dataclass(frozen=True)
class SubjectFigure(Figure):
    """keys: the groups, in order; title: of the groups. symbols: the marks, in order."""

    title_of_keys: str = ""
    keys: tuple[Key, ...] = ()
    symbols: tuple[Symbol, ...] = ()

    def place(self, key: int) -> int | None:
        """The place in the order of colours of a key; of the only one where there are no groups."""
        return self.keys[key].place if self.keys else 0

    def legend_texts(self) -> tuple[str, ...]:
        keys = (t for k in self.keys for t in (k.shown, k.code))
        return (self.title_of_keys, *keys, *(s.shown for s in self.symbols))

    def drawn(self) -> list[tuple[str, str, str]]:
        legend: list[Key | Symbol] = [*self.keys, *self.symbols]
        return [(k.label, k.text, "; ".join(k.results)) for k in legend if k.results]


def shared_of_subjects(
    figure: SubjectFigureSpec, study: StudySpec, footnotes: Iterable[str]
) -> dict[str, Any]:
    """The fields that these figures share; the source names the datasets of the marks too."""
    shared = shared_of(figure, study, footnotes)
    names = [m.from_ for m in figure.marked()] + ([figure.colour.from_] if figure.colour else [])
    others = dict.fromkeys(n for n in names if n and n != figure.from_)
    return shared | {
        "source": shared["source"] + (f"; with records of {', '.join(others)}" if others else ""),
        "shape": figure.shape,
        "x_label": figure.x_label,
        "y_label": figure.y_label,
        "alt": figure.alt,
        "empty": figure.empty,
        "title_of_keys": figure.colour.label if figure.colour else "",
    }


def keys_of(figure: SubjectFigureSpec, results: Results) -> tuple[tuple[str, ...], tuple[Key, ...]]:
    """The groups that somebody is in, with their keys; levels of at most three letters each are codes."""
    if figure.colour is None:
        return (), ()
    name = figure.colour.by.removeprefix(f"{SUBJECTS}.")
    found = results.of(f"{figure.output}.{WHO}", "n")
    every = [level_of(r) for r in found]
    found = [r for r in found if r["stat_num"]]
    levels = tuple(level_of(r) for r in found)
    short = all(len(v) <= LONGEST_CODE for v in levels if v != figure.colour.missing)
    keys = []
    for level, row in zip(levels, found, strict=True):
        label = figure.colour.levels.get(level, level)
        result = f"{figure.output}.{WHO}.n[{name}={level}]"
        place = None if level == figure.colour.missing else every.index(level)
        code = level if short and place is not None else ""
        keys.append(Key(label, place, results.text(row), code, (result,)))
    return levels, tuple(keys)


def symbols_of(figure: SubjectFigureSpec, results: Results) -> tuple[Symbol, ...]:
    """The marks' legend, each with its number of subjects."""
    found = []
    for mark in figure.marked():
        name, row = _mark_result(figure, mark, results, "n")
        line = bool(mark.until)
        found.append(Symbol(mark.label, mark.marker, mark.open, line, results.text(row), (name,)))
    return tuple(found)


def _mark_result(
    figure: SubjectFigureSpec, mark: MarkSpec, results: Results, statistic: str
) -> tuple[str, dict[str, object]]:
    found = results.get(f"{figure.output}.{MARKS}", statistic, (("MARK", mark.label),))
    assert found is not None
    return found[0], dict(found[1])


def labels_of(figure: SubjectFigureSpec, prepared: Prepared, frame: pl.DataFrame) -> list[str]:
    """The subjects' labels, blank where the figure names nobody."""
    if not figure.labels:
        return [""] * frame.height
    text = text_of(frame, prepared.source.own(figure.labels)).fill_null("")
    return frame.select(text.alias("#label"))["#label"].to_list()


def reference_labels(values: Sequence[float], rules: NumberRules) -> tuple[tuple[float, str], ...]:
    """Reference values with their texts, as percentages."""
    return tuple((v, f"{format_plain(v, rules)}%") for v in values)


def who_is_not_shown(figure: SubjectFigureSpec, results: Results, what: str) -> Iterator[str]:
    """The sentence on the subjects of the population without a bar or line, with the reasons."""
    analysis = f"{figure.output}.{WHO}"
    number, shown = results.number(analysis, NOT_SHOWN), results.number(analysis, SHOWN)
    if not number:
        return
    reasons = [r for r in results.of(analysis, NOT_SHOWN) if groups_of(r)]
    said = "; ".join(f"{level_of(r)} (n={results.text(r)})" for r in reasons)
    verb = "has" if number == 1 else "have"
    who = f"{number:.0f} of {count_of(number + shown, 'subject')}"
    yield f"{who} {verb} no {what}: {said}."


def marks_left_out(figure: SubjectFigureSpec, results: Results) -> Iterator[str]:
    """What could not be drawn of each mark, and why."""
    for mark in figure.marked():
        for statistic, words in WHEN.items():
            number = results.number(f"{figure.output}.{MARKS}", statistic, (("MARK", mark.label),))
            if number:
                verb = "is" if number == 1 else "are"
                yield f"{mark.label}: {count_of(number, 'record')} {words} {verb} not drawn."


def are_close(times: Iterable[Sequence[float]], span: float) -> bool:
    """Say whether symbols of a subject are so near in time that the drawing moves them apart."""
    return any(b - a < NEAR * span for xs in times for a, b in zip(xs, xs[1:], strict=False))


def time_note(unit: str, month_days: float, rules: NumberRules, cutoff: date) -> str:
    """What the axis of time counts, and up to when."""
    month = f" A month is {format_plain(month_days, rules)} days." if unit == "months" else ""
    return f"Time runs from the morning of the first day to the end of a date.{month} Data cut-off: {cutoff}."
