"""Subjects: who stands in one dataset and not in another, and who stands twice."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tlfgen.reconcile.columns import (
    absent_from,
    date,
    domains,
    first_rows,
    flagged,
    is_adam,
    later,
    number,
    says,
    text,
)  # fmt: skip
from tlfgen.reconcile.registry import ROW, SUBJECT, Data, Found, check

RANDOMISED = ("RANDOMIZED", "RANDOMISED", "RANDOMIZATION")
MADE = ("SV", "SE")  # made of other domains, which tell it
NOT_TREATED = ("SCREEN FAILURE", "NOT ASSIGNED", "ASSIGNED, NOT TREATED")
DISCONTINUED = (
    r"(?i)DISCONTINU|WITHDRAW|LOST TO FOLLOW|DEATH|ADVERSE EVENT|PROTOCOL VIOLATION|LACK OF EFFICACY"
)


@check("DM.USUBJID", severity="error")
def check_subject_not_in_dm(data: Data) -> Iterator[Found]:
    """Every subject of a domain stands in DM."""
    known = data["DM"][SUBJECT].unique()
    for name, frame in domains(data):
        if name not in ("DM", *MADE):
            rows = first_rows(frame.filter(absent_from(frame, known)))
            yield Found(name, "the subject is not in DM: no table by subject holds the record", rows)


@check("DM.USUBJID", severity="error")
def check_subject_not_in_adsl(data: Data) -> Iterator[Found]:
    """Every subject of an analysis dataset stands in ADSL, and every one of ADSL in DM."""
    if "ADSL" not in data:
        return
    adsl = data["ADSL"]
    strange = adsl.filter(absent_from(adsl, data["DM"][SUBJECT].unique()))
    yield Found("ADSL", "the subject is not in DM", strange)
    for name, frame in data.items():
        if is_adam(name) and name != "ADSL" and SUBJECT in frame.columns:
            rows = first_rows(frame.filter(absent_from(frame, adsl[SUBJECT].unique())))
            yield Found(name, "the subject is not in ADSL: no table by subject holds the record", rows)


@check("DM.USUBJID", severity="error")
def check_subject_twice(data: Data) -> Iterator[Found]:
    """DM has one record a subject, and so has ADSL."""
    for name in ("DM", "ADSL"):
        if name in data:
            rows = data[name].filter(pl.col(SUBJECT).is_duplicated())
            yield Found(name, "the subject has more than one record", rows)


@check("DM.ARM", "DM.ACTARM", severity="note")
def check_other_arm(data: Data) -> Iterator[Found]:
    """The actual arm is the planned one (ACTARM, ARM)."""
    dm = data["DM"]
    differs = (text(dm, "ARM") != text(dm, "ACTARM")).fill_null(value=False)
    not_treated = says(dm, "ACTARM", *NOT_TREATED)
    rows = dm.filter(differs & ~not_treated)
    yield Found("DM", "the actual arm is not the planned one", rows, ("ARM", "ACTARM"), "ACTARM")


@check("DM.ARMCD", "DM.ARMNRS", severity="warning")
def check_arm_or_reason(data: Data) -> Iterator[Found]:
    """A subject has an arm, or a reason why not (ARMNRS)."""
    dm = data["DM"]
    rows = dm.filter(text(dm, "ARMCD").is_null(), text(dm, "ARMNRS").is_null())
    yield Found("DM", "neither an arm nor a reason why not", rows, (), "ARMCD")


@check("DS.DSDECOD", "SC.SCCAT", "SC.SCORRES", severity="warning")
def check_stratum_missing(data: Data) -> Iterator[Found]:
    """A randomised subject has the factors of stratification, where SC holds them."""
    own = data["DS"]
    factors = data["SC"].filter(says(data["SC"], "SCCAT", "STRATIFICATION"))
    if factors.height:
        yield Found(
            "SC",
            "a factor is missing",
            factors.filter(text(factors, "SCORRES").is_null()),
            ("SCTESTCD",),
            "SCORRES",
        )
        randomised = own.filter(says(own, "DSDECOD", *RANDOMISED))
        rows = randomised.filter(absent_from(randomised, factors[SUBJECT].unique()))
        yield Found(
            "DS",
            "the subject is randomised, and SC has no factor of stratification",
            rows,
            ("DSDECOD",),
            "DSDECOD",
        )


@check("DS.DSDECOD", severity="error")
def check_randomised_twice(data: Data) -> Iterator[Found]:
    """A subject is randomised once."""
    own = data["DS"]
    rows = own.filter(says(own, "DSDECOD", *RANDOMISED))
    rows = rows.filter(pl.col(SUBJECT).is_duplicated())
    yield Found("DS", "the subject is randomised more than once", rows, ("DSDECOD", "DSSTDTC"), "DSDECOD")


@check("DS.DSDECOD", "DS.DSSTDTC", severity="warning")
def check_disposition_without_date(data: Data) -> Iterator[Found]:
    """Every disposition has a date, and a term in words of the terminology."""
    own = data["DS"]
    rows = own.filter(text(own, "DSDECOD").is_not_null(), text(own, "DSSTDTC").is_null())
    yield Found("DS", "a disposition without its date", rows, ("DSDECOD",), "DSSTDTC")
    rows = own.filter(text(own, "DSTERM").is_not_null(), text(own, "DSDECOD").is_null())
    yield Found("DS", "a disposition without a standard term", rows, ("DSTERM",), "DSDECOD")


@check("DS.DSDECOD", "DS.DSSTDTC", "EX.EXSTDTC", severity="warning")
def check_dose_after_discontinuation(data: Data) -> Iterator[Found]:
    """No dose begins after the subject left the study or stopped treatment altogether."""
    own, doses = data["DS"], data["EX"]
    scope = text(own, "DSSCAT") if "DSSCAT" in own.columns else text(own, "DSCAT")
    left = ~scope.str.contains(r"(?i)PROTOCOL|OTHER|TREATMENT").fill_null(value=False)
    stopped = own.filter(
        left & says(own, "DSCAT", "DISPOSITION EVENT"),
        text(own, "DSDECOD").str.contains(DISCONTINUED).fill_null(value=False),
    )
    last = stopped.group_by(SUBJECT).agg(date(own, "DSSTDTC").str.slice(0, 10).max().alias("left"))
    rows = doses.join(last, on=SUBJECT, how="inner", maintain_order="left")
    rows = rows.filter(later(date(rows, "EXSTDTC"), pl.col("left")))
    yield Found("EX", "a dose begins after the subject left", rows, ("EXSTDTC", "left"), "EXSTDTC")


@check("AE.AESER", severity="warning")
def check_serious_event_outside(data: Data) -> Iterator[Found]:
    """Every serious event is of a subject of the safety set, and reaches ADAE where that is built."""
    events = data["AE"]
    serious = events.filter(says(events, "AESER", "Y"))
    told = ("AETERM", "AESTDTC")
    if "ADSL" in data and "SAFFL" in data["ADSL"].columns:
        rows = serious.filter(absent_from(serious, flagged(data["ADSL"], "SAFFL")))
        message = "a serious event of a subject outside the safety set: no safety table counts it"
        yield Found("AE", message, rows, told, "AESER")
    elif "DM" in data:
        rows = serious.filter(absent_from(serious, data["DM"][SUBJECT].unique()))
        yield Found("AE", "a serious event of a subject who is not in DM", rows, told, "AESER")
    if "ADAE" in data and {"AESEQ"} <= set(data["ADAE"].columns) & set(events.columns):
        analysed = _by_sequence(data["ADAE"])
        wanted = _by_sequence(serious)
        rows = wanted.join(analysed, on=[SUBJECT, "#seq"], how="anti", maintain_order="left")
        message = "a serious event that ADAE does not hold"
        yield Found("AE", message, rows.sort(ROW), told, "AESER", severity="error")
        if "AESER" in analysed.columns:
            other = analysed.filter(text(analysed, "AESER").str.to_uppercase() != "Y").select(SUBJECT, "#seq")
            rows = wanted.join(other, on=[SUBJECT, "#seq"], how="semi", maintain_order="left")
            message = "a serious event that ADAE does not call serious"
            yield Found("AE", message, rows.sort(ROW), told, "AESER", severity="error")
    if "ADAE" in data and "AESER" in data["ADAE"].columns:
        analysed = data["ADAE"]
        unknown = analysed.filter(text(analysed, "AESER").is_null())
        message = "whether the event is serious is not known: no table of serious events counts it"
        yield Found("ADAE", message, unknown, told, "AESER")


def _by_sequence(events: pl.DataFrame) -> pl.DataFrame:
    return events.with_columns(number(events, "AESEQ").alias("#seq"))
