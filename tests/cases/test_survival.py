"""Times to an event: one reading, one rule and one form, wherever a number is shown."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from cases.conftest import MakeCase

from tlfgen.analysis.agree import disagreements
from tlfgen.analysis.table import find_result
from tlfgen.display.results import displayed
from tlfgen.errors import SpecError
from tlfgen.listing import entries
from tlfgen.spec.theme import NumberRules


def number(case: Any, name: str) -> float | None:
    found = find_result(case.results(name.split(".", 1)[0]), name)["stat_num"]
    return None if found is None else float(found)


def text(case: Any, name: str) -> str:
    """A result as a sentence has it."""
    return displayed(
        case.results(name.split(".", 1)[0]), name, None, case.study.specs.study, NumberRules()
    ).text


def test_a_record_without_a_status_is_left_out_and_counted_everywhere(case: MakeCase) -> None:
    """Case 13: one of eight statuses is missing: n 7, hazard ratio 0.31, P 0.319, in table and figure."""
    study = case("13-null-censoring-status")
    assert number(study, "os.km.n[TRT01A=Total]") == 7
    assert number(study, "os-km.summary.n[TRT01A=Total]") == 7
    assert number(study, "os.km.events[TRT01A=Total]") == 3
    assert number(study, "os.km.censored[TRT01A=Total]") == 4
    assert text(study, "os-km.summary.hr[TRT01A=Arm A~Arm B]") == "0.31"
    assert text(study, "os-km.summary.p[TRT01A=Arm A~Arm B]") == "0.319"
    for arm in ("Arm A", "Arm B", "Total"):
        for table, figure in (("median", "median"), ("median_low", "median_low")):
            own = number(study, f"os.km.{table}[TRT01A={arm}]")
            assert own == number(study, f"os-km.summary.{figure}[TRT01A={arm}]")
    said = "1 subject with a time and without a known censoring status is left out."
    assert said in study.shown("os") and said in study.shown("os-km")


def test_a_comparison_and_a_forest_leave_the_same_record_out(case: MakeCase) -> None:
    """Case 13, in the other two: n 7, hazard ratio 0.31, P 0.319."""
    study = case("13-null-censoring-status")
    study.replace(
        "outputs/os.yaml",
        "rows:",
        "rows:\n  - {id: cmp, do: kaplan_meier, event: \"STATUS = 'EVENT'\", cells: {x: '{n} {hr} {p}'}, "
        "compare: [{id: hr, do: cox, each: others, against: Arm B}, "
        "{id: p, do: log_rank, each: Arm A, against: Arm B}]}",
    )
    study.write(
        "outputs/forest.yaml",
        "output: forest\nnumber: 14.2.F2\nkind: figure\nshape: forest\ntitle: Forest\npopulation: SAFFL\n"
        "from: ADTTE\nwhere: \"PARAMCD = 'OS'\"\nsubgroups: [{by: ADSL.SEX, label: Sex}]\n"
        "columns: {by: ADSL.TRT01A}\ndo: kaplan_meier\nevent: \"STATUS = 'EVENT'\"\n"
        "compare: [{id: hr, do: cox, each: Arm A, against: Arm B}]\n"
        "alt: A row for each sex.\nx_label: Ratio\n",
    )
    assert text(study, "os.cmp.n[TRT01A=Total]") == "7"
    assert [text(study, f"os.cmp.{s}[TRT01A=Arm A~Arm B]") for s in ("hr", "p")] == ["0.31", "0.319"]
    assert [number(study, f"forest.estimate.n[TRT01A={arm}]") for arm in ("Arm A", "Arm B")] == [4, 3]
    assert text(study, "forest.estimate.hr[TRT01A=Arm A~Arm B]") == "0.31"
    assert "1 subject with a time and without a known censoring status is left out." in study.shown("forest")


def test_table_and_figure_have_one_median(case: MakeCase) -> None:
    """Case 14: three of four in Arm B die on days 60, 118 and 149: the median is the middle, 133.5, and of
    all no event ends the plateau, as R's survfit and SAS LIFETEST have it. Neither spec names a rule."""
    study = case("14-median-rule")
    for name in ("os.km.median", "os-km.summary.median"):
        assert number(study, f"{name}[TRT01A=Arm B]") == 133.5
        assert number(study, f"{name}[TRT01A=Total]") is None
    row = find_result(study.results("os-km"), "os-km.summary.median[TRT01A=Total]")
    assert row["reason"] == "no event ends the curve's plateau there"


