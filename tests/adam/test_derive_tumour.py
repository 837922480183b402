"""nadir, target_response, sum_of_diameters, best_change, matching_value, has_record.

Expected values: RECIST 1.1 (Eisenhauer et al., Eur J Cancer 2009;45:228-247), section 4.3.1 for target
lesions (30 %, 20 % and 5 mm, the smallest sum on study as reference), 4.3.2 for nodes, lesions that split and
lesions too small to measure, 4.4.2 for missing ones; sums worked out by hand.
"""

from __future__ import annotations

from datetime import date as Day
from typing import Any

import polars as pl
import pytest

from tlfgen.adam.derive_has_record import derive_has_record
from tlfgen.adam.derive_matching_value import derive_matching_value
from tlfgen.adam.derive_nadir import derive_nadir
from tlfgen.adam.derive_percent_change import derive_percent_change
from tlfgen.adam.derive_target_response import derive_target_response
from tlfgen.adam.make_best_change import make_best_change
from tlfgen.adam.make_sum_of_diameters import make_sum_of_diameters
from tlfgen.engine.registry import ROW, Made
from tlfgen.errors import SpecError
from tlfgen.spec.condition import Condition, parse_condition
from tlfgen.spec.study import StudySpec

STUDY = StudySpec.model_validate(
    {
        "study": "X", "title": "X", "cutoff": "2021-01-01", "arms": [],
        "subject": {"from": "PT", "USUBJID": "{PT}"},
    }
)  # fmt: skip


def rows(**columns: list[Any]) -> pl.DataFrame:
    height = len(next(iter(columns.values())))
    base: dict[str, list[Any]] = {"USUBJID": ["1"] * height, ROW: list(range(1, height + 1))}
    return pl.DataFrame(base | columns)


def test_the_nadir_is_the_lowest_before_and_includes_the_baseline() -> None:
    frame = rows(
        PARAMCD=["S"] * 6,
        ADT=[Day(2020, m, 1) for m in range(1, 7)],
        AVAL=[20.0, 60.0, 70.0, 40.0, None, 50.0],
        ABLFL=[None, "Y", None, None, None, None],
    )
    found = derive_nadir(frame)
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == [None, None, 60.0, 60.0, 40.0, 40.0]  # 20 came before the baseline
    assert found.sources is not None
    assert found.sources.rows() == [(2, 2), (3, 2), (4, 4), (5, 4)]
    percent = derive_percent_change(frame.with_columns(found.values.alias("NADIR")), base="NADIR")
    assert percent.round(1).to_list() == [None, None, 16.7, -33.3, None, 25.0]


def test_no_nadir_without_a_baseline_a_date_or_among_records_of_a_day() -> None:
    frame = rows(
        USUBJID=["1", "1", "2", "2", "2", "2"],
        PARAMCD=["S"] * 6,
        ADT=[Day(2020, 1, 1), Day(2020, 2, 1), Day(2020, 1, 1), None, Day(2020, 2, 1), Day(2020, 2, 1)],
        AVAL=[10.0, 20.0, 30.0, 5.0, 25.0, 20.0],
        ABLFL=[None, None, "Y", None, None, None],
    )
    found = derive_nadir(frame).values
    assert isinstance(found, pl.Series)
    assert found.to_list() == [None, None, None, None, 30.0, 30.0]


@pytest.mark.parametrize(
    ("base", "nadir", "value", "left", "measured", "expected"),
    [
        (100.0, 100.0, 70.0, 2, 70.0, "PR"),  # 30 % below the baseline: at least
        (100.0, 100.0, 70.1, 2, 70.1, "SD"),
        (100.0, 50.0, 60.0, 2, 60.0, "PD"),  # 20 % above the nadir, though 40 % below the baseline
        (100.0, 50.0, 59.9, 2, 59.9, "PR"),
        (30.0, 20.0, 24.9, 2, 24.9, "SD"),  # 24.5 % above, but only 4.9 mm
        (30.0, 20.0, 25.0, 2, 25.0, "PD"),
        (60.0, 60.0, 65.0, 2, 65.0, "SD"),  # 5 mm above, but only 8 %
        (0.3, 0.3, 0.21, 1, 0.21, "PR"),  # 0.3 - 0.21 is 0.09 to a computer only nearly
        (40.0, 40.0, 9.0, 0, 9.0, "CR"),  # a node of 9 mm is none: the sum need not be 0
        (40.0, 0.0, 4.9, 1, 4.9, "PR"),  # back from nothing, by less than 5 mm
        (40.0, 0.0, 5.0, 1, 5.0, "PD"),
        (40.0, 40.0, None, None, 20.0, "NE"),
        (40.0, 20.0, None, None, 30.0, "PD"),  # the lesions measured alone prove it
        (None, None, 20.0, 1, 20.0, None),
        (40.0, 40.0, 20.0, None, None, None),  # one lesion's record, no sum
        (20.0, None, 20.0, 1, 20.0, None),
    ],
)
def test_the_response_that_the_sum_implies(
    base: Any, nadir: Any, value: Any, left: Any, measured: Any, expected: str | None
) -> None:
    kinds: dict[Any, Any] = {n: pl.Float64 for n in ("AVAL", "BASE", "NADIR", "MEASURED")} | {
        "NLEFT": pl.Int64
    }
    frame = rows(BASE=[base], NADIR=[nadir], AVAL=[value], NLEFT=[left], MEASURED=[measured]).cast(kinds)
    assert derive_target_response(frame).to_list() == [expected]


