"""A flow of subjects: its boxes, and that it cannot disagree in silence."""

from __future__ import annotations

from typing import Any

from tlfgen.display.panels import Aside, Box, Diagram
from tlfgen.display.told import drawn

Page = Any

FIGURE = """
kind: figure
shape: flow
population: SCRNFL
boxes:
  - id: screened
    text: Screened
    aside: [{text: Not treated, where: "SAFFL = 'N'", reasons: SEX, levels: {F: Female}}]
  - {id: treated, text: Treated, where: "SAFFL = 'Y'"}
alt: A flow.
"""


def diagram(part: Any) -> Diagram:
    ((found,),) = (panel.parts for panel in part.panels)
    assert isinstance(found, Diagram)
    return found


def test_boxes_sides_and_reasons(page: Page) -> None:
    part = page.part(FIGURE)
    side = Aside(
        "Not treated (n=1)",
        ("Female (n=0)", "M (n=1)"),
        ("x.flow.n[BOX=screened,ASIDE=Not treated]", "x.flow.n[BOX=screened,ASIDE=Not treated,SEX=F]",
         "x.flow.n[BOX=screened,ASIDE=Not treated,SEX=M]"),
    )  # fmt: skip
    assert diagram(part).trunk == (
        Box("Screened (n=6)", (side,), ("x.flow.n[BOX=screened]",)),
        Box("Treated (n=5)", (), ("x.flow.n[BOX=treated]",)),
    )
    assert part.footnotes == ()
    assert "  - Not treated (n=1)" in page.text(FIGURE)
    assert drawn(part)[0] == ("Screened (n=6)", "Screened (n=6)", "x.flow.n[BOX=screened]")


def test_what_does_not_add_up_has_a_box_and_a_footnote(page: Page) -> None:
    part = page.part(FIGURE.replace("SAFFL = 'N'", "USUBJID = '1'"))
    wrong = [s for s in diagram(part).trunk[0].asides if s.wrong]
    assert [s.text for s in wrong] == ["Not accounted for (n=1)", "Counted twice or from elsewhere (n=1)"]
    assert part.footnotes == (
        "The numbers do not add up: behind 'Screened' 1 subject is neither in the next box nor at the side.",
        "The numbers do not add up: behind 'Screened' 1 subject is counted twice behind it, or not in it.",
    )


def test_branches_have_a_column_each(page: Page) -> None:
    spec = FIGURE.replace("text: Treated,", "text: 'Treated, {column}', each: true,")
    part = page.part(
        spec.replace("boxes:", "columns: {by: ADSL.TRT01A, levels: {Low: 10 mg, High: 20 mg}}\nboxes:")
    )
    assert [[s.text for s in b] for b in diagram(part).lanes] == [
        ["Treated, 10 mg (n=2)"],
        ["Treated, 20 mg (n=3)"],
    ]
    assert [s.text for s in diagram(part).trunk] == ["Screened (n=6)"]
