"""How tables are made up, on the base study: what is laid out, and what the page prints.

Deaths, by hand: 1 of 4 in Arm A, 2 of 4 in Arm B, 3 of 8 in all.
"""

from __future__ import annotations

import io

import pdfplumber
from cases.conftest import Case, MakeCase

from tlfgen.display.parts import Table


def printed(case: Case, output: str) -> list[str]:
    """The text of each page of an output."""
    with pdfplumber.open(io.BytesIO(case.pages(output))) as pdf:
        return [page.extract_text() or "" for page in pdf.pages]


def rows_of(case: Case, output: str) -> dict[str, list[str]]:
    """The cells of each line of a table, by its label."""
    part = case.part(output)
    assert isinstance(part, Table)
    return {row.label: [cell.text for cell in row.cells] for row in part.rows}


def test_a_table_prints_percentages_in_its_own_way(case: MakeCase) -> None:
    """3 of 8 is 37.5 %: 38 without decimals, halves up."""
    made = case("base")
    assert rows_of(made, "deaths")["Died"] == ["1 (25.0)", "2 (50.0)", "3 (37.5)"]
    made.replace("outputs/deaths.yaml", "columns:", 'percent: {decimals: 0, sign: "%"}\ncolumns:')
    assert rows_of(made, "deaths")["Died"] == ["1 (25%)", "2 (50%)", "3 (38%)"]
    assert "3 (38%)" in printed(made, "deaths")[0]
