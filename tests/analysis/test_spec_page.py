"""The page on outputs shows specs that are read and checked."""

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

PAGE = (Path(__file__).parents[2] / "docs" / "spec-outputs.md").read_text("utf-8")
EXAMPLES = [e for e in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "kind: " in e]  # whole outputs
ARMS = ("Placebo", "Xanomeline Low Dose", "Xanomeline High Dose")
STUDY = {
    "study": "P", "title": "P", "cutoff": "2015-03-05", "subject": {"from": "ID", "USUBJID": "{ID}"},
    "arms": [{"ARMCD": a, "ARM": a, "order": i} for i, a in enumerate(ARMS)],
    "analysis_sets": {n: {"label": n, "where": "all"} for n in ("SAFFL", "FASFL", "EVALFL")},
}  # fmt: skip
NAMES = {
    "ADSL": {"TRT01A", "AGE", "AGEGR1", "SEX", "SAFFL", "FASFL", "EVALFL"},
    "ADTTE": {"PARAMCD", "AVAL", "CNSR"},
    "ADAE": {"AEBODSYS", "AEDECOD", "AETERM", "AESEV", "AESEQ", "AESTDTC", "ASTDT", "ASTDY", "TRTEMFL"},
    "ADVS": {"ANL01FL", "PARAMCD", "AVAL", "CHG", "AVISIT", "AVISITN"},
}


def test_the_page_has_an_example_of_each_kind() -> None:
    kinds = [found[1] for e in EXAMPLES if (found := re.search(r"kind: (\w+)", e))]
    assert kinds == [*["table"] * 5, "listing", "figure"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: str(e.split("\n")[0]))
def test_the_page_s_examples_are_right(example: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(example, "utf-8")
    output: Any = load_yaml(path, OutputSpec)
    check_output(output, StudySpec.model_validate(STUDY), {n: Schema(n, set(v)) for n, v in NAMES.items()})
