"""A forest: rows of subgroups with counts, an estimate with its limits as a mark and as a text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.figure_forest import ESTIMATE, MISSING, decimals_of
from tlfgen.analysis.registry import percent_of_level
from tlfgen.analysis.table import groups_of
from tlfgen.display.axis import Ticks, marked, nice_ticks
from tlfgen.display.figure import Groups, figure_of
from tlfgen.display.footnotes import left_out_notes, not_estimable_note
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
from tlfgen.display.results import Results, require
from tlfgen.spec.figure_forest import ForestSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules
from tlfgen.spec.words import Words, sentence

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

STEPS = (1.0, 2.0, 5.0)
FURTHEST = 10.0  # by this factor limits may pass the estimates before they end in an arrow
PAGE = {"portrait": 496.0, "landscape": 757.0}  # about; only the share of height to width follows from it
ROW = 15.5


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
    found = tuple(_branches(figure, results))
    ticks = _ticks(figure, found, rules)
    inside = tuple(_cut(b, ticks[0][0], ticks[-1][0]) for b in found)
    notes = _footnotes(figure, results, inside, (ticks[0][0], ticks[-1][0]))
    if not any(b.share for b in inside if not b.heading):
        return figure_of(figure, study, notes)
    ratio = figure.estimate.method != "proportion"
    low, high = ticks[0][0], ticks[-1][0]
    axes = Axes(
        x=Scale(low, high, ticks, figure.x_label, "log" if ratio else "linear"),
        y=Scale(
            0.0, len(inside), kind="slots", line=False, least=11.0, most=1.3 * ROW, unit="rows",
            hint="Use a portrait page, or fewer subgroups.",
        ),
        marks=tuple(_marks(figure, inside, low, high)),
        below=(1.0, f"\u2190 {figure.favours[0]}", f"{figure.favours[1]} \u2192") if figure.favours else None,
    )  # fmt: skip
    height = (len(found) + 1) * ROW + 62 + (12 if figure.favours else 0)
    labels, *counts, texts = _columns(figure, inside, rules.words)
    panel = Panel(
        (labels, *counts, axes, texts), (Look(rules.words.say("forest_legend"), "lines", 1),),
        ratio=min(height / PAGE[figure.page.orientation], 1.3),
    )  # fmt: skip
    return figure_of(figure, study, notes, panel)


def _columns(figure: ForestSpec, branches: Sequence[Branch], words: Words) -> Iterator[Columns]:
    """The labels, the counts and, to the right of the axis, the estimates."""
    first, *heads, last = _heads(figure, words)
    yield Columns(tuple(Text(b.label, (), b.indent) for b in branches), first, most=0.34)
    for k, head in enumerate(heads):
        texts = tuple(Text(b.counts[k], b.behind[k]) if b.counts else Text("") for b in branches)
        yield Columns(texts, head, "centre", head_most=78.0 if len(heads) > 1 else 120.0)
    yield Columns(tuple(Text(b.text, b.results) for b in branches), last)


def _marks(figure: ForestSpec, branches: Sequence[Branch], low: float, high: float) -> Iterator[AnyMark]:
    """The line of no effect, the dashed one of all subjects, and of each row its limits and its estimate;
    nothing where there is no estimate."""
    overall = next((b.estimate for b in branches if figure.overall and not b.heading), None)
    for value, stroke in (
        (1.0 if figure.estimate.method != "proportion" else None, "thin"),
        (overall, "dashed"),
    ):
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


def _heads(figure: ForestSpec, words: Words) -> tuple[str, ...]:
    estimate = figure.estimate
    counts: tuple[str, ...] = (figure.counts,)
    if estimate.of:
        arms = (str(estimate.each), str(estimate.against))
        counts = tuple(
            f"{estimate.labels.get(a, a)}, {figure.counts[:1].lower()}{figure.counts[1:]}" for a in arms
        )
    name = figure.label or words.say(f"forest_{estimate.method}")
    last = words.say("forest_estimate", estimate=name, level=percent_of_level(figure.level))
    return (figure.stub, *counts, last)


def _branches(figure: ForestSpec, results: Results) -> Iterator[Branch]:
    analysis = f"{figure.output}.{ESTIMATE}"
    sizes = [float(r["stat_num"]) for r in results.of(analysis, "n")]
    most = max(sizes, default=1.0) or 1.0
    own = [groups_of(r) for r in results.of(analysis, figure.estimate.method)]
    if figure.overall:
        yield _branch(figure, results, (), figure.overall, most, 0)
    for subgroup in figure.subgroups:
        bare = subgroup.by.removeprefix("ADSL.")
        yield Branch(subgroup.label, heading=True)
        for groups in (g for g in own if g and g[0][0] == bare):
            label = subgroup.levels.get(groups[0][1], groups[0][1])
            yield _branch(figure, results, groups, label, most, 1)


def _branch(
    figure: ForestSpec, results: Results, groups: Groups, label: str, most: float, indent: int
) -> Branch:
    analysis, method = f"{figure.output}.{ESTIMATE}", figure.estimate.method
    full = 100.0 if method == "proportion" else 1.0
    found = [require(results.get(analysis, s, groups), s) for s in (method, "lower", "upper")]
    values = [None if r["stat_num"] is None else full * float(r["stat_num"]) for _, r in found]
    places = decimals_of(figure)
    missing = results.study.conventions.not_estimable
    texts = [missing if v is None else format_number(v, places, results.rules) for v in values]
    joint = between(texts[1], texts[2], results.rules)
    text = missing if values[0] is None else f"{texts[0]} ({texts[1]}{joint}{texts[2]})"
    n = results.number(analysis, "n", groups)
    share = min(n, 1.0) if figure.size == "equal" else n / most
    counts = tuple(_counts(figure, results, groups))
    return Branch(
        label, indent, False, tuple(c.text for c in counts), text, values[0], values[1], values[2], share,
        results=tuple(name for name, _ in found), behind=tuple(c.results for c in counts),
    )  # fmt: skip


def _counts(figure: ForestSpec, results: Results, groups: Groups) -> Iterator[Text]:
    """Events and subjects: of all, or of each of the two groups."""
    analysis, estimate = f"{figure.output}.{ESTIMATE}", figure.estimate
    places: list[Groups] = [groups]
    if estimate.of:
        name = estimate.of.removeprefix("ADSL.")
        places = [(*groups, (name, str(arm))) for arm in (estimate.each, estimate.against)]
    for at in places:
        found = [require(results.get(analysis, s, at), s) for s in ("events", "n")]
        yield Text("/".join(results.text(row) for _, row in found), tuple(name for name, _ in found))


def _ticks(figure: ForestSpec, branches: Sequence[Branch], rules: NumberRules) -> Ticks:
    """The ticks, whose first and last are the ends of the axis."""
    if figure.estimate.method == "proportion":
        low, high = figure.axis or (0.0, 100.0)
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
    figure: ForestSpec, results: Results, branches: Sequence[Branch], ends: tuple[float, float]
) -> Iterator[str]:
    estimate, (low, high) = figure.estimate, ends
    say = results.rules.words.say
    size = say("forest_size") if figure.size == "n" else ""
    arrows = say("forest_arrows") if any(any(b.cut) for b in branches) else ""
    yield say("forest", size=size, arrows=arrows)
    beyond = sum(1 for b in branches if b.estimate is not None and not low <= b.estimate <= high)
    if beyond:
        yield say("forest_beyond", beyond, who=say("estimate", beyond))
    if figure.overall and branches[0].estimate is not None:
        yield say("forest_overall")
    if estimate.method == "proportion":
        yield say("forest_limits", method=sentence(f"method_{estimate.limits}"))
    else:
        arms = [estimate.labels.get(str(a), str(a)) for a in (estimate.each, estimate.against)]
        model = f"cox_{estimate.ties}" if estimate.method == "hazard_ratio" else "logistic"
        ratio = sentence(f"forest_{estimate.method}")
        yield say(
            "forest_model", ratio=ratio, each=arms[0], against=arms[1], model=sentence(f"forest_{model}")
        )
    labels = {s.by.removeprefix("ADSL."): s.label for s in figure.subgroups}
    for row in results.of(f"{figure.output}.{ESTIMATE}", MISSING):
        if row["stat_num"]:
            lost = row["stat_num"]
            yield say("forest_missing", lost, subgroup=labels[row["level1"]], who=say("subject", lost))
    analysis = f"{figure.output}.{ESTIMATE}"
    yield from left_out_notes(results, analysis)
    yield from not_estimable_note(results, [(analysis, (estimate.method, "lower", "upper"))])
