"""The names of results, and the N of a population across outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tlfgen.analysis.population import check_big_n
from tlfgen.analysis.table import (
    ARD,
    both,
    columns_for,
    compose,
    find_result,
    groups_of,
    pairs,
    parse_name,
    quoted,
    result_name,
    rows,
    stack,
)
from tlfgen.errors import Place, SpecError

Desk = Any

ROWS = rows(
    [
        {"output": "ae", "analysis": "ae.any", "statistic": "n", "stat_num": 1.0},
        {
            "output": "ae", "analysis": "ae.term", "statistic": "n", "stat_num": 2.0,
            "group1": "TRT01A", "level1": "Low, [then] high", "group2": "AEDECOD", "level2": "PAIN, CHEST=X",
        },
    ]
)  # fmt: skip


def test_the_table_has_one_shape() -> None:
    assert dict(ROWS.schema) == {n: t() for n, t in columns_for(2).items()}
    assert list(rows([]).columns) == list(ARD)
    assert ROWS.columns[2:7] == ["variable", "group1", "level1", "group2", "level2"]


def test_results_have_any_number_of_groups(tmp_path: Path) -> None:
    wide = [(f"V{i}", f"level {i}") for i in range(12)]
    narrow = {"output": "x", "analysis": "x.any", "statistic": "n", "stat_num": 1.0}
    one, many = rows([narrow]), rows([narrow | {"analysis": "x.wide"} | pairs(wide)])
    stack([one, many]).write_parquet(tmp_path / "ard.parquet")
    found = pl.read_parquet(tmp_path / "ard.parquet")
    assert [groups_of(r) for r in found.iter_rows(named=True)] == [(), tuple(wide)]
    assert found.columns == list(columns_for(12)) and stack([]).columns == list(ARD)
    assert find_result(found, compose("x.wide", "n", wide))["level12"] == "level 11"


def test_a_name_is_analysis_statistic_and_groups() -> None:
    name = compose("demography.age", "mean", [("TRT01A", "Placebo"), ("SEX", "F")])
    assert name == "demography.age.mean[TRT01A=Placebo,SEX=F]"
    assert parse_name(name) == ("demography.age", "mean", {"TRT01A": "Placebo", "SEX": "F"})
    assert parse_name("x.any.n") == ("x.any", "n", {})


@pytest.mark.parametrize("wrong", ["age", "x.any.n[TRT01A=A", "[TRT01A=A]", "x.any.n[A]", "x.any.n[]"])
def test_what_is_no_name_is_refused(wrong: str) -> None:
    with pytest.raises(SpecError, match="(?s)is not the name of a result.*demography.age.mean"):
        parse_name(wrong)


def test_a_result_is_found_by_its_name_whatever_its_levels_hold() -> None:
    for row in ROWS.iter_rows(named=True):
        assert find_result(ROWS, result_name(row)) == row


def test_groups_may_stand_in_any_order() -> None:
    name = "ae.term.n[AEDECOD=PAIN, CHEST=X,TRT01A=Low, [then] high]"
    assert find_result(ROWS, name)["stat_num"] == 2


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ae.any.m", "Did you mean 'ae.any.n'"),
        ("ae.term.n[TRT01A=Low, [then] high,AEDECOD=PAIN]", "Did you mean 'ae.term.n"),
        ("aes.any.n", "Did you mean the output 'ae'"),
        ("zzz.any.n", "Outputs: ae."),
    ],
)
def test_a_result_that_is_not_there_is_an_error_with_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(SpecError) as error:
        find_result(ROWS, name, Place("report/x.md.j2", 3))
    assert f"The result '{name}' does not exist." in str(error.value)
    assert "report/x.md.j2, line 3" in str(error.value)
    assert hint in str(error.value)


def test_conditions_are_joined_so_that_an_or_keeps_to_itself() -> None:
    assert both("A = 1 OR B = 2", None, "all", "C = 'x'") == "(A = 1 OR B = 2) AND C = 'x'"
    assert quoted("Crohn's") == "'Crohn''s'"


COUNT = """
kind: table
population: SAFFL
columns: {by: ADSL.TRT01A, total: Total}
rows: [{id: all, count: subjects, cell: "{n}"}]
"""


def test_n_agrees_between_the_outputs_of_a_population(desk: Desk) -> None:
    first = desk.ard(COUNT)
    second = desk.ard(COUNT.replace("population: SAFFL", "population: SAFFL\nfrom: ADAE"))
    screened = desk.ard(COUNT.replace("SAFFL", "SCRNFL"))
    assert check_big_n([first, second, screened]) == []


def test_an_n_that_differs_is_said(desk: Desk) -> None:
    first = desk.ard(COUNT)
    desk.put("ADSL", desk.data["ADSL"].frame.filter(pl.col("USUBJID") != "2"))
    second = desk.ard(COUNT).with_columns(pl.lit("y").alias("output"))
    assert check_big_n([first, second]) == [
        "The N of SAFFL where ADSL.TRT01A = 'A' differs: 1 in y; 2 in x.",
        "The N of SAFFL differs: 4 in y; 5 in x.",
    ]
