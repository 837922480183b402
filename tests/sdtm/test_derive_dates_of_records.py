"""first_date, last_date, one_value: a value from another dataset's records."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest

from tlfgen.engine.registry import ROW, Derived
from tlfgen.sdtm.derive_first_date import derive_first_date
from tlfgen.sdtm.derive_last_date import derive_last_date
from tlfgen.sdtm.derive_one_value import derive_one_value


def subjects(*names: str, **columns: list[Any]) -> pl.DataFrame:
    return pl.DataFrame({"USUBJID": list(names), ROW: list(range(1, len(names) + 1))} | columns)


def doses(*dates: tuple[str, str | None], column: str = "EXSTDTC") -> pl.DataFrame:
    names, values = zip(*dates, strict=True)
    return pl.DataFrame(
        {"USUBJID": names, ROW: list(range(11, 11 + len(dates))), column: values},
        schema_overrides={column: pl.String},
    )


def only(derived: Derived) -> list[Any]:
    values = derived.values if isinstance(derived.values, pl.Series) else derived.values[""]
    return values.to_list()


def picked(derived: Derived) -> list[tuple[int, int]]:
    assert derived.sources is not None
    return [(i, r) for i, r in derived.sources.select("index", "source_row").iter_rows()]


def test_first_date_is_the_earliest_of_each_subject() -> None:
    records = doses(
        ("2", "2014-01-17"), ("1", "2012-08-28"), ("2", "2014-01-02"), ("1", None), ("4", "2010-01-01")
    )
    found = derive_first_date(subjects("1", "2", "3"), records, of="EX.EXSTDTC")
    assert only(found) == ["2012-08-28", "2014-01-02", None]
    assert picked(found) == [(0, 12), (1, 13)]
    assert found.findings == ()


def test_the_choice_is_on_the_trail() -> None:
    records = doses(("1", "2014-01-17"), ("1", "2014-01-02"), ("2", "2014-03-01"))
    found = derive_first_date(subjects("1", "2"), records, of="EX.EXSTDTC")
    assert found.decisions is not None
    assert found.decisions.select("index", "value", "chosen", "reason").rows() == [
        (0, "2014-01-02", True, "the earliest"),
        (0, "2014-01-17", False, "later"),
    ]


# A partial date stands for every day it can mean, so it may come before the complete date, or after it.
@pytest.mark.parametrize(
    ("dates", "first", "last"),
    [
        (["2014-03-05", "2014-03"], "2014-03", "2014-03"),
        (["2014-03-05", "2014-04"], "2014-03-05", "2014-04"),
        (["2014-03-05", "2014-02"], "2014-02", "2014-03-05"),
        (["2014-03-05", "2014"], "2014", "2014"),
        (["2014-03-05", "2014-03-05T08:00"], "2014-03-05", "2014-03-05"),
        (["2014-03-05T10:00", "2014-03-05T08:00"], "2014-03-05T08:00", "2014-03-05T10:00"),
    ],
)
def test_partial_dates(dates: list[str], first: str, last: str) -> None:
    records = doses(*(("1", d) for d in dates))
    earliest = derive_first_date(subjects("1"), records, of="EX.EXSTDTC")
    latest = derive_last_date(subjects("1"), records, of="EX.EXSTDTC")
    assert (only(earliest), only(latest)) == ([first], [last])
    assert [f.severity for f in earliest.findings] == (["warning"] if len(first) < 10 else [])
    assert [f.value for f in latest.findings] == ([last] if len(last) < 10 else [])


def test_dates_stay_dates() -> None:
    day = datetime.date(2014, 1, 2)
    records = pl.DataFrame({"USUBJID": ["1", "1"], ROW: [5, 6], "ADT": [day, datetime.date(2014, 1, 3)]})
    assert only(derive_first_date(subjects("1"), records, of="ADEX.ADT")) == [day]


def test_an_open_date_ends_at_the_earliest_that_is_known() -> None:
    """As for the open doses of a subject: end of study, death, cut-off."""
    who = subjects(
        "1", "2", "3", "4",
        EOSDT=[datetime.date(2014, 2, 1), None, None, None],
        DTHDT=[None, datetime.date(2014, 3, 1), None, None],
        cutoff=[datetime.date(2015, 3, 5), datetime.date(2015, 3, 5), datetime.date(2015, 3, 5), None],
    )  # fmt: skip
    records = doses(
        ("1", "2014-01-16"), ("1", None), ("2", None), ("3", "2014-01-16"), ("4", None), column="EXENDTC"
    )
    found = derive_last_date(
        who, records, of="EX.EXENDTC", open_until=("EOSDT", "DTHDT", "cutoff"), flag="TRTEDTF"
    )
    assert isinstance(found.values, dict)
    assert found.values[""].to_list() == ["2014-02-01", "2014-03-01", "2014-01-16", None]
    assert found.values["TRTEDTF"].to_list() == ["Y", "Y", None, None]
    assert picked(found) == [(0, 12), (1, 13), (2, 14)]
    assert [(f.row, f.severity) for f in found.findings] == [(0, "note"), (1, "note"), (3, "warning")]
    assert "2014-02-01 is taken, EOSDT, the earliest of EOSDT, DTHDT, cutoff" in found.findings[0].message


def test_an_open_date_that_is_not_the_latest_is_not_the_answer() -> None:
    who = subjects("1", EOSDT=[datetime.date(2014, 2, 1)])
    later = derive_last_date(
        who, doses(("1", None), ("1", "2014-02-03"), column="EXENDTC"), of="EX.EXENDTC", open_until=("EOSDT",)
    )
    assert (only(later), later.findings) == (["2014-02-03"], ())
    same = derive_last_date(
        who, doses(("1", None), ("1", "2014-02-01"), column="EXENDTC"), of="EX.EXENDTC", open_until=("EOSDT",)
    )
    assert (picked(same), same.findings) == ([(0, 12)], ())


def test_without_open_until_a_record_without_a_date_does_not_count() -> None:
    found = derive_last_date(
        subjects("1"), doses(("1", None), ("1", "2014-01-16"), column="EXENDTC"), of="EX.EXENDTC"
    )
    assert (only(found), found.findings) == (["2014-01-16"], ())


def test_one_value_is_what_all_records_agree_on() -> None:
    records = doses(
        ("1", None),
        ("1", "2014-05-01"),
        ("1", "2014-05-01"),
        ("2", "2014-05-01"),
        ("2", "2014-05-02"),
        column="DEATHDT",
    )
    found = derive_one_value(subjects("1", "2", "2", "3"), records, of="form.DS.DEATHDT")
    assert only(found) == ["2014-05-01", None, None, None]
    assert picked(found) == [(0, 12)]
    (finding,) = found.findings
    assert (finding.severity, finding.row, finding.value) == ("error", 1, "2014-05-01, 2014-05-02")
