"""How tables are made up, on the base study: what is laid out, and what the page prints.

Deaths, by hand: 1 of 4 in Arm A, 2 of 4 in Arm B, 3 of 8 in all.
"""

from __future__ import annotations

import io

import pdfplumber
import pytest
from cases.conftest import Case, MakeCase

from tlfgen.analysis.table import result_name
from tlfgen.display.lay_out import lay_out
from tlfgen.display.parts import Table
from tlfgen.errors import SpecError
from tlfgen.spec.theme import NumberRules

MARKED = """output: deaths
number: 14.3.2.1
kind: table
title: "Deaths{^died}"
population: SAFFL
columns: {by: ADSL.TRT01A, total: "Total{^all}"}
footnotes:
  - {id: all, text: Both arms.}
  - {id: sex, text: As recorded at screening.}
  - A subject counts once.
  - {id: died, text: From any cause.}
  - {id: cut, text: Up to the cut-off.}
rows:
  - {id: died, count: subjects, where: "DTHDT IS NOT NULL", label: "Died{^cut}", cell: "{n} ({pct}){^died}"}
  - {id: sex, count: subjects, by: {name: SEX, levels: {F: "Female{^sex}", M: Male}}, label: Sex, cell: "{n}"}
"""


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


def test_marks_are_set_in_the_order_in_which_they_appear(case: MakeCase) -> None:
    """Title a, header b, then row by row: the label c, the cells a again, the level d."""
    made = case("base").write("outputs/deaths.yaml", MARKED)
    made.check()
    part = made.part("deaths")
    assert isinstance(part, Table)
    assert part.title == "Deaths\u1d43"
    assert [h.lines for h in part.heads[-1]] == [
        ("Arm A", "(N=4)"),
        ("Arm B", "(N=4)"),
        ("Total\u1d47", "(N=8)"),
    ]
    cells = rows_of(made, "deaths")
    assert cells["Died\u1d9c"] == ["1 (25.0)\u1d43", "2 (50.0)\u1d43", "3 (37.5)\u1d43"]
    assert "Female\u1d48" in cells
    assert part.footnotes[0] == "A subject counts once."
    assert part.footnotes[-4:] == (
        "\u1d43 From any cause.",
        "\u1d47 Both arms.",
        "\u1d9c Up to the cut-off.",
        "\u1d48 As recorded at screening.",
    )
    page = printed(made, "deaths")[0]
    assert page == "\n".join(printed(made, "deaths"))
    for text in ("Deaths\u1d43", "Total\u1d47", "3 (37.5)\u1d43", *part.footnotes[-4:]):
        assert text in page and text in made.shown("deaths")


def test_names_of_results_and_contents_bear_no_mark(case: MakeCase) -> None:
    made = case("base").write("outputs/deaths.yaml", MARKED)
    specs, found = made.study.specs, made.results("deaths")
    of_all = found.filter((found["analysis"] == "deaths.died") & (found["statistic"] == "n")).row(
        -1, named=True
    )
    assert result_name(of_all) == "deaths.died.n[TRT01A=Total]" and of_all["stat_num"] == 3
    part = lay_out(specs.outputs["deaths"], found, made.data, specs.study, NumberRules())
    assert part.named == "Table 14.3.2.1 Deaths"  # in the contents, where no footnote stands below


def test_a_theme_of_symbols_prints_them(case: MakeCase) -> None:
    made = case("base").write("outputs/deaths.yaml", MARKED)
    specs, rules = made.study.specs, NumberRules(marks="symbols")
    part = lay_out(specs.outputs["deaths"], made.results("deaths"), made.data, specs.study, rules)
    assert part.title == "Deaths*"
    assert [note[0] for note in part.footnotes[-4:]] == ["*", "\u2020", "\u2021", "\u00a7"]


def test_the_footnote_of_a_row_that_is_not_printed_is_not_printed(case: MakeCase) -> None:
    """No sex is missing in the base: the line is not printed, nor what explains it."""
    made = case("base").write("outputs/deaths.yaml", MARKED)
    made.replace("outputs/deaths.yaml", 'F: "Female{^sex}"', "F: Female")
    made.replace("outputs/deaths.yaml", 'label: "Sex", ', 'label: "Sex", at_least: 90, ')
    made.replace("outputs/deaths.yaml", "M: Male", 'M: "Male{^sex}"')
    assert not any("screening" in note for note in made.part("deaths").footnotes)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Died{^cut}", "Died{^cot}", r"The footnote 'cot'[\s\S]*Did you mean 'cut'[\s\S]*"),
        ("Died{^cut}", "Died", r"No text has the mark \{\^cut\}[\s\S]*line 12"),
        ("{id: all,", "{id: sex,", "footnotes has the label 'sex' twice"),
        ("From any cause.", '"From any cause.{^all}"', r"'From any cause.\{\^all\}' bears no mark"),
        ("population: SAFFL", 'population: SAFFL\nempty: "None.{^all}"', "empty: .* has a brace"),
        ("{n} ({pct}){^died}", "{n} ({pct}){^}", "deaths.yaml, line"),
    ],
)
def test_a_mark_without_a_footnote_and_a_footnote_without_a_mark_are_refused(
    case: MakeCase, old: str, new: str, said: str
) -> None:
    made = case("base").write("outputs/deaths.yaml", MARKED).replace("outputs/deaths.yaml", old, new)
    with pytest.raises(SpecError, match=said):
        made.check()


def test_a_figure_bears_marks_on_its_axes_and_its_curves(case: MakeCase) -> None:
    made = case("base").replace("outputs/os-km.yaml", "total: Total", 'total: "Total{^all}"')
    made.replace(
        "outputs/os-km.yaml", "x_label: Days since the first dose", 'x_label: "Days since the first dose{^d}"'
    )
    made.replace(
        "outputs/os-km.yaml",
        "unit: days",
        "unit: days\nfootnotes: [{id: d, text: Day 1.}, {id: all, text: Both arms.}]",
    )
    made.check()
    page = printed(made, "os-km")[0]
    part = made.part("os-km")
    signs = {note[2:]: note[0] for note in part.footnotes[-2:]}
    assert set(signs) == {"Day 1.", "Both arms."} and set(signs.values()) == {"\u1d43", "\u1d47"}
    assert f"dose{signs['Day 1.']}" in page and f"Total{signs['Both arms.']}" in page
