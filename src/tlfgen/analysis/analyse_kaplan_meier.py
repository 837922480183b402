"""kaplan_meier: times to an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import polars as pl
from pydantic import BeforeValidator, Field

from tlfgen.analysis.forms import COUNT, EVENTS, PERCENT, Declared, with_limits
from tlfgen.analysis.registry import AnalysedCell, Decimals, Level, Value, analysis, known, percent_of_level
from tlfgen.analysis.survival import NO_SUBJECT, Estimation, curve_of
from tlfgen.analysis.table import both
from tlfgen.analysis.times import EVENT, REASONS, of_rounded
from tlfgen.analysis.times import Times as Read
from tlfgen.engine.registry import Column, Where
from tlfgen.spec.condition import Condition
from tlfgen.spec.form import as_list
from tlfgen.spec.survival import LEVEL, LIMITS, QUANTILE_LIMITS, RULE, QuantileLimits, Rule, Transform
from tlfgen.spec.words import Sentence, sentence
from tlfgen.stats.arguments import Floats, Whole
from tlfgen.stats.kaplan_meier import KaplanMeier, survival_at

Times = Annotated[tuple[Annotated[float, Field(gt=0)], ...], BeforeValidator(as_list)]
COUNTS = ("n", "events", "events_pct", "censored", "censored_pct")
QUANTILES = {"q1": 0.25, "median": 0.5, "q3": 0.75}
NOT_FOLLOWED, ENDED = "not followed so long", "the curve has come to 0, and its variance with it"
FORMS: Mapping[str, Declared] = {
    "n": COUNT,
    "events": EVENTS,
    "censored": Declared("count", "censored"),
    "events_pct": PERCENT,
    "censored_pct": PERCENT,
    **with_limits("q1", "number", "Q1"),
    **with_limits("median", "number", "median"),
    **with_limits("q3", "number", "Q3"),
    "min": Declared("number", "min", "range", "low"),
    "max": Declared("number", "max", "range", "high"),
    "rate_*_low": Declared("percent", "lower limit", "rate_*", "low"),
    "rate_*_high": Declared("percent", "upper limit", "rate_*", "high"),
    "rate_*": Declared("percent", "rate at *"),
    "at_risk_*_n": Declared("count", "at risk at *"),
}


def named(time: float) -> str:
    """A time as part of a statistic's name: 6, and 3_5 for 3.5."""
    return f"{time:g}".replace(".", "_")


def _statistics(*, rates: tuple[float, ...], **_: object) -> tuple[str, ...]:
    quantiles = [f"{q}{side}" for q in QUANTILES for side in ("", "_low", "_high")]
    landmarks = [f"rate_{named(t)}{side}" for t in rates for side in ("", "_low", "_high")]
    landmarks += [f"at_risk_{named(t)}_n" for t in rates]
    return (*COUNTS, *quantiles, "min", "max", *landmarks)


def _notes(
    *,
    limits: Transform,
    quantile_rule: Rule,
    quantile_limits: QuantileLimits,
    rates: tuple[float, ...],
    round: int | None,
    reverse: bool,
    level: float,
    **_: object,
) -> Mapping[str, Sentence]:
    method = sentence("km_reverse" if reverse else "km", rounded=of_rounded(round))
    found: dict[str, Sentence] = {}
    how = Estimation(limits, quantile_rule, quantile_limits, level)
    around = sentence("km_quantile_limits", level=percent_of_level(level), limits=how.said_of_limits)
    for q in QUANTILES:
        found[q] = sentence("km_quantiles", method=method, rule=how.said_of_rule)
        found |= dict.fromkeys((f"{q}_low", f"{q}_high"), around)
    greenwood = sentence("km_rate_limits", level=percent_of_level(level), scale=how.said_of_scale)
    for t in rates:
        found[f"rate_{named(t)}"] = sentence("km_rates", method=method)
        found |= dict.fromkeys((f"rate_{named(t)}_low", f"rate_{named(t)}_high"), greenwood)
    return found


def _left_out(
    cell: AnalysedCell, *, time: str, event: Condition, round: int | None, **_: object
) -> Mapping[str, int]:
    return {REASONS[why]: count for why, count in cell.times(time, event, round).left_out()}


