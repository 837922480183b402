"""What figures of single subjects count: bars, lines, marks, and who is not shown.

subject  SAFFL  first day   last day    why          best % change
1        Y      2024-01-01  2024-01-31  -            -40  PR
2        Y      2024-01-01  -           -            25   PD
3        Y      2024-01-11  2024-01-10  -            0    SD
4        Y      -           -           Never seen   -
5        Y      2024-02-05  -           -            -
6        N      2024-01-01  2024-01-02  -            -90  PR   (cut-off: 2024-01-31)
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tlfgen.analysis.check import check_output
from tlfgen.analysis.figure_spider import select_threads
from tlfgen.analysis.figure_swimmer import LENGTH, select_swim
from tlfgen.analysis.figure_waterfall import VALUE, select_bars
from tlfgen.analysis.prepare import prepare
from tlfgen.analysis.source import SUBJECT
from tlfgen.engine.plan import Schema
from tlfgen.errors import SpecError

Desk = Any

ADSL = pl.DataFrame(
    {
        "USUBJID": ["1", "2", "3", "4", "5", "6"],
        "SAFFL": ["Y", "Y", "Y", "Y", "Y", "N"],
        "TRTSDT": [*[date(2024, 1, 1)] * 2, date(2024, 1, 11), None, date(2024, 2, 5), date(2024, 1, 1)],
        "TRTEDT": [date(2024, 1, 31), None, date(2024, 1, 10), None, None, date(2024, 1, 2)],
        "EOTSTT": ["DONE", "ONGOING", "DONE", None, "ONGOING", "DONE"],
        "WHY": [None, None, None, "Never seen", None, None],
        "DTHDT": [date(2024, 1, 31), date(2024, 3, 1), None, None, None, None],
    }
)
ADTR = pl.DataFrame(
    {
        "USUBJID": ["1", "2", "3", "4", "6"],
        "AVAL": [-40.0, 25.0, 0.0, None, -90.0],
        "BEST": ["PR", "PD", "SD", None, "PR"],
    }
)
ADSUM = pl.DataFrame(
    {
        "USUBJID": ["1", "1", "1", "2", "2", "5"],
        "PCHG": [0.0, -40.0, -20.0, 25.0, 30.0, 10.0],
        "ADT": [*(date(2024, 1, d) for d in (1, 10, 19, 20)), date(2024, 2, 20), None],
    }
)
ADRS = pl.DataFrame(
    {
        "USUBJID": ["1", "1", "2", "2", "3", "6"],
        "AVALC": ["PR", "PR", "PD", "PD", "PD", "PD"],
        "RSDTC": ["2024-01-20", "2024-01-10", "2023-12-31", "2024-01", "2024-01-12", "2024-01-02"],
    }
)
WATERFALL = """
kind: figure
shape: waterfall
population: SAFFL
from: ADTR
y: AVAL
colour: {by: BEST, levels: {PR: Partial, SD: Stable, PD: Worse}}
reason: ADSL.WHY
alt: Bars.
"""
SWIMMER = """
kind: figure
shape: swimmer
population: SAFFL
start: TRTSDT
end: TRTEDT
unit: days
ongoing: "EOTSTT = 'ONGOING'"
reason: WHY
marks:
  - {label: Response, from: ADRS, where: "AVALC = 'PR'", date: RSDTC, marker: triangle, pick: first}
  - {label: Progression, from: ADRS, where: "AVALC = 'PD'", date: RSDTC, marker: square}
  - {label: Death, date: DTHDT, marker: cross}
