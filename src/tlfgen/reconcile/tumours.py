"""Tumours: lesions, their states and the responses that an assessment gives (TU, TR, RS)."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tlfgen.reconcile.columns import date, day, later, number, says, text
from tlfgen.reconcile.registry import ROW, SUBJECT, Data, Found, check

ONE_DAY = ("TU", "TR", "RS")
LINKS = (("TRLNKGRP", "RSLNKGRP"), ("VISITNUM", "VISITNUM"))  # the second where the first ties nothing


@check("TR.TRTESTCD", "TR.TRSTRESC", "RS.RSTESTCD", "RS.RSSTRESC", severity="warning")
def check_non_target_response(data: Data) -> Iterator[Found]:
    """The response of the non-target lesions is that of their states.

    First case that applies:
      1. a lesion has progressed unequivocally             PD
      2. every lesion is absent                            CR
      3. a lesion is present                               NON-CR/NON-PD (or NE, where one is not evaluable)
      4. otherwise (none is evaluable)                     NE

    Source: RECIST 1.1 (Eisenhauer et al., Eur J Cancer 2009;45:228-247), 4.3.3.
    """
    states, responses = data["TR"], data["RS"]
    own = states.filter(says(states, "TRTESTCD", "TUMSTATE", "TUMSTATE_NT"))
    own = own.filter(text(own, "TRGRPID").str.to_uppercase().str.contains("NON").fill_null(value=True))
    own = own.with_columns(
        _evaluator(own, "TR").alias("by"), text(own, "TRSTRESC").str.to_uppercase().alias("state")
    )
    given = responses.filter(says(responses, "RSTESTCD", "NTRGRESP"))
    given = given.with_columns(_evaluator(given, "RS").alias("by"))
    keys = [SUBJECT, *(("by",) if _evaluated(states, responses) else ()), "at"]
    for lesion, response in LINKS:
        if lesion not in own.columns or response not in given.columns:
            continue
        implied = own.with_columns(_link(own, lesion)).group_by(keys, maintain_order=True)
        seen = implied.agg(
            *_implied(), pl.col("state").unique(maintain_order=True).str.join(", ").alias("states")
        )
        tied = given.with_columns(_link(given, response))
        rows = tied.join(seen, on=keys, how="inner", maintain_order="left")
        given = given.join(rows, on=ROW, how="anti", maintain_order="left")
        said = text(rows, "RSSTRESC").str.to_uppercase()
        unsure = (said == "NE") & pl.col("unsure")
        rows = rows.filter(said.is_not_null(), said != pl.col("implied"), ~unsure)
        message = "the non-target response is not that of the lesions' states"
        yield Found("RS", message, rows, ("RSSTRESC", "implied", "states"), "RSSTRESC")


def _implied() -> list[pl.Expr]:
    state = pl.col("state")
    progressed = state.str.contains("UNEQUIVOCAL|^PD$|PROGRESS").any()
    evaluable = ~state.str.contains("NOT EVALUABLE|^NE$|NOT ASSESS").fill_null(value=True)
    absent = state.is_in(["ABSENT", "DISAPPEARED", "RESOLVED"]).fill_null(value=False)
    implied = (
        pl.when(progressed).then(pl.lit("PD")).when(absent.all()).then(pl.lit("CR"))
        .when((evaluable & ~absent).any()).then(pl.lit("NON-CR/NON-PD")).otherwise(pl.lit("NE"))
    )  # fmt: skip
    return [implied.alias("implied"), (~evaluable).any().alias("unsure")]


def _link(frame: pl.DataFrame, name: str) -> pl.Expr:
    """What ties the records of one assessment; what is missing ties none."""
    return (number(frame, name) if name == "VISITNUM" else text(frame, name)).alias("at")


def _evaluated(states: pl.DataFrame, responses: pl.DataFrame) -> bool:
    return "TREVAL" in states.columns and "RSEVAL" in responses.columns


def _evaluator(frame: pl.DataFrame, letters: str) -> pl.Expr:
    names = (f"{letters}EVAL", f"{letters}EVALID")
    return pl.concat_str([text(frame, n).fill_null("") for n in names], separator=" ")


@check("TU.TUSTRESC", "RS.RSTESTCD", "RS.RSSTRESC", severity="warning")
def check_new_lesion_without_progression(data: Data) -> Iterator[Found]:
    """A new lesion goes with an overall response of PD, at any visit of the subject."""
    lesions, responses = data["TU"], data["RS"]
    new = lesions.filter(text(lesions, "TUSTRESC").str.to_uppercase().is_in(["NEW", "NEW LESION"]))
    overall = responses.filter(says(responses, "RSTESTCD", "OVRLRESP"))
    progressed = overall.filter(says(overall, "RSSTRESC", "PD", "PMD"))[SUBJECT].unique()
    rows = new.filter(~pl.col(SUBJECT).is_in(progressed.implode()))
    message = "a lesion is new, and no overall response is PD"
    yield Found("TU", message, rows, ("TULNKID", "TUDTC"), "TUSTRESC")


@check(severity="warning")
def check_tumour_record_incomplete(data: Data) -> Iterator[Found]:
    """A lesion has a date and a place, a diameter its value, a response its date and visit."""
    wanted = (
        ("TU", "TUDTC", "the date of the lesion"), ("TU", "TULOC", "the place of the lesion"),
        ("RS", "RSDTC", "the date of the response"), ("RS", "VISITNUM", "the visit of the response"),
    )  # fmt: skip
    for name, variable, what in wanted:
        if name in data and variable in data[name].columns:
            frame = data[name]
            rows = frame.filter(text(frame, variable).is_null(), ~says(frame, f"{name}STAT", "NOT DONE"))
            rows = rows.filter(text(rows, f"{name}STRESC").is_not_null())
            yield Found(name, f"{what} is missing", rows, (f"{name}TESTCD", f"{name}STRESC"), variable)
    if "TR" in data and "TRSTRESN" in data["TR"].columns:
        frame = data["TR"]
        sizes = says(frame, "TRTESTCD", "LDIAM", "DIAMETER", "LPERP")
        rows = frame.filter(sizes, pl.col("TRSTRESN").is_null(), ~says(frame, "TRSTAT", "NOT DONE"))
        yield Found("TR", "the diameter is missing", rows, ("TRLNKID", "TRDTC"), "TRSTRESN")


@check(severity="warning")
def check_one_day_two_visits(data: Data) -> Iterator[Found]:
    """The images of one day belong to one visit (TU, TR, RS)."""
    for name in (n for n in ONE_DAY if n in data):
        frame = data[name]
        if not {f"{name}DTC", "VISITNUM", "VISIT"} <= set(frame.columns):
            continue
        planned = frame.filter(
            ~text(frame, "VISIT").str.contains("(?i)unsched").fill_null(value=False),
            ~says(frame, f"{name}STAT", "NOT DONE"),
        )
        keys = [
            SUBJECT,
            "on",
            *(c for c in (f"{name}CAT", f"{name}EVAL", f"{name}EVALID") if c in frame.columns),
        ]
        days = planned.with_columns(day(planned, f"{name}DTC").alias("on")).filter(pl.col("on").is_not_null())
        visits = days.group_by(keys, maintain_order=True).agg(
            pl.col("VISIT").unique(maintain_order=True).str.join(", ").alias("visits"),
            pl.col("VISITNUM").n_unique().alias("n"), pl.col(ROW).first(),
        )  # fmt: skip
        rows = visits.filter(pl.col("n") > 1).sort(ROW)
        yield Found(name, "one day stands under several visits", rows, ("on", "visits"), f"{name}DTC")


@check("RS.RSCAT", "RS.RSTESTCD", severity="warning")
def check_response_without_criteria(data: Data) -> Iterator[Found]:
    """A response names its criteria (RSCAT)."""
    frame = data["RS"]
    rows = frame.filter(text(frame, "RSCAT").is_null())
    yield Found("RS", "the criteria of the response are missing", rows, ("RSTESTCD", "RSSTRESC"), "RSCAT")


@check("EX.EXSTDTC", "RS.RSDTC", "RS.RSTESTCD", severity="warning")
def check_response_before_dose(data: Data) -> Iterator[Found]:
    """No response of a tumour is dated before the first dose."""
    doses, responses = data["EX"], data["RS"]
    firsts = doses.group_by(SUBJECT).agg(date(doses, "EXSTDTC").str.slice(0, 10).min().alias("first dose"))
    rows = responses.filter(says(responses, "RSTESTCD", "OVRLRESP", "TRGRESP", "NTRGRESP"))
    rows = rows.join(firsts, on=SUBJECT, how="inner", maintain_order="left")
    rows = rows.filter(later(pl.col("first dose"), date(rows, "RSDTC")), ~says(rows, "RSSTRESC", "NOT DONE"))
    yield Found(
        "RS", "a response is dated before the first dose", rows, ("RSTESTCD", "RSDTC", "first dose"), "RSDTC"
    )


@check("RS.RSTESTCD", "RS.RSSTRESC", severity="warning")
def check_overall_response(data: Data) -> Iterator[Found]:
    """The overall response is that of the target and the non-target lesions at its visit.

    First case that applies:
      1. target or non-target PD                                        PD
      2. target CR, non-target CR or missing (there are no such lesions)  CR
      3. target CR or PR                                                PR
      4. target SD or NE                                                SD or NE
      5. otherwise                                                      not judged
    An overall PD is not judged: a new lesion may be its reason.

    Source: RECIST 1.1 (Eisenhauer et al., Eur J Cancer 2009;45:228-247), table 1.
    """
    frame = data["RS"]
    if "VISITNUM" not in frame.columns:
        return
    keys = [SUBJECT, "at", "by", "criteria"]
    own = frame.with_columns(
        _link(frame, "VISITNUM"), _evaluator(frame, "RS").alias("by"),
        text(frame, "RSCAT").fill_null("").alias("criteria"),
        text(frame, "RSSTRESC").str.to_uppercase().alias("said"),
    ).filter(pl.col("at").is_not_null())  # fmt: skip
    overall = own.filter(says(own, "RSTESTCD", "OVRLRESP"))
    for name in ("TRGRESP", "NTRGRESP"):
        part = own.filter(says(own, "RSTESTCD", name)).select(*keys, pl.col("said").alias(name))
        single = part.filter(~pl.struct(keys).is_duplicated())
        overall = overall.join(single, on=keys, how="left", maintain_order="left")
    rows = overall.with_columns(_implied_overall().alias("implied"))
    wrong = pl.col("said") != pl.col("implied")
    judged = pl.col("said").is_in(["CR", "PR", "SD", "NE"])
    told = ("RSSTRESC", "implied", "TRGRESP", "NTRGRESP")
    message = "the overall response is not that of the lesions"
    yield Found("RS", message, rows.filter(judged & wrong), told, "RSSTRESC")


def _implied_overall() -> pl.Expr:
    target, other = pl.col("TRGRESP"), pl.col("NTRGRESP")
    complete = other.is_null() | (other == "CR")
    progressed = (target == "PD").fill_null(value=False) | (other == "PD").fill_null(value=False)
    return (
        pl.when(progressed).then(pl.lit("PD"))
        .when((target == "CR") & complete).then(pl.lit("CR"))
        .when(target.is_in(["CR", "PR"])).then(pl.lit("PR"))
        .when(target.is_in(["SD", "NE"])).then(target)
    )  # fmt: skip
