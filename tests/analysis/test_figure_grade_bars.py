"""Bars of events by grade count as the table of the same columns does."""

from __future__ import annotations

from typing import Any

import pytest

from tlfgen.analysis.table import result_name
from tlfgen.errors import SpecError

Desk = Any

COLUMNS = (
    'columns: {of: AETOXGR, worst: true, levels: {"1": Grade 1, "2": Grade 2, "3": Grade 3, "4": Grade 4, '
    '"10": Grade 10}, missing: Not graded, total: Any}'
)
FIGURE = f"""
kind: figure
shape: grade_bars
population: SAFFL
from: ADAE
by: AEDECOD
{COLUMNS}
alt: Bars.
"""
TABLE = f"""
kind: table
population: SAFFL
from: ADAE
{COLUMNS}
rows: [{{id: term, count: subjects, by: {{name: AEDECOD, sort: frequency}}, cell: "{{n}} ({{pct}})"}}]
"""
SIDES = FIGURE + "sides: [{label: All}, {label: Serious, where: \"AESER = 'Y'\"}]\n"


def test_the_counts_are_those_of_the_table(desk: Desk) -> None:
    assert desk.ard(FIGURE).equals(desk.ard(TABLE))
    found = desk.results(FIGURE, "n", "pct")
    # nausea: subject 1 at its highest grade 3, subject 3 at grade 2; 5 subjects
    assert found["term.n[AETOXGR=1,AEDECOD=Nausea]"] == 0
    assert found["term.n[AETOXGR=3,AEDECOD=Nausea]"] == 1
    assert found["term.pct[AETOXGR=Any,AEDECOD=Nausea]"] == pytest.approx(2 / 5)


def test_terms_stand_by_frequency_and_the_grades_of_a_term_sum_to_its_subjects(desk: Desk) -> None:
    rows = [r for r in desk.ard(FIGURE).iter_rows(named=True) if r["statistic"] == "n"]
    terms = list(dict.fromkeys(r["level2"] for r in rows))
    assert terms == ["Nausea", "Itch", "Rash", "Vomiting", "rash"]
    for term in terms:
        own = {r["level1"]: r["stat_num"] for r in rows if r["level2"] == term}
        assert own.pop("Any") == sum(own.values())


def test_each_side_has_its_own_records_and_the_same_subjects_below(desk: Desk) -> None:
    found = desk.results(SIDES, "n", "pct")
    assert found["side1.n[AETOXGR=Any,AEDECOD=Nausea]"] == 2
    assert found["side2.n[AETOXGR=Any,AEDECOD=Nausea]"] == 1
    assert found["side2.pct[AETOXGR=3,AEDECOD=Nausea]"] == pytest.approx(1 / 5)
    where = {result_name(r): r["where"] for r in desk.ard(SIDES).iter_rows(named=True)}
    assert (
        where["x.side2.n[AETOXGR=3,AEDECOD=Nausea]"] == "AESER = 'Y' AND AETOXGR = '3' AND AEDECOD = 'Nausea'"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (", total: Any", "", "a total"),
        ("worst: true, ", "", "worst: true"),
        ("alt: Bars.", "alt: Bars.\nsides: [{label: All}]", "sides are two"),
        ("columns: {", "columns: {by: ADSL.TRT01A, ", "has 3 levels, and the figure two sides"),
    ],
)
def test_what_the_figure_cannot_draw_is_refused(desk: Desk, old: str, new: str, message: str) -> None:
    assert old in FIGURE
    with pytest.raises(SpecError, match=message):
        desk.ard(FIGURE.replace(old, new))
