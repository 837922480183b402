"""Tables as plain text, one for each structure; the numbers can be read off the six subjects in conftest.py.

Covered: nested counts with P values; summaries beside counts, headings, levels without subjects; worst grades
with missing and grouped columns; arms above grades; spans; several variables in one column; no arms; no rows.
"""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import polars as pl
import pytest

from tlfgen.display.parts import Cell, Head, Table
from tlfgen.spec.theme import NumberRules, PValueRules

Page = Any

EVENTS = """
kind: table
population: SAFFL
from: ADAE
where: "AESEQ > 0"
stub: "System organ class\\n  Preferred term"
columns: {by: ADSL.TRT01A, total: Total}
rows:
  - {id: any, count: subjects, label: Any event, cell: "{n} ({pct}) [{events}]"}
  - id: t
    count: subjects
    by: [{name: AESOC, sort: frequency}, {name: AEDECOD, sort: frequency}]
    nested: true
    cell: "{n} ({pct}) [{events}]"
compare: [{id: p_value, do: fisher_exact, each: High, against: Low}]
"""
DEMOGRAPHY = """
kind: table
population: SAFFL
columns: {by: ADSL.TRT01A, total: Total}
rows:
  - id: age
    summarise: AGE
    label: Age (years)
    cells: {n: "{n}", Mean (SD): "{mean} ({sd})", "Q1, Q3": "{q1}, {q3}", "Min, max": "{min}, {max}"}
  - {id: h, summarise: HEIGHT, label: Height (m), cells: {n: "{n}", Mean (SD): "{mean} ({sd})"}}
  - id: sex
    count: subjects
    by: {name: SEX, levels: {F: Female, M: Male, U: Other}}
    label: Sex, n (%)
    cell: "{n} ({pct})"
  - {heading: Age again}
  - {id: old, count: subjects, where: "AGE > 65", label: Over 65, cell: "{n} ({pct})", indent: 1}
  - {id: young, count: subjects, where: "AGE <= 65", label: Up to 65, cell: "{n} ({pct})", indent: 1}
"""
GRADES = """
kind: table
population: SAFFL
from: ADAE
columns:
  of: AETOXGR
  worst: true
  levels: {"1": Grade 1, "2": Grade 2, "3": Grade 3}
  missing: Not graded
  total: Any grade
  groups: {Grade 2-3: ["2", "3"]}
rows:
  - {id: t, count: subjects, by: {name: AEDECOD, sort: {by: frequency, in: Any grade}}, cell: "{n} ({pct})"}
"""
SPANS = """
kind: table
population: SAFFL
from: ADVS
columns: {by: ADSL.TRT01A, spans: {Value: AVAL, Change: CHG}}
rows:
  - id: vs
    by: [PARAM, AVISIT]
    nested: true
    summarise: [AVAL, CHG]
    cells: {n: "{n}", Mean (SD): "{mean} ({sd})"}
"""


def expect(page: Page, text: str, wanted: str) -> None:
    assert page.text(text) == dedent(wanted).lstrip("\n")


def test_nested_counts_with_p_values(page: Page) -> None:
    # vomiting: 1 of 2 against 0 of 3, P = 2/5; Skin: 0 of 2 against 2 of 3, P = (3 + 1)/10
    expect(page, EVENTS, """
        Table 14.1.1  Title
        Safety set

        System organ class  Low           High                   Total
          Preferred term    (N=2)         (N=3)         P value  (N=5)
        ---------------------------------------------------------------------
        Any event           1 (50.0) [3]  2 (66.7) [3]  >0.999   3 (60.0) [6]

        Gut                 1 (50.0) [3]  1 (33.3) [1]  >0.999   2 (40.0) [4]
          Nausea            1 (50.0) [2]  1 (33.3) [1]  >0.999   2 (40.0) [3]
          Vomiting          1 (50.0) [1]  0             0.400    1 (20.0) [1]

        Skin                0             2 (66.7) [2]  0.400    2 (40.0) [2]
          Itch              0             1 (33.3) [1]  >0.999   1 (20.0) [1]
          Rash              0             1 (33.3) [1]  >0.999   1 (20.0) [1]

        Percentages are of the N in the column header.
        P value: Fisher's exact test, two-sided, against Low.
        Source: ADAE, AESEQ > 0; subjects of ADSL, SAFFL = 'Y'
        """)  # fmt: skip


