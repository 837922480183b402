"""A forest: rows of subgroups with counts, an estimate with its limits as a mark and as a text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.figure_forest import WHO, Drawn, drawn_of
from tlfgen.analysis.pairs import compared_labels
from tlfgen.analysis.prepare import MISSING
from tlfgen.analysis.registry import percent_of_level
from tlfgen.analysis.table import groups_of, level_of
from tlfgen.display.axis import Ticks, marked, nice_ticks
from tlfgen.display.figure import Groups, columns_of, figure_of
from tlfgen.display.footnotes import left_out_notes, not_estimable_note, silent_strata
from tlfgen.display.heads import pair_groups
from tlfgen.display.numbers import between, format_number
from tlfgen.display.panels import (
    AnyMark,
    Axes,
    Columns,
    End,
    Look,
    Panel,
    Point,
    Rule,
    Scale,
    Segment,
    Text,
)
from tlfgen.display.parts import Figure
from tlfgen.display.results import Result, Results, require
from tlfgen.spec.figure_forest import ForestSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules
from tlfgen.spec.words import Words

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

STEPS = (1.0, 2.0, 5.0)
FURTHEST = 10.0  # by this factor limits may pass the estimates before they end in an arrow
PAGE = {"portrait": 496.0, "landscape": 757.0}  # about; only the share of height to width follows from it
ROW = 15.5


@dataclass(frozen=True)
class Cell:
    """What each row has an estimate of: a pair, or a column. groups: of its results; columns: the groups of
    each of the counts."""

    label: str
    groups: Groups
    columns: tuple[Groups, ...]


@dataclass(frozen=True)
class Branch:
    """One row. heading: a label alone. estimate: None is not estimable, and no mark. share: of the subjects,
    for the size of the mark. cut: (left, right), a limit lies beyond the axis. results: of the estimate;
    behind: of each of the counts."""

    label: str
    indent: int = 0
    heading: bool = False
    counts: tuple[str, ...] = ()
    text: str = ""
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    share: float = 1.0
    cut: tuple[bool, bool] = (False, False)
    results: tuple[str, ...] = ()
    behind: tuple[tuple[str, ...], ...] = ()


def lay_out_figure(
    figure: ForestSpec,
    ard: pl.DataFrame,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> Figure:
    """Lay out the rows from their results."""
    results = Results(ard, study, rules)
    drawn = drawn_of(figure)
    cells = _cells(figure, drawn, results)
    found = tuple(_shared_out(figure, tuple(_branches(figure, drawn, cells, results))))
    ticks = _ticks(figure, drawn, found, rules)
    inside = tuple(_cut(b, ticks[0][0], ticks[-1][0]) for b in found)
    notes = _footnotes(figure, drawn, cells, results, inside, (ticks[0][0], ticks[-1][0]))
    if not any(b.share for b in inside if not b.heading):
        return figure_of(figure, study, notes)
    ratio = drawn.shown == "ratio"
    low, high = ticks[0][0], ticks[-1][0]
    axes = Axes(
        x=Scale(low, high, ticks, figure.x_label, "log" if ratio else "linear"),
        y=Scale(
            0.0, len(inside), kind="slots", line=False, least=11.0, most=1.3 * ROW, unit="rows",
            hint="Use a portrait page, or fewer subgroups.",
        ),
        marks=tuple(_marks(inside, 1.0 if ratio else None, _dashed(figure, inside), low, high)),
        below=(1.0, f"\u2190 {figure.favours[0]}", f"{figure.favours[1]} \u2192") if figure.favours else None,
    )  # fmt: skip
    height = (len(found) + 1) * ROW + 62 + (12 if figure.favours else 0)
    labels, *counts, texts = _columns(_heads(figure, drawn, cells, rules.words), inside)
    panel = Panel(
        (labels, *counts, axes, texts), (Look(rules.words.say("forest_legend"), "lines", 1),),
        ratio=min(height / PAGE[figure.page.orientation], 1.3),
    )  # fmt: skip
    return figure_of(figure, study, notes, panel)


def _columns(named: tuple[str, ...], branches: Sequence[Branch]) -> Iterator[Columns]:
    """The labels, the counts and, to the right of the axis, the estimates."""
    first, *heads, last = named
    yield Columns(tuple(Text(b.label, (), b.indent) for b in branches), first, most=0.34)
    for k, head in enumerate(heads):
        texts = tuple(Text(b.counts[k], b.behind[k]) if b.counts else Text("") for b in branches)
        yield Columns(texts, head, "centre", head_most=78.0 if len(heads) > 1 else 120.0)
    yield Columns(tuple(Text(b.text, b.results) for b in branches), last)


def _dashed(figure: ForestSpec, branches: Sequence[Branch]) -> float | None:
    """The estimate of all subjects, where there is one."""
    alone = len(branches) < 2 or branches[1].heading
    return branches[0].estimate if figure.overall and alone else None


def _marks(
    branches: Sequence[Branch], none: float | None, overall: float | None, low: float, high: float
) -> Iterator[AnyMark]:
    """The line of no effect, the dashed one of all subjects, and of each row its limits and its estimate;
    nothing where there is no estimate."""
    for value, stroke in ((none, "thin"), (overall, "dashed")):
        if value is not None and low <= value <= high:
            yield Rule(value, "x", "thin" if stroke == "thin" else "dashed")
    for i, branch in enumerate(branches):
        if branch.estimate is None:
            continue
        ends: tuple[End, End] = ("arrow" if branch.cut[0] else "cap", "arrow" if branch.cut[1] else "cap")
        start = low if branch.cut[0] or branch.low is None else min(branch.low, high)
        stop = high if branch.cut[1] or branch.high is None else max(branch.high, low)
        yield Segment((start, i + 0.5), (stop, i + 0.5), ends=ends)
        if low <= branch.estimate <= high:
            yield Point(branch.estimate, i + 0.5, "block", branch.share, look=0)


def _heads(figure: ForestSpec, drawn: Drawn, cells: Sequence[Cell], words: Words) -> tuple[str, ...]:
    """The headers: of several pairs each, that of the first count says of no group of which."""
    one, own = figure.counts, f"{figure.counts[:1].lower()}{figure.counts[1:]}"
    counts: tuple[str, ...] = (one,)
    if drawn.comparison is not None:
        against = drawn.comparison.spec.against
        counts = (f"{cells[0].label}, {own}" if len(cells) == 1 else one, f"{against}, {own}")
    name = figure.label or _name(drawn, words)
    last = words.say("forest_estimate", estimate=name, level=percent_of_level(drawn.level))
    return (figure.stub, *(counts if drawn.counts else ()), last)


def _name(drawn: Drawn, words: Words) -> str:
    """What the estimate is called where a figure says nothing."""
    if drawn.comparison is not None:
        said = words.say(f"short_{drawn.comparison.rule.name}")
    else:
        own = drawn.plan.declared(drawn.estimate)
        said = words.say("forest_percent") if own.shown == "percent" else own.label
    return said[:1].upper() + said[1:]


def _cells(figure: ForestSpec, drawn: Drawn, results: Results) -> tuple[Cell, ...]:
    """What each row has an estimate of: every pair, or every column."""
    columns = columns_of(figure, results)
    if drawn.comparison is None:
        return tuple(Cell(label, groups, (groups,)) for groups, label in columns)
    levels = {label: groups for groups, label in columns if groups}
    plain, spec = {n: g[-1][1] for n, g in levels.items()}, drawn.comparison.spec
    other = levels[spec.against]
    return tuple(
        Cell(n, pair_groups(levels[n], plain[n], plain[spec.against]), (levels[n], other))
        for n in compared_labels(spec, figure.columns, plain)
    )


def _branches(figure: ForestSpec, drawn: Drawn, cells: Sequence[Cell], results: Results) -> Iterator[Branch]:
    """The rows, their shares not yet those of the largest."""
    if figure.overall:
        for cell in cells:
            label = figure.overall if len(cells) == 1 else f"{figure.overall}, {cell.label}"
            yield _branch(figure, drawn, results, (), cell, label)
    own = [groups_of(r)[0] for r in results.of(figure.by_subgroup, drawn.estimate)]
    for subgroup in figure.subgroups:
        yield Branch(subgroup.label, heading=True)
        for first in dict.fromkeys(g for g in own if g[0] == subgroup.group):
            label = subgroup.levels.get(first[1], first[1])
            for cell in cells:
                shown = label if len(cells) == 1 else f"{label}, {cell.label}"
                yield _branch(figure, drawn, results, (first,), cell, shown)


def _branch(
    figure: ForestSpec, drawn: Drawn, results: Results, level: Groups, cell: Cell, label: str
) -> Branch:
    analysis = figure.by_subgroup if level else figure.results
    groups = (*level, *cell.groups)
    found = [require(results.get(analysis, s, groups), s) for s in drawn.statistics]
    full = 100.0 if drawn.shown == "percent" else 1.0
    values = [None if r["stat_num"] is None else full * float(r["stat_num"]) for _, r in found]
    texts = [_text(figure, results, row, value) for (_, row), value in zip(found, values, strict=True)]
    joint = between(texts[1], texts[2], results.rules)
    text = texts[0] if values[0] is None else f"{texts[0]} ({texts[1]}{joint}{texts[2]})"
    places = [(*level, *groups) for groups in cell.columns] if drawn.counts else []
    counts = tuple(_count(results, analysis, drawn.counts, at) for at in places)
    n = sum(results.number(analysis, drawn.counts[1], at) for at in places) if drawn.counts else 1.0
    return Branch(
        label, 1 if level else 0, False, tuple(c.text for c in counts), text, values[0], values[1],
        values[2], n, results=tuple(name for name, _ in found), behind=tuple(c.results for c in counts),
    )  # fmt: skip


def _text(figure: ForestSpec, results: Results, row: Result, value: float | None) -> str:
    """A number with the figure's decimals, else in the form of its statistic."""
    if value is None or figure.decimals is None:
        return results.text(row, percent_sign="")
    return format_number(value, figure.decimals, results.rules)


