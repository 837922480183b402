"""A forest: rows, texts, marks and the axis."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tlfgen.display.figure_forest import Branch, Forest, _log_steps

Page = Any

FIGURE = """
kind: figure
shape: forest
population: SAFFL
from: ADRS
estimate: {method: proportion, event: "AVALC = 'PR'", limits: wilson}
overall: Everybody
subgroups: [{by: ADSL.SEX, label: Sex, levels: {F: Female, M: Male, U: Unknown}}, {by: ADSL.AGE, label: Age}]
alt: A forest.
"""


@pytest.fixture
def forest(page: Page) -> Page:
    page.frames["ADRS"] = pl.DataFrame({"USUBJID": ["1", "2", "3"], "AVALC": ["PR", "PR", "SD"]})
    return page


def test_rows_of_a_proportion(forest: Page) -> None:
    part = forest.part(FIGURE)
    assert isinstance(part, Forest)
    assert part.heads == ("Subgroup", "Events/n", "Percentage (95% CI)")
    # women 1, 3 and 4: one of three; Wilson's limits of 2 of 5: 11.8 to 76.9 (Newcombe's formula by hand)
    texts = [(b.label, b.indent, b.counts, b.text) for b in part.branches[:5]]
    assert texts == [
        ("Everybody", 0, ("2/5",), "40.0 (11.8 to 76.9)"), ("Sex", 0, (), ""),
        ("Female", 1, ("1/3",), "33.3 (6.1 to 79.2)"), ("Male", 1, ("1/2",), "50.0 (9.5 to 90.5)"),
        ("Unknown", 1, ("0/0",), "NE"),
    ]  # fmt: skip
    assert (part.overall, part.none, part.log) == (40, None, False)
    assert [b.share for b in part.branches[2:5]] == [0.6, 0.4, 0]
    assert part.branches[4].estimate is None, "no mark"
    assert (part.ticks[0], part.ticks[-1]) == ((0, "0"), (100, "100"))
    assert "Age: 1 subject without a value is not shown." in part.footnotes
    assert {"NE: not estimable; no subject.", "Limits: Wilson's score limits."} <= set(part.footnotes)
    assert part.branches[2].results[0] == "x.estimate.proportion[SEX=F]"
    assert part.drawn()[1] == ("Female", "33.3 (6.1 to 79.2)", "; ".join(part.branches[2].results))


def test_limits_beyond_the_axis_end_in_an_arrow(forest: Page) -> None:
    part = forest.part(FIGURE + "axis: [20, 80]\n")
    rows = {b.label: b.cut for b in part.branches}
    assert rows["Everybody"] == (True, False) and rows["Male"] == (True, True)
    assert any("arrow" in f for f in part.footnotes)


def test_a_ratio_has_a_logarithmic_axis_and_both_groups(forest: Page) -> None:
    forest.frames["ADTTE"] = pl.DataFrame(
        {"USUBJID": ["1", "2", "3", "4", "5"], "AVAL": [4.0, 8.0, 2.0, 6.0, 6.0], "CNSR": [0, 0, 0, 0, 1]}
    )
    part = forest.part("""
kind: figure
shape: forest
population: SAFFL
from: ADTTE
estimate:
  {method: hazard_ratio, event: "CNSR = 0", of: ADSL.TRT01A, each: High, against: Low, labels: {High: 20 mg}}
subgroups: [{by: ADSL.SEX, label: Sex}]
favours: [20 mg better, Low better]
alt: A forest.
""")
    assert part.heads == ("Subgroup", "20 mg, events/n", "Low, events/n", "Hazard ratio (95% CI)")
    assert part.branches[0].counts == ("2/3", "2/2")
    assert part.log and part.none == 1 and part.favours == ("20 mg better", "Low better")
    assert part.ticks[0][0] < 1 < part.ticks[-1][0]
    assert {b.label: b.text for b in part.branches}["M"] == "NE", (
        "the only event is before the other is at risk alone"
    )


@pytest.mark.parametrize(
    ("low", "high", "exact", "steps"),
    [
        (0.3, 4, False, [0.2, 0.5, 1, 2, 5]),
        (0.5, 2, False, [0.5, 1, 2]),
        (0.01, 200, False, [0.01, 0.1, 1, 10, 100, 200]),
        (0.3, 3, True, [0.3, 0.5, 1, 2, 3]),
    ],
)
def test_steps_of_a_logarithmic_axis(low: float, high: float, exact: bool, steps: list[float]) -> None:
    assert _log_steps(low, high, exact) == steps


def test_without_subjects_the_sentence_stands(forest: Page) -> None:
    forest.frames["ADSL"] = forest.frames["ADSL"].with_columns(SAFFL=pl.lit("N"))
    assert forest.part(FIGURE).blank
    assert Branch("x", heading=True).estimate is None
