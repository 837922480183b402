"""Numbers by each journal's theme as the journal itself printed them, and the marks around P values.

The Lancet: CRASH-2, 2010, doi 10.1016/S0140-6736(10)60835-5, summary.
NEJM: TECOS, 2015, doi 10.1056/NEJMoa1501352, abstract.
JCO: KEYNOTE-024, 2019, doi 10.1200/JCO.18.00149, abstract; P values as in the AMA Manual of Style, 11th ed.,
18.7.1. Dove Medical Press: the bundled study's own paper, its table of responses and its log-rank P.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from declared_rows import declared_rows

from tlfgen.display.cells import read_form
from tlfgen.display.numbers import format_number, format_percent, format_plain, letter_p, state_p_value
from tlfgen.display.parts import Table
from tlfgen.document.theme import load_theme
from tlfgen.spec.study import PercentSpec
from tlfgen.spec.theme import NumberRules, PValueRules

Page = Any
TEMPLATES = Path(__file__).parents[2] / "templates"
SMALL_P = NumberRules(p_value=PValueRules(letter="p"))


def rules(journal: str) -> NumberRules:
    return load_theme(journal, [TEMPLATES]).numbers


@pytest.mark.parametrize(
    ("journal", "p", "printed"),
    [
        ("lancet", 0.0035, "p=0\u00b70035"), ("lancet", 0.00001, "p<0\u00b70001"),
        ("nejm", 0.98, "P = 0.98"), ("nejm", 0.07, "P = 0.07"), ("nejm", 0.0001, "P<0.001"),
        ("jco", 0.16, "P = .16"), ("jco", 0.0001, "P < .001"),
        ("dove", 0.0081, "P=0.0081"), ("dove", 0.022, "P=0.022"),
    ],
)  # fmt: skip
def test_p_values_as_printed(journal: str, p: float, printed: str) -> None:
    assert state_p_value(p, rules(journal)) == printed


@pytest.mark.parametrize(
    ("journal", "values", "decimals", "printed"),
    [
        ("lancet", (0.91, 0.85, 0.97), 2, "0\u00b791 (0\u00b785\u20130\u00b797)"),
        ("nejm", (0.98, 0.88, 1.09), 2, "0.98 (0.88 to 1.09)"),
        ("nejm", (-0.29, -0.32, -0.27), 2, "\u22120.29 (\u22120.32 to \u22120.27)"),
        ("jco", (0.63, 0.47, 0.86), 2, "0.63 (0.47 to 0.86)"),
        ("dove", (6.2, 0.42, 11.98), 2, "6.20 (0.42\u201311.98)"),
    ],
)
@pytest.mark.parametrize("joint", [", ", " to ", "\u2013"])
def test_limits_as_printed(
    journal: str, values: tuple[float, ...], decimals: int, printed: str, joint: str
) -> None:
    own = rules(journal)
    slots = [format_number(v, decimals, own) for v in values]
    form = read_form(f"{{hr}} ({{hr_low}}{joint}{{hr_high}})")
    assert form.filled(slots, declared_rows("hr", "hr_low", "hr_high"), own) == printed


@pytest.mark.parametrize(
    ("journal", "n", "of", "printed"),
    [
        ("lancet", 1463, 10060, "1463 (14\u00b75%)"), ("lancet", 1613, 10067, "1613 (16\u00b70%)"),
        ("dove", 4, 17, "4 (23.5%)"), ("dove", 15, 17, "15 (88.2%)"),
    ],
)  # fmt: skip
def test_percentages_as_printed(journal: str, n: int, of: int, printed: str) -> None:
    own = rules(journal)
    slots = [format_number(n, 0, own), format_percent(n / of, PercentSpec(), own)]
    assert read_form("{n} ({pct})").filled(slots, declared_rows("n", "pct"), own) == printed


@pytest.mark.parametrize(
    ("journal", "value", "printed"),
    [
        ("lancet", 20211, "20\u202f211"), ("lancet", 10060, "10\u202f060"), ("lancet", 1463, "1463"),
        ("nejm", 14671, "14,671"), ("nejm", 839, "839"), ("house", 14671, "14671"),
    ],
)  # fmt: skip
def test_large_numbers_as_printed(journal: str, value: int, printed: str) -> None:
    own = rules(journal)
    assert (format_number(value, 0, own), format_plain(value, own)) == (printed, printed)


def test_thousands_are_parted_before_the_decimal_mark_alone() -> None:
    own = NumberRules(decimal_mark=",", thousands=".", minus="\u2212")
    assert format_number(-1234567.12345, 5, own) == "\u22121.234.567,12345"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("P value", "p value"), ("Every P value was above it", "Every p value was above it"),
        ("P < 0.05", "p < 0.05"), ("P=.03", "p=.03"),
        ("P = placebo", "P = placebo"), ("P wave", "P wave"), ("P-glycoprotein", "P-glycoprotein"),
        ("Arm P", "Arm P"), ("GP values", "GP values"),
    ],
)  # fmt: skip
def test_the_letter_changes_where_a_p_value_is_meant(text: str, said: str) -> None:
    assert letter_p(text, SMALL_P) == said


TESTED = """kind: table
population: SAFFL
from: ADSL
columns: {by: ADSL.TRT01A}
rows:
  - {id: sex, label: Group P, count: subjects, by: SEX, cell: "{n}"}
compare: [{id: p_value, do: fisher_exact, each: Low, against: High}]
footnotes: [P values are two-sided., P = placebo]
"""
ANALYSED = """kind: table
population: SAFFL
from: ADSL
columns: {}
rows:
  - id: odds
    label: Arm P
    do: logistic
    response: "SEX = 'P'"
    coded: "ADSL.TRT01A = 'Low'"
    cells: {Arm P: "{n}", Wald P: "{p_wald}", Fisher P: "{p_fisher}"}
"""


def lettered(
    page: Page, text: str
) -> list[tuple[list[str], list[str], tuple[str, ...], list[tuple[str, ...]]]]:
    """Header, labels, footnotes and cells under the capital letter and under the small one."""
    found = []
    for page.rules in (NumberRules(), SMALL_P):
        part = page.part(text)
        assert isinstance(part, Table)
        found.append(
            (
                [h.lines[0] for h in part.heads[-1]],
                [r.label for r in part.rows],
                part.footnotes,
                [tuple(c.text for c in r.cells) for r in part.rows],
            )
        )
    return found


def test_a_table_has_the_letter_of_its_theme_and_its_data_stay(page: Page) -> None:
    """The level P of SEX and the label that ends in P are no P values."""
    page.frames["ADSL"] = page.frames["ADSL"].with_columns(SEX=pl.col("SEX").replace("M", "P"))
    house, small = lettered(page, TESTED)
    assert (house[0], small[0]) == (["Low", "P value", "High"], ["Low", "p value", "High"])
    assert house[1] == small[1] == ["Group P", "F", "P"]
    assert house[3] == small[3]
    assert small[2][:2] == ("p values are two-sided.", "P = placebo")


def test_a_row_that_shows_a_p_value_has_the_letter_in_its_label(page: Page) -> None:
    page.frames["ADSL"] = page.frames["ADSL"].with_columns(SEX=pl.col("SEX").replace("M", "P"))
    house, small = lettered(page, ANALYSED)
    assert house[1] == ["Arm P", "Arm P", "Wald P", "Fisher P"]
    assert small[1] == ["Arm P", "Arm P", "Wald p", "Fisher p"]
    for note in ("Wald {} of the logistic regression.", "Fisher {}: Fisher's exact test, two-sided."):
        assert note.format("P") in house[2] and note.format("p") in small[2]
    assert house[3] == small[3]
