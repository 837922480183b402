"""Dates: pairs that cannot be, the cut-off, months that are missing, visits out of order."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tlfgen.reconcile.columns import date, day, domains, is_adam, later, number, prefix, text
from tlfgen.reconcile.registry import ROW, SUBJECT, Data, Found, check
from tlfgen.spec.study import StudySpec

PAIRS = (("ASTDT", "AENDT"), ("ASTDTM", "AENDTM"))
ADSL_PAIRS = (("TRTSDT", "TRTEDT"), ("RANDDT", "EOSDT"), ("TRTSDT", "EOSDT"), ("TRTSDT", "DTHDT"))
DM_PAIRS = (("RFSTDTC", "RFENDTC"), ("RFXSTDTC", "RFXENDTC"), ("RFICDTC", "RFPENDTC"), ("BRTHDTC", "RFICDTC"))


def start_of(name: str, frame: pl.DataFrame) -> str | None:
    """The variable with the date at which a dataset's records begin."""
    letters = prefix(name)
    wanted = ("ASTDT", "ADT") if is_adam(name) else (f"{letters}STDTC", f"{letters}DTC")
    return next((v for v in wanted if v in frame.columns), None)


@check(severity="error")
def check_start_after_end(data: Data) -> Iterator[Found]:
    """No record ends before it begins: --STDTC and --ENDTC, ASTDT and AENDT, the periods of DM and ADSL."""
    for name, frame in data.items():
        for start, end in _pairs(name):
            if {start, end} <= set(frame.columns):
                rows = frame.filter(later(date(frame, start), date(frame, end)))
                yield Found(name, f"{end} is before {start}", rows, (start, end), end)


def _pairs(name: str) -> tuple[tuple[str, str], ...]:
    if name in ("DM", "ADSL"):
        return DM_PAIRS if name == "DM" else ADSL_PAIRS
    return PAIRS if is_adam(name) else ((f"{prefix(name)}STDTC", f"{prefix(name)}ENDTC"),)


@check(severity="warning")
def check_after_cutoff(data: Data, study: StudySpec) -> Iterator[Found]:
    """No record begins after the cut-off at which the times to an event end; one finding for each dataset."""
    cutoff = study.cutoff.isoformat()
    for name, frame in data.items():
        start = start_of(name, frame)
        own = [start] if start else []
        if name == "ADSL" or (name == "DM" and "ADSL" not in data):
            own = [c for c in frame.columns if c.endswith("DT" if name == "ADSL" else "DTC")]
        for variable in own if SUBJECT in frame.columns else ():
            rows = frame.filter(later(date(frame, variable), pl.lit(cutoff)))
            message = (
                f"{variable} is after the cut-off of {cutoff}: times to an event end there, "
                f"and outputs of {name} hold these records all the same"
            )
            yield Found(name, message, rows, (variable,), variable, together=True)


@check(severity="note")
def check_month_missing(data: Data) -> Iterator[Found]:
    """A date with a day has a month."""
    for name, frame in domains(data):
        for variable in (c for c in frame.columns if c.endswith("DTC")):
            gap = text(frame, variable).str.contains(r"^\d{4}-(-|-?UN|-?UNK)-?-?\d\d$").fill_null(value=False)
            rows = frame.filter(gap)
            yield Found(name, "the day is known and the month is not", rows, (variable,), variable)


@check("DM.AGE", severity="warning")
def check_age(data: Data, *, least: float = 0, most: float = 110) -> Iterator[Found]:
    """Everybody has an age within the limits `least` and `most` (years)."""
    dm = data["DM"]
    age = number(dm, "AGE")
    rows = dm.filter(age.is_null() | (age < least) | (age > most))
    yield Found("DM", "the age is missing or impossible", rows, ("AGE",), "AGE")


@check(severity="warning")
def check_visit_order(data: Data, study: StudySpec) -> Iterator[Found]:
    """Planned visits of a subject follow each other in the order of their planned days."""
    planned = {v.VISITNUM: float(v.day) for v in study.visits if v.day is not None}
    for name, frame in domains(data):
        variable = f"{prefix(name)}DTC" if f"{prefix(name)}DTC" in frame.columns else f"{prefix(name)}STDTC"
        if (
            "VISITNUM" not in frame.columns
            or variable not in frame.columns
            or name in ("SV", "DS", "AE", "CM", "MH")
        ):
            continue
        if not planned and "VISITDY" not in frame.columns:
            continue
        yield Found(
            name,
            "a visit is dated before one that is planned to come earlier",
            _out_of_order(frame, variable, planned),
            ("VISIT", variable, "earlier visit", "dated"),
            variable,
        )


