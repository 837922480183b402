"""Drawings of single subjects and of events by grade: no text cut or on another, few subjects or many."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pdfplumber
import pytest

from tlfgen.display.figure_grade_bars import GradeBars, Piece, Stack
from tlfgen.display.figure_spider import Spider, Spot, Thread
from tlfgen.display.figure_swimmer import Lane, Swimmer
from tlfgen.display.figure_waterfall import Fall, Waterfall
from tlfgen.display.parts import Figure
from tlfgen.display.subjects import Key, Sign, Symbol
from tlfgen.document.draw_grade_bars import draw_grade_bars
from tlfgen.document.draw_spider import draw_spider
from tlfgen.document.drawing import FILLS, TINTS, Box, Scale
from tlfgen.document.output import render_output
from tlfgen.document.theme import Theme, load_theme
from tlfgen.errors import RenderError

KEYS = tuple(
    Key(label, i, "5", code)
    for i, (code, label) in enumerate(
        [("CR", "Complete"), ("PR", "Partial"), ("SD", "Stable"), ("PD", "Progressive")]
    )
)
PERCENT = tuple((float(v), f"{v}") for v in range(-100, 101, 50))
MONTHS = tuple((float(v), f"{v}") for v in range(0, 19, 3))
LINES = ((-30.0, "-30%"), (20.0, "20%"))
SYMBOLS = (Symbol("Death", "cross", text="7"), Symbol("Response", "triangle", True, True, "9"))


@pytest.fixture(scope="module")
def house() -> Theme:
    return load_theme("house", [Path(__file__).parents[2] / "templates"])


def shared(shape: str) -> dict[str, Any]:
    return {
        "id": shape, "number": "14.2.F1", "title": "A figure", "population": "Full set", "shape": shape,
        "x_label": "Months", "y_label": "Change (%)", "alt": "A figure.", "footnotes": ("One note.",),
    }  # fmt: skip


def waterfall(n: int, labels: bool = True) -> Waterfall:
    bars = tuple(
        Fall(v, 3 - min(3, 4 * i // n), f"{i:03d}" if labels else "", f"{v:.0f}" if v > 100 else "")
        for i, v in enumerate(130 - 230 * i / (n - 1) for i in range(n))
    )
    return Waterfall(
        **shared("waterfall"),
        title_of_keys="Best response",
        keys=KEYS,
        bars=bars,
        ticks=PERCENT,
        references=LINES,
    )


def swimmer(n: int) -> Swimmer:
    def lane(i: int) -> Lane:
        length = 15 - 14 * i / n
        signs = (Sign(1, length / 3, length), Sign(0, length + 1), Sign(0, length + 1.01))
        return Lane(length, i % 4, i % 5 == 0, f"{i:03d}", signs if i % 2 else ())

    return Swimmer(
        **shared("swimmer"), title_of_keys="Best response", keys=KEYS, symbols=SYMBOLS, ticks=MONTHS,
        lanes=tuple(map(lane, range(n))), ongoing="Ongoing at the data cut-off (n=4)", ratio=1.1,
    )  # fmt: skip


def spider(n: int) -> Spider:
    def thread(i: int) -> Thread:
        far = 100 - 200 * i / n
        points = ((0.0, 0.0), (3.0 + i % 3, far / 2), (9.0 + i % 4, far))
        return Thread(points, i % 4, f"{i:03d}", (Spot(0, 14.0, far),) if i % 7 == 0 else ())

    return Spider(
        **shared("spider"), keys=KEYS, symbols=SYMBOLS[:1], ticks=PERCENT, times=MONTHS, references=LINES,
        threads=tuple(map(thread, range(n))),
    )  # fmt: skip


def grade_bars(n: int, sides: int = 1) -> GradeBars:
    def stack(i: int) -> Stack:
        share = 100 - 95 * i / n
        pieces = tuple(Piece(g, share / 5, f"{10 + i}") for g in range(5))
        return Stack(pieces, share, f"{50 + i} ({share:.1f})")

    return GradeBars(
        **shared("grade_bars"), terms=tuple(f"Palmar-plantar erythrodysesthesia {i}" for i in range(n)),
        bars=tuple((stack(i),) * sides for i in range(n)), sides=("All", "Related") if sides > 1 else ("",),
        grades=tuple(f"Grade {g}" for g in range(1, 6)), ratio=1.2,
        ticks=tuple((float(v), f"{v}") for v in range(0, 101, 20)),
    )  # fmt: skip


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
    everything = figure.shape in ("waterfall", "swimmer")  # others leave out what has no room
    wanted = [t for t in figure.texts() if t and everything]
    for text_ in (*wanted, figure.x_label if figure.shape != "waterfall" else "", *figure.footnotes):
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
    with pytest.raises(RenderError, match="no room for bars"):
        draw_grade_bars(grade_bars(9, 2), house, 240, 300)
    assert render_output(waterfall(120, False), house)[:5] == b"%PDF-"


def test_the_drawing_is_the_same_twice_and_holds_its_text_as_text(house: Theme) -> None:
    first, again = (draw_spider(spider(9), house, 480, 340) for _ in range(2))
    assert first == again
    assert b">CR: Complete (n=5)</text>" in first and b">-30%</text>" in first


def lightness(colour: str) -> float:
    """Relative luminance, as WCAG 2.1 has it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_groups_are_told_apart_in_grey() -> None:
    tints = [lightness(fill) for fill, _ in TINTS]
    assert tints == sorted(tints, reverse=True)
    assert all((a + 0.05) / (b + 0.05) > 1.25 for a, b in zip(tints, tints[1:], strict=False))
    for fill, ink in TINTS:
        on, of = sorted((lightness(fill), 1.0 if ink == "white" else 0.0))
        assert (of + 0.05) / (on + 0.05) >= 4.5, "text on its tint, WCAG 2.1 success criterion 1.4.3"
    for i, (a, hatch_a) in enumerate(FILLS[:5]):
        for b, hatch_b in FILLS[i + 1 : 5]:
            low, high = sorted((lightness(a), lightness(b)))
            assert hatch_a != hatch_b or (high + 0.05) / (low + 0.05) > 1.25


def test_a_scale_puts_its_ends_where_they_are_asked_for() -> None:
    scale = Scale(-100, 100, 50, 250)
    assert [scale(v) for v in (-100, 0, 100)] == [50, 150, 250]
    assert Box(1, 2, 4, 8).width == 3 and Box(1, 2, 4, 8).height == 6
