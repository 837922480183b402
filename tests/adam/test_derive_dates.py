"""date, impute_date, duration."""

from __future__ import annotations

import datetime
from datetime import date as day

import polars as pl
import pytest

from tlfgen.adam.derive_date import derive_date
from tlfgen.adam.derive_duration import derive_duration
from tlfgen.adam.derive_impute_date import Missing, Part, derive_impute_date
from tlfgen.engine.registry import ROW
from tlfgen.spec.study import StudySpec

STUDY = StudySpec.model_validate(
    {
        "study": "X",
        "title": "X",
        "cutoff": "2015-03-05",
        "arms": [],
        "subject": {"from": "PT", "USUBJID": "{PT}"},
    }
)
Day = datetime.date | None


def frame(dtc: str | None, **dates: Day) -> pl.DataFrame:
    columns = {"USUBJID": ["1"], ROW: [1], "AESTDTC": [dtc]} | {k: [v] for k, v in dates.items()}
    return pl.DataFrame(columns, schema_overrides={"AESTDTC": pl.String} | dict.fromkeys(dates, pl.Date))


@pytest.mark.parametrize(
    ("dtc", "expected"),
    [
        ("2014-02-28", day(2014, 2, 28)),
        ("2014-02-28T23:59", day(2014, 2, 28)),
        ("2014-02", None),
        ("2014", None),
        (None, None),
    ],
)
def test_date(dtc: str | None, expected: Day) -> None:
    found = derive_date(frame(dtc), of="AESTDTC").values
    assert isinstance(found, pl.Series)
    assert found.to_list() == [expected]


@pytest.mark.parametrize(
    ("dtc", "day_rule", "month_rule", "expected", "flag"),
    [
        ("2014-02-28", "first", "first", day(2014, 2, 28), None),
        ("2014-02-28T10:15", "first", "first", day(2014, 2, 28), None),
        ("2014-02", "first", "first", day(2014, 2, 1), "D"),
        ("2014-02", "mid", "first", day(2014, 2, 15), "D"),
        ("2014-02", "last", "first", day(2014, 2, 28), "D"),
        ("2012-02", "last", "first", day(2012, 2, 29), "D"),
        ("2014", "first", "first", day(2014, 1, 1), "M"),
        ("2014", "mid", "first", day(2014, 1, 15), "M"),
        ("2014", "last", "last", day(2014, 12, 31), "M"),
        ("2014", "first", "last", day(2014, 12, 1), "M"),
        ("2014", "mid", "mid", day(2014, 6, 30), "M"),
        (None, "first", "first", None, None),
    ],
)
def test_what_stands_for_a_missing_part(
    dtc: str | None, day_rule: Part, month_rule: Part, expected: Day, flag: str | None
) -> None:
    found = derive_impute_date(
        frame(dtc), of="AESTDTC", missing=Missing(day=day_rule, month=month_rule), flag="ASTDTF"
    )
    assert isinstance(found.values, dict)
    assert (found.values[""][0], found.values["ASTDTF"][0]) == (expected, flag)
    assert found.decisions is not None
    assert found.decisions.height == (1 if flag else 0)


@pytest.mark.parametrize(
    ("dtc", "first_dose", "expected"),
    [
        ("2014-02", day(2014, 2, 10), day(2014, 2, 10)),  # the month of the first dose
        ("2014", day(2014, 2, 10), day(2014, 2, 10)),
        ("2014-01", day(2014, 2, 10), day(2014, 1, 1)),  # the month before it: nothing to move
        ("2014-03", day(2014, 2, 10), day(2014, 3, 1)),
        ("2013", day(2014, 2, 10), day(2013, 1, 1)),
        ("2014-02-05", day(2014, 2, 10), day(2014, 2, 5)),  # collected, so it stays
        ("2014-02", None, day(2014, 2, 1)),
    ],
)
def test_a_start_is_not_before_the_first_dose_where_it_need_not_be(
    dtc: str, first_dose: Day, expected: Day
) -> None:
    found = derive_impute_date(
        frame(dtc, TRTSDT=first_dose),
        of="AESTDTC",
        missing=Missing(day="first", month="first"),
        not_before="TRTSDT",
    )
    assert isinstance(found.values, dict)
    assert found.values[""].to_list() == [expected]


@pytest.mark.parametrize(
    ("dtc", "death", "cutoff", "expected"),
    [
        ("2014-02", day(2014, 2, 10), day(2015, 3, 5), day(2014, 2, 10)),
        ("2014-02", None, day(2015, 3, 5), day(2014, 2, 28)),
        ("2014-02", day(2014, 1, 31), None, day(2014, 2, 28)),  # death before the month: it cannot be meant
        ("2015", day(2015, 2, 1), day(2015, 3, 5), day(2015, 2, 1)),
        ("2014-02-20", day(2014, 2, 10), None, day(2014, 2, 20)),
    ],
)
def test_an_end_is_not_after_death_or_cutoff(dtc: str, death: Day, cutoff: Day, expected: Day) -> None:
    found = derive_impute_date(
        frame(dtc, DTHDT=death, cutoff=cutoff), of="AESTDTC", missing=Missing(day="last", month="last"),
        not_after=("DTHDT", "cutoff"),
    )  # fmt: skip
    assert isinstance(found.values, dict)
    assert found.values[""].to_list() == [expected]


def test_the_trail_says_how_and_why() -> None:
    found = derive_impute_date(
        frame("2014-02", TRTSDT=day(2014, 2, 10)), of="AESTDTC", missing=Missing(day="first", month="first"),
        not_before="TRTSDT",
    )  # fmt: skip
    assert found.decisions is not None
    assert found.decisions.rows() == [(0, "2014-02", "2014-02-10", "impute_date", True, "not before TRTSDT")]


# Both days count: one day is 1, and a month is 30.4375 days (365.25 / 12).
@pytest.mark.parametrize(
    ("start", "end", "unit", "expected"),
    [
        (day(2014, 1, 2), day(2014, 1, 2), "days", 1),
        (day(2014, 1, 2), day(2014, 7, 2), "days", 182),
        (day(2014, 1, 1), day(2014, 1, 14), "weeks", 2.0),
        (day(2013, 1, 1), day(2016, 12, 31), "months", 48.0),
        (None, day(2014, 1, 2), "days", None),
        (day(2014, 1, 2), None, "days", None),
        (day(2014, 1, 2), day(2014, 1, 1), "days", None),
    ],
)
def test_duration(start: Day, end: Day, unit: str, expected: float | None) -> None:
    found = derive_duration(frame(None, A=start, B=end), start="A", end="B", unit=unit, study=STUDY)
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == [expected]
    assert len(found.findings) == (1 if start and end and end < start else 0)
