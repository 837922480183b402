"""Adverse events and other occurrences: what one record tells of itself, and what DS tells of it."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tlfgen.reconcile.columns import date, domains, prefix, says, text
from tlfgen.reconcile.evidence import GRADE_5, is_like
from tlfgen.reconcile.registry import SUBJECT, Data, Found, check

CRITERIA = ("AESCONG", "AESDISAB", "AESDTH", "AESHOSP", "AESLIFE", "AESMIE")
OLDER_CRITERIA = ("AESCAN", "AESOD")
RESOLVED = ("RECOVERED/RESOLVED", "RECOVERED/RESOLVED WITH SEQUELAE")
OPEN = ("NOT RECOVERED/NOT RESOLVED", "RECOVERING/RESOLVING", "ONGOING")
TERMS = (("AE", "AETERM", "AEDECOD"), ("CM", "CMTRT", "CMDECOD"), ("MH", "MHTERM", "MHDECOD"))
EYE = r"(?i)\bEYE\b|RETINA|CORNEA|CONJUNCTIVA"
SAME = {
    "AE": ("AETERM", "AEDECOD", "AESTDTC", "AEENDTC", "AESEV", "AETOXGR", "AESER", "AEREL", "AEOUT", "AELAT"),
    "TR": ("TRTESTCD", "TRLNKID", "TRDTC", "VISITNUM", "TREVAL", "TREVALID", "TRORRES", "TRMETHOD"),
    "QS": ("QSCAT", "QSTESTCD", "QSDTC", "VISITNUM", "QSTPTNUM", "QSEVAL", "QSORRES"),
}  # fmt: skip


@check("AE.AESER", severity="error")
def check_seriousness(data: Data) -> Iterator[Found]:
    """A serious event has a criterion, and an event with a criterion, or a fatal one, is serious (ICH E2A,
    II.B)."""
    events = data["AE"]
    there = [c for c in (*CRITERIA, *OLDER_CRITERIA) if c in events.columns]
    yield Found(
        "AE", "whether the event is serious is missing", events.filter(text(events, "AESER").is_null()),
        ("AETERM", "AESTDTC"), "AESER",
    )  # fmt: skip
    other = (text(events, "AESER").str.to_uppercase() != "Y").fill_null(value=False)
    met = pl.any_horizontal(*(says(events, c, "Y") for c in there), pl.lit(value=False))
    fatal = says(events, "AEOUT", "FATAL") | is_like(events, "AETOXGR", GRADE_5)
    rows = events.filter(fatal & other & ~met)
    told = ("AETERM", "AESTDTC", "AESER", "AEOUT", "AETOXGR")
    yield Found("AE", "the event is fatal, and not serious", rows, told, "AESER")
    if not there:
        return
    named = pl.concat_list(pl.when(says(events, c, "Y")).then(pl.lit(c)) for c in there)
    named = named.list.drop_nulls().list.join(", ").alias("criteria")
    rows = events.with_columns(named).filter(met & other)
    message = "a criterion of seriousness is met, and the event is not serious"
    yield Found("AE", message, rows, ("AETERM", "AESTDTC", "AESER", "criteria"), "AESER")
    if set(CRITERIA[:5]) <= set(events.columns):
        rows = events.filter(says(events, "AESER", "Y") & ~met)
        message = "the event is serious, and no criterion is met"
        yield Found("AE", message, rows, ("AETERM", "AESTDTC"), "AESER", severity="warning")


@check("AE", severity="warning")
def check_event_incomplete(data: Data) -> Iterator[Found]:
    """An event has its causality and its severity or grade."""
    events = data["AE"]
    graded = [c for c in ("AESEV", "AETOXGR") if c in events.columns]
    if "AEREL" in events.columns:
        rows = events.filter(text(events, "AEREL").is_null())
        yield Found("AE", "the relation to the treatment is missing", rows, ("AETERM", "AESTDTC"), "AEREL")
    if graded:
        rows = events.filter(pl.all_horizontal(text(events, c).is_null() for c in graded))
        message = "the severity or grade is missing"
        yield Found("AE", message, rows, ("AETERM", "AESTDTC"), graded[-1])


@check("AE.AEOUT", "AE.AEENDTC", severity="warning")
def check_outcome_against_end(data: Data) -> Iterator[Found]:
    """A resolved event has an end, and one that goes on has none."""
    events = data["AE"]
    ended = text(events, "AEENDTC").is_not_null()
    told = ("AEOUT", "AEENDTC")
    rows = events.filter(says(events, "AEOUT", *RESOLVED) & ~ended)
    yield Found("AE", "the event is resolved and has no end", rows, told, "AEENDTC")
    rows = events.filter(says(events, "AEOUT", *OPEN) & ended)
    yield Found("AE", "the event is not resolved and has an end", rows, told, "AEOUT")
    if "AEDTHDTC" in events.columns:
        rows = events.filter(
            says(events, "AEOUT", "FATAL") & (date(events, "AEDTHDTC") != date(events, "AEENDTC"))
        )
        yield Found("AE", "a fatal event does not end with the death", rows, (*told, "AEDTHDTC"), "AEENDTC")


@check(severity="warning")
def check_term_without_code(data: Data) -> Iterator[Found]:
    """A term of AE, CM or MH has its dictionary term, where any has one."""
    for name, term, coded in TERMS:
        if name not in data or not {term, coded} <= set(data[name].columns):
            continue
        frame = data[name]
        uncoded = frame.filter(text(frame, term).is_not_null(), text(frame, coded).is_null())
        if uncoded.height < frame.height:  # none has one: it is not coded at all
            yield Found(name, "the term has no dictionary term", uncoded, (term,), coded)


@check(severity="warning")
def check_same_record_twice(data: Data) -> Iterator[Found]:
    """No event, tumour measurement or answer stands twice."""
    for name, variables in SAME.items():
        if name in data:
            frame = data[name]
            keys = [SUBJECT, *(v for v in variables if v in frame.columns)]
            if len(keys) > 3:
                repeated = pl.struct(keys).is_duplicated() & ~pl.struct(keys).is_first_distinct()
                rows = frame.filter(repeated & text(frame, keys[1]).is_not_null())
                yield Found(name, "the same record stands twice", rows, tuple(keys[1:4]), keys[1])


@check("AE.AEACN", "DS.DSDECOD", severity="warning")
def check_withdrawn_for_event(data: Data) -> Iterator[Found]:
    """A subject who stops for an adverse event has one with the drug withdrawn, and the other way round."""
    events, own = data["AE"], data["DS"]
    if not events.filter(text(events, "AEACN").is_not_null()).height:
        return
    withdrawn = says(events, "AEACN", "DRUG WITHDRAWN")
    for drug in (c for c in events.columns if c.startswith("AEACN") and c != "AEACN"):
        withdrawn = withdrawn | says(events, drug, "DRUG WITHDRAWN", "Y")
    several = says(events, "AEACN", "MULTIPLE")
    stopped = own.filter(says(own, "DSDECOD", "ADVERSE EVENT"))
    possible = events.filter(withdrawn | several)[SUBJECT].unique()
    rows = stopped.filter(~pl.col(SUBJECT).is_in(possible.implode())).unique(SUBJECT, maintain_order=True)
    message = "the subject stopped for an adverse event, and no event has the drug withdrawn"
    yield Found("DS", message, rows, ("DSDECOD", "DSSTDTC"), "DSDECOD")
    ended = own.filter(~says(own, "DSDECOD", "COMPLETED", "RANDOMIZED", "INFORMED CONSENT OBTAINED"))
    rows = events.filter(withdrawn, ~pl.col(SUBJECT).is_in(ended[SUBJECT].unique().implode()))
    rows = rows.unique(SUBJECT, keep="first", maintain_order=True)
    message = "the drug was withdrawn for an event, and DS tells no end of treatment but completion"
    yield Found("AE", message, rows, ("AETERM", "AEACN"), "AEACN")


@check(severity="note")
def check_side_missing(data: Data) -> Iterator[Found]:
    """A record about an eye names the side, where the domain has --LAT."""
    for name, frame in domains(data):
        place, side = f"{prefix(name)}LOC", f"{prefix(name)}LAT"
        if {place, side} <= set(frame.columns):
            eye = text(frame, place).str.contains(EYE).fill_null(value=False)
            rows = frame.filter(eye & text(frame, side).is_null())
            yield Found(name, "the side of the eye is missing", rows, (place,), side)


@check("CM.CMTRT", "CM.CMINDC", severity="note")
def check_indication_missing(data: Data) -> Iterator[Found]:
    """A medication names what it is given for."""
    drugs = data["CM"]
    rows = drugs.filter(text(drugs, "CMTRT").is_not_null(), text(drugs, "CMINDC").is_null())
    yield Found("CM", "the indication is missing", rows, ("CMTRT",), "CMINDC", together=True)
