"""The results behind a forest: n, events, estimate and limits of all subjects and of each subgroup."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tlfgen.ard.columns import in_order
from tlfgen.ard.prepare import Prepared
from tlfgen.ard.source import EVERYTHING, NUMBER, SUBJECT, SUBJECTS, text_of
from tlfgen.ard.table import GROUPS, LEVELS, both, quoted, rows
from tlfgen.ard.times import EVENT, TIME, timed_records
from tlfgen.data.dataset import missing_variable
from tlfgen.errors import SpecError
from tlfgen.spec.figure_forest import ForestSpec, SubgroupSpec
from tlfgen.stats import find_method
from tlfgen.stats.cox import cox
from tlfgen.stats.logistic import logistic

ESTIMATE = "estimate"  # the analysis: `output.estimate`
MISSING = "missing"
ARM = "#arm"
NO_SUBJECT = "no subject"


@dataclass(frozen=True)
class Estimated:
    """NaN is not estimable; `reason` says why."""

    value: float
    low: float
    high: float
    reason: str
    method: str


def analyse(prepared: Prepared) -> Iterator[pl.DataFrame]:
    """Estimate for all subjects, then at each level of each subgroup; those without a level are counted."""
    figure: ForestSpec = prepared.output
    subjects = _subjects(prepared)
    if figure.overall:
        yield rows(_row(prepared, subjects, {}))
    for subgroup in figure.subgroups:
        texts, levels = _levels(prepared, subjects, subgroup)
        bare = subgroup.by.removeprefix(f"{SUBJECTS}.")
        for level in levels:
            yield rows(_row(prepared, subjects.filter(texts == level), {bare: level}))
        lost = {"statistic": MISSING, "stat_num": texts.null_count(), GROUPS[0]: "SUBGROUP", LEVELS[0]: bare}
        yield rows([_shared(prepared, {}) | lost | {"method": "count"}])


def _subjects(prepared: Prepared) -> pl.DataFrame:
    """The subjects with EVENT, and with ARM and TIME where they are asked for: those of the population, for
    a hazard ratio those of them with a time."""
    figure, source = prepared.output, prepared.source
    estimate = figure.estimate
    if source.subjects is None:
        raise SpecError(
            "A forest needs an analysis set to be of.",
            place=figure.at_key("population"),
            hint=f"Name one of study.yaml instead of '{EVERYTHING}'.",
        )
    frame = source.subjects.with_columns(pl.col(NUMBER).cast(pl.UInt32))
    if estimate.method == "hazard_ratio":
        times = timed_records(prepared, estimate).select(pl.col(NUMBER).cast(pl.UInt32), TIME, EVENT)
        frame = frame.join(times, on=NUMBER, how="inner", maintain_order="left")
    else:
        source.needs(estimate.event_condition.columns, estimate.at_key("event"))
        with_event = (
            source.rows(estimate.event_condition).select(pl.col(NUMBER).cast(pl.UInt32))[NUMBER].unique()
        )
        frame = frame.with_columns(pl.col(NUMBER).is_in(with_event.implode()).alias(EVENT))
    if estimate.of:
        bare = _bare(prepared, estimate.of)
        arm = text_of(frame, bare)
        frame = frame.with_columns(arm.alias(ARM)).filter(arm.is_in([estimate.each, estimate.against]))
    return frame


def _bare(prepared: Prepared, name: str) -> str:
    bare, there = name.removeprefix(f"{SUBJECTS}."), prepared.source.everyone.columns
    if bare not in there:
        raise missing_variable(SUBJECTS, bare, there, prepared.output.at)
    return bare


def _levels(
    prepared: Prepared, subjects: pl.DataFrame, subgroup: SubgroupSpec
) -> tuple[pl.Series, tuple[str, ...]]:
    """Each subject's level, and the levels in order: those of the spec, then others as they sort."""
    bare = _bare(prepared, subgroup.by)
    texts = subjects.select(text_of(subjects, bare).alias("v"))["v"]
    others = [v for v in texts.drop_nulls().unique().to_list() if v not in subgroup.levels]
    return texts, (*subgroup.levels, *in_order(others, {}))


