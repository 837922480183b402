"""A study of six made-up subjects, and a page to lay outputs out on, as plain text.

subject  TRT01A  SEX  AGE      subject  events (SOC, term, grade)
1        Low     F    60       1        Gut Nausea 1; Gut Nausea 3; Gut Vomiting 2
2        Low     M    65       3        Gut Nausea 2; Skin Rash 3
3        High    F    70       4        Skin Itch, not graded
4        High    F    -
5        High    M    81       6 was not treated (SAFFL N)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tlfgen.analysis.run import run_analysis
from tlfgen.data.dataset import Dataset, Variable
from tlfgen.display.lay_out import lay_out
from tlfgen.display.parts import Laid, Pages
from tlfgen.display.results import displayed
from tlfgen.display.text import as_text
from tlfgen.spec.loader import load_yaml
from tlfgen.spec.output import OutputSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

STUDY = {
    "study": "SIX",
    "title": "Six subjects",
    "cutoff": "2024-01-31",
    "subject": {"from": "ID", "USUBJID": "{ID}"},
    "arms": [{"ARMCD": a, "ARM": a, "order": i} for i, a in enumerate(("Low", "High"))],
    "analysis_sets": {
        "SAFFL": {"label": "Safety set", "where": "SAFFL = 'Y'"},
        "SCRNFL": {"label": "Screened set", "where": "all"},
    },
}
FRAMES = {
    "ADSL": pl.DataFrame(
        {
            "USUBJID": ["1", "2", "3", "4", "5", "6"],
            "TRT01A": ["Low", "Low", "High", "High", "High", None],
            "SAFFL": ["Y", "Y", "Y", "Y", "Y", "N"],
            "SCRNFL": ["Y"] * 6,
            "SEX": ["F", "M", "F", "F", "M", "M"],
            "AGE": [60, 65, 70, None, 81, 44],
            "HEIGHT": [1.62, 1.7, None, None, None, 1.8],
        }
    ),
    "ADAE": pl.DataFrame(
        {
            "USUBJID": ["1", "1", "1", "3", "3", "4", "6"],
            "AESEQ": [1, 2, 3, 1, 2, 1, 1],
            "AESOC": ["Gut", "Gut", "Gut", "Gut", "Skin", "Skin", "Gut"],
            "AEDECOD": ["Nausea", "Nausea", "Vomiting", "Nausea", "Rash", "Itch", "Nausea"],
            "AETERM": ["nausea", "sick", "vomit", "nausea", "<b>rash</b>", None, "nausea"],
            "AETOXGR": ["1", "3", "2", "2", "3", None, "4"],
            "ASTDT": ["2024-01-03", None, "2024-01-05", "2024-01-02", "2024-01-01", "2024-02-01", None],
            "ASTDY": [3, None, 5, 2, -1, None, None],
            "DOSE": [54.0, 54.0, 0.5, -1.25, None, 0.1 + 0.2, 1.0],
        },
    ).with_columns(pl.col("ASTDT").str.to_date()),
    "ADVS": pl.DataFrame(
        {
            "USUBJID": ["1", "2", "3", "5", "1", "3"],
            "PARAM": ["Weight (kg)"] * 4 + ["Pulse"] * 2,
            "PARAMN": [1, 1, 1, 1, 2, 2],
            "AVISIT": ["Week 2", "Week 2", "Week 2", "Week 10", "Week 2", "Week 2"],
            "AVISITN": [2, 2, 2, 10, 2, 2],
            "AVAL": [60.5, 70.0, 55.0, 81.5, 72.0, 80.0],
            "CHG": [-0.5, 0.5, None, 1.0, None, -4.0],
        }
    ),
}
LABELS = {"AVAL": "Analysis Value", "CHG": "Change from Baseline"}


class Page:
    """Where outputs are laid out; `frames`, `conventions` and `rules` may be changed before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.frames = dict(FRAMES)
        self.conventions: dict[str, Any] = {}
        self.rules = NumberRules()
        self.model: Any = OutputSpec

    def _made(self, text: str) -> tuple[Any, pl.DataFrame, dict[str, Dataset], StudySpec]:
        path = self.folder / "x.yaml"
        path.write_text(f"output: x\nnumber: 14.1.1\ntitle: Title\n{text}\n", "utf-8")
        spec: Any = load_yaml(path, self.model, shown="outputs/x.yaml")
        study = StudySpec.model_validate({**STUDY, "conventions": self.conventions})
        data = {
            n: Dataset(n, n, f, tuple(Variable(c, LABELS.get(c, c)) for c in f.columns))
            for n, f in self.frames.items()
        }
        return spec, run_analysis(spec, data, study), data, study

    def part(self, text: str) -> Laid:
        spec, ard, data, study = self._made(text)
        return lay_out(spec, ard, data, study, self.rules)

    def text(self, text: str) -> str:
        return as_text(self.part(text))

    def body(self, text: str) -> list[str]:
        """The lines between the header's rule and the footnotes."""
        lines = self.text(text).split("\n")
        start = next(i for i, line in enumerate(lines) if line.startswith("---"))
        part = self.part(text)
        assert not isinstance(part, Pages)
        tail = len(part.footnotes) + 2
        return lines[start + 1 : -tail - 1]

    def value(self, text: str, name: str) -> str:
        spec, ard, _, study = self._made(text)
        return displayed(ard, f"x.{name}", spec, study, self.rules).text


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(tmp_path)
