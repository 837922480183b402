"""What a reader sees on the pages: a table with its caption, words whole, brackets in line, few footnotes.

The rules are those of docs/spec-outputs.md and of the look of the report: no page with a heading alone, a
percent padded before its bracket and never inside it, text that wraps at words.
"""

from __future__ import annotations

import io
from pathlib import Path

import pdfplumber
import pytest
from cases.conftest import MakeCase

from tlfgen.display.parts import Cell, FrontMatter, Head, Listing, ListingColumn, Row, Table
from tlfgen.display.row_notes import RowNotes
from tlfgen.document.lay_listing import lay_listing
from tlfgen.document.lay_table import lay_table
from tlfgen.document.output import render_output
from tlfgen.document.report import RenderedOutput, ReportInput, Section, render_report
from tlfgen.document.theme import Theme, load_theme
from tlfgen.document.unprintable import message
from tlfgen.document.wrap import Setting, pieces, wrap
from tlfgen.spec.words import default_words

TEMPLATES = Path(__file__).parents[2] / "templates"


@pytest.fixture(scope="module")
def house() -> Theme:
    return load_theme("house", [TEMPLATES])


def table(*rows: tuple[str, str]) -> Table:
    laid = tuple(Row(label, (Cell(text),)) for label, text in rows)
    return Table(
        "t", "14.1.1", "A Long Table", "All", heads=((Head(("Drug", "(N=20)")),),), rows=laid,
        aligns=("decimal",),
    )  # fmt: skip


@pytest.mark.parametrize("words", [1, 330])
def test_a_table_in_the_text_that_is_longer_than_a_page_starts_with_its_caption(
    house: Theme, words: int
) -> None:
    """60 rows of 11 pt and more are longer than a page of 842 pt, wherever the table begins."""
    long = table(*((f"Row {i}", f"{i} findings") for i in range(60)))
    sections = (
        Section("9.6", "Data Quality", "word " * words, (long,)),
        Section("16.1.9", "Data Quality, Appendix", outputs=("t",)),
    )
    front = FrontMatter("STUDY-1", "A title", (), "", "2015-03-05", "abc123", ())
    rendered = {"t": RenderedOutput(long, render_output(long, house))}
    pdf = render_report(ReportInput("Report", front, sections, rendered), house)
    with pdfplumber.open(io.BytesIO(pdf)) as report:
        pages = [p.extract_text() or "" for p in report.pages]
    first = next(p for p in pages if "A Long Table (All)" in p)
    assert "Row 0 0 findings" in first and "Row 1 1 findings" in first
    assert sum(p.count(" findings") for p in pages) == 2 * 60


def test_a_number_in_brackets_is_padded_before_its_bracket(house: Theme) -> None:
    laid = lay_table(table(("Any", "20 (100.0) [63]"), ("One", "1 (5.0) [7]"), ("None", "0")), house)
    texts = [row.cells[0].text.replace("\u2007", "~") for page in laid.pages for row in page.rows]
    assert texts == ["20 (100.0) [63]", "1 ~~(5.0) ~[7]", "0"]


def test_a_rule_s_name_breaks_between_its_words_and_a_unit_not_at_all(house: Theme) -> None:
    setting = Setting(house.sans, 9)
    width = setting.width("standard_result_")
    assert wrap("check standard_result_missing", width, setting) == ("check standard_", "result_missing")
    assert pieces("48 g/L, 10^9/L, RECOVERED/RESOLVED, A_1") == [
        "48", "g/L,", "10^9/L,", "RECOVERED/", "RESOLVED,", "A_1"
    ]  # fmt: skip
    columns = (ListingColumn("Rule", 12), ListingColumn("What was found", 88))
    made = Listing(
        "l", "16.1", "Findings", "All", columns=columns,
        rows=(("check tumour_record_incomplete", "the diameter is missing, in mmol/L"),),
    )  # fmt: skip
    rule, _ = lay_listing(made, house).pages[0][0].cells
    assert rule == ("check", "tumour_", "record_", "incomplete")


def test_a_finding_prints_a_character_without_a_font_once() -> None:
    """The page prints '[U+81EA]' for the character itself, so the finding gives its code point alone."""
    assert message("\u81ea\u884c").startswith("No font of the theme has U+81EA, U+884C: ")


def test_notes_of_one_kind_are_one_sentence(case: MakeCase) -> None:
    """Case 04: AESER of one event is unreadable."""
    made = case("04-seriousness-unreadable")
    made.write(
        "outputs/overview.yaml",
        "output: overview\nnumber: 14.3.9.9\nkind: table\ntitle: Overview\npopulation: SAFFL\nfrom: ADAE\n"
        "columns: {by: ADSL.TRT01A}\nrows:\n"
        '  - {id: s, count: subjects, where: "AESER = \'Y\'", label: Serious, cell: "{n}"}\n'
        '  - {id: t, count: subjects, where: "AESER = \'Y\'", by: [AEDECOD], indent: 1, cell: "{n}"}\n'
        '  - {id: n, count: subjects, where: "AESER = \'N\'", label: Not serious, cell: "{n}"}\n',
    )
    assert "Serious; Not serious: 1 record has no AESER and could not be judged." in made.shown("overview")


def test_notes_that_differ_give_each_count_with_its_rows() -> None:
    notes = RowNotes(default_words(), "not_shown_head")
    for row, count in (("Age", 3), ("Sex", 1), ("Race", 3)):
        notes.add(row, f"{count} without a value", f"{count} without a value")
    assert list(notes.sentences()) == ["Not shown: 3 without a value (Age, Race); 1 without a value (Sex)."]