def _count(results: Results, analysis: str, names: Sequence[str], groups: Groups) -> Text:
    """Events and subjects of a column."""
    found = [require(results.get(analysis, s, groups), s) for s in names]
    return Text("/".join(results.text(row) for _, row in found), tuple(name for name, _ in found))


def _shared_out(figure: ForestSpec, branches: Sequence[Branch]) -> Iterator[Branch]:
    """Each row with its part of the largest: of the subjects, for the size of its mark."""
    most = max((b.share for b in branches if not b.heading), default=1.0) or 1.0
    for branch in branches:
        equal = figure.size == "equal"
        yield replace(branch, share=min(branch.share, 1.0) if equal else branch.share / most)


def _ticks(figure: ForestSpec, drawn: Drawn, branches: Sequence[Branch], rules: NumberRules) -> Ticks:
    """The ticks, whose first and last are the ends of the axis."""
    if drawn.shown != "ratio":
        low, high = figure.axis or _plain_ends(drawn, branches)
        return nice_ticks(low, high, 7, rules)
    if figure.axis:
        low, high = figure.axis
    else:
        there = [b.estimate for b in branches if b.estimate]
        least, most = min([1.0, *there]), max([1.0, *there])
        lows = [max(b.low, least / FURTHEST) for b in branches if b.low is not None and b.low > 0]
        highs = [
            min(b.high, most * FURTHEST) for b in branches if b.high is not None and math.isfinite(b.high)
        ]
        low, high = min([least / 1.5, *lows]), max([most * 1.5, *highs])
    return marked(_log_steps(low, high, bool(figure.axis)), rules)


