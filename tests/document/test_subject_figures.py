"""Drawings of single subjects and of events by grade: no text cut or on another, few subjects or many."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pdfplumber
import pytest

from tlfgen.display.panels import (
    AnyMark,
    Axes,
    Bar,
    Columns,
    Label,
    Legend,
    Line,
    Look,
    Palette,
    Panel,
    Point,
    Rule,
    Scale,
    Segment,
    Text,
)
from tlfgen.display.parts import Figure
from tlfgen.display.told import texts_of
from tlfgen.document.drawing import Box
from tlfgen.document.ink import ink
from tlfgen.document.looks import BOXES, FILLS, TINTS, inked
from tlfgen.document.output import render_output
from tlfgen.document.plot import Place
from tlfgen.document.theme import Theme, load_theme
from tlfgen.errors import RenderError

GROUPS = (("CR", "Complete"), ("PR", "Partial"), ("SD", "Stable"), ("PD", "Progressive"))
PERCENT = tuple((float(v), f"{v}") for v in range(-100, 101, 50))
MONTHS = tuple((float(v), f"{v}") for v in range(0, 19, 3))
LINES = (Rule(-30.0, said="-30%"), Rule(20.0, said="20%"))
MARKS = (
    Look("Death", "symbols", symbol="cross", text="7"),
    Look("Response", "symbols", symbol="triangle", hollow=True, joined=True, text="9"),
)
CHANGE = Scale(-100.0, 100.0, PERCENT, "Change (%)")


@pytest.fixture(scope="module")
def house() -> Theme:
    return load_theme("house", [Path(__file__).parents[2] / "templates"])


def figure(parts: tuple[Axes | Columns, ...], looks: tuple[Look, ...], ratio: float = 0.68) -> Figure:
    groups = (
        Legend(tuple(range(4)), "Best response") if looks[0].palette != "tints" else Legend((0, 1, 2, 3, 4))
    )
    marks = Legend(tuple(range(4, len(looks)))) if groups.title else Legend(())
    return Figure(
        "x", "14.2.F1", "A figure", "Full set", alt="A figure.", footnotes=("One note.",),
        panels=(Panel(parts, looks, (groups, marks), ratio=ratio),),
    )  # fmt: skip


def groups(palette: Any) -> tuple[Look, ...]:
    return tuple(
        Look(label, palette, i, text="5", code=code if palette == "fills" else "")
        for i, (code, label) in enumerate(GROUPS)
    )


def waterfall(n: int, labels: bool = True) -> Figure:
    values = [130 - 230 * i / (n - 1) for i in range(n)]
    looks = groups("fills")
    bars = (
        Bar(
            i + 0.5, 0.0, min(v, 100.0), 0.78, upright=True, look=3 - min(3, 4 * i // n),
            end=looks[3 - min(3, 4 * i // n)].code, cut=f"{v:.0f}" if v > 100 else "",
        )
        for i, v in enumerate(values)
    )  # fmt: skip
    names = tuple((i + 0.5, f"{i:03d}") for i in range(n)) if labels else ()
    across = Scale(0.0, n, names, kind="slots", line=False, packed=True, unit="labels", hint="Fewer.")
    return figure((Axes(across, CHANGE, (*LINES, Rule(0.0, stroke="solid"), *bars)),), looks)


def swimmer(n: int) -> Figure:
    marks: list[AnyMark] = []
    for i in range(n):
        length, y = 15 - 14 * i / n, i + 0.5
        if i % 2:
            marks.append(Segment((length, y), (length + 1.01, y), "thin"))
        marks.append(Bar(y, 0.0, length, 0.62, look=i % 4))
        if i % 5 == 0:
            marks.append(Point(length, y, "arrow"))
        if i % 2:
            marks.append(Segment((length / 3, y), (length, y), "heavy"))
            spots = ((5, length / 3), (4, length + 1), (4, length + 1.01))
            marks += [Point(x, y, crowd=i, look=look) for look, x in spots]
    codes = tuple(Text(GROUPS[i % 4][0]) for i in range(n))
    columns = [Columns(t, align="right") for t in (tuple(Text(f"{i:03d}") for i in range(n)), codes)]
    rows = Scale(0.0, n, kind="slots", least=6.0, unit="labels", hint="Leave out labels.")
    looks = (*groups("fills"), *MARKS, Look("Ongoing at the data cut-off", arrow=True, text="4"))
    return figure((*columns, Axes(Scale(0.0, 18.0, MONTHS, "Months"), rows, tuple(marks))), looks, 1.1)


def spider(n: int) -> Figure:
    marks: list[AnyMark] = [Rule(0.0, stroke="faint"), *LINES]
    for i in range(n):
        far = 100 - 200 * i / n
        points = ((0.0, 0.0), (3.0 + i % 3, far / 2), (9.0 + i % 4, far))
        marks.append(Line(points, symbols=True, without=1, look=i % 4))
        if i % 7 == 0:
            marks.append(Segment(points[-1], (14.0, far), "dotted", look=i % 4))
            marks.append(Point(14.0, far, crowd=i, look=4))
        marks.append(Label(14.0 if i % 7 == 0 else points[-1][0], far, f"{i:03d}", free=True, crowd=i))
    across, up = Scale(0.0, 18.0, MONTHS, "Months"), replace(CHANGE, pad=0.02)
    return figure((Axes(across, up, tuple(marks)),), (*groups("threads"), MARKS[0]))


def grade_bars(n: int, sides: int = 1) -> Figure:
    def bars(i: int) -> list[Bar]:
        share = 100 - 95 * i / n
        whole = Bar(i + 0.5, 0.0, share, 0.0, end=f"{50 + i} ({share:.1f})")
        parts = [
            Bar(i + 0.5, g * share / 5, (g + 1) * share / 5, 0.74, look=g, inside=f"{10 + i}")
            for g in range(5)
        ]
        return [whole, *parts]

    ticks = tuple((float(v), f"{v}") for v in range(0, 101, 20))
    marks = tuple(bar for i in range(n) for bar in bars(i))
    rows = Scale(0.0, n, kind="slots", least=8.6, unit="terms", hint="Raise at_least.")
    plots = [
        Axes(Scale(0.0, 100.0, ticks, "Months", mirrored=sides == 2 and not k), rows, marks, title=title)
        for k, title in enumerate(("All", "Related")[:sides])
    ]
    texts = tuple(Text(f"Palmar-plantar erythrodysesthesia {i}") for i in range(n))
    column = Columns(texts, align="right" if sides == 1 else "centre", most=0.38 if sides == 1 else 0.26)
    parts = (column, plots[0]) if sides == 1 else (plots[0], column, plots[1])
    return figure(parts, tuple(Look(f"Grade {g + 1}", "tints", g) for g in range(5)), 1.2)


def page_of(figure: Figure, theme: Theme) -> tuple[str, list[dict[str, Any]], tuple[float, float]]:
    """The text, the characters and the size of the only page."""
    with pdfplumber.open(io.BytesIO(render_output(figure, theme))) as pdf:
        (page,) = pdf.pages
        chars = [c for c in page.chars if c["text"].strip()]
        return page.extract_text(), chars, (float(page.width), float(page.height))


def overlaps(chars: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Characters whose middles lie in another one: the middle third of each box, in both directions."""

    def core(c: dict[str, Any]) -> tuple[float, float, float, float]:
        w, h = (c["x1"] - c["x0"]) / 3, (c["bottom"] - c["top"]) / 3
        return c["x0"] + w, c["x1"] - w, c["top"] + h, c["bottom"] - h

    found = []
    cores = [(core(c), c["text"]) for c in chars]
    for i, ((a0, a1, at, ab), a) in enumerate(cores):
        for (b0, b1, bt, bb), b in cores[i + 1 :]:
            if a0 < b1 and b0 < a1 and at < bb and bt < ab:
                found.append((a, b))
    return found


