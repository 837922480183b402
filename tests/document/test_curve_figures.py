"""Drawings of curves, forests and flows: no text cut or on another, few groups or many."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_subject_figures import overlaps, page_of

from tlfgen.display.figure_flow import Flow, Side, Station
from tlfgen.display.figure_forest import Branch, Forest
from tlfgen.display.figure_kaplan_meier import Block, Curve, Survival
from tlfgen.display.parts import Figure
from tlfgen.document.draw_forest import draw_forest
from tlfgen.document.draw_kaplan_meier import COLOURS, LINES, draw_kaplan_meier
from tlfgen.document.output import render_output
from tlfgen.document.theme import Theme, load_theme
from tlfgen.errors import RenderError

SMOOTH = tuple((float(t), 0.985**t) for t in range(0, 58, 3))
FLAT = ((0.0, 1.0), (30.0, 0.97), (59.0, 0.95))
MONTHS = tuple((float(v), f"{v}") for v in range(0, 61, 6))
ZERO_TO_ONE = tuple((v / 5, f"{v / 5:.1f}") for v in range(6))


@pytest.fixture(scope="module")
def house() -> Theme:
    return load_theme("house", [Path(__file__).parents[2] / "templates"])


def shared(shape: str) -> dict[str, Any]:
    return {
        "id": shape, "number": "14.2.F1", "title": "A figure", "population": "Full set", "shape": shape,
        "x_label": "Months since the first dose", "alt": "A figure.", "footnotes": ("One note.",),
    }  # fmt: skip


def survival(n: int, steps: tuple[tuple[float, float], ...] = SMOOTH, band: bool = False) -> Survival:
    def curve(i: int) -> Curve:
        own = tuple((x, y ** (1 + i / 2)) for x, y in steps)
        limits = tuple((max(y - 0.1, 0.0), min(y + 0.1, 1.0)) for _, y in own) if band else ()
        half = next((x for x, y in own if y <= 0.5), None)
        label = f"Pyrotinib and trastuzumab, group {i}" if n > 1 else ""
        return Curve(label, own, limits, own[3:9:2], half, (f"{10 + i}/20", "12.3 (10.1 to NE)"))

    numbers = tuple(tuple(str(120 - 10 * k) for k in range(len(MONTHS))) for _ in range(n))
    notes = ("Hazard ratio: 0.55 (95% CI 0.33 to 0.91)", "Log-rank P=0.018") if n > 1 else ()
    return Survival(
        **shared("kaplan_meier"), y_label="Probability of survival", ticks=MONTHS, y_ticks=ZERO_TO_ONE,
        curves=tuple(map(curve, range(n))), blocks=(Block("At risk", numbers), Block("Censored", numbers)),
        heads=("Events/n", "Median (95% CI), months"), notes=notes, half=0.5, ratio=0.7 + n / 10,
    )  # fmt: skip


def forest(groups: int, arms: int = 1) -> Forest:
    def row(label: str, i: int) -> Branch:
        low, high = 0.3 + i / 40, 1.4 + i / 10
        text = f"{(low + high) / 2:.2f} ({low:.2f} to {high:.2f})"
        return Branch(
            label,
            1,
            False,
            (f"{10 + i}/{20 + i}",) * arms,
            text,
            (low + high) / 2,
            low,
            high,
            0.4,
            (False, i == 3),
        )

    rows = [replace(row("All subjects", 0), indent=0)]
    for g in range(groups):
        rows.append(Branch(f"Subgroup {g}", heading=True))
        rows += [row(f"A level with quite a long label {k}", 2 * g + k) for k in range(2)]
    rows.append(Branch("A level without subjects", 1, counts=("0/0",) * arms, text="NE"))
    heads = ("Subgroup", *(f"Arm {a}, events/n" for a in range(arms)), "Hazard ratio (95% CI)")
    return Forest(
        **shared("forest"), heads=heads, branches=tuple(rows), log=True, none=1.0, overall=0.85, ratio=1.2,
        ticks=((0.1, "0.1"), (1.0, "1"), (10.0, "10")), favours=("Arm 0 better", "Arm 1 better"),
    )  # fmt: skip


def flow(branches: int = 0, reasons: int = 3) -> Flow:
    lines = tuple(f"A reason for leaving that has many words, number {k} (n=1)" for k in range(reasons))
    side = Side("Left the study (n=3)", lines)
    wrong = Side("Not accounted for (n=1)", wrong=True)
    trunk = (
        Station("Screened (n=40)", (side, wrong)),
        Station("Enrolled (n=36)", (Side("None (n=0)"),) if not branches else ()),
    )
    lane = (
        Station("Received the drug that they were assigned to (n=18)", (side,)),
        Station("Analysed (n=15)"),
    )
    ratio = 1.15
    return Flow(**{**shared("flow"), "x_label": ""}, trunk=trunk, branches=(lane,) * branches, ratio=ratio)


FIGURES: dict[str, Figure] = {
    "one curve": survival(1), "one with a band": survival(1, band=True), "two curves": survival(2),
    "four curves": survival(4), "flat curves": survival(2, FLAT), "flat bands": survival(2, FLAT, True),
    "forest": forest(4), "forest of two arms": forest(8, 2),
    "flow": flow(), "flow of two branches": flow(2),
}  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("orientation", ["portrait", "landscape"])
def test_no_text_is_cut_or_lies_on_another(house: Theme, name: str, orientation: Any) -> None:
    figure = replace(FIGURES[name], orientation=orientation)
    try:
        _, chars, (width, height) = page_of(figure, house)
    except RenderError as error:
        assert orientation == "landscape" and name in ("forest of two arms", "flow of two branches")
        assert "do not fit" in str(error)
        return
    assert overlaps(chars) == []
    left, right = min(c["x0"] for c in chars), max(c["x1"] for c in chars)
    assert left > 36 and right < width - 36, "within the margins"
    assert all(c["top"] > 0 and c["bottom"] < height for c in chars)
    every = "".join(c["text"] for c in chars)
    for text in filter(None, (*figure.texts(), figure.x_label)):
        words = text.split()
        assert all(w in every for w in words), text


def test_the_corner_stands_where_no_curve_runs(house: Theme) -> None:
    """At the top right of falling curves, at the bottom left of high ones, above the axes of others."""

    def place(figure: Survival) -> tuple[float, float, float]:
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
    crossing = survival(2, ((0.0, 1.0), (20.0, 0.9), (21.0, 0.3), (59.0, 0.28)))
    first = replace(crossing.curves[0], steps=((0.0, 1.0), (59.0, 0.95)))
    x, y, top = place(
        replace(
            crossing,
            curves=(first, replace(crossing.curves[1], steps=((0.0, 1.0), (1.0, 0.1), (59.0, 0.05)))),
        )
    )
    assert y < top, "neither corner is free"


def test_rows_and_boxes_that_cannot_fit_are_refused(house: Theme) -> None:
    with pytest.raises(RenderError, match="122 rows do not fit"):
        render_output(forest(40), house)
    with pytest.raises(RenderError, match="boxes do not fit"):
        render_output(flow(reasons=60), house)
    with pytest.raises(RenderError, match="6 branches do not fit"):
        render_output(flow(6), house)


def test_drawings_are_the_same_twice_and_hold_their_text_as_text(house: Theme) -> None:
    first, again = (draw_kaplan_meier(survival(2), house, 480, 340) for _ in range(2))
    assert first == again and b">Log-rank P=0.018</text>" in first
    assert draw_forest(forest(2), house, 480, 300) == draw_forest(forest(2), house, 480, 300)


def test_curves_are_told_apart_without_colour() -> None:
    assert len({str(line) for line in LINES}) == len(LINES) == len(COLOURS) == len(set(COLOURS))
