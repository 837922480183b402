"""Kaplan-Meier curves: steps, censored subjects, the corner's medians, the numbers below the axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.analyse_kaplan_meier import MEDIANS, RULES, SCALES
from tlfgen.analysis.figure_kaplan_meier import AT_RISK, COMPARE, CURVE, P_VALUES, RATIO, SUMMARY
from tlfgen.analysis.table import groups_of, level_of
from tlfgen.display.axis import Ticks, marked
from tlfgen.display.footnotes import left_out_notes, not_estimable_note
from tlfgen.display.numbers import between, format_number, state_p_value
from tlfgen.display.output import shared_of
from tlfgen.display.parts import Figure
from tlfgen.display.results import Results, require
from tlfgen.spec.figure_kaplan_meier import KaplanMeierSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules
from tlfgen.stats import find_method
from tlfgen.stats.arguments import two_sided

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

Groups = tuple[tuple[str, str], ...]
Point = tuple[float, float]
# Points, about: the width of a page, the height of the curves with their axis, and of a line of text.
PAGE = {"portrait": 496.0, "landscape": 757.0}
OWN, LINE = 330.0, 11.5
BLOCKS = {
    "at risk": ("at_risk", "At risk"),
    "censored": ("censored", "Censored"),
    "events": ("events", "Events"),
}
TESTS = {"log_rank": "log-rank", "log_rank_permutation": "exact"}


@dataclass(frozen=True)
class Curve:
    """steps: where the curve goes, from (0, 1) to the last time; limits: (lower, upper) at the steps, None
    where there are none; marks: where subjects are censored. median_at: where its dashed line goes down.
    corner: its texts in the corner, one a column there."""

    label: str
    steps: tuple[Point, ...]
    limits: tuple[tuple[float, float] | None, ...] = ()
    marks: tuple[Point, ...] = ()
    median_at: float | None = None
    corner: tuple[str, ...] = ()
    results: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Block:
    """Rows of numbers below the axis under one heading, one a curve and a text a tick."""

    heading: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Survival(Figure):
    """heads: of the corner's columns; notes: lines below them, of comparisons. half: the height of the median
    line, in units of the axis."""

    shape: str = "kaplan_meier"
    curves: tuple[Curve, ...] = ()
    ticks: Ticks = ()
    y_ticks: Ticks = ()
    blocks: tuple[Block, ...] = ()
    heads: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    half: float | None = None

    @property
    def blank(self) -> bool:
        return not any(len(c.steps) > 1 for c in self.curves)

    def texts(self) -> tuple[str, ...]:
        corner = (t for c in self.curves for t in (c.label, *c.corner))
        below = (t for b in self.blocks for t in (b.heading, *(t for row in b.rows for t in row)))
        axes = (t for _, t in (*self.ticks, *self.y_ticks))
        return (*self.heads, *corner, *self.notes, *below, *axes)

    def plain(self) -> list[str]:
        lines = []
        for curve in self.curves:
            said = ", ".join(f"{h} {t}" for h, t in zip(self.heads, curve.corner, strict=True))
            lines.append(": ".join(t for t in (curve.label, said) if t))
            lines.append("  " + " ".join(f"({x:.6g}, {y:.4g})" for x, y in curve.steps))
            if curve.marks:
                lines.append("  censored at " + " ".join(f"{x:.6g}" for x, _ in curve.marks))
        lines += self.notes
        lines.append("Time: " + "  ".join(t for _, t in self.ticks))
        for block in self.blocks:
            for curve, row in zip(self.curves, block.rows, strict=True):
                label = f", {curve.label}" if curve.label else ""
                lines.append(f"{block.heading}{label}: " + "  ".join(row))
        return lines

    def drawn(self) -> list[tuple[str, str, str]]:
        return [(c.label, name, name) for c in self.curves for name in c.results]


def lay_out_figure(
    figure: KaplanMeierSpec,
    ard: pl.DataFrame,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> Survival:
    """Lay out the curves from their results."""
    results = Results(ard, study, rules)
    columns = [
        (g, figure.columns.levels.get(g[-1][1], g[-1][1]) if g else figure.columns.total or "")
        for g, _ in results.columns(figure.output)
    ]
    places = list(dict.fromkeys(level_of(r) for r in results.of(_name(figure, AT_RISK), "at_risk")))
    full = 100.0 if figure.scale == "percent" else 1.0
    curves = tuple(_curve(figure, results, g, label, float(places[-1]), full) for g, label in columns)
    y = [full * i / 5 for i in range(6)]
    return Survival(
        **shared_of(figure, study, _footnotes(figure, results, curves)),
        ratio=_ratio(figure, len(columns)),
        x_label=figure.x_label,
        y_label=figure.y_label,
        alt=figure.alt,
        empty=figure.empty,
        curves=curves,
        ticks=marked([float(p) for p in places], rules),
        y_ticks=tuple((v, format_number(v, 0 if full > 1 else 1, rules)) for v in y),
        blocks=tuple(_blocks(figure, results, [g for g, _ in columns], places)),
        heads=_heads(figure),
        notes=tuple(_notes(figure, results)),
        half=full / 2 if figure.median else None,
    )


def _ratio(figure: KaplanMeierSpec, curves: int) -> float:
    """Height over width: room for the curves, and for the lines of numbers below them and of the corner."""
    lines = len(figure.at_risk.rows) * (curves + 1 if curves > 1 else 1) + (curves if curves > 1 else 0)
    return min((OWN + LINE * lines) / PAGE[figure.page.orientation], 1.1)


def _name(figure: KaplanMeierSpec, analysis: str) -> str:
    return f"{figure.output}.{analysis}"


def _heads(figure: KaplanMeierSpec) -> tuple[str, ...]:
    unit = f", {figure.unit}" if figure.unit else ""
    return ("Events/n", f"Median ({100 * figure.level:g}% CI){unit}")


def _curve(
    figure: KaplanMeierSpec, results: Results, groups: Groups, label: str, end: float, full: float
) -> Curve:
    """The steps of one curve up to the end of the axis, none beyond its last subject."""
    analysis, time = _name(figure, CURVE), figure.time.removeprefix("ADSL.")
    found = {
        s: [r for r in results.of(analysis, s) if groups_of(r)[: len(groups)] == groups]
        for s in ("survival", "lower", "upper", "censored")
    }
    steps: list[Point] = [(0.0, full)]
    limits: list[tuple[float, float] | None] = [(full, full)]
    marks, names = [], []
    for i, row in enumerate(found["survival"]):
        x, y = float(dict(groups_of(row))[time]), full * float(row["stat_num"])
        if x > end:
            steps.append((end, steps[-1][1]))
            limits.append(limits[-1])
            break
        steps.append((x, y))
        low, high = found["lower"][i]["stat_num"], found["upper"][i]["stat_num"]
        limits.append(None if low is None or high is None else (full * low, full * high))
        names.append(require(results.get(analysis, "survival", groups_of(row)), analysis)[0])
        if found["censored"][i]["stat_num"]:
            marks.append((x, y))
    median = require(results.get(_name(figure, SUMMARY), "median", groups), "median")
    corner = _corner(figure, results, groups)
    at = median[1]["stat_num"] if figure.median else None
    return Curve(
        label,
        tuple(steps),
        tuple(limits) if figure.band else (),
        tuple(marks),
        None if at is None or at > end else float(at),
        corner,
        (*names, median[0]),
    )


def _corner(figure: KaplanMeierSpec, results: Results, groups: Groups) -> tuple[str, ...]:
    summary = _name(figure, SUMMARY)
    n, events = (f"{results.number(summary, s, groups):.0f}" for s in ("n", "events"))
    median, low, high = (
        results.text(require(results.get(summary, s, groups), s)[1])
        for s in ("median", "median_lower", "median_upper")
    )
    return f"{events}/{n}", f"{median} ({low}{between(low, high, results.rules)}{high})"


def _blocks(
    figure: KaplanMeierSpec, results: Results, columns: Sequence[Groups], places: Sequence[str]
) -> Iterator[Block]:
    time = figure.time.removeprefix("ADSL.")
    for wanted in figure.at_risk.rows:
        statistic, heading = BLOCKS[wanted]
        rows = []
        for groups in columns:
            texts = [
                results.text(
                    require(results.get(_name(figure, AT_RISK), statistic, (*groups, (time, p))), statistic)[
                        1
                    ]
                )
                for p in places
            ]
            rows.append(tuple(texts))
        yield Block(heading, tuple(rows))


def _notes(figure: KaplanMeierSpec, results: Results) -> Iterator[str]:
    """What the comparisons give, a hazard ratio and the tests on a line each."""
    compare, analysis = figure.compare, _name(figure, COMPARE)
    if compare is None:
        return
    several = len(compare.each) > 1
    by = [c for c in results.columns(figure.output)]
    labels = {figure.columns.levels.get(g[-1][1], g[-1][1]): g for g, _ in by if g}
    for label in compare.each:
        groups, of = labels[label], f", {label}" if several else ""
        if compare.hazard_ratio != "none":
            ratio, low, high = (
                results.text(require(results.get(analysis, s, groups), s)[1]) for s in RATIO.values()
            )
            joint = between(low, high, results.rules)
            limits = f" ({100 * figure.level:g}% CI {low}{joint}{high})"
            missing = ratio == results.study.conventions.not_estimable
            yield f"Hazard ratio{of}: {ratio}{'' if missing else limits}"
        said = [_p_value(results, analysis, test, groups) for test in compare.tests]
        if said:
            text = ", ".join(said)
            yield f"{text[0].upper()}{text[1:]}{of}"


def _p_value(results: Results, analysis: str, test: str, groups: Groups) -> str:
    statistic, word = P_VALUES[test], TESTS[test]
    value = require(results.get(analysis, statistic, groups), statistic)[1]["stat_num"]
    if value is None:
        return f"{word} {results.rules.p_value.letter}: {results.study.conventions.not_estimable}"
    return f"{word} {state_p_value(value, results.rules)}"


def _footnotes(figure: KaplanMeierSpec, results: Results, curves: Sequence[Curve]) -> Iterator[str]:
    scale = SCALES[figure.transform]
    yield "Kaplan-Meier estimates" + (
        "; small ticks mark censored subjects." if any(c.marks for c in curves) else "."
    )
    limits = MEDIANS[figure.quantile_limits].format(scale=scale, z=two_sided(figure.level))
    yield f"Median: {RULES[figure.rule]}, with {limits}" + (
        "; limits of the curve (shaded) by Greenwood's variance on the same scale." if figure.band else "."
    )
    rows = figure.at_risk.rows
    before = " and ".join(w for w in rows if w != "at risk")
    if "at risk" in rows:
        yield "At risk: observed for at least that time" + (f"; {before}: before it." if before else ".")
    yield from _comparison_notes(figure, results.rules.p_value.letter)
    summary = _name(figure, SUMMARY)
    yield from left_out_notes(results, summary)
    printed: list[tuple[str, tuple[str, ...]]] = [(summary, ("median", "median_lower", "median_upper"))]
    printed += [(_name(figure, COMPARE), (*P_VALUES.values(), *RATIO.values()))]
    yield from not_estimable_note(results, printed)


def _comparison_notes(figure: KaplanMeierSpec, letter: str) -> Iterator[str]:
    compare = figure.compare
    if compare is None:
        return
    if compare.hazard_ratio != "none":
        yield (
            f"Hazard ratio of {' and of '.join(compare.each)} against {compare.against}: Cox's proportional "
            f"hazards model, {compare.hazard_ratio.capitalize()}'s ties, Wald limits."
        )
    labels = [find_method(t, "survival_comparison", compare.at).label for t in compare.tests]
    if labels:
        yield f"{letter}: {'; '.join(labels)}, two-sided."
