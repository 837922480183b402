"""Each journal's rules for numbers, by value; where a rule comes from stands in the journal's theme.yaml.

NEJM: statistical reporting guidelines of the author center, as quoted in BMJ Evidence-Based Medicine 2019
(doi 10.1136/bmjebm-2019-111264). JCO: statistical guidelines for contributors, and the AMA Manual of Style,
11th ed., 19.5 (P values) and 18.7 (percentages). The Lancet: formatting guidelines of the information for
authors. Dove Medical Press: the bundled study's own pages print P 0.0081 and 0.022, and limits with an en
dash; SAMPL guidelines (Lang and Altman 2013): no P value below P<0.001."""

from __future__ import annotations

from pathlib import Path

import pytest
from declared_rows import declared_rows

from tlfgen.display.cells import read_form
from tlfgen.display.numbers import format_number, format_p_value, format_percent, percent_of
from tlfgen.display.parts import Table
from tlfgen.document.page import Sheet
from tlfgen.document.theme import load_theme
from tlfgen.errors import SpecError
from tlfgen.spec.loader import load_yaml
from tlfgen.spec.study import PercentSpec
from tlfgen.spec.theme import NumberRules, ThemeSpec

TEMPLATES = Path(__file__).parents[2] / "templates"
JOURNALS = ("dove", "jco", "lancet", "nejm")


def rules(journal: str) -> NumberRules:
    return load_theme(journal, [TEMPLATES]).numbers


P_VALUES = {
    "nejm": {
        0.2: "0.20", 0.0496: "0.05", 0.012: "0.01", 0.01: "0.01", 0.0099: "0.010", 0.0081: "0.008",
        0.001: "0.001", 0.0009: "<0.001", 0.996: ">0.99", 0.99: "0.99", 0.0: "<0.001", 1.0: ">0.99",
    },
    "jco": {
        0.2: ".20", 0.0496: ".0496", 0.046: ".046", 0.049: ".049", 0.05: ".05", 0.051: ".05", 0.0449: ".04",
        0.012: ".01", 0.0081: ".008", 0.0009: "<.001", 0.996: ">.99", 1.0: ">.99",
    },
    "lancet": {
        0.2: "0\u00b720", 0.022: "0\u00b7022", 0.0081: "0\u00b70081", 0.00996: "0\u00b7010",
        0.0996: "0\u00b710", 0.00011: "0\u00b700011", 0.00009: "<0\u00b70001", 0.989: "0\u00b799",
        0.994: ">0\u00b799",
        0.996: ">0\u00b799",
        0.0: "<0\u00b70001",
    },
    "dove": {0.0081: "0.0081", 0.022: "0.022", 0.2: "0.20", 0.0009: "<0.001", 1.0: ">0.99"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("journal", "p", "text"), [(j, p, text) for j, values in P_VALUES.items() for p, text in values.items()]
)
def test_p_values(journal: str, p: float, text: str) -> None:
    assert format_p_value(p, rules(journal)) == text


@pytest.mark.parametrize(
    ("journal", "low", "high", "text"),
    [
        ("nejm", 7.8, 59.8, "7.8 to 59.8"), ("nejm", -3.2, 1.5, "\u22123.2 to 1.5"),
        ("jco", 7.8, 59.8, "7.8 to 59.8"), ("jco", -3.2, 1.5, "\u22123.2 to 1.5"),
        ("lancet", 7.8, 59.8, "7\u00b78\u201359\u00b78"), ("lancet", -3.2, 1.5, "\u20133\u00b72 to 1\u00b75"),
        ("lancet", -3.2, -1.5, "\u20133\u00b72 to \u20131\u00b75"),
        ("dove", 7.8, 59.8, "7.8\u201359.8"), ("dove", -3.2, 1.5, "\u22123.2 to 1.5"),
    ],
)  # fmt: skip
def test_limits(journal: str, low: float, high: float, text: str) -> None:
    own = rules(journal)
    slots = [format_number(x, 1, own) for x in (low, high)]
    assert read_form("{hr_low}, {hr_high}").filled(slots, declared_rows("hr_low", "hr_high"), own) == text


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("{low}, {high}", "1\u20132"), ("{low_pct} to {high_pct}", "1\u20132"), ("{q1}, {q3}", "1\u20132"),
        ("{min}\u2013{max}", "1\u20132"),
        ("{rate_6_low}, {rate_6_high}", "1\u20132"),
        ("{n}, {events}", "1, 2"), ("{mean} ({sd})", "1 (2)"), ("{low}; {high}", "1; 2"),
        ("{hr_low}, {or_high}", "1, 2"), ("{follow_n}, {follow_m}", "1, 2"),
    ],
)  # fmt: skip
def test_only_limits_are_joined_by_a_dash(form: str, text: str) -> None:
    read = read_form(form)
    assert read.filled(["1", "2"], declared_rows(*read.statistics), rules("dove")) == text


@pytest.mark.parametrize(
    ("journal", "ratio", "of", "text"),
    [
        ("jco", 4 / 17, 17, "24"), ("jco", 0.125, 99, "13"), ("jco", 0.125, 100, "12.5"),
        ("jco", 1 / 3000, 3000, "0.03"),
        ("nejm", 4 / 17, 17, "23.5"), ("lancet", 4 / 17, 17, "23\u00b75%"), ("dove", 4 / 17, 17, "23.5%"),
    ],
)  # fmt: skip
def test_percentages(journal: str, ratio: float, of: int, text: str) -> None:
    own = rules(journal)
    decimals = 2 if of >= 1000 else 1
    assert format_percent(ratio, percent_of(PercentSpec(decimals=decimals), of, own), own) == text


def test_two_percentages_as_limits_have_one_sign() -> None:
    own = rules("lancet")
    slots = [format_percent(x, PercentSpec(), own) for x in (0.068, 0.499)]
    found = declared_rows("low_pct", "high_pct")
    assert read_form("{low_pct} to {high_pct}").filled(slots, found, own) == "6\u00b78\u201349\u00b79%"


@pytest.mark.parametrize(
    ("journal", "first", "later"),
    [
        ("nejm", "Table 2. Overall Survival.", "Table 2. (Continued)."),
        ("jco", "TABLE 2. Overall Survival", "TABLE 2. (Continued)"),
        ("lancet", "Table 2: Overall Survival", "Table 2: (Continued)"),
        ("dove", "Table 2 Overall Survival", "Table 2 (Continued)"),
    ],
)
def test_captions(journal: str, first: str, later: str) -> None:
    part = Table("os", "2", "Overall Survival", "Full analysis set", source="ADTTE")
    sheet = Sheet(part, load_theme(journal, [TEMPLATES]), "portrait")
    assert (sheet.title_lines, sheet.continued_lines) == ((first,), (later,))
    assert sheet.source_lines == ()


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('numbers: {p_value: {floor: "<0\u00b70001"}}', "written as <0.001"),
        ('caption: "{kind} {title}"', "a caption names"),
        ('caption: "{kind} {number} {title.x}"', "a caption names"),
    ],
)
def test_a_theme_that_cannot_print_is_refused(tmp_path: Path, entry: str, says: str) -> None:
    path = tmp_path / "theme.yaml"
    path.write_text(f"theme: x\n{entry}\n", "utf-8")
    with pytest.raises(SpecError, match=says):
        load_yaml(path, ThemeSpec)


def test_every_journal_sets_a_manuscript() -> None:
    assert all(load_theme(j, [TEMPLATES]).spec.document == "manuscript" for j in JOURNALS)
