"""Say what a time-to-event parameter chose between and why, and what is wrong with its data."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tlfgen.adam.censoring import (
    APPLIES,
    DAY,
    DESC,
    EVENT,
    EVENT_ID,
    SOURCE,
    START,
    START_TEXT,
    VARIABLE,
    WHAT,
    WHY,
)
from tlfgen.adam.time_to_event import CensoringRule
from tlfgen.engine.keyed import SUBJECT
from tlfgen.engine.registry import ROW
from tlfgen.errors import Finding, Severity

NAME = "time_to_event"
INDEX, OUT, ORDER, CHOSEN = "index", "#out", "#order", "chosen"
NO_START, EARLY, UNDATED = -3, -2, -1
NO_DATE, LATE = "no complete date", "after the data cut-off"
WON = "#won"


def findings_of(
    made: pl.DataFrame,
    seen: pl.DataFrame,
    assessed: pl.DataFrame,
    rules: Sequence[CensoringRule],
    start: tuple[str, str],
) -> tuple[Finding, ...]:
    """Findings: times that cannot be known, events and assessments that do not count, dates that are not
    there. start: dataset and variable."""
    unknown = made.filter(pl.col("CNSR").is_null())
    found = [_unknown(r, start) for r in unknown.sort(SUBJECT).iter_rows(named=True)]
    out = seen.filter(pl.col(OUT).is_not_null()).sort(SUBJECT, SOURCE, ROW)
    for r in out.iter_rows(named=True):
        if r[OUT] == LATE:
            found.append(_finding("note", f"{r[DESC]}: {LATE}; it does not count", r))
        elif r[SUBJECT] not in unknown[SUBJECT]:
            found.append(_finding("warning", f"{r[DESC]}: {NO_DATE}; it does not count", r))
    undated = assessed.filter(pl.col(DAY).is_null()).sort(SUBJECT, SOURCE, ROW)
    undated = undated.join(seen, on=[SUBJECT, SOURCE, ROW], how="anti")
    text = f"adequate assessment: {NO_DATE}; it does not count"
    found += [_finding("warning", text, r) for r in undated.iter_rows(named=True)]
    places = {n: r.place for n, r in enumerate(rules) if r.place not in ("start", "last_adequate")}
    at_start = made.filter((pl.col(WHAT) == START_TEXT) & pl.col(ORDER).is_in(list(places)))
    for r in at_start.sort(SUBJECT).iter_rows(named=True):
        text = f"no date of {places[r[ORDER]]} since the start; the subject is censored at the start"
        found.append(_finding("warning", text, r))
    return tuple(found)


def _unknown(r: dict[str, object], start: tuple[str, str]) -> Finding:
    if r[START] is None:
        text = f"no complete {start[1]} by the data cut-off; the time is not known"
    elif r[ORDER] is None:
        text = "there is no event and no rule for that; the time is not known"
    elif r[ORDER] == EARLY:
        text = f"{r[DESC]} on {r[DAY]} lies before the start on {r[START]}; the time is not known"
    elif r[ORDER] == UNDATED:
        text = f"{r[DESC]} has no complete date; the time is not known"
    else:
        text = f"{r[DESC]}: the date of censoring cannot be told; the time is not known"
    return _finding("error", text, {SOURCE: start[0], VARIABLE: start[1]} | {k: v for k, v in r.items() if v})


def _finding(severity: Severity, text: str, r: dict[str, object]) -> Finding:
    day, row = r.get(DAY), r.get(ROW)
    value = None if day is None else str(day)
    number = None if row is None else int(str(row))
    place = (number, str(r[SUBJECT]), str(r[VARIABLE]), value)
    return Finding(severity, "adam", str(r[SOURCE]), NAME, text, *place)


def decisions_of(
    made: pl.DataFrame,
    seen: pl.DataFrame,
    rules: Sequence[CensoringRule],
    judged: Sequence[pl.DataFrame],
    ruled: Sequence[pl.DataFrame],
) -> pl.DataFrame:
    """Every event and every rule of each subject: the one that gave the record, and why the others did
    not."""
    won = made.select(
        SUBJECT,
        INDEX,
        EVENT,
        EVENT_ID,
        pl.col(ORDER).alias(WON),
        pl.col(ROW).alias("#chosen"),
        pl.col(SOURCE).alias("#from"),
    )
    names = [f"rule {number}, {rule.if_}" for number, rule in enumerate(rules, 1)]
    parts = [_events(seen.drop(INDEX).join(won, on=SUBJECT), names)]
    for number, (name, found, dated) in enumerate(zip(names, judged, ruled, strict=True)):
        here = found.join(won, on=SUBJECT).join(dated.select(SUBJECT, DAY, WHAT), on=SUBJECT, how="left")
        parts.append(_rule(here, number, name))
    columns = (INDEX, "candidate", "value", "rule", CHOSEN, "reason")
    whole = pl.concat(parts).with_columns(pl.lit(NAME).alias("rule")).select(*columns)
    return whole.sort(INDEX, "candidate", "value", "reason")


def _events(rows: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    counts = pl.col(OUT).is_null()
    first = counts & (pl.col(DAY) == pl.col(EVENT)) & (pl.col("id") == pl.col(EVENT_ID))
    record = (pl.col(ROW) == pl.col("#chosen")) & (pl.col(SOURCE) == pl.col("#from"))
    taken = (record & first & (pl.col(WON) >= len(names))).fill_null(False)
    censored = pl.lit(None, dtype=pl.String)
    for number, name in enumerate(names):
        censored = (
            pl.when(pl.col(WON) == number).then(pl.lit(f"first, but censored by {name}")).otherwise(censored)
        )
    why = (
        pl.when(~counts)
        .then(pl.col(OUT))
        .when(pl.col(WON) == NO_START)
        .then(pl.lit("there is no start"))
        .when(taken)
        .then(pl.lit("the first event"))
        .when(pl.col(DAY) > pl.col(EVENT))
        .then(pl.format("later than {} on {}", EVENT_ID, EVENT))
        .when(~first)
        .then(pl.format("on the day of {}, which comes first", EVENT_ID))
        .when(pl.col(WON) == EARLY)
        .then(pl.lit("before the start"))
        .otherwise(pl.coalesce(censored, pl.lit("another record of the day")))
    )
    return rows.select(
        INDEX,
        pl.format("{} {}.{}", "id", SOURCE, VARIABLE).alias("candidate"),
        pl.col(DAY).cast(pl.String).alias("value"),
        taken.alias(CHOSEN),
        why.alias("reason"),
    )


def _rule(here: pl.DataFrame, number: int, name: str) -> pl.DataFrame:
    chosen = (pl.col(WON) == number).fill_null(False)
    why = (
        pl.when(chosen)
        .then(pl.concat_str([pl.col(WHY), pl.col(WHAT)], separator="; date: ", ignore_nulls=True))
        .when(APPLIES)
        .then(pl.lit("an earlier case applies: ") + pl.col(WHY))
        .otherwise(pl.lit("does not apply: ") + pl.col(WHY))
    )
    return here.select(
        INDEX,
        pl.lit(name).alias("candidate"),
        pl.when(APPLIES).then(DAY).cast(pl.String).alias("value"),
        chosen.alias(CHOSEN),
        why.alias("reason"),
    )
