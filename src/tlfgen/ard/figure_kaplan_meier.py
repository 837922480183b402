"""The results behind Kaplan-Meier curves: every step, the numbers below the axis, medians and comparisons."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tlfgen.ard.columns import Column, label_of
from tlfgen.ard.prepare import Prepared
from tlfgen.ard.table import ARD, GROUPS, LEVELS, both, rows
from tlfgen.ard.times import EVENT, TIME, timed_records
from tlfgen.errors import SpecError, unknown
from tlfgen.spec.figure_kaplan_meier import KaplanMeierSpec
from tlfgen.stats import find_method
from tlfgen.stats.arguments import Floats, Whole
from tlfgen.stats.cox import cox
from tlfgen.stats.kaplan_meier import (
    KaplanMeier,
    kaplan_meier,
    quantile,
    quantile_limits,
    survival_limits,
)
from tlfgen.stats.log_rank import log_rank

# The analyses `output.curve`, by time, `output.at_risk`, by tick, `output.summary` and `output.compare`.
CURVE, AT_RISK, SUMMARY, COMPARE = "curve", "at_risk", "summary", "compare"
LEFT_OUT = "left_out"
NO_SUBJECT, NOT_REACHED, NO_LIMIT = "no subject", "the curve does not reach it", "its limit is not reached"
MOST_TICKS = 60


@dataclass(frozen=True)
class Followed:
    """The subjects of one column, with times and 0/1 events, and where they come from."""

    column: Column
    label: str
    size: int | None
    time: Floats
    event: Whole


def analyse(prepared: Prepared) -> Iterator[pl.DataFrame]:
    """Estimate a curve for each column; at risk at t are those with a time of t or longer, censored and with
    the event those with a shorter one, so that the three add up to the subjects of the curve."""
    figure: KaplanMeierSpec = prepared.output
    records = timed_records(prepared, figure)
    groups = tuple(_followed(records, c, size, prepared) for c, size in _with_sizes(prepared))
    shared = _shared(prepared)
    note = {"analysis": f"{figure.output}.{SUMMARY}", "method": "count", "statistic": LEFT_OUT}
    yield rows([shared | note | {"stat_num": prepared.source.frame.height - records.height}])
    last = max((float(g.time.max()) for g in groups if len(g.time)), default=0.0)
    places = ticks_of(figure, last)
    for group in groups:
        km = kaplan_meier(group.time, group.event)
        own = shared | _column(prepared, group.column)
        yield _curve(figure, km, own)
        yield rows(_numbers(figure, group, places, own))
        yield rows(_summary(figure, group, km, own))
    yield rows(_compared(figure, groups, prepared))


def ticks_of(figure: KaplanMeierSpec, last: float) -> tuple[float, ...]:
    """The ticks of the axis: from 0 in steps of `every` to `until`, else to the first at or behind the last
    time."""
    every = figure.at_risk.every
    end = last if figure.until is None else figure.until
    count = max(math.ceil(end / every - 1e-9), 1)
    if figure.until is not None:
        count = max(math.floor(end / every + 1e-9), 1)
    if count > MOST_TICKS:
        raise SpecError(
            f"at_risk: every {every:g} {figure.unit} gives {count} ticks up to {end:g}.",
            place=figure.at_risk.at,
            hint="Take longer steps.",
        )
    return tuple(round(i * every, 9) for i in range(count + 1))


def time_text(time: float) -> str:
    """A time as the level of a result: 3 and not 3.0, else all its digits."""
    return str(int(time)) if time == int(time) and abs(time) < 1e15 else repr(float(time))


def _shared(prepared: Prepared) -> dict[str, Any]:
    figure, source = prepared.output, prepared.source
    return {
        "output": figure.output, "variable": figure.time.removeprefix("ADSL."), "dataset": source.dataset,
        "population": source.population, "where": both(figure.where),
    }  # fmt: skip


def _column(prepared: Prepared, column: Column) -> dict[str, Any]:
    found: dict[str, Any] = {"where": both(prepared.output.where, column.where)}
    for i, (group, level) in enumerate(column.groups):
        found |= {GROUPS[i]: group, LEVELS[i]: level}
    return found


def _with_sizes(prepared: Prepared) -> Iterator[tuple[Column, int | None]]:
    yield from zip(prepared.columns, prepared.sizes, strict=True)


def _followed(records: pl.DataFrame, column: Column, size: int | None, prepared: Prepared) -> Followed:
    own = records.filter(column.mask)
    time, event = own[TIME].to_numpy(), own[EVENT].cast(pl.Int64).to_numpy()
    return Followed(column, label_of(column, prepared.output.columns), size, time, event)


def _curve(figure: KaplanMeierSpec, km: KaplanMeier, own: Mapping[str, Any]) -> pl.DataFrame:
    """The estimate at each time, with its limits and what happened there."""
    low, high = survival_limits(km.survival, km.se, figure.transform, figure.level)
    found = {
        "survival": km.survival, "se": km.se, "lower": low, "upper": high,
        "at_risk": km.at_risk, "events": km.events, "censored": km.censored,
    }  # fmt: skip
    slot = sum(1 for g in GROUPS if own.get(g))
    limits = f"{figure.transform} limits, {100 * figure.level:g}%"
    methods = {"lower": limits, "upper": limits}
    counts = ("at_risk", "events", "censored")
    frame = pl.DataFrame(
        {
            LEVELS[slot]: [time_text(t) for t in km.time.tolist()],
            **{k: np.asarray(v, float) for k, v in found.items()},
        },
        schema={LEVELS[slot]: pl.String, **dict.fromkeys(found, pl.Float64)},
    ).with_row_index("#at")
    shared = {**own, "analysis": f"{figure.output}.{CURVE}", GROUPS[slot]: figure.time.removeprefix("ADSL.")}
    parts = [
        frame.select(
            "#at", LEVELS[slot], pl.lit(i).alias("#statistic"), pl.lit(name).alias("statistic"),
            pl.col(name).fill_nan(None).alias("stat_num"),
            pl.when(pl.col(name).is_nan()).then(pl.lit("no limits of 0")).alias("reason"),
            pl.lit(methods.get(name, "count" if name in counts else "kaplan_meier")).alias("method"),
        )
        for i, name in enumerate(found)
    ]  # fmt: skip
    long = pl.concat(parts).sort("#at", "#statistic")
    long = long.with_columns(pl.lit(v, pl.String).alias(k) for k, v in shared.items())
    absent = [c for c in ARD if c not in long.columns]
    long = long.with_columns(pl.lit(None, ARD[c]).alias(c) for c in absent)
    return long.select(pl.col(c).cast(t) for c, t in ARD.items())


def _numbers(
    figure: KaplanMeierSpec, group: Followed, places: Sequence[float], own: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """At each tick how many are at risk, and how many were censored or had the event before it."""
    slot, name = len(group.column.groups), figure.time.removeprefix("ADSL.")
    for place in places:
        before = group.time < place
        found = {
            "at_risk": int((~before).sum()),
            "censored": int((before & (group.event == 0)).sum()),
            "events": int((before & (group.event == 1)).sum()),
        }
        for statistic, number in found.items():
            yield {
                **own, "analysis": f"{figure.output}.{AT_RISK}", GROUPS[slot]: name,
                LEVELS[slot]: time_text(place), "statistic": statistic, "stat_num": number,
                "denominator": len(group.time), "method": "count",
            }  # fmt: skip


def _summary(
    figure: KaplanMeierSpec, group: Followed, km: KaplanMeier, own: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Subjects, events, censored, and the median with its limits."""
    shared = {**own, "analysis": f"{figure.output}.{SUMMARY}"}
    events, n = int(group.event.sum()), len(group.time)
    counts: dict[str, int | None] = {"n": n, "events": events, "censored": n - events}
    counts["without_time"] = None if group.size is None else group.size - n
    for statistic, number in counts.items():
        reason = "no population" if number is None else None
        yield {**shared, "statistic": statistic, "stat_num": number, "reason": reason, "method": "count"}
    low, high = quantile_limits(km, 0.5, transform=figure.transform, level=figure.level)
    rule = "kaplan_meier" if figure.rule == "first" else "kaplan_meier, midpoint rule"
    limits = f"Brookmeyer-Crowley, {figure.transform}, {100 * figure.level:g}%"
    found = {"median": quantile(km, 0.5, figure.rule), "median_lower": low, "median_upper": high}
    for statistic, value in found.items():
        none = math.isnan(value)
        why = NO_SUBJECT if not n else NOT_REACHED if statistic == "median" else NO_LIMIT
        yield {
            **shared, "statistic": statistic, "stat_num": None if none else value,
            "reason": why if none else None, "method": rule if statistic == "median" else limits,
        }  # fmt: skip


