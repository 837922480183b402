"""treatment_emergent: one case of the rule a line."""

from __future__ import annotations

from datetime import date as day
from typing import Literal

import polars as pl
import pytest

from tlfgen.adam.derive_treatment_emergent import derive_treatment_emergent
from tlfgen.engine.registry import Derived


def own(found: Derived) -> list[str | None]:
    assert isinstance(found.values, pl.Series)
    return found.values.to_list()


FIRST, LAST = day(2014, 1, 10), day(2014, 3, 31)


@pytest.mark.parametrize(
    ("start", "end", "first", "last", "window", "missing", "expected"),
    [
        (day(2014, 2, 1), None, None, None, 30, "emergent", None),  # not treated
        (None, day(2014, 1, 9), FIRST, LAST, 30, "emergent", None),  # ended before the first dose
        (day(2014, 1, 1), day(2014, 1, 9), FIRST, LAST, 30, "emergent", None),
        (None, None, FIRST, LAST, 30, "emergent", "Y"),
        (None, day(2014, 2, 1), FIRST, LAST, 30, "emergent", "Y"),
        (None, None, FIRST, LAST, 30, "not", None),
        (day(2014, 1, 9), None, FIRST, LAST, 30, "emergent", None),  # began before, and goes on
        (day(2014, 1, 10), None, FIRST, LAST, 30, "emergent", "Y"),
        (day(2014, 4, 30), None, FIRST, LAST, 30, "emergent", "Y"),  # the 30th day after the last dose
        (day(2014, 5, 1), None, FIRST, LAST, 30, "emergent", None),
        (day(2014, 4, 1), None, FIRST, LAST, 0, "emergent", None),
        (day(2014, 5, 1), None, FIRST, LAST, None, "emergent", "Y"),  # no limit
        (day(2014, 5, 1), None, FIRST, None, 30, "emergent", "Y"),  # still treated
    ],
)
def test_treatment_emergent(
    start: day | None,
    end: day | None,
    first: day | None,
    last: day | None,
    window: int | None,
    missing: Literal["emergent", "not"],
    expected: str | None,
) -> None:
    dates = {"ASTDT": [start], "AENDT": [end], "TRTSDT": [first], "TRTEDT": [last]}
    frame = pl.DataFrame(dates, schema=dict.fromkeys(dates, pl.Date))
    found = derive_treatment_emergent(frame, end_window_days=window, missing_start=missing)
    assert own(found) == [expected]


def test_without_an_end_date() -> None:
    frame = pl.DataFrame({"ASTDT": [day(2014, 1, 20)], "TRTSDT": [FIRST], "TRTEDT": [LAST]})
    assert own(derive_treatment_emergent(frame, end=None, end_window_days=30)) == ["Y"]