Measurement = tuple[str, str, str, float | None, str]  # visit, day, lesion, mm, test


def tumours(measurements: list[Measurement], **given: Any) -> dict[str, Any]:
    """The arguments of a maker on one subject's measurements; dosed first on 10 January 2020."""
    names = ("TRLNKGRP", "TRDTC", "TRLNKID", "TRSTRESN", "TRTESTCD")
    tr = pl.DataFrame(measurements, schema=names, orient="row").with_columns(
        pl.lit("1").alias("USUBJID"),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW),
        pl.col("TRSTRESN").cast(pl.Float64),
    )
    adsl = pl.DataFrame({"USUBJID": ["1", "2"], ROW: [5, 6], "TRTSDT": [Day(2020, 1, 10)] * 2})
    adsl = adsl.with_columns(pl.lit("Y").alias("FASFL"), pl.lit(Day(2020, 3, 1)).alias("NACTDT"))

    def fetch(*wanted: str, where: Condition | None = None) -> pl.DataFrame:
        frame = {"TR": tr, "ADSL": adsl}[wanted[0].partition(".")[0]]
        kept = frame if where is None else frame.filter(where.rows(frame))
        return kept.select("USUBJID", ROW, *dict.fromkeys(n.rpartition(".")[2] for n in wanted))

    return {
        "fetch": fetch, "value": "TR.TRSTRESN", "lesion": "TR.TRLNKID", "visit": "TR.TRLNKGRP",
        "date": "TR.TRDTC", "start": "ADSL.TRTSDT", "study": STUDY,
        "where": parse_condition("TRTESTCD IN ('LDIAM', 'LPERP')"),
    } | given  # fmt: skip


NODES = parse_condition("TRTESTCD = 'LPERP'")
COURSE: list[Measurement] = [
    ("A1", "2020-01-03", "T01", 30.0, "LDIAM"),
    ("A1", "2020-01-05", "T02", 20.0, "LPERP"),
    ("A1", "2020-01-05", "NT01", None, "TUMSTATE"),
    ("A2", "2020-02-20", "T01", 12.0, "LDIAM"),
    ("A2", "2020-02-21", "T02", 18.0, "LPERP"),
    ("A3", "2020-04-02", "T01", 0.0, "LDIAM"),
    ("A3", "2020-04-02", "T02", 9.0, "LPERP"),
    ("A4", "2020-05-14", "T01", 10.0, "LDIAM"),
    ("A4", "2020-05-14", "T02", None, "LPERP"),
]


def sums(measurements: list[Measurement], **given: Any) -> Made:
    made: Made = make_sum_of_diameters(**tumours(measurements, **given))
    return made


def test_the_sum_of_each_visit() -> None:
    """A node counts by its short axis and is gone below 10 mm; without one target there is no sum."""
    made = sums(COURSE, nodes=NODES)
    assert made.frame.select("TRLNKGRP", "ADT", "AVAL", "NLESION", "NLEFT", "MEASURED").rows() == [
        ("A1", Day(2020, 1, 5), 50.0, 2, 2, 50.0),
        ("A2", Day(2020, 2, 21), 30.0, 2, 2, 30.0),
        ("A3", Day(2020, 4, 2), 9.0, 2, 0, 9.0),
        ("A4", Day(2020, 5, 14), None, 1, None, 10.0),
    ]
    assert [(f.severity, f.row, f.message) for f in made.findings] == [
        ("warning", 8, "no sum of diameters at A4: T02 without one value")
    ]
    assert made.sources.rows() == [
        (0, "TR", 1), (0, "TR", 2), (1, "TR", 4), (1, "TR", 5),
        (2, "TR", 6), (2, "TR", 7), (3, "TR", 8), (3, "TR", 9),
    ]  # fmt: skip


def test_a_target_that_is_not_mentioned_is_missing_and_one_that_split_adds_up() -> None:
    course: list[Measurement] = [
        ("A1", "2020-01-03", "T01", 30.0, "LDIAM"),
        ("A1", "2020-01-03", "T02", 20.0, "LDIAM"),
        ("A2", "2020-02-20", "T01", 12.0, "LDIAM"),
        ("A3", "2020-04-02", "T01", 0.0, "LDIAM"),
        ("A3", "2020-04-02", "T01.1", 6.0, "LDIAM"),
        ("A3", "2020-04-02", "T01.2", 5.5, "LDIAM"),
        ("A3", "2020-04-02", "T02", 10.0, "LDIAM"),
    ]
    assert sums(course).frame["AVAL"].to_list() == [50.0, None, 21.5]


