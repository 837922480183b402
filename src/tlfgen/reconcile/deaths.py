"""Deaths: every dataset that tells of one tells the same."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tlfgen.reconcile.columns import date, differ, domains, later, number, prefix, says, text
from tlfgen.reconcile.registry import ROW, SUBJECT, Data, Found, check
from tlfgen.spec.study import StudySpec

# a record that says so: domain, variable, words; and the variable with the day of death
SIGNS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("DM", "DTHFL", ("Y",), "DTHDTC"),
    ("DS", "DSDECOD", ("DEATH", "DIED", "DEAD"), "DSSTDTC"),
    ("DS", "DSTERM", ("DEATH", "DIED", "DEAD", "SUBJECT DIED", "PATIENT DIED"), "DSSTDTC"),
    ("AE", "AESDTH", ("Y",), "AEDTHDTC"),
    ("AE", "AEOUT", ("FATAL",), "AEDTHDTC"),
    ("AE", "AETOXGR", ("5",), "AEDTHDTC"),
    ("SS", "SSSTRESC", ("DEAD", "DIED", "DECEASED"), ""),
)
DATED = (("DM", "DTHDTC"), ("AE", "AEDTHDTC"))
AFTER = frozenset({"DM", "DS", "DD", "SS", "DV", "SE", "SV", "IE"})  # may be dated after a death
EVIDENCE = {
    "domain": pl.String, ROW: pl.UInt32, SUBJECT: pl.String, "tells": pl.String, "died": pl.String,
}  # fmt: skip


def evidence(data: Data) -> pl.DataFrame:
    """Every record of SDTM that says that its subject has died: domain, ROW, USUBJID, what tells it, and the
    date of death where the record holds one."""
    frames: list[pl.DataFrame] = []
    for domain, variable, words, dated in SIGNS:
        if domain in data and variable in data[domain].columns:
            own = data[domain]
            frames.append(
                _signs(domain, own, says(own, variable, *words), text(own, variable), variable, dated)
            )
    for domain, variable in DATED:
        if domain in data and variable in data[domain].columns:
            own = data[domain]
            dates = date(own, variable)
            frames.append(_signs(domain, own, dates.is_not_null(), dates, variable, variable))
    if "DD" in data:
        own = data["DD"]
        cause = pl.coalesce(text(own, "DDORRES"), text(own, "DDSTRESC"))
        frames.append(_signs("DD", own, cause.is_not_null(), cause, "DDORRES", ""))
    return pl.concat(frames) if frames else pl.DataFrame(schema=EVIDENCE)


def _signs(
    domain: str, own: pl.DataFrame, holds: pl.Expr, value: pl.Expr, variable: str, dated: str
) -> pl.DataFrame:
    return own.filter(holds).select(
        pl.lit(domain).alias("domain"),
        pl.col(ROW).cast(pl.UInt32),
        pl.col(SUBJECT).cast(pl.String),
        (pl.lit(f"{domain}.{variable} ") + value).alias("tells"),
        (date(own, dated) if dated else pl.lit(None, dtype=pl.String)).alias("died"),
    )


def deaths(data: Data) -> pl.DataFrame:
    """The subjects whom SDTM knows to have died: USUBJID, who tells it, and the earliest date of death."""
    known = evidence(data)
    return known.group_by(SUBJECT, maintain_order=True).agg(
        pl.col("tells").unique(maintain_order=True).str.join(", ").alias("tells"),
        pl.col("died").drop_nulls().sort().first().alias("died"),
    )


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


@check("ADSL", severity="error")
def check_death_not_in_adsl(data: Data) -> Iterator[Found]:
    """A death that any domain tells reaches ADSL (DTHFL or DTHDT)."""
    adsl = data["ADSL"]
    if not {"DTHFL", "DTHDT"} & set(adsl.columns):
        return
    lacks = ~(says(adsl, "DTHFL", "Y") | date(adsl, "DTHDT").is_not_null())
    rows = adsl.filter(lacks).select(ROW, SUBJECT)
    rows = rows.join(deaths(data), on=SUBJECT, how="inner", maintain_order="left")
    message = "the subject has died, and the tables count the subject as alive"
    field = "DTHDT" if "DTHDT" in adsl.columns else "DTHFL"
    yield Found("ADSL", message, rows.rename({"tells": "told by"}), ("told by",), field)


@check("ADTTE.CNSR", severity="error")
def check_alive_after_death(data: Data, study: StudySpec) -> Iterator[Found]:
    """Nobody with a death at or before the cut-off is censored as alive (EVNTDESC, CNSDTDSC)."""
    times = data["ADTTE"]
    cutoff = study.cutoff.isoformat()
    dead = deaths(data).filter(~later(pl.col("died"), pl.lit(cutoff)))
    alive = pl.any_horizontal(
        text(times, n).str.to_lowercase().str.contains(r"\balive\b").fill_null(value=False)
        for n in ("EVNTDESC", "CNSDTDSC")
    )
    rows = times.filter(number(times, "CNSR") > 0, alive).join(
        dead, on=SUBJECT, how="inner", maintain_order="left"
    )
    yield Found(
        "ADTTE",
        "a record calls the subject alive, and another domain tells a death",
        rows.rename({"tells": "told by"}),
        ("PARAMCD", "told by"),
        "EVNTDESC",
    )


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
    """No record begins after its subject's death, DS, DD, SS, DV, SE and SV apart."""
    dead = deaths(data).filter(pl.col("died").is_not_null()).select(SUBJECT, "died")
    for name, frame in domains(data):
        if name in AFTER or name.startswith("AP"):
            continue
        letters = prefix(name)
        variable = next((v for v in (f"{letters}STDTC", f"{letters}DTC") if v in frame.columns), None)
        if variable is None:
            continue
        rows = frame.select(ROW, SUBJECT, variable).join(dead, on=SUBJECT, how="inner", maintain_order="left")
        rows = rows.filter(later(date(rows, variable), pl.col("died").str.slice(0, 10)))
        told = rows.rename({"died": "death"})
        yield Found(name, "the record begins after the subject's death", told, (variable, "death"), variable)


