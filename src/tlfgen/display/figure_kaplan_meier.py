"""Kaplan-Meier curves: steps, censored subjects, the corner's medians, the numbers below the axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.comparisons import STRATA
from tlfgen.analysis.figure_kaplan_meier import AT_RISK, CURVE
from tlfgen.analysis.pairs import compared_labels
from tlfgen.analysis.planned import PlannedComparison, planned
from tlfgen.analysis.registry import percent_of_level
from tlfgen.analysis.survival import Estimation
from tlfgen.analysis.table import groups_of, level_of
from tlfgen.display.axis import marked
from tlfgen.display.figure import Groups, columns_of, figure_of
from tlfgen.display.footnotes import left_out_notes, not_estimable_note, silent_strata
from tlfgen.display.heads import pair_groups
from tlfgen.display.numbers import between, format_number, state_p_value
from tlfgen.display.panels import (
    AnyMark,
    Axes,
    Band,
    Corner,
    CornerRow,
    Line,
    Look,
    Panel,
    Point,
    Scale,
    Segment,
    Spot,
    Strip,
    Text,
)
from tlfgen.display.parts import Figure
from tlfgen.display.results import Results, require
from tlfgen.display.told import points_words
from tlfgen.spec.analysis import entry_of
from tlfgen.spec.figure_kaplan_meier import KaplanMeierSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules
from tlfgen.spec.words import Words, sentence

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

# Points, about: the width of a page, the height of the curves with their axis, and of a line of text.
PAGE = {"portrait": 496.0, "landscape": 757.0}
OWN, LINE = 330.0, 11.5


@dataclass(frozen=True)
class Curve:
    """steps: where the curve goes, from (0, 1) to the last time; limits: (x, lower, upper) at the steps that
    have them; marks: where subjects are censored. median_at: where its dashed line goes down."""

    label: str
    steps: tuple[Spot, ...]
    limits: tuple[tuple[float, float, float], ...] = ()
    marks: tuple[Spot, ...] = ()
    median_at: float | None = None
    results: tuple[str, ...] = ()


def lay_out_figure(
    figure: KaplanMeierSpec,
    ard: pl.DataFrame,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> Figure:
    """Lay out the curves from their results."""
    results = Results(ard, study, rules)
    columns = columns_of(figure, results)
    places = list(dict.fromkeys(level_of(r) for r in results.of(_name(figure, AT_RISK), "at_risk")))
    full = 100.0 if figure.scale == "percent" else 1.0
    curves = [_curve(figure, results, g, label, float(places[-1]), full) for g, label in columns]
    notes = _footnotes(figure, results, curves)
    if not any(len(c.steps) > 1 for c in curves):
        return figure_of(figure, study, notes)
    ends = [full * i / 5 for i in range(6)]
    axes = Axes(
        x=Scale(0.0, float(places[-1]), marked([float(p) for p in places], rules), figure.x_label),
        y=Scale(
            0.0, full, tuple((v, format_number(v, 0 if full > 1 else 1, rules)) for v in ends), figure.y_label
        ),
        marks=tuple(_marks(figure, curves, full, rules.words)),
        strips=tuple(_strips(figure, results, columns, places)),
        corner=_corner(figure, results, columns),
    )
    looks = tuple(Look(label, "lines", i) for i, (_, label) in enumerate(columns))
    panel = Panel((axes,), looks, ratio=_ratio(figure, len(columns)))
    return figure_of(figure, study, notes, panel)


def _marks(figure: KaplanMeierSpec, curves: Sequence[Curve], full: float, words: Words) -> Iterator[AnyMark]:
    """The median's lines, the shades, the curves and their censored subjects."""
    medians = [c.median_at for c in curves if c.median_at is not None]
    if figure.median and medians:
        yield Segment((0.0, full / 2), (max(medians), full / 2), "dashed")
        yield from (Segment((m, 0.0), (m, full / 2), "dashed") for m in medians)
    for i, curve in enumerate(curves):
        name = f"{curve.label}: " if curve.label else ""
        if curve.limits:
            yield Band(curve.limits, look=i)
        yield Line(
            curve.steps, steps=True, look=i, label=curve.label, results=curve.results,
            words=(f"{name}{points_words(curve.steps)}",),
        )  # fmt: skip
        if curve.marks:
            yield from (Point(x, y, "tick", look=i) for x, y in curve.marks[:-1])
            said = words.say("censored_at", times=" ".join(f"{x:.6g}" for x, _ in curve.marks))
            yield Point(*curve.marks[-1], "tick", look=i, words=(f"{name}{said}",))