def test_two_values_of_one_lesion_make_no_sum_and_the_same_twice_counts_once() -> None:
    first: Measurement = ("A1", "2020-01-03", "T01", 30.0, "LDIAM")
    assert sums([first, first]).frame["AVAL"].to_list() == [30.0]
    made = sums(
        [first, ("A2", "2020-02-20", "T01", 20.0, "LDIAM"), ("A2", "2020-02-20", "T01", 25.0, "LDIAM")]
    )
    assert made.frame["AVAL"].to_list() == [30.0, None]


def test_the_baseline_is_the_last_visit_before_the_dose() -> None:
    """The dose was on 10 January: a scan of that day is the baseline; without one there is no sum."""
    course: list[Measurement] = [
        ("S1", "2019-12-01", "T01", 30.0, "LDIAM"),
        ("S2", "2020-01-10", "T01", 32.0, "LDIAM"),
        ("S2", "2020-01-10", "T02", 11.0, "LDIAM"),
    ]
    assert sums(course).frame.select("TRLNKGRP", "AVAL").rows() == [("S1", None), ("S2", 43.0)]
    late = sums([("A2", "2020-02-20", "T01", 12.0, "LDIAM")])
    assert late.frame["AVAL"].to_list() == [None]
    assert late.findings[0].message == "no sum of diameters at A2: the subject has no baseline"


def test_a_measurement_without_a_visit_is_reported() -> None:
    made = sums([("A1", "2020-01-03", "T01", 30.0, "LDIAM"), (None, "2020-02-03", "T01", 9.0, "LDIAM")])  # type: ignore[list-item]
    assert made.frame["AVAL"].to_list() == [30.0]
    assert [f.row for f in made.findings] == [2]


def test_the_best_change_of_each_subject() -> None:
    """50 -> 30 -> 9 mm: -40 % and -82 %; subject 2 has none, and a record with the source of its start."""
    made = make_best_change(**tumours(COURSE))
    assert made.frame.rows() == [("1", pytest.approx(-82.0), Day(2020, 4, 2)), ("2", None, None)]
    assert made.sources.rows() == [
        (0, "TR", 1), (0, "TR", 2), (0, "TR", 6), (0, "TR", 7), (1, "ADSL", 6),
    ]  # fmt: skip
    assert made.decisions is not None
    assert made.decisions.select("value", "chosen", "reason").rows() == [
        ("-40.0", False, "another is smaller, or as small and earlier"),
        ("-82.0", True, "the smallest change"),
        (None, False, "no sum: T02 without one value"),
    ]


def test_the_best_change_counts_until_new_therapy() -> None:
    made = make_best_change(**tumours(COURSE, until=("ADSL.NACTDT",)))
    assert made.frame.rows()[0] == ("1", pytest.approx(-40.0), Day(2020, 2, 21))
    assert made.decisions is not None
    assert made.decisions["reason"].to_list()[1] == "after what ends observation"


def test_a_sum_that_only_grew_has_the_smallest_increase() -> None:
    course: list[Measurement] = [
        ("A1", "2020-01-03", "T01", 20.0, "LDIAM"),
        ("A2", "2020-02-20", "T01", 24.0, "LDIAM"),
        ("A3", "2020-04-02", "T01", 22.0, "LDIAM"),
    ]
    assert make_best_change(**tumours(course)).frame["AVAL"].to_list() == [pytest.approx(10.0), None]


RESPONSES = rows(RSLNKGRP=["A2", "A3", "A4", "A4", None], RSSTRESC=["PR", "PD", "SD", "PD", "CR"])


def test_the_matching_value_and_what_differs_from_it() -> None:
    frame = rows(TRLNKGRP=["A1", "A2", "A3", "A4", None], TRGIMPL=[None, "PR", "SD", "PD", "CR"])
    found = derive_matching_value(
        frame, RESPONSES, of="RS.RSSTRESC", by=("TRLNKGRP",), match=("RS.RSLNKGRP",), compare="TRGIMPL"
    )
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == [None, "PR", "PD", None, None]
    assert found.sources is not None
    assert found.sources.rows() == [(1, 1), (2, 2)]
    assert [(f.row, f.message) for f in found.findings] == [
        (3, "several records match, with different values"),
        (2, "TRGIMPL is 'SD', but RS.RSSTRESC gives 'PD'"),
    ]


def test_keys_go_in_pairs() -> None:
    with pytest.raises(SpecError, match="by: has 1 names and match: 2"):
        derive_matching_value(
            rows(A=["x"]), RESPONSES, of="RS.RSSTRESC", by=("A",), match=("RSLNKGRP", "RSSTRESC")
        )


def test_has_record() -> None:
    records = pl.DataFrame({"USUBJID": ["1", "1", "2"], ROW: [1, 2, 3], "CMTRT": ["X", "Y", None]})
    frame = rows(USUBJID=["1", "2", "3"], AGE=[1, 2, 3])
    found = derive_has_record(frame, records, of="CM.CMTRT")
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == ["Y", "N", "N"]
    assert found.sources is not None
    assert found.sources.rows() == [(0, 1), (0, 2)]
    assert derive_has_record(frame, records, of="CM.CMTRT", otherwise=None).values.to_list() == [
        "Y",
        None,
        None,
    ]