def _out_of_order(frame: pl.DataFrame, variable: str, planned: dict[float, float]) -> pl.DataFrame:
    """The first record of each planned visit that is dated before a visit planned earlier."""
    due = (
        number(frame, "VISITNUM").replace_strict(planned, default=None, return_dtype=pl.Float64)
        if planned
        else number(frame, "VISITDY")
    )
    wanted = [n for n in (ROW, SUBJECT, "VISITNUM", "VISIT", variable) if n in frame.columns]
    visits = frame.with_columns(due.alias("due"), day(frame, variable).alias("on")).filter(
        pl.col("due").is_not_null(), pl.col("on").is_not_null()
    )
    visits = visits.sort("on", ROW).unique([SUBJECT, "VISITNUM"], keep="first", maintain_order=True)
    visits = visits.select(*wanted, "due", "on").sort(SUBJECT, "due", "on")
    before = pl.col("on").cum_max().shift(1).over(SUBJECT)
    latest = (pl.col("on") == pl.col("before")) & (pl.col("due") < pl.col("own due"))
    late = visits.with_columns(before.alias("before")).filter(pl.col("on") < pl.col("before"))
    if not late.height:
        return late
    names = visits.select(SUBJECT, pl.col("on"), "due", text(visits, "VISIT").alias("earlier visit"))
    joined = late.rename({"due": "own due", "on": "own on"}).join(names, on=SUBJECT).filter(latest)
    joined = joined.unique(ROW, keep="first", maintain_order=True).rename({"on": "dated"})
    return joined.filter(pl.col("dated") > pl.col("own on")).sort(ROW)


@check("TS.TSPARMCD", "TS.TSVAL", "DM.RFICDTC", severity="warning")
def check_study_start(data: Data) -> Iterator[Found]:
    """The study's start (TS, SSTDTC) is the day of the first informed consent."""
    summary, dm = data["TS"], data["DM"]
    starts = summary.filter(pl.col("TSPARMCD") == "SSTDTC")
    consents = dm.select(date(dm, "RFICDTC").str.slice(0, 10).alias("first consent")).drop_nulls()
    first = consents["first consent"].min()
    if not starts.height or not isinstance(first, str):
        return
    rows = starts.filter(text(summary, "TSVAL") != first).with_columns(pl.lit(first).alias("first consent"))
    yield Found(
        "TS", "the start of the study is not the first consent", rows, ("TSVAL", "first consent"), "TSVAL"
    )


@check("ADSL.LSTALVDT", severity="warning")
def check_last_alive(data: Data) -> Iterator[Found]:
    """The last date known alive (LSTALVDT) is not after the death, and no visit or measurement is later."""
    adsl = data["ADSL"]
    known = date(adsl, "LSTALVDT")
    rows = adsl.filter(later(known, date(adsl, "DTHDT")))
    told = ("LSTALVDT", "DTHDT")
    yield Found(
        "ADSL", "the last date known alive is after the death", rows, told, "LSTALVDT", severity="error"
    )
    seen = [
        frame.select(SUBJECT, day(frame, variable).alias("seen"), pl.lit(name).alias("in")).drop_nulls()
        for name, frame in domains(data)
        for variable in (f"{prefix(name)}DTC", f"{prefix(name)}STDTC")
        if name in ("VS", "LB", "EG", "TR", "RS", "EX") and variable in frame.columns
    ]
    if not seen:
        return
    last = pl.concat(seen).sort("seen").unique(SUBJECT, keep="last", maintain_order=True)
    alive = adsl.filter(~(date(adsl, "DTHDT").is_not_null()))
    rows = alive.join(last, on=SUBJECT, how="inner", maintain_order="left")
    rows = rows.filter(later(pl.col("seen"), date(rows, "LSTALVDT")))
    message = "the subject was seen after the last date known alive"
    yield Found("ADSL", message, rows, ("LSTALVDT", "seen", "in"), "LSTALVDT")
