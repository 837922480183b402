"""eDISH: points, quadrants, and who and what is not drawn.

subject  arm   ALT / upper limit       bilirubin / upper limit    quadrant
1        Low   3.0 (of 2.0 and 3.0)    2.5                        both: 3 or more, and more than 2
2        Low   2.99                    2.0                        neither: 2.0 is not above 2
3        High  8.0                     1.0                        ALT alone
4        High  0.5                     12.0                       bilirubin alone
5        High  1.0                     (a limit of 0)             not shown
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tlfgen.display.panels import Axes, Label, Point, Rule
from tlfgen.display.told import drawn
from tlfgen.errors import SpecError

Page = Any

FIGURE = """
kind: figure
shape: edish
population: SAFFL
from: ADLB
columns: {by: ADSL.TRT01A}
x: {where: "PARAMCD = 'ALT'", limit: 3}
y: {where: "PARAMCD = 'BILI'", limit: 2}
x_label: ALT
y_label: Bilirubin
alt: Points.
"""


@pytest.fixture
def liver(page: Page) -> Page:
    records = [
        ("1", "ALT", 80.0, 40.0), ("1", "ALT", 120.0, 40.0), ("1", "BILI", 50.0, 20.0),
        ("2", "ALT", 119.6, 40.0), ("2", "BILI", 40.0, 20.0),
        ("3", "ALT", 320.0, 40.0), ("3", "BILI", 20.0, 20.0),
        ("4", "ALT", 20.0, 40.0), ("4", "BILI", 240.0, 20.0),
        ("5", "ALT", 40.0, 40.0), ("5", "BILI", 20.0, 0.0), ("6", "ALT", 400.0, 40.0),
    ]  # fmt: skip
    names = ["USUBJID", "PARAMCD", "AVAL", "ANRHI"]
    page.frames["ADLB"] = pl.DataFrame(records, schema=names, orient="row")
    return page


def plot(part: Any) -> Axes:
    ((found,),) = (panel.parts for panel in part.panels)
    assert isinstance(found, Axes)
    return found


def test_each_subject_stands_at_its_highest_values(liver: Page) -> None:
    axes = plot(liver.part(FIGURE))
    points = [(m.label, m.look, m.x, m.y) for m in axes.marks if isinstance(m, Point)]
    assert points == [
        ("1", 0, 3.0, 2.5), ("2", 0, pytest.approx(2.99), 2.0), ("3", 1, 8.0, 1.0), ("4", 1, 0.5, 12.0),
    ]  # fmt: skip
    assert [m for m in axes.marks if isinstance(m, Rule)] == [Rule(3.0, "x"), Rule(2.0, "y")]
    assert (axes.x.kind, axes.x.low, axes.x.high) == ("log", 0.1, 10.0)
    assert (axes.y.kind, axes.y.low, axes.y.high) == ("log", 0.1, 100.0), "a power that holds 12"


def test_the_quadrants_count_subjects_by_arm(liver: Page) -> None:
    part = liver.part(FIGURE)
    said = [m.said for m in plot(part).marks if isinstance(m, Label)]
    assert said == [
        "Within limits: 1, 0", "Temple's corollary: 0, 1", "Hyperbilirubinaemia: 0, 1",
        "Possible Hy's law: 1, 0",
    ]  # fmt: skip
    assert liver.value(FIGURE, "quadrants.n[TRT01A=Low,QUADRANT=Possible Hy's law]") == "1"
    (kept,) = (row for row in drawn(part) if row[0] == "Possible Hy's law")
    assert kept[1] == "1, 0" and "x.quadrants.n[TRT01A=High,QUADRANT=Possible Hy's law]" in kept[2]


def test_who_and_what_is_not_drawn_is_counted(liver: Page) -> None:
    notes = liver.part(FIGURE).footnotes
    assert "1 subject without a value on both axes is not shown." in notes
    assert "PARAMCD = 'BILI': 1 record has no ratio above 0 and is not drawn." in notes
    assert "Numbers: subjects of each quadrant (Low, High), at 3 or above across, above 2 upwards." in notes
    liver.frames["ADLB"] = liver.frames["ADLB"].head(0)
    assert liver.part(FIGURE).blank


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("limit: 2", "limit: 0", "greater than 0"),
        ("population: SAFFL", "population: all", "needs an analysis set"),
        ("alt: Points.", "alt: Points.\nupper: PARAMCD", "is no number"),
        ("alt: Points.", "alt: Points.\nquadrants: [A, A, B, C]", "two quadrants have the same label"),
    ],
)
def test_what_is_wrong_is_named(liver: Page, old: str, new: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        liver.part(FIGURE.replace(old, new))


def test_each_subject_is_drawn_once_where_there_is_a_total(liver: Page) -> None:
    both = FIGURE.replace("{by: ADSL.TRT01A}", "{by: ADSL.TRT01A, total: All}")
    adsl = liver.frames["ADSL"]
    none = pl.when(pl.col("USUBJID") == "4").then(None).otherwise("TRT01A").alias("TRT01A")
    liver.frames["ADSL"] = adsl.with_columns(none)
    part = liver.part(both)
    points = [(m.label, m.look) for m in plot(part).marks if isinstance(m, Point)]
    assert points == [("1", 0), ("2", 0), ("3", 1), ("4", 2)], "4 has no arm and stands under All alone"
    assert part.panels[0].legend[0].looks == (0, 1, 2)
    liver.frames["ADSL"] = adsl
    part = liver.part(both)
    assert part.panels[0].legend[0].looks == (0, 1), "nobody has the look of the total"
    assert "Possible Hy's law: 1, 0, 1" in liver.text(both)


def test_the_words_say_on_which_side_of_a_limit_a_value_is(liver: Page) -> None:
    records = [("1", "ALT", 119.99, 40.0), ("1", "BILI", 40.01, 20.0)]
    liver.frames["ADLB"] = pl.DataFrame(records, schema=["USUBJID", "PARAMCD", "AVAL", "ANRHI"], orient="row")
    # 119.99 / 40 = 2.99975, below 3; 40.01 / 20 = 2.0005, above 2
    assert "Low: 2.99975, 2.0005, Hyperbilirubinaemia" in liver.text(FIGURE)
    assert "\n2.99975, 2.0005" in liver.text(FIGURE.replace("columns: {by: ADSL.TRT01A}\n", ""))


def test_the_axis_holds_a_limit_beyond_the_values_and_has_ticks_at_2_and_5(liver: Page) -> None:
    axes = plot(liver.part(FIGURE.replace("limit: 3", "limit: 20")))
    assert (axes.x.low, axes.x.high) == (0.1, 100.0)
    assert [t for _, t in axes.x.ticks] == ["0.1", "0.2", "0.5", "1", "2", "5", "10", "20", "50", "100"]
    wide = plot(liver.part(FIGURE.replace("limit: 3", "limit: 2000")))
    assert [t for _, t in wide.x.ticks] == ["0.1", "1", "10", "100", "1000", "10000"]


def test_a_point_names_the_records_that_are_its_highest(liver: Page) -> None:
    # subject 1: ALT 120 of 40 is record 2 (record 1 has 80), bilirubin 50 of 20 record 3
    kept = {label: (text, names) for label, text, names in drawn(liver.part(FIGURE))}
    names = "ADLB[row=2].AVAL; ADLB[row=2].ANRHI; ADLB[row=3].AVAL; ADLB[row=3].ANRHI"
    assert kept["1"] == ("3, 2.5, Possible Hy's law", names)
