"""Drawings of curves, forests and flows: no text cut or on another, few groups or many."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from test_subject_figures import overlaps, page_of

from tlfgen.display.panels import (
    AnyMark,
    Aside,
    Axes,
    Band,
    Bar,
    Box,
    Columns,
    Corner,
    CornerRow,
    Diagram,
    Label,
    Legend,
    Line,
    Look,
    Panel,
    Point,
    Rule,
    Scale,
    Segment,
    Strip,
    Text,
)
from tlfgen.display.parts import Figure
from tlfgen.display.told import texts_of
from tlfgen.document.drawing import Box as Frame
from tlfgen.document.fonts import figure_fonts
from tlfgen.document.ink import ink
from tlfgen.document.looks import COLOURS, DOTS, LINES
from tlfgen.document.output import render_output
from tlfgen.document.plot import Place, Plot
from tlfgen.document.theme import Theme, load_theme
from tlfgen.errors import RenderError

Steps = tuple[tuple[float, float], ...]
SMOOTH = tuple((float(t), 0.985**t) for t in range(0, 58, 3))
FLAT = ((0.0, 1.0), (30.0, 0.97), (59.0, 0.95))
MONTHS = tuple((float(v), f"{v}") for v in range(0, 61, 6))
ZERO_TO_ONE = tuple((v / 5, f"{v / 5:.1f}") for v in range(6))
MONTHS_LABEL = "Months since the first dose"


@pytest.fixture(scope="module")
def house() -> Theme:
    return load_theme("house", [Path(__file__).parents[2] / "templates"])


def figure(*panels: Panel, **more: Any) -> Figure:
    return Figure(
        "x",
        "14.2.F1",
        "A figure",
        "Full set",
        alt="A figure.",
        footnotes=("One note.",),
        panels=panels,
        **more,
    )


def survival(n: int, own: Steps = SMOOTH, band: bool = False) -> Figure:
    curves = [tuple((x, y ** (1 + i / 2)) for x, y in own) for i in range(n)]
    return with_curves(curves, band)


def with_curves(curves: list[Steps], band: bool = False) -> Figure:
    n = len(curves)

    def marks() -> Iterator[AnyMark]:
        for i, own in enumerate(curves):
            half = next((x for x, y in own if y <= 0.5), None)
            if half is not None:
                yield Segment((0.0, 0.5), (half, 0.5), "dashed")
                yield Segment((half, 0.0), (half, 0.5), "dashed")
            if band:
                yield Band(tuple((x, max(y - 0.1, 0.0), min(y + 0.1, 1.0)) for x, y in own), look=i)
            yield Line(own, steps=True, look=i)
            yield from (Point(x, y, "tick", look=i) for x, y in own[3:9:2])

    labels = [f"Pyrotinib and trastuzumab, group {i}" if n > 1 else "" for i in range(n)]
    numbers = tuple(str(120 - 10 * k) for k in range(len(MONTHS)))
    strips = [
        strip
        for name in ("At risk", "Censored")
        for strip in (
            [Strip(name, heading=True), *(Strip(t, numbers, i) for i, t in enumerate(labels))]
            if n > 1
            else [Strip(name, numbers, heading=True)]
        )
    ]
    notes = ("Hazard ratio: 0.55 (95% CI 0.33 to 0.91)", "Log-rank P=0.018") if n > 1 else ()
    rows = tuple(
        CornerRow(t, (Text(f"{10 + i}/20"), Text("12.3 (10.1 to NE)")), i) for i, t in enumerate(labels)
    )
    axes = Axes(
        Scale(0.0, 60.0, MONTHS, MONTHS_LABEL), Scale(0.0, 1.0, ZERO_TO_ONE, "Probability of survival"),
        tuple(marks()), strips=tuple(strips),
        corner=Corner(("Events/n", "Median (95% CI), months"), rows, tuple(Text(t) for t in notes)),
    )  # fmt: skip
    return figure(
        Panel((axes,), tuple(Look(t, "lines", i) for i, t in enumerate(labels)), ratio=0.7 + n / 10)
    )


def forest(groups: int, arms: int = 1) -> Figure:
    labels = [("All subjects", 0)]
    for g in range(groups):
        labels.append((f"Subgroup {g}", 0))
        labels += [(f"A level with quite a long label {k}", 1) for k in range(2)]
    labels.append(("A level without subjects", 1))

    def marks() -> Iterator[AnyMark]:
        yield from (Rule(1.0, "x", "thin"), Rule(0.85, "x"))
        for i, (label, _) in enumerate(labels):
            if "Subgroup" not in label and "without" not in label:
                low, high = 0.3 + i / 400, 1.4 + i / 100
                yield Segment((low, i + 0.5), (high, i + 0.5), ends=("cap", "arrow" if i == 3 else "cap"))
                yield Point((low + high) / 2, i + 0.5, "block", 0.4, look=0)

    ticks = ((0.1, "0.1"), (1.0, "1"), (10.0, "10"))
    axes = Axes(
        Scale(0.1, 10.0, ticks, MONTHS_LABEL, "log"),
        Scale(0.0, len(labels), kind="slots", line=False, least=11.0, most=20.0, hint="Fewer."),
        tuple(marks()), below=(1.0, "\u2190 Arm 0 better", "Arm 1 better \u2192"),
    )  # fmt: skip
    counts = [
        Columns(tuple(Text(f"{10 + i}/20") for i in range(len(labels))), f"Arm {a}, events/n", "centre")
        for a in range(arms)
    ]
    texts = Columns(tuple(Text("0.85 (0.30 to 1.40)") for _ in labels), "Hazard ratio (95% CI)")
    names = Columns(tuple(Text(t, (), indent) for t, indent in labels), "Subgroup", most=0.34)
    return figure(Panel((names, *counts, axes, texts), (Look("Estimate", "lines", 1),), ratio=1.2))


def flow(branches: int = 0, reasons: int = 3) -> Figure:
    lines = tuple(f"A reason for leaving that has many words, number {k} (n=1)" for k in range(reasons))
    side = Aside("Left the study (n=3)", lines)
    wrong = Aside("Not accounted for (n=1)", wrong=True)
    trunk = (
        Box("Screened (n=40)", (side, wrong)),
        Box("Enrolled (n=36)", (Aside("None (n=0)"),) if not branches else ()),
    )
    lane = (
        Box("Received the drug that they were assigned to (n=18)", (side,)),
        Box("Analysed (n=15)"),
    )
    return figure(Panel((Diagram(trunk, (lane,) * branches),), ratio=1.15))


def boxes(visits: int, arms: int = 3) -> Figure:
    def marks() -> Iterator[AnyMark]:
        for i in range(visits * arms):
            at = i // arms + 0.2 + 0.3 * (i % arms)
            yield Segment((at, 80.0), (at, 100.0), ends=("cap", ""), look=i % arms)
            yield Bar(at, 100.0, 120.0 + i, 0.2, upright=True, look=i % arms)
            yield Point(at, 110.0, "bar", 0.2, look=i % arms)
            yield Point(at, 180.0, "ring", look=i % arms)

    ticks = tuple((i + 0.5, f"End of treatment {i}" if i == 2 else f"Week {i}") for i in range(visits))
    axes = Axes(
        Scale(0.0, visits, ticks, "Visit", kind="slots"),
        Scale(80.0, 200.0, ((80.0, "80"), (200.0, "200")), "Blood pressure (mmHg)"),
        tuple(marks()),
        strips=tuple(Strip(f"Arm {a}", ("120",) * visits, a) for a in range(arms)),
    )
    looks = tuple(Look(f"Arm {a}", "boxes", a) for a in range(arms))
    return figure(Panel((axes,), looks, (Legend(tuple(range(arms))),), above=True))


def quadrants() -> Figure:
    ticks = tuple((10.0**p, f"{10.0**p:g}") for p in range(-1, 3))
    corners = [(0.1, 0.1), (100.0, 0.1), (0.1, 100.0), (100.0, 100.0)]
    marks: list[AnyMark] = [Rule(3.0, "x"), Rule(2.0, "y")]
    for a, b in corners:
        marks.append(Label(a, b, "Possible: 1, 2, 3", side="left" if a > 1 else "right", above=b < 1))
    marks += [Point(0.2 * i, 0.3 * i, look=0) for i in range(1, 9)]
    x, y = (Scale(0.1, 100.0, ticks, label, "log", pad=0.02) for label in ("ALT", "Bilirubin"))
    looks = (Look("Arm", "dots", 1, hollow=True),)
    return figure(Panel((Axes(x, y, tuple(marks)),), looks, (Legend((0,)),), above=True))


def lettered(letter: str, own: Figure) -> Panel:
    return replace(own.panels[0], letter=letter, title="What it shows")


FIGURES: dict[str, Figure] = {
    "one curve": survival(1), "one with a band": survival(1, band=True), "two curves": survival(2),
    "four curves": survival(4), "flat curves": survival(2, FLAT), "flat bands": survival(2, FLAT, True),
    "forest": forest(4), "forest of two arms": forest(8, 2),
    "flow": flow(), "flow of two branches": flow(2),
    "boxes": boxes(5), "boxes of 12 visits": boxes(12), "quadrants": quadrants(),
    "two panels": figure(lettered("A", survival(2)), lettered("B", forest(2))),
    "side by side": figure(lettered("A", survival(1)), lettered("B", survival(2, FLAT)), across=2),
}  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("orientation", ["portrait", "landscape"])
def test_no_text_is_cut_or_lies_on_another(house: Theme, name: str, orientation: Any) -> None:
    figure = replace(FIGURES[name], orientation=orientation)
    try:
        _, chars, (width, height) = page_of(figure, house)
    except RenderError as error:
        narrow = ("forest of two arms", "flow of two branches", "two panels")
        assert name in (narrow if orientation == "landscape" else ("side by side",))
        assert "do not fit" in str(error)
        return
    assert overlaps(chars) == []
    left, right = min(c["x0"] for c in chars), max(c["x1"] for c in chars)
    assert left > 36 and right < width - 36, "within the margins"
    assert all(c["top"] > 0 and c["bottom"] < height for c in chars)
    every = "".join(c["text"] for c in chars)
    for text in texts_of(figure):
        words = text.split()
        assert all(w in every for w in words), text


def test_the_corner_stands_where_no_curve_runs(house: Theme) -> None:
    """At the top right of falling curves, at the bottom left of high ones, above the axes of others."""

    def place(figure: Figure) -> tuple[float, float, float]:
        _, chars, (width, height) = page_of(figure, house)
        word = next(
            c for i, c in enumerate(chars) if "".join(x["text"] for x in chars[i : i + 8]) == "Events/n"
        )
        tick = next(c for i, c in enumerate(chars) if "".join(x["text"] for x in chars[i : i + 3]) == "1.0")
        return word["x0"] / width, word["top"] / height, tick["top"] / height

    x, y, top = place(survival(1))
    assert x > 0.6 and top - 0.01 < y < top + 0.03
    x, y, top = place(survival(1, FLAT))
    assert x < 0.3 and y > top + 0.2
    x, y, top = place(survival(2, FLAT))
    assert y > top + 0.15
    crossing = with_curves([((0.0, 1.0), (59.0, 0.95)), ((0.0, 1.0), (1.0, 0.1), (59.0, 0.05))])
    x, y, top = place(crossing)
    assert y < top, "neither corner is free"


def test_rows_and_boxes_that_cannot_fit_are_refused(house: Theme) -> None:
    with pytest.raises(RenderError, match="122 rows do not fit"):
        render_output(forest(40), house)
    with pytest.raises(RenderError, match="boxes do not fit"):
        render_output(flow(reasons=60), house)
    with pytest.raises(RenderError, match="6 branches do not fit"):
        render_output(flow(6), house)


def test_drawings_are_the_same_twice_and_hold_their_text_as_text(house: Theme) -> None:
    for own in (survival(2), forest(2), flow(2)):
        first, again = (ink(own, own.panels, house, 480, 640) for _ in range(2))
        assert first == again
    own = survival(2)
    assert b">Log-rank P=0.018</text>" in ink(own, own.panels, house, 480, 340)


def test_a_figure_goes_on_over_pages(house: Theme) -> None:
    panels = [lettered(letter, survival(1)) for letter in "ABC"]
    pages = render_output(figure(*panels, per_page=2), house)
    with pdfplumber.open(io.BytesIO(pages)) as pdf:
        texts = [page.extract_text().replace(" ", "") for page in pdf.pages]
    assert [[f"{letter}Whatitshows" in text for letter in "ABC"] for text in texts] == [
        [True, True, False],
        [False, False, True],
    ]


def test_curves_are_told_apart_without_colour() -> None:
    assert len({str(line) for line in LINES}) == len(LINES) == len(COLOURS) == len(set(COLOURS))
    assert len(set(DOTS)) == len(COLOURS)


def test_many_lines_stay_within_the_plot_and_nearer_to_their_own_visit(house: Theme) -> None:
    marks = tuple(Line(((1.0, float(i)), (2.0, float(i))), dodge=i - 5.5, look=i) for i in range(12))
    x = Scale(1.0, 2.0, ((1.0, "Week 1"), (2.0, "Week 2")), pad=0.04)
    axes = Axes(x, Scale(0.0, 11.0, ((0.0, "0"), (11.0, "11"))), marks)
    page: Any = None  # places need no page
    plot = Plot(
        page, axes, (), Frame(0.0, 0.0, 400.0, 300.0), Place(x, 16.0, 384.0), Place(axes.y, 0.0, 300.0)
    )
    spots = [plot.spot(p, m.dodge)[0] for m in marks for p in m.points]
    assert min(spots) >= 0 and max(spots) <= 400
    near = replace(axes, x=replace(x, high=30.0, ticks=((1.0, "1"), (2.0, "2"), (30.0, "30"))))
    plot = replace(plot, axes=near, across=Place(near.x, 16.0, 384.0))
    assert plot.spot((1.0, 0.0), 5.5)[0] < plot.spot((2.0, 0.0), -5.5)[0]


def test_a_legend_and_a_title_wider_than_their_room(house: Theme) -> None:
    looks = tuple(Look(f"Arm {chr(65 + i)}", "lines", i) for i in range(12))
    axes = Axes(Scale(0, 1, ((0, "0"), (1, "1"))), Scale(0, 1, ((0, "0"), (1, "1"))))
    title = "Survival by a classification whose name is longer than one panel is wide"
    panel = Panel((axes,), looks, (Legend(tuple(range(12))),), above=True, letter="A", title=title)
    svg = ink(figure(panel, panel, across=2), (panel, panel), house, 500, 300)
    assert svg.count(b">Arm L</text>") == 2, "no entry is beyond the page, which is an error"
    assert title.encode() not in svg, "in two lines"
    long = replace(panel, looks=(Look("A label " * 40),), legend=(Legend((0,)),))
    with pytest.raises(RenderError, match="no room for 'A label"):
        ink(figure(long), (long,), house, 500, 300)


def test_a_bold_face_is_found_as_bold_by_every_name_of_it(house: Theme) -> None:
    from matplotlib.font_manager import fontManager

    figure_fonts(house.faces)
    for face in house.faces:
        weights = {f.weight for f in fontManager.ttflist if f.fname == str(face.path)}
        assert weights == {700 if "bold" in face.style else 400}
