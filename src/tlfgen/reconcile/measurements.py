"""Measurements: a result with its standard value, unit and limits, and what was not done."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tlfgen.reconcile.columns import domains, number, prefix, says, text
from tlfgen.reconcile.registry import ROW, SUBJECT, Data, Found, check
from tlfgen.spec.significant import significant

NO_RESULT = ("NE", "NOT EVALUABLE", "NOT DONE", "ND", "UNKNOWN")
MEASURED = ("LB", "VS", "EG", "CV", "PC")


@check(severity="warning")
def check_standard_result_missing(data: Data) -> Iterator[Found]:
    """A collected number of LB, VS, EG, CV or PC has its standard number, and that has its unit where other
    records of the test have one."""
    for name in (n for n in MEASURED if n in data):
        frame = data[name]
        collected, result, unit = f"{name}ORRES", f"{name}STRESN", f"{name}STRESU"
        if not {f"{name}TESTCD", collected, result} <= set(frame.columns):
            continue
        is_number = number(frame, collected).is_not_null()
        rows = frame.filter(is_number & pl.col(result).is_null())
        yield Found(
            name,
            "a number was collected, and the standard result is missing",
            rows,
            (f"{name}TESTCD", collected),
            result,
        )
        if unit in frame.columns:
            usual = text(frame, unit).is_not_null().any().over(f"{name}TESTCD")
            rows = frame.filter(usual & pl.col(result).is_not_null() & text(frame, unit).is_null())
            yield Found(name, "the standard result has no unit", rows, (f"{name}TESTCD", result), unit)


@check(severity="note")
def check_result_beyond_limit(data: Data) -> Iterator[Found]:
    """A result below or above a limit of measurement ("<5") has a standard number, or no mean counts it."""
    for name in (n for n in MEASURED if n in data):
        frame = data[name]
        words, result = f"{name}STRESC", f"{name}STRESN"
        if {words, result} <= set(frame.columns):
            beyond = text(frame, words).str.contains(r"^[<>]").fill_null(value=False)
            rows = frame.filter(beyond & pl.col(result).is_null())
            message = "the result is only known to lie beyond a limit: no mean counts it"
            yield Found(name, message, rows, (f"{name}TESTCD", words), words, together=True)


@check(severity="warning")
def check_units_mixed(data: Data) -> Iterator[Found]:
    """The standard results of a test have one unit, within a specimen and a method."""
    for name in (n for n in MEASURED if n in data):
        frame = data[name]
        unit, test = f"{name}STRESU", f"{name}TESTCD"
        if not {unit, test} <= set(frame.columns):
            continue
        keys = [k for k in (test, f"{name}CAT", f"{name}SPEC", f"{name}METHOD") if k in frame.columns]
        given = frame.filter(text(frame, unit).is_not_null())
        counted = (
            given.group_by([*keys, unit], maintain_order=True)
            .len()
            .with_columns(
                pl.len().over(keys).alias("units"),
                pl.col("len").rank("ordinal", descending=True).over(keys).alias("place"),
            )
        )
        rare = counted.filter(pl.col("units") > 1, pl.col("place") > 1).select([*keys, unit])
        rows = given.join(rare, on=[*keys, unit], how="semi", nulls_equal=True, maintain_order="left")
        yield Found(name, "the unit is not that of the test's other results", rows, (test, unit), unit)


@check("LB.LBSTNRLO", "LB.LBSTNRHI", severity="warning")
def check_range_limits(data: Data) -> Iterator[Found]:
    """The lower limit of normal is not above the upper one."""
    frame = data["LB"]
    low, high = (number(frame, n) for n in ("LBSTNRLO", "LBSTNRHI"))
    rows = frame.filter(significant(low) > significant(high))
    yield Found(
        "LB", "the lower limit is above the upper one", rows, ("LBTESTCD", "LBSTNRLO", "LBSTNRHI"), "LBSTNRLO"
    )


@check(severity="warning")
def check_range_indicator(data: Data) -> Iterator[Found]:
    """The indicator (LBNRIND, ANRIND) is that of the result against its limits, as standardised or as
    collected, and is there where the test has indicators."""
    message = "the indicator is not that of the limits"
    told = pl.DataFrame(schema={SUBJECT: pl.String, "#seq": pl.Float64})
    standard = ("LBSTRESN", "LBSTNRLO", "LBSTNRHI")
    if "LB" in data and {*standard, "LBNRIND", "LBTESTCD"} <= set(data["LB"].columns):
        frame = data["LB"]
        wrong = _against_limits(frame, "LBNRIND", "LBTESTCD", *standard)
        collected = ("LBORRES", "LBORNRLO", "LBORNRHI")
        if set(collected) <= set(frame.columns):
            wrong = wrong & _against_limits(frame, "LBNRIND", "LBTESTCD", *collected)
        rows = frame.filter(wrong)
        yield Found("LB", message, rows, ("LBTESTCD", *standard, "LBNRIND"), "LBNRIND")
        told = rows.select(SUBJECT, number(rows, "LBSEQ").alias("#seq"))
    analysis = ("AVAL", "ANRLO", "ANRHI")
    if "ADLB" in data and {*analysis, "ANRIND", "PARAMCD"} <= set(data["ADLB"].columns):
        frame = data["ADLB"]
        rows = frame.filter(_against_limits(frame, "ANRIND", "PARAMCD", *analysis))
        rows = rows.with_columns(number(rows, "LBSEQ").alias("#seq"))
        rows = rows.join(told, on=[SUBJECT, "#seq"], how="anti", maintain_order="left")
        yield Found("ADLB", message, rows, ("PARAMCD", *analysis, "ANRIND"), "ANRIND")


def _against_limits(frame: pl.DataFrame, indicator: str, test: str, *names: str) -> pl.Expr:
    value, low, high = (significant(number(frame, n)) for n in names)
    outside = (value > high).fill_null(value=False) | (value < low).fill_null(value=False)
    high_and_not = says(frame, indicator, "HIGH", "HIGH HIGH") & (value < high).fill_null(value=False)
    low_and_not = says(frame, indicator, "LOW", "LOW LOW") & (value > low).fill_null(value=False)
    blank = text(frame, indicator).is_null()
    judged = (~blank).any().over(test)
    return ((says(frame, indicator, "NORMAL") | (blank & judged)) & outside) | high_and_not | low_and_not


@check(severity="warning")
def check_not_done(data: Data) -> Iterator[Found]:
    """What was not done (--STAT) has no result; a questionnaire or a status has a result or the reason why
    not."""
    for name, frame in domains(data):
        letters = prefix(name)
        status, result, reason = f"{letters}STAT", f"{letters}ORRES", f"{letters}REASND"
        if status in frame.columns and result in frame.columns:
            done = text(frame, result).is_not_null() & ~says(frame, result, *NO_RESULT)
            rows = frame.filter(says(frame, status, "NOT DONE") & done)
            yield Found(name, "it was not done and has a result", rows, (status, result), status)
            if name in ("QS", "SS") and reason in frame.columns:
                rows = frame.filter(says(frame, status, "NOT DONE") & text(frame, reason).is_null())
                yield Found(
                    name,
                    "it was not done, and the reason is missing",
                    rows,
                    (status,),
                    reason,
                    severity="note",
                )
        if name in ("QS", "SS") and result in frame.columns:
            rows = frame.filter(text(frame, result).is_null(), ~says(frame, status, "NOT DONE"))
            yield Found(
                name,
                "the result is missing, and nothing says that it was not done",
                rows,
                (f"{letters}TESTCD",),
                result,
            )
        standard = f"{letters}STRESC"
        if name in ("QS", "SS") and {result, standard} <= set(frame.columns):
            rows = frame.filter(text(frame, result).is_not_null(), text(frame, standard).is_null())
            yield Found(name, "the standard result is missing", rows, (result,), standard)


@check("VS.VSTESTCD", "VS.VSSTRESN", severity="warning")
def check_blood_pressure(data: Data) -> Iterator[Found]:
    """The systolic pressure is above the diastolic one of the same measurement."""
    frame = data["VS"]
    keys = [
        k
        for k in (SUBJECT, "VISITNUM", "VISIT", "VSDTC", "VSPOS", "VSTPT", "VSTPTNUM", "VSGRPID")
        if k in frame.columns
    ]
    own = frame.select(ROW, *keys, "VSTESTCD", number(frame, "VSSTRESN").alias("VSSTRESN"))
    upper, lower = (own.filter(pl.col("VSTESTCD") == n) for n in ("SYSBP", "DIABP"))
    lower = lower.unique(keys, keep="first", maintain_order=True).select(
        *keys, pl.col("VSSTRESN").alias("DIABP")
    )
    rows = upper.join(lower, on=keys, how="inner", nulls_equal=True, maintain_order="left")
    rows = rows.filter(pl.col("VSSTRESN") <= pl.col("DIABP"))
    rows = rows.with_columns(pl.col("VSSTRESN").alias("SYSBP"))
    yield Found(
        "VS",
        "the systolic pressure is not above the diastolic one",
        rows,
        ("VSDTC", "SYSBP", "DIABP"),
        "VSSTRESN",
    )


@check("VS.VSTESTCD", "VS.VSSTRESN", severity="note")
def check_height_missing(data: Data) -> Iterator[Found]:
    """Every subject with vital signs has a height, where heights are collected."""
    frame = data["VS"]
    with_height = frame.filter(says(frame, "VSTESTCD", "HEIGHT"), pl.col("VSSTRESN").is_not_null())[
        SUBJECT
    ].unique()
    if with_height.len():
        rows = frame.filter(~pl.col(SUBJECT).is_in(with_height.implode()))
        rows = rows.unique(SUBJECT, keep="first", maintain_order=True)
        yield Found("VS", "the subject has no height", rows, (), "VSTESTCD")


@check("MI", severity="warning")
def check_specimen_missing(data: Data) -> Iterator[Found]:
    """A microscopic finding names its specimen."""
    frame = data["MI"]
    if "MISPEC" in frame.columns:
        rows = frame.filter(text(frame, "MISPEC").is_null(), ~says(frame, "MISTAT", "NOT DONE"))
        yield Found("MI", "the specimen is missing", rows, ("MITESTCD",), "MISPEC")