def _compared(
    figure: KaplanMeierSpec, groups: Sequence[Followed], prepared: Prepared
) -> Iterator[dict[str, Any]]:
    """Tests and hazard ratio of each curve against one; the results stand under the curve's level."""
    compare = figure.compare
    if compare is None:
        return
    by_label = {g.label: g for g in groups}
    for label in (*compare.each, compare.against):
        if label not in by_label:
            raise unknown("The column", label, by_label, compare.at)
    against = by_label[compare.against]
    for label in compare.each:
        group = by_label[label]
        shared = {
            **_shared(prepared), **_column(prepared, group.column),
            "analysis": f"{figure.output}.{COMPARE}",
            "where": both(figure.where, f"{group.column.where} OR {against.column.where}"),
            "denominator": len(group.time) + len(against.time),
        }  # fmt: skip
        for row in _tests(figure, group, against):
            yield shared | row


def _tests(figure: KaplanMeierSpec, group: Followed, against: Followed) -> Iterator[dict[str, Any]]:
    compare = figure.compare
    assert compare is not None
    time = np.concatenate([group.time, against.time])
    event = np.concatenate([group.event, against.event])
    member = np.concatenate([np.ones(len(group.time)), np.zeros(len(against.time))])
    empty = not len(group.time) or not len(against.time)
    for name in compare.tests:
        method = find_method(name, "survival_comparison", compare.at)
        p = math.nan if empty else float(method.function(time, event, member).p_value)
        why = NO_SUBJECT if empty else "no event to compare"
        none = math.isnan(p)
        yield {
            "statistic": "p_value" if name == log_rank.__name__ else f"p_value_{name}",
            "stat_num": None if none else p, "reason": why if none else None, "method": name,
        }  # fmt: skip
    if compare.hazard_ratio == "none":
        return
    fit = None if empty else cox(time, event, member, ties=compare.hazard_ratio, level=figure.level)
    for statistic, part in (("hazard_ratio", "hazard_ratio"), ("lower", "low"), ("upper", "high")):
        value = math.nan if fit is None else float(getattr(fit, part)[0])
        none = math.isnan(value)
        why = NO_SUBJECT if fit is None else fit.reason
        yield {
            "statistic": statistic, "stat_num": None if none else value, "reason": why if none else None,
            "method": f"cox, {compare.hazard_ratio} ties",
        }  # fmt: skip