FIGURES = {
    "waterfall": waterfall(20), "waterfall of 60": waterfall(60), "waterfall unnamed": waterfall(60, False),
    "swimmer": swimmer(20), "swimmer of 60": swimmer(60), "spider": spider(20), "spider of 60": spider(60),
    "bars": grade_bars(20), "bars of 40": grade_bars(40), "two sides": grade_bars(20, 2),
}  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("orientation", ["portrait", "landscape"])
def test_no_text_is_cut_or_lies_on_another(house: Theme, name: str, orientation: Any) -> None:
    figure = replace(FIGURES[name], orientation=orientation)
    try:
        text, chars, (width, height) = page_of(figure, house)
    except RenderError as error:
        assert orientation == "landscape" and "of" in name and "do not fit" in str(error)
        return
    assert overlaps(chars) == []
    left, right = min(c["x0"] for c in chars), max(c["x1"] for c in chars)
    assert left > 36 and right < width - 36, "within the margins"
    assert all(c["top"] > 0 and c["bottom"] < height for c in chars)
    every = "".join(c["text"] for c in chars)
    everything = name.startswith(("waterfall", "swimmer"))  # others leave out what has no room
    wanted = list(texts_of(figure)) if everything else ["Months"]
    for text_ in (*wanted, *figure.footnotes):
        turned = text_[::-1].replace(" ", "")
        assert text_.replace(" ", "") in every or turned in every, text_
    assert "One note." in text


