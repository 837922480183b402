"""How tables are made up, on the base study: what is laid out, and what the page prints.

Deaths, by hand: 1 of 4 in Arm A, 2 of 4 in Arm B, 3 of 8 in all.
"""

from __future__ import annotations

import io

import pdfplumber
import pikepdf
import polars as pl
import pytest
from cases.conftest import STUDIES, Case, MakeCase

from tlfgen.analysis.table import result_name
from tlfgen.display.lay_out import lay_out
from tlfgen.display.parts import Figure, FrontMatter, Listing, Pages, Table
from tlfgen.display.told import drawn
from tlfgen.document.pdf import outline_of
from tlfgen.document.report import RenderedOutput, ReportInput, Section, render_report
from tlfgen.document.theme import load_theme
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
    made.replace("outputs/deaths.yaml", "label: Sex, ", "label: Sex, at_least: 90, ")
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


BY_PAGE = """output: vital-signs
number: 14.3.6.1
kind: table
title: Vital Signs by Visit
population: SAFFL
from: ADVS
page_by: PARAM
columns: {by: ADSL.TRT01A, total: Total}
rows:
  - id: vs
    summarise: AVAL
    by: AVISIT
    cells: {n: "{n}", Mean (SD): "{mean} ({sd})", "Min, max": "{min}, {max}"}
"""

BY_FILE = BY_PAGE.replace("page_by: PARAM", "page_by: PARAM\nsplit: file")


def pages_of(case: Case, output: str) -> Pages:
    part = case.part(output)
    assert isinstance(part, Pages)
    return part


def test_an_output_split_by_page_shows_what_the_whole_shows(case: MakeCase) -> None:
    """Each parameter has a page of its own, with its value in the subtitle; its cells are those of the table
    that has all of them below each other, and its results have the page's group."""
    made = case("base")
    unsplit = made.part("vital-signs")
    assert isinstance(unsplit, Table)
    whole = [[c.text for c in row.cells] for row in unsplit.rows if row.cells]
    made.write("outputs/vital-signs.yaml", BY_PAGE).check()
    split = pages_of(made, "vital-signs")
    params = sorted(set(made.data["ADVS"].frame["PARAM"]))
    assert sorted(split.labels) == [f"Parameter: {p}" for p in params] and len(params) > 1
    assert [page.subtitle for page in split.parts] == list(split.labels)
    tables = [page for page in split.parts if isinstance(page, Table)]
    assert [[c.text for c in row.cells] for t in tables for row in t.rows if row.cells] == whole
    first = next(row for row in tables[0].rows if row.cells)
    name = split.labels[0].removeprefix("Parameter: ")
    assert first.cells[0].results[0].startswith(f"vital-signs.vs.n[PARAM={name},TRT01A=Arm A,AVISIT=")
    assert tables[0].source.startswith(f"ADVS, PARAM = '{name}'")
    names = made.results("vital-signs")
    assert {r for t in tables for row in t.rows for c in row.cells for r in c.results} <= {
        result_name(row) for row in names.iter_rows(named=True)
    }


def test_each_page_prints_its_value_and_has_a_bookmark(case: MakeCase) -> None:
    made = case("base").write("outputs/vital-signs.yaml", BY_PAGE)
    labels = pages_of(made, "vital-signs").labels
    pdf = made.pages("vital-signs")
    with pdfplumber.open(io.BytesIO(pdf)) as pages:
        texts = [page.extract_text() or "" for page in pages.pages]
    assert [label for text in texts for label in labels if label in text] == list(labels)
    assert all("Table 14.3.6.1" in text and "(N=4)" in text for text in texts)
    assert outline_of(pdf) == [(label, i) for i, label in enumerate(labels)]
    assert [line for line in made.shown("vital-signs").splitlines() if line in labels] == list(labels)


def test_the_n_of_a_page_is_of_its_records_where_the_spec_says_so(case: MakeCase) -> None:
    """The subjects of the safety set with a record of the page's parameter, counted in the data."""
    made = case("base").write("outputs/vital-signs.yaml", BY_PAGE)
    made.replace("outputs/vital-signs.yaml", "total: Total", "total: Total, n: records")
    frame = made.data["ADVS"].frame
    safe = set(made.data["ADSL"].frame.filter(pl.col("SAFFL") == "Y")["USUBJID"])
    for page in pages_of(made, "vital-signs").parts:
        assert isinstance(page, Table)
        name = page.subtitle.removeprefix("Parameter: ")
        with_record = set(frame.filter(pl.col("PARAM") == name)["USUBJID"]) & safe
        assert page.heads[-1][-1].lines == ("Total", f"(N={len(with_record)})")


def test_a_listing_by_page_and_records_without_a_value(case: MakeCase) -> None:
    """Pages by the date of death of three subjects: the events of the others are on no page, and counted."""
    made = case("base").replace("outputs/ae-listing.yaml", "from: ADAE", "from: ADAE\npage_by: ADSL.DTHDT")
    subjects = made.data["ADSL"].frame.filter(pl.col("ENRLFL") == "Y")
    dead = subjects.filter(pl.col("DTHDT").is_not_null())
    own = made.data["ADAE"].frame.join(subjects, on="USUBJID", how="semi")
    of_dead = own.join(dead, on="USUBJID", how="semi").height
    split = pages_of(made, "ae-listing")
    assert sum(len(p.rows) for p in split.parts if isinstance(p, Listing)) == of_dead > 0
    said = f"{own.height - of_dead} records without DTHDT are on no page."
    assert own.height - of_dead > 1 and all(said in page.footnotes for page in split.parts)


