"""The results of a figure are those of a table; its limits and places by hand."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest

from tlfgen.errors import SpecError

Desk = Any

ADVS = pl.DataFrame(
    {
        "USUBJID": ["1", "2", "1", "2", "3"],
        "AVISIT": ["Week 2", "Week 2", "Week 10", "Week 10", "Week 2"],
        "AVISITN": [2, 2, 10, 10, 2],
        "AVAL": [10.0, 14.0, 9.0, None, 20.0],
    }
)
FIGURE = """
kind: figure
shape: mean_over_time
population: SAFFL
from: ADVS
columns: {by: ADSL.TRT01A}
y: AVAL
x: AVISIT
limits: se
x_label: Visit
y_label: Value
alt: A figure.
"""


def test_means_and_limits(desk: Desk) -> None:
    desk.put("ADVS", ADVS)
    found = desk.results(FIGURE, "mean", "mean_low", "mean_high", "n", "x_value")
    # A at week 2: 10 and 14: mean 12, SD sqrt(8), SE 2
    assert found["AVAL.mean[TRT01A=A,AVISIT=Week 2]"] == 12
    assert found["AVAL.mean_low[TRT01A=A,AVISIT=Week 2]"] == pytest.approx(10, rel=1e-15)
    assert found["AVAL.mean_high[TRT01A=A,AVISIT=Week 2]"] == pytest.approx(14, rel=1e-15)
    # a single value has a mean and no limits
    assert found["AVAL.mean[TRT01A=A,AVISIT=Week 10]"] == 9
    assert found["AVAL.mean_low[TRT01A=A,AVISIT=Week 10]"] is None
    assert desk.reasons(FIGURE)["AVAL.mean_low[TRT01A=A,AVISIT=Week 10]"] == "a single value"
    assert (found["AVAL.x_value[AVISIT=Week 2]"], found["AVAL.x_value[AVISIT=Week 10]"]) == (2, 10)
    wide = desk.results(FIGURE.replace("limits: se", "limits: sd"), "mean_high")
    assert wide["AVAL.mean_high[TRT01A=A,AVISIT=Week 2]"] == pytest.approx(12 + math.sqrt(8), rel=1e-15)


def test_a_table_of_the_same_gives_the_same(desk: Desk) -> None:
    desk.put("ADVS", ADVS)
    table = """
kind: table
population: SAFFL
from: ADVS
columns: {by: ADSL.TRT01A}
rows: [{id: AVAL, by: AVISIT, summarise: AVAL, cells: {Mean: "{mean} ({sd})"}}]
"""
    assert desk.results(table, "n", "mean", "se") == desk.results(FIGURE, "n", "mean", "se")


def test_a_place_that_is_two_places_is_refused(desk: Desk) -> None:
    desk.put("ADVS", ADVS.with_columns(pl.Series("AVISITN", [2, 3, 10, 10, 2])))
    with pytest.raises(SpecError, match="AVISITN has more than one value at 'Week 2'"):
        desk.ard(FIGURE)
    desk.put("ADVS", ADVS.with_columns(pl.Series("AVISITN", [2, 2, None, None, 2])))
    with pytest.raises(SpecError, match="AVISITN is missing at 'Week 10'"):
        desk.ard(FIGURE)


def test_a_figure_that_is_not_there_is_named(desk: Desk) -> None:
    desk.put("ADVS", ADVS)
    with pytest.raises(SpecError, match="(?s)'mean_over_tim' does not exist.*'mean_over_time'"):
        desk.ard(FIGURE.replace("mean_over_time", "mean_over_tim"))
