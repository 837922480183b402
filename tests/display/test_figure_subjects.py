"""Figures of single subjects: keys, bars, lines, marks and the sentences about who is not shown.

subject  best change  group        first day   last day    died
1        -40          PR           2024-01-01  2024-01-20  2024-01-25
2        160          PD           2024-01-01  ongoing     -
3        -            -            2024-01-08  2024-01-14  -
4, 5     -            -            -           -           -       (cut-off: 2024-01-31)
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from tlfgen.display.axis import nice_ticks, time_ticks
from tlfgen.display.figure_spider import height
from tlfgen.display.panels import AnyMark, Axes, Bar, Label, Line, Look, Point, Rule, Segment
from tlfgen.display.told import drawn, plain
from tlfgen.spec.theme import NumberRules

Page = Any

FIRST = date(2024, 1, 1)
WATERFALL = """
kind: figure
shape: waterfall
population: SAFFL
from: ADTR
y: AVAL
colour: {by: ADSL.BEST, label: Best response, levels: {CR: Complete, PR: Partial, PD: Progressive}}
references: [-30, 20]
cut: 100
labels: ADSL.SUBJID
reason: ADSL.WHY
y_label: Change (%)
alt: Bars of the best change.
"""
SWIMMER = """
kind: figure
shape: swimmer
population: SAFFL
start: TRTSDT
end: TRTEDT
unit: days
ongoing: "TRTSDT IS NOT NULL AND TRTEDT IS NULL"
colour: {by: BEST, levels: {PR: Partial, PD: Progressive}, missing: Not assessed}
reason: WHY
marks:
  - label: Response
    from: ADRS
    where: "AVALC = 'PR'"
    date: ADT
    until: PDDT
    marker: triangle
    pick: first
  - {label: Death, where: "DTHDT IS NOT NULL", date: DTHDT, marker: cross, open: true}
x_label: Days
alt: Bars of time.
"""
SPIDER = """
kind: figure
shape: spider
population: SAFFL
from: ADSUM
y: PCHG
date: ADT
start: ADSL.TRTSDT
unit: days
colour: {by: ADSL.BEST}
references: [20]
cut: 150
marks:
  - {label: New lesion, from: ADRS, where: "AVALC = 'NEW'", date: ADT, marker: star}
