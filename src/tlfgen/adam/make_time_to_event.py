"""time_to_event: the records of ADTTE."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl

from tlfgen.adam.censoring import (
    ADEQUATE_TEXT,
    APPLIES,
    DAY,
    DESC,
    EVENT,
    EVENT_ID,
    FOUND,
    KNOWN_TEXT,
    SEQ,
    SOURCE,
    START,
    START_ROW,
    VARIABLE,
    WHAT,
    Course,
    dated,
    dates,
    judge,
    texts,
)
from tlfgen.adam.time_to_event import (
    Assessments,
    CensoringRule,
    EventOf,
    Events,
    Population,
    RecordsOf,
    Schedule,
    Start,
    check_rules,
)
from tlfgen.adam.time_to_event_trail import (
    EARLY,
    INDEX,
    LATE,
    NO_DATE,
    NO_START,
    ORDER,
    OUT,
    UNDATED,
    decisions_of,
    findings_of,
)
from tlfgen.engine.keyed import SUBJECT, first_by
from tlfgen.engine.registry import ROW, Fetch, Made, Others, maker
from tlfgen.spec.significant import divided
from tlfgen.spec.study import IsoDay, StudySpec

SUBJECT_ROW, EVENT_ROW, EVENT_SOURCE = "#subject_row", "#event_row", "#event_source"
LAST = 10_000  # the event itself, after every rule
LENGTH = {"days": 1.0, "weeks": 7.0}


@maker
def make_time_to_event(
    fetch: Fetch,
    *,
    population: Population,
    start: Start,
    unit: Literal["days", "weeks", "months", "years"] = "days",
    cutoff: Literal["study"] | IsoDay = "study",
    events: Events,
    adequate: Assessments = (),
    last_known: Others = (),
    baseline: RecordsOf | None = None,
    schedule: Schedule | None = None,
    rules: tuple[CensoringRule, ...] = (),
    CNSDTDSC: str | None = None,
    study: StudySpec,
) -> Made:
    """Make a record of the time from a start to an event, or to where the subject is censored.

    Every subject of the population has one record; STARTDT is the earliest complete date of `start`, up to
    the data cut-off. Events after the cut-off do not exist. The earliest event is taken, on one day the one
    of the lower rank. First case that applies:
      1. no STARTDT                                      nothing is known, and an error
      2. the earliest event lies before STARTDT          AVAL and CNSR null, and an error
      3. no event has a complete date, but one is there  AVAL and CNSR null, and an error
      4. a rule applies                                  its CNSR, EVNTDESC and date; the first of `rules`
      5. an event                                        its CNSR (0), EVNTDESC and date
      6. otherwise                                       AVAL and CNSR null, and an error

    When a rule applies:
      no_baseline                       no record of `baseline`
      no_adequate_assessment_no_event   neither an adequate assessment nor an event
      new_therapy_before_event          its `date` lies before the event, or there is no event; on the day of
                                        the event as `same_day` says
      event_after_missed                `n` or more scheduled assessments missed right before the event
      no_event                          no event
    and only where the subject's ADSL record meets the rule's `where`.

    An adequate assessment lies after STARTDT and not after the cut-off. `at: last_adequate` is the last one:
    on or before the day of new therapy (before it with same_day: censor), before the event that follows
    missed ones; where there is none, STARTDT. Missed: with a gap of g days from the last adequate assessment
    before the event, or from STARTDT where there is none, n are missed if g > n x every + window.

    CNSDTDSC says what the date of censoring is: the rule's own, else the parameter's for any date but the
    start, else "Last adequate assessment", "Last known date" or "Start date". Where the date of a rule, or
    that of new therapy, was collected and is not known, AVAL and CNSR are null, and it is an error.

    AVAL is (ADT - STARTDT + 1) / unit, never rounded; a week has 7 days, a month as many as study.yaml's
    `conventions: month_days` says, a year 12 months.

    Source: FDA, Clinical Trial Endpoints for the Approval of Cancer Drugs and Biologics (2018), the example
    tables for PFS; EMA, Appendix 1 to the guideline on anticancer medicinal products (2012), for events
    counted whatever was missed or begun; ADaM Basic Data Structure for Time-to-Event Analyses 1.0.
    """
    check_rules(
        rules,
        events,
        {"adequate": adequate, "last_known": last_known, "baseline": baseline, "schedule": schedule},
    )
    end = study.cutoff if cutoff == "study" else cutoff
    people = _people(fetch, population, start, end)
    seen = _events(fetch, events, people, end)
    first = first_by(seen.filter(pl.col(OUT).is_null()), [SUBJECT], [DAY, "rank", ORDER])
    people = _with_first(people, first)
    assessed = pl.concat([_empty(), *(dated(fetch, a) for a in adequate)]).join(
        people.select(SUBJECT, START), on=SUBJECT
    )
    counted = assessed.filter((pl.col(DAY) > pl.col(START)) & (pl.col(DAY) <= end))
    known = (people.drop_nulls(START), counted.select(*FOUND))
    said = (CNSDTDSC or ADEQUATE_TEXT, CNSDTDSC or KNOWN_TEXT)
    course = Course(fetch, *known, start, end, schedule, last_known, baseline, *said)
    judged = [judge(rule, course) for rule in rules]
    ruled = [_censored(n, rule, course, judged[n]) for n, rule in enumerate(rules)]
    outcomes = pl.concat([_empty_outcome(), *_unknown(people, seen), *ruled, _happened(first, events)])
    chosen = first_by(outcomes.filter(pl.col(SUBJECT).is_in(people[SUBJECT].implode())), [SUBJECT], [ORDER])
    made = people.join(chosen, on=SUBJECT, how="left", maintain_order="left")
    length = LENGTH.get(unit, study.conventions.month_days * (12 if unit == "years" else 1))
    return Made(
        _frame(made, length),
        _sources(made, start, population),
        findings_of(made, seen, assessed, rules, (start.from_, start.date)),
        decisions_of(made, seen, rules, judged, ruled),
    )


def _people(fetch: Fetch, population: Population, start: Start, end: Any) -> pl.DataFrame:
    """A row for each subject of the population: index, its records there, STARTDT and the start's record."""
    people = pl.DataFrame()
    for number, of in enumerate(population):
        found = fetch(of.dotted(SUBJECT), where=of.condition)
        row = pl.col(ROW).cast(pl.Int64).min().alias(f"{SUBJECT_ROW}{number}")
        inside = found.group_by(SUBJECT).agg(row)
        people = people.join(inside, on=SUBJECT) if number else inside
    starts = first_by(dated(fetch, start).filter(pl.col(DAY) <= end), [SUBJECT], [DAY])
    named = starts.select(
        SUBJECT,
        pl.col(DAY).alias(START),
        pl.col(ROW).alias(START_ROW),
        pl.col(SEQ).alias("#start_seq"),
    )
    people = people.join(named, on=SUBJECT, how="left").sort(SUBJECT)
    return people.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(INDEX))