def test_summaries_beside_counts(page: Page) -> None:
    # AGE is whole: mean +1, SD +2. HEIGHT has two decimals: mean 3, SD 4. No height in High: blank, n is 0
    expect(page, DEMOGRAPHY, """
        Table 14.1.1  Title
        Safety set

                     Low             High         Total
                     (N=2)           (N=3)        (N=5)
        --------------------------------------------------------
        Age (years)
          n          2               2            4
          Mean (SD)  62.5 (3.54)     75.5 (7.78)  69.0 (8.98)
          Q1, Q3     60.0, 65.0      70.0, 81.0   62.5, 75.5
          Min, max   60, 65          70, 81       60, 81

        Height (m)
          n          2               0            2
          Mean (SD)  1.660 (0.0566)               1.660 (0.0566)

        Sex, n (%)
          Female     1 (50.0)        2 (66.7)     3 (60.0)
          Male       1 (50.0)        1 (33.3)     2 (40.0)
          Other      0               0            0

        Age again
          Over 65    0               2 (66.7)     2 (40.0)
          Up to 65   2 (100.0)       0            2 (40.0)

        Percentages are of the N in the column header.
        Quartiles by the empirical distribution function with averaging (SAS PCTLDEF=5).
        Over 65; Up to 65: 1 subject has no AGE and could not be judged.
        Blank: no value to summarise.
        SD = standard deviation; Q1 = first quartile; Q3 = third quartile.
        Source: ADSL, SAFFL = 'Y'
        """)  # fmt: skip


def test_worst_grades_across(page: Page) -> None:
    # nausea: subject 1 has grades 1 and 3 and stands at 3, subject 3 at 2
    expect(page, GRADES, """
        Table 14.1.1  Title
        Safety set

                  Safety set
                  (N=5)
                  Grade 1  Grade 2   Grade 3   Not graded  Any grade  Grade 2-3
        -----------------------------------------------------------------------
        Nausea    0        1 (20.0)  1 (20.0)  0           2 (40.0)   2 (40.0)
        Itch      0        0         0         1 (20.0)    1 (20.0)   0
        Rash      0        0         1 (20.0)  0           1 (20.0)   1 (20.0)
        Vomiting  0        1 (20.0)  0         0           1 (20.0)   1 (20.0)

        Percentages are of the N in the column header.
        Source: ADAE; subjects of ADSL, SAFFL = 'Y'
        """)  # fmt: skip


def test_arms_above_grades(page: Page) -> None:
    text = """
kind: table
population: SAFFL
from: ADAE
columns: {by: ADSL.TRT01A, of: AETOXGR, levels: {"1": G1, "2": G2, "3": G3}, worst: true, total: Any}
rows: [{id: t, count: subjects, by: AESOC, cell: "{n} ({pct})"}]
"""
    expect(page, text, """
        Table 14.1.1  Title
        Safety set

              Low                         High
              (N=2)                       (N=3)
              G1  G2  G3        Any       G1  G2        G3        Any
        ------------------------------------------------------------------
        Gut   0   0   1 (50.0)  1 (50.0)  0   1 (33.3)  0         1 (33.3)
        Skin  0   0   0         0         0   0         1 (33.3)  2 (66.7)

        Percentages are of the N in the column header.
        1 record without AETOXGR stands only under Any.
        Source: ADAE; subjects of ADSL, SAFFL = 'Y'
        """)  # fmt: skip


def test_a_block_of_columns_for_each_variable(page: Page) -> None:
    # weight 60.5, 70.0 -> mean 65.25, SD 9.5/sqrt(2); a single value has no SD: NE; no value: blank
    expect(page, SPANS, """
        Table 14.1.1  Title
        Safety set

                       Value                      Change
                       Low            High        Low           High
                       (N=2)          (N=3)       (N=2)         (N=3)
        -----------------------------------------------------------------
        Weight (kg)
          Week 2
            n          2              1           2             0
            Mean (SD)  65.25 (6.718)  55.00 (NE)  0.00 (0.707)
          Week 10
            n          0              1           0             1
            Mean (SD)                 81.50 (NE)                1.00 (NE)

        Pulse
          Week 2
            n          1              1           0             1
            Mean (SD)  72.0 (NE)      80.0 (NE)                 -4.0 (NE)

        NE: not estimable.
        Blank: no value to summarise.
        SD = standard deviation.
        Source: ADVS; subjects of ADSL, SAFFL = 'Y'
        """)  # fmt: skip