def _plain_ends(drawn: Drawn, branches: Sequence[Branch]) -> tuple[float, float]:
    """The whole of a percentage; of another number, and of a difference, what the limits need."""
    values = [v for b in branches for v in (b.low, b.estimate, b.high) if v is not None]
    if drawn.shown == "percent" and (drawn.comparison is None or not values):
        return 0.0, 100.0
    return min([0.0, *values]), max([0.0, *values]) or 1.0


def _log_steps(low: float, high: float, exact: bool) -> list[float]:
    """1, 2, 5 times powers of ten that hold both; the powers alone, and 1, where that gives too many."""
    first, last = math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1
    steps = [round(s * 10.0**p, 12) for p in range(first, last + 1) for s in STEPS]
    start = max(s for s in steps if s <= low * (1 + 1e-9))
    end = min(s for s in steps if s >= high * (1 - 1e-9))
    inside = [s for s in steps if start <= s <= end]
    if exact:
        inside = [low, *(s for s in steps if low < s < high), high]
    if len(inside) <= 8:
        return inside
    return [s for s in inside if s in (inside[0], inside[-1]) or math.log10(s).is_integer()]


def _cut(branch: Branch, low: float, high: float) -> Branch:
    """A limit beyond the axis, or without a value where there is an estimate, ends in an arrow."""
    if branch.estimate is None:
        return branch
    left = branch.low is None or branch.low < low - 1e-12
    right = branch.high is None or branch.high > high + 1e-12
    return replace(branch, cut=(left, right))


def _footnotes(
    figure: ForestSpec, drawn: Drawn, cells: Sequence[Cell], results: Results, branches: Sequence[Branch],
    ends: tuple[float, float],
) -> Iterator[str]:  # fmt: skip
    low, high = ends
    say = results.rules.words.say
    size = say("forest_size") if figure.size == "n" else ""
    arrows = say("forest_arrows") if any(any(b.cut) for b in branches) else ""
    yield say("forest", size=size, arrows=arrows)
    beyond = sum(1 for b in branches if b.estimate is not None and not low <= b.estimate <= high)
    if beyond:
        yield say("forest_beyond", beyond, who=say("estimate", beyond))
    whole = _dashed(figure, branches)
    if whole is not None and low <= whole <= high:
        yield say("forest_overall")
    labels = {} if drawn.comparison is None else {drawn.comparison.spec.id: [c.label for c in cells]}
    yield from drawn.plan.notes(drawn.statistics, labels, results.rules.words)
    if drawn.comparison is not None:
        for row in results.of(figure.results, f"{drawn.comparison.spec.id}_silent_strata"):
            yield from silent_strata(results, row, drawn.comparison, alone=len(cells) == 1)
    named = {s.group: s.label for s in figure.subgroups}
    for row in results.of(figure.by_subgroup, MISSING):
        if row["stat_num"]:
            lost = row["stat_num"]
            yield say("forest_missing", lost, subgroup=named[level_of(row)], who=say("subject", lost))
    for analysis in (f"{figure.output}.{WHO}", figure.results):
        yield from left_out_notes(results, analysis)
    every = ((a, drawn.statistics) for a in (figure.results, figure.by_subgroup))
    yield from not_estimable_note(results, every)
