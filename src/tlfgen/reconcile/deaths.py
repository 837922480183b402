"""Deaths: every dataset that tells of one tells the same."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tlfgen.errors import Severity
from tlfgen.reconcile.columns import date, day, differ, domains, later, prefix, says, text
from tlfgen.reconcile.evidence import DATED, GRADE_5, WORDS, deaths, evidence, is_like
from tlfgen.reconcile.registry import ROW, SUBJECT, Data, Found, check

ENDS: dict[str, tuple[str, Severity]] = {
    "EX": ("dose", "error"), "EC": ("dose", "error"), "AE": ("event", "warning"),
}  # fmt: skip
AFTER = frozenset({"DM", "DS", "DD", "SS", "DV", "SE", "SV", "IE"})  # may be dated after a death


@check("DM", severity="error")
def check_death_not_in_dm(data: Data) -> Iterator[Found]:
    """A death that DS, DD, AE or SS tells reaches DM (DTHFL or DTHDTC)."""
    dm = data["DM"]
    inside = dm.filter(says(dm, "DTHFL", "Y") | date(dm, "DTHDTC").is_not_null())[SUBJECT]
    known = evidence(data).filter(pl.col("domain") != "DM", ~pl.col(SUBJECT).is_in(inside.implode()))
    told = known.group_by(SUBJECT, maintain_order=True).agg(
        pl.col("tells").unique(maintain_order=True).str.join(", ").alias("tells")
    )
    rows = dm.select(ROW, SUBJECT).join(told, on=SUBJECT, how="inner", maintain_order="left")
    message = "another domain tells that the subject has died, and DM has neither DTHFL nor DTHDTC"
    yield Found("DM", message, rows.rename({"tells": "told by"}), ("told by",), "DTHDTC")


@check("DM", severity="warning")
def check_death_in_dm_alone(data: Data) -> Iterator[Found]:
    """A death in DM stands in DS, AE, DD or SS too."""
    others = {"DS", "AE", "DD", "SS"} & set(data)
    if not others:
        return
    known = evidence(data)
    elsewhere = known.filter(pl.col("domain") != "DM")[SUBJECT].unique()
    rows = known.filter(pl.col("domain") == "DM", ~pl.col(SUBJECT).is_in(elsewhere.implode()))
    rows = rows.unique(SUBJECT, keep="first", maintain_order=True)
    message = f"DM tells a death that {', '.join(sorted(others))} do not"
    yield Found("DM", message, rows.rename({"tells": "told by"}), ("told by",), "DTHFL")


@check("DM", severity="error")
def check_death_dates_differ(data: Data) -> Iterator[Found]:
    """The dates of one death agree: DM, AE, DS, ADSL, and SS not before it."""
    known = evidence(data).filter(pl.col("died").is_not_null()).select("domain", SUBJECT, "died")
    if "ADSL" in data and "DTHDT" in data["ADSL"].columns:
        adsl = data["ADSL"]
        own = adsl.select(pl.lit("ADSL").alias("domain"), SUBJECT, date(adsl, "DTHDT").alias("died"))
        known = pl.concat([known, own.drop_nulls()])
    known = known.unique(maintain_order=True)
    told = (pl.col("domain") + " " + pl.col("died")).str.join(", ")
    pairs = known.join(known, on=SUBJECT).filter(differ(pl.col("died"), pl.col("died_right")))
    rows = known.filter(pl.col(SUBJECT).is_in(pairs[SUBJECT].implode()))
    rows = rows.group_by(SUBJECT, maintain_order=True).agg(told.alias("dates"))
    dm = data["DM"].select(ROW, SUBJECT)
    yield Found("DM", "the dates of death differ", dm.join(rows, on=SUBJECT), ("dates",), "DTHDTC")


@check("DM.DTHFL", "DM.DTHDTC", severity="warning")
def check_death_flag_or_date(data: Data) -> Iterator[Found]:
    """DTHFL and DTHDTC stand together."""
    dm = data["DM"]
    rows = dm.filter(says(dm, "DTHFL", "Y") != date(dm, "DTHDTC").is_not_null())
    yield Found("DM", "one of DTHFL and DTHDTC is missing", rows, ("DTHFL", "DTHDTC"), "DTHDTC")


@check(severity="error")
def check_after_death(data: Data) -> Iterator[Found]:
    """No record begins after its subject's death, DS, DD, SS, DV, SE and SV apart; no dose and no event ends
    after it."""
    dead = deaths(data).filter(pl.col("died").is_not_null()).select(SUBJECT, pl.col("died").alias("death"))
    for name, frame in domains(data):
        if name in AFTER or name.startswith("AP"):
            continue
        letters = prefix(name)
        variable = next((v for v in (f"{letters}STDTC", f"{letters}DTC") if v in frame.columns), None)
        if variable is None:
            continue
        rows = frame.join(dead, on=SUBJECT, how="inner", maintain_order="left")
        day_of_death = pl.col("death").str.slice(0, 10)
        begins = later(date(rows, variable), day_of_death)
        message = "the record begins after the subject's death"
        yield Found(name, message, rows.filter(begins), (variable, "death"), variable)
        end = f"{letters}ENDTC"
        if name in ENDS and end in frame.columns:
            over = rows.filter(~begins, later(date(rows, end), day_of_death))
            what, severity = ENDS[name]
            message = f"the {what} ends after the subject's death"
            yield Found(name, message, over, (end, "death"), end, severity=severity)


@check("SS.SSDTC", severity="error")
def check_status_against_death(data: Data) -> Iterator[Found]:
    """A survival status says alive up to the day of death and dead from it on."""
    status = data["SS"]
    if "SSTESTCD" in status.columns:
        status = status.filter(says(status, "SSTESTCD", "SURVSTAT"))
    dead = deaths(data).filter(pl.col("died").is_not_null()).select(SUBJECT, pl.col("died").alias("death"))
    rows = status.join(dead, on=SUBJECT, how="inner", maintain_order="left")
    seen, died = date(rows, "SSDTC").str.slice(0, 10), pl.col("death").str.slice(0, 10)
    result = next((n for n in ("SSSTRESC", "SSORRES") if n in rows.columns), None)
    if result is None:
        return
    wrong = (says(rows, result, "ALIVE") & later(seen, died)) | (
        is_like(rows, result, WORDS) & later(died, seen)
    )
    message = "the survival status contradicts the date of death"
    yield Found("SS", message, rows.filter(wrong), ("SSDTC", result, "death"), result)


@check("AE", severity="warning")
def check_fatal_event(data: Data) -> Iterator[Found]:
    """AESDTH, AEOUT, AETOXGR and AEDTHDTC of an event agree on whether it was fatal, and a fatal event ends
    with the death."""
    events = data["AE"]
    signs = {
        "AESDTH": says(events, "AESDTH", "Y"),
        "AEOUT": says(events, "AEOUT", "FATAL"),
        "AETOXGR": is_like(events, "AETOXGR", GRADE_5),
        "AEDTHDTC": date(events, "AEDTHDTC").is_not_null(),
    }
    there = {n: e for n, e in signs.items() if n in events.columns}
    if not there:
        return
    fatal, wholly = pl.any_horizontal(there.values()), pl.all_horizontal(there.values())
    rows = events.filter(fatal & ~wholly)
    yield Found("AE", "the event is fatal by one variable and not by another", rows, tuple(there), "AEOUT")
    known = deaths({n: f for n, f in data.items() if n != "SS"}).select(
        SUBJECT, pl.col("died").alias("death")
    )
    ended = events.filter(fatal, date(events, "AEDTHDTC").is_null(), day(events, "AEENDTC").is_not_null())
    rows = ended.join(known, on=SUBJECT, how="inner", maintain_order="left")
    rows = rows.filter(differ(day(rows, "AEENDTC"), pl.col("death")))
    yield Found("AE", "a fatal event does not end with the death", rows, ("AEENDTC", "death"), "AEENDTC")


@check("DS.DSTERM", severity="warning")
def check_death_without_cause(data: Data) -> Iterator[Found]:
    """A disposition that begins with "death due to" goes on with the cause."""
    own = data["DS"]
    rows = own.filter(text(own, "DSTERM").str.contains(r"(?i)\bdue to\W*$").fill_null(value=False))
    yield Found("DS", "the term names no cause", rows, ("DSTERM",), "DSTERM")


@check("DS.DSDECOD", severity="warning")
def check_death_not_in_ds(data: Data) -> Iterator[Found]:
    """A death that another domain tells is a disposition too, where DS tells deaths at all."""
    known = evidence(data)
    disposed = known.filter(pl.col("domain") == "DS")[SUBJECT].unique()
    if not disposed.len():
        return
    rows = known.filter(~pl.col(SUBJECT).is_in(disposed.implode()))
    rows = rows.unique(SUBJECT, keep="first", maintain_order=True)
    for name in rows["domain"].unique(maintain_order=True):
        own = rows.filter(pl.col("domain") == name).rename({"tells": "told by"})
        yield Found(name, "the subject has died, and DS has no death", own, ("told by",))


@check("DS.DSTERM", "DS.DSDECOD", "AE", severity="warning")
def check_death_without_event(data: Data) -> Iterator[Found]:
    """A death that DS lays to an adverse event has a fatal event in AE."""
    own = data["DS"]
    fatal = evidence(data).filter(pl.col("domain") == "AE")[SUBJECT].unique()
    by_event = text(own, "DSTERM").str.contains("(?i)adverse event").fill_null(value=False)
    rows = own.filter(says(own, "DSDECOD", "DEATH") & by_event, ~pl.col(SUBJECT).is_in(fatal.implode()))
    yield Found("DS", "a death by an adverse event, and no event was fatal", rows, ("DSTERM",), "DSTERM")


@check("DS.DSDECOD", "DS.DSSCAT", severity="warning")
def check_death_without_end_of_study(data: Data) -> Iterator[Found]:
    """A subject whose death stands in DS has a record of the end of the study, where DS has such records."""
    own = data["DS"]
    ended = own.filter(_ends_study(own))[SUBJECT].unique()
    if ended.len():
        rows = own.filter(says(own, "DSDECOD", "DEATH"), ~pl.col(SUBJECT).is_in(ended.implode()))
        yield Found("DS", "a death, and no record of the end of the study", rows, ("DSSCAT",), "DSSCAT")


@check("DS.DSDECOD", "DS.DSSCAT", severity="warning")
def check_left_twice(data: Data) -> Iterator[Found]:
    """A subject leaves the study once."""
    own = data["DS"]
    rows = own.filter(_ends_study(own)).filter(pl.col(SUBJECT).is_duplicated())
    yield Found("DS", "the subject leaves the study more than once", rows, ("DSDECOD", "DSSTDTC"), "DSSCAT")


def _ends_study(own: pl.DataFrame) -> pl.Expr:
    scope = text(own, "DSSCAT").str.to_uppercase()
    ends = scope.str.contains("STUDY PARTICIPATION|STUDY.*DISCON|END OF STUDY")
    return (ends & ~scope.str.contains("DRUG|TREATMENT")).fill_null(value=False)


@check(severity="note")
def check_death_date_partial(data: Data) -> Iterator[Found]:
    """A death is known to the day."""
    for name, variable in (*DATED, ("DS", "DSSTDTC")):
        if name in data and variable in data[name].columns:
            own = data[name]
            dead = says(own, "DSDECOD", "DEATH") if name == "DS" else pl.lit(value=True)
            rows = own.filter(dead, date(own, variable).str.len_chars() < 10)
            yield Found(name, "the date of death is not known to the day", rows, (variable,), variable)