def test_a_format_without_a_label_stands_on_the_line_of_its_level(page: Page) -> None:
    text = SPANS.replace('{n: "{n}", Mean (SD): "{mean} ({sd})"}', '{"": "{mean} ({sd}), {n}"}')
    expect(page, text, """
        Table 14.1.1  Title
        Safety set

                     Value                            Change
                     Low               High           Low              High
                     (N=2)             (N=3)          (N=2)            (N=3)
        ---------------------------------------------------------------------------
        Weight (kg)
          Week 2     65.25 (6.718), 2  55.00 (NE), 1  0.00 (0.707), 2
          Week 10                      81.50 (NE), 1                   1.00 (NE), 1

        Pulse
          Week 2     72.0 (NE), 1      80.0 (NE), 1                    -4.0 (NE), 1

        NE: not estimable.
        Blank: no value to summarise.
        Source: ADVS; subjects of ADSL, SAFFL = 'Y'
        """)  # fmt: skip


def test_a_format_without_a_label_takes_the_row_s(page: Page) -> None:
    row = 'rows: [{id: h, summarise: HEIGHT, label: Height, cells: {"": "{mean}"}}]'
    text = f"kind: table\npopulation: SAFFL\nfrom: ADSL\ncolumns: {{total: All}}\n{row}"
    lines = [line.split() for line in page.text(text).splitlines() if "Height" in line]
    assert len(lines) == 1 and lines[0][0] == "Height" and len(lines[0]) == 2


def test_several_variables_below_each_other(page: Page) -> None:
    text = SPANS.replace("spans: {Value: AVAL, Change: CHG}", "total: All").replace('n: "{n}", ', "")
    assert page.body(text)[:6] == [
        "Weight (kg)",
        "  Week 2",
        "    Analysis Value",
        "      Mean (SD)           65.25 (6.718)  55.00 (NE)  61.83 (7.588)",
        "    Change from Baseline",
        "      Mean (SD)           0.00 (0.707)               0.00 (0.707)",
    ]


def test_one_column_for_all(page: Page) -> None:
    text = """
kind: table
population: SAFFL
from: ADAE
columns: {total: All patients}
rows: [{id: any, count: subjects, label: Any event, cell: "{n} ({pct})"}]
"""
    expect(page, text, """
        Table 14.1.1  Title
        Safety set

                   All patients
                   (N=5)
        -----------------------
        Any event  3 (60.0)

        Percentages are of the N in the column header.
        Source: ADAE; subjects of ADSL, SAFFL = 'Y'
        """)  # fmt: skip


def test_no_record_gives_the_sentence_and_no_row(page: Page) -> None:
    text = EVENTS.replace("AESEQ > 0", "AESEQ > 9") + "empty: No event was reported.\n"
    expect(page, text, """
        Table 14.1.1  Title
        Safety set

        System organ class  Low    High            Total
          Preferred term    (N=2)  (N=3)  P value  (N=5)
        ------------------------------------------------
        No event was reported.

        Source: ADAE, AESEQ > 9; subjects of ADSL, SAFFL = 'Y'
        """)  # fmt: skip


def test_a_dataset_without_rows_is_no_error(page: Page) -> None:
    page.frames["ADAE"] = page.frames["ADAE"].clear()
    page.frames["ADVS"] = page.frames["ADVS"].clear()
    for text in (EVENTS, GRADES, SPANS):
        part = page.part(text)
        assert isinstance(part, Table)
        assert part.rows == ()
        assert part.heads[-1][0].lines
        assert part.empty == "No observations met the criteria."


def test_a_population_of_nobody_still_has_its_columns(page: Page) -> None:
    page.frames["ADSL"] = page.frames["ADSL"].with_columns(pl.lit("N").alias("SAFFL"))
    part = page.part(DEMOGRAPHY)
    names = ("Low", "High", "Total")
    assert part.heads == (tuple(Head((n, "(N=0)"), results=(f"x.population.N[TRT01A={n}]",)) for n in names),)
    assert part.rows == ()


def test_a_cell_knows_its_results_and_its_numbers(page: Page) -> None:
    part = page.part(EVENTS)
    low = "[TRT01A=Low,AESOC=Gut,AEDECOD=Nausea]"
    assert part.rows[2].cells[0] == Cell(
        "1 (50.0) [2]",
        (f"x.t.n{low}", f"x.t.pct{low}", f"x.t.events{low}"),
        ("1", "50.0", "2"),
    )
    zero = part.rows[3].cells[1]
    assert (zero.text, zero.slots, len(zero.results)) == ("0", ("0",), 3)
    assert part.rows[2].cells[2].results == ("x.t.p_value[TRT01A=High~Low,AESOC=Gut,AEDECOD=Nausea]",)


