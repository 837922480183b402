"""time_to_event: starts, events, censoring rules, missed assessments.

Expected values: FDA, Clinical Trial Endpoints for the Approval of Cancer Drugs and Biologics, example tables
for PFS (each line stands with its test; they are also in the edition of 2007, table A); EMA, Appendix 1 to
the guideline on anticancer medicinal products (2012): events count whatever was missed or begun. What they
leave to the protocol is the docstring's rule; dates are counted by hand. The reference: pharmaverse's public
ADTTE.
"""

from __future__ import annotations

import os
from datetime import date as Day
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tlfgen.engine.registry import ROW, Fetch, Made, find_rule
from tlfgen.errors import NOWHERE, SpecError
from tlfgen.spec.condition import Condition
from tlfgen.spec.loader import read_tree
from tlfgen.spec.study import StudySpec

STUDY = StudySpec.model_validate(
    {
        "study": "X", "title": "X", "cutoff": "2021-01-01", "arms": [],
        "subject": {"from": "PT", "USUBJID": "{PT}"},
    }
)  # fmt: skip
START = Day(2020, 1, 1)
CUTOFF = (STUDY.cutoff - START).days
RULE = find_rule("time_to_event", NOWHERE, makes_records=True)

PD = {
    "id": "PD",
    "from": "ADRS",
    "where": "AVALC = 'PD'",
    "date": "ADT",
    "EVNTDESC": "Progression",
    "seq": "ASEQ",
}
DEATH = {
    "id": "DEATH",
    "from": "ADSL",
    "where": "DTHFL = 'Y'",
    "date": "DTHDT",
    "EVNTDESC": "Death",
    "rank": 2,
}
ADEQUATE = {"from": "ADRS", "where": "AVALC IN ('CR', 'PR', 'SD', 'PD')", "date": "ADT", "seq": "ASEQ"}
NO_ASSESSMENT = {"if": "no_adequate_assessment_no_event", "CNSR": 2, "EVNTDESC": "No assessment"}
THERAPY = {
    "if": "new_therapy_before_event", "date": "ADSL.NACTDT", "same_day": "event", "CNSR": 3,
    "EVNTDESC": "New therapy",
}  # fmt: skip
MISSED = {"if": "event_after_missed", "n": 2, "CNSR": 4, "EVNTDESC": "Event after missed"}
NO_EVENT = {"if": "no_event", "CNSR": 1, "EVNTDESC": "No event"}
STUDY_RULE = [NO_ASSESSMENT, NO_EVENT]
FDA_RULE = [NO_ASSESSMENT, THERAPY, MISSED, NO_EVENT]

Course = list[tuple[int, str]]  # days after the start, response


def on(days: int | None) -> Day | None:
    return None if days is None else START + timedelta(days=days)


def tables(
    course: Course, *, death: int | None = None, therapy: int | None = None, **more: Any
) -> dict[str, pl.DataFrame]:
    """ADSL and ADRS of one subject who started on 1 January 2020."""
    one: dict[str, Any] = {
        "USUBJID": "1", ROW: 7, "TRTSDT": START, "FASFL": "Y", "DTHFL": None if death is None else "Y",
        "DTHDT": on(death), "NACTDT": on(therapy), "LSTALVDT": None, "DCSREAS": None,
    }  # fmt: skip
    dates = ("TRTSDT", "DTHDT", "NACTDT", "LSTALVDT")
    adsl = pl.DataFrame([one | more], schema_overrides={n: pl.Date for n in dates} | {"DTHFL": pl.String})
    adsl = adsl.with_columns(pl.col("DCSREAS").cast(pl.String))
    kinds: dict[str, Any] = {"ADT": pl.Date, "AVALC": pl.String}
    adrs = pl.DataFrame([(on(d), r) for d, r in course], schema=kinds, orient="row").with_columns(
        pl.lit("1").alias("USUBJID"),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW),
        pl.int_range(101, pl.len() + 101, dtype=pl.Int64).alias("ASEQ"),
    )
    return {"ADSL": adsl, "ADRS": adrs}


def fetch_of(found: dict[str, pl.DataFrame]) -> Fetch:
    def fetch(*names: str, where: Condition | None = None) -> pl.DataFrame:
        owner = names[0].partition(".")[0]
        frame = found[owner]
        kept = frame if where is None else frame.filter(where.rows(frame))
        return kept.select(list(dict.fromkeys(["USUBJID", ROW, *(n.rpartition(".")[2] for n in names)])))

    return fetch


