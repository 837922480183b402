"""The results behind a forest: n, events, estimate and limits of all subjects and of each subgroup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from tlfgen.analysis.analyse_proportion import SINGLE
from tlfgen.analysis.columns import in_order
from tlfgen.analysis.compare_survival import compare_cox
from tlfgen.analysis.forms import SIDES
from tlfgen.analysis.prepare import Prepared
from tlfgen.analysis.registry import Value, known
from tlfgen.analysis.source import EVERYTHING, NUMBER, SUBJECT, SUBJECTS, judged, text_of
from tlfgen.analysis.survival import Pair
from tlfgen.analysis.table import Shown, both, pairs, parameters_text, quoted, rows
from tlfgen.analysis.times import EVENT, EVENT_UNKNOWN, REASONS, TIME, Times, times_of
from tlfgen.data.dataset import missing_variable
from tlfgen.errors import SpecError
from tlfgen.spec.figure_forest import ForestSpec, SubgroupSpec
from tlfgen.stats import find_method
from tlfgen.stats.logistic import logistic

ESTIMATE = "estimate"  # the analysis: `output.estimate`
MISSING = "missing"
ARM = "#arm"
NO_SUBJECT, NO_GROUP = "no subject", "without a group"
LEFT_OUT = "left_out"
SHOWN: dict[str, Shown] = {"proportion": "percent", "odds_ratio": "ratio", "hazard_ratio": "ratio"}


@dataclass(frozen=True)
class Estimated:
    """What has no value is not estimable, for its reason."""

    value: Value
    low: Value
    high: Value
    method: str


def analyse(prepared: Prepared) -> Iterator[pl.DataFrame]:
    """Estimate for all subjects, then at each level of each subgroup; those without a level are counted, and
    so are those without a time or a status."""
    figure: ForestSpec = prepared.output
    subjects, lost = _subjects(prepared)
    for why, count in lost.items():
        at: dict[str, Any] = {"statistic": LEFT_OUT, "stat_num": count, **pairs([("REASON", why)])}
        yield rows([_shared(prepared, {}) | at | {"method": "count", "shown": "count"}])
    if figure.overall:
        yield rows(_row(prepared, subjects, {}))
    for subgroup in figure.subgroups:
        texts, levels = _levels(prepared, subjects, subgroup)
        bare = subgroup.by.removeprefix(f"{SUBJECTS}.")
        for level in levels:
            yield rows(_row(prepared, subjects.filter(texts == level), {bare: level}))
        without = {"statistic": MISSING, "stat_num": texts.null_count(), "method": "count", "shown": "count"}
        yield rows([_shared(prepared, {}) | without | pairs([("SUBGROUP", bare)])])


def decimals_of(figure: ForestSpec) -> int:
    """The decimals of the estimates: the figure's, else 1 of a percentage and 2 of a ratio."""
    if figure.decimals is not None:
        return figure.decimals
    return 1 if figure.estimate.method == "proportion" else 2


def _subjects(prepared: Prepared) -> tuple[pl.DataFrame, dict[str, int]]:
    """The subjects with EVENT, and with ARM and TIME where they are asked for: those of the population, for
    a hazard ratio those of them with a time and a status; and how many take no part, by reason."""
    figure, source = prepared.output, prepared.source
    estimate, without = figure.estimate, dict[str, int]()
    if source.subjects is None:
        raise SpecError(
            "A forest needs an analysis set to be of.",
            place=figure.at_key("population"),
            hint=f"Name one of study.yaml instead of '{EVERYTHING}'.",
        )
    frame = source.subjects.with_columns(pl.col(NUMBER).cast(pl.UInt32))
    if estimate.of:
        arm = text_of(frame, _bare(prepared, estimate.of))
        without = {NO_GROUP: frame.filter(arm.is_null()).height}
        frame = frame.with_columns(arm.alias(ARM)).filter(arm.is_in([estimate.each, estimate.against]))
    if estimate.method == "hazard_ratio":
        times = _times(prepared, frame)
        own = times.frame.select(pl.col(NUMBER).cast(pl.UInt32), TIME, EVENT)
        lost = {REASONS[why]: count for why, count in times.left_out()}
        return frame.join(own, on=NUMBER, how="inner", maintain_order="left"), without | lost
    source.needs(estimate.event_condition.columns, estimate.at_key("event"))
    met = judged(estimate.event_condition, source.frame)
    numbers = source.frame[NUMBER].cast(pl.UInt32)
    happened, unknown = numbers.filter(met.fill_null(False)).unique(), numbers.filter(met.is_null()).unique()
    frame = frame.with_columns(pl.col(NUMBER).is_in(happened.implode()).alias(EVENT))
    return frame, without | {
        EVENT_UNKNOWN: frame.filter(~pl.col(EVENT) & pl.col(NUMBER).is_in(unknown.implode())).height
    }


