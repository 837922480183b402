"""What is compared: strata, proportions, means, three arms, wherever it is printed."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from cases.conftest import MakeCase

from tlfgen.analysis.table import find_result
from tlfgen.errors import SpecError

PAIR = "[TRT01A=Arm A~Arm B]"


def rounded(case: Any, name: str, decimals: int) -> float:
    found = find_result(case.results(name.split(".", 1)[0]), name)["stat_num"]
    assert found is not None
    return round(float(found), decimals)


def test_a_stratified_test_and_ratio(case: MakeCase) -> None:
    """Case 73, by hand: chi-square 25/43, P 0.446; U = -5/6, V = 43/36: HR 0.50 (0.08 to 3.07)."""
    study = case("73-stratified-tests")
    chi_square = find_result(study.results("os"), f"os.cmp.p{PAIR}")
    assert rounded(study, f"os.cmp.p{PAIR}", 3) == 0.446
    assert [rounded(study, f"os.cmp.{s}{PAIR}", 2) for s in ("hr", "hr_low", "hr_high")] == [0.5, 0.08, 3.07]
    assert json.loads(chi_square["parameters"])["strata"] == ["SEX"]
    shown = study.shown("os")
    assert "Log-rank P: log-rank test stratified by SEX, asymptotic, two-sided." in shown
    assert "Cox's model with Efron's treatment of ties, stratified by SEX, with 95% Wald limits" in shown
    study.replace("outputs/os.yaml", 'cells: {"Hazard', 'cells: {X: "{p_chi_square}", "Hazard')
    assert rounded(study, f"os.cmp.p_chi_square{PAIR}", 9) == round(25 / 43, 9)


def test_without_strata_it_is_another_number(case: MakeCase) -> None:
    """Case 73, by hand: P 0.309, HR 0.40 (0.06 to 2.47)."""
    study = case("73-stratified-tests").replace("outputs/os.yaml", ", strata: [SEX]", "")
    assert rounded(study, f"os.cmp.p{PAIR}", 3) == 0.309
    assert [rounded(study, f"os.cmp.{s}{PAIR}", 2) for s in ("hr", "hr_low", "hr_high")] == [0.4, 0.06, 2.47]
    assert "unstratified log-rank test" in study.shown("os")


def test_a_stratum_that_tells_nothing_is_said(case: MakeCase) -> None:
    """Of the base no woman dies: one of the two strata has no event."""
    study = case("75-ratio-in-an-arm-column")
    study.replace("outputs/os.yaml", "against: Arm B}", "against: Arm B, strata: [SEX]}")
    said = "1 of 2 strata by SEX tells nothing: no event with both groups at risk."
    assert study.shown("os").count(said) == 1


def test_a_subject_without_a_stratum_is_left_out_and_counted(case: MakeCase) -> None:
    study = case("73-stratified-tests")
    adsl, whole = study.data["ADTTE"], study.data["ADSL"]
    for name, dataset in (("ADTTE", adsl), ("ADSL", whole)):
        frame = dataset.frame.with_columns(
            pl.when(pl.col("USUBJID").str.ends_with("1-03")).then(None).otherwise("SEX").alias("SEX")
            if "SEX" in dataset.frame.columns
            else pl.lit(None).alias("#none")
        )
        object.__setattr__(dataset, "frame", frame)
        study.data[name] = dataset
    assert "1 subject of the stratified comparison without SEX is left out." in study.shown("os")


def test_a_ratio_stands_in_the_arm_s_own_column(case: MakeCase) -> None:
    """Case 75: HR 0.45 (0.04 to 5.02), P 0.508, in the column of Arm A and in no other."""
    shown = case("75-ratio-in-an-arm-column").shown("os")
    lines = [line.split() for line in shown.split("\n")]
    assert ["Hazard", "ratio", "0.45", "(0.04,", "5.02)"] in lines and ["P", "0.508"] in lines
    place = next(line.index("0.45") for line in shown.split("\n") if "0.45" in line)
    head = next(line for line in shown.split("\n") if "Arm A" in line)
    assert head.index("Arm A") == place


def test_a_column_named_by_in_shows_the_only_pair(case: MakeCase) -> None:
    study = case("75-ratio-in-an-arm-column").replace(
        "outputs/os.yaml", "compare: [", "in: [Total], compare: ["
    )
    shown = study.shown("os")
    place = next(line.index("0.45") for line in shown.split("\n") if "0.45" in line)
    assert next(line for line in shown.split("\n") if "Arm A" in line and "Total" in line)[place:] == "Total"


def test_a_difference_of_proportions_and_a_t_test(case: MakeCase) -> None:
    """Case 74: -25.0 % (-65.5 to 32.0) by Newcombe's method 10; of age P 0.650 by the t test."""
    study = case("74-comparisons")
    assert rounded(study, f"deaths.died.diff{PAIR}", 4) == -0.25
    shown = study.shown("deaths")
    assert "-25.0 (-65.5 to 32.0)" in shown
    assert rounded(study, f"deaths.age.p{PAIR}", 3) == 0.65
    (line,) = [x for x in shown.split("\n") if "Mean (SD)" in x]
    assert line.endswith("0.650")
    assert "P value: t test of two means, two-sided, against Arm B." in shown
    assert "difference of proportions, Newcombe's score limits (95%), against Arm B." in shown


