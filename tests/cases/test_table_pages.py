"""Pages of a table: the same columns on each, what is said of them once, and what a reader sees of them.

Adverse events of the base, by hand: nausea mild and moderate, headache mild (2 subjects) and severe,
pneumonia severe; each of 8 subjects has one blood pressure at each of three visits, and three of weight.
"""

from __future__ import annotations

import io
from dataclasses import replace

import pdfplumber
import pytest
from cases.conftest import STUDIES, Case, MakeCase

from tlfgen.display.lay_out import lay_out
from tlfgen.display.parts import Pages, Table
from tlfgen.display.results import displayed
from tlfgen.document.output import render_output
from tlfgen.document.theme import load_theme
from tlfgen.errors import SpecError
from tlfgen.spec.theme import NumberRules, PercentBand
from tlfgen.spec.words import default_words

BY_CLASS = """output: ae
number: 14.3.1.9
kind: table
title: Events by Class and Severity
population: SAFFL
from: ADAE
page_by: AEBODSYS
columns: {of: AESEV, total: Any}
rows:
  - {id: term, count: subjects, by: AEDECOD, cell: "{n}"}
"""

BY_CHANGE = """output: vital-signs
number: 14.3.6.1
kind: table
title: Changes
population: SAFFL
from: ADVS
page_by: CHG
columns: {total: All}
rows:
  - {id: any, count: subjects, label: Any, cell: "{n}"}
"""

BY_VISIT = """output: vital-signs
number: 14.3.6.1
kind: table
title: Pressure
population: SAFFL
from: ADVS
where: "PARAMCD = 'SYSBP'"
columns: {of: AVISIT}
rows:
  - {id: vs, summarise: AVAL, label: Pressure, cells: {n: "{n}"}}
"""


SAID = {"row_continued": {"one": "{label}, cont'd", "many": "{label}, cont'd"}}


def texts_of(pages: bytes) -> list[str]:
    with pdfplumber.open(io.BytesIO(pages)) as pdf:
        return [page.extract_text() or "" for page in pdf.pages]


def printed(case: Case, output: str) -> list[str]:
    return texts_of(case.pages(output))


def tables(case: Case, output: str) -> list[Table]:
    part = case.part(output)
    assert isinstance(part, Pages)
    return [page for page in part.parts if isinstance(page, Table)]


def test_every_page_has_the_columns_of_the_whole(case: MakeCase) -> None:
    """No gastrointestinal event is severe: its page says 0 there, as the others do for what they lack."""
    made = case("base").write("outputs/ae.yaml", BY_CLASS)
    made.check()
    pages = tables(made, "ae")
    assert len(pages) == 3
    for page in pages:
        assert [h.lines for h in page.heads[-1]] == [("MILD",), ("MODERATE",), ("SEVERE",), ("Any",)]
    cells = {row.label: [c.text for c in row.cells] for page in pages for row in page.rows}
    assert cells == {
        "Nausea": ["1", "1", "0", "2"], "Pneumonia": ["0", "0", "1", "1"], "Headache": ["2", "0", "1", "3"]
    }  # fmt: skip


def test_columns_of_the_whole_have_no_rank_of_their_own(case: MakeCase) -> None:
    """The alphabet is no order of severities: what is the worst must be said, on pages as without them."""
    made = case("base").write("outputs/ae.yaml", BY_CLASS.replace("total: Any", "total: Any, worst: true"))
    with pytest.raises(SpecError, match="What is the worst AESEV cannot be told"):
        made.results("ae")


def test_records_on_no_page_are_counted_in_one_footnote(case: MakeCase) -> None:
    """The 24 values at baseline have no change. Where the output's own condition turns on the change, it is
    that which cannot judge them."""
    made = case("base").write("outputs/vital-signs.yaml", BY_CHANGE)
    said = "24 records without CHG are on no page."
    assert {page.footnotes for page in tables(made, "vital-signs")} == {(said,)}
    made.replace("outputs/vital-signs.yaml", "page_by: CHG", 'where: "CHG > 1"\npage_by: CHG')
    said = "24 records have no CHG and could not be judged: not in this table."
    assert {page.footnotes for page in tables(made, "vital-signs")} == {(said,)}


def test_one_value_a_visit_is_not_more_than_one_where_visits_are_columns(case: MakeCase) -> None:
    made = case("base").write("outputs/vital-signs.yaml", BY_VISIT)
    assert made.part("vital-signs").footnotes == ()
    made.replace("outputs/vital-signs.yaml", "of: AVISIT", "of: AVISIT, total: All")
    said = "Pressure: 8 subjects have more than one value in a line."
    assert made.part("vital-signs").footnotes == (said,)


