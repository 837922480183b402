"""Kaplan-Meier curves: steps, marks, corner, numbers below the axis, what footnotes say."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tlfgen.display.panels import Axes, Band, Line, Point, Segment
from tlfgen.display.told import drawn

Page = Any

COMPARED = """compare:
  - {id: hr, do: cox, each: [Low], against: High}
  - {id: p, do: log_rank, each: [Low], against: High}
"""
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


def plot(part: Any) -> Axes:
    ((found,),) = (panel.parts for panel in part.panels)
    assert isinstance(found, Axes)
    return found


def steps(part: Any) -> list[tuple[tuple[float, float], ...]]:
    return [m.points for m in plot(part).marks if isinstance(m, Line)]


def censored(part: Any, curve: int) -> list[tuple[float, float]]:
    return [(m.x, m.y) for m in plot(part).marks if isinstance(m, Point) and m.look == curve]


def medians(part: Any) -> list[float]:
    """Where a dashed line goes down."""
    dashed = (m for m in plot(part).marks if isinstance(m, Segment))
    return [m.start[0] for m in dashed if m.start[0] == m.stop[0]]


def corner(part: Any) -> list[tuple[str, tuple[str, ...]]]:
    found = plot(part).corner
    assert found is not None
    return [(row.label, tuple(t.text for t in row.texts)) for row in found.rows]


def test_curves_end_with_their_last_subject(curves: Page) -> None:
    part = curves.part(FIGURE)
    low, high = steps(part)
    assert low == ((0, 1), (4, 0.5), (8, 0.5)) and censored(part, 0) == [(8, 0.5)]
    assert high[-1] == pytest.approx((6, 1 / 3))
    assert censored(part, 1)[0] == pytest.approx((6, 1 / 3)) and len(censored(part, 1)) == 1
    assert plot(part).x.ticks == ((0, "0"), (5, "5"), (10, "10"))
    assert [(s.label, s.texts, s.look) for s in plot(part).strips] == [
        ("At risk", (), None), ("Low", ("2", "1", "0"), 0), ("High", ("3", "2", "0"), 1),
        ("Censored", (), None), ("Low", ("0", "0", "1"), 0), ("High", ("0", "0", "1"), 1),
    ]  # fmt: skip
    assert medians(part) == [6]
    assert medians(curves.part(FIGURE + "quantile_rule: first\n")) == [4, 6]
    kept = {name for _, _, names in drawn(part) for name in names.split("; ")}
    assert {
        "x.curve.survival[TRT01A=Low,AVAL=4]", "x.summary.median[TRT01A=Low]",
        "x.at_risk.at_risk[TRT01A=Low,AVAL=5]",
    } <= kept  # fmt: skip


def test_the_axis_cuts_a_curve_and_its_marks(curves: Page) -> None:
    part = curves.part(FIGURE + "until: 5\n")
    low, high = steps(part)
    assert low == ((0, 1), (4, 0.5), (5, 0.5)) and censored(part, 0) == []
    assert high[-1] == pytest.approx((5, 2 / 3)) and medians(part) == []


def test_the_corner_and_the_footnotes(curves: Page) -> None:
    part = curves.part(FIGURE + COMPARED)
    small = plot(part).corner
    assert small is not None and small.heads == ("Events/n", "Median (95% CI), months")
    assert corner(part) == [("Low", ("1/2", "NE (4.0 to NE)")), ("High", ("2/3", "6.0 (2.0 to NE)"))]
    # at risk 5 at 2, 4 at 4, 3 at 6: Low has 1 event where 2/5 + 2/4 + 1/3 = 1.23 are expected
    ratio, test = small.notes
    assert ratio.text.startswith("Hazard ratio: 0.") and test.text.startswith("Log-rank P=0.")
    assert ratio.results[0] == "x.summary.hr[TRT01A=Low~High]"
    assert any(f.startswith("Hazard ratio, Low over High: Cox's") for f in part.footnotes)
    assert "Log-rank P: unstratified log-rank test, asymptotic, two-sided." in part.footnotes
    why = "NE: not estimable; no event ends the curve's plateau there; the limit is not reached."
    assert why in part.footnotes
    curves.rules = curves.rules.model_copy(update={"between_limits": "\u2013", "decimal_mark": "\u00b7"})
    assert corner(curves.part(FIGURE + "quantile_rule: first\n"))[0][1][1] == "4\u00b70 (4\u00b70\u2013NE)"


def test_percent_band_and_one_curve(curves: Page) -> None:
    one = FIGURE.replace("{by: ADSL.TRT01A}", "{total: All}") + "scale: percent\nband: true\nmedian: false\n"
    part = curves.part(one)
    (curve,) = steps(part)
    # events of 5, 4 and 3 at risk: 80, 60 and 40 %
    assert [y for _, y in curve] == pytest.approx([100, 80, 60, 40, 40])
    (band,) = (m for m in plot(part).marks if isinstance(m, Band))
    assert [x for x, _, _ in band.points] == [x for x, _ in curve] and medians(part) == []
    assert plot(part).y.ticks[-1] == (100, "100")
    assert [(s.label, s.heading) for s in plot(part).strips] == [("At risk", True), ("Censored", True)]
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
    assert "Low: (0, 1) (4, 0.5) (8, 0.5)" in text and "Low: censored at 8" in text


def test_the_limits_of_the_last_step_are_shaded_to_its_end(curves: Page) -> None:
    # At S = 0 the log-log limits do not exist; those of the step before hold until then (R 4: survfit)
    everyone = curves.frames["ADTTE"].with_columns(pl.lit(0).cast(pl.Int64).alias("CNSR"))
    curves.frames["ADTTE"] = everyone
    part = curves.part(FIGURE + "band: true\n")
    for look in (0, 1):
        (band,) = (m for m in plot(part).marks if isinstance(m, Band) and m.look == look)
        (line,) = (m for m in plot(part).marks if isinstance(m, Line) and m.look == look)
        assert line.points[-1][1] == 0.0 and band.points[-1][0] == line.points[-1][0]
        assert band.points[-1][1:] == band.points[-2][1:]