@pytest.mark.parametrize("rule", ["first", "midpoint"])
@pytest.mark.parametrize("scale", ["plain", "log", "loglog"])
def test_the_limits_of_a_figure_s_median_follow_its_rule(case: MakeCase, rule: str, scale: str) -> None:
    """Case 14: by either rule and on every scale, table and figure say the same."""
    study = case("14-median-rule")
    study.replace("outputs/os.yaml", "time: AVAL", f"time: AVAL, quantile_rule: {rule}, limits: {scale}")
    study.replace("outputs/os-km.yaml", "unit: days", f"unit: days\nquantile_rule: {rule}\nlimits: {scale}")
    sides = {"median": "median", "median_low": "median_low", "median_high": "median_high"}
    for arm in ("Arm A", "Arm B", "Total"):
        own = [number(study, f"os.km.{s}[TRT01A={arm}]") for s in sides]
        assert own == [number(study, f"os-km.summary.{s}[TRT01A={arm}]") for s in sides.values()]


def test_a_figure_s_results_are_quoted_as_the_figure_prints_them(case: MakeCase) -> None:
    """Case 15: 0.45 (0.04 to 5.02), P = 0.508."""
    study = case("15-figure-result-in-text")
    names = ("hr", "hr_low", "hr_high", "p")
    found = [text(study, f"os-km.summary.{s}[TRT01A=Arm A~Arm B]") for s in names]
    assert found == ["0.45", "0.04", "5.02", "0.508"]
    shown = study.shown("os-km")
    assert "Hazard ratio: 0.45 (95% CI 0.04 to 5.02)" in shown and "P=0.508" in shown.replace("P = ", "P=")


def test_what_declares_no_form_is_refused(case: MakeCase) -> None:
    """Case 15: never a guessed whole number."""
    study = case("base")
    ard = study.results("os-km").with_columns(shown=None)
    with pytest.raises(SpecError, match="'os-km.summary.hr.*' says nothing of how it is shown"):
        displayed(ard, "os-km.summary.hr[TRT01A=Arm A~Arm B]", None, study.study.specs.study, NumberRules())


def test_every_result_declares_its_form(case: MakeCase) -> None:
    study = case("base")
    for output in study.study.specs.outputs:
        ard = study.results(output)
        assert ard["shown"].null_count() == 0, output


def test_without_an_event_nothing_is_compared_and_the_reason_is_one(case: MakeCase) -> None:
    """Case 34: four women, no death: every P and ratio is NE, for one reason."""
    study = case("34-reasons-without-events")
    own = study.results("os").filter(analysis="os.cmp").to_dicts()
    asked = {r["statistic"]: r for r in own if r["level1"] == "Arm A~Arm B"}
    assert set(asked) == {"p", "exact", "gehan", "hr_p", "hr"}
    assert {r["stat_num"] for r in asked.values()} == {None}
    assert {r["reason"] for r in asked.values()} == {"no event"}
    assert ">0.999" not in study.shown("os")


def test_a_figure_and_a_forest_without_an_event_compare_nothing(case: MakeCase) -> None:
    """Case 34, elsewhere: a curve of women alone; their row of a forest."""
    study = case("base").replace(
        "outputs/os-km.yaml",
        "compare:",
        "compare:\n  - {id: exact, do: log_rank_permutation, each: [Arm A], against: Arm B}",
    )
    study.replace("outputs/os-km.yaml", "PARAMCD = 'OS'", "PARAMCD = 'OS' AND SEX = 'F'")
    own = study.results("os-km").filter(level1="Arm A~Arm B").filter(pl.col("shown") != "count").to_dicts()
    assert {(r["stat_num"], r["reason"]) for r in own} == {(None, "no event")}
    assert {"hr", "hr_low", "hr_high", "p", "exact"} <= {r["statistic"] for r in own}
    for do, method in (("kaplan_meier", "cox"), ("proportion", "odds_ratio")):
        study.write(
            "outputs/forest.yaml",
            "output: forest\nnumber: 14.2.F2\nkind: figure\nshape: forest\ntitle: Forest\npopulation: SAFFL\n"
            "from: ADTTE\nwhere: \"PARAMCD = 'OS'\"\nsubgroups: [{by: ADSL.SEX, label: Sex}]\n"
            f'columns: {{by: ADSL.TRT01A}}\ndo: {do}\nevent: "CNSR = 0"\n'
            f"compare: [{{id: x, do: {method}, each: Arm A, against: Arm B}}]\n"
            "alt: A row for each sex.\nx_label: Ratio\n",
        )
        row = find_result(study.results("forest"), "forest.subgroups.x[SEX=F,TRT01A=Arm A~Arm B]")
        assert (row["stat_num"], row["reason"]) == (None, "no event")


def test_a_result_says_how_it_was_computed(case: MakeCase) -> None:
    """Case 39: midpoint, log-log, 95 % in one row; the first time, plain, 90 % in the other."""
    study = case("39-method-without-its-rule")
    found = {r["analysis"]: r for r in study.results("os").filter(statistic="median").iter_rows(named=True)}
    first, km = (json.loads(found[f"os.{row}"]["parameters"]) for row in ("first", "km"))
    keys = ("quantile_rule", "limits", "level", "quantile_limits")
    assert [first[k] for k in keys] == ["first", "plain", 0.9, "brookmeyer_crowley"]
    assert [km[k] for k in keys] == ["midpoint", "loglog", 0.95, "brookmeyer_crowley"]
    assert found["os.first"]["method"] != found["os.km"]["method"]
    figure = find_result(study.results("os-km"), "os-km.summary.median[TRT01A=Arm A]")
    assert [json.loads(figure["parameters"])[k] for k in keys] == [km[k] for k in keys]
    ratio = find_result(study.results("os-km"), "os-km.summary.hr[TRT01A=Arm A~Arm B]")
    said = json.loads(ratio["parameters"])
    assert (said["ties"], said["level"], said["against"]) == ("efron", 0.95, "Arm B")


