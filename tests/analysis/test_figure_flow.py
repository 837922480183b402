"""A flow's numbers are those of a table, and one that does not add up says so."""

from __future__ import annotations

from typing import Any

import pytest

from tlfgen.errors import SpecError

Desk = Any

FIGURE = """
kind: figure
shape: flow
population: SCRNFL
boxes:
  - id: screened
    text: Screened
    aside: [{text: Not treated, where: "SAFFL = 'N'", reasons: SEX, levels: {F: Female, M: Male}}]
  - {id: treated, text: Treated, where: "SAFFL = 'Y'"}
alt: A flow.
"""


def test_numbers_are_those_of_a_table(desk: Desk) -> None:
    found = desk.results(FIGURE, "n", "unaccounted", "counted_twice")
    assert found == {
        "flow.n[BOX=screened]": 6, "flow.n[BOX=screened,ASIDE=Not treated]": 1,
        "flow.n[BOX=screened,ASIDE=Not treated,SEX=F]": 0, "flow.n[BOX=screened,ASIDE=Not treated,SEX=M]": 1,
        "flow.unaccounted[BOX=screened]": 0, "flow.counted_twice[BOX=screened]": 0, "flow.n[BOX=treated]": 5,
    }  # fmt: skip
    table = """
kind: table
population: SCRNFL
columns: {total: All}
rows:
  - {id: screened, count: subjects, cell: "{n}"}
  - {id: out, count: subjects, where: "SAFFL = 'N'", cell: "{n}"}
  - {id: treated, count: subjects, where: "SAFFL = 'Y'", cell: "{n}"}
"""
    counted = desk.results(table, "n")
    assert [counted[f"{i}.n"] for i in ("screened", "out", "treated")] == [6, 1, 5]


def test_numbers_that_do_not_add_up_are_results(desk: Desk) -> None:
    # without the aside one subject goes nowhere; with women set aside the three who are treated stand twice
    lost = desk.results(FIGURE.replace("SAFFL = 'N'", "SAFFL = 'X'"), "unaccounted", "counted_twice")
    assert lost == {"flow.unaccounted[BOX=screened]": 1, "flow.counted_twice[BOX=screened]": 0}
    twice = desk.results(FIGURE.replace("SAFFL = 'N'", "SEX = 'F'"), "unaccounted", "counted_twice")
    assert twice == {"flow.unaccounted[BOX=screened]": 1, "flow.counted_twice[BOX=screened]": 3}


def test_equal_numbers_of_other_subjects_do_not_add_up(desk: Desk) -> None:
    """Six are one and five also where the five are not the others: sets are compared, not sums."""
    spec = FIGURE.replace("SAFFL = 'N'", "USUBJID = '1'")
    found = desk.results(spec, "n", "unaccounted", "counted_twice")
    assert found["flow.n[BOX=screened,ASIDE=Not treated]"] + found["flow.n[BOX=treated]"] == 6
    assert (found["flow.unaccounted[BOX=screened]"], found["flow.counted_twice[BOX=screened]"]) == (1, 1)


def test_who_stays_is_not_missed(desk: Desk) -> None:
    spec = FIGURE.replace(
        "text: Treated,", "text: Treated, aside: [{text: Women, where: \"SEX = 'F'\", stays: true}],"
    )
    spec = spec.replace("alt:", "  - {id: analysed, text: Analysed, where: \"SAFFL = 'Y'\"}\nalt:")
    found = desk.results(spec, "n", "unaccounted")
    assert found["flow.n[BOX=treated,ASIDE=Women]"] == 3
    assert found["flow.unaccounted[BOX=treated]"] == 0


def test_branches_by_arm(desk: Desk) -> None:
    spec = FIGURE.replace("text: Treated,", "text: Treated, each: true,")
    spec = spec.replace("boxes:", "columns: {by: ADSL.TRT01A}\nboxes:")
    found = desk.results(spec, "n", "unaccounted")
    assert [found[f"flow.n[TRT01A={a},BOX=treated]"] for a in "ABC"] == [2, 3, 0]
    assert found["flow.unaccounted[BOX=screened]"] == 0, "the arms and who was not treated are all"


def test_a_reason_that_is_not_given_is_counted(desk: Desk) -> None:
    # subject 4 has no age
    spec = FIGURE.replace("SAFFL = 'N'", "SEX = 'F'").replace(
        "reasons: SEX, levels: {F: Female, M: Male}", "reasons: AGE"
    )
    found = desk.results(spec, "n")
    assert found["flow.n[BOX=screened,ASIDE=Not treated,AGE=Reason not given]"] == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: treated", "id: screened", "two boxes have the id 'screened'"),
        ("population: SCRNFL", "population: SCRNFL\nfrom: ADAE", "its records are ADSL"),
        ("text: Screened", "text: Screened\n    each: true", "branches do not join again"),
        ("text: Treated,", "text: Treated, each: true,", "each needs columns"),
        ("SAFFL = 'Y'", "SAFLF = 'Y'", "'SAFLF'"),
    ],
)
def test_what_cannot_be_is_refused(desk: Desk, old: str, new: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        desk.ard(FIGURE.replace(old, new))
