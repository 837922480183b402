"""A table wider than its page: landscape, then side by side, each page with the labels and its own N."""

from __future__ import annotations

import io
from pathlib import Path

import pdfplumber
import pytest
from pdf_checks import check_pdf

from tlfgen.display.parts import Align, Cell, Head, Row, Table
from tlfgen.document.lay_table import lay_table
from tlfgen.document.output import render_output
from tlfgen.document.report import render_in_text
from tlfgen.document.theme import Theme, load_theme
from tlfgen.errors import RenderError

TEMPLATES = Path(__file__).parents[2] / "templates"
DECIMAL: Align = "decimal"
WIDE, USUAL = "123456 (100.0) [1234567]", "12 (14.0)"


@pytest.fixture(scope="module")
def house() -> Theme:
    return load_theme("house", [TEMPLATES])


def table(heads: tuple[tuple[Head, ...], ...], cell: str, *, rows: int = 3, turns: bool = True) -> Table:
    columns = len(heads[-1])
    lines = tuple(Row(f"Term {i}", (Cell(cell),) * columns) for i in range(rows))
    return Table(
        "w", "14.1", "Wide", "Safety set", heads=heads, rows=lines, aligns=(DECIMAL,) * columns, turns=turns
    )  # fmt: skip


def labels(laid: Table, theme: Theme) -> list[list[str]]:
    """The leaf headers of each page."""
    return [[" ".join(h.lines) for h in page.heads[-1]] for page in lay_table(laid, theme).pages]


def numbered(count: int) -> tuple[Head, ...]:
    return tuple(Head((f"Column {i}",)) for i in range(count))


def test_a_table_goes_landscape_and_then_side_by_side(house: Theme) -> None:
    """24 characters of 9 pt are some 105 pt: 5 columns and the labels go in 725 pt, not 9."""
    assert lay_table(table((numbered(3),), WIDE), house).sheet.orientation == "portrait"
    assert lay_table(table((numbered(5),), WIDE), house).sheet.orientation == "landscape"
    nine = lay_table(table((numbered(9),), WIDE), house)
    assert nine.sheet.orientation == "landscape"
    assert [len(p.widths) - 1 for p in nine.pages] == [5, 4]
    assert len({p.widths[0] for p in nine.pages}) == 1


def test_a_table_that_may_not_turn_stands_side_by_side_upright(house: Theme) -> None:
    laid = lay_table(table((numbered(5),), WIDE, turns=False), house)
    assert laid.sheet.orientation == "portrait" and len(laid.pages) == 2


def test_what_a_header_spans_stays_whole_where_it_fits_a_page(house: Theme) -> None:
    spans = tuple(Head((f"Arm {i}", "(N=8)"), 3) for i in range(4))
    leaves = tuple(Head((f"{a} {w}",)) for a in range(4) for w in ("Mild", "Moderate", "Severe"))
    pages = lay_table(table((spans, leaves), USUAL, turns=False), house).pages
    assert [[h.span for h in p.heads[0]] for p in pages] == [[3, 3], [3, 3]]


def test_a_header_that_spans_more_than_a_page_stands_on_each(house: Theme) -> None:
    pages = lay_table(
        table(((Head(("Safety set", "(N=8)"), 12),), numbered(12)), USUAL, turns=False), house
    ).pages
    assert [[h.lines for h in p.heads[0]] for p in pages] == [[("Safety set", "(N=8)")]] * len(pages)
    assert sum(h.span for p in pages for h in p.heads[0]) == 12


def test_a_p_value_stays_with_its_arm(house: Theme) -> None:
    heads = tuple(Head((("P value" if i % 2 else f"Arm {i}"),), follows=bool(i % 2)) for i in range(18))
    pages = labels(table((heads,), USUAL, turns=False), house)
    assert len(pages) > 1 and all(page[0] != "P value" for page in pages)


def test_rows_go_on_when_their_columns_are_all_shown(house: Theme) -> None:
    """Rows break once for all columns: the labels of two pages that follow each other are the same."""
    laid = lay_table(table((numbered(9),), WIDE, rows=60), house)
    rows = [[r.lines[0] for r in p.rows] for p in laid.pages]
    assert rows[0] == rows[1] and rows[2] == rows[3] and rows[0][0] != rows[2][0]
    assert [x for page in rows[::2] for x in page] == [f"Term {i}" for i in range(60)]


def test_a_single_column_wider_than_its_page_is_refused(house: Theme) -> None:
    with pytest.raises(RenderError, match="14.1 .*too wide: the column 'Column 0'"):
        lay_table(table((numbered(2),), WIDE * 8), house)


def test_twelve_cohorts_and_a_total_print(house: Theme, tmp_path: Path) -> None:
    """Nothing is cut or lies on another, and each of the 13 columns stands once, its N below its name."""
    names = [*(f"Cohort {i}" for i in range(1, 13)), "Total"]
    heads = tuple(Head((n, f"(N={i + 10})")) for i, n in enumerate(names))
    cells = [tuple(Cell(f"{r}{c:02d} ({c}.5)") for c in range(13)) for r in range(1, 4)]
    rows = tuple(Row(f"Term {r}", own) for r, own in enumerate(cells))
    wide = Table(
        "c", "14.3", "Cohorts", "Safety set", heads=(heads,), rows=rows, aligns=(DECIMAL,) * 13, turns=False
    )  # fmt: skip
    pdf = render_output(wide, house)
    (tmp_path / "c.pdf").write_bytes(pdf)
    assert check_pdf(tmp_path / "c.pdf", stamped=False) == []
    with pdfplumber.open(io.BytesIO(pdf)) as pages:
        texts = [p.extract_text() or "" for p in pages.pages]
    assert len(texts) == 2 and "Table 14.3 (Continued)" in texts[1] and "(Continued)" not in texts[0]
    assert all("Term 0" in t and "Term 2" in t for t in texts)
    whole = " ".join(texts)
    for i in range(13):
        assert whole.count(f"(N={i + 10})") == 1 and whole.count(f"1{i:02d} ") == 1


def test_a_table_too_wide_for_the_text_is_refused_there(house: Theme) -> None:
    """In the text there is no second page beside: 5 columns of 105 pt are more than its 496 pt."""
    assert "Column 2" in render_in_text(table((numbered(3),), WIDE), house)
    with pytest.raises(RenderError, match="Table 14.1 .w. is too wide to stand in the text"):
        render_in_text(table((numbered(5),), WIDE), house)