def test_a_range_marks_what_was_cut_off(case: MakeCase) -> None:
    """Case 83: the deaths of Arm A are on day 101, its longest time is censored: 101, 165+."""
    study = case("base")
    shown = study.shown("os")
    assert "101, 165+" in shown and "+: censored." in shown
    assert text(study, "os.km.max[TRT01A=Arm A]") == "165+"
    # Arm B: deaths on days 60 and 118, the others are alive at the cut-off
    assert text(study, "os.km.min[TRT01A=Arm B]") == "60"


def test_only_what_is_asked_for_is_computed(case: MakeCase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 84: only the log-rank P is printed: no permutation is run, and no other result stands there."""

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("nobody asks for the permutation test")

    monkeypatch.setattr("tlfgen.analysis.compare_survival.log_rank_permutation", never)
    study = case("84-permutation-not-asked")
    own = study.results("os").filter(analysis="os.cmp")
    assert [s for s in own["statistic"].to_list() if s != "left_out"] == ["p"]


def test_a_text_asks_for_what_no_cell_prints(case: MakeCase) -> None:
    """Case 84, the other way: what a sentence quotes is computed."""
    study = case("84-permutation-not-asked")
    study.replace(
        "outputs/os.yaml",
        "compare: [",
        "compare: [{id: exact, do: log_rank_permutation, each: others, against: Arm B}, ",
    )
    own = study.results("os").filter(analysis="os.cmp")
    assert "exact" not in own["statistic"].to_list()
    study.write("report/synopsis.md.j2", 'P = {{ n("os.cmp.exact[TRT01A=Arm A~Arm B]") }}.\n')
    study.build()
    text = (study.study.folders[2] / "numbers.csv").read_text("utf-8")
    assert "os.cmp.exact[TRT01A=Arm A~Arm B]" in text


def disagreeing(study: Any) -> list[str]:
    specs = study.study.specs.outputs
    return [f.rule for f in disagreements(specs, {name: study.results(name) for name in ("os", "os-km")})]


def test_a_curve_and_a_table_of_the_same_records_are_compared(case: MakeCase) -> None:
    """Case 24, the kind: another event in the figure than in the table, or another count, is found."""
    study = case("base")
    assert disagreeing(study) == []
    results = {name: study.results(name) for name in ("os", "os-km")}
    wrong = pl.when(analysis="os-km.summary", statistic="median", level1="Arm B").then(118.0)
    results["os-km"] = results["os-km"].with_columns(wrong.otherwise("stat_num").alias("stat_num"))
    (found,) = disagreements(study.study.specs.outputs, results)
    assert "os-km.summary.median of Arm B is 118, and os.km.median of Arm B" in found.message


def test_a_status_that_is_not_known_is_a_finding(case: MakeCase) -> None:
    """Case 13: left out and counted, and said among the findings of table and figure."""
    assert disagreeing(case("13-null-censoring-status")) == ["status_not_known"] * 2


def test_a_mark_is_compared_with_the_count_that_it_names(case: MakeCase) -> None:
    """Case 24: deaths drawn, 3, against deaths counted; with a mark of other records the two differ."""
    study = case("base").write(
        "outputs/swimmer.yaml",
        "output: swimmer\nnumber: 14.2.F3\nkind: figure\nshape: swimmer\ntitle: Swimmer\npopulation: SAFFL\n"
        'start: TRTSDT\nend: TRTEDT\nmarks:\n  - {label: Death, where: "DTHDT IS NOT NULL", date: DTHDT, '
        'marker: cross, same_as: "os.km.events[TRT01A=Total]"}\nx_label: Days\nalt: Bars.\n',
    )

    def found() -> list[str]:
        specs = study.study.specs.outputs
        return [f.message for f in disagreements(specs, {n: study.results(n) for n in ("os", "swimmer")})]

    assert found() == []
    study.replace("outputs/swimmer.yaml", "DTHDT IS NOT NULL", "DTHDT IS NOT NULL AND SEX = 'F'")
    assert found() == ["'Death' is drawn of 0 subjects, and os.km.events[TRT01A=Total] is 3."]


def test_the_list_of_statistics_says_how_each_is_shown() -> None:
    found = dict(entries("statistics", None))
    assert found["cox_low"] == "lower limit, a ratio, 2 decimals"
    assert found["risk_difference_low"] == "lower limit, a percentage"
    assert found["kaplan_meier.rate_*"] == "rate at *, a percentage"