def test_an_output_by_page_without_records_prints_its_sentence(case: MakeCase) -> None:
    made = case("base").write("outputs/vital-signs.yaml", BY_PAGE)
    made.replace("outputs/vital-signs.yaml", "from: ADVS", 'from: ADVS\nwhere: "AVAL > 100000"')
    assert "No observations met the criteria." in printed(made, "vital-signs")[0]


def test_what_splits_an_output_twice_or_is_not_there_is_refused(case: MakeCase) -> None:
    made = case("base").write(
        "outputs/vital-signs.yaml", BY_PAGE.replace("by: AVISIT", "by: [PARAM, AVISIT]")
    )
    with pytest.raises(SpecError, match=r"page_by: 'PARAM' splits this output twice[\s\S]*line 7"):
        made.check()
    made.write("outputs/vital-signs.yaml", BY_PAGE.replace("page_by: PARAM", "page_by: PARM"))
    with pytest.raises(SpecError, match=r"PARM[\s\S]*Did you mean 'PARAM'[\s\S]*"):
        made.check()


def test_values_stand_below_their_output_in_the_reports_bookmarks(case: MakeCase) -> None:
    made = case("base").write("outputs/vital-signs.yaml", BY_PAGE)
    house = load_theme("house", [STUDIES.parents[2] / "templates"])
    part = pages_of(made, "vital-signs")
    rendered = {part.id: RenderedOutput(part, made.pages("vital-signs"))}
    sections = (Section("14", "Safety", outputs=(part.id,)),)
    front = FrontMatter("X", "A title", cutoff="2024-07-01", build="abc")
    report = render_report(ReportInput("Report", front, sections, rendered), house)
    with pikepdf.open(io.BytesIO(report)) as pdf, pdf.open_outline() as outline:
        of_section = next(item for item in outline.root if item.title == "14 Safety")
        of_output = of_section.children[0]
        assert [value.title for value in of_output.children] == list(part.labels)
    with pdfplumber.open(io.BytesIO(report)) as pages:
        texts = [page.extract_text() or "" for page in pages.pages]
    assert [label for text in texts for label in part.labels if label in text] == list(part.labels)


def test_an_output_by_page_stands_in_no_text(case: MakeCase) -> None:
    made = case("base").write("outputs/vital-signs.yaml", BY_PAGE)
    report = (made.folder / "report.yaml").read_text("utf-8")
    made.write("report.yaml", report + '\n  - {number: "99", title: More, in_text: vital-signs}\n')
    with pytest.raises(SpecError, match=r"'vital-signs' is split by page[\s\S]*report.yaml"):
        made.check()


ACROSS = """output: vital-signs
number: 14.3.6.1
kind: table
title: Systolic Blood Pressure by Visit
population: SAFFL
from: ADVS
where: "PARAMCD = 'SYSBP'"
columns: {by: ADSL.TRT01A}
statistics: columns
rows:
  - id: vs
    summarise: AVAL
    by: AVISIT
    cells: {n: "{n}", Mean (SD): "{mean} ({sd})", "Min, max": "{min}, {max}"}
"""


def test_statistics_are_columns_and_visits_rows(case: MakeCase) -> None:
    """Arm A at baseline, by hand: 110, 120, 128 and 135 mmHg are 123.25 on average, SD 10.7509."""
    made = case("base").write("outputs/vital-signs.yaml", ACROSS)
    made.check()
    part = made.part("vital-signs")
    assert isinstance(part, Table)
    assert [(h.lines, h.span) for h in part.heads[0]] == [(("Arm A", "(N=4)"), 3), (("Arm B", "(N=4)"), 3)]
    assert [h.lines for h in part.heads[1]] == [("n",), ("Mean (SD)",), ("Min, max",)] * 2
    lines = rows_of(made, "vital-signs")
    assert list(lines) == ["Baseline", "Week 2", "Week 4"]
    assert lines["Baseline"][:3] == ["4", "123.3 (10.75)", "110, 135"]
    made.replace("outputs/vital-signs.yaml", "statistics: columns", "statistics: rows")
    below = rows_of(made, "vital-signs")
    assert [lines["Week 4"][i] for i in (1, 4)] == below["Mean (SD)"]  # the last visit's
    made.replace("outputs/vital-signs.yaml", "statistics: rows", "statistics: columns")
    text = printed(made, "vital-signs")[0].splitlines()
    assert next(t for t in text if t.startswith("Baseline")).startswith(
        "Baseline 4 123.3 (10.75) 110, 135 4 "
    )