def _times(
    cell: AnalysedCell, *, time: str, event: Condition, round: int | None, reverse: bool, **_: object
) -> Read:
    read = cell.times(time, event, round)
    return (
        replace(read, frame=read.frame.with_columns((1 - pl.col(EVENT).cast(pl.Int64)).alias(EVENT)))
        if reverse
        else read
    )


@analysis(FORMS, _notes, statistics=_statistics, left_out=_left_out, compares="survival", sides=_times)
def analyse_kaplan_meier(
    cell: AnalysedCell,
    *,
    time: Column = "AVAL",
    event: Where = "CNSR = 0",  # type: ignore[assignment]
    limits: Transform = LIMITS,
    quantile_rule: Rule = RULE,
    quantile_limits: QuantileLimits = QUANTILE_LIMITS,
    rates: Times = (),
    round: Decimals | None = None,
    reverse: bool = False,
    level: Level = LEVEL,
) -> Mapping[str, Value]:
    """Estimate survival by the product limit from the records of a cell, one a subject.

    time: with a null the record is left out, and so it is where `event` is not known. event: which records
    are events; the others are censored. limits: the scale of the limits of S(t). quantile_rule,
    quantile_limits: of median and quartiles. rates: times at which S(t) is given, as a percentage. round:
    decimals of the times before the analysis. reverse: events and censoring exchanged (follow-up). min, max:
    with a "+" where the shortest or the longest time is censored, without decimals where all times of the
    output are whole. A SpecError where a subject has two records.
    """
    assert event is not None
    read = _times(cell, time=time, event=event, round=round, reverse=reverse)
    at, happened = read.time, read.event
    km = curve_of(at, happened)
    whole = round is None and cell.source.is_whole(time)
    found = _counts(happened, time, event, reverse) | _range(at, happened, 0 if whole else None)
    how = Estimation(limits, quantile_rule, quantile_limits, level)
    for name, p in QUANTILES.items():
        sides = zip(("", "_low", "_high"), how.quantile(km, p), strict=True)
        found |= {f"{name}{side}": value for side, value in sides}
    return found | (_rates(km, rates, how) if rates else {})


def _counts(happened: Whole, time: str, event: Condition, reverse: bool) -> dict[str, Value]:
    n, events = len(happened), int(happened.sum())
    all_of, met = f"{time} IS NOT NULL", both(f"{time} IS NOT NULL", event.text)
    found = {"n": Value(n, where=all_of)}
    for name, k, where in zip(
        ("events", "censored"), (events, n - events), (all_of, met) if reverse else (met, all_of), strict=True
    ):
        found[name] = Value(k, None, n, where)
        found[f"{name}_pct"] = Value(k / n if n else None, None if n else NO_SUBJECT, n, where)
    return found


def _range(at: Floats, happened: Whole, decimals: int | None) -> dict[str, Value]:
    """The shortest and the longest time: of equal times the events come first, as in the estimate."""
    if not len(at):
        return {"min": Value(None, NO_SUBJECT), "max": Value(None, NO_SUBJECT)}
    shortest, longest = at == at.min(), at == at.max()
    return {
        "min": Value(float(at.min()), censored=not happened[shortest].any(), decimals=decimals),
        "max": Value(float(at.max()), censored=not happened[longest].all(), decimals=decimals),
    }


def _rates(km: KaplanMeier, times: tuple[float, ...], how: Estimation) -> dict[str, Value]:
    survival, se, at_risk = survival_at(km, times)
    lows, highs = how.around(survival, se)
    found: dict[str, Value] = {}
    for i, t in enumerate(times):
        none = NOT_FOLLOWED if len(km.time) else NO_SUBJECT
        without = ENDED if survival[i] == 0 else none
        found |= {
            f"rate_{named(t)}": known(survival[i], none),
            f"at_risk_{named(t)}_n": Value(float(at_risk[i])),
            f"rate_{named(t)}_low": known(lows[i], without),
            f"rate_{named(t)}_high": known(highs[i], without),
        }
    return found
