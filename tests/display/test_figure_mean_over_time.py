"""A figure of means over time: curves, limits, ticks and strips."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tlfgen.display.panels import Axes, Line, Segment
from tlfgen.display.told import drawn
from tlfgen.errors import SpecError

Page = Any

FIGURE = """
kind: figure
shape: mean_over_time
population: SAFFL
from: ADVS
where: "PARAMN = 1"
columns: {by: ADSL.TRT01A}
y: AVAL
x: AVISIT
x_label: Visit
y_label: Weight (kg)
strips: {n: Number of subjects}
alt: Mean weight by visit.
"""


def plot(part: Any, panel: int = 0) -> Axes:
    (found,) = part.panels[panel].parts
    assert isinstance(found, Axes)
    return found


def lines(part: Any) -> dict[int | None, tuple[tuple[float, float], ...]]:
    return {m.look: m.points for m in plot(part).marks if isinstance(m, Line)}


def limits(part: Any) -> list[tuple[float, float, float]]:
    """x and the two ends of each bar."""
    found = (m for m in plot(part).marks if isinstance(m, Segment))
    return [(m.start[0], m.start[1], m.stop[1]) for m in found]


def test_curves_limits_and_strips(page: Page) -> None:
    part = page.part(FIGURE)
    axes = plot(part)
    assert axes.x.ticks == ((2.0, "Week 2"), (10.0, "Week 10"))
    assert [look.label for look in part.panels[0].looks] == ["Low", "High"]
    # Low at week 2: 60.5 and 70.0, SE 4.75; nobody at week 10. High: single values, so no limits
    assert lines(part) == {0: ((2.0, 65.25),), 1: ((2.0, 55.0), (10.0, 81.5))}
    assert limits(part)[0] == pytest.approx((2.0, 60.5, 70.0)) and len(limits(part)) == 1
    assert axes.y.low <= 55 and axes.y.high >= 81.5
    assert ("High", *["x.AVAL.mean[TRT01A=High,AVISIT=Week 10]"] * 2) in drawn(part)
    assert [(s.label, s.texts, s.look) for s in axes.strips] == [
        ("Number of subjects", (), None), ("Low", ("2", "0"), 0), ("High", ("1", "1"), 1),
    ]  # fmt: skip
    assert part.footnotes == ("Points are means; bars reach one standard error to each side.",)
    assert (part.alt, axes.x.label, axes.y.label) == ("Mean weight by visit.", "Visit", "Weight (kg)")


def test_without_limits_there_are_none(page: Page) -> None:
    part = page.part(FIGURE + "limits: none\n")
    assert limits(part) == []
    assert part.footnotes == ()


def test_a_facet_has_a_panel_for_each_level_with_its_own_places(page: Page) -> None:
    spec = FIGURE.replace('where: "PARAMN = 1"\n', "") + "facet: PARAM\nacross: 2\nper_page: 1\n"
    part = page.part(spec)
    assert [(p.letter, p.title) for p in part.panels] == [("A", "Weight (kg)"), ("B", "Pulse")]
    assert (part.across, part.per_page) == (2, 1)
    # pulse: 72 of subject 1 (Low) and 80 of 3 (High), both at week 2
    weight, pulse = plot(part), plot(part, 1)
    assert [t for _, t in weight.x.ticks] == ["Week 2", "Week 10"]
    assert [t for _, t in pulse.x.ticks] == ["Week 2"]
    assert [m.points for m in pulse.marks if isinstance(m, Line)] == [((2.0, 72.0),), ((2.0, 80.0),)]
    assert ("B: Low", *["x.AVAL.mean[TRT01A=Low,PARAM=Pulse,AVISIT=Week 2]"] * 2) in drawn(part)
    assert "B  Pulse" in page.text(spec)


def test_without_records_there_is_no_curve(page: Page) -> None:
    part = page.part(FIGURE.replace("PARAMN = 1", "PARAMN = 9"))
    assert part.blank and part.empty == "No observations met the criteria."
    assert "No observations met the criteria." in page.text(FIGURE.replace("PARAMN = 1", "PARAMN = 9"))


def test_two_levels_of_x_at_one_place_are_refused(page: Page) -> None:
    page.frames["ADVS"] = page.frames["ADVS"].with_columns(AVISITN=pl.lit(2))
    with pytest.raises(SpecError, match="AVISITN has the same value at 'Week 10' and at 'Week 2'"):
        page.part(FIGURE)