def test_statistics_stand_below_each_span(case: MakeCase) -> None:
    """Two variables side by side, and without spans one below the other by its label."""
    made = case("base")
    spec = """output: demography
number: 14.1.2.1
kind: table
title: Exposure
population: SAFFL
columns: {total: All}
statistics: columns
rows:
  - {id: cum, summarise: [CUMDOSE, DOSDAYS], label: Dose, cells: {n: "{n}", "Min, max": "{min}, {max}"}}
"""
    made.write("outputs/demography.yaml", spec)
    exposure = rows_of(made, "exposure")["Min, max"]
    lines = rows_of(made, "demography")
    assert len(lines) == 3 and lines["Dose"] == [] and [len(c) for c in lines.values()] == [0, 2, 2]
    assert [c[1] for c in lines.values() if c][1] != "" and exposure
    made.replace("outputs/demography.yaml", "total: All", "total: All, spans: {Dose: CUMDOSE, Days: DOSDAYS}")
    part = made.part("demography")
    assert isinstance(part, Table)
    assert [(h.lines, h.span) for h in part.heads[0]] == [(("Dose",), 2), (("Days",), 2)]
    assert rows_of(made, "demography")["Dose"] == [c for cells in lines.values() for c in cells]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("summarise: AVAL", "count: subjects", "row 'vs'"),
        ('n: "{n}"', '"": "{n}"', "labels its cells"),
        ("statistics: columns", "statistics: sideways", "statistics"),
        ("rows:\n", 'rows:\n  - {id: x, summarise: AVAL, cells: {n: "{n}"}}\n', "row 'vs' has the cells"),
        (
            "statistics:",
            "compare: [{id: p, do: t_test, each: Arm A, against: Arm B}]\nstatistics:",
            "compare",
        ),
    ],
)
def test_statistics_that_cannot_be_columns_are_refused(case: MakeCase, old: str, new: str, said: str) -> None:
    made = (
        case("base").write("outputs/vital-signs.yaml", ACROSS).replace("outputs/vital-signs.yaml", old, new)
    )
    with pytest.raises(SpecError, match=rf"{said}[\s\S]*vital-signs.yaml, line"):
        made.check()


def test_an_output_split_by_file_has_files_numbers_and_contents_of_its_own(case: MakeCase) -> None:
    made = case("base").write("outputs/vital-signs.yaml", BY_FILE)
    build = made.build()
    labels = pages_of(made, "vital-signs").labels
    names = sorted(p.name for p in (build.folder / "outputs").glob("vital-signs*"))
    own = [f"vital-signs-{i}.{kind}" for i in range(1, len(labels) + 1) for kind in ("pdf", "txt")]
    assert names == sorted([*own, "vital-signs.cells.csv"])
    for i, label in enumerate(labels, 1):
        text = (build.folder / "outputs" / f"vital-signs-{i}.txt").read_text("utf-8")
        assert text.startswith(f"Table 14.3.6.1.{i}  Vital Signs by Visit\n{label}\n")
        with pdfplumber.open(build.folder / "outputs" / f"vital-signs-{i}.pdf") as pdf:
            page = pdf.pages[0].extract_text() or ""
        assert f"Table 14.3.6.1.{i}\n" in page and label in page and "Page 1 of 1" in page
    assert build.document is not None
    with pdfplumber.open(build.document) as pdf:
        texts = [page.extract_text() or "" for page in pdf.pages]
    contents = " ".join(next(t for t in texts if t.count("Table 14.3.6.1.") == len(labels)).split())
    for i, label in enumerate(labels, 1):
        at = next(n for n, t in enumerate(texts, 1) if f"Table 14.3.6.1.{i}\n" in t)
        assert f"Table 14.3.6.1.{i} Vital Signs by Visit, {label} {at}" in contents


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("vital-signs", "page_by: PARAM\n", "", "split: file needs page_by:"),
        ("deaths", "number: 14.3.2.1", "number: 14.3.6.1.2", "14.3.6.1.2, a number of its files"),
        ("deaths", "output: deaths", "output: vital-signs-2", "'vital-signs-2', a name of its files"),
    ],
)
def test_files_that_would_be_anothers_are_refused(
    case: MakeCase, path: str, old: str, new: str, said: str
) -> None:
    made = case("base").write("outputs/vital-signs.yaml", BY_FILE)
    made.replace(f"outputs/{path}.yaml", old, new)
    with pytest.raises(SpecError, match=rf"{said}[\s\S]*vital-signs.yaml"):
        made.check()


def test_a_figure_by_page_draws_the_results_of_each_page(case: MakeCase) -> None:
    """Two pages by sex: what each draws has a name among the results of the output as a whole."""
    made = case("base").replace("outputs/os-km.yaml", "unit: days", "unit: days\npage_by: ADSL.SEX")
    made.check()
    split = pages_of(made, "os-km")
    known = {result_name(row) for row in made.results("os-km").iter_rows(named=True)}
    assert len(split.parts) == 2 and [page.subtitle for page in split.parts] == list(split.labels)
    for page, sex in zip(split.parts, "FM", strict=True):
        assert isinstance(page, Figure)
        names = {name for _, _, behind in drawn(page) for name in behind.split("; ") if name}
        assert names and all(f"[SEX={sex}" in name for name in names) and names <= known
