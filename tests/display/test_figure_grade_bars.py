"""Bars of events by grade: what is drawn is what the results say, in their order."""

from __future__ import annotations

from typing import Any

from tlfgen.display.figure_grade_bars import GradeBars, Piece

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


def test_each_subject_stands_once_in_a_bar_at_its_highest_grade(page: Page) -> None:
    part = page.part(FIGURE)
    assert isinstance(part, GradeBars)
    # nausea: 1 at grade 3, 3 at grade 2; of 5 subjects. 6 was not treated
    assert part.terms == ("Nausea", "Itch", "Rash", "Vomiting")
    (nausea,), (itch,), *_ = part.bars
    assert (nausea.text, nausea.share) == ("2 (40.0)", 40.0)
    assert nausea.pieces == (
        Piece(1, 20.0, "1", "x.term.n[AETOXGR=2,AEDECOD=Nausea]"),
        Piece(2, 20.0, "1", "x.term.n[AETOXGR=3,AEDECOD=Nausea]"),
    )
    assert itch.pieces == (Piece(3, 20.0, "1", "x.term.n[AETOXGR=Not graded,AEDECOD=Itch]"),)
    assert part.grades == ("Grade 1", "Grade 2", "Grade 3", "Not graded")
    assert part.footnotes == (NOTE,)
    assert ("Nausea, Grade 2", "1", "x.term.n[AETOXGR=2,AEDECOD=Nausea]") in part.drawn()


def test_a_grade_that_nobody_lacks_has_no_key(page: Page) -> None:
    part = page.part(FIGURE + "where: \"AESOC = 'Gut'\"\n")
    assert part.grades == ("Grade 1", "Grade 2", "Grade 3")


def test_rare_terms_are_left_out_by_the_unrounded_percentage(page: Page) -> None:
    assert page.part(FIGURE + "at_least: 40\n").terms == ("Nausea",)
    part = page.part(FIGURE + "at_least: 40.001\n")
    assert (part.terms, part.blank) == ((), True)
    assert (
        "Terms with at least 40% of the subjects, by frequency."
        in page.part(FIGURE + "at_least: 40\n").footnotes
    )


def test_two_sides_stand_over_the_same_terms(page: Page) -> None:
    part = page.part(SIDES)
    assert part.sides == ("All", "Skin")
    assert part.terms == ("Nausea", "Itch", "Rash", "Vomiting")
    assert [[s.text for s in row] for row in part.bars] == [
        ["2 (40.0)", ""], ["1 (20.0)", "1 (20.0)"], ["1 (20.0)", "1 (20.0)"], ["1 (20.0)", ""],
    ]  # fmt: skip


def test_two_arms_are_two_sides_each_of_its_own_n(page: Page) -> None:
    part = page.part(FIGURE.replace("  of:", "  by: ADSL.TRT01A\n  of:"))
    assert part.sides == ("Low (N=2)", "High (N=3)")
    assert dict(zip(part.terms, part.bars, strict=True))["Nausea"][1].text == "1 (33.3)"
    lines = page.text(FIGURE.replace("  of:", "  by: ADSL.TRT01A\n  of:")).splitlines()
    assert "Nausea, Low (N=2): 1 (50.0)  [Grade 3: 1]" in lines
