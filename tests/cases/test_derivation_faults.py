"""What is unreadable is never "no", what is partial is never "absent", what is missing is never zero: more
inputs, each with its right value by hand. The base: first dose 2024-03-20 09:00 of all eight patients."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from cases.conftest import Case, MakeCase

from tlfgen.adam.derive_baseline_flag import derive_baseline_flag
from tlfgen.adam.derive_matching_value import derive_matching_value
from tlfgen.adam.derive_nadir import derive_nadir
from tlfgen.data.store import read_dataset, write_dataset
from tlfgen.engine.registry import ROW, Derived
from tlfgen.sdtm.derive_epoch import derive_epoch

AE = "SUBJ,AETERM,SOC,AESEV,AESER,AESHOSP,REL1,REL2,AESTDAT,AESTTIM,AEENDAT,AECOMM\n"
LB = "SUBJ,VISIT,LBDAT,TEST,RESULT,UNIT,NRHI\n"
EC = "SUBJ,DOSE,ECSTDAT,ECSTTIM,ECENDAT\n"
DS = "SUBJ,REASON,DSSTDAT,DTHDAT\n"


def with_rows(case: MakeCase, form: str, head: str, *lines: str) -> Case:
    return case("base").write(f"raw/{form}.csv", head + "\n".join(lines) + "\n")


def of(found: Case, dataset: str, subject: str) -> list[dict[str, Any]]:
    return [r for r in found.rows(dataset) if r["USUBJID"] == f"BASE-{subject}"]


def test_a_death_whose_day_cannot_be_read_is_counted_as_a_death(case: MakeCase) -> None:
    """31 June is no day, and 1-02 died: one of four in Arm A."""
    found = case("base").replace("raw/ds.csv", "1-02,DEATH,2024-06-28,2024-06-28", "1-02,DEATH,,2024-06-31")
    assert of(found, "ADSL", "1-02")[0]["DTHDT"] is None
    assert "Died  1 (25.0)  2 (50.0)  3 (37.5)" in found.shown("deaths")


def test_a_dataset_read_from_its_file_knows_what_could_not_be_read(case: MakeCase, tmp_path: Path) -> None:
    found = case("base").replace("raw/ds.csv", "1-02,DEATH,2024-06-28,2024-06-28", "1-02,DEATH,,2024-06-31")
    (path,) = write_dataset(found.data["ADSL"], tmp_path)
    assert dict(read_dataset(path).unread)["DTHDT"] == [1]
    (path,) = write_dataset(found.data["ADAE"], tmp_path)
    yes_or_no = {"AESER", "AESHOSP", "SAFFL", "TRTEMFL", "RELFL", "REL1FL", "REL2FL"}
    assert set(read_dataset(path).answered) == yes_or_no


def test_a_flag_with_a_no_is_no_tick_where_the_data_hold_none(case: MakeCase) -> None:
    """RELFL can say N. That the records with a value all say Y leaves the third one unknown."""
    found = with_rows(
        case, "ae", AE,
        "1-01,A,S,Mild,No,No,RELATED,NOT RELATED,2024-04-01,,,",
        "1-02,B,S,Mild,No,No,NOT RELATED,POSSIBLY RELATED,2024-04-01,,,",
        "1-03,C,S,Mild,No,No,NOT RELATED,,2024-04-01,,,",
    )  # fmt: skip
    says = "1 record without RELFL (Related to either drug)"
    assert says in found.shown("ae-by-term")


def test_a_first_dose_without_its_month_is_partial_and_stops_nothing(case: MakeCase) -> None:
    found = case("base").replace("raw/ec.csv", "1-03,10,2024-03-20,09:00", "1-03,10,2024---20,")
    (row,) = of(found, "ADSL", "1-03")
    assert (row["TRTSDT"], row["SAFFL"]) == (None, "Y")


@pytest.mark.parametrize(
    ("start", "end", "day", "emergent"),
    [
        ("2024---10", "", datetime.date(2024, 4, 10), "Y"),  # the first 10th from the dose of 20 March on
        ("2024---20", "", datetime.date(2024, 3, 20), "Y"),
        ("2024---31", "", datetime.date(2024, 3, 31), "Y"),
        ("2024---10", "2024-03-15", datetime.date(2024, 1, 10), "N"),  # it had ended before the dose
        ("2023---10", "", datetime.date(2023, 1, 10), "N"),
    ],
)
def test_a_start_without_its_month_goes_to_a_month_that_it_can_mean(
    case: MakeCase, start: str, end: str, day: datetime.date, emergent: str
) -> None:
    """As a start of 2024-03 goes to the day of the first dose."""
    found = with_rows(case, "ae", AE, f"1-01,A,S,Mild,No,No,RELATED,RELATED,{start},,{end},")
    (row,) = found.rows("ADAE")
    assert (row["ASTDT"], row["ASTDTF"], row["TRTEMFL"]) == (day, "M", emergent)


def test_a_visit_known_to_the_month_after_the_dose_has_a_change(case: MakeCase) -> None:
    """30 - 20 = 10: every day of April lies after 20 March; of March 2024, not every day does."""
    found = with_rows(
        case, "lb", LB,
        "1-01,Baseline,2024-03-19,ALT,20,U/L,40",
        "1-01,Week 2,2024-03,ALT,25,U/L,40",
        "1-01,Week 4,2024-04,ALT,30,U/L,40",
    )  # fmt: skip
    found.replace("forms/lb.yaml", "name: LBDAT, type: date,", "name: LBDAT, type: date, partial: true,")
    assert {r["AVAL"]: r["CHG"] for r in found.rows("ADLB")} == {20.0: None, 25.0: None, 30.0: 10.0}


@pytest.mark.parametrize(
    ("texts", "flagged"),
    [
        (("2024-03-20T08:30", "2024-03-20T07:15"), 0),  # the later time, though it came first
        (("2024-03-20T08:30", "2024-03-20T09:30"), 0),  # the second is after the dose of 09:00
        (("2024-03-20T08:30", "2024-03-20"), 1),  # one without a time: the last by `order`
        (("2024-03-19", "2024-03"), 0),  # the month may lie after the dose
        (("2024-02", "2024-01"), 0),
    ],
)
def test_the_last_time_before_the_dose_is_the_baseline(texts: tuple[str, str], flagged: int) -> None:
    rows = pl.DataFrame(
        {"USUBJID": "1", ROW: [1, 2], "PARAMCD": "ALT", "AVAL": [1.0, 2.0], "ADT#text": texts}
    )
    day = pl.col("ADT#text").str.to_date("%Y-%m-%dT%H:%M", strict=False)
    plain = pl.col("ADT#text").str.to_date("%Y-%m-%d", strict=False)
    dose = pl.lit(datetime.date(2024, 3, 20)).alias("TRTSDT")
    rows = rows.with_columns(
        pl.coalesce(day, plain).alias("ADT"), dose, pl.lit("2024-03-20T09:00").alias("TRTSDT#text")
    )
    found: Derived = derive_baseline_flag(rows, order=(ROW,))
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == ["Y" if i == flagged else None for i in range(2)]


def epoch(date: str, *starts: str | None, end: str | None = None) -> str | None:
    """The epoch of a date in elements that begin in this order."""
    names = ("SCREENING", "TREATMENT", "FOLLOW-UP")[: len(starts)]
    text = {"SESTDTC": pl.String, "SEENDTC": pl.String}
    elements = pl.DataFrame(
        {"USUBJID": "1", ROW: range(1, len(starts) + 1), "EPOCH": names, "SESTDTC": starts,
         "SEENDTC": [*starts[1:], end]},
        schema_overrides=text,
    )  # fmt: skip
    row = pl.DataFrame({"USUBJID": ["1"], ROW: [1], "AESTDTC": [date]})
    found: Derived = derive_epoch(row, elements, date="AESTDTC")
    assert isinstance(found.values, pl.Series)
    value: str | None = found.values[0]
    return value


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2024-03-20T08:59", "SCREENING"),  # before the first dose, as for a baseline and an event
        ("2024-03-20T09:00", "TREATMENT"),
        ("2024-03-20", "TREATMENT"),  # no time: the day belongs to the element that begins
        ("2024-05-31T12:00", "TREATMENT"),
        ("2024-05-31T18:00", None),  # after the end of the last element
        ("2024-05-31", "TREATMENT"),
    ],
)
def test_an_epoch_goes_by_times_where_both_were_collected(date: str, expected: str | None) -> None:
    assert epoch(date, "2024-03-01", "2024-03-20T09:00", end="2024-05-31T17:00") == expected


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2024-02-28", "SCREENING"),
        ("2024-03-15", None),  # the treatment began some day in March
        ("2024-03-31", "TREATMENT"),
        ("2024-04-10", "TREATMENT"),
        ("2024-06-02", "FOLLOW-UP"),
    ],
)
def test_an_element_known_to_the_month_has_begun_when_the_month_is_over(
    date: str, expected: str | None
) -> None:
    assert epoch(date, "2024-02-01", "2024-03", "2024-06-01") == expected


@pytest.mark.parametrize(("date", "expected"), [("2024-02-28", None), ("2024-06-02", "FOLLOW-UP")])
def test_an_element_whose_start_is_not_known_leaves_its_days_open(date: str, expected: str | None) -> None:
    assert epoch(date, "2024-02-01", None, "2024-06-01") == expected


WORST = """output: worst
number: 14.3.9.1
kind: table
title: Worst Grade
population: SAFFL
from: ADLB
where: "PARAMCD = 'ALT'"
columns: {by: ADSL.TRT01A, total: Total}
rows:
  - {id: w, count: subjects, by: {name: ATOXGR, missing: Unknown, worst: ATOXGRN}, label: Grade, cell: "{n}"}