def _ratio(figure: KaplanMeierSpec, curves: int) -> float:
    """Height over width: room for the curves, and for the lines of numbers below them and of the corner."""
    lines = len(figure.at_risk.rows) * (curves + 1 if curves > 1 else 1) + (curves if curves > 1 else 0)
    return min((OWN + LINE * lines) / PAGE[figure.page.orientation], 1.1)


def _name(figure: KaplanMeierSpec, analysis: str) -> str:
    return f"{figure.output}.{analysis}"


def _curve(
    figure: KaplanMeierSpec, results: Results, groups: Groups, label: str, end: float, full: float
) -> Curve:
    """The steps of one curve up to the end of the axis, none beyond its last subject."""
    analysis, time = _name(figure, CURVE), figure.time.removeprefix("ADSL.")
    found = {
        s: [r for r in results.of(analysis, s) if groups_of(r)[: len(groups)] == groups]
        for s in ("survival", "survival_low", "survival_high", "censored")
    }
    steps, limits, marks, names = [(0.0, full)], [(0.0, full, full)], [], []
    for i, row in enumerate(found["survival"]):
        x, y = float(dict(groups_of(row))[time]), full * float(row["stat_num"])
        if x > end:
            steps.append((end, steps[-1][1]))
            limits.append((end, *limits[-1][1:]))
            break
        steps.append((x, y))
        low, high = found["survival_low"][i]["stat_num"], found["survival_high"][i]["stat_num"]
        if low is not None and high is not None:
            limits.append((x, full * low, full * high))
        elif limits[-1][0] < x and y < steps[-2][1]:
            limits.append((x, *limits[-1][1:]))  # those of the step that ends here
        names.append(require(results.get(analysis, "survival", groups_of(row)), analysis)[0])
        if found["censored"][i]["stat_num"]:
            marks.append((x, y))
    at = require(results.get(figure.summary, "median", groups), "median")[1]["stat_num"]
    median = None if at is None or at > end else float(at)
    band = tuple(limits) if figure.band else ()
    return Curve(label, tuple(steps), band, tuple(marks), median, tuple(names))


def _corner(figure: KaplanMeierSpec, results: Results, columns: Sequence[tuple[Groups, str]]) -> Corner:
    """Events, subjects and the median of each curve, and what the comparisons give."""
    summary, say = figure.summary, results.rules.words.say
    rows = []
    for i, (groups, label) in enumerate(columns):
        own = {
            s: require(results.get(summary, s, groups), s)
            for s in ("events", "n", "median", "median_low", "median_high")
        }
        shown = {s: results.text(row) for s, (_, row) in own.items()}
        joint = between(shown["median_low"], shown["median_high"], results.rules)
        limits = f"{shown['median_low']}{joint}{shown['median_high']}"
        texts = (
            Text(f"{shown['events']}/{shown['n']}", tuple(own[s][0] for s in ("events", "n"))),
            Text(f"{shown['median']} ({limits})", tuple(own[s][0] for s in list(own)[2:])),
        )
        rows.append(CornerRow(label, texts, i))
    which = "corner_median_unit" if figure.unit else "corner_median"
    heads = (
        say("corner_events"),
        say(which, level=percent_of_level(figure.level), unit=figure.unit),
    )
    return Corner(heads, tuple(rows), tuple(_notes(figure, results)))


def _strips(
    figure: KaplanMeierSpec,
    results: Results,
    columns: Sequence[tuple[Groups, str]],
    places: Sequence[str],
) -> Iterator[Strip]:
    """Rows of numbers below the axis: one a curve under a heading, of a single curve the heading's own."""
    time = figure.time.removeprefix("ADSL.")
    for wanted in figure.at_risk.rows:
        statistic = wanted.replace(" ", "_")
        heading = results.rules.words.say(f"strip_{statistic}")
        many = len(columns) > 1
        if many:
            yield Strip(heading, heading=True)
        for i, (groups, label) in enumerate(columns):
            found = [
                require(results.get(_name(figure, AT_RISK), statistic, (*groups, (time, p))), statistic)
                for p in places
            ]
            texts, names = tuple(results.text(r) for _, r in found), tuple(n for n, _ in found)
            yield Strip(label if many else heading, texts, i if many else None, not many, names)


