"""An analysis on its own: one result, wherever it is shown, quoted or claimed."""

from __future__ import annotations

from typing import Any

import pytest
from cases.conftest import MakeCase

from tlfgen.analysis.table import find_result
from tlfgen.display.results import displayed
from tlfgen.errors import SpecError
from tlfgen.spec.theme import NumberRules

ANALYSIS = """analysis: survival
population: SAFFL
from: ADTTE
where: "PARAMCD = 'OS'"
columns: {by: ADSL.TRT01A, total: Total}
do: kaplan_meier
compare:
  - {id: hr, do: cox, each: others, against: Arm B}
  - {id: p, do: log_rank, each: others, against: Arm B}
"""
TABLE = """output: os
number: 14.2.1.1
kind: table
title: Overall Survival
population: SAFFL
from: ADTTE
where: "PARAMCD = 'OS'"
columns: {by: ADSL.TRT01A, total: Total}
rows:
  - id: km
    analysis: survival
    label: OS
    cells: {Median: "{median}", HR: "{hr} ({hr_low}, {hr_high})", P: "{p}"}
"""
PAIR = "[TRT01A=Arm A~Arm B]"


@pytest.fixture
def study(case: MakeCase) -> Any:
    made = case("14-median-rule").write("analyses/survival.yaml", ANALYSIS)
    return made.write("outputs/os.yaml", TABLE)


def test_a_row_shows_the_results_of_the_analysis(study: Any) -> None:
    """Case 14: of Arm B the median is the middle of 118 and 149."""
    shown = study.shown("os")
    assert find_result(study.results("survival"), "survival.median[TRT01A=Arm B]")["stat_num"] == 133.5
    (line,) = [x.split() for x in shown.split("\n") if "Median" in x and "133.5" in x]
    assert line == ["Median", "NE", "133.5", "NE"]
    assert "Hazard ratio, Arm A over Arm B: Cox's model" in shown
    own = study.results("os").filter(analysis="os.km")
    assert own.is_empty()


def test_by_is_short_for_columns(study: Any) -> None:
    study.replace("analyses/survival.yaml", "columns: {by: ADSL.TRT01A, total: Total}", "by: ADSL.TRT01A")
    study.replace("outputs/os.yaml", "columns: {by: ADSL.TRT01A, total: Total}", "columns: {by: ADSL.TRT01A}")
    study.check()
    found = study.results("survival")
    assert find_result(found, "survival.n[TRT01A=Arm A]")["stat_num"] == 4


def test_a_table_a_sentence_and_a_claim_quote_one_result(study: Any) -> None:
    study.write("report/synopsis.md.j2", f'HR {{{{ n("survival.hr{PAIR}") }}}}.\n')
    study.write(
        "claims.yaml",
        "source: Arithmetic by hand\nclaims:\n  - {id: m, where: Base, label: Median, printed: '133.5', "
        'result: "survival[TRT01A=Arm B]", says: {median: "133.5"}}\n',
    )
    study.build()
    (claim,), _ = study.study.claims()
    assert (claim.verdict, claim.ours) == ("match", ("133.5",))
    folder = study.study.folders[2]
    ratio = displayed(
        study.results("survival"), f"survival.hr{PAIR}", None, study.study.specs.study, NumberRules()
    )
    assert f"survival.hr{PAIR},{ratio.text}" in (folder / "numbers.csv").read_text("utf-8").replace('"', "")
    assert any(f"survival.hr{PAIR}" in c["results"] for c in study.cells("os"))


FIGURE = """output: os-km
number: 14.2.F1
kind: figure
shape: kaplan_meier
title: Overall Survival
analysis: survival
unit: days
at_risk: {every: 30}
alt: A curve for each arm.
"""


def test_a_table_and_a_figure_show_one_result(study: Any) -> None:
    """Case 14: the median of Arm B is 133.5; the ratio and the P value are those of the table."""
    study.write("outputs/os-km.yaml", FIGURE)
    study.check()
    found = study.results("os-km")
    assert found.filter(analysis="os-km.summary").is_empty()
    drawn, table = study.shown("os-km"), study.shown("os")
    ratio = "0.28 (0.03, 2.69)"
    assert ratio in table and "Hazard ratio: 0.28 (95% CI 0.03 to 2.69)" in drawn and "133.5" in drawn
    corner = study.part("os-km").panels[0].parts[0].corner
    assert f"survival.hr{PAIR}" in corner.notes[0].results
    assert "survival.median[TRT01A=Arm B]" in corner.rows[1].texts[1].results