"""
NUMBERED = (
    '  - {name: ATOXGRN, derive: number_of, of: ATOXGR, levels: {"0": 0, "1": 1}, else: "null", label: N}\n'
)


def test_the_worst_is_never_lower_than_it_is(case: MakeCase) -> None:
    """1-01: grade 3 (300 of 40), whose number the spec does not give, and grade 1: counted at 3. 1-02: grade
    0 and one without its limit, counted at 0 with a word about the other."""
    found = with_rows(
        case, "lb", LB,
        "1-01,Baseline,2024-03-20,ALT,300,U/L,40",
        "1-01,Week 2,2024-04-03,ALT,50,U/L,40",
        "1-02,Baseline,2024-03-20,ALT,20,U/L,40",
        "1-02,Week 2,2024-04-03,ALT,900,U/L,",
    ).write("outputs/worst.yaml", WORST)  # fmt: skip
    found.replace("adam/adlb.yaml", "  - {name: BTOXGR,", NUMBERED + "  - {name: BTOXGR,")
    cells = [line.split() for line in found.shown("worst").splitlines() if line.startswith("  ")]
    assert [c for c in cells if c[0] in "013"] == [
        ["0", "1", "0", "1"],
        ["1", "0", "0", "0"],
        ["3", "1", "0", "1"],
    ]
    assert "Grade: 1 record has no ATOXGRN; its subject is counted by other records." in found.shown("worst")


def test_a_dose_below_zero_lowers_no_total(case: MakeCase) -> None:
    found = with_rows(
        case, "ec", EC, "1-01,10,2024-03-20,,2024-04-20", "1-01,-10,2024-04-21,,2024-05-31"
    ).replace("forms/ec.yaml", "type: number, min: 0", "type: number")  # fmt: skip
    assert of(found, "ADSL", "1-01")[0]["CUMDOSE"] is None
    assert any("EXDOSE is below 0" in f.message for f in found.stages[1])


def test_the_most_of_a_partial_end_counts_no_day_twice(case: MakeCase) -> None:
    """An end of April reaches over the start of 15 April: 42 + 47 days are not 73."""
    found = with_rows(case, "ec", EC, "1-01,10,2024-03-20,,2024-04", "1-01,10,2024-04-15,,2024-05-31")
    found.replace(
        "adam/adsl.yaml", "label: Cumulative Dose (mg)", "partial: most, label: Cumulative Dose (mg)"
    )
    assert of(found, "ADSL", "1-01")[0]["CUMDOSE"] is None
    assert any("a calendar day stands in two dosing records" in f.message for f in found.stages[1])


def test_a_match_that_cannot_be_read_is_not_answered_by_another() -> None:
    """Of two doses on visit 1 one is 1O: which is the dose of the visit is not known."""
    rows = pl.DataFrame({"USUBJID": "1", ROW: [1, 2], "VISITNUM": [1, 2]})
    records = pl.DataFrame(
        {"USUBJID": "1", ROW: [1, 2, 3], "EXDOSE": [10.0, None, 20.0], "VISITNUM": [1, 1, 2],
         "EXDOSE#unread": [False, True, False]},
    )  # fmt: skip
    found = derive_matching_value(rows, records, of="EX.EXDOSE", by=("VISITNUM",), match=("EX.VISITNUM",))
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == [None, 20.0]
    says = "a record that matches has a EX.EXDOSE that cannot be read"
    assert [(f.severity, f.row, f.message) for f in found.findings] == [("warning", 0, says)]


def test_a_table_says_of_whom_its_set_cannot_be_judged(case: MakeCase) -> None:
    """2-06 has a dose that cannot be read, so no days with a dose; 2-07 has 52: six of eight have 60 days."""
    found = case("base").replace("raw/ec.csv", "2-06,20,", "2-06,2O,")
    sets = 'reason: Not treated}\n  PPFL: {label: Treated set, where: "DOSDAYS >= 60", reason: Too short}'
    found.replace("study.yaml", "reason: Not treated}", sets)
    found.replace("adam/adsl.yaml", "[ENRLFL, SAFFL]", "[ENRLFL, SAFFL, PPFL]")
    found.replace("outputs/demography.yaml", "population: SAFFL", "population: PPFL")
    shown = found.shown("demography")
    assert re.search(r"\(N=4\) +\(N=2\) +\(N=6\)", shown)
    assert "1 subject of whom it cannot be judged is not in the treated set." in shown
    assert "cannot be judged" not in found.shown("exposure")


def test_a_sum_without_a_day_is_no_silent_nadir() -> None:
    """RECIST 1.1, 4.3.1: the lowest sum so far. Of 30 mm it is not known when."""
    rows = pl.DataFrame(
        {"USUBJID": "1", ROW: [1, 2, 3], "PARAMCD": "SUM", "AVAL": [50.0, 30.0, 45.0],
         "ABLFL": ["Y", None, None], "ADT": [datetime.date(2024, 3, 1), None, datetime.date(2024, 6, 1)]},
    )  # fmt: skip
    found = derive_nadir(rows)
    assert isinstance(found.values, pl.Series)
    assert found.values.to_list() == [None, None, 50.0]
    assert [(f.severity, f.row, f.field) for f in found.findings] == [("warning", 1, "ADT")]