def test_rows_that_belong_together_share_a_group(page: Page) -> None:
    rows = page.part(EVENTS).rows
    assert [(r.label, r.group, r.indent, r.space_before) for r in rows] == [
        ("Any event", 0, 0, False),
        ("Gut", 1, 0, True), ("Nausea", 1, 1, False), ("Vomiting", 1, 1, False),
        ("Skin", 2, 0, True), ("Itch", 2, 1, False), ("Rash", 2, 1, False),
    ]  # fmt: skip
    rows = page.part(SPANS).rows
    # a heading is in the group of the rows below it; a visit is a group, so that a long parameter can break
    assert [(r.label, r.group, r.kind, r.space_before) for r in rows if r.kind == "heading"] == [
        ("Weight (kg)", 0, "heading", False), ("Week 2", 0, "heading", False),
        ("Week 10", 1, "heading", False), ("Pulse", 2, "heading", True), ("Week 2", 2, "heading", False),
    ]  # fmt: skip


def test_an_indented_entry_belongs_to_what_stands_above_it(page: Page) -> None:
    text = """
kind: table
population: SAFFL
columns: {by: ADSL.TRT01A}
rows:
  - {id: all, count: subjects, label: All, cell: "{n}"}
  - {id: sex, count: subjects, by: SEX, label: By sex, indent: 1, cell: "{n}"}
  - {id: old, count: subjects, where: "AGE > 65", label: Over 65, cell: "{n}"}
  - {id: none, count: subjects, where: "AGE > 99", by: SEX, label: Over 99, cell: "{n}"}
  - {heading: Size}
  - {id: h, summarise: HEIGHT, label: Height, indent: 1, cells: {n: "{n}"}}
  - {id: a, summarise: AGE, label: Age, indent: 1, cells: {n: "{n}"}}
"""
    assert [(r.label, r.indent, r.group, r.space_before) for r in page.part(text).rows] == [
        ("All", 0, 0, False), ("By sex", 1, 0, False), ("F", 2, 0, False), ("M", 2, 0, False),
        ("Over 65", 0, 0, False), ("Over 99", 0, 1, True),
        ("Size", 0, 2, True), ("Height", 1, 2, False), ("n", 2, 2, False),
        ("Age", 1, 3, False), ("n", 2, 3, False),
    ]  # fmt: skip
    # nobody is over 99, so there is no level to print: the count itself stands
    assert [c.text for c in page.part(text).rows[5].cells] == ["0", "0"]


def test_p_values_can_stand_last(page: Page) -> None:
    part = page.part(EVENTS.replace("against: Low}", "against: Low, place: last, label: P}"))
    assert [h.lines[0] for h in part.heads[-1]] == ["Low", "High", "Total", "P"]
    assert part.rows[3].cells[3].text == "0.400"


@pytest.mark.parametrize(
    ("conventions", "cell"),
    [
        ({"percent": {"zero": "percent", "decimals": 2}}, ["1 (50.00) [1]", "0 (0.00) [0]"]),
        ({"percent": {"decimals": 0}}, ["1 (50) [1]", "0"]),
    ],
)
def test_the_study_says_how_percentages_are_printed(page: Page, conventions: Any, cell: list[str]) -> None:
    page.conventions = conventions
    assert [c.text for c in page.part(EVENTS).rows[3].cells[:2]] == cell


def test_the_study_adds_decimals_and_names_what_cannot_be_estimated(page: Page) -> None:
    page.conventions = {"decimals": {"mean": 0, "sd": 1}, "not_estimable": "NC"}
    body = page.body(SPANS)
    assert body[3] == "    Mean (SD)  65.3 (6.72)  55.0 (NC)  0.0 (0.71)"
    assert "NC: not estimable." in page.part(SPANS).footnotes


def test_the_theme_gives_marks_and_p_values(page: Page) -> None:
    page.rules = NumberRules(
        decimal_mark="\u00b7", minus="\u2212", between_limits="\u2013", percent="%",
        p_value=PValueRules(digits=4, floor="<0.0001", ceiling="", leading_zero=False),
    )  # fmt: skip
    assert [c.text for c in page.part(EVENTS).rows[3].cells[:3]] == ["1 (50\u00b70%) [1]", "0", "\u00b74000"]
    demography = page.part(DEMOGRAPHY)
    assert demography.rows[4].cells[0].text == "60\u201365"  # "{min}, {max}"
    assert demography.rows[2].cells[0].text == "62\u00b75 (3\u00b754)"
    change = page.part(SPANS).rows[-1].cells[3]
    assert change.text == "\u22124\u00b70 (NE)"


