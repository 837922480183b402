"""Bars of events by grade: what is drawn is what the results say, in their order."""

from __future__ import annotations

from typing import Any

from tlfgen.display.panels import Axes, Bar, Columns
from tlfgen.display.told import drawn

Page = Any

FIGURE = """
kind: figure
shape: grade_bars
population: SAFFL
from: ADAE
by: AEDECOD
columns:
  of: AETOXGR
  worst: true
  levels: {"1": Grade 1, "2": Grade 2, "3": Grade 3}
  missing: Not graded
  total: Any
x_label: Subjects (%)
alt: Bars of events.
"""
SIDES = FIGURE + "sides: [{label: All}, {label: Skin, where: \"AESOC = 'Skin'\"}]\n"
NOTE = (
    "Numbers in the bars, where there is room, are subjects, each once a term at its highest grade; "
    "behind a bar n (%)."
)


def terms(part: Any) -> list[str]:
    return [t.text for p in part.panels[0].parts if isinstance(p, Columns) for t in p.texts]


def sides(part: Any) -> list[Axes]:
    return [p for p in part.panels[0].parts if isinstance(p, Axes)]


def bars(part: Any, term: str, side: int = 0) -> list[Bar]:
    """The total, then the pieces of a term's bar."""
    at = terms(part).index(term) + 0.5
    return [m for m in sides(part)[side].marks if isinstance(m, Bar) and m.at == at]


def pieces(part: Any, term: str) -> list[tuple[str, float, float, str, tuple[str, ...]]]:
    looks = part.panels[0].looks
    return [(looks[b.look].label, b.low, b.high, b.inside, b.results) for b in bars(part, term)[1:]]


def legend(part: Any) -> list[str]:
    (panel,) = part.panels
    return [panel.looks[i].label for own in panel.legend for i in own.looks]


def test_each_subject_stands_once_in_a_bar_at_its_highest_grade(page: Page) -> None:
    part = page.part(FIGURE)
    # nausea: 1 at grade 3, 3 at grade 2; of 5 subjects. 6 was not treated
    assert terms(part) == ["Nausea", "Itch", "Rash", "Vomiting"]
    total, *_ = bars(part, "Nausea")
    assert (total.end, total.high) == ("2 (40.0)", 40.0)
    assert pieces(part, "Nausea") == [
        ("Grade 2", 0.0, 20.0, "1", ("x.term.n[AETOXGR=2,AEDECOD=Nausea]",)),
        ("Grade 3", 20.0, 40.0, "1", ("x.term.n[AETOXGR=3,AEDECOD=Nausea]",)),
    ]
    assert pieces(part, "Itch") == [
        ("Not graded", 0.0, 20.0, "1", ("x.term.n[AETOXGR=Not graded,AEDECOD=Itch]",))
    ]
    assert part.footnotes == (NOTE,)
    assert ("Nausea, Grade 2", "1", "x.term.n[AETOXGR=2,AEDECOD=Nausea]") in drawn(part)


def test_the_legend_has_the_grades_that_somebody_has(page: Page) -> None:
    assert legend(page.part(FIGURE)) == ["Grade 2", "Grade 3", "Not graded"]
    assert legend(page.part(FIGURE + "where: \"AESOC = 'Gut'\"\n")) == ["Grade 2", "Grade 3"]


def test_rare_terms_are_left_out_by_the_unrounded_percentage(page: Page) -> None:
    assert terms(page.part(FIGURE + "at_least: 40\n")) == ["Nausea"]
    assert page.part(FIGURE + "at_least: 40.001\n").blank
    assert (
        "Terms with at least 40% of the subjects, by frequency."
        in page.part(FIGURE + "at_least: 40\n").footnotes
    )


def test_two_sides_stand_over_the_same_terms(page: Page) -> None:
    part = page.part(SIDES)
    assert [a.title for a in sides(part)] == ["All", "Skin"]
    assert [a.x.mirrored for a in sides(part)] == [True, False]
    assert terms(part) == ["Nausea", "Itch", "Rash", "Vomiting"]
    assert [[bars(part, t, side)[0].end for side in (0, 1)] for t in terms(part)] == [
        ["2 (40.0)", ""], ["1 (20.0)", "1 (20.0)"], ["1 (20.0)", "1 (20.0)"], ["1 (20.0)", ""],
    ]  # fmt: skip


def test_two_arms_are_two_sides_each_of_its_own_n(page: Page) -> None:
    part = page.part(FIGURE.replace("  of:", "  by: ADSL.TRT01A\n  of:"))
    assert [a.title for a in sides(part)] == ["Low (N=2)", "High (N=3)"]
    assert bars(part, "Nausea", 1)[0].end == "1 (33.3)"
    lines = page.text(FIGURE.replace("  of:", "  by: ADSL.TRT01A\n  of:")).splitlines()
    assert "Nausea, Low (N=2): 1 (50.0)  [Grade 3: 1]" in lines
