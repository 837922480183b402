"""The page on adding a figure shows two files and a spec: they are found, laid out and drawn."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tlfgen.display
import tlfgen.spec
from tlfgen.display.panels import Axes, Point
from tlfgen.document.output import render_output
from tlfgen.document.theme import load_theme
from tlfgen.errors import SpecError
from tlfgen.spec import figures

Page = Any

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "how-to-figure.md").read_text("utf-8")
MODULES = ("tlfgen.spec.figure_scatter", "tlfgen.display.figure_scatter")


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The page's spec, without what `Page` writes itself; its two files stand where they are found."""
    model, display = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    for package, code in ((tlfgen.spec, model), (tlfgen.display, display)):
        folder = tmp_path / package.__name__
        folder.mkdir()
        (folder / "figure_scatter.py").write_text(code, "utf-8")
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    (example,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    yield example[example.index("kind:") :].replace("title: Weight by Age\n", "")
    for name in MODULES:
        sys.modules.pop(name, None)


def load(page: Page, spec: str) -> Any:
    """The part as the page lays it out, read by the union of all shapes, the page's among them."""
    page.model = figures.union_of(figures.models().values())
    return page.part(spec)


def test_the_model_is_found_beside_those_that_there_are(spec: str) -> None:
    assert set(figures.models()) == {*figures.MODELS, "scatter"}


def test_the_figure_is_laid_out_and_drawn(page: Page, spec: str) -> None:
    part = load(page, spec)
    # weights of subjects 1, 2 (Low), 3 and 5 (High) and their ages
    ((axes,),) = (panel.parts for panel in part.panels)
    assert isinstance(axes, Axes)
    points = [(m.x, m.y, m.look) for m in axes.marks if isinstance(m, Point)]
    assert points == [(60, 60.5, 0), (65, 70, 0), (70, 55, 1), (81, 81.5, 1)]
    assert "Low: 65, 70" in page.text(spec)
    theme = load_theme("house", [ROOT / "templates"])
    assert render_output(part, theme)[:5] == b"%PDF-"


def test_a_record_without_a_value_is_refused(page: Page, spec: str) -> None:
    with pytest.raises(SpecError, match="no ADSL.AGE or no CHG"):
        load(page, spec.replace("y: AVAL", "y: CHG"))
