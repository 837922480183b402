"""The page on figures shows specs that are read and checked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tlfgen.analysis.check import check_output
from tlfgen.engine.plan import Schema
from tlfgen.errors import SpecError
from tlfgen.spec.loader import load_yaml
from tlfgen.spec.output import OutputSpec
from tlfgen.spec.study import StudySpec

DOCS = Path(__file__).parents[2] / "docs"


def examples_of(page: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)


PAGES = {page: examples_of(page) for page in ("spec-figures.md", "spec-figures-panels.md")}
EXAMPLES = [example for examples in PAGES.values() for example in examples]
SETS = {name: {"label": name, "where": "all"} for name in ("SAFFL", "FASFL")}
STUDY = {
    "study": "P", "title": "P", "cutoff": "2015-03-05", "subject": {"from": "ID", "USUBJID": "{ID}"},
    "arms": [{"ARMCD": "A", "ARM": "A", "order": 1}], "analysis_sets": SETS,
}  # fmt: skip
NAMES = {
    "ADSL": {"ARM", "TRT01A", "SUBJID", "SAFFL", "FASFL", "TRTSDT", "TRTEDT", "DCTREAS", "DTHDT", "EVALRSN"},
    "ADTR": {"PARAMCD", "AVAL", "PCHG", "ADT", "ANL01FL"},
    "ADRS": {"PARAMCD", "AVALC", "ADT"},
    "ADVS": {"PARAM", "AVAL", "CHG", "AVISIT", "VISITDY", "ANL01FL"},
    "ADLB": {"PARAMCD", "AVAL", "ANRHI", "ADY"},
    "ADTTE": {"PARAMCD", "AVAL", "CNSR"},
    "ADAE": {"AEDECOD", "ATOXGR", "TRTEMFL", "RELFL"},
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: str(e.split("\n")[0]))
def test_the_page_s_examples_are_right(example: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(example, "utf-8")
    output: Any = load_yaml(path, OutputSpec)
    check_output(output, StudySpec.model_validate(STUDY), {n: Schema(n, set(v)) for n, v in NAMES.items()})


def test_the_pages_show_each_shape_once() -> None:
    shapes = {
        page: [found for e in examples for found in re.findall(r"^shape: (\w+)", e, re.MULTILINE)]
        for page, examples in PAGES.items()
    }
    assert shapes == {
        "spec-figures.md": ["waterfall", "swimmer", "spider", "grade_bars"],
        "spec-figures-panels.md": ["mean_over_time", "box_plot", "edish", "panels"],
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    y: AVAL\n", "    y: AVALX\n", r"(?s)no variable 'AVALX'.*line \d+"),
        ("    from: ADVS\n", "    from: ADVSS\n", r"(?s)'ADVSS'.*line \d+"),
        ("    where: \"PARAMCD = 'OS'\"", "    where: \"PARAMCDX = 'OS'\"", "no variable 'PARAMCDX'"),
        ("    x: AVISIT\n", "    x: AVISIT\n    strips: {nn: Subjects}\n", "The statistic 'nn'"),
    ],
)
def test_a_panel_is_checked_as_a_figure_is(old: str, new: str, message: str, tmp_path: Path) -> None:
    example = next(e for e in EXAMPLES if "shape: panels" in e)
    assert old in example
    with pytest.raises(SpecError, match=message):
        test_the_page_s_examples_are_right(example.replace(old, new), tmp_path)
