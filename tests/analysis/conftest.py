"""A study of six made-up subjects, and a desk to analyse outputs on.

subject  TRT01A  SAFFL  SEX  AGE      subject  events (SOC, term, grade)
1        A       Y      F    60       1        Gut Nausea 1; Gut Nausea 3; Gut Vomiting 2; Skin Rash -
2        A       Y      M    65       3        Gut Nausea 2; Skin rash 10
3        B       Y      F    70       4        Skin Itch -
4        B       Y      F    -        6        Gut Nausea 4
5        B       Y      M    81
6        -       N      M    44       (never treated; arm C has no subject)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tlfgen.analysis.asked import Asked
from tlfgen.analysis.run import run_analysis
from tlfgen.analysis.table import result_name
from tlfgen.data.dataset import Dataset, Variable
from tlfgen.spec.loader import load_yaml
from tlfgen.spec.output import OutputSpec
from tlfgen.spec.study import StudySpec

STUDY = {
    "study": "SIX",
    "title": "Six subjects",
    "cutoff": "2024-01-31",
    "subject": {"from": "ID", "USUBJID": "{ID}"},
    "arms": [{"ARMCD": a, "ARM": a, "order": i} for i, a in enumerate("ABC")],
    "analysis_sets": {
        "SAFFL": {"label": "Safety set", "where": "SAFFL = 'Y'"},
        "SCRNFL": {"label": "Screened set", "where": "all"},
    },
}
ADSL = pl.DataFrame(
    {
        "USUBJID": ["1", "2", "3", "4", "5", "6"],
        "TRT01A": ["A", "A", "B", "B", "B", None],
        "SAFFL": ["Y", "Y", "Y", "Y", "Y", "N"],
        "SCRNFL": ["Y"] * 6,
        "SEX": ["F", "M", "F", "F", "M", "M"],
        "AGE": [60, 65, 70, None, 81, 44],
        "WEIGHT": [60.5, 70.25, 55.0, 61.5, None, 80.0],
    }
)
ADAE = pl.DataFrame(
    {
        "USUBJID": ["1", "1", "1", "1", "3", "3", "4", "6"],
        "AESOC": ["Gut", "Gut", "Gut", "Skin", "Gut", "Skin", "Skin", "Gut"],
        "AEDECOD": ["Nausea", "Nausea", "Vomiting", "Rash", "Nausea", "rash", "Itch", "Nausea"],
        "AETOXGR": ["1", "3", "2", None, "2", "10", None, "4"],
        "AESER": ["N", "Y", "N", "N", "N", "N", "N", "Y"],
    }
)


def dataset(name: str, frame: pl.DataFrame) -> Dataset:
    variables = tuple(Variable(c, c) for c in frame.columns if not c.startswith("#"))
    return Dataset(name, name, frame, variables)


class Desk:
    """Where outputs are analysed: `data` may be changed before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data: dict[str, Dataset] = {"ADSL": dataset("ADSL", ADSL), "ADAE": dataset("ADAE", ADAE)}
        self.conventions: dict[str, Any] = {}

    @property
    def study(self) -> StudySpec:
        return StudySpec.model_validate({**STUDY, "conventions": self.conventions})

    def put(self, name: str, frame: pl.DataFrame) -> None:
        self.data[name] = dataset(name, frame)

    def spec(self, text: str) -> Any:
        """An output `x`; `text` adds to what every one has."""
        path = self.folder / "x.yaml"
        path.write_text(f"output: x\nnumber: 14.1.1\ntitle: X\n{text}\n", "utf-8")
        found: Any = load_yaml(path, OutputSpec, shown="outputs/x.yaml")
        return found

    def ard(self, text: str) -> pl.DataFrame:
        return run_analysis(self.spec(text), self.data, self.study, Asked(everything=True))

    def results(self, text: str, *statistics: str) -> dict[str, float | None]:
        """name -> raw value, without `x.`, of these statistics."""
        rows = self.ard(text).iter_rows(named=True)
        found = {result_name(r).removeprefix("x."): r["stat_num"] for r in rows}
        return {n: v for n, v in found.items() if n.split("[")[0].rsplit(".", 1)[1] in statistics}

    def reasons(self, text: str) -> Mapping[str, str]:
        rows = self.ard(text).iter_rows(named=True)
        return {result_name(r).removeprefix("x."): r["reason"] for r in rows if r["reason"]}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
