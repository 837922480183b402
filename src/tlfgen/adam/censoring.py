"""Judge the censoring rules of a time-to-event parameter: whether one applies, and from which date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Day

import polars as pl

from tlfgen.adam.time_to_event import (
    SUBJECTS,
    CensoringRule,
    DatedRecordsOf,
    RecordsOf,
    Schedule,
    Text,
    TextOf,
)
from tlfgen.data.dates import complete_day
from tlfgen.data.known_date import collected, possible_days
from tlfgen.engine.keyed import SUBJECT, first_by, last_by
from tlfgen.engine.registry import ROW, Fetch

DAY, SOURCE, VARIABLE, SEQ = "day", "source", "variable", "seq"
START, START_ROW, EVENT, EVENT_ID = "#start", "#start_row", "#event", "#event_id"
LOW, HIGH = "low", "high"
APPLIES, WHY, LIMIT, WHAT, DESC = "applies", "why", "#limit", "what", "EVNTDESC"
START_TEXT, KNOWN_TEXT, ADEQUATE_TEXT = "Start date", "Last known date", "Last adequate assessment"
FOUND = (SUBJECT, ROW, DAY, SOURCE, VARIABLE, SEQ)


@dataclass(frozen=True)
class Course:
    """What is known of the subjects of a parameter.

    people: a row each, with START and, where there is one, EVENT and EVENT_ID. assessments: the adequate ones
    that count. end: the last day that counts."""

    fetch: Fetch
    people: pl.DataFrame
    assessments: pl.DataFrame
    start: DatedRecordsOf
    end: Day
    schedule: Schedule | None
    last_known: tuple[str, ...]
    baseline: RecordsOf | None
    adequate_text: str
    known_text: str


def dated(fetch: Fetch, of: DatedRecordsOf) -> pl.DataFrame:
    """The records with their day, null where it is not complete: USUBJID, ROW, day, source, variable, seq."""
    names = [of.dotted(of.date), *([of.dotted(of.seq)] if of.seq else [])]
    found = fetch(*names, where=of.condition)
    seq = pl.lit(None, dtype=pl.Int64) if of.seq is None else pl.col(of.seq).cast(pl.Int64)
    return found.select(
        SUBJECT,
        pl.col(ROW).cast(pl.Int64),
        complete_day(found[of.date]).alias(DAY),
        pl.lit(of.from_).alias(SOURCE),
        pl.lit(of.date).alias(VARIABLE),
        seq.alias(SEQ),
    )


def spans(fetch: Fetch, name: str) -> pl.DataFrame:
    """The records in which a date was collected: USUBJID, and the first and last day that it can mean, null
    where it cannot be read."""
    records, bare = fetch(name), name.rpartition(".")[2]
    low, high = possible_days(records, bare)
    found = records.select(SUBJECT).with_columns(low.alias(LOW), high.alias(HIGH))
    return found.filter(collected(records, bare))


def column_of(name: str) -> DatedRecordsOf:
    """A dotted name as records with a date."""
    owner, _, bare = name.rpartition(".")
    return DatedRecordsOf.model_validate({"from": owner, "date": bare})


def texts(fetch: Fetch, text: Text, subjects: pl.Series) -> pl.Series:
    """A text, or each subject's own: of its first record that has one."""
    if not isinstance(text, TextOf):
        return pl.Series(DESC, [text], dtype=pl.String).new_from_index(0, subjects.len())
    bare = text.from_.rpartition(".")[2]
    found = fetch(text.from_).filter(pl.col(bare).is_not_null())
    own = first_by(found, [SUBJECT], []).select(SUBJECT, pl.col(bare).cast(pl.String).alias(DESC))
    said = pl.DataFrame({SUBJECT: subjects}).join(own, on=SUBJECT, how="left", maintain_order="left")
    return said.select(
        pl.col(DESC).replace(text.words).fill_null(pl.lit(text.else_, dtype=pl.String))
    ).to_series()


