"""A box plot: boxes, whiskers, points, and what is said of them."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tlfgen.display.panels import AnyMark, Axes, Bar, Point, Segment
from tlfgen.display.told import drawn

Page = Any

FIGURE = """
kind: figure
shape: box_plot
population: SAFFL
from: ADLB
columns: {by: ADSL.TRT01A}
y: AVAL
x: AVISIT
x_label: Visit
y_label: Value (U/L)
strips: {n: Number of subjects}
alt: Boxes by visit and arm.
"""
# Low, week 2: quartiles 4 and 8, whiskers 2 and 9, and 30 beyond (tests/stats/test_whiskers.py); week 4: one
# value. High: nobody at week 2
VALUES = [2.0, 4, 4, 5, 6, 7, 8, 9, 30]


@pytest.fixture
def boxes(page: Page) -> Page:
    adsl = page.frames["ADSL"].head(5)
    more = pl.concat([adsl.head(1)] * 9).with_columns(pl.Series("USUBJID", [f"L{i}" for i in range(9)]))
    page.frames["ADSL"] = pl.concat([adsl, more])
    page.frames["ADLB"] = pl.DataFrame(
        {
            "USUBJID": [*(f"L{i}" for i in range(9)), "L0", "3"],
            "AVISIT": [*["Week 2"] * 9, "Week 4", "Week 4"],
            "AVISITN": [*[2] * 9, 4, 4],
            "AVAL": [*VALUES, 7.0, 3.5],
            "PARAM": [*["ALT"] * 9, "ALT", "AST"],
        }
    )
    return page


def plot(part: Any, panel: int = 0) -> Axes:
    (found,) = part.panels[panel].parts
    assert isinstance(found, Axes)
    return found


def marks(part: Any, kind: type[AnyMark], look: int) -> list[Any]:
    return [m for m in plot(part).marks if isinstance(m, kind) and m.look == look]


def test_a_box_its_whiskers_its_median_and_what_lies_beyond(boxes: Page) -> None:
    part = boxes.part(FIGURE)
    week2, week4 = marks(part, Bar, 0)
    assert (week2.low, week2.high, week4.low, week4.high) == (4, 8, 7, 7)
    assert [(s.start[1], s.stop[1]) for s in marks(part, Segment, 0)][:2] == [(2, 4), (8, 9)]
    points = [(p.symbol, p.y) for p in marks(part, Point, 0) if p.x < 1]
    assert points == [("bar", 6.0), ("ring", 30.0)]
    (high,) = marks(part, Bar, 1)
    assert (int(high.at), high.low) == (1, 3.5), "nobody of the second arm at week 2"
    assert week2.at < 0.5 < high.at - 1, "side by side in a slot"
    axes = plot(part)
    assert axes.x.ticks == ((0.5, "Week 2"), (1.5, "Week 4")) and axes.y.low <= 2 and axes.y.high >= 30
    assert [(s.label, s.texts) for s in axes.strips][1:] == [("Low", ("9", "1")), ("High", ("0", "1"))]
    assert part.footnotes[0] == (
        "Boxes: quartiles and median; whiskers: to the last value within 1.5 interquartile ranges; "
        "1 value beyond them is a point."
    )
    assert part.footnotes[-1].startswith("Quartiles by the empirical distribution function")


def test_what_is_drawn_are_results_and_what_lies_beyond_is_told(boxes: Page) -> None:
    part = boxes.part(FIGURE)
    (kept,) = (row for row in drawn(part) if row[0] == "Low, Week 2")
    names = ("lower_whisker", "q1", "median", "q3", "upper_whisker")
    # values have one decimal, extremes as many, quartiles and the median one more: the study's convention
    assert kept[1] == "2.0  4.00  6.00  8.00  9.0"
    assert kept[2] == "; ".join(f"x.AVAL.{s}[TRT01A=Low,AVISIT=Week 2]" for s in names)
    assert boxes.value(FIGURE, "AVAL.outliers[TRT01A=Low,AVISIT=Week 2]") == "1"
    assert "Low, Week 2: 2.0  4.00  6.00  8.00  9.0; beyond: 30" in boxes.text(FIGURE)


def test_means_and_facets(boxes: Page) -> None:
    part = boxes.part(FIGURE + "mean: true\nfacet: PARAM\n")
    assert [(p.letter, p.title) for p in part.panels] == [("A", "ALT"), ("B", "AST")]
    dots = [p.y for p in marks(part, Point, 0) if not p.symbol]
    assert dots == [pytest.approx(sum(VALUES) / 9), 7.0]
    assert part.footnotes[0].endswith("; dots: means.")
    assert plot(part, 1).x.ticks == ((0.5, "Week 4"),)


def test_without_records_the_sentence_stands(boxes: Page) -> None:
    part = boxes.part(FIGURE + 'where: "AVAL > 99"\n')
    assert part.blank and part.empty in boxes.text(FIGURE + 'where: "AVAL > 99"\n')


def test_a_value_beyond_names_its_record(boxes: Page) -> None:
    assert ("Low, Week 2, L8", "30", "ADLB[row=9].AVAL") in drawn(boxes.part(FIGURE))