def test_overlaps_are_found() -> None:
    box = {"x0": 0.0, "x1": 6.0, "top": 0.0, "bottom": 9.0, "text": "a"}
    assert overlaps([box, {**box, "x0": 1.0, "x1": 7.0, "text": "b"}]) == [("a", "b")]
    assert overlaps([box, {**box, "x0": 6.0, "x1": 12.0}]) == []


def test_labels_that_cannot_fit_are_refused_and_nothing_is_drawn_too_small(house: Theme) -> None:
    with pytest.raises(RenderError, match="120 labels do not fit side by side"):
        render_output(waterfall(120), house)
    with pytest.raises(RenderError, match="150 labels do not fit"):
        render_output(swimmer(150), house)
    with pytest.raises(RenderError, match="90 terms do not fit"):
        render_output(grade_bars(90), house)
    with pytest.raises(RenderError, match="no room for"):
        ink(grade_bars(9, 2), grade_bars(9, 2).panels, house, 240, 300)
    assert render_output(waterfall(120, False), house)[:5] == b"%PDF-"


def test_the_drawing_is_the_same_twice_and_holds_its_text_as_text(house: Theme) -> None:
    first, again = (ink(spider(9), spider(9).panels, house, 480, 340) for _ in range(2))
    assert first == again
    assert b">Complete (n=5)</text>" in first and b">-30%</text>" in first


def lightness(colour: str) -> float:
    """Relative luminance, as WCAG 2.1 has it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_groups_are_told_apart_in_grey() -> None:
    tints = [lightness(fill) for fill, _ in TINTS]
    assert tints == sorted(tints, reverse=True)
    assert all((a + 0.05) / (b + 0.05) > 1.25 for a, b in zip(tints, tints[1:], strict=False))
    for fill, text in TINTS:
        on, of = sorted((lightness(fill), 1.0 if text == "white" else 0.0))
        assert (of + 0.05) / (on + 0.05) >= 4.5, "text on its tint, WCAG 2.1 success criterion 1.4.3"
    for i, (a, hatch_a) in enumerate(FILLS[:5]):
        for b, hatch_b in FILLS[i + 1 : 5]:
            low, high = sorted((lightness(a), lightness(b)))
            assert hatch_a != hatch_b or (high + 0.05) / (low + 0.05) > 1.25


def test_boxes_are_told_apart_in_grey() -> None:
    fills = [lightness(fill) for fill, _ in BOXES]
    assert all((max(a, b) + 0.05) / (min(a, b) + 0.05) > 1.2 for a, b in zip(fills, fills[1:], strict=False))
    assert all((lightness(fill) + 0.05) / (lightness(edge) + 0.05) > 2 for fill, edge in BOXES)


def test_a_place_puts_its_ends_where_they_are_asked_for() -> None:
    place = Place(Scale(-100, 100), 50, 250)
    assert [place(v) for v in (-100, 0, 100)] == [50, 150, 250]
    powers = Place(Scale(0.1, 10, kind="log"), 0, 100)
    assert [round(powers(v), 9) for v in (0.1, 1, 10, 0)] == [0, 50, 100, 0]
    rows = Place(Scale(0, 2, kind="slots"), 100, 60, (100, 80, 60))
    assert [rows(v) for v in (0, 0.5, 1, 1.5, 2)] == [100, 90, 80, 70, 60] and rows.slot(1.5) == 20
    assert Box(1, 2, 4, 8).width == 3 and Box(1, 2, 4, 8).height == 6


@pytest.mark.parametrize("palette", ["lines", "dots", "threads", "fills", "tints", "boxes"])
def test_no_two_groups_look_alike(palette: Palette) -> None:
    looks = [inked(Look("x", palette, place)) for place in range(25)]
    told = {(k.colour, str(k.line), k.marker, k.fill, k.hatching, k.lines) for k in looks}
    assert len(told) == 25
    if palette == "dots":
        assert len({(k.colour, k.marker) for k in looks}) == 25, "a point has no line"
    with pytest.raises(RenderError, match="no look is left"):
        inked(Look("x", palette, 40))


def test_a_cut_bar_without_letters_has_its_number(house: Theme) -> None:
    bar = Bar(0.5, 0.0, 100.0, 0.78, upright=True, cut="151", look=0)
    axes = Axes(
        Scale(0, 1, kind="slots", line=False), Scale(0, 100, ((0, "0"), (100, "100"))), marks=(bar,)
    )  # fmt: skip
    panel = Panel((axes,), (Look("Arm", "fills"),))
    figure = Figure("x", "14.1", "Title", "Set", panels=(panel,), alt="Bars.")
    assert b">151</text>" in ink(figure, figure.panels, house, 400, 300)
