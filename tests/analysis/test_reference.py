"""Adverse events of the public reference datasets, against an independent computation with pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

from tlfgen.analysis.run import run_analysis
from tlfgen.analysis.table import groups_of
from tlfgen.data.dataset import Dataset, Variable
from tlfgen.spec.loader import load_yaml
from tlfgen.spec.output import OutputSpec
from tlfgen.spec.study import StudySpec

ARMS = ("Placebo", "Xanomeline Low Dose", "Xanomeline High Dose")
STUDY = {
    "study": "R",
    "title": "R",
    "cutoff": "2015-03-05",
    "subject": {"from": "ID", "USUBJID": "{ID}"},
    "arms": [{"ARMCD": a, "ARM": a, "order": i} for i, a in enumerate(ARMS)],
    "analysis_sets": {"SAFFL": {"label": "Safety set", "where": "SAFFL = 'Y'"}},
}
OUTPUT = """
output: ae
number: 14.3.1.2
kind: table
title: Events
population: SAFFL
from: ADAE
where: "TRTEMFL = 'Y'"
columns: {by: ADSL.TRT01A, total: Total}
rows:
  - {id: any, count: subjects, cell: "{n}"}
  - id: t
    count: subjects
    by: [{name: AESOC, sort: frequency}, {name: AEDECOD, sort: {in: Total}}]
    nested: true
    cell: "{n}"
  - {id: age, summarise: ADSL.AGE, cells: {n: "{n}"}}
compare:
  - {id: p_value, do: fisher_exact, each: [Xanomeline Low Dose, Xanomeline High Dose], against: Placebo}
"""


@pytest.fixture(scope="module")
def folder(reference: Path) -> Path:
    return reference / "data" / "adam_reference"


@pytest.fixture(scope="module")
def ard(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    path = tmp_path_factory.mktemp("outputs") / "ae.yaml"
    path.write_text(OUTPUT, "utf-8")
    output: Any = load_yaml(path, OutputSpec)
    data = {}
    for name in ("ADSL", "ADAE"):
        frame = pl.read_parquet(folder / f"{name.lower()}.parquet")
        # the events reach their arm through ADSL alone
        frame = frame.drop("TRT01A", "SAFFL") if name == "ADAE" else frame
        data[name] = Dataset(name, name, frame, tuple(Variable(c, c) for c in frame.columns))
    return run_analysis(output, data, StudySpec.model_validate(STUDY))


@pytest.fixture(scope="module")
def events(folder: Path) -> pd.DataFrame:
    adae = pd.read_parquet(folder / "adae.parquet")
    return adae[(adae["TRTEMFL"] == "Y") & (adae["SAFFL"] == "Y")]


pytestmark = pytest.mark.reference


def test_n_of_the_safety_set(ard: pl.DataFrame) -> None:
    sizes = ard.filter(pl.col("statistic") == "N").select("level1", "stat_num")
    assert dict(sizes.iter_rows()) == {**dict(zip(ARMS, (86, 96, 72), strict=True)), "Total": 254}


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_counts_agree_with_pandas(ard: pl.DataFrame, events: pd.DataFrame, depth: int) -> None:
    keys = ["TRT01A", "AESOC", "AEDECOD"][: depth + 1]
    both = pd.concat([events, events.assign(TRT01A="Total")])
    wanted = both.groupby(keys)["USUBJID"].agg(["nunique", "size"])
    own = ard.filter(
        (pl.col("analysis") == ("ae.t" if depth else "ae.any")) & pl.col("stat_num").is_not_null()
    )
    compared = 0
    for statistic, column in (("n", "nunique"), ("events", "size")):
        for row in own.filter(pl.col("statistic") == statistic).iter_rows(named=True):
            at = tuple(level for _, level in groups_of(row))
            if len(at) != depth + 1:
                continue
            there = at if depth else at[0]
            expected = wanted[column].get(there, 0)
            assert row["stat_num"] == expected, (statistic, at)
            compared += 1
    lines = both.groupby(keys[1:]).ngroups if depth else 1
    assert compared == 2 * 4 * lines


def test_lines_fall_by_frequency_with_ties_in_binary_order(ard: pl.DataFrame, events: pd.DataFrame) -> None:
    own = ard.filter(
        (pl.col("analysis") == "ae.t") & (pl.col("statistic") == "n") & (pl.col("level1") == "Total")
    )
    found = [(r["level2"], r["level3"]) for r in own.iter_rows(named=True)]
    counts = events.groupby("AESOC")["USUBJID"].nunique()
    inner = events.groupby(["AESOC", "AEDECOD"])["USUBJID"].nunique()
    wanted: list[tuple[str, str | None]] = []
    for soc in sorted(counts.index, key=lambda s: (-counts[s], s)):
        wanted.append((soc, None))
        terms = inner[soc]
        wanted += [(soc, term) for term in sorted(terms.index, key=lambda t: (-terms[t], t))]
    assert found == wanted


def test_p_values_agree_with_scipy(ard: pl.DataFrame) -> None:
    sizes = dict(zip(ARMS, (86, 96, 72), strict=True))
    own = ard.filter(pl.col("analysis").is_in(["ae.any", "ae.t"]))
    counts = {
        (r["level1"], r["level2"], r["level3"]): int(r["stat_num"])
        for r in own.filter(pl.col("statistic") == "n").iter_rows(named=True)
    }
    tests = own.filter(pl.col("statistic") == "p_value")
    assert tests.height > 400
    for row in tests.iter_rows(named=True):
        arm, *rest = row["level1"].removesuffix("~Placebo"), row["level2"], row["level3"]
        x, m = counts[(arm, *rest)], counts[("Placebo", *rest)]
        if x == m == 0:
            assert (row["stat_num"], row["reason"]) == (None, "nothing on either side")
            continue
        table = np.array([[x, sizes[arm] - x], [m, sizes["Placebo"] - m]])
        assert row["stat_num"] == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-9)