alt: Bars.
"""
SPIDER = """
kind: figure
shape: spider
population: SAFFL
from: ADSUM
y: PCHG
date: ADT
start: ADSL.TRTSDT
unit: days
alt: Lines.
"""


@pytest.fixture
def trial(desk: Desk) -> Desk:
    for name, frame in {"ADSL": ADSL, "ADTR": ADTR, "ADSUM": ADSUM, "ADRS": ADRS}.items():
        desk.put(name, frame)
    return desk


def prepared(desk: Desk, text: str) -> Any:
    return prepare(desk.spec(text), desk.data, desk.study)


def test_a_waterfall_counts_its_bars_and_who_has_none(trial: Desk) -> None:
    assert trial.results(WATERFALL, "shown", "not_shown", "n") == {
        "subjects.shown": 3,
        "subjects.not_shown": 2,
        "subjects.not_shown[REASON=Never seen]": 1,
        "subjects.not_shown[REASON=no value]": 1,
        "subjects.n[BEST=PR]": 1,
        "subjects.n[BEST=SD]": 1,
        "subjects.n[BEST=PD]": 1,
    }
    bars = select_bars(prepared(trial, WATERFALL))
    assert bars[SUBJECT].to_list() == ["2", "3", "1"]
    assert bars[VALUE].to_list() == [25.0, 0.0, -40.0]


def test_the_records_of_a_result_are_found_again(trial: Desk) -> None:
    found = {(r["statistic"], r["level1"]): r for r in trial.ard(WATERFALL).iter_rows(named=True)}
    assert found["shown", None]["where"] == "AVAL IS NOT NULL"
    assert found["n", "PR"]["where"] == "AVAL IS NOT NULL AND BEST = 'PR'"
    assert found["not_shown", "no value"]["where"] == "USUBJID IN ('5')"
    assert found["not_shown", None]["denominator"] == 5


def test_a_second_value_of_a_subject_is_refused(trial: Desk) -> None:
    trial.put("ADTR", pl.concat([ADTR, ADTR.head(1)]))
    with pytest.raises(SpecError, match="more than one value of subject 1"):
        trial.ard(WATERFALL)


def test_the_order_of_the_records_does_not_matter(trial: Desk) -> None:
    whole = trial.ard(SWIMMER)
    trial.put("ADRS", ADRS.reverse())
    trial.put("ADSL", ADSL.reverse())
    assert_frame_equal(trial.ard(SWIMMER), whole)


def test_a_swimmer_s_bars_end_at_the_last_day_or_at_the_cut_off(trial: Desk) -> None:
    """2024-01-01 to 2024-01-31 are 31 days, both included; 3 ends before it starts, 5 starts after it."""
    swim = select_swim(prepared(trial, SWIMMER))
    assert dict(swim.bars.select(SUBJECT, LENGTH).iter_rows()) == {"1": 31.0, "2": 31.0}
    assert trial.results(SWIMMER, "shown", "not_shown", "ongoing") == {
        "subjects.shown": 2,
        "subjects.not_shown": 3,
        "subjects.not_shown[REASON=Never seen]": 1,
        "subjects.not_shown[REASON=first day after the data cut-off]": 1,
        "subjects.not_shown[REASON=last day before the first]": 1,
        "subjects.ongoing": 1,
    }


def test_marks_are_counted_and_so_is_what_cannot_be_drawn(trial: Desk) -> None:
    names = ("n", "events", "other_subject", "undated", "before_start", "after_cutoff")
    found = trial.results(SWIMMER, *names)
    assert [found[f"marks.{s}[MARK=Response]"] for s in names] == [1, 1, 0, 0, 0, 0]
    # progression: 2 before the first day and without a day, 3 has no bar, 6 is not in the population
    assert [found[f"marks.{s}[MARK=Progression]"] for s in names] == [0, 0, 1, 1, 1, 0]
    # death: 2 after the cut-off; those without a date have not died, and the condition does not say so
    assert [found[f"marks.{s}[MARK=Death]"] for s in names] == [1, 1, 3, 0, 0, 1]
    marks = select_swim(prepared(trial, SWIMMER)).marked.frame
    assert marks["#time"].to_list() == [10.0, 31.0]  # the first response, death


@pytest.mark.parametrize(("unit", "length"), [("weeks", 31 / 7), ("months", 31 / 30.4375)])
def test_time_is_counted_in_the_unit(trial: Desk, unit: str, length: float) -> None:
    swim = select_swim(prepared(trial, SWIMMER.replace("unit: days", f"unit: {unit}")))
    assert swim.bars[LENGTH].to_list() == pytest.approx([length, length], rel=1e-15)


def test_a_spider_draws_dated_values_after_the_first_day_up_to_the_cut_off(trial: Desk) -> None:
    threads = select_threads(prepared(trial, SPIDER))
    assert threads.points.select(SUBJECT, "#time", "#value").rows() == [
        ("1", 10.0, -40.0), ("1", 19.0, -20.0), ("2", 20.0, 25.0),
    ]  # fmt: skip
    found = trial.results(SPIDER, "shown", "not_shown")
    assert found["subjects.shown"] == 2
    assert found["subjects.not_shown[REASON=no value with a date after the first day]"] == 1
    assert found["subjects.not_shown[REASON=no value]"] == 2


def test_two_values_on_a_day_and_two_groups_of_a_subject_are_refused(trial: Desk) -> None:
    trial.put("ADSUM", pl.concat([ADSUM, ADSUM.slice(1, 1)]))
    with pytest.raises(SpecError, match="more than one value of subject 1 on 2024-01-10"):
        trial.ard(SPIDER)
    trial.put("ADSUM", ADSUM.with_columns(pl.Series("AVALC", ["a", "b", "c", "d", "e", "f"])))
    with pytest.raises(SpecError, match="AVALC has more than one value in the records of subject 1"):
        trial.ard(SPIDER + "colour: {by: AVALC}\n")


@pytest.mark.parametrize(
    ("text", "old", "new", "message"),
    [
        (SWIMMER, "from: ADRS", "from: ADRX", "The dataset 'ADRX' does not exist.*line 14"),
        (SWIMMER, "date: DTHDT", "date: DTHDAT", "ADSL has no variable 'DTHDAT'.*'DTHDT'"),
        (SWIMMER, "AVALC = 'PD'", "AVAL = 'PD'", "ADRS has no variable 'AVAL'"),
        (SWIMMER, "population: SAFFL", "population: SAFFL\nfrom: ADRS", "bars of a swimmer plot are of ADSL"),
        (SWIMMER, "marker: cross", "marker: skull", "marker"),
        (WATERFALL, "reason: ADSL.WHY", "columns: {by: ADSL.WHY}", "no columns; tell groups apart by colour"),
        (WATERFALL, "by: BEST", "by: BEST, where: \"BEST = 'PR'\"", "where in colour needs from"),
        (WATERFALL, "by: BEST", "by: BEST, from: ADRS", "ADRS has no variable 'BEST'"),
        (WATERFALL, "by: BEST", "by: BST", "ADTR has no variable 'BST'"),
        (
            WATERFALL,
            "shape: waterfall",
            "shape: waterfal",
            "The shape 'waterfal' does not exist.*'waterfall'",
        ),
        (SPIDER, "y: PCHG", "y: PCHGG", "ADSUM has no variable 'PCHGG'.*'PCHG'"),
    ],
)
def test_what_is_wrong_is_found_before_data_are_read(
    trial: Desk, text: str, old: str, new: str, message: str
) -> None:
    schemas = {n: Schema(n, set(d.frame.columns)) for n, d in trial.data.items()}
    check_output(trial.spec(text), trial.study, schemas)
    with pytest.raises(SpecError, match=f"(?s){message}"):
        check_output(trial.spec(text.replace(old, new)), trial.study, schemas)


def test_groups_may_be_told_by_the_records_of_another_dataset(trial: Desk) -> None:
    trial.put("ADBOR", ADTR.select("USUBJID", "BEST").with_columns(pl.lit("BOR").alias("PARAMCD")))
    other = WATERFALL.replace("by: BEST,", "from: ADBOR, where: \"PARAMCD = 'BOR'\", by: BEST,")
    assert trial.results(other, "n", "shown") == trial.results(WATERFALL, "n", "shown")
    where = {(r["statistic"], r["level1"]): r["where"] for r in trial.ard(other).iter_rows(named=True)}
    assert where["n", "PD"] == "AVAL IS NOT NULL AND USUBJID IN ('2')"
    trial.put("ADBOR", pl.concat([trial.data["ADBOR"].frame] * 2))
    with pytest.raises(SpecError, match="ADBOR has more than one value of subject 1"):
        trial.ard(other)


def test_subjects_without_a_group_have_the_label_of_the_missing(trial: Desk) -> None:
    trial.put("ADTR", ADTR.with_columns(pl.Series("BEST", ["PR", None, "SD", None, None])))
    found = trial.results(WATERFALL.replace("colour: {", "colour: {missing: None, "), "n")
    assert found == {
        "subjects.n[BEST=PR]": 1,
        "subjects.n[BEST=SD]": 1,
        "subjects.n[BEST=PD]": 0,
        "subjects.n[BEST=None]": 1,
    }


def test_a_figure_of_subjects_needs_an_analysis_set(trial: Desk) -> None:
    for text in (WATERFALL, SWIMMER, SPIDER):
        with pytest.raises(SpecError, match="needs an analysis set"):
            trial.ard(text.replace("population: SAFFL", "population: all"))
