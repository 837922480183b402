"""epoch: by the subject's elements. An element ends where the next begins (SDTMIG 3.4, 5.3)."""

from __future__ import annotations

import polars as pl
import pytest

from tlfgen.engine.registry import ROW, Derived
from tlfgen.sdtm.derive_epoch import derive_epoch

ELEMENTS = pl.DataFrame(
    [
        ("1", 1, "SCREENING", "2014-01-01", "2014-01-10"),
        ("1", 2, "TREATMENT", "2014-01-10", "2014-03-31"),
        ("1", 3, "FOLLOW-UP", "2014-03-31", "2014-06-30"),
        ("2", 4, "SCREENING", "2014-01-01", None),
    ],
    schema={
        "USUBJID": pl.String,
        ROW: pl.Int64,
        "EPOCH": pl.String,
        "SESTDTC": pl.String,
        "SEENDTC": pl.String,
    },
    orient="row",
)


def epoch(subject: str, date: str | None) -> Derived:
    frame = pl.DataFrame(
        {"USUBJID": [subject], ROW: [1], "AESTDTC": [date]}, schema_overrides={"AESTDTC": pl.String}
    )
    found: Derived = derive_epoch(frame, ELEMENTS, date="AESTDTC")
    return found


@pytest.mark.parametrize(
    ("date", "expected", "source"),
    [
        ("2013-12-31", None, None),  # before the first element
        ("2014-01-01", "SCREENING", 1),
        ("2014-01-09", "SCREENING", 1),
        ("2014-01-10", "TREATMENT", 2),  # the day of a change belongs to the element that begins
        ("2014-01-10T06:30", "TREATMENT", 2),
        ("2014-03-31", "FOLLOW-UP", 3),
        ("2014-06-30", "FOLLOW-UP", 3),
        ("2014-07-01", None, None),  # after the last element
        ("2014-02", "TREATMENT", 2),  # every day of the month lies in one epoch
        ("2014-01", None, None),
        ("2014", None, None),
        (None, None, None),
    ],
)
def test_epoch(date: str | None, expected: str | None, source: int | None) -> None:
    found = epoch("1", date)
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == [expected]
    assert found.sources is not None
    assert found.sources["source_row"].to_list() == ([source] if source else [])


def test_a_last_element_without_an_end_has_none() -> None:
    found = epoch("2", "2015-01-01")
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == ["SCREENING"]


def test_a_subject_without_elements_has_no_epoch() -> None:
    found = epoch("3", "2014-01-10")
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == [None]
