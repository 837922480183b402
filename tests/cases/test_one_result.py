"""One analysis in a table, a figure, a forest and a sentence: one result."""

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
  - {id: hr, do: cox, each: others, against: Arm B, strata: [SEX]}
  - {id: p, do: log_rank, each: others, against: Arm B, strata: [SEX]}
subgroups: [{by: ADSL.SEX, label: Sex, levels: {F: Women, M: Men}}]
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
  - {id: km, analysis: survival, cells: {HR: "{hr} ({hr_low} to {hr_high})", P: "{p}"}}
"""
FIGURE = """kind: figure
title: Overall Survival
analysis: survival
alt: What the analysis gives.
"""
CURVES = f"output: os-km\nnumber: 14.2.F1\nshape: kaplan_meier\nunit: days\nat_risk: {{every: 30}}\n{FIGURE}"
FOREST = f"output: os-forest\nnumber: 14.2.F2\nshape: forest\nfavours: [Arm A, Arm B]\n{FIGURE}"
PAIR = "TRT01A=Arm A~Arm B"


@pytest.fixture
def study(case: MakeCase) -> Any:
    made = case("73-stratified-tests").write("analyses/survival.yaml", ANALYSIS)
    for name, text in (("os", TABLE), ("os-km", CURVES), ("os-forest", FOREST)):
        made.write(f"outputs/{name}.yaml", text)
    return made


def test_stratified_results_in_four_places_are_one(study: Any) -> None:
    """Case 73, risk sets in fractions by hand: HR 0.50 (0.08 to 3.07), P 0.446; unstratified 0.40, 0.309."""
    study.check()
    ratio = "0.50 (0.08 to 3.07)"
    assert ratio in study.shown("os") and "0.446" in study.shown("os")
    drawn = study.shown("os-km")
    assert "Hazard ratio: 0.50 (95% CI 0.08 to 3.07)" in drawn and "0.446" in drawn
    forest = study.shown("os-forest")
    (line,) = [x for x in forest.split("\n") if x.lstrip().startswith("All subjects")]
    assert ratio in line
    assert "Cox's model with Efron's treatment of ties, stratified by SEX" in forest
    found = study.results("survival")
    said = [displayed(found, f"survival.{s}[{PAIR}]", None, study.study.specs.study, NumberRules()).text
            for s in ("hr", "hr_low", "hr_high", "p")]  # fmt: skip
    assert said == ["0.50", "0.08", "3.07", "0.446"]
    for name in ("os", "os-km", "os-forest"):
        own = study.results(name).filter(output=name)
        assert not own["statistic"].is_in(["hr", "p"]).any(), f"{name} computes none of its own"


def test_a_subgroup_is_the_analysis_of_its_subjects(study: Any) -> None:
    """The row of women is what the analysis gives of them alone."""
    name = f"survival.subgroups.hr[SEX=F,{PAIR}]"
    inside = find_result(study.results("survival"), name)["stat_num"]
    study.replace("analyses/survival.yaml", "PARAMCD = 'OS'", "PARAMCD = 'OS' AND ADSL.SEX = 'F'")
    alone = find_result(study.results("survival"), f"survival.hr[{PAIR}]")
    assert inside == alone["stat_num"] is not None


def test_a_sentence_names_a_subgroup(study: Any) -> None:
    study.write("report/synopsis.md.j2", f'{{{{ n("survival.subgroups.hr[SEX=F,{PAIR}]") }}}}.\n')
    study.check()
    for wrong, message in (("SEXX=F", "the group 'SEXX'"), (f"{PAIR}", "leaves out the subgroup")):
        inside = wrong if wrong == PAIR else f"{wrong},{PAIR}"
        study.write("report/synopsis.md.j2", f'{{{{ n("survival.subgroups.hr[{inside}]") }}}}.\n')
        with pytest.raises(SpecError, match=message):
            study.check()


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        ("outputs/os-forest.yaml", "alt:", "subgroups: []\nalt:", "'subgroups' is of the analysis"),
        ("outputs/os-forest.yaml", "alt:", "estimate: hrr\nalt:", "'hrr' does not exist.*'hr'"),
        ("outputs/os-forest.yaml", "alt:", "axis: [0, 2]\nalt:", "begins above 0.*line 8"),
        ("outputs/os-forest.yaml", "analysis: survival", "analysis: survivl", "'survivl' does not exist"),
        ("analyses/survival.yaml", "ADSL.SEX", "ADSL.SEXX", "no variable 'SEXX'.*line 10"),
        ("analyses/survival.yaml", "hr, do: cox", "q, do: hazard_ratio_log_rank", "strata"),
    ],
)
def test_what_is_wrong_is_found_before_data(study: Any, path: str, old: str, new: str, message: str) -> None:
    study.replace(path, old, new)
    with pytest.raises(SpecError, match=f"(?s){message}"):
        study.check()


def test_a_forest_says_which_of_several_it_draws(study: Any) -> None:
    """Without a comparison Kaplan and Meier's method has limits of three quantiles."""
    start, end = ANALYSIS.index("compare:"), ANALYSIS.index("subgroups:")
    study.write("analyses/survival.yaml", ANALYSIS[:start] + ANALYSIS[end:])
    for name in ("os", "os-km"):
        study.write(f"outputs/{name}.yaml", CURVES.replace("os-km", name).replace("F1", f"F{len(name) + 1}"))
    with pytest.raises(SpecError, match="has several: q1, median, q3"):
        study.check()
    study.replace("outputs/os-forest.yaml", "favours: [Arm A, Arm B]", "estimate: median")
    study.check()
    lines = [x.strip().split("  ")[0] for x in study.shown("os-forest").split("\n")]
    assert {"All subjects, Arm A", "Women, Arm B", "Men, Total"} <= set(lines)


PANELS = """output: os-both
number: 14.2.F3
kind: figure
shape: panels
title: Overall Survival
population: SAFFL
alt: Curves above, a forest below.
panels:
  - {shape: kaplan_meier, title: Curves, analysis: survival, unit: days, at_risk: {every: 30}}
  - {shape: forest, title: Subgroups, analysis: survival}
"""


def test_panels_show_an_analysis(study: Any) -> None:
    study.write("outputs/os-both.yaml", PANELS)
    study.check()
    shown = study.shown("os-both")
    assert "Hazard ratio: 0.50 (95% CI 0.08 to 3.07)" in shown and "0.50 (0.08 to 3.07)" in shown
    assert not study.results("os-both").filter(output="os-both")["statistic"].is_in(["hr", "p"]).any()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("analysis: survival}", "analysis: survivl}", "'survivl' does not exist.*line 10"),
        ("analysis: survival}", "analysis: survival, do: proportion}", "'do' is of the analysis.*line 10"),
    ],
)
def test_a_panel_s_analysis_is_checked(study: Any, old: str, new: str, message: str) -> None:
    study.write("outputs/os-both.yaml", PANELS.replace(old, new))
    with pytest.raises(SpecError, match=f"(?s){message}"):
        study.check()
