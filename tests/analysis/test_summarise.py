"""Summaries, decimals and what cannot be computed; numbers by hand from the six subjects in conftest.py."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest

from tlfgen.analysis.decimals import decimals_of
from tlfgen.errors import SpecError

Desk = Any

AGE = """
kind: table
population: SAFFL
columns: {by: ADSL.TRT01A, total: Total}
rows:
  - {id: age, summarise: AGE, cells: {n: "{n}", Mean (SD): "{mean} ({sd})"}}
"""


def test_summary_by_arm(desk: Desk) -> None:
    found = desk.results(AGE, "n", "mean", "sd", "median", "min", "max")
    # A: 60, 65; B: 70, 81 and one missing; Total: 60, 65, 70, 81, so the median is 67.5
    assert (found["age.n[TRT01A=A]"], found["age.mean[TRT01A=A]"]) == (2, 62.5)
    assert found["age.sd[TRT01A=A]"] == pytest.approx(math.sqrt(12.5), rel=1e-15)
    assert (found["age.n[TRT01A=B]"], found["age.mean[TRT01A=B]"]) == (2, 75.5)
    assert (found["age.n[TRT01A=Total]"], found["age.median[TRT01A=Total]"]) == (4, 67.5)
    assert (found["age.min[TRT01A=Total]"], found["age.max[TRT01A=Total]"]) == (60, 81)


def test_what_cannot_be_computed_is_a_row_with_its_reason(desk: Desk) -> None:
    found = desk.results(AGE, "n", "mean", "sd")
    assert (found["age.n[TRT01A=C]"], found["age.mean[TRT01A=C]"]) == (0, None)
    assert desk.reasons(AGE)["age.mean[TRT01A=C]"] == "no value"
    single = AGE.replace("summarise: AGE", "summarise: AGE, where: \"SEX = 'M'\"")
    # men: one in A (65), one in B (81): a mean, but no standard deviation
    assert desk.results(single, "mean", "sd") == {
        "age.mean[TRT01A=A]": 65, "age.sd[TRT01A=A]": None,
        "age.mean[TRT01A=B]": 81, "age.sd[TRT01A=B]": None,
        "age.mean[TRT01A=C]": None, "age.sd[TRT01A=C]": None,
        "age.mean[TRT01A=Total]": 73, "age.sd[TRT01A=Total]": pytest.approx(math.sqrt(128), rel=1e-15),
    }  # fmt: skip
    assert desk.reasons(single)["age.sd[TRT01A=A]"] == "a single value"


def test_the_percentile_is_the_studys(desk: Desk) -> None:
    # Total: 60, 65, 70, 81. Type 2: np = 1, the mean of the 1st and 2nd; type 7: 1 + 3/4 of the way
    assert desk.results(AGE, "q1")["age.q1[TRT01A=Total]"] == 62.5
    desk.conventions = {"percentile": 7}
    assert desk.results(AGE, "q1")["age.q1[TRT01A=Total]"] == 63.75
    methods = set(desk.ard(AGE).filter(pl.col("statistic") == "q1")["method"])
    assert methods == {"summary, percentile type 7"}


ADVS = pl.DataFrame(
    {
        "USUBJID": ["1", "1", "1", "1", "3", "3", "3", "6"],
        "PARAM": ["Weight", "Weight", "Pulse", "Pulse", "Weight", "Pulse", "Pulse", "Pulse"],
        "PARAMN": [1, 1, 2, 2, 1, 2, 2, 2],
        "AVISIT": ["Week 2", "Week 10", "Week 2", "Week 10", "Week 2", "Week 2", "Week 10", "Week 2"],
        "AVISITN": [2.0, 10, 2, 10, 2, 2, 10, 2],
        "AVAL": [60.5, 61.25, 70.0, 72.0, 55.0, 80.0, 78.0, 99.0],
        "CHG": [None, 0.75, None, 2.0, None, None, -2.0, None],
    }
)
VS = """
kind: table
population: SAFFL
from: ADVS
columns: {by: ADSL.TRT01A, spans: {Value: AVAL, Change: CHG}}
rows:
  - {id: vs, by: [PARAM, AVISIT], nested: true, summarise: [AVAL, CHG], cells: {Mean (SD): "{mean} ({sd})"}}
