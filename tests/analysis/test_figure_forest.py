"""Estimates by subgroup: proportions by hand, ratios against other sources."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tlfgen.errors import SpecError

Desk = Any

FIGURE = """
kind: figure
shape: forest
population: SAFFL
from: ADRS
do: proportion
event: "AVALC IN ('CR', 'PR')"
subgroups: [{by: ADSL.SEX, label: Sex, levels: {F: Female, M: Male, U: Unknown}}, {by: ADSL.AGE, label: Age}]
alt: A forest.
"""
# 1 F, 2 M, 3 F, 4 F, 5 M are in the set; 4 has no record and no age; 6 is not in the set
ADRS = pl.DataFrame({"USUBJID": ["1", "2", "3", "5", "6"], "AVALC": ["CR", "SD", "PR", "PR", "CR"]})


def test_a_subject_without_a_record_counts_as_without_the_event(desk: Desk) -> None:
    desk.put("ADRS", ADRS)
    found = desk.results(FIGURE, "n", "size", "pct", "low_pct", "high_pct", "missing")
    assert (found["estimate.size"], found["estimate.n"], found["estimate.pct"]) == (5, 3, 0.6)
    # 3 of 5 by Clopper and Pearson: 14.66 % to 94.73 % (binom.test of R)
    assert found["estimate.low_pct"] == pytest.approx(0.1466, abs=5e-5)
    assert found["estimate.high_pct"] == pytest.approx(0.9473, abs=5e-5)
    assert (found["subgroups.n[SEX=F]"], found["subgroups.size[SEX=F]"]) == (2, 3)
    assert (found["subgroups.n[SEX=M]"], found["subgroups.size[SEX=M]"]) == (1, 2)
    assert (found["subgroups.size[SEX=U]"], found["subgroups.pct[SEX=U]"]) == (0, None)
    assert desk.reasons(FIGURE)["subgroups.pct[SEX=U]"] == "no subject"
    assert found["subgroups.missing[SUBGROUP=AGE]"] == 1, "one subject has no age"


def test_the_records_of_a_level_come_back_by_its_condition(desk: Desk) -> None:
    desk.put("ADRS", ADRS)
    rows = {(r["statistic"], r["level1"]): r["where"] for r in desk.ard(FIGURE).iter_rows(named=True)}
    assert rows["size", "F"] == "ADSL.SEX = 'F'"
    assert rows["n", "F"] == "ADSL.SEX = 'F' AND AVALC IN ('CR', 'PR')"


RATIO = """
kind: figure
shape: forest
population: SAFFL
from: ADTTE
columns: {by: ADSL.TRT01A}
do: METHOD
event: "CNSR = 0"
compare: [{id: x, do: RATIO, each: A, against: B}]
subgroups: [{by: ADSL.SEX, label: Sex}]
alt: A forest.
"""


def test_ratios(desk: Desk) -> None:
    """Odds: 3 of 4 against 1 of 4 is (3/1)/(1/3) = 9. Nobody of the women of A has the event: no ratio."""
    arms, events = ["A"] * 4 + ["B"] * 4, [1, 1, 1, 0, 1, 0, 0, 0]
    sexes = ["M", "M", "M", "F", "M", "M", "F", "F"]
    subjects = [str(i) for i in range(8)]
    desk.put("ADSL", pl.DataFrame({"USUBJID": subjects, "TRT01A": arms, "SAFFL": "Y", "SEX": sexes}))
    times = [5.0, 6, 7, 8, 3, 9, 10, 11]
    desk.put("ADTTE", pl.DataFrame({"USUBJID": subjects, "AVAL": times, "CNSR": [1 - e for e in events]}))
    odds, pair = RATIO.replace("METHOD", "proportion").replace("RATIO", "odds_ratio"), "TRT01A=A~B"
    found = desk.results(odds, "x", "x_low", "n", "size")
    assert found[f"estimate.x[{pair}]"] == pytest.approx(9, rel=1e-6)
    # 9 / exp(1.959964 * sqrt(1/3 + 1 + 1 + 1/3))
    assert found[f"estimate.x_low[{pair}]"] == pytest.approx(0.3666, abs=5e-5)
    assert (found["estimate.n[TRT01A=A]"], found["estimate.size[TRT01A=A]"]) == (3, 4)
    assert found["subgroups.n[SEX=M,TRT01A=A]"] == 3
    assert found[f"subgroups.x[SEX=M,{pair}]"] is None, "all men of A have the event: separation"
    assert "separation" in desk.reasons(odds)[f"subgroups.x[SEX=M,{pair}]"]
    hazard = RATIO.replace("METHOD", "kaplan_meier").replace("RATIO", "cox")
    assert desk.results(hazard, "x")[f"estimate.x[{pair}]"] > 1
    assert desk.reasons(hazard)[f"subgroups.x[SEX=F,{pair}]"] == "no event"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("population: SAFFL", "population: all", "Subgroups need an analysis set"),
        ("ADSL.AGE", "ADSL.AGEGRP", "ADSL has no variable 'AGEGRP'"),
        ("event:", "limits: walt\nevent:", "'wald'.*'mean_t'"),
        ("do: proportion", "do: logistic", "The parameter of 'logistic' 'event' does not exist"),
        ("alt:", "axis: [10, 5]\nalt:", "its lower and its upper end"),
    ],
)
def test_what_cannot_be_is_refused(desk: Desk, old: str, new: str, message: str) -> None:
    desk.put("ADRS", ADRS)
    with pytest.raises(SpecError, match=f"(?s){message}"):
        desk.ard(FIGURE.replace(old, new))


@pytest.mark.parametrize(
    ("subjects", "times", "message"),
    [
        (["1", "2"], [5.0, -1.0], "The time of subject 2 is -1.0; it cannot be negative"),
        (["1", "1"], [5.0, 6.0], "more than one time of subject 1"),
        (["1", "2"], ["5", "6"], "AVAL is no number"),
    ],
)
def test_a_time_that_cannot_be_is_refused(
    desk: Desk, subjects: list[str], times: list[Any], message: str
) -> None:
    desk.put("ADTTE", pl.DataFrame({"USUBJID": subjects, "AVAL": times, "CNSR": [0, 0]}))
    with pytest.raises(SpecError, match=message):
        desk.results(RATIO.replace("METHOD", "kaplan_meier").replace("RATIO", "cox"), "x")
