"""occurrence_flag, analysis_flag, baseline_flag: one record of a group."""

from __future__ import annotations

from datetime import date as day
from typing import Any

import polars as pl
import pytest

from tlfgen.adam.derive_analysis_flag import derive_analysis_flag
from tlfgen.adam.derive_baseline_flag import derive_baseline_flag
from tlfgen.adam.derive_joined_flag import derive_joined_flag
from tlfgen.adam.derive_occurrence_flag import derive_occurrence_flag
from tlfgen.engine.registry import ROW, Derived
from tlfgen.errors import SpecError
from tlfgen.spec.condition import parse_condition


def rows(**columns: list[Any]) -> pl.DataFrame:
    height = len(next(iter(columns.values())))
    base: dict[str, list[Any]] = {"USUBJID": ["1"] * height, ROW: list(range(1, height + 1))}
    return pl.DataFrame(base | columns)


def flags(found: Derived) -> list[str | None]:
    assert isinstance(found.values, pl.Series)
    return found.values.to_list()


EVENTS = rows(
    USUBJID=["1", "1", "1", "2", "2"],
    AEDECOD=["RASH", "RASH", "COUGH", "RASH", None],
    TRTEMFL=["Y", "Y", "Y", None, "Y"],
    ASTDT=[day(2014, 1, 3), day(2014, 1, 2), day(2014, 1, 2), day(2014, 1, 1), None],
    ASEVN=[1, 3, 3, 2, None],
    AESEQ=[1, 2, 3, 1, 2],
)


def test_first_occurrence_in_a_subject_and_in_a_term() -> None:
    where = parse_condition("TRTEMFL = 'Y'")
    subject = derive_occurrence_flag(EVENTS, where=where, by=("USUBJID",), first=("ASTDT", "AESEQ"))
    assert flags(subject) == [None, "Y", None, None, "Y"]
    term = derive_occurrence_flag(EVENTS, where=where, by=("AEDECOD",), first=("ASTDT", "AESEQ"))
    assert flags(term) == [None, "Y", "Y", None, "Y"]


def test_descending_takes_the_highest_and_a_null_is_not_the_highest() -> None:
    worst = derive_occurrence_flag(EVENTS, first=("-ASEVN", "ASTDT", "-AESEQ"))
    assert flags(worst) == [None, None, "Y", "Y", None]


def test_the_trail_shows_all_between_which_there_was_a_choice() -> None:
    where = parse_condition("TRTEMFL = 'Y'")
    decisions = derive_occurrence_flag(EVENTS, where=where, first=("ASTDT", "AESEQ")).decisions
    assert decisions is not None
    assert decisions.select("index", "candidate", "value", "chosen").rows() == [
        (0, "ASTDT, AESEQ", "2014-01-03, 1", False),
        (1, "ASTDT, AESEQ", "2014-01-02, 2", True),
        (2, "ASTDT, AESEQ", "2014-01-02, 3", False),
    ]


READINGS = rows(
    AVISIT=["Week 2", "Week 2", "Week 2", "Week 4", None],
    ADY=[12, 15, 17, 30, 33],
    TARGET=[14, 14, 14, 28, None],
    AVAL=[1.0, 2.0, None, 4.0, 5.0],
)


@pytest.mark.parametrize(
    ("pick", "expected"),
    [
        ("first", ["Y", None, None, "Y", None]),
        ("last", [None, "Y", None, "Y", None]),
        ("closest", [None, "Y", None, "Y", None]),
    ],
)
def test_one_analysed_record_a_visit(pick: Any, expected: list[str | None]) -> None:
    where = parse_condition("AVAL IS NOT NULL AND AVISIT IS NOT NULL")
    found = derive_analysis_flag(
        READINGS, by=("AVISIT",), order=("ADY",), pick=pick, where=where, day="ADY", target="TARGET"
    )
    assert flags(found) == expected


def test_of_equal_distances_the_order_decides() -> None:
    frame = rows(ADY=[13, 15], TARGET=[14, 14])
    early = derive_analysis_flag(frame, by=(), order=("ADY",), pick="closest", day="ADY", target="TARGET")
    late = derive_analysis_flag(frame, by=(), order=("-ADY",), pick="closest", day="ADY", target="TARGET")
    assert (flags(early), flags(late)) == (["Y", None], [None, "Y"])


def test_closest_needs_a_day_and_a_target() -> None:
    with pytest.raises(SpecError, match="needs day: and target:"):
        derive_analysis_flag(READINGS, by=(), order=("ADY",), pick="closest")


def test_the_baseline_is_the_last_before_the_dose() -> None:
    frame = rows(
        PARAMCD=["SYSBP"] * 3 + ["TEMP"],
        ADT=[day(2014, 1, 1), day(2014, 1, 10), day(2014, 1, 11), day(2014, 1, 2)],
        AVAL=[120.0, 130.0, 140.0, 36.6],
        TRTSDT=[day(2014, 1, 10)] * 4,
    )
    assert flags(derive_baseline_flag(frame)) == [None, "Y", None, "Y"]
    assert flags(derive_baseline_flag(frame, same_day="after")) == ["Y", None, None, "Y"]


def test_a_record_is_flagged_that_a_later_one_bears_out() -> None:
    """1: 10 January by 10 February, 31 days; 10 February by none. 2: 20 days are too few. 3: no day."""
    records = pl.DataFrame(
        {
            "USUBJID": ["1", "1", "1", "2", "2", "3", "3"],
            ROW: [1, 2, 3, 4, 5, 6, 7],
            "AVAL": [4.0, 1.0, 3.0, 4.0, 4.0, 4.0, 4.0],
            "ADT": [*(day(2024, m, d) for m, d in ((1, 10), (1, 20), (2, 10), (1, 10), (1, 30))), None,
                    day(2024, 5, 1)],
        }
    )  # fmt: skip
    high = parse_condition("AVAL >= 3")
    found = derive_joined_flag(records, by=(), date="ADT", where=high, later=high, min_days=28)
    assert isinstance(found.values, pl.Series) and found.sources is not None
    assert found.values.to_list() == ["Y", None, None, None, None, None, None]
    assert found.sources.rows() == [(0, 3)]
    told = [(f.row, f.message.rpartition(": ")[2]) for f in found.findings]
    assert told == [(5, "it cannot be borne out")]
    only = parse_condition("AVAL >= 3 AND ADT IS NOT NULL")
    other = derive_joined_flag(records, by=(), date="ADT", where=only, later=high)
    assert [(f.row, f.message.rpartition(": ")[2]) for f in other.findings] == [(5, "it bears out no other")]
    near = derive_joined_flag(records, by=(), date="ADT", where=high, later=high, min_days=1, max_days=25)
    assert isinstance(near.values, pl.Series)
    assert near.values.to_list() == [None, None, None, "Y", None, None, None]