def _times(prepared: Prepared, subjects: pl.DataFrame) -> Times:
    """The times of these subjects; one without a record is without a time."""
    source, estimate = prepared.source, prepared.output.estimate
    source.needs([estimate.time], estimate.at_key("time"))
    source.needs(estimate.event_condition.columns, estimate.at_key("event"))
    own = source.frame.filter(pl.col(NUMBER).cast(pl.UInt32).is_in(subjects[NUMBER].implode()))
    read = times_of(
        own, source.own(estimate.time), estimate.event_condition,
        at=estimate.at_key("time"), dataset=source.dataset,
    )  # fmt: skip
    return replace(read, without_time=subjects.height - read.frame.height - read.without_status)


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
    return found | pairs(levels.items())


def _row(prepared: Prepared, own: pl.DataFrame, levels: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """n and events, by group where there are two, then the estimate with its limits."""
    figure: ForestSpec = prepared.output
    estimate, shared = figure.estimate, _shared(prepared, levels)
    happened = {"where": both(shared["where"], estimate.event)}
    n, events = own.height, int(own[EVENT].sum())
    yield shared | {"statistic": "n", "stat_num": n, "method": "count", "shown": "count"}
    yield (
        shared
        | happened
        | {"statistic": "events", "stat_num": events, "method": "count", "shown": "count", "denominator": n}
    )
    if estimate.of:
        name = estimate.of.removeprefix(f"{SUBJECTS}.")
        for arm in (estimate.each, estimate.against):
            part = own.filter(pl.col(ARM) == arm)
            at = pairs([*levels.items(), (name, arm)])
            inside = f"{estimate.of} = {quoted(str(arm))}"
            where = {"where": both(shared["where"], inside)}
            yield (
                shared
                | at
                | where
                | {"statistic": "n", "stat_num": part.height, "method": "count", "shown": "count"}
            )
            where = {"where": both(shared["where"], inside, estimate.event)}
            number = {"statistic": "events", "stat_num": int(part[EVENT].sum()), "denominator": part.height}
            yield shared | at | where | number | {"method": "count", "shown": "count"}
    found = _estimated(figure, own)
    how = parameters_text(estimate.model_dump(exclude={"labels"}) | {"level": figure.level})
    parts = {estimate.method: found.value, "lower": found.low, "upper": found.high}
    for statistic, value in parts.items():
        yield shared | {
            "statistic": statistic, "stat_num": value.value, "reason": value.reason, "denominator": n,
            "method": found.method, "parameters": how, "shown": SHOWN[estimate.method],
            "decimals": decimals_of(figure),
        }  # fmt: skip


def _estimated(figure: ForestSpec, own: pl.DataFrame) -> Estimated:
    """First case that applies:

    1. a proportion                               events of n, with limits by the method named
    2. a group without subjects, or no event      not estimable
    3. a hazard ratio                             Cox's model, the group `each` over `against`
    4. an odds ratio                              logistic regression; none where the groups separate
    """
    estimate = figure.estimate
    event = own[EVENT].to_numpy().astype(np.int64)
    if estimate.method == "proportion":
        method = find_method(estimate.limits, "proportion", estimate.at_key("limits"))
        if not own.height:
            none = Value(None, NO_SUBJECT)
            return Estimated(none, none, none, method.name)
        limits = method.function([event.sum()], [len(event)], figure.level)
        low, high = (known(v[0], SINGLE) for v in (limits.low, limits.high))
        return Estimated(Value(float(event.sum() / len(event))), low, high, method.name)
    time = own[TIME].to_numpy() if estimate.method == "hazard_ratio" else np.zeros(len(event))
    member = (own[ARM] == estimate.each).to_numpy().astype(np.int64)
    names = [estimate.labels.get(str(a), str(a)) for a in (estimate.each, estimate.against)]
    pair = Pair(time, event, member, names[0], names[1])
    if estimate.method == "hazard_ratio":
        found = compare_cox(pair, ties=estimate.ties, level=figure.level)
        value, low, high = (found[side] for side in SIDES)
        return Estimated(value, low, high, f"cox, {estimate.ties} ties, Wald limits")
    value, low, high = _odds_ratio(pair, figure.level)
    return Estimated(value, low, high, "logistic, Wald limits")


def _odds_ratio(pair: Pair, level: float) -> tuple[Value, Value, Value]:
    why = pair.reason or ("every subject has the event" if pair.event.all() else "")
    if why:
        return Value(None, why), Value(None, why), Value(None, why)
    odds = logistic(pair.event, pair.first.astype(float), level=level)
    found = (odds.odds_ratio[0], odds.low[0], odds.high[0])
    one, low, high = (known(v, odds.reason or "beyond what a number can hold") for v in found)
    return one, low, high
