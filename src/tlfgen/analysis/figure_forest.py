"""The results behind a forest: those of its analysis, of all subjects and in each subgroup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from tlfgen.analysis.analyse import REASON, analysed
from tlfgen.analysis.check_comparisons import check_compared
from tlfgen.analysis.columns import not_of_subject
from tlfgen.analysis.planned import Planned, PlannedComparison, planned
from tlfgen.analysis.prepare import LEFT_OUT, Prepared, analysis_of, note
from tlfgen.analysis.source import EVERYTHING, NUMBER, SUBJECTS
from tlfgen.analysis.subgroups import WHOLE, analysed_by_subgroup, without_a_set
from tlfgen.analysis.table import pairs
from tlfgen.errors import SpecError, unknown
from tlfgen.spec.analysis import entry_of
from tlfgen.spec.figure_forest import ForestSpec
from tlfgen.spec.study import StudySpec

WHO = "subjects"  # `output.subjects`: who takes no part
NO_GROUP, NO_RECORD = "without a group", "without a record"
COUNTS = (("events", "n"), ("n", "size"))


@dataclass(frozen=True)
class Drawn:
    """What a forest draws of its analysis: a statistic and its limits. comparison: of which it is, if any."""

    plan: Planned
    estimate: str
    low: str
    high: str
    comparison: PlannedComparison | None

    @property
    def statistics(self) -> tuple[str, str, str]:
        return self.estimate, self.low, self.high

    @property
    def shown(self) -> str:
        return self.plan.declared(self.estimate).shown

    @property
    def level(self) -> float:
        """That of the limits."""
        given = self.plan.typed if self.comparison is None else self.comparison.typed
        return float(given["level"])

    @cached_property
    def counts(self) -> tuple[str, ...]:
        """The names of the events and the subjects of a column; none where the analysis counts none."""
        return next((two for two in COUNTS if set(two) <= set(self.plan.own)), ())


def drawn_of(figure: ForestSpec) -> Drawn:
    """What a forest draws: the statistic that it names, else the only one with limits, of its comparisons
    where it has some. A SpecError where there is none, or several."""
    plan = planned(entry_of("estimate", figure, figure.params))
    every = {s: limits for s in plan.statistics if len(limits := _limits(plan, s)) == 2}
    of_pairs = {s for c in plan.comparisons for s in c.statistics}
    chosen = [s for s in every if s in of_pairs] or [s for s in every if s not in of_pairs]
    place = figure.at_key("estimate")
    if figure.estimate is not None and figure.estimate not in every:
        raise unknown("estimate: the statistic with limits", figure.estimate, every, place)
    if figure.estimate is None and len(chosen) != 1:
        said = f"has several: {', '.join(chosen)}" if chosen else "has none"
        raise SpecError(
            f"A forest draws a statistic with its limits, and {plan.rule.name} {said}.",
            place=place,
            hint="Name it by estimate:." if chosen else "Add compare: with a ratio or a difference.",
        )
    name = figure.estimate or chosen[0]
    comparison = next((c for c in plan.comparisons if name in c.statistics), None)
    return Drawn(plan, name, every[name]["low"], every[name]["high"], comparison)


def _limits(plan: Planned, statistic: str) -> dict[str, str]:
    """The limits of a statistic that are shown as it is itself."""
    own = plan.declared(statistic).shown
    declared = {s: plan.declared(s) for s in plan.statistics}
    return {d.side: s for s, d in declared.items() if d.of == statistic and d.shown == own and d.side}


def check_forest(figure: ForestSpec, study: StudySpec) -> None:
    """Check what a forest draws, the groups that it compares, its axis, before any data is read."""
    drawn, columns = drawn_of(figure), figure.columns
    if figure.population == EVERYTHING:
        raise without_a_set(figure.at_key("population"))
    if columns.by and figure.from_ != SUBJECTS and not columns.by.startswith(f"{SUBJECTS}."):
        raise not_of_subject(columns)
    known = [*(columns.levels.values() or columns.sets.values() or study.arm_order), *columns.groups]
    labels = [label for label in (*known, columns.total, columns.missing) if label]
    for comparison in figure.compare:
        check_compared(comparison, columns, figure.population, labels)
    if drawn.shown == "ratio" and figure.axis and figure.axis[0] <= 0:
        place = figure.at_key("axis")
        raise SpecError("The axis of a ratio is logarithmic and begins above 0.", place=place)
    if drawn.shown != "ratio" and figure.favours:
        said = f"favours: is said on the two sides of 1, and '{drawn.estimate}' is no ratio."
        raise SpecError(said, place=figure.at_key("favours"))


def analyse(prepared: Prepared) -> Iterator[pl.DataFrame]:
    """Analyse all subjects, then those in each level of each subgroup, where no analysis of its own does;
    and count the subjects without a group and, of times, those without a record."""
    figure: ForestSpec = prepared.output
    analysis = analysis_of(prepared, WHO, "", ())
    for why, count in _lost(prepared):
        yield note(analysis, LEFT_OUT, count, pairs([(REASON, why)]))
    if figure.analysis is None:
        yield from analysed(prepared, entry_of("estimate", figure, figure.params), WHOLE)
        entry = entry_of("subgroups", figure, figure.params)
        yield from analysed_by_subgroup(prepared, entry, figure.subgroups)


def _lost(prepared: Prepared) -> Iterator[tuple[str, int]]:
    figure, subjects = prepared.output, prepared.subjects
    held = pl.any_horizontal(pl.lit(False), *(c.by_mask for c in prepared.columns))
    if figure.columns.by and not figure.columns.missing:
        without = (pl.col(c.by.at).is_null() for c in prepared.columns[:1] if c.by)
        yield NO_GROUP, subjects.filter(*without).height
    if drawn_of(figure).plan.rule.compares == "survival":
        there = prepared.source.frame[NUMBER].cast(pl.UInt32).unique()
        absent = ~pl.col(NUMBER).cast(pl.UInt32).is_in(there.implode())
        yield NO_RECORD, subjects.filter(held & absent).height
