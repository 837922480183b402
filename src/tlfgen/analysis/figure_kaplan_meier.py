"""The results behind Kaplan-Meier curves: every step, the numbers below the axis, medians and comparisons."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tlfgen.analysis.analyse import analysed
from tlfgen.analysis.asked import Asked
from tlfgen.analysis.columns import Column, label_of
from tlfgen.analysis.forms import EVENTS, Declared, with_limits
from tlfgen.analysis.prepare import Prepared
from tlfgen.analysis.source import NUMBER
from tlfgen.analysis.survival import Estimation, curve_of
from tlfgen.analysis.table import (
    Shown,
    both,
    group_at,
    in_shape,
    level_at,
    pairs,
    parameters_text,
    rows,
    width,
)
from tlfgen.analysis.times import REASONS, WITHOUT_STATUS, WITHOUT_TIME, Times, times_of
from tlfgen.errors import SpecError
from tlfgen.spec.analysis import entry_of
from tlfgen.spec.figure_kaplan_meier import KaplanMeierSpec
from tlfgen.stats.arguments import Floats, Whole
from tlfgen.stats.kaplan_meier import KaplanMeier

# The analyses `output.curve`, by time, `output.at_risk`, by tick, `output.summary`.
CURVE, AT_RISK, SUMMARY = "curve", "at_risk", "summary"
LEFT_OUT = "left_out"
COUNTS = {
    "at_risk": Declared("count", "at risk"),
    "events": EVENTS,
    "censored": Declared("count", "censored"),
}
MOST_TICKS = 60


@dataclass(frozen=True)
class Followed:
    """The subjects of one column, with times and 0/1 events, and where they come from."""

    column: Column
    label: str
    size: int | None
    times: Times

    @property
    def time(self) -> Floats:
        return self.times.time

    @property
    def event(self) -> Whole:
        return self.times.event


def analyse(prepared: Prepared) -> Iterator[pl.DataFrame]:
    """Estimate a curve for each column; at risk at t are those with a time of t or longer, censored and with
    the event those with a shorter one, so that the three add up to the subjects of the curve."""
    figure: KaplanMeierSpec = prepared.output
    groups = tuple(_followed(c, size, prepared) for c, size in _with_sizes(prepared))
    shared = _shared(prepared)
    yield rows(_left_out(prepared))
    last = max((float(g.time.max()) for g in groups if len(g.time)), default=0.0)
    places = ticks_of(figure, last)
    for group in groups:
        km = curve_of(group.time, group.event)
        own = shared | _column(prepared, group.column)
        yield _curve(figure, km, own)
        yield rows(_numbers(figure, group, places, own))
        yield rows(_lost(group, own))
    if figure.analysis is None:
        entry = entry_of(SUMMARY, figure, figure.params)
        for part in analysed(prepared, entry, Asked(everything=True)):
            yield part.filter(pl.col("statistic") != LEFT_OUT)  # those of the curves count every subject


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
    return {"where": both(prepared.output.where, column.where), **pairs(column.groups)}


def _with_sizes(prepared: Prepared) -> Iterator[tuple[Column, int | None]]:
    yield from zip(prepared.columns, prepared.sizes, strict=True)


def read_times(prepared: Prepared, figure: KaplanMeierSpec, records: pl.DataFrame) -> Times:
    """The records of the figure's curves; SpecErrors name the line of `time` or `event`."""
    source = prepared.source
    source.needs([figure.time], figure.at_key("time"))
    source.needs(figure.event_condition.columns, figure.at_key("event"))
    return times_of(
        records, source.own(figure.time), figure.event_condition,
        at=figure.at_key("time"), decimals=figure.round, dataset=source.dataset,
    )  # fmt: skip


def _followed(column: Column, size: int | None, prepared: Prepared) -> Followed:
    own = read_times(prepared, prepared.output, prepared.source.frame.filter(column.mask))
    return Followed(column, label_of(column, prepared.output.columns), size, own)


