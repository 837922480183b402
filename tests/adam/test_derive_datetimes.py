"""impute_datetime, and what datetimes are compared with. Cases: ADaMIG 1.3, 3.1.3 (--DTF, --TMF)."""

from __future__ import annotations

import datetime
from datetime import datetime as at
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tlfgen.adam.derive_date import derive_date
from tlfgen.adam.derive_impute_date import Missing
from tlfgen.adam.derive_impute_datetime import derive_impute_datetime
from tlfgen.adam.derive_treatment_emergent import derive_treatment_emergent
from tlfgen.data.unread import TEXT
from tlfgen.engine.registry import ROW, Derived, rules
from tlfgen.errors import NOWHERE, SpecError
from tlfgen.sdtm.derive_study_day import derive_study_day
from tlfgen.spec.condition import parse_condition

FIRST = Missing(day="first", month="first")


def imputed(
    dtc: str | None, time: str, *, look: Any = lambda name: None, of: str = "AESTDTC", **more: Any
) -> Derived:
    """One record's datetime with its flags."""
    columns = {n: v for n, v in more.items() if n.isupper()}
    rows = pl.DataFrame({"USUBJID": ["1"], ROW: [1], of: [dtc], **{n: [v] for n, v in columns.items()}},
                        schema_overrides={of: pl.String})  # fmt: skip
    parameters = {n: v for n, v in more.items() if not n.isupper()}
    found = derive_impute_datetime(
        rows, of=of, time=time, date_flag="ASTDTF", time_flag="ASTTMF", look=look, **parameters
    )
    assert isinstance(found, Derived)
    return found


def shown(found: Derived) -> tuple[Any, Any, Any]:
    """The datetime, the flag of its date and that of its time."""
    assert isinstance(found.values, dict)
    return (found.values[""][0], found.values["ASTDTF"][0], found.values["ASTTMF"][0])


@pytest.mark.parametrize(
    ("dtc", "time", "expected"),
    [
        (None, "first", (None, None, None)),
        ("2024-03-20T09:30:15", "last", (at(2024, 3, 20, 9, 30, 15), None, None)),
        ("2024-03-20T09:30", "first", (at(2024, 3, 20, 9, 30, 0), None, "S")),
        ("2024-03-20T09:30", "last", (at(2024, 3, 20, 9, 30, 59), None, "S")),
        ("2024-03-20T09", "first", (at(2024, 3, 20, 9, 0, 0), None, "M")),
        ("2024-03-20T09", "last", (at(2024, 3, 20, 9, 59, 59), None, "M")),
        ("2024-03-20T09", "12:30:45", (at(2024, 3, 20, 9, 30, 45), None, "M")),
        ("2024-03-20", "first", (at(2024, 3, 20), None, "H")),
        ("2024-03-20", "last", (at(2024, 3, 20, 23, 59, 59), None, "H")),
        ("2024-03-20", "12:00:00", (at(2024, 3, 20, 12), None, "H")),
        ("2024-03-20", "none", (None, None, None)),
        ("2024-03-20T09", "none", (None, None, None)),
        ("2024-03-20T09:30", "none", (at(2024, 3, 20, 9, 30), None, "S")),
        ("2024-03", "first", (None, None, None)),  # no `missing`: a partial date is no day
    ],
)
def test_a_time_is_imputed_with_the_flag_of_its_highest_part(
    dtc: str | None, time: str, expected: tuple[Any, Any, Any]
) -> None:
    assert shown(imputed(dtc, time)) == expected


@pytest.mark.parametrize(
    ("dtc", "expected"),
    [
        ("2024-03", (at(2024, 3, 1), "D", "H")),
        ("2024", (at(2024, 1, 1), "M", "H")),
        ("2024---15", (at(2024, 1, 15), "M", "H")),
        ("2024-03-20T09:30:15", (at(2024, 3, 20, 9, 30, 15), None, None)),
        (None, (None, None, None)),
    ],
)
def test_a_date_may_be_imputed_too(dtc: str | None, expected: tuple[Any, Any, Any]) -> None:
    assert shown(imputed(dtc, "first", missing=FIRST)) == expected


def test_seconds_that_a_study_never_collects_have_no_flag() -> None:
    assert shown(imputed("2024-03-20T09:30", "first", seconds="not_collected")) == (
        at(2024, 3, 20, 9, 30),
        None,
        None,
    )
    assert shown(imputed("2024-03-20T09", "first", seconds="not_collected"))[2] == "M"
    told = imputed("2024-03-20T09:30:15", "first", seconds="not_collected").findings
    assert [(f.severity, f.value) for f in told] == [("error", "2024-03-20T09:30:15")]


@pytest.mark.parametrize(
    ("dtc", "time", "end", "expected"),
    [
        ("2024-03-20", "last", "2024-03-20T10:00", at(2024, 3, 20, 10, 0, 59)),  # not behind its own end
        ("2024-03-20", "last", "2024-03-21", at(2024, 3, 20, 23, 59, 59)),
        ("2024-03-20T11", "last", "2024-03-20T10:00", at(2024, 3, 20, 11, 59, 59)),  # what is collected stays
    ],
)
def test_an_imputed_start_is_not_behind_its_own_end(dtc: str, time: str, end: str, expected: at) -> None:
    found = imputed(dtc, time, look=lambda name: pl.Series([end]) if name == "AEENDTC" else None)
    assert shown(found)[0] == expected