"""


def test_levels_stand_in_the_order_of_their_numbers(desk: Desk) -> None:
    desk.put("ADVS", ADVS)
    found = desk.results(VS, "mean")
    # Weight (1) before Pulse (2); Week 2 before Week 10, which the alphabet would turn round
    in_a = [n.split("TRT01A=A,")[1].rstrip("]") for n in found if n.startswith("vs.AVAL") and "=A," in n]
    assert in_a == [
        "PARAM=Weight,AVISIT=Week 2", "PARAM=Weight,AVISIT=Week 10",
        "PARAM=Pulse,AVISIT=Week 2", "PARAM=Pulse,AVISIT=Week 10",
    ]  # fmt: skip
    assert found["vs.AVAL.mean[TRT01A=A,PARAM=Weight,AVISIT=Week 10]"] == 61.25
    assert found["vs.CHG.mean[TRT01A=B,PARAM=Pulse,AVISIT=Week 10]"] == -2.0


def test_n_of_a_change_is_of_subjects_with_both_values(desk: Desk) -> None:
    desk.put("ADVS", ADVS)
    found = desk.results(VS, "n")
    assert found["vs.AVAL.n[TRT01A=A,PARAM=Weight,AVISIT=Week 2]"] == 1
    assert found["vs.CHG.n[TRT01A=A,PARAM=Weight,AVISIT=Week 2]"] == 0


def test_decimals_are_those_collected_by_parameter(desk: Desk) -> None:
    desk.put("ADVS", ADVS)
    assert desk.results(VS, "decimals") == {
        "vs.AVAL.decimals[PARAM=Pulse]": 0, "vs.AVAL.decimals[PARAM=Weight]": 2,
        "vs.CHG.decimals[PARAM=Pulse]": 0, "vs.CHG.decimals[PARAM=Weight]": 2,
    }  # fmt: skip
    assert desk.results(AGE, "decimals") == {"age.decimals": 0}
    assert desk.results(AGE.replace("summarise: AGE", "summarise: WEIGHT"), "decimals") == {"age.decimals": 2}
    fixed = AGE.replace("summarise: AGE", "decimals: 1, summarise: WEIGHT")
    assert desk.results(fixed, "decimals") == {"age.decimals": 1}


@pytest.mark.parametrize(
    ("value", "decimals"),
    [(0.0, 0), (-7.0, 0), (0.1 + 0.2, 1), (37.2 - 36.9, 1), (61.25, 2), (1e9 + 0.125, 3), (1 / 3, 4)],
)
def test_decimals_of_a_number_are_cleaned_of_binary_noise(value: float, decimals: int) -> None:
    assert pl.DataFrame({"v": [value]}).select(decimals_of(pl.col("v"))).item() == decimals


def test_subjects_with_several_values_in_a_line_are_counted(desk: Desk) -> None:
    desk.put("ADVS", ADVS)
    assert set(desk.results(VS, "repeated").values()) == {0}
    desk.put("ADVS", pl.concat([ADVS, ADVS.head(1)]))
    assert desk.results(VS, "repeated") == {"vs.AVAL.repeated": 1, "vs.CHG.repeated": 0}


def test_a_summary_takes_only_the_records_of_its_denominator(desk: Desk) -> None:
    desk.put("ADVS", ADVS)
    text = VS.replace("summarise:", 'denominator: "CHG IS NOT NULL", summarise:')
    found = desk.results(text, "n")
    assert found["vs.AVAL.n[TRT01A=A,PARAM=Pulse,AVISIT=Week 10]"] == 1
    assert not any("Week 2" in n for n in found)


def test_a_variable_of_adsl_can_be_summarised_beside_the_records(desk: Desk) -> None:
    text = AGE.replace("population: SAFFL", "population: SAFFL\nfrom: ADAE").replace(
        "summarise: AGE", "summarise: ADSL.AGE"
    )
    # seven events: subject 1 (60) four times, subject 3 (70) twice, subject 4 without an age
    assert desk.results(text, "mean")["age.mean[TRT01A=Total]"] == pytest.approx(380 / 6)
    assert desk.results(text, "repeated") == {"age.repeated": 2}


def test_a_text_cannot_be_summarised(desk: Desk) -> None:
    with pytest.raises(SpecError, match="(?s)ADSL.SEX is no number and cannot be summarised.*line 9"):
        desk.ard(AGE.replace("summarise: AGE", "summarise: SEX"))


def test_two_more_groups_change_no_value(desk: Desk) -> None:
    desk.put("ADVS", ADVS.with_columns(A=pl.lit("a"), B=pl.lit("b")))
    before = desk.ard(VS)
    wide = desk.ard(VS.replace("[PARAM, AVISIT]", "[PARAM, AVISIT, A, B]"))
    own = wide.filter(pl.col("statistic") == "mean")
    assert set(own["group4"]) == {"A"} and set(own["level5"]) == {"b"}
    assert own["stat_num"].to_list() == before.filter(pl.col("statistic") == "mean")["stat_num"].to_list()
