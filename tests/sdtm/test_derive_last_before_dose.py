"""last_before_dose: the last result before the first dose, one in each group."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tlfgen.engine.registry import ROW, Derived
from tlfgen.sdtm.derive_last_before_dose import SameDay, derive_last_before_dose


def results(
    *rows: tuple[str | None, float | None], dose: str | None = "2014-01-10", **more: list[Any]
) -> pl.DataFrame:
    dates, values = zip(*rows, strict=True)
    height = len(rows)
    base: dict[str, Any] = {
        "USUBJID": ["1"] * height, ROW: list(range(1, height + 1)), "VSTESTCD": ["SYSBP"] * height,
        "VSDTC": dates, "VSSTRESN": values, "DM.RFXSTDTC": [dose] * height,
    }  # fmt: skip
    texts = dict.fromkeys(("VSDTC", "DM.RFXSTDTC"), pl.String)
    return pl.DataFrame(base | more, schema_overrides={**texts, "VSSTRESN": pl.Float64})


def flags(frame: pl.DataFrame, same_day: SameDay = "before", order: tuple[str, ...] = ()) -> list[str | None]:
    found = derive(frame, same_day, order)
    assert isinstance(found.values, pl.Series)
    return found.values.to_list()


def derive(frame: pl.DataFrame, same_day: SameDay = "before", order: tuple[str, ...] = ()) -> Derived:
    found: Derived = derive_last_before_dose(
        frame, by=("VSTESTCD",), date="VSDTC", value="VSSTRESN", same_day=same_day, order=order
    )
    return found


def test_the_last_with_a_result_before_the_dose() -> None:
    frame = results(
        ("2014-01-01", 120), ("2014-01-05", 130), ("2014-01-07", None), (None, 125), ("2014-01-12", 140)
    )
    assert flags(frame) == [None, "Y", None, None, None]


def test_the_day_of_the_dose() -> None:
    frame = results(("2014-01-05", 120), ("2014-01-10", 130))
    assert flags(frame, "before") == [None, "Y"]
    assert flags(frame, "after") == ["Y", None]


@pytest.mark.parametrize(
    ("time", "expected"),
    [("2014-01-10T07:59", "Y"), ("2014-01-10T08:01", None), ("2014-01-10T08:00", None), ("2014-01-10", None)],
)
def test_times_decide_on_the_day_of_the_dose(time: str, expected: str | None) -> None:
    assert flags(results((time, 120), dose="2014-01-10T08:00"), "after") == [expected]


@pytest.mark.parametrize(
    ("partial", "expected"),
    [("2013-12", ["Y"]), ("2013", ["Y"]), ("2014-01", [None]), ("2014", [None])],
)
def test_a_partial_date_counts_where_it_can_only_lie_before_the_dose(
    partial: str, expected: list[str | None]
) -> None:
    assert flags(results((partial, 120))) == expected


def test_a_partial_date_counts_by_its_first_day() -> None:
    assert flags(results(("2013-12", 120), ("2013-12-02", 130))) == [None, "Y"]


def test_ties_go_by_the_order_then_as_collected() -> None:
    frame = results(("2014-01-05", 1), ("2014-01-05", 2), ("2014-01-05", 3), VISITNUM=[2.0, 2.0, 1.0])
    assert flags(frame, order=("VISITNUM",)) == [None, "Y", None]
    assert flags(frame, order=("-VISITNUM",)) == [None, None, "Y"]
    assert flags(frame) == [None, None, "Y"]
    missing = results(("2014-01-05", 1), ("2014-01-05", 2), VISITNUM=[2.0, None])
    assert flags(missing, order=("VISITNUM",)) == ["Y", None]


def test_no_dose_no_flag() -> None:
    assert flags(results(("2014-01-05", 1), dose=None)) == [None]


def test_each_group_has_its_own() -> None:
    frame = results(("2014-01-05", 1), ("2014-01-06", 2), VSTESTCD=["SYSBP", "DIABP"])
    assert flags(frame) == ["Y", "Y"]


def test_every_candidate_is_on_the_trail() -> None:
    decisions = derive(results(("2014-01-01", 120), ("2014-01-05", 130), ("2014-01-12", 140))).decisions
    assert decisions is not None
    assert decisions.select("index", "value", "chosen", "reason").rows() == [
        (0, "120.0", False, "a later one is taken"),
        (1, "130.0", True, "the last before the reference"),
    ]
