"""What figures of single subjects show alike: keys of the legend, labels, who is not shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.prepare import Prepared
from tlfgen.analysis.source import SUBJECTS, numbered, record_of, text_of
from tlfgen.analysis.subjects import MARKS, NOT_SHOWN, SHOWN, WHO
from tlfgen.analysis.table import groups_of, level_of
from tlfgen.display.figure import figure_of
from tlfgen.display.numbers import format_plain
from tlfgen.display.panels import Legend, Look, Palette, Panel, Point
from tlfgen.display.parts import Figure
from tlfgen.display.results import Results
from tlfgen.spec.study import StudySpec
from tlfgen.spec.subject_figure import MarkSpec, SubjectFigureSpec
from tlfgen.spec.theme import NumberRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

WHEN = ("undated", "before_start", "after_cutoff")
LONGEST_CODE, NEAR = 3, 0.015


@dataclass(frozen=True)
class SubjectLegend:
    """looks: the groups that somebody is in, in order, then the marks; title: of the groups."""

    looks: tuple[Look, ...]
    levels: tuple[str, ...]
    title: str = ""

    def look(self, level: str | None) -> int:
        """The look of a group; of the only one where there are no groups."""
        return self.levels.index(level) if level in self.levels else 0

    def mark(self, kind: int) -> int:
        """The look of a mark, by its place among the figure's marks."""
        return max(len(self.levels), 1) + kind

    @property
    def blocks(self) -> tuple[Legend, ...]:
        """The groups, and below them the marks."""
        first = max(len(self.levels), 1)
        groups = Legend(tuple(range(len(self.levels))), self.title)
        marks = Legend(tuple(range(first, len(self.looks))))
        return tuple(block for block in (groups, marks) if block.looks)


def figure_of_subjects(
    figure: SubjectFigureSpec, study: StudySpec, footnotes: Iterable[str], *panels: Panel
) -> Figure:
    """A figure of single subjects; the source names the datasets of its marks too."""
    names = [m.from_ for m in figure.marked()] + ([figure.colour.from_] if figure.colour else [])
    others = dict.fromkeys(n for n in names if n and n != figure.from_)
    return figure_of(figure, study, footnotes, *panels, others=", ".join(others))


def legend_of(
    figure: SubjectFigureSpec,
    results: Results,
    palette: Palette = "fills",
    more: Sequence[Look] = (),
    *,
    codes: bool = True,
) -> SubjectLegend:
    """The groups that somebody is in and the marks, each with its number of subjects, and what else stands in
    the legend. codes: levels of at most three letters each are codes."""
    groups = _groups_of(figure, results, palette, codes)
    marks = []
    for mark in figure.marked():
        name, row = _mark_result(figure, mark, results, "n")
        marks.append(
            Look(
                mark.label, "symbols", symbol=mark.marker, hollow=mark.open, joined=bool(mark.until),
                text=results.text(row), results=(name,),
            )
        )  # fmt: skip
    title = figure.colour.label if figure.colour else ""
    looks = tuple(groups.values()) or (Look("", palette),)
    return SubjectLegend((*looks, *marks, *more), tuple(groups), title)


def _groups_of(figure: SubjectFigureSpec, results: Results, palette: Palette, codes: bool) -> dict[str, Look]:
    """level -> its look; groups keep their places whether or not somebody is in the others."""
    if figure.colour is None:
        return {}
    name = figure.colour.by.removeprefix(f"{SUBJECTS}.")
    found = results.of(f"{figure.output}.{WHO}", "n")
    every = [level_of(r) for r in found]
    found = [r for r in found if r["stat_num"]]
    levels = tuple(level_of(r) for r in found)
    short = codes and all(len(v) <= LONGEST_CODE for v in levels if v != figure.colour.missing)
    groups = {}
    for level, row in zip(levels, found, strict=True):
        place = None if level == figure.colour.missing else every.index(level)
        groups[level] = Look(
            figure.colour.levels.get(level, level), palette, place, text=results.text(row),
            code=level if short and place is not None else "",
            results=(f"{figure.output}.{WHO}.n[{name}={level}]",),
        )  # fmt: skip
    return groups


def _mark_result(
    figure: SubjectFigureSpec, mark: MarkSpec, results: Results, statistic: str
) -> tuple[str, dict[str, object]]:
    found = results.get(f"{figure.output}.{MARKS}", statistic, (("MARK", mark.label),))
    assert found is not None
    return found[0], dict(found[1])


def numbered_records(figure: SubjectFigureSpec, data: Mapping[str, Dataset]) -> dict[str, Dataset]:
    """All datasets, those whose records are drawn with their numbers."""
    return numbered(data, figure.from_, *(m.from_ for m in figure.marked()))


def symbol_of(figure: SubjectFigureSpec, point: Point, kind: int, who: str, row: int) -> Point:
    """A mark's symbol with what the audit keeps of it: its subject, its time, and the record of its date."""
    mark = figure.marked()[kind]
    behind = record_of(mark.from_ or figure.from_, row, mark.date)
    return replace(point, label=f"{who}, {mark.label}", text=f"{point.x:.1f}", records=behind)


def labels_of(figure: SubjectFigureSpec, prepared: Prepared, frame: pl.DataFrame) -> list[str]:
    """The subjects' labels, blank where the figure names nobody."""
    if not figure.labels:
        return [""] * frame.height
    text = text_of(frame, prepared.source.own(figure.labels)).fill_null("")
    return frame.select(text.alias("#label"))["#label"].to_list()


def who_is_not_shown(figure: SubjectFigureSpec, results: Results, what: str) -> Iterator[str]:
    """The sentence on the subjects of the population without a bar or line, with the reasons."""
    analysis = f"{figure.output}.{WHO}"
    number, shown = results.number(analysis, NOT_SHOWN), results.number(analysis, SHOWN)
    if not number:
        return
    reasons = [r for r in results.of(analysis, NOT_SHOWN) if groups_of(r)]
    say = results.rules.words.say
    said = [say("reason_of", reason=level_of(r), number=results.text(r)) for r in reasons]
    who = say("part_of", part=f"{number:.0f}", whole=say("subject", number + shown))
    yield say(f"no_{what}", number, who=who, reasons=say("beside").join(said))


def marks_left_out(figure: SubjectFigureSpec, results: Results) -> Iterator[str]:
    """What could not be drawn of each mark, and why."""
    say = results.rules.words.say
    for mark in figure.marked():
        for statistic in WHEN:
            number = results.number(f"{figure.output}.{MARKS}", statistic, (("MARK", mark.label),))
            if number:
                said = say(f"undrawn_{statistic}", number, who=say("record", number))
                yield say("of_mark", mark=mark.label, said=said)


def are_close(times: Iterable[Sequence[float]], span: float) -> bool:
    """Say whether symbols of a subject are so near in time that the drawing moves them apart."""
    return any(b - a < NEAR * span for xs in times for a, b in zip(xs, xs[1:], strict=False))


def time_note(unit: str, month_days: float, rules: NumberRules, cutoff: date) -> str:
    """What the axis of time counts, and up to when."""
    which = "time_axis_months" if unit == "months" else "time_axis"
    return rules.words.say(which, days=format_plain(month_days, rules), cutoff=cutoff)