def _notes(figure: KaplanMeierSpec, results: Results) -> Iterator[Text]:
    """What the comparisons give: each ratio on a line, the P values of a pair on one."""
    levels = {label: g for g, label in columns_of(figure, results) if g}
    for label, each in _compared(figure, levels).items():
        several, p_values = len(_compared(figure, levels)) > 1, list[Text]()
        of = label if several else ""
        for one in each:
            pair = pair_groups(levels[label], levels[label][-1][1], levels[one.spec.against][-1][1])
            if one.rule.forms[""].shown == "p":
                p_values.append(_p_value(results, figure.summary, one, pair))
            else:
                yield _ratio_of(results, figure.summary, one, pair, of)
        if p_values:
            text = _of(", ".join(t.text for t in p_values), of, results.rules.words)
            yield Text(f"{text[0].upper()}{text[1:]}", tuple(n for t in p_values for n in t.results))


def _compared(figure: KaplanMeierSpec, levels: Mapping[str, Groups]) -> dict[str, list[PlannedComparison]]:
    """The comparisons by the label of their `each`, in the order of the curves."""
    plain = {label: groups[-1][1] for label, groups in levels.items()}
    found: dict[str, list[PlannedComparison]] = {}
    for one in planned(entry_of("summary", figure, figure.params)).comparisons:
        for label in compared_labels(one.spec, figure.columns, plain):
            found.setdefault(label, []).append(one)
    return found


def _ratio_of(results: Results, summary: str, one: PlannedComparison, pair: Groups, of: str) -> Text:
    """A ratio with its limits, where it has some."""
    wanted = [s for s, end in one.statistics.items() if end in ("", "_low", "_high")]
    found = [require(results.get(summary, s, pair), s) for s in wanted]
    texts = [results.text(row) for _, row in found]
    words = results.rules.words
    which, more = "corner_ratio", dict[str, str]()
    if len(texts) == 3 and texts[0] != results.study.conventions.not_estimable:
        which, more = "corner_ratio_limits", {"level": percent_of_level(one.typed["level"])}
        more["limits"] = f"{texts[1]}{between(texts[1], texts[2], results.rules)}{texts[2]}"
    ratio = _of(words.say(f"short_{one.rule.name}"), of, words)
    said = words.say(which, ratio=ratio, value=texts[0], **more)
    return Text(said[:1].upper() + said[1:], tuple(name for name, _ in found))


def _of(said: str, label: str, words: Words) -> str:
    """What is said, of the group with this label where there are several."""
    return words.say("corner_of", said=said, label=label) if label else said


def _p_value(results: Results, summary: str, one: PlannedComparison, pair: Groups) -> Text:
    say, rules = results.rules.words.say, results.rules
    test = say(f"short_{one.rule.name}_stratified" if one.typed.get(STRATA) else f"short_{one.rule.name}")
    name, row = require(results.get(summary, one.spec.id, pair), one.spec.id)
    if row["stat_num"] is None:
        missing = results.study.conventions.not_estimable
        return Text(say("corner_no_p", test=test, letter=rules.p_value.letter, sign=missing), (name,))
    return Text(say("corner_p", test=test, p_value=state_p_value(row["stat_num"], rules)), (name,))


def _footnotes(figure: KaplanMeierSpec, results: Results, curves: Sequence[Curve]) -> Iterator[str]:
    say = results.rules.words.say
    yield say("km_curves_censored" if any(c.marks for c in curves) else "km_curves")
    how = Estimation(figure.limits, figure.quantile_rule, figure.quantile_limits, figure.level)
    which = "km_median_band" if figure.band else "km_median"
    yield say(which, rule=how.said_of_rule, limits=how.said_of_limits)
    rows = figure.at_risk.rows
    before = tuple(sentence(f"before_{w}") for w in rows if w != "at risk")
    if "at risk" in rows:
        yield say("km_at_risk_before" if before else "km_at_risk", before=before)
    levels = {label: g for g, label in columns_of(figure, results) if g}
    plan, each = planned(entry_of("summary", figure, figure.params)), _compared(figure, levels)
    shown = [s for c in plan.comparisons for s, end in c.statistics.items() if end in ("", "_low", "_high")]
    labels = {c.spec.id: [n for n, ones in each.items() if c in ones] for c in plan.comparisons}
    yield from plan.notes(shown, labels, results.rules.words)
    for c in plan.comparisons:
        for found in results.of(figure.summary, f"{c.spec.id}_silent_strata"):
            yield from silent_strata(results, found, c, alone=len(labels[c.spec.id]) == 1)
    yield from left_out_notes(results, _name(figure, CURVE))
    yield from not_estimable_note(
        results, [(figure.summary, ("median", "median_low", "median_high", *shown))]
    )
