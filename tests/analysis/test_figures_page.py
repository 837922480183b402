"""The page on figures shows specs that are read and checked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tlfgen.analysis.check import check_output
from tlfgen.engine.plan import Schema
from tlfgen.spec.loader import load_yaml
from tlfgen.spec.output import OutputSpec
from tlfgen.spec.study import StudySpec

PAGE = (Path(__file__).parents[2] / "docs" / "spec-figures.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SETS = {name: {"label": name, "where": "all"} for name in ("SAFFL", "FASFL")}
STUDY = {
    "study": "P", "title": "P", "cutoff": "2015-03-05", "subject": {"from": "ID", "USUBJID": "{ID}"},
    "arms": [{"ARMCD": "A", "ARM": "A", "order": 1}], "analysis_sets": SETS,
}  # fmt: skip
NAMES = {
    "ADSL": {"ARM", "SUBJID", "SAFFL", "FASFL", "TRTSDT", "TRTEDT", "DCTREAS", "DTHDT", "EVALRSN"},
    "ADTR": {"PARAMCD", "AVAL", "PCHG", "ADT", "ANL01FL"},
    "ADRS": {"PARAMCD", "AVALC", "ADT"},
    "ADAE": {"AEDECOD", "ATOXGR", "TRTEMFL", "RELFL"},
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: str(e.split("\n")[0]))
def test_the_page_s_examples_are_right(example: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(example, "utf-8")
    output: Any = load_yaml(path, OutputSpec)
    check_output(output, StudySpec.model_validate(STUDY), {n: Schema(n, set(v)) for n, v in NAMES.items()})


def test_the_page_shows_each_shape_once() -> None:
    shapes = [found for e in EXAMPLES for found in re.findall(r"^shape: (\w+)", e, re.MULTILINE)]
    assert shapes == ["waterfall", "swimmer", "spider", "grade_bars"]