@check("SS.SSSTRESC", "SS.SSDTC", severity="error")
def check_status_against_death(data: Data) -> Iterator[Found]:
    """A survival status says alive up to the day of death and dead from it on."""
    status = data["SS"]
    if "SSTESTCD" in status.columns:
        status = status.filter(says(status, "SSTESTCD", "SURVSTAT"))
    dead = deaths(data).filter(pl.col("died").is_not_null()).select(SUBJECT, "died")
    rows = status.join(dead, on=SUBJECT, how="inner", maintain_order="left")
    seen, died = date(rows, "SSDTC").str.slice(0, 10), pl.col("died").str.slice(0, 10)
    wrong = (says(rows, "SSSTRESC", "ALIVE") & later(seen, died)) | (
        says(rows, "SSSTRESC", "DEAD") & later(died, seen)
    )
    rows = rows.filter(wrong).rename({"died": "death"})
    yield Found(
        "SS",
        "the survival status contradicts the date of death",
        rows,
        ("SSDTC", "SSSTRESC", "death"),
        "SSSTRESC",
    )


@check("AE", severity="warning")
def check_fatal_event(data: Data) -> Iterator[Found]:
    """AESDTH, AEOUT, AETOXGR and AEDTHDTC of an event agree on whether it was fatal."""
    events = data["AE"]
    signs = {
        "AESDTH": says(events, "AESDTH", "Y"),
        "AEOUT": says(events, "AEOUT", "FATAL"),
        "AETOXGR": says(events, "AETOXGR", "5"),
        "AEDTHDTC": date(events, "AEDTHDTC").is_not_null(),
    }
    there = {n: e for n, e in signs.items() if n in events.columns}
    if len(there) < 2:
        return
    rows = events.filter(pl.any_horizontal(there.values()) & ~pl.all_horizontal(there.values()))
    yield Found("AE", "the event is fatal by one variable and not by another", rows, tuple(there), "AEOUT")


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
