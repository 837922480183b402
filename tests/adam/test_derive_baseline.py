"""baseline_value, change, percent_change, analysis_visit."""

from __future__ import annotations

from datetime import date as day
from typing import Any

import polars as pl
import pytest

from tlfgen.adam.derive_analysis_visit import derive_analysis_visit
from tlfgen.adam.derive_baseline_value import derive_baseline_value
from tlfgen.adam.derive_change import When, derive_change
from tlfgen.adam.derive_percent_change import derive_percent_change
from tlfgen.engine.registry import ROW
from tlfgen.errors import SpecError
from tlfgen.sdtm.derive_last_before_dose import SameDay
from tlfgen.spec.study import StudySpec


def rows(**columns: list[Any]) -> pl.DataFrame:
    height = len(next(iter(columns.values())))
    base: dict[str, list[Any]] = {"USUBJID": ["1"] * height, ROW: list(range(1, height + 1))}
    return pl.DataFrame(base | columns)


def test_every_record_of_a_group_gets_the_baseline() -> None:
    frame = rows(
        USUBJID=["1", "1", "1", "2", "2"],
        PARAMCD=["A", "A", "B", "A", "A"], ABLFL=["Y", None, None, None, "Y"],
        AVAL=[10.0, 12.0, 7.0, 20.0, 30.0],
    )  # fmt: skip
    found = derive_baseline_value(frame)
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == [10.0, 10.0, None, 30.0, 30.0]
    assert found.sources is not None
    assert found.sources.rows() == [(1, 1), (3, 5)]


def test_a_null_in_the_group_is_a_group() -> None:
    frame = rows(PARAMCD=["A", "A"], ATPT=[None, None], ABLFL=["Y", None], AVAL=[10.0, 12.0])
    found = derive_baseline_value(frame, by=("PARAMCD", "ATPT"))
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == [10.0, 10.0]


def test_two_baselines_are_an_error_and_give_none() -> None:
    found = derive_baseline_value(rows(PARAMCD=["A", "A"], ABLFL=["Y", "Y"], AVAL=[10.0, 12.0]))
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == [None, None]
    assert [(f.severity, f.row) for f in found.findings] == [("error", 0), ("error", 1)]


def test_a_text_has_a_baseline_too() -> None:
    frame = rows(PARAMCD=["A", "A"], ABLFL=["Y", None], AVALC=["LOW", "HIGH"])
    found = derive_baseline_value(frame, value="AVALC")
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == ["LOW", "LOW"]


CHANGES = rows(
    AVAL=[10.0, 15.0, None, 15.0, 15.0],
    BASE=[10.0, 10.0, 10.0, None, 0.0],
    ADT=[day(2014, 1, 10), day(2014, 1, 11), day(2014, 1, 11), day(2014, 1, 11), day(2014, 1, 11)],
    TRTSDT=[day(2014, 1, 10)] * 5,
)


@pytest.mark.parametrize(
    ("when", "same_day", "change", "percent"),
    [
        ("all", "before", [0.0, 5.0, None, None, 15.0], [0.0, 50.0, None, None, None]),
        ("post_baseline", "before", [None, 5.0, None, None, 15.0], [None, 50.0, None, None, None]),
        ("post_baseline", "after", [0.0, 5.0, None, None, 15.0], [0.0, 50.0, None, None, None]),
    ],
)
def test_change(
    when: When, same_day: SameDay, change: list[float | None], percent: list[float | None]
) -> None:
    found = derive_change(CHANGES, when=when, date="ADT", reference="TRTSDT", same_day=same_day)
    assert found.to_list() == change
    found = derive_percent_change(CHANGES, when=when, date="ADT", reference="TRTSDT", same_day=same_day)
    assert found.to_list() == percent


def test_a_rise_from_a_negative_baseline_is_positive() -> None:
    assert derive_percent_change(rows(AVAL=[-5.0], BASE=[-10.0])).to_list() == [50.0]


def test_post_baseline_needs_dates() -> None:
    with pytest.raises(SpecError, match="needs date: and reference:"):
        derive_change(CHANGES, when="post_baseline")


def test_analysis_visit() -> None:
    study = StudySpec.model_validate(
        {
            "study": "X", "title": "X", "cutoff": "2015-03-05", "arms": [],
            "subject": {"from": "PT", "USUBJID": "{PT}"},
            "visits": [
                {"VISITNUM": "3", "VISIT": "BASELINE", "analysis": "Baseline"},
                {"VISITNUM": "3.5", "VISIT": "ECG PLACEMENT", "analysis": "none"},
                {"VISITNUM": "4", "VISIT": "WEEK 2"},
            ],
        }
    )  # fmt: skip
    found = derive_analysis_visit(rows(VISITNUM=[3.0, 3.5, 4.0, 3.1, None]), number_to="AVISITN", study=study)
    assert isinstance(found.values, dict)
    assert found.values[""].to_list() == ["Baseline", None, "WEEK 2", None, None]
    assert found.values["AVISITN"].to_list() == [3.0, None, 4.0, None, None]
