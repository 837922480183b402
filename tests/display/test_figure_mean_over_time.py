"""A figure of means over time: curves, limits, ticks and strips."""

from __future__ import annotations

from typing import Any

import pytest

from tlfgen.display.parts import Lines, Strip

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


def test_curves_limits_and_strips(page: Page) -> None:
    part = page.part(FIGURE)
    assert isinstance(part, Lines)
    assert part.ticks == ((2.0, "Week 2"), (10.0, "Week 10"))
    low, high = part.series
    # Low at week 2: 60.5 and 70.0, SE 4.75; nobody at week 10. High: single values, so no limits
    assert (low.label, low.x, low.y) == ("Low", (2.0, 10.0), (65.25, None))
    assert low.lower[0] == pytest.approx(60.5) and low.upper[0] == pytest.approx(70.0)
    assert (high.y, high.lower, high.upper) == ((55.0, 81.5), (None, None), (None, None))
    assert high.results[1] == "x.AVAL.mean[TRT01A=High,AVISIT=Week 10]"
    assert part.strips == (
        Strip("Number of subjects", ("", "")), Strip("Low", ("2", "0")), Strip("High", ("1", "1")),
    )  # fmt: skip
    assert part.footnotes == ("Points are means; bars reach one standard error to each side.",)
    assert (part.alt, part.x_label, part.y_label) == ("Mean weight by visit.", "Visit", "Weight (kg)")


def test_without_limits_there_are_none(page: Page) -> None:
    part = page.part(FIGURE + "limits: none\n")
    assert [s.lower for s in part.series] == [(), ()]
    assert part.footnotes == ()


def test_without_records_there_is_no_curve(page: Page) -> None:
    part = page.part(FIGURE.replace("PARAMN = 1", "PARAMN = 9"))
    assert (part.series, part.ticks, part.empty) == ((), (), "No observations met the criteria.")
    assert "No observations met the criteria." in page.text(FIGURE.replace("PARAMN = 1", "PARAMN = 9"))