def test_a_figure_of_an_analysis_says_nothing_twice(study: Any) -> None:
    study.write("outputs/os-km.yaml", FIGURE + "time: AVAL\npopulation: SAFFL\n")
    with pytest.raises(SpecError, match="(?s)'population' is of the analysis 'survival', and stands there"):
        study.check()


def test_a_claim_varies_a_parameter_of_the_analysis(study: Any) -> None:
    study.write(
        "claims.yaml",
        "source: Arithmetic by hand\nclaims:\n  - {id: m, where: Base, label: Median, printed: '118', "
        'result: "survival[TRT01A=Arm B]", says: {median: "118"}, vary: quantile_rule, expect: mismatch, '
        "because: the other rule}\n",
    )
    study.build()
    (claim,), _ = study.study.claims()
    assert claim.verdict == "mismatch"
    assert {name: ok for name, _, ok in claim.methods} == {
        "quantile_rule first": True, "quantile_rule midpoint": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        (
            "outputs/os.yaml",
            "total: Total}\nrows",
            "total: All}\nrows",
            "are by: ADSL.TRT01A, total: Total, and of this table by: ADSL.TRT01A, total: All",
        ),
        ("outputs/os.yaml", "analysis: survival", "analysis: survivl", "'survivl' does not exist"),
        (
            "outputs/os.yaml",
            "analysis: survival",
            "analysis: survival\n    level: 0.9",
            "'level' is not for a row",
        ),
        (
            "outputs/os.yaml",
            "analysis: survival",
            "analysis: survival\n    where: \"SEX = 'F'\"",
            "'where' is not for a row that shows.*line 12",
        ),
        ("outputs/os.yaml", "{median}", "{medan}", "the statistic 'medan' does not exist"),
        ("outputs/os.yaml", "rows:", "page_by: SEX\nrows:", "an analysis on its own has no pages"),
        ("analyses/survival.yaml", "analysis: survival\n", "analysis: deaths\n", "does not exist"),
        ("analyses/survival.yaml", "population: SAFFL", "population: SAFL", "'SAFL' does not exist.*'SAFFL'"),
        (
            "analyses/survival.yaml",
            "do: kaplan_meier",
            "do: kaplan_meier\nlimits: log10",
            "limits: Input.*line 7",
        ),
        (
            "analyses/survival.yaml",
            "do: kaplan_meier",
            "do: kaplan_meier\ntime: AVALX",
            "no variable 'AVALX'",
        ),
        ("analyses/survival.yaml", "do: kaplan_meier", "do: kaplan_meier\nevent: \"CNSR = 'x'\"", "CNSR"),
        ("analyses/survival.yaml", "do: kaplan_meier", "do: kaplan_mayer", "'kaplan_mayer' does not exist"),
        ("analyses/survival.yaml", "against: Arm B", "against: Arm X", "The column 'Arm X' does not exist"),
        ("analyses/survival.yaml", "columns:", "by: ADSL.SEX\ncolumns:", "by: is short for columns"),
    ],
)
def test_what_is_wrong_is_found_before_data(study: Any, path: str, old: str, new: str, message: str) -> None:
    study.check()
    study.replace(path, old, new)
    with pytest.raises(SpecError, match=f"(?s){message}"):
        study.check()


def test_an_id_is_of_an_output_or_of_an_analysis(case: MakeCase) -> None:
    study = case("base").write(
        "analyses/survival.yaml", ANALYSIS.replace("analysis: survival", "analysis: deaths")
    )
    with pytest.raises(SpecError, match="(?s)'deaths' is also the id of an output.*line 1"):
        study.check()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("survival.km.median[TRT01A=Arm A]", "'survival.km' is no analysis: 'survival' has no rows"),
        ("survival.medan[TRT01A=Arm A]", "the statistic 'medan' does not exist.*'median'"),
        ("survival.median[SEX=F]", "the group 'SEX' does not exist"),
        ("survival.hr[TRT01A=Arm A]", "'hr' of 'survival' is of a pair of groups, not of 'Arm A'"),
    ],
)
def test_a_sentence_is_checked_before_data(study: Any, name: str, message: str) -> None:
    study.write("report/synopsis.md.j2", f'It is {{{{ n("{name}") }}}}.\n')
    with pytest.raises(SpecError, match=f"(?s){message}"):
        study.check()