x_label: Days
y_label: Change (%)
alt: Lines of change.
"""


@pytest.fixture
def trial(page: Page) -> Page:
    none: list[None] = [None, None, None]
    page.frames["ADSL"] = page.frames["ADSL"].with_columns(
        pl.Series("SUBJID", ["01", "02", "03", "04", "05", "06"]),
        pl.Series("BEST", ["PR", "PD", *none, None]),
        pl.Series("WHY", [None, None, "No scan", "Not treated", "Not treated", None]),
        pl.Series("TRTSDT", [FIRST, FIRST, date(2024, 1, 8), *none]),
        pl.Series("TRTEDT", [date(2024, 1, 20), None, date(2024, 1, 14), *none]),
        pl.Series("DTHDT", [date(2024, 1, 25), None, None, *none]),
    )
    page.frames["ADTR"] = pl.DataFrame({"USUBJID": ["1", "2", "6"], "AVAL": [-40.0, 160.4, -100.0]})
    page.frames["ADRS"] = pl.DataFrame(
        {
            "USUBJID": ["1", "1", "2"],
            "AVALC": ["PR", "PR", "NEW"],
            "ADT": [date(2024, 1, 5), date(2024, 1, 12), date(2024, 1, 30)],
            "PDDT": [date(2024, 1, 18), None, None],
        }
    )
    page.frames["ADSUM"] = pl.DataFrame(
        {
            "USUBJID": ["1", "1", "2"],
            "PCHG": [-40.0, -20.0, 160.4],
            "ADT": [date(2024, 1, 10), date(2024, 1, 20), date(2024, 1, 20)],
        }
    )
    return page


def plot(part: Any) -> Axes:
    (found,) = (p for p in part.panels[0].parts if isinstance(p, Axes))
    return found


def marks(part: Any, kind: type[AnyMark]) -> list[Any]:
    return [m for m in plot(part).marks if isinstance(m, kind)]


def legend(part: Any) -> list[Look]:
    (panel,) = part.panels
    return [panel.looks[i] for own in panel.legend for i in own.looks]


def test_a_waterfall_has_its_bars_in_order_and_says_who_has_none(trial: Page) -> None:
    part = trial.part(WATERFALL)
    assert [(b.at, b.high, b.look, b.cut) for b in marks(part, Bar)] == [
        (0.5, 100.0, 1, "160"), (1.5, -40.0, 0, ""),
    ]  # fmt: skip
    assert plot(part).x.ticks == ((0.5, "02"), (1.5, "01"))
    assert "02  160.4  PD" in plain(part), "the whole value in plain text"
    # nobody is a complete responder: no key, and the others keep their colours
    assert legend(part) == [
        Look("Partial", "fills", 1, text="1", code="PR", results=("x.subjects.n[BEST=PR]",)),
        Look("Progressive", "fills", 2, text="1", code="PD", results=("x.subjects.n[BEST=PD]",)),
    ]
    assert [(r.value, r.said) for r in marks(part, Rule)] == [(-30, "-30"), (20, "20"), (0, "")]
    assert (plot(part).y.low, plot(part).y.high) == (-40.0, 100.0)
    assert part.footnotes == (
        "Dashed lines at -30 and 20.",
        "Bars beyond 100 are cut there; their value stands above them.",
        "3 of 5 subjects have no bar: Not treated (n=2); No scan (n=1).",
    )
    assert ("Partial", "1", "x.subjects.n[BEST=PR]") in drawn(part)


def test_nobody_is_named_unless_the_spec_says_so(trial: Page) -> None:
    part = trial.part(WATERFALL.replace("labels: ADSL.SUBJID\n", ""))
    assert plot(part).x.ticks == ()
    assert "02" not in " ".join(plain(part))


def test_without_a_value_there_is_no_bar(trial: Page) -> None:
    part = trial.part(WATERFALL + 'where: "AVAL > 500"\n')
    assert part.blank
    assert "No observations met the criteria." in trial.text(WATERFALL + 'where: "AVAL > 500"\n')


def test_a_swimmer_has_the_longest_bar_on_top_marks_and_arrows(trial: Page) -> None:
    part = trial.part(SWIMMER)
    bars = [(b.at, b.high, b.look) for b in marks(part, Bar)]
    assert bars == [(0.5, 31.0, 1), (1.5, 20.0, 0), (2.5, 7.0, 2)], "31 January is the cut-off"
    signs = [(p.y, p.x, p.symbol or part.panels[0].looks[p.look].label) for p in marks(part, Point)]
    assert signs == [(0.5, 31.0, "arrow"), (1.5, 5.0, "Response"), (1.5, 25.0, "Death")]
    segments = [(s.start[0], s.stop[0], s.stroke) for s in marks(part, Segment)]
    assert segments == [(20.0, 25.0, "thin"), (5.0, 18.0, "heavy")]
    groups, others = legend(part)[:3], legend(part)[3:]
    assert [(k.label, k.place) for k in groups] == [
        ("Partial", 0), ("Progressive", 1), ("Not assessed", None),
    ]  # fmt: skip
    assert [(s.shown, s.joined, s.hollow, s.arrow) for s in others] == [
        ("Response (n=1)", True, False, False), ("Death (n=1)", False, True, False),
        ("Ongoing at the data cut-off (n=1)", False, False, True),
    ]  # fmt: skip
    assert ("Ongoing at the data cut-off", "1", "x.subjects.ongoing") in drawn(part)
    assert part.footnotes == (
        "Time runs from the morning of the first day to the end of a date. Data cut-off: 2024-01-31.",
        "2 of 5 subjects have no bar: Not treated (n=2).",
    )
    assert part.source == "ADSL, SAFFL = 'Y'; with records of ADRS"


def test_what_cannot_be_drawn_of_a_mark_is_said(trial: Page) -> None:
    late = trial.frames["ADRS"].with_columns(pl.lit(date(2024, 2, 1)).alias("ADT"))
    trial.frames["ADRS"] = late
    notes = trial.part(SWIMMER).footnotes
    assert "Response: 2 records after the data cut-off are not drawn." in notes


def test_a_spider_s_lines_begin_at_no_change(trial: Page) -> None:
    part = trial.part(SPIDER)
    one, two = marks(part, Line)
    assert one.points == ((0.0, 0.0), (10.0, -40.0), (20.0, -20.0))
    assert two.points == ((0.0, 0.0), (20.0, 150.0))
    assert [(m.x, m.y, m.said) for m in marks(part, Label)] == [(20.0, 150.0, "160")]
    assert [(m.x, m.y) for m in marks(part, Point)] == [(30.0, 150.0)], "at the last value's height"
    assert [(m.start, m.stop) for m in marks(part, Segment)] == [((20.0, 150.0), (30.0, 150.0))]
    assert "Dotted: from the last value to a later mark, at the height of the last value." in part.footnotes


def test_a_mark_between_two_values_stands_on_the_line() -> None:
    points = ((0.0, 0.0), (10.0, -40.0), (20.0, 0.0))
    assert [height(points, x) for x in (0, 5, 10, 15, 20, 99)] == [0, -20, -40, -20, 0, 0]


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (-100, 100, 9, [-100, -50, 0, 50, 100]),
        (-100, 160, 9, [-100, -50, 0, 50, 100, 150, 200]),
        (0, 0.4, 6, [0, 0.1, 0.2, 0.3, 0.4]),
        (-7, 3, 9, [-8, -6, -4, -2, 0, 2, 4]),
    ],
)
def test_ticks_hold_the_values_at_round_numbers(
    low: float, high: float, most: int, expected: list[float]
) -> None:
    assert [v for v, _ in nice_ticks(low, high, most, NumberRules())] == pytest.approx(expected)


def test_time_is_marked_as_its_unit_is_counted() -> None:
    assert [t for _, t in time_ticks(13.2, "months", 13, NumberRules())][-2:] == ["12", "14"]
    assert [v for v, _ in time_ticks(31, "days", 13, NumberRules())] == [0, 7, 14, 21, 28, 35]
    assert [v for v, _ in time_ticks(60, "weeks", 13, NumberRules())][:3] == [0, 6, 12]


def test_ticks_stand_around_one_value_alone() -> None:
    for value in (0.0, -7.25, 1e9):
        ticks = [v for v, _ in nice_ticks(value, value, 8, NumberRules())]
        assert ticks[0] < value < ticks[-1] and len(ticks) > 2


def test_bars_lines_and_symbols_name_their_records(trial: Page) -> None:
    bars = [row for row in drawn(trial.part(WATERFALL)) if "[row=" in row[2]]
    assert bars == [("2", "160.4", "ADTR[row=2].AVAL"), ("1", "-40.0", "ADTR[row=1].AVAL")]
    # day 10 is record 1, day 20 record 2; the new lesion of subject 2 is record 3 of ADRS
    lines = {label: names for label, _, names in drawn(trial.part(SPIDER))}
    assert lines["1"] == "ADSUM[row=1].PCHG; ADSUM[row=2].PCHG"
    assert lines["2, New lesion"] == "ADRS[row=3].ADT"
    swim = drawn(trial.part(SWIMMER))
    assert ("1", "20.0", "ADSL[row=1].TRTSDT; ADSL[row=1].TRTEDT") in swim
    assert ("1, Death", "25.0", "ADSL[row=1].DTHDT") in swim