def _shared(prepared: Prepared, levels: Mapping[str, str]) -> dict[str, Any]:
    figure, source = prepared.output, prepared.source
    said = [f"{SUBJECTS}.{name} = {quoted(level)}" for name, level in levels.items()]
    found: dict[str, Any] = {
        "output": figure.output, "analysis": f"{figure.output}.{ESTIMATE}", "variable": SUBJECT,
        "dataset": source.dataset, "population": source.population, "where": both(figure.where, *said),
    }  # fmt: skip
    for i, (name, level) in enumerate(levels.items()):
        found |= {GROUPS[i]: name, LEVELS[i]: level}
    return found


def _row(prepared: Prepared, own: pl.DataFrame, levels: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """n and events, by group where there are two, then the estimate with its limits."""
    figure: ForestSpec = prepared.output
    estimate, shared = figure.estimate, _shared(prepared, levels)
    happened = {"where": both(shared["where"], estimate.event)}
    n, events = own.height, int(own[EVENT].sum())
    yield shared | {"statistic": "n", "stat_num": n, "method": "count"}
    yield shared | happened | {"statistic": "events", "stat_num": events, "method": "count", "denominator": n}
    if estimate.of:
        slot, name = len(levels), estimate.of.removeprefix(f"{SUBJECTS}.")
        for arm in (estimate.each, estimate.against):
            part = own.filter(pl.col(ARM) == arm)
            at = {GROUPS[slot]: name, LEVELS[slot]: arm}
            inside = f"{estimate.of} = {quoted(str(arm))}"
            where = {"where": both(shared["where"], inside)}
            yield shared | at | where | {"statistic": "n", "stat_num": part.height, "method": "count"}
            where = {"where": both(shared["where"], inside, estimate.event)}
            number = {"statistic": "events", "stat_num": int(part[EVENT].sum()), "denominator": part.height}
            yield shared | at | where | number | {"method": "count"}
    found = _estimated(figure, own)
    parts = {estimate.method: found.value, "lower": found.low, "upper": found.high}
    for statistic, value in parts.items():
        none = math.isnan(value)
        yield shared | {
            "statistic": statistic, "stat_num": None if none else value,
            "reason": found.reason if none else None, "denominator": n, "method": found.method,
        }  # fmt: skip


def _estimated(figure: ForestSpec, own: pl.DataFrame) -> Estimated:
    """First case that applies:

    1. a proportion                               events of n, with limits by the method named
    2. a group without subjects                   not estimable
    3. a hazard ratio                             Cox's model, the group `each` over `against`
    4. an odds ratio                              logistic regression; none where the groups separate
    """
    estimate, nan = figure.estimate, math.nan
    event = own[EVENT].to_numpy().astype(np.int64)
    if estimate.method == "proportion":
        method = find_method(estimate.limits, "proportion", estimate.at_key("limits"))
        if not own.height:
            return Estimated(nan, nan, nan, NO_SUBJECT, method.name)
        limits = method.function([event.sum()], [len(event)], figure.level)
        value = float(event.sum() / len(event))
        return Estimated(value, float(limits.low[0]), float(limits.high[0]), NO_SUBJECT, method.name)
    member = (own[ARM] == estimate.each).to_numpy().astype(float)
    name = f"cox, {estimate.ties} ties" if estimate.method == "hazard_ratio" else "logistic"
    if not len(member) or member.min() == member.max():
        return Estimated(nan, nan, nan, "no subject in a group", name)
    if estimate.method == "hazard_ratio":
        fit = cox(own[TIME].to_numpy(), event, member, ties=estimate.ties, level=figure.level)
        ratio = fit.hazard_ratio[0]
        return Estimated(float(ratio), float(fit.low[0]), float(fit.high[0]), fit.reason, name)
    odds = logistic(event, member, level=figure.level)
    return Estimated(
        float(odds.odds_ratio[0]), float(odds.low[0]), float(odds.high[0]), odds.reason or "not finite", name
    )