def judge(rule: CensoringRule, course: Course) -> pl.DataFrame:
    """Say for each subject whether a rule applies and why: USUBJID, applies, why, and the last day from which
    an assessment may be the date of censoring."""
    judged = {
        "no_baseline": _no_baseline,
        "no_adequate_assessment_no_event": _no_assessment,
        "new_therapy_before_event": _new_therapy,
        "event_after_missed": _after_missed,
        "no_event": _no_event,
    }[rule.if_](rule, course)
    if rule.condition is None:
        return judged
    meets = course.fetch(f"{SUBJECTS}.{SUBJECT}", where=rule.condition)[SUBJECT].unique()
    inside = pl.col(SUBJECT).is_in(meets.implode())
    return judged.with_columns(
        (pl.col(APPLIES) & inside).alias(APPLIES),
        pl.when(pl.col(APPLIES) & ~inside)
        .then(pl.lit(f"not where {rule.where}"))
        .otherwise(pl.col(WHY))
        .alias(WHY),
    )


def _says(frame: pl.DataFrame, applies: pl.Expr, yes: pl.Expr, no: pl.Expr, limit: pl.Expr) -> pl.DataFrame:
    applies = applies.fill_null(False)
    why = pl.when(applies).then(yes).otherwise(no)
    return frame.select(SUBJECT, applies.alias(APPLIES), why.alias(WHY), limit.alias(LIMIT))


def _no_event(rule: CensoringRule, course: Course) -> pl.DataFrame:
    none, end = pl.col(EVENT).is_null(), pl.lit(course.end)
    return _says(course.people, none, pl.lit("no event"), pl.lit("there is an event"), end)


def _no_assessment(rule: CensoringRule, course: Course) -> pl.DataFrame:
    seen = pl.col(SUBJECT).is_in(course.assessments[SUBJECT].unique().implode())
    no = pl.when(seen).then(pl.lit("there is an adequate assessment")).otherwise(pl.lit("there is an event"))
    applies = ~seen & pl.col(EVENT).is_null()
    return _says(
        course.people, applies, pl.lit("no adequate assessment and no event"), no, pl.lit(course.end)
    )


def _no_baseline(rule: CensoringRule, course: Course) -> pl.DataFrame:
    assert course.baseline is not None
    found = course.fetch(course.baseline.dotted(SUBJECT), where=course.baseline.condition)[SUBJECT].unique()
    none = ~pl.col(SUBJECT).is_in(found.implode())
    return _says(
        course.people, none, pl.lit("no baseline"), pl.lit("there is a baseline"), pl.lit(course.end)
    )


def _new_therapy(rule: CensoringRule, course: Course) -> pl.DataFrame:
    began = spans(course.fetch, str(rule.date)).filter((pl.col(LOW) <= course.end).fill_null(True))
    unread = pl.col(LOW).is_null().any().alias("#unread")
    first = began.group_by(SUBJECT).agg(unread, pl.col(LOW).min(), pl.col(HIGH).min())
    frame = course.people.join(first, on=SUBJECT, how="left", maintain_order="left")
    none, no_event = pl.col("#unread").is_null(), pl.col(EVENT).is_null()

    def before(day: str) -> pl.Expr:
        same = (pl.col(day) == pl.col(EVENT)) & pl.lit(rule.same_day == "censor")
        return no_event | (pl.col(day) < pl.col(EVENT)) | same

    sure = ~pl.col("#unread") & before(HIGH) & ((pl.col(LOW) == pl.col(HIGH)) | ~no_event)
    open_ = pl.col("#unread") | before(LOW)
    day = pl.when(sure).then(LOW)
    no = (
        pl.when(none)
        .then(pl.lit("none by the data cut-off"))
        .otherwise(pl.format("on {}, not before the event", LOW))
    )
    yes = (
        pl.when(sure)
        .then(pl.format("new therapy on {}", LOW))
        .otherwise(pl.lit("the day of the new therapy is not known"))
    )
    limit = day if rule.same_day == "event" else day.dt.offset_by("-1d")
    return _says(frame, ~none & open_, yes, no, limit)


def _after_missed(rule: CensoringRule, course: Course) -> pl.DataFrame:
    assert course.schedule is not None
    limit = pl.col(EVENT).dt.offset_by("-1d")
    last = _last(course.assessments, course.people.select(SUBJECT, limit.alias(LIMIT)))
    frame = course.people.join(last.select(SUBJECT, DAY), on=SUBJECT, how="left", maintain_order="left")
    gap = (pl.col(EVENT) - pl.coalesce(DAY, START)).dt.total_days()
    missed = missed_assessments(gap, course.schedule, from_start=pl.col(DAY).is_null())
    there = pl.col(EVENT).is_not_null()
    meant = pl.col(EVENT_ID).is_in(rule.applies_to) if rule.applies_to else there
    words = pl.format("{} missed in the {} days before {}", missed, gap, EVENT_ID)
    no = (
        pl.when(~there)
        .then(pl.lit("no event"))
        .when(~meant)
        .then(pl.format("not for {}", EVENT_ID))
        .otherwise(words)
    )
    return _says(frame, there & meant & (missed >= rule.n), words, no, limit)


