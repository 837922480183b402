"""A forest: rows, texts, marks and the axis."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tlfgen.display.figure_forest import _log_steps
from tlfgen.display.panels import Axes, Columns, Point, Rule, Segment
from tlfgen.display.told import drawn

Page = Any

FIGURE = """
kind: figure
shape: forest
population: SAFFL
from: ADRS
do: proportion
event: "AVALC = 'PR'"
limits: wilson
overall: Everybody
subgroups: [{by: ADSL.SEX, label: Sex, levels: {F: Female, M: Male, U: Unknown}}, {by: ADSL.AGE, label: Age}]
alt: A forest.
"""


@pytest.fixture
def forest(page: Page) -> Page:
    page.frames["ADRS"] = pl.DataFrame({"USUBJID": ["1", "2", "3"], "AVALC": ["PR", "PR", "SD"]})
    return page


def plot(part: Any) -> Axes:
    (panel,) = part.panels
    (found,) = (p for p in panel.parts if isinstance(p, Axes))
    return found


def heads(part: Any) -> list[str]:
    return [p.head for p in part.panels[0].parts if isinstance(p, Columns)]


def rows(part: Any) -> list[tuple[int, list[str]]]:
    """The indent and the texts of each row."""
    columns = [p.texts for p in part.panels[0].parts if isinstance(p, Columns)]
    return [(row[0].indent, [t.text for t in row]) for row in zip(*columns, strict=True)]


def ends(part: Any, label: str) -> tuple[str, str]:
    """What stands at the two ends of a row's limits."""
    i = next(i for i, (_, texts) in enumerate(rows(part)) if texts[0] == label)
    (found,) = (m.ends for m in plot(part).marks if isinstance(m, Segment) and m.start[1] == i + 0.5)
    return found


def test_rows_of_a_proportion(forest: Page) -> None:
    part = forest.part(FIGURE)
    assert heads(part) == ["Subgroup", "Events/n", "Percentage (95% CI)"]
    # women 1, 3 and 4: one of three; Wilson's limits of 2 of 5: 11.8 to 76.9 (Newcombe's formula by hand)
    assert rows(part)[:5] == [
        (0, ["Everybody", "2/5", "40.0 (11.8 to 76.9)"]), (0, ["Sex", "", ""]),
        (1, ["Female", "1/3", "33.3 (6.1 to 79.2)"]), (1, ["Male", "1/2", "50.0 (9.5 to 90.5)"]),
        (1, ["Unknown", "0/0", "NE"]),
    ]  # fmt: skip
    axes = plot(part)
    assert [m for m in axes.marks if isinstance(m, Rule)] == [Rule(40.0, "x")], "no line of no effect"
    squares = {m.y - 0.5: (m.x, m.area) for m in axes.marks if isinstance(m, Point)}
    assert {k: v for k, v in squares.items() if k < 5} == {
        0: (40.0, 1.0), 2: (pytest.approx(100 / 3), 0.6), 3: (50.0, 0.4),
    }, "no mark of the unknown"  # fmt: skip
    assert axes.x.kind == "linear" and (axes.x.ticks[0], axes.x.ticks[-1]) == ((0, "0"), (100, "100"))
    assert "Age: 1 subject without a value is not shown." in part.footnotes
    said = {"NE: not estimable; no subject.", "95% limits of proportions: Wilson's score limits."}
    assert said <= set(part.footnotes)
    kept = {(label, text): names for label, text, names in drawn(part)}
    limits = "; ".join(f"x.subgroups.{s}[SEX=F]" for s in ("pct", "low_pct", "high_pct"))
    assert kept["Female", "33.3 (6.1 to 79.2)"] == limits
    assert kept["Female", "1/3"] == "x.subgroups.n[SEX=F]; x.subgroups.size[SEX=F]"


def test_limits_beyond_the_axis_end_in_an_arrow(forest: Page) -> None:
    part = forest.part(FIGURE + "axis: [20, 80]\n")
    assert ends(part, "Everybody") == ("arrow", "cap") and ends(part, "Male") == ("arrow", "arrow")
    inside = (m for m in plot(part).marks if isinstance(m, Segment))
    assert all(20 <= x <= 80 for m in inside for x, _ in (m.start, m.stop))
    assert any("arrow" in f for f in part.footnotes)
    # Everybody 40 %, Male 50 %; Female 33.3 % lies below the axis
    part = forest.part(FIGURE.replace(", {by: ADSL.AGE, label: Age}", "") + "axis: [40, 80]\n")
    assert "1 estimate lies beyond the axis, without a square." in part.footnotes
    squares = [m.x for m in plot(part).marks if isinstance(m, Point)]
    assert squares == [40.0, 50.0]


def test_a_ratio_has_a_logarithmic_axis_and_both_groups(forest: Page) -> None:
    forest.frames["ADTTE"] = pl.DataFrame(
        {"USUBJID": ["1", "2", "3", "4", "5"], "AVAL": [4.0, 8.0, 2.0, 6.0, 6.0], "CNSR": [0, 0, 0, 0, 1]}
    )
    part = forest.part("""
kind: figure
shape: forest
population: SAFFL
from: ADTTE
columns: {by: ADSL.TRT01A, levels: {High: 20 mg, Low: Low}}
do: kaplan_meier
compare: [{id: hr, do: cox, each: 20 mg, against: Low}]
subgroups: [{by: ADSL.SEX, label: Sex}]
favours: [20 mg better, Low better]
alt: A forest.
""")
    assert heads(part) == ["Subgroup", "20 mg, events/n", "Low, events/n", "Hazard ratio (95% CI)"]
    assert rows(part)[0][1][1:3] == ["2/3", "2/2"]
    axes = plot(part)
    assert axes.x.kind == "log" and Rule(1.0, "x", "thin") in axes.marks
    assert axes.below == (1.0, "\u2190 20 mg better", "Low better \u2192")
    assert axes.x.low < 1 < axes.x.high
    (men,) = (texts for _, texts in rows(part) if texts[0] == "M")
    assert men[-1] == "NE", "the only event is before the other is at risk alone"


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
    part = forest.part(FIGURE)
    assert part.blank and part.empty in forest.text(FIGURE)
