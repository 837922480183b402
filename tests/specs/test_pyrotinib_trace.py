"""A cell of the response table traced to raw rows through the lineage, as docs/tracing.md does."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from tlfgen.adam.build import run_adam
from tlfgen.analysis.run import run_analysis
from tlfgen.analysis.table import find_result
from tlfgen.data.dictionary import read_dictionaries
from tlfgen.engine.finish import StageResult
from tlfgen.raw.stage import run_raw
from tlfgen.sdtm.build import run_sdtm
from tlfgen.spec.condition import parse_condition
from tlfgen.spec.specs import Specs, load_specs

STUDY = Path(__file__).resolve().parents[2] / "specs" / "pyrotinib-mcrc"
RESPONDERS = {"SIM-004", "SIM-011", "SIM-018", "SIM-019"}  # the four patients with PR of seed/pseudo_ipd.csv


@pytest.fixture(scope="module")
def built() -> tuple[Specs, StageResult, StageResult]:
    specs = load_specs(STUDY)
    sdtm = run_sdtm(specs, run_raw(specs, STUDY / "raw").forms, read_dictionaries(specs))
    return specs, sdtm, run_adam(specs, sdtm.datasets)


def sources(stage: StageResult, dataset: str, rows: list[int], source: str) -> list[int]:
    own = stage.lineage.filter(
        (pl.col("dataset") == dataset) & (pl.col("source") == source) & (pl.col("role") == "record")
    )
    return sorted(set(own.filter(pl.col("row").is_in(rows))["source_row"].to_list()))


def raw_rows(form: str, rows: list[int]) -> list[dict[str, str]]:
    with (STUDY / "raw" / form).open(encoding="utf-8", newline="") as file:
        every = list(csv.DictReader(file))
    return [every[row - 1] for row in rows]


def test_the_responders_of_the_table_come_from_rows_of_the_response_form(
    built: tuple[Specs, StageResult, StageResult],
) -> None:
    specs, sdtm, adam = built
    data = {**sdtm.datasets, **adam.datasets}
    ard = run_analysis(specs.outputs["response"], data, specs.study)
    cell = find_result(ard, "response.bor.n[EVALFL=Y,AVALC=PR]")
    assert cell["stat_num"] == 4
    assert (cell["dataset"], cell["population"]) == ("ADRS", "FASFL")

    adrs = data["ADRS"].frame.with_row_index("row", offset=1)
    adsl = data["ADSL"].frame.select("USUBJID", pl.col("EVALFL").alias("ADSL.EVALFL"))
    adrs = adrs.join(adsl, on="USUBJID", how="left")
    records = adrs.filter(parse_condition(cell["where"]).rows(adrs))
    assert {s.rpartition("PYROTINIB-MCRC-")[2] for s in records["USUBJID"]} == RESPONDERS

    rs = sources(adam, "ADRS", records["row"].to_list(), "RS")
    assessments = data["RS"].frame.with_row_index("row", offset=1).filter(pl.col("row").is_in(rs))
    assert set(assessments["RSTESTCD"]) == {"OVRLRESP"}

    collected = raw_rows("rs.csv", sources(sdtm, "RS", rs, "form.RS"))
    assert {row["SUBJECT"] for row in collected} == RESPONDERS
    partial = {row["SUBJECT"] for row in collected if row["OVERALL"].lower() == "pr"}
    assert partial == RESPONDERS
    assert not [row for row in collected if row["OVERALL"].lower() == "cr"]


def test_each_value_of_a_sum_of_diameters_comes_from_its_raw_measurements(
    built: tuple[Specs, StageResult, StageResult],
) -> None:
    _, sdtm, adam = built
    adtr = adam.datasets["ADTR"].frame.with_row_index("row", offset=1)
    sums = adtr.filter((pl.col("PARAMCD") == "SDIAM") & pl.col("AVAL").is_not_null())
    assert sums.height > 50
    for record in sums.sample(12, seed=1).iter_rows(named=True):
        tr = sources(adam, "ADTR", [record["row"]], "TR")
        measured = raw_rows("tr.csv", sources(sdtm, "TR", tr, "form.TR"))
        assert {row["SUBJECT"] for row in measured} == {record["USUBJID"].removeprefix("PYROTINIB-MCRC-")}
        lengths = [float(row["RESULT"]) * (10 if row["UNIT"] == "cm" else 1) for row in measured]
        assert sum(lengths) == pytest.approx(record["AVAL"])
