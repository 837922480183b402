"""study_day, sequence, flag_where."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest

from tlfgen.data.alike import counted
from tlfgen.engine.registry import ROW
from tlfgen.sdtm.derive_flag_where import derive_flag_where
from tlfgen.sdtm.derive_sequence import derive_sequence
from tlfgen.sdtm.derive_study_day import derive_study_day
from tlfgen.spec.condition import parse_condition


def rows(**columns: list[Any]) -> pl.DataFrame:
    height = len(next(iter(columns.values())))
    base: dict[str, list[Any]] = {"USUBJID": ["1"] * height, ROW: list(range(1, height + 1))}
    return pl.DataFrame(base | columns)


# SDTMIG 3.4, 4.4.4: the reference day is 1, the day before it is -1, and there is no day 0.
@pytest.mark.parametrize(
    ("date", "reference", "day"),
    [
        ("2014-01-02", "2014-01-02", 1),
        ("2014-01-03", "2014-01-02", 2),
        ("2014-01-01", "2014-01-02", -1),
        ("2013-12-26", "2014-01-02", -7),
        ("2012-03-01", "2012-02-28", 3),
        ("2014-01-02T23:59", "2014-01-02T00:01", 1),
        ("2014-01", "2014-01-02", None),
        ("2014", "2014-01-02", None),
        (None, "2014-01-02", None),
        ("2014-01-02", None, None),
        ("2014-01-02", "2014-01", None),
    ],
)
def test_study_day(date: str | None, reference: str | None, day: int | None) -> None:
    frame = pl.DataFrame(
        {"VSDTC": [date], "DM.RFSTDTC": [reference]}, schema={"VSDTC": pl.String, "DM.RFSTDTC": pl.String}
    )
    assert derive_study_day(frame, date="VSDTC").to_list() == [day]


def test_study_day_of_dates() -> None:
    frame = rows(ADT=[datetime.date(2014, 1, 1)], TRTSDT=[datetime.date(2014, 1, 2)])
    assert derive_study_day(frame, date="ADT", reference="TRTSDT").to_list() == [-1]


def test_sequence_counts_each_subject_as_collected() -> None:
    frame = rows(USUBJID=["2", "1", "2", "1", "1"])
    assert derive_sequence(frame).to_list() == [1, 1, 2, 2, 3]


def test_sequence_by_variables_puts_nulls_last_and_ties_as_collected() -> None:
    frame = rows(USUBJID=["1"] * 5, VSDTC=["2014-01-02", None, "2014-01-01", "2014-01-02", "2014-01-01"])
    assert derive_sequence(frame, order=("VSDTC",)).to_list() == [3, 5, 1, 4, 2]
    assert derive_sequence(frame, order=("-VSDTC",)).to_list() == [1, 5, 3, 2, 4]


def test_a_condition_that_is_not_known_to_be_true_flags_nothing() -> None:
    frame = rows(AGE=[64, 65, None])
    where = parse_condition("AGE < 65")
    for more, expected in (
        ({}, ["Y", None, None]),
        ({"otherwise": "N"}, ["Y", "N", None]),  # a missing age is not known to be 65 or more
        ({"otherwise": "N", "unknown_as": "U"}, ["Y", "N", "U"]),
        ({"value": "YOUNG"}, ["YOUNG", None, None]),
    ):
        found = derive_flag_where(frame, where=where, **more)
        assert isinstance(found.values, pl.Series)
        assert found.values.to_list() == expected
        assert [f.value for f in counted(found.findings)] == (["1"] if "otherwise" in more else [])