def _left_out(prepared: Prepared) -> Iterator[dict[str, Any]]:
    """The subjects of the curves that have no time, a record or none, and those without a status."""
    figure, source = prepared.output, prepared.source
    held = pl.any_horizontal(pl.lit(False), *(c.mask for c in prepared.columns))
    read = read_times(prepared, figure, source.frame.filter(held))
    lost = dict(read.left_out())
    if source.subjects is not None:
        by = pl.any_horizontal(pl.lit(False), *(c.by_mask for c in prepared.columns))
        there = source.frame.filter(held)[NUMBER].unique()
        everyone = prepared.subjects.filter(by)
        lost[WITHOUT_TIME] += everyone.filter(~pl.col(NUMBER).is_in(there.implode())).height
    note = {"analysis": f"{figure.output}.{CURVE}", "method": "count", "shown": "count"}
    for why, count in lost.items():
        level = {**pairs([("REASON", REASONS[why])]), "statistic": LEFT_OUT, "stat_num": count}
        yield _shared(prepared) | note | level


def _curve(figure: KaplanMeierSpec, km: KaplanMeier, own: Mapping[str, Any]) -> pl.DataFrame:
    """The estimate at each time, with its limits and what happened there."""
    low, high = Estimation(figure.limits, level=figure.level).around(km.survival, km.se)
    found = {
        "survival": km.survival, "se": km.se, "survival_low": low, "survival_high": high,
        "at_risk": km.at_risk, "events": km.events, "censored": km.censored,
    }  # fmt: skip
    slot = width(own)
    limits = f"Greenwood's variance, {figure.limits} limits, {100 * figure.level:g}%"
    methods = {"survival_low": limits, "survival_high": limits}
    share: Shown = "percent" if figure.scale == "percent" else "proportion"
    forms = {**with_limits("survival", share, "survival"), "se": Declared(share, "standard error"), **COUNTS}
    how = _parameters(figure)
    frame = pl.DataFrame(
        {
            level_at(slot): [time_text(t) for t in km.time.tolist()],
            **{k: np.asarray(v, float) for k, v in found.items()},
        },
        schema={level_at(slot): pl.String, **dict.fromkeys(found, pl.Float64)},
    ).with_row_index("#at")
    shared = {
        **own,
        "analysis": f"{figure.output}.{CURVE}",
        group_at(slot): figure.time.removeprefix("ADSL."),
    }
    parts = [
        frame.select(
            "#at", level_at(slot), pl.lit(i).alias("#statistic"), pl.lit(name).alias("statistic"),
            pl.col(name).fill_nan(None).alias("stat_num"),
            pl.when(pl.col(name).is_nan()).then(pl.lit("no limits of 0")).alias("reason"),
            pl.lit(methods.get(name, "count" if name in COUNTS else "kaplan_meier")).alias("method"),
            pl.lit(how).alias("parameters"),
            *(pl.lit(v, pl.String).alias(k) for k, v in forms[name].cells.items()),
        )
        for i, name in enumerate(found)
    ]  # fmt: skip
    long = pl.concat(parts).sort("#at", "#statistic")
    long = long.with_columns(pl.lit(v, pl.String).alias(k) for k, v in shared.items())
    return in_shape(long)


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
                **own, "analysis": f"{figure.output}.{AT_RISK}", group_at(slot): name,
                level_at(slot): time_text(place), "statistic": statistic, "stat_num": number,
                "denominator": len(group.time), "method": "count", **COUNTS[statistic].cells,
            }  # fmt: skip


def _lost(group: Followed, own: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The subjects of a curve without a time or a status."""
    shared = {**own, "analysis": f"{own['output']}.{CURVE}", "method": "count", "shown": "count"}
    lost = group.times.without_status
    without = None if group.size is None else group.size - len(group.time) - lost
    for statistic, number in ((WITHOUT_STATUS, lost), (WITHOUT_TIME, without)):
        reason = "no population" if number is None else None
        yield {**shared, "statistic": statistic, "stat_num": number, "reason": reason}


def _parameters(figure: KaplanMeierSpec) -> str:
    return parameters_text(figure.params)