def test_an_imputed_end_is_not_before_its_own_start() -> None:
    start = pl.Series(["2024-03-20T10"])
    look = {"AESTDTC": start}.get
    found = imputed("2024-03-20", "first", of="AEENDTC", look=look)
    assert shown(found)[0] == at(2024, 3, 20, 10)


@pytest.mark.parametrize(
    ("dtc", "expected"),
    [
        ("2024-03-20", at(2024, 3, 20, 9)),  # moved to the first dose, which it can mean
        ("2024-03-20T08", at(2024, 3, 20, 8)),  # it cannot
        ("2024-03-19", at(2024, 3, 19)),
        ("2024-03", at(2024, 3, 20, 9)),  # the day first, as in impute_date
    ],
)
def test_an_imputed_time_is_not_before_the_first_dose(dtc: str, expected: at) -> None:
    found = imputed(dtc, "first", missing=FIRST, not_before="TRTSDTM", TRTSDTM=at(2024, 3, 20, 9))
    assert shown(found)[0] == expected
    found = imputed("2024-03-20", "last", not_after=("TRTEDTM",), TRTEDTM=at(2024, 3, 20, 9))
    assert shown(found)[0] == at(2024, 3, 20, 9)


def test_each_imputed_time_is_in_the_trail() -> None:
    trail = imputed("2024-03", "first", missing=FIRST).decisions
    assert trail is not None
    assert trail.select("candidate", "value", "reason").rows() == [
        ("2024-03", "2024-03-01", "missing day: first"),
        ("2024-03", "2024-03-01T00:00:00", "missing time: first"),
    ]  # fmt: skip
    assert imputed("2024-03-20T09:30", "first").decisions.height == 0  # type: ignore[union-attr]


@pytest.mark.parametrize("time", ["midnight", "24:00:00", "12:00", "9:00:00"])
def test_a_time_that_is_none_is_refused(time: str) -> None:
    with pytest.raises(SpecError, match="is no time"):
        rules()["impute_datetime"].read({"of": "AESTDTC", "time": time}, NOWHERE)


ROWS = pl.DataFrame(
    {
        "USUBJID": ["1", "2", "3"], ROW: [1, 2, 3],
        "ASTDTM": [at(2024, 3, 20, 8, 30), at(2024, 3, 20, 10), at(2024, 3, 19, 23, 59, 59)],
        "TRTSDTM": [at(2024, 3, 20, 9)] * 3, "TRTSDT": [datetime.date(2024, 3, 20)] * 3,
        "AESTDTC": ["2024-03-20T08:30", "2024-03-20", "2024-03-19T23:59:59"],
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("ASTDTM < TRTSDTM", [True, False, True]),
        ("ASTDTM >= TRTSDT", [True, True, False]),  # a day against a moment: by the day
        ("ASTDTM = TRTSDT", [True, True, False]),
        ("ASTDTM >= '2024-03-20T10:00'", [False, True, False]),
        ("ASTDTM < DATE '2024-03-20'", [False, False, True]),
        ("AESTDTC < TRTSDTM", [True, False, True]),  # collected text: the day of 2 alone does not tell
        ("ASTDTM IN (DATE '2024-03-19', DATE '2024-03-21')", [False, False, True]),
    ],
)
def test_a_condition_compares_datetimes(text: str, met: list[bool]) -> None:
    assert parse_condition(text).rows(ROWS, {"AESTDTC": "partial"}).to_list() == met


def test_days_are_counted_from_datetimes() -> None:
    assert derive_study_day(ROWS, date="ASTDTM", reference="TRTSDTM").to_list() == [1, 1, -1]
    found = derive_date(ROWS, of="ASTDTM").values
    assert isinstance(found, pl.Series) and found.to_list()[2] == datetime.date(2024, 3, 19)


def test_an_event_is_emergent_by_time_where_both_have_one() -> None:
    """1: 08:30 is before the dose of 09:00. 2: its time was imputed, the day decides. 3: the day before."""
    marked = ROWS.with_columns(
        pl.col("AESTDTC").alias("ASTDTM" + TEXT),
        pl.lit("2024-03-20T09:00").alias("TRTSDTM" + TEXT),
        pl.lit(None, dtype=pl.Datetime("us")).alias("TRTEDTM"),
    )
    dates = {"start": "ASTDTM", "end": None, "first_dose": "TRTSDTM", "last_dose": "TRTEDTM"}
    found = derive_treatment_emergent(marked, **dates)
    assert isinstance(found.values, pl.Series) and found.values.to_list() == [None, "Y", None]


def test_a_datetime_is_that_of_sas_in_xpt(tmp_path: Path) -> None:
    """2024-03-20T08:30 is 23,455 days and 30,600 s after 1960-01-01: 64 years of 365 days, 16 leap days, 79
    days of 2024."""
    import pyreadstat

    from tlfgen.data.xpt_file import XptVariable, write_xpt

    assert 64 * 365 + 16 + 79 == 23455
    path = tmp_path / "adae.xpt"
    variable = XptVariable("ASTDTM", "Analysis Start Datetime", "number")
    write_xpt(path, ROWS.select("ASTDTM").head(1), name="ADAE", label="Events", variables=(variable,))
    frame, meta = pyreadstat.read_xport(str(path), disable_datetime_conversion=True)
    assert frame["ASTDTM"].tolist() == [23455 * 86400 + 30600]
    assert str(meta.original_variable_types["ASTDTM"]).startswith("DATETIME20")
