"""Kaplan-Meier curves: steps, marks, corner, numbers below the axis, what footnotes say."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tlfgen.display.figure_kaplan_meier import Block, Survival

Page = Any

FIGURE = """
kind: figure
shape: kaplan_meier
population: SAFFL
from: ADTTE
columns: {by: ADSL.TRT01A}
at_risk: {every: 5, rows: [at risk, censored]}
x_label: Months
y_label: Probability
alt: Curves.
"""
# Low: event at 4, censored at 8; High: events at 2 and 6, one censored at 6
ADTTE = pl.DataFrame(
    {"USUBJID": ["1", "2", "3", "4", "5"], "AVAL": [4.0, 8.0, 2.0, 6.0, 6.0], "CNSR": [0, 1, 0, 0, 1]}
)


@pytest.fixture
def curves(page: Page) -> Page:
    page.frames["ADTTE"] = ADTTE
    return page


def test_curves_end_with_their_last_subject(curves: Page) -> None:
    part = curves.part(FIGURE)
    assert isinstance(part, Survival)
    low, high = part.curves
    assert low.steps == ((0, 1), (4, 0.5), (8, 0.5)) and low.marks == ((8, 0.5),)
    assert high.steps[-1] == pytest.approx((6, 1 / 3))
    assert high.marks[0] == pytest.approx((6, 1 / 3)) and len(high.marks) == 1
    assert part.ticks == ((0, "0"), (5, "5"), (10, "10"))
    assert part.blocks == (
        Block("At risk", (("2", "1", "0"), ("3", "2", "0"))),
        Block("Censored", (("0", "0", "1"), ("0", "0", "1"))),
    )  # fmt: skip
    assert part.half == 0.5 and (low.median_at, high.median_at) == (None, 6)
    assert curves.part(FIGURE + "rule: first\n").curves[0].median_at == 4
    assert (
        "x.curve.survival[TRT01A=Low,AVAL=4]" in low.results and "x.summary.median[TRT01A=Low]" in low.results
    )


def test_the_axis_cuts_a_curve_and_its_marks(curves: Page) -> None:
    low, high = curves.part(FIGURE + "until: 5\n").curves
    assert low.steps == ((0, 1), (4, 0.5), (5, 0.5)) and low.marks == ()
    assert high.steps[-1] == (5, pytest.approx(2 / 3)) and high.median_at is None


def test_the_corner_and_the_footnotes(curves: Page) -> None:
    part = curves.part(FIGURE + "compare: {each: [Low], against: High}\n")
    assert part.heads == ("Events/n", "Median (95% CI), months")
    assert [c.corner for c in part.curves] == [("1/2", "NE (4.0 to NE)"), ("2/3", "6.0 (2.0 to NE)")]
    # at risk 5 at 2, 4 at 4, 3 at 6: Low has 1 event where 2/5 + 2/4 + 1/3 = 1.23 are expected
    assert part.notes[0].startswith("Hazard ratio: 0.") and part.notes[1].startswith("Log-rank P=0.")
    assert any(f.startswith("Hazard ratio of Low against High: Cox's") for f in part.footnotes)
    assert "P: log-rank test, two-sided." in part.footnotes
    why = "NE: not estimable; no event ends the curve's plateau there; the limit is not reached."
    assert why in part.footnotes
    curves.rules = curves.rules.model_copy(update={"between_limits": "\u2013", "decimal_mark": "\u00b7"})
    assert curves.part(FIGURE + "rule: first\n").curves[0].corner[1] == "4\u00b70 (4\u00b70\u2013NE)"


def test_percent_band_and_one_curve(curves: Page) -> None:
    one = FIGURE.replace("{by: ADSL.TRT01A}", "{total: All}") + "scale: percent\nband: true\nmedian: false\n"
    part = curves.part(one)
    (curve,) = part.curves
    # events of 5, 4 and 3 at risk: 80, 60 and 40 %
    assert [y for _, y in curve.steps] == pytest.approx([100, 80, 60, 40, 40])
    assert len(curve.limits) == len(curve.steps) and part.half is None
    assert part.y_ticks[-1] == (100, "100")
    assert any("shaded" in f for f in part.footnotes)


def test_who_has_no_time_is_told(curves: Page) -> None:
    curves.frames["ADTTE"] = ADTTE.head(3)
    assert "2 subjects without a time are left out." in curves.part(FIGURE).footnotes
    curves.frames["ADTTE"] = ADTTE.clear()
    part = curves.part(FIGURE)
    assert part.blank and part.empty in curves.text(FIGURE)


def test_as_text(curves: Page) -> None:
    text = curves.text(FIGURE)
    assert "Low: Events/n 1/2, Median (95% CI), months NE (4.0 to NE)" in text
    assert "At risk, Low: 2  1  0" in text