def _with_first(people: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    """The people with their first event, where there is one."""
    names = {EVENT: DAY, EVENT_ID: "id", EVENT_ROW: ROW, EVENT_SOURCE: SOURCE}
    event = first.select(SUBJECT, *(pl.col(v).alias(k) for k, v in names.items()))
    return people.join(event, on=SUBJECT, how="left", maintain_order="left")


def _empty() -> pl.DataFrame:
    kinds: dict[str, Any] = {SUBJECT: pl.String, ROW: pl.Int64, DAY: pl.Date}
    return pl.DataFrame(schema=kinds | {SOURCE: pl.String, VARIABLE: pl.String, SEQ: pl.Int64})


def _events(fetch: Fetch, events: tuple[EventOf, ...], people: pl.DataFrame, end: Any) -> pl.DataFrame:
    """Every record of an event, with why it does not count."""
    parts = []
    for order, event in enumerate(events):
        found = dated(fetch, event).join(people.select(SUBJECT, INDEX), on=SUBJECT)
        marks = {"id": event.id, "rank": event.rank, ORDER: order}
        said = texts(fetch, event.EVNTDESC, found[SUBJECT]).alias(DESC)
        parts.append(found.with_columns(said, *(pl.lit(v).alias(k) for k, v in marks.items())))
    out = pl.when(pl.col(DAY).is_null()).then(pl.lit(NO_DATE)).when(pl.col(DAY) > end).then(pl.lit(LATE))
    return pl.concat(parts).with_columns(out.alias(OUT))


def _empty_outcome() -> pl.DataFrame:
    more: dict[str, Any] = {WHAT: pl.String, DESC: pl.String, "CNSR": pl.Int64, ORDER: pl.Int64}
    return pl.DataFrame(schema=dict(_empty().schema) | more)


def _outcome(found: pl.DataFrame, order: int, **marks: Any) -> pl.DataFrame:
    """Records as outcomes of the subjects, in the order in which they are tried."""
    schema = _empty_outcome().schema
    given = {**marks, ORDER: order}
    return found.with_columns(pl.lit(v, dtype=schema[k]).alias(k) for k, v in given.items()).select(
        pl.col(k).cast(t) for k, t in schema.items()
    )


def _unknown(people: pl.DataFrame, seen: pl.DataFrame) -> list[pl.DataFrame]:
    """Cases 1 to 3: subjects of whom the time cannot be known."""
    nothing: dict[str, Any] = {c: None for c in (*FOUND[1:], WHAT, DESC, "CNSR")}
    unstarted = _outcome(people.filter(pl.col(START).is_null()), NO_START, **nothing)
    dated_ = seen.filter(pl.col(OUT).is_null())
    early = people.filter(pl.col(EVENT) < pl.col(START)).select(SUBJECT, pl.col(EVENT).alias(DAY))
    early = first_by(dated_.join(early, on=[SUBJECT, DAY], how="semi"), [SUBJECT], [DAY, "rank", ORDER])
    undated = seen.filter(pl.col(OUT) == NO_DATE).join(dated_, on=SUBJECT, how="anti")
    undated = first_by(undated, [SUBJECT], ["rank", ORDER])
    unknown = {WHAT: None, "CNSR": None}
    return [unstarted, _outcome(early, EARLY, **unknown), _outcome(undated, UNDATED, **unknown)]


def _censored(number: int, rule: CensoringRule, course: Course, judged: pl.DataFrame) -> pl.DataFrame:
    """Case 4: the subjects to whom a rule applies, with their date of censoring."""
    found = dates(rule, course, judged).join(
        judged.filter(APPLIES).select(SUBJECT), on=SUBJECT, how="semi", maintain_order="left"
    )
    found = found.with_columns(texts(course.fetch, rule.EVNTDESC, found[SUBJECT]).alias(DESC))
    found = _outcome(found, number, CNSR=rule.CNSR, **({} if rule.CNSR else {WHAT: None}))
    return found.with_columns(pl.when(pl.col(DAY).is_not_null()).then("CNSR").alias("CNSR"))


def _happened(first: pl.DataFrame, events: tuple[EventOf, ...]) -> pl.DataFrame:
    """Case 5: the subjects' events; last in order."""
    marks = pl.DataFrame(
        {
            "id": [e.id for e in events],
            "CNSR": [e.CNSR for e in events],
            WHAT: [(e.CNSDTDSC or e.id) if e.CNSR else None for e in events],
        },
        schema={"id": pl.String, "CNSR": pl.Int64, WHAT: pl.String},
    )
    return _outcome(first.join(marks, on="id", how="left", maintain_order="left"), LAST)


def _frame(made: pl.DataFrame, length: float) -> pl.DataFrame:
    days = (pl.col(DAY) - pl.col(START)).dt.total_days() + 1
    return made.select(
        SUBJECT,
        pl.col(START).alias("STARTDT"),
        pl.col(DAY).alias("ADT"),
        pl.when(pl.col("CNSR").is_not_null()).then(divided(days, length)).alias("AVAL"),
        "CNSR",
        DESC,
        pl.col(WHAT).alias("CNSDTDSC"),
        pl.col(SOURCE).alias("SRCDOM"),
        pl.col(VARIABLE).alias("SRCVAR"),
        pl.col(SEQ).alias("SRCSEQ"),
    )


def _sources(made: pl.DataFrame, start: Start, population: Population) -> pl.DataFrame:
    """The records that put the subject into the population, that of the start, of the first event, and of the
    date."""
    parts = [(pl.lit(of.from_), pl.col(f"{SUBJECT_ROW}{n}")) for n, of in enumerate(population)]
    parts += [
        (pl.lit(start.from_), pl.col(START_ROW)),
        (pl.col(EVENT_SOURCE), pl.col(EVENT_ROW)),
        (pl.col(SOURCE), pl.col(ROW)),
    ]
    found = pl.concat(made.select(INDEX, s.alias("source"), r.alias("source_row")) for s, r in parts)
    return found.drop_nulls("source_row").unique().sort(INDEX, "source", "source_row")
