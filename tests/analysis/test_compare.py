"""Fisher's test of each column against one, in every row."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tlfgen.errors import SpecError

Desk = Any

AE = """
kind: table
population: SAFFL
from: ADAE
columns: {by: ADSL.TRT01A, total: Total}
rows:
  - {id: any, count: subjects, cell: "{n}"}
  - {id: t, count: subjects, by: AESOC, cell: "{n}"}
  - {id: e, count: events, cell: "{events}"}
compare: [{id: p_value, do: fisher_exact, each: [B, C], against: A}]
"""


def test_each_arm_against_the_reference_in_each_row(desk: Desk) -> None:
    found = desk.results(AE, "p_value")
    # any: 2 of 3 against 1 of 2; with 3 events among 5, C(3, k) C(2, 3 - k) = 1, 6, 3 tables have k = 3, 2, 1
    #      events in B; the observed k = 2 is the likeliest, so P = 1
    assert found["any.p_value[TRT01A=B~A]"] == pytest.approx(1, rel=1e-12)
    # Skin: 2 of 3 against 1 of 2, the same; Gut: 1 of 3 against 1 of 2, by symmetry 1 too
    assert found["t.p_value[TRT01A=B~A,AESOC=Skin]"] == pytest.approx(1, rel=1e-12)
    assert not any(n.startswith("e.") for n in found)


def test_a_clear_difference(desk: Desk) -> None:
    arms = {"USUBJID": [str(i) for i in range(8)], "TRT01A": ["A"] * 4 + ["B"] * 4, "SAFFL": ["Y"] * 8}
    events = {"USUBJID": ["4", "5", "6", "7"], "AESOC": ["Gut"] * 4}
    desk.put("ADSL", pl.DataFrame(arms))
    desk.put("ADAE", pl.DataFrame(events))
    # 4 of 4 against 0 of 4: two of the C(8, 4) = 70 tables are as extreme
    found = desk.results(AE.replace("[B, C]", "B"), "p_value")
    assert found["any.p_value[TRT01A=B~A]"] == pytest.approx(2 / 70, rel=1e-12)


def test_an_arm_without_subjects_has_no_p_value(desk: Desk) -> None:
    assert desk.results(AE, "p_value")["any.p_value[TRT01A=C~A]"] is None
    assert desk.reasons(AE)["any.p_value[TRT01A=C~A]"] == "no subject in a group"


def test_a_column_that_is_not_there_is_named(desk: Desk) -> None:
    with pytest.raises(SpecError, match="(?s)The column 'D' does not exist.*line 13"):
        desk.ard(AE.replace("[B, C]", "[B, D]"))


def test_a_method_that_is_not_there_is_named(desk: Desk) -> None:
    with pytest.raises(SpecError, match="(?s)'fishr_exact' does not exist.*'fisher_exact'"):
        desk.ard(AE.replace("fisher_exact", "fishr_exact"))
