"""Doses: what EX and EC tell against the analysis sets, the arm, and each other."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tlfgen.reconcile.columns import absent_from, date, differ, first_rows, flagged, number, says, text
from tlfgen.reconcile.registry import ROW, SUBJECT, Data, Found, check

SETS = ("RANDFL", "ENRLFL")


def taken(frame: pl.DataFrame, letters: str) -> pl.Expr:
    """Whether a record tells a dose that was taken: no refusal, no zero dose but of a placebo."""
    placebo = text(frame, f"{letters}TRT").str.contains(r"(?i)placebo").fill_null(value=False)
    none = (number(frame, f"{letters}DOSE") == 0).fill_null(value=False) & ~placebo
    return ~_refused(frame, letters) & ~none


def _refused(frame: pl.DataFrame, letters: str) -> pl.Expr:
    planned = says(frame, f"{letters}MOOD", "SCHEDULED")
    return says(frame, f"{letters}OCCUR", "N") | says(frame, f"{letters}STAT", "NOT DONE") | planned


def _doses(data: Data, *variables: str) -> Iterator[tuple[str, pl.DataFrame]]:
    """EX, or EC where a study has no EX; with its letters, where it has all the variables (--DOSE)."""
    name = "EX" if "EX" in data else "EC"
    if name in data and {f"{name}{v}" for v in variables} <= set(data[name].columns):
        yield name, data[name]


def treated(data: Data) -> pl.DataFrame:
    """The first record of a dose of each subject: dataset, ROW, USUBJID."""
    frames = [
        first_rows(data[n].filter(taken(data[n], n))).select(pl.lit(n).alias("domain"), ROW, SUBJECT)
        for n in ("EX", "EC")
        if n in data
    ]
    schema = {"domain": pl.String, ROW: pl.UInt32, SUBJECT: pl.String}
    found = pl.concat(frames) if frames else pl.DataFrame(schema=schema)
    return found.unique(SUBJECT, keep="first", maintain_order=True)


@check("ADSL.SAFFL", severity="error")
def check_dose_outside_safety_set(data: Data) -> Iterator[Found]:
    """Every subject with a dose is in the safety set (ICH E9, 6.3: at least one dose)."""
    doses = treated(data)
    outside = doses.filter(absent_from(doses, flagged(data["ADSL"], "SAFFL")))
    for name in outside["domain"].unique(maintain_order=True):
        message = (
            "the subject has a dose and is not in the safety set (SAFFL): no safety table counts the subject"
        )
        yield Found(name, message, outside.filter(pl.col("domain") == name), (), f"{name}STDTC")


@check("ADSL", severity="error")
def check_treated_not_in_set(data: Data) -> Iterator[Found]:
    """Every treated subject is in the randomised and the enrolled set, where ADSL has them."""
    adsl = data["ADSL"]
    doses = treated(data).select(SUBJECT)
    for flag in SETS:
        if flag in adsl.columns:
            rows = adsl.filter(~says(adsl, flag, "Y")).join(doses, on=SUBJECT, how="semi")
            words = "randomised" if flag == "RANDFL" else "enrolled"
            yield Found("ADSL", f"the subject is treated and not {words}", rows, (flag,), flag)


@check("DM", severity="error")
def check_treated_without_arm(data: Data) -> Iterator[Found]:
    """Every treated subject has an arm (ARMCD)."""
    dm = data["DM"]
    if "ARMCD" not in dm.columns:
        return
    rows = dm.filter(text(dm, "ARMCD").is_null()).join(treated(data).select(SUBJECT), on=SUBJECT, how="semi")
    yield Found("DM", "the subject is treated and has no arm", rows, (), "ARMCD")


@check("ADSL", severity="error")
def check_set_without_treatment(data: Data) -> Iterator[Found]:
    """Every subject of the safety or the randomised set stands in a column by treatment."""
    adsl = data["ADSL"]
    for variable, flags in (("TRT01P", ("RANDFL", "SAFFL")), ("TRT01A", ("SAFFL",))):
        there = [f for f in flags if f in adsl.columns]
        if variable in adsl.columns and there:
            inside = pl.any_horizontal(says(adsl, f, "Y") for f in there)
            rows = adsl.filter(text(adsl, variable).is_null(), inside)
            message = f"{variable} is missing: the subject stands in no column but the total"
            yield Found("ADSL", message, rows, tuple(there), variable)


@check("ADSL.SAFFL", severity="error")
def check_safety_set_without_dose(data: Data) -> Iterator[Found]:
    """Every subject of the safety set has a record of a dose, be it of zero (ICH E9, 6.3)."""
    given = [data[n].filter(~_refused(data[n], n))[SUBJECT] for n in ("EX", "EC") if n in data]
    if given:
        adsl = data["ADSL"]
        rows = adsl.filter(says(adsl, "SAFFL", "Y"), absent_from(adsl, pl.concat(given).unique()))
        message = "the subject is in the safety set and has no dose: the tables count one treated too many"
        yield Found("ADSL", message, rows, ("SAFFL",), "SAFFL")


@check(severity="error")
def check_dose_without_date(data: Data) -> Iterator[Found]:
    """Every dose taken has a date of its start (EX, or EC where a study has no EX)."""
    for name, doses in _doses(data, "STDTC"):
        rows = doses.filter(taken(doses, name), text(doses, f"{name}STDTC").is_null())
        told = (f"{name}TRT", f"{name}DOSE")
        yield Found(name, "a dose without the date of its start", rows, told, f"{name}STDTC")


@check(severity="error")
def check_dose_without_amount(data: Data) -> Iterator[Found]:
    """Every dose taken has an amount (--DOSE or --DOSTXT), and none is below zero."""
    for name, doses in _doses(data, "DOSE"):
        lacks = text(doses, f"{name}DOSE").is_null() & text(doses, f"{name}DOSTXT").is_null()
        told, field = (f"{name}TRT", f"{name}STDTC"), f"{name}DOSE"
        yield Found(name, "a dose without its amount", doses.filter(taken(doses, name), lacks), told, field)
        below = doses.filter(number(doses, field) < 0)
        yield Found(name, "a dose below zero", below, (*told, field), field)


@check(severity="warning")
def check_dose_without_unit(data: Data) -> Iterator[Found]:
    """Every dose above zero has a unit."""
    for name, doses in _doses(data, "DOSE", "DOSU"):
        rows = doses.filter(number(doses, f"{name}DOSE") > 0, text(doses, f"{name}DOSU").is_null())
        yield Found(name, "a dose without its unit", rows, (f"{name}TRT", f"{name}DOSE"), f"{name}DOSU")


@check("EX.VISIT", severity="note")
def check_dose_without_visit(data: Data) -> Iterator[Found]:
    """A dose taken names its visit, where other doses of the treatment do."""
    doses = data["EX"]
    usual = text(doses, "VISIT").is_not_null().any().over(text(doses, "EXTRT"))
    rows = doses.filter(taken(doses, "EX"), usual, text(doses, "VISIT").is_null())
    yield Found("EX", "a dose without its visit", rows, ("EXTRT", "EXSTDTC"), "VISIT")


@check(severity="error")
def check_dose_not_taken(data: Data) -> Iterator[Found]:
    """A dose that did not occur has no amount, and one that occurred has a name."""
    for name in ("EX", "EC"):
        if name not in data or not {f"{name}OCCUR", f"{name}DOSE"} <= set(data[name].columns):
            continue
        doses = data[name]
        amount = number(doses, f"{name}DOSE") > 0
        rows = doses.filter(says(doses, f"{name}OCCUR", "N"), amount)
        told = (f"{name}OCCUR", f"{name}DOSE")
        yield Found(name, "a dose that did not occur has an amount", rows, told, f"{name}DOSE")
        rows = doses.filter(text(doses, f"{name}OCCUR").is_null(), amount)
        message = "a dose has an amount, and whether it was taken is not told"
        yield Found(name, message, rows, told, f"{name}OCCUR", severity="warning")
        rows = doses.filter(says(doses, f"{name}OCCUR", "Y"), text(doses, f"{name}TRT").is_null())
        yield Found(name, "a dose was taken of an unnamed treatment", rows, told, f"{name}TRT")


@check("EX.EXTRT", "EX.EXSTDTC", severity="warning")
def check_duplicate_dose(data: Data) -> Iterator[Found]:
    """No dose stands twice: same treatment, dose, start and end."""
    doses = data["EX"]
    wanted = (SUBJECT, "EXTRT", "EXDOSE", "EXDOSFRM", "EXLOC", "EXLAT", "EXTPT", "EXSTDTC", "EXENDTC")
    keys = [n for n in wanted if n in doses.columns]
    given = text(doses, "EXSTDTC").is_not_null()
    rows = doses.filter(given).filter(pl.struct(keys).is_duplicated(), ~pl.struct(keys).is_first_distinct())
    yield Found("EX", "the same dose stands twice", rows, ("EXTRT", "EXSTDTC"), "EXSTDTC")


@check("EX.EXSTDTC", "EX.EXENDTC", severity="warning")
def check_infusion_over_days(data: Data) -> Iterator[Found]:
    """An infusion begins and ends on one day, and has both dates."""
    doses = data["EX"]
    infused = says(doses, "EXDOSFRM", "INFUSION", "SOLUTION FOR INFUSION") | (
        says(doses, "EXROUTE", "INTRAVENOUS") & says(doses, "EXDOSFRQ", "ONCE", "Q3W", "Q2W", "Q4W", "QW")
    )
    start, end = date(doses, "EXSTDTC"), date(doses, "EXENDTC")
    rows = doses.filter(infused & taken(doses, "EX") & (differ(start, end) | start.is_null() | end.is_null()))
    yield Found("EX", "an infusion without one day", rows, ("EXSTDTC", "EXENDTC"), "EXENDTC")


@check("EX.EXSTDTC", severity="error")
def check_first_dose_differs(data: Data) -> Iterator[Found]:
    """The first dose of EX is that of DM (RFXSTDTC) and of ADSL (TRTSDT)."""
    doses = data["EX"]
    dated = doses.filter(taken(doses, "EX")).with_columns(date(doses, "EXSTDTC").alias("first"))
    whole = pl.col("first").str.len_chars() >= 10
    firsts = dated.group_by(SUBJECT).agg(pl.col("first").min(), whole.all().alias("whole"))
    firsts = firsts.filter(
        "whole", pl.col("first").is_not_null()
    )  # with a date in part, the first of the others need not be the first
    for name, variable in (("DM", "RFXSTDTC"), ("ADSL", "TRTSDT")):
        if name in data and variable in data[name].columns:
            rows = data[name].join(firsts, on=SUBJECT, how="inner", maintain_order="left")
            rows = rows.filter(differ(date(rows, variable), pl.col("first")) | date(rows, variable).is_null())
            rows = rows.rename({"first": "first dose in EX"})
            yield Found(
                name, f"{variable} is not the first dose", rows, (variable, "first dose in EX"), variable
            )
