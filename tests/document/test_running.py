"""The running header and footer, as a theme lays them out, read back from the pages."""

from __future__ import annotations

import io
from pathlib import Path

import pdfplumber
import pytest

from tlfgen.display.parts import Cell, FrontMatter, Head, Row, Table
from tlfgen.document.output import render_output
from tlfgen.document.running import stamp
from tlfgen.document.theme import load_theme
from tlfgen.errors import RenderError, SpecError

TEMPLATES = Path(__file__).parents[2] / "templates"
FACTS = (("Protocol", "ABC-101"), ("Sponsor", "Acme"))
FRONT = FrontMatter("X", "A title", FACTS, "", "2024-07-01", "ab12", (), "DRAFT", "tlfgen 0.1.0")
TABLE = Table(
    "t", "14.1", "A Table", "All", heads=((Head(("N",)),),),
    rows=tuple(Row(f"Line {i}", (Cell("1"),)) for i in range(60)), aligns=("decimal",), source="ADSL",
)  # fmt: skip


def pages(folder: Path, running: str, front: FrontMatter = FRONT) -> list[list[tuple[str, float, float]]]:
    """The words of each page with their left edge and top, in a theme with these lines."""
    own = folder / "journals" / "acme"
    own.mkdir(parents=True, exist_ok=True)
    (own / "theme.yaml").write_text(f"theme: acme\nbased_on: house\n{running}", "utf-8")
    theme = load_theme("acme", [folder, TEMPLATES])
    with pdfplumber.open(io.BytesIO(stamp([render_output(TABLE, theme)], theme, front, "Report")[0])) as pdf:
        return [[(w["text"], w["x0"], w["top"]) for w in p.extract_words()] for p in pdf.pages]


def line(words: list[tuple[str, float, float]], top: tuple[float, float]) -> str:
    return " ".join(text for text, _, at in words if top[0] < at < top[1])


def test_the_house_says_study_status_cut_off_build_and_page(tmp_path: Path) -> None:
    found = pages(tmp_path, "")
    assert len(found) == 2
    assert [line(p, (0, 50)) for p in found] == ["X Report"] * 2
    assert [line(p, (790, 842)) for p in found] == [
        f"DRAFT · Data cut-off 2024-07-01 · Build ab12 Page {i} of 2" for i in (1, 2)
    ]


def test_a_sponsors_theme_lays_out_every_place(tmp_path: Path) -> None:
    running = """running:
  header: {left: "{sponsor}", centre: "{status}", right: "Protocol {protocol}"}
  footer: {left: "{program}", centre: "Page {page} of {pages}", right: ["Run {build}", "{cutoff}"]}
source_line: "{output}, {number}: {source} ({program})"
"""
    found = pages(tmp_path, running)
    assert line(found[1], (0, 50)) == "Acme DRAFT Protocol ABC-101"
    assert line(found[1], (790, 842)) == "tlfgen 0.1.0 Page 2 of 2 Run ab12 · 2024-07-01"
    where = {text: x for text, x, top in found[1] if top < 50 or top > 790}
    assert where["Acme"] < 60 < 280 < where["DRAFT"] < 310 and 280 < where["Page"] < 310 < 450 < where["Run"]
    assert "t, 14.1: ADSL (tlfgen 0.1.0)" in line(found[0], (700, 790))


def test_a_field_that_a_study_does_not_have_takes_its_text_along(tmp_path: Path) -> None:
    running = 'running: {footer: {left: ["Sponsor {sponsor}", "Build {build}"], right: "{page}"}}\n'
    bare = FrontMatter("X", "A title", (), "", "2024-07-01", "ab12", (), "FINAL")
    assert line(pages(tmp_path, running, bare)[1], (790, 842)) == "Build ab12 2"


@pytest.mark.parametrize(
    ("running", "said"),
    [
        ('{header: {left: "{sponsr}"}}', "'{sponsr}' is not known here; known: study, protocol"),
        ('{header: {left: ["{page}", "x"]}}', "stands alone in its place"),
        ('{header: {left: "{page}"}}', "the number of a page stands in one place"),
        ('{header: {middle: "x"}}', "'middle'"),
    ],
)
def test_a_line_that_cannot_be_is_refused(tmp_path: Path, running: str, said: str) -> None:
    with pytest.raises(SpecError, match=rf"{said}[\s\S]*theme.yaml, line 3"):
        pages(tmp_path, f"running: {running}\n")


def test_a_text_without_room_stops_the_build(tmp_path: Path) -> None:
    long = "A long sentence about the sponsor. " * 9
    with pytest.raises(RenderError, match="The running header has no room for 'A long sentence"):
        pages(tmp_path, f'running: {{header: {{left: "{long}", right: "{{report}}"}}}}\n')