def make(found: dict[str, pl.DataFrame], **given: Any) -> Made:
    parameters: dict[str, Any] = {
        "population": "FASFL", "start": "ADSL.TRTSDT", "events": [PD, DEATH], "adequate": ADEQUATE,
        "schedule": {"every": "42 days", "window": "7 days"}, "rules": STUDY_RULE,
    }  # fmt: skip
    typed = RULE.read(parameters | given, NOWHERE)
    made: Made = RULE.function(fetch_of(found), **typed, study=STUDY)
    return made


def record(course: Course, *, given: dict[str, Any] | None = None, **subject: Any) -> dict[str, Any]:
    """The one record; `day` is ADT in days after the start."""
    (found,) = make(tables(course, **subject), **(given or {})).frame.rows(named=True)
    day = None if found["ADT"] is None else (found["ADT"] - START).days
    return found | {"day": day}


def brief(course: Course, rules: list[Any], **subject: Any) -> tuple[int | None, int, str]:
    """ADT in days after the start, CNSR, EVNTDESC."""
    found = record(course, given={"rules": rules}, **subject)
    return found["day"], found["CNSR"], found["EVNTDESC"]


ON_TIME: Course = [(42, "SD"), (84, "SD")]

# The lines of FDA's table A and what EMA's analysis counts instead:
# course, death, new therapy -> by FDA's rules, by EMA's
TABLES = [
    ("no progression: last assessment", ON_TIME, None, None, (84, 1, "No event"), (84, 1, "No event")),
    ("progression", [*ON_TIME, (126, "PD")], None, None, (126, 0, "Progression"), (126, 0, "Progression")),
    ("death before the first assessment", [], 30, None, (30, 0, "Death"), (30, 0, "Death")),
    ("death between assessments", ON_TIME, 100, None, (100, 0, "Death"), (100, 0, "Death")),
    ("new treatment: last assessment before it", [*ON_TIME, (126, "PD")], None, 90,
     (84, 3, "New therapy"), (126, 0, "Progression")),
    ("new treatment, no progression", [*ON_TIME, (126, "SD")], None, 90,
     (84, 3, "New therapy"), (126, 1, "No event")),
    ("death after more than one missed visit", ON_TIME, 300, None,
     (84, 4, "Event after missed"), (300, 0, "Death")),
    ("progression after more than one missed visit", [*ON_TIME, (250, "PD")], None, None,
     (84, 4, "Event after missed"), (250, 0, "Progression")),
    ("no assessment and alive: start", [], None, None, (0, 2, "No assessment"), (0, 2, "No assessment")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("course", "death", "therapy", "fda", "ema"), [t[1:] for t in TABLES], ids=[t[0] for t in TABLES]
)
def test_tables_of_the_guidelines(
    course: Course, death: int | None, therapy: int | None, fda: Any, ema: Any
) -> None:
    assert brief(course, FDA_RULE, death=death, therapy=therapy) == fda
    assert brief(course, STUDY_RULE, death=death, therapy=therapy) == ema


def test_no_baseline_is_censored_at_the_start() -> None:
    """Table A: incomplete or no baseline tumour assessments, censored at randomisation."""
    rules = [{"if": "no_baseline", "CNSR": 5, "EVNTDESC": "No baseline"}, *STUDY_RULE]
    course = [*ON_TIME, (126, "PD")]
    without = {"rules": rules, "baseline": {"from": "ADRS", "where": "AVALC = 'BL'"}}
    found = record(course, given=without)
    assert (found["day"], found["CNSR"], found["EVNTDESC"]) == (0, 5, "No baseline")
    assert (found["AVAL"], found["CNSDTDSC"], found["SRCDOM"], found["SRCVAR"]) == (
        1.0,
        "Start date",
        "ADSL",
        "TRTSDT",
    )
    assert record([(-5, "BL"), *course], given=without)["CNSR"] == 0


# Assessments due every 42 days, window 7: after one on day 84, due on 126 and 168. The event of day 175 can
# still be the second one's, that of 176 cannot: two missed.
@pytest.mark.parametrize(
    ("every", "event", "n", "censored"),
    [
        ({"every": "42 days", "window": "7 days"}, 175, 2, False),
        ({"every": "42 days", "window": "7 days"}, 176, 2, True),
        ({"every": "6 weeks", "window": "1 week"}, 176, 2, True),
        ({"every": "42 days"}, 168, 2, False),
        ({"every": "42 days"}, 169, 2, True),
        ({"every": "42 days", "window": "7 days"}, 133, 1, False),
        ({"every": "42 days", "window": "7 days"}, 134, 1, True),
        ({"every": "42 days", "window": "7 days"}, 217, 3, False),
        ({"every": "42 days", "window": "7 days"}, 218, 3, True),
    ],
)
@pytest.mark.parametrize("what", ["PD", "DEATH"])
def test_boundary_of_missed_assessments(
    every: dict[str, str], event: int, n: int, censored: bool, what: str
) -> None:
    course = [*ON_TIME, (event, "PD")] if what == "PD" else ON_TIME
    given = {"schedule": every, "rules": [MISSED | {"n": n}, NO_EVENT]}
    found = record(course, death=event if what == "DEATH" else None, given=given)
    assert (found["day"], found["CNSR"]) == ((84, 4) if censored else (event, 0))


@pytest.mark.parametrize(
    ("schedule", "death", "expected"),
    [
        ({"every": "42 days", "window": "7 days"}, 91, (91, 0)),
        ({"every": "42 days", "window": "7 days"}, 92, (0, 4)),
        ({"every": "42 days", "window": "7 days", "first": "56 days"}, 105, (105, 0)),  # due on 56 and 98
        ({"every": "42 days", "window": "7 days", "first": "56 days"}, 106, (0, 4)),
    ],
)
def test_without_an_assessment_missed_ones_count_from_the_start(
    schedule: dict[str, str], death: int, expected: tuple[int, int]
) -> None:
    found = record([], death=death, given={"schedule": schedule, "rules": FDA_RULE})
    assert (found["day"], found["CNSR"]) == expected


def test_missed_assessments_count_for_the_events_named() -> None:
    late = [*ON_TIME, (250, "PD")]
    assert brief(late, [MISSED | {"applies_to": ["DEATH"]}, NO_EVENT]) == (250, 0, "Progression")
    assert brief(late, [MISSED | {"applies_to": ["PD", "DEATH"]}, NO_EVENT])[1] == 4


@pytest.mark.parametrize(
    ("same_day", "event", "therapy", "expected"),
    [
        ("event", 126, 126, (126, 0)),
        ("censor", 126, 126, (84, 3)),
        ("event", 126, 125, (84, 3)),
        ("event", 126, 127, (126, 0)),
        ("event", None, 84, (84, 3)),  # an assessment on the day of new therapy still counts
        ("censor", None, 84, (42, 3)),
    ],
)
def test_new_therapy_on_the_day(
    same_day: str, event: int | None, therapy: int, expected: tuple[int, int]
) -> None:
    course = [*ON_TIME, *([] if event is None else [(event, "PD")])]
    found = record(course, therapy=therapy, given={"rules": [THERAPY | {"same_day": same_day}, NO_EVENT]})
    assert (found["day"], found["CNSR"]) == expected


def test_new_therapy_after_the_cutoff_does_not_exist() -> None:
    assert brief(ON_TIME, FDA_RULE, therapy=CUTOFF + 1) == (84, 1, "No event")
    assert brief(ON_TIME, FDA_RULE, therapy=CUTOFF) == (84, 3, "New therapy")


def test_the_lower_rank_wins_on_one_day() -> None:
    course: Course = [(42, "PD")]
    assert brief(course, STUDY_RULE, death=42) == (42, 0, "Progression")
    given = {"events": [PD | {"rank": 3}, DEATH], "rules": STUDY_RULE}
    assert record(course, death=42, given=given)["EVNTDESC"] == "Death"
    assert brief(course, STUDY_RULE, death=41) == (41, 0, "Death")


def test_events_and_assessments_after_the_cutoff_do_not_exist() -> None:
    made = make(tables([*ON_TIME, (CUTOFF + 1, "PD")], death=CUTOFF + 9))
    assert made.frame.select("ADT", "CNSR").row(0) == (on(84), 1)
    assert [(f.severity, f.dataset, f.row, f.value) for f in made.findings] == [
        ("note", "ADRS", 3, "2021-01-02"),
        ("note", "ADSL", 7, "2021-01-10"),
    ]
    assert brief([*ON_TIME, (CUTOFF, "PD")], STUDY_RULE) == (CUTOFF, 0, "Progression")
    assert brief([*ON_TIME, (CUTOFF, "SD")], STUDY_RULE) == (CUTOFF, 1, "No event")
    assert brief([*ON_TIME, (CUTOFF + 1, "SD")], STUDY_RULE) == (84, 1, "No event")
    assert record([], TRTSDT=on(CUTOFF))["AVAL"] == 1.0
    assert record([], TRTSDT=on(CUTOFF + 1))["AVAL"] is None
    earlier = record([*ON_TIME, (126, "PD")], given={"cutoff": "2020-05-05"})  # day 125
    assert (earlier["day"], earlier["CNSR"]) == (84, 1)


def test_an_event_before_the_start_is_an_error_and_no_time() -> None:
    made = make(tables([(-3, "PD"), (42, "SD")]))
    (found,) = made.frame.rows(named=True)
    assert (found["AVAL"], found["CNSR"], found["ADT"]) == (None, None, on(-3))
    assert [(f.severity, f.row) for f in made.findings] == [("error", 1)]
    assert "before the start" in made.findings[0].message
    assert record([(0, "PD")])["AVAL"] == 1.0


def test_an_event_without_a_date_is_an_error_and_no_time() -> None:
    made = make(tables(ON_TIME, DTHFL="Y"))
    (found,) = made.frame.rows(named=True)
    assert (found["AVAL"], found["CNSR"], found["EVNTDESC"]) == (None, None, "Death")
    assert [f.severity for f in made.findings] == ["error"]
    with_progression = make(tables([(42, "PD")], DTHFL="Y"))
    assert with_progression.frame["CNSR"].to_list() == [0]
    assert [f.severity for f in with_progression.findings] == ["warning"]


def test_an_assessment_without_a_date_does_not_count() -> None:
    found = tables(ON_TIME)
    found["ADRS"] = found["ADRS"].with_columns(
        pl.when(pl.col(ROW) == 2).then(None).otherwise(pl.col("ADT")).alias("ADT")
    )
    made = make(found)
    assert made.frame["ADT"].to_list() == [on(42)]
    assert [(f.severity, f.row) for f in made.findings] == [("warning", 2)]


def test_no_start_and_no_rule_are_errors() -> None:
    made = make(tables(ON_TIME, TRTSDT=None))
    assert made.frame.select("STARTDT", "ADT", "AVAL", "CNSR").row(0) == (None, None, None, None)
    assert [f.severity for f in made.findings] == ["error"]
    made = make(tables(ON_TIME), rules=[])
    assert made.frame.select("ADT", "AVAL", "CNSR").row(0) == (None, None, None)
    assert "no event and no rule" in made.findings[0].message


def test_the_first_rule_that_applies_wins() -> None:
    rules = [THERAPY, MISSED, NO_EVENT]
    both = {"death": 300, "therapy": 200}
    assert brief(ON_TIME, rules, **both) == (84, 3, "New therapy")
    assert brief(ON_TIME, [MISSED, THERAPY, NO_EVENT], **both) == (84, 4, "Event after missed")


def test_sources_and_their_names() -> None:
    made = make(tables([*ON_TIME, (126, "PD")]))
    found = made.frame.row(0, named=True)
    assert (found["SRCDOM"], found["SRCVAR"], found["SRCSEQ"], found["CNSDTDSC"]) == (
        "ADRS",
        "ADT",
        103,
        None,
    )
    assert made.sources.rows() == [(0, "ADRS", 3), (0, "ADSL", 7)]
    made = make(tables(ON_TIME))
    found = made.frame.row(0, named=True)
    assert (found["SRCSEQ"], found["CNSDTDSC"]) == (102, "Last adequate assessment")
    assert made.sources.rows() == [(0, "ADRS", 2), (0, "ADSL", 7)]
    assert record([], death=30)["SRCSEQ"] is None
    censored = make(
        tables([*ON_TIME, (250, "PD")]), rules=FDA_RULE
    )  # by the assessment, because of the event
    assert censored.sources.rows() == [(0, "ADRS", 2), (0, "ADRS", 3), (0, "ADSL", 7)]


def test_the_baseline_on_the_day_of_the_start_is_no_assessment() -> None:
    found = record([(-10, "SD"), (0, "SD")])
    assert (found["day"], found["CNSR"], found["CNSDTDSC"]) == (0, 2, "Start date")


# 190 days after the start is day 191 of the time; a month has 30.4375 days, so a year 365.25
@pytest.mark.parametrize(
    ("unit", "expected"),
    [("days", 191.0), ("weeks", 191 / 7), ("months", 191 / 30.4375), ("years", 191 / 365.25)],
)
def test_units(unit: str, expected: float) -> None:
    assert record([(190, "PD")], given={"unit": unit})["AVAL"] == pytest.approx(expected, abs=1e-12)


OVERALL = {
    "events": [DEATH],
    "adequate": [],
    "last_known": ["ADSL.LSTALVDT", "ADRS.ADT"],
    "rules": [
        {"if": "no_event", "where": "DCSREAS = 'LOST'", "at": "last_known", "CNSR": 2, "EVNTDESC": "Lost"},
        {
            "if": "no_event",
            "at": "last_known",
            "CNSR": 1,
            "EVNTDESC": {"from": "ADSL.DCSREAS", "else": "Alive"},
        },
    ],
}


def test_overall_survival() -> None:
    def overall(course: Course, **more: Any) -> tuple[Any, ...]:
        found = record(course, given=OVERALL, **more)
        return found["day"], found["CNSR"], found["EVNTDESC"], found["CNSDTDSC"]

    assert overall(ON_TIME, death=200, LSTALVDT=on(190)) == (200, 0, "Death", None)
    assert overall(ON_TIME, LSTALVDT=on(190)) == (190, 1, "Alive", "Last known date")
    assert overall(ON_TIME, LSTALVDT=on(50)) == (
        84,
        1,
        "Alive",
        "Last known date",
    )  # the latest of the sources
    assert overall(ON_TIME, LSTALVDT=on(50), DCSREAS="LOST") == (84, 2, "Lost", "Last known date")
    assert overall(ON_TIME, LSTALVDT=on(50), DCSREAS="WITHDRAWN") == (84, 1, "WITHDRAWN", "Last known date")
    # who was seen alive, or died, after the cut-off was alive at the cut-off
    assert overall([], LSTALVDT=on(CUTOFF + 30), death=CUTOFF + 40) == (CUTOFF, 1, "Alive", "Last known date")
    assert overall([]) == (0, 1, "Alive", "Start date")
    assert [f.severity for f in make(tables([]), **OVERALL).findings] == ["warning"]


def test_a_subjects_own_text_in_other_words() -> None:
    def says(text: dict[str, Any], reason: str | None) -> Any:
        rule = NO_EVENT | {"EVNTDESC": {"from": "ADSL.DCSREAS"} | text}
        return record(ON_TIME, DCSREAS=reason, given={"rules": [rule]})["EVNTDESC"]

    assert says({}, "LOST") == "LOST"
    assert says({}, None) is None
    assert says({"words": {"LOST": "Lost to follow-up"}}, "LOST") == "Lost to follow-up"
    assert says({"words": {"LOST": "Lost to follow-up"}, "else": "Alive"}, None) == "Alive"


def test_follow_up_is_reversed() -> None:
    """Reverse Kaplan-Meier (Schemper and Smith, Control Clin Trials 1996;17:343-346): death censors, the end
    of observation is the event."""
    given = OVERALL | {
        "events": [DEATH | {"CNSR": 1, "CNSDTDSC": "Death"}],
        "rules": [{"if": "no_event", "at": "last_known", "CNSR": 0, "EVNTDESC": "End of observation"}],
    }
    found = record([], death=200, LSTALVDT=on(200), given=given)
    assert (found["day"], found["CNSR"], found["CNSDTDSC"]) == (200, 1, "Death")
    found = record([], LSTALVDT=on(190), given=given)
    assert (found["day"], found["CNSR"], found["CNSDTDSC"]) == (190, 0, None)


RESPONSE = {"from": "ADRS", "where": "AVALC IN ('CR', 'PR')", "date": "ADT"}


def test_duration_of_response_starts_at_the_response() -> None:
    given = {"start": RESPONSE, "population": ["FASFL", {"from": "ADRS", "where": "AVALC IN ('CR', 'PR')"}]}
    made = make(tables([(42, "PR"), (84, "CR"), (126, "PD")]), **given)
    assert made.frame.select("STARTDT", "ADT", "AVAL", "CNSR").row(0) == (on(42), on(126), 85.0, 0)
    assert made.sources.rows() == [(0, "ADRS", 1), (0, "ADRS", 3), (0, "ADSL", 7)]
    assert make(tables([(42, "PR"), (84, "CR")]), **given).frame["AVAL"].to_list() == [43.0]
    assert make(tables([(42, "PR")]), **given).frame["AVAL"].to_list() == [1.0]
    assert make(tables([(42, "SD"), (84, "PD")]), **given).frame.height == 0


def test_decisions_name_every_candidate_and_why() -> None:
    made = make(tables([*ON_TIME, (250, "PD"), (260, "PD")], death=400, therapy=120), rules=FDA_RULE)
    assert made.decisions is not None
    shown = {(c, v): (chosen, why) for _, c, v, _, chosen, why in made.decisions.rows()}
    by = "first, but censored by rule 2, new_therapy_before_event"
    assert shown[("PD ADRS.ADT", str(on(250)))] == (False, by)
    assert shown[("PD ADRS.ADT", str(on(260)))] == (False, f"later than PD on {on(250)}")
    assert shown[("DEATH ADSL.DTHDT", str(on(400)))] == (False, "after the data cut-off")
    assert shown[("rule 1, no_adequate_assessment_no_event", None)] == (
        False, "does not apply: there is an adequate assessment"
    )  # fmt: skip
    assert shown[("rule 2, new_therapy_before_event", str(on(84)))] == (
        True, f"new therapy on {on(120)}; date: Last adequate assessment"
    )  # fmt: skip
    assert shown[("rule 3, event_after_missed", str(on(84)))] == (
        False, "an earlier case applies: 3 missed in the 166 days before PD"
    )  # fmt: skip
    assert shown[("rule 4, no_event", None)] == (
        False,
        "does not apply: there is an event",
    )
    assert made.decisions["chosen"].sum() == 1


def test_subject_by_subject_is_all_at_once() -> None:
    """Subjects do not touch each other, and the order of the records does not matter."""
    courses: list[tuple[Course, dict[str, Any]]] = [
        ([*ON_TIME, (250, "PD")], {}), (ON_TIME, {"death": 100}), ([], {}), (ON_TIME, {"therapy": 50}),
        ([(-2, "PD")], {}),
    ]  # fmt: skip
    alone, parts = [], []
    for number, (course, subject) in enumerate(courses):
        found = tables(course, **subject)
        found = {k: f.with_columns(pl.lit(str(number)).alias("USUBJID")) for k, f in found.items()}
        alone.append(make(found, rules=FDA_RULE).frame)
        parts.append(found)
    whole = {
        k: pl.concat([p[k] for p in parts]).sample(fraction=1, shuffle=True, seed=3) for k in ("ADSL", "ADRS")
    }
    together = make(whole, rules=FDA_RULE)
    assert together.frame.equals(pl.concat(alone))
    assert together.sources["index"].unique().sort().to_list() == list(range(len(courses)))
    none = make({k: f.clear() for k, f in whole.items()}, rules=FDA_RULE)
    assert none.frame.schema == together.frame.schema and none.frame.height == 0


SPEC = """population: FASFL
start: ADSL.TRTSDT
events:
  - {id: PD, from: ADRS, where: "AVALC = 'PD'", date: ADT, EVNTDESC: Progression}
rules:
  - {if: no_event, at: start, CNSR: 1, EVNTDESC: No event}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("date: ADT", "dat: ADT", 4, "'dat' is not known"),
        ("if: no_event", "if: no_events", 6, "no_event"),
        ("AVALC = 'PD'", "AVALC eq 'PD'", 4, "cannot be read"),
        ("at: start", "at: begin", 6, "last_adequate"),
        ("at: start", "at: last_known", 6, "needs 'last_known'"),
        ("if: no_event, at: start", "if: new_therapy_before_event", 6, "'date' belongs"),
        ("if: no_event, at: start", "if: event_after_missed, applies_to: DEATH, at: start", 6, "'schedule'"),
        ("start: ADSL.TRTSDT", "start: TRTSDT", 2, "DATASET.VARIABLE"),
    ],
)  # fmt: skip
def test_a_wrong_spec_names_its_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    path = tmp_path / "adtte.yaml"
    assert old in SPEC
    path.write_text(SPEC.replace(old, new), encoding="utf-8")
    with pytest.raises(SpecError, match=says) as caught:
        typed = RULE.read(read_tree(path, shown="adtte.yaml"), NOWHERE)
        RULE.nested(typed)
        RULE.function(fetch_of(tables([])), **typed, study=STUDY)
    assert caught.value.place.line == line


def test_an_event_that_a_rule_names_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="'PROG', which is no event"):
        make(tables([]), rules=[MISSED | {"applies_to": ["PROG"]}])


def test_what_a_spec_reads_is_known_before_the_data() -> None:
    typed = RULE.read(
        {"population": "FASFL", "start": "ADSL.TRTSDT", "events": [PD, DEATH], "rules": FDA_RULE}, NOWHERE
    )
    assert set(RULE.nested(typed)) == {
        "ADSL.USUBJID", "ADSL.FASFL", "ADSL.TRTSDT", "ADRS.USUBJID", "ADRS.AVALC", "ADRS.ADT", "ADRS.ASEQ",
        "ADSL.DTHFL", "ADSL.DTHDT", "ADSL.NACTDT",
    }  # fmt: skip


FOLDER = os.environ.get("TLFGEN_REFERENCE", "")


@pytest.mark.reference
@pytest.mark.skipif(not FOLDER, reason="TLFGEN_REFERENCE names no folder of reference data")
@pytest.mark.parametrize("parameter", ["PFS", "OS", "RSD"])
def test_against_pharmaverse(parameter: str) -> None:
    """Every record of pharmaverse's public ADTTE, from its ADRS and ADSL: PFS, overall survival and duration
    of response; randomised subjects, times in days, no cut-off."""
    folder = Path(FOLDER) / "data" / "adam_reference"
    adsl, adrs, adtte = (
        pl.read_parquet(folder / f"{n}.parquet").with_columns(
            pl.col("USUBJID").cast(pl.String), pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW)
        )
        for n in ("adsl", "adrs_onco", "adtte_onco")
    )
    of = {"from": "ADRS", "date": "ADT", "seq": "ASEQ"}
    flagged = "PARAMCD = '{}' AND AVALC = 'Y' AND ANL01FL = 'Y'"
    death = of | {"id": "DEATH", "where": flagged.format("DEATH"), "EVNTDESC": "Death", "rank": 2}
    progression = of | {"id": "PD", "where": flagged.format("PD"), "EVNTDESC": "Disease Progression"}
    last = of | {"where": "PARAMCD = 'LSTA' AND ANL01FL = 'Y'"}
    response = of | {"where": flagged.format("RSP")}
    unassessed = {"if": "no_adequate_assessment_no_event", "CNSR": 1, "EVNTDESC": "Randomization"}
    assessed = {"if": "no_event", "CNSR": 1, "EVNTDESC": "Last Tumor Assessment"}
    alive = {"if": "no_event", "at": "last_known", "CNSR": 1, "EVNTDESC": "Alive"}
    spec: dict[str, Any] = {
        "population": {"from": "ADSL", "where": "RANDDT IS NOT NULL"}, "start": "ADSL.RANDDT",
        "cutoff": "2030-01-01", "adequate": last,
    }  # fmt: skip
    own: dict[str, dict[str, Any]] = {
        "PFS": {"events": [progression, death], "rules": [unassessed, assessed]},
        "OS": {
            "events": [death],
            "last_known": ["ADSL.LSTALVDT"],
            "rules": [
                alive | {"where": "LSTALVDT > RANDDT"},
                unassessed | {"if": "no_event", "at": "start"},
            ],
        },
        "RSD": {
            "start": response,
            "population": {k: v for k, v in response.items() if k in ("from", "where")},
            "events": [progression, death],
            "rules": [assessed],
        },
    }
    made = make({"ADSL": adsl, "ADRS": adrs}, **spec | own[parameter]).frame.sort("USUBJID")
    theirs = adtte.filter(pl.col("PARAMCD") == parameter).sort("USUBJID")
    assert made.height == theirs.height > 0
    for name in ("USUBJID", "STARTDT", "ADT", "AVAL", "CNSR", "EVNTDESC"):
        assert made[name].cast(theirs.schema[name]).equals(theirs[name], check_names=False), name
    ours = made["CNSDTDSC"] != "Start date"
    counted = made.select(pl.lit(True) & ours.fill_null(True)).to_series()
    for name in ("SRCDOM", "SRCVAR", "SRCSEQ"):
        same = made[name].cast(theirs.schema[name]).eq_missing(theirs[name])
        assert same.filter(counted).all(), name