def missed_assessments(gap: pl.Expr, schedule: Schedule, *, from_start: pl.Expr) -> pl.Expr:
    """Count the scheduled assessments that were missed in `gap` days before an event.

    After the last adequate assessment, assessments are due every `every` days; after the start, the first is
    due after `first` days. One is missed if the event lies more than `window` days after it was due: until
    then it can be the event's own assessment. So n are missed if gap > n x every + window.
    """
    first = schedule.every if schedule.first is None else schedule.first
    shorter = pl.when(from_start).then(first - schedule.every).otherwise(0)
    return ((gap - shorter - schedule.window - 1) // schedule.every).clip(lower_bound=0)


def _last(found: pl.DataFrame, limits: pl.DataFrame) -> pl.DataFrame:
    """The last record of each subject on or before its limit."""
    until = found.join(limits.drop_nulls(LIMIT), on=SUBJECT).filter(pl.col(DAY) <= pl.col(LIMIT))
    return last_by(until, [SUBJECT], [DAY, f"-{SOURCE}"]).select(*FOUND)


def dates(rule: CensoringRule, course: Course, judged: pl.DataFrame) -> pl.DataFrame:
    """The date of censoring by a rule, for each subject: USUBJID, day, its record and what it is.

    last_adequate   the last adequate assessment on or before the rule's limit
    last_known      the latest of `last_known`; one after the data cut-off is the cut-off
    a dotted name   that date; one after the data cut-off is the cut-off
    start, and where there is none of these, or only before the start: the start
    A date that was collected and is not known, or new therapy on a day that is not known: no day.
    """
    start = course.people.select(
        SUBJECT,
        pl.col(START_ROW).alias(ROW),
        pl.col(START).alias(DAY),
        pl.lit(course.start.from_).alias(SOURCE),
        pl.lit(course.start.date).alias(VARIABLE),
        pl.col("#start_seq").alias(SEQ),
    )
    at_start = rule.CNSDTDSC if rule.place == "start" and rule.CNSDTDSC else START_TEXT
    start = start.with_columns(pl.lit(at_start).alias(WHAT))
    if rule.place == "start":
        return start
    if rule.place == "last_adequate":
        found, what = _last(course.assessments, judged.select(SUBJECT, LIMIT)), course.adequate_text
    else:
        names = course.last_known if rule.place == "last_known" else (rule.place,)
        known = pl.concat([dated(course.fetch, column_of(n)) for n in names])
        known = known.drop_nulls(DAY).with_columns(pl.min_horizontal(DAY, pl.lit(course.end)).alias(DAY))
        limits = course.people.select(SUBJECT, pl.lit(course.end).alias(LIMIT), START)
        known = known.join(limits.select(SUBJECT, START), on=SUBJECT).filter(pl.col(DAY) >= pl.col(START))
        found, what = _last(known.select(*FOUND), limits.drop(START)), course.known_text
    named = found.with_columns(pl.lit(rule.CNSDTDSC or what).alias(WHAT)).filter(
        pl.col(SUBJECT).is_in(start[SUBJECT].implode())
    )
    rest = start.filter(~pl.col(SUBJECT).is_in(named[SUBJECT].implode()))
    whole = pl.concat([named, rest.select(named.columns)])
    lost = judged.filter(APPLIES & pl.col(LIMIT).is_null())[SUBJECT]
    if rule.place != "last_adequate":
        without = pl.concat(
            [
                spans(course.fetch, n).filter(pl.col(LOW).ne_missing(pl.col(HIGH)) | pl.col(LOW).is_null())
                for n in names
            ]
        )
        lost = pl.concat([lost, without.filter(~pl.col(SUBJECT).is_in(named[SUBJECT].implode()))[SUBJECT]])
    unknown = pl.col(SUBJECT).is_in(lost.implode())
    return whole.with_columns(
        pl.when(~unknown).then(name).alias(name) for name in (ROW, DAY, SOURCE, VARIABLE, SEQ, WHAT)
    )