def test_one_column_of_p_values_for_counts_and_summaries(case: MakeCase) -> None:
    """A method for each kind of row: Fisher's P of 1 of 4 against 2 of 4 is 1, the t test's 0.650."""
    study = case("74-comparisons").replace("outputs/deaths.yaml", "do: t_test", "do: [fisher_exact, t_test]")
    assert rounded(study, f"deaths.died.p{PAIR}", 9) == 1.0
    assert rounded(study, f"deaths.age.p{PAIR}", 3) == 0.65
    said = "P value: Fisher's exact test, two-sided; t test of two means, two-sided, against Arm B."
    assert said in study.shown("deaths")


def test_several_values_of_a_subject_are_not_tested(case: MakeCase) -> None:
    study = case("74-comparisons").replace(
        "outputs/deaths.yaml", "population: SAFFL", "population: SAFFL\nfrom: ADVS"
    )
    study.replace("outputs/deaths.yaml", "summarise: AGE", "summarise: AVAL")
    row = find_result(study.results("deaths"), f"deaths.age.p{PAIR}")
    assert (row["stat_num"], row["reason"]) == (None, "a subject has several values")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("do: t_test", "do: log_rank", "'p': log_rank compares survival, which a row analyses.*line 9"),
        ("do: t_test", "do: [t_test, t_test]", "'p': two methods compare means; one row would have two"),
        ("do: t_test", "do: t_tets", "The comparison 't_tets' does not exist.*line 9.*'t_test'"),
        (
            "do: t_test",
            "do: t_test, variance: equal",
            "parameter of 'p' 'variance' does not exist.*'variances'",
        ),
        ("do: t_test", "do: t_test, variances: same", "variances: Input should be 'equal' or 'unequal'"),
        ("id: p,", "id: diff,", "compare: the id 'diff' stands twice"),
        ("id: p,", "id: mean,", "'mean' is the name of two statistics"),
        ("against: Arm B, place", "against: Arm C, place", "The column 'Arm C' does not exist"),
        ("each: others", "each: Arm B", "'p' compares 'Arm B' with itself"),
        ("each: others", "each: Total", "'Total' and 'Arm B' hold the same subjects and cannot be compared"),
        ("count: subjects,", "count: events,", "'diff': risk_difference compares proportions, and no row"),
        ("place: last", 'place: last, cell: "{q}"', "'p': the statistic 'q' does not exist"),
    ],
)
def test_what_cannot_be_compared_is_refused(case: MakeCase, old: str, new: str, message: str) -> None:
    study = case("74-comparisons").replace("outputs/deaths.yaml", old, new)
    if "events" in new:
        study.replace("outputs/deaths.yaml", '"{n} ({pct})"', '"{events}"')
    with pytest.raises(SpecError, match=f"(?s){message}"):
        study.check()
        study.results("deaths")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "do: cox",
            "do: risk_difference",
            "'hr': risk_difference compares proportions, and kaplan_meier gives",
        ),
        ("do: cox", "do: cox, ties: exact", "ties: Input should be 'efron' or 'breslow'.*line 10"),
        ("do: cox", "do: cox, strata: [SEXX]", "no variable 'SEXX'.*line 10.*'SEX'"),
        ("id: hr,", "id: median,", "'median' is the name of two statistics"),
        ("{p}", "{q}", "the statistic 'q' does not exist"),
    ],
)
def test_a_comparison_of_a_row_is_checked_before_data(
    case: MakeCase, old: str, new: str, message: str
) -> None:
    study = case("75-ratio-in-an-arm-column").replace("outputs/os.yaml", old, new)
    with pytest.raises(SpecError, match=f"(?s){message}"):
        study.check()