def test_a_broken_block_repeats_its_heading_in_the_words_of_the_house(case: MakeCase) -> None:
    """60 lines under a heading that they are not indented under do not fit one page: the second begins with
    the heading again. A heading that is over is not repeated."""
    lines = "".join(
        f'  - {{id: a{i}, count: subjects, where: "AGE > {i}", label: Over {i}, cell: "{{n}}"}}\n'
        for i in range(60)
    )
    spec = BY_CHANGE.split("from:")[0] + "columns: {total: All}\nrows:\n  - {heading: By age}\n" + lines
    made = case("base").write(
        "outputs/vital-signs.yaml", spec + "  - {heading: By sex}\n" + lines.replace("id: a", "id: s")
    )
    first, second, *rest = printed(made, "vital-signs")
    assert "By age\nOver 0 " in first and "By age (continued)\nOver" in second and rest
    assert "By sex" not in first and "By age" not in rest[-1] and "By sex (continued)\nOver" in rest[-1]
    words = replace(default_words(), sentences={**default_words().sentences, **SAID})
    house = replace(load_theme("house", [STUDIES.parents[2] / "templates"]), words=words)
    pages = texts_of(render_output(made.part("vital-signs"), house))
    assert "By age, cont'd\nOver" in pages[1]


def test_no_word_of_a_header_above_columns_breaks_inside(case: MakeCase) -> None:
    """Two narrow columns of counts under an arm whose name is one long word."""
    long = "Immunoglobulinsubstitutiontherapy"
    spec = BY_VISIT.replace("columns: {of: AVISIT}", "columns: {by: ADSL.TRT01A}\nstatistics: columns")
    made = case("base").write("outputs/vital-signs.yaml", spec)
    made.replace("study.yaml", "ARM: Arm A", f"ARM: {long}")
    assert long in printed(made, "vital-signs")[0]


BY_SEX = """output: vital-signs
number: 14.3.6.1
kind: table
title: Pressure by Sex
population: SAFFL
from: ADVS
where: "PARAMCD = 'SYSBP' AND AVISIT = 'Week 2'"
columns: {by: ADSL.TRT01A, total: All}
rows:
  - {id: by, summarise: AVAL, by: ADSL.SEX, label: Pressure, CELLS}
  - {id: women, summarise: AVAL, where: "ADSL.SEX = 'F'", label: Women, CELLS}
""".replace("CELLS", 'cells: {n: "{n}", Missing: "{n_missing} ({missing_pct})"}')


def test_missing_of_a_line_about_women_are_women(case: MakeCase) -> None:
    """Arm A has two women and two men, Arm B too. One woman (1-01) and no man lacks Week 2: 1 of 2 women of
    Arm A and 1 of 4 in all; the men are not missing among the women."""
    made = case("base").write("outputs/vital-signs.yaml", BY_SEX)
    made.replace("raw/vs.csv", "1-01,Week 2,2024-04-03,122,77,60.0\n", "")
    part = made.part("vital-signs")
    assert isinstance(part, Table)
    lines = [[c.text for c in row.cells] for row in part.rows if row.cells]
    women, men = [["1", "2", "3"], ["1 (50.0)", "0", "1 (25.0)"]], [["2", "2", "4"], ["0", "0", "0"]]
    assert lines == [*women, *men, *women]
    said = "subjects without a value, and their percentages, are of the subjects whom a line is about."
    assert part.footnotes == (f"Pressure: {said}", f"Women: {said}")


def test_a_label_of_two_lines_stands_below_itself_in_a_text_file(case: MakeCase) -> None:
    """Its cells stand beside its first line, where the page has them."""
    made = case("base").replace("outputs/demography.yaml", "Mean (SD):", '"Mean\\n(SD)":')
    made.replace("outputs/demography.yaml", "{F: Female,", '{F: "Female\\n(at birth)",')
    lines = made.shown("demography").splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("  Mean"))
    assert lines[at].split() == ["Mean", "58.3", "(7.18)", "60.8", "(7.63)", "59.5", "(6.99)"]
    assert lines[at + 1] == "  (SD)"
    at = next(i for i, line in enumerate(lines) if line.startswith("  Female"))
    assert lines[at].split()[1:3] == ["2", "(50.0)"] and lines[at + 1] == "  (at birth)"


def test_percentages_have_the_same_decimals_on_every_page(case: MakeCase) -> None:
    """Three of six younger patients and one of two older are women. A theme that prints no decimals below
    5 subjects looks at the largest denominator of the output, 6, as where a text quotes it."""
    made = case("base").replace("outputs/deaths.yaml", "columns:", "page_by: AGEGR1\ncolumns:")
    made.replace("outputs/deaths.yaml", "DTHDT IS NOT NULL", "SEX = 'F'")
    specs, results = made.study.specs, made.results("deaths")
    output, rules = specs.outputs["deaths"], NumberRules(percent_decimals=(PercentBand(below=5, decimals=0),))
    part = lay_out(output, results, made.data, specs.study, rules)
    assert isinstance(part, Pages)
    totals = [page.rows[0].cells[-1] for page in part.parts if isinstance(page, Table)]
    assert [cell.text for cell in totals] == ["3 (50.0)", "1 (50.0)"]
    for cell in totals:
        said = displayed(results, cell.results[1], output, specs.study, rules)
        assert said.text == f"{cell.slots[1]}%"
