"""Figures as panels of one: letters, titles, results of each, and what is said below."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tlfgen.display.panels import Axes, Line
from tlfgen.display.told import drawn
from tlfgen.errors import SpecError

Page = Any

FIGURE = """
kind: figure
shape: panels
population: SAFFL
across: 2
panels:
  - shape: kaplan_meier
    title: Survival
    from: ADTTE
    columns: {by: ADSL.TRT01A}
    at_risk: {every: 5}
    x_label: Months
    y_label: Probability
  - shape: mean_over_time
    title: Weight
    population: SCRNFL
    from: ADVS
    where: "PARAMN = 1"
    columns: {by: ADSL.TRT01A}
    y: AVAL
    x: AVISIT
    x_label: Visit
    y_label: Weight (kg)
alt: Survival and weight.
"""
ADTTE = pl.DataFrame(
    {"USUBJID": ["1", "2", "3", "4", "5"], "AVAL": [4.0, 8.0, 2.0, 6.0, 6.0], "CNSR": [0, 1, 0, 0, 1]}
)


@pytest.fixture
def panels(page: Page) -> Page:
    page.frames["ADTTE"] = ADTTE
    return page


def test_each_panel_has_its_letter_title_and_results(panels: Page) -> None:
    part = panels.part(FIGURE)
    assert [(p.letter, p.title) for p in part.panels] == [("A", "Survival"), ("B", "Weight; Screened set")]
    assert part.across == 2 and part.alt == "Survival and weight."
    first, second = (p.parts[0] for p in part.panels)
    assert isinstance(first, Axes) and isinstance(second, Axes)
    # as in the figures of one panel: Low has its event at 4 and is censored at 8; at week 2 60.5 and 70 kg
    assert [m.points for m in first.marks if isinstance(m, Line)][0] == ((0, 1), (4, 0.5), (8, 0.5))
    assert [m.points for m in second.marks if isinstance(m, Line)][0] == ((2.0, 65.25),)
    kept = {(label, names) for label, _, names in drawn(part)}
    assert ("A: Low", "x.a.curve.survival[TRT01A=Low,AVAL=4]") in kept
    assert ("B: Low", "x.b.AVAL.mean[TRT01A=Low,AVISIT=Week 2]") in kept
    assert panels.value(FIGURE, "a.summary.median[TRT01A=High]") == "6.0"


def test_what_is_said_below_names_its_panel(panels: Page) -> None:
    part = panels.part(FIGURE)
    assert "B: Points are means; bars reach one standard error to each side." in part.footnotes
    assert "A: At risk: observed for at least that time." in part.footnotes
    twice = FIGURE[: FIGURE.index("  - shape: mean")]
    again = twice + twice[twice.index("  - shape") :] + "alt: Twice.\n"
    assert "At risk: observed for at least that time." in panels.part(again).footnotes
    assert part.source.startswith("ADTTE; subjects of ADSL") and "ADVS, PARAMN = 1" in part.source
    assert "B  Weight; Screened set" in panels.text(FIGURE)


def test_a_panel_without_anything_says_so_and_all_of_them_the_figure(panels: Page) -> None:
    panels.frames["ADTTE"] = ADTTE.clear()
    part = panels.part(FIGURE)
    assert (part.panels[0].parts, part.panels[0].empty) == ((), part.empty) and not part.blank
    assert f"A  Survival\n{part.empty}" in panels.text(FIGURE)
    assert panels.part(FIGURE.replace("PARAMN = 1", "PARAMN = 9")).blank


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("shape: kaplan_meier", "shape: kaplan", "kaplan"),
        ("    y: AVAL\n", "    y: AVAL\n    facet: PARAM\n", "a panel has no facet"),
        ("across: 2\n", "across: 2\npage_by: PARAM\n", "page_by is not for them"),
        ("across: 2\n", "across: 2\nx_label: Months\n", "are said by each panel"),
        ("    y: AVAL\n", "    y: AVAL\n    footnotes: [{id: a, text: A note.}]\n", "not in a panel's"),
        ("    at_risk: {every: 5}\n", "    at_risk: {evry: 5}\n", "evry"),
    ],
)
def test_what_is_wrong_is_named(panels: Page, old: str, new: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        panels.part(FIGURE.replace(old, new))