def test_rows_below_a_threshold_are_not_printed(page: Page) -> None:
    # Total: nausea 2 of 5, the others 1 of 5; itch and rash reach a third in High
    text = EVENTS.replace("nested: true", "nested: true\n    at_least: 40")
    assert [r.label for r in page.part(text).rows] == ["Any event", "Gut", "Nausea", "Vomiting"]
    assert (
        "AESOC, AEDECOD: rows with at least 40% of the subjects in some column." in page.part(text).footnotes
    )
    # unrounded: 1 of 3 is less than 33.4 % and at least 33.3 %
    for least, count in ((33.3, 7), (33.4, 4)):
        assert len(page.part(text.replace("at_least: 40", f"at_least: {least}")).rows) == count


def test_a_row_for_the_missing_stands_only_where_there_are_any(page: Page) -> None:
    text = """
kind: table
population: SAFFL
from: ADAE
columns: {by: ADSL.TRT01A}
rows:
  - {id: g, count: subjects, by: {name: AETOXGR, missing: Not graded}, label: Grade, cell: "{n}"}
  - {id: s, count: subjects, by: {name: AESOC, missing: No class}, label: Class, cell: "{n}"}
"""
    labels = [r.label for r in page.part(text).rows]
    assert labels == ["Grade", "1", "2", "3", "Not graded", "Class", "Gut", "Skin"]
    assert page.value(text, "s.n[TRT01A=Low,AESOC=No class]") == "0"


def test_what_is_left_out_is_said(page: Page) -> None:
    text = """
kind: table
population: SCRNFL
from: ADAE
columns: {by: ADSL.TRT01A}
rows:
  - {id: g, count: subjects, by: AETOXGR, label: "Grade, n (%)", cell: "{n} ({pct})"}
  - id: s
    count: subjects
    where: "AESOC = 'Gut'"
    denominator: "AETOXGR IS NOT NULL"
    label: Gut
    cell: "{n} ({pct})"
footnotes: [Our own comes first.]
"""
    assert page.part(text).footnotes == (
        "Our own comes first.",
        "Percentages are of the N in the column header.",
        "Gut: percentages are of the subjects with AETOXGR IS NOT NULL.",
        "Grade: 1 record without a value is not shown.",
        "1 subject without an arm is in none of the columns.",
    )


def test_percentages_that_the_output_explains_itself_are_not_explained_twice(page: Page) -> None:
    own = EVENTS + "footnotes: [Percentages are of the safety set.]\n"
    assert sum("ercentages" in f for f in page.part(own).footnotes) == 2
    own += "denominator_footnote: none\n"
    assert sum("ercentages" in f for f in page.part(own).footnotes) == 1


def test_repeated_values_are_said(page: Page) -> None:
    page.frames["ADVS"] = pl.concat([page.frames["ADVS"], page.frames["ADVS"].head(1)])
    assert "PARAM, AVISIT: 1 subject has more than one value in a line." in page.part(SPANS).footnotes


def test_post_hoc_and_page(page: Page) -> None:
    text = EVENTS + "post_hoc: true\nsubtitle: By dose\npage: {orientation: landscape}\nfootnotes: []\n"
    part = page.part(text)
    assert (part.subtitle, part.orientation) == ("By dose\nPost hoc analysis", "landscape")
    assert (part.id, part.number, part.title, part.population) == ("x", "14.1.1", "Title", "Safety set")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("any.n[TRT01A=Total]", "3"),
        ("any.pct[TRT01A=Total]", "60.0%"),
        ("t.pct[TRT01A=High,AESOC=Gut,AEDECOD=Vomiting]", "0%"),
        ("t.p_value[TRT01A=High~Low,AESOC=Skin]", "0.400"),
        ("population.N[TRT01A=High]", "3"),
        ("population.records", "6"),
    ],
)
def test_one_result_as_a_sentence_has_it(page: Page, name: str, text: str) -> None:
    assert page.value(EVENTS, name) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("vs.AVAL.mean[TRT01A=Low,PARAM=Weight (kg),AVISIT=Week 2]", "65.25"),
        ("vs.AVAL.min[AVISIT=Week 2,TRT01A=Low,PARAM=Weight (kg)]", "60.5"),
        ("vs.CHG.mean[TRT01A=High,PARAM=Pulse,AVISIT=Week 2]", "-4.0"),
        ("vs.CHG.sd[TRT01A=High,PARAM=Pulse,AVISIT=Week 2]", "NE"),
    ],
)
def test_a_summary_as_a_sentence_has_it_has_the_tables_decimals(page: Page, name: str, text: str) -> None:
    assert page.value(SPANS, name) == text
