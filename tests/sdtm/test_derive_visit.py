"""visit: names as collected to VISITNUM, VISIT and VISITDY."""

from __future__ import annotations

import polars as pl
import pytest

from tlfgen.engine.registry import ROW
from tlfgen.errors import SpecError
from tlfgen.sdtm.derive_visit import derive_visit
from tlfgen.spec.study import StudySpec

STUDY = StudySpec.model_validate(
    {
        "study": "X", "title": "X", "cutoff": "2015-03-05", "arms": [],
        "subject": {"from": "PT", "USUBJID": "{PT}"},
        "visits": [
            {"VISITNUM": "3", "VISIT": "BASELINE", "day": "1", "collected": ["Baseline"]},
            {"VISITNUM": "3.5", "VISIT": "AMBUL ECG PLACEMENT", "day": "13", "collected": ["ECG on"]},
            {"VISITNUM": "201", "VISIT": "RETRIEVAL"},
        ],
        "unscheduled": {"pattern": r"Unscheduled (?P<VISITNUM>\d+\.\d+)"},
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "number", "visit", "day", "wrong"),
    [
        ("Baseline", 3.0, "BASELINE", 1, False),
        ("  baseline ", 3.0, "BASELINE", 1, False),
        ("ECG  on", 3.5, "AMBUL ECG PLACEMENT", 13, False),
        ("Retrieval", 201.0, "RETRIEVAL", None, False),
        ("Unscheduled 3.1", 3.1, "UNSCHEDULED 3.1", None, False),
        ("Unscheduled", None, None, None, True),
        ("Week 99", None, None, None, True),
        (None, None, None, None, False),
    ],
)
def test_visit(
    name: str | None, number: float | None, visit: str | None, day: int | None, wrong: bool
) -> None:
    frame = pl.DataFrame(
        {"USUBJID": ["1"], ROW: [1], "INSTANCE": [name]}, schema_overrides={"INSTANCE": pl.String}
    )
    found = derive_visit(frame, of="INSTANCE", visit_to="VISIT", day_to="VISITDY", study=STUDY)
    assert isinstance(found.values, dict)
    assert [found.values[k][0] for k in ("", "VISIT", "VISITDY")] == [number, visit, day]
    assert [(f.severity, f.row, f.value) for f in found.findings] == ([("error", 0, name)] if wrong else [])


def test_a_name_collected_for_two_visits_is_an_error_in_the_spec() -> None:
    twice = StudySpec.model_validate(
        STUDY.model_dump(by_alias=True)
        | {
            "visits": [
                {"VISITNUM": "1", "VISIT": "A", "collected": ["Day 1"]},
                {"VISITNUM": "2", "VISIT": "DAY 1"},
            ]
        }
    )
    frame = pl.DataFrame({"USUBJID": ["1"], ROW: [1], "INSTANCE": ["Day 1"]})
    with pytest.raises(SpecError, match="'day 1' is collected for two visits, A and DAY 1"):
        derive_visit(frame, of="INSTANCE", study=twice)
