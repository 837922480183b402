"""Judging a printed number: rounding, bounds, denominators, other methods, what is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tlfgen.audit.claims import Judge, Judged, agrees, as_printed, claims_frame
from tlfgen.audit.claims_text import claims_text
from tlfgen.data.dataset import Dataset, Variable
from tlfgen.errors import SpecError
from tlfgen.spec.claims import ClaimsSpec
from tlfgen.spec.loader import load_yaml
from tlfgen.spec.output import OutputSpec
from tlfgen.spec.study import StudySpec

STUDY = StudySpec.model_validate(
    {
        "study": "FOUR", "title": "Four subjects", "cutoff": "2024-01-31",
        "subject": {"from": "ID", "USUBJID": "{ID}"}, "arms": [{"ARMCD": "A", "ARM": "A", "order": 1}],
        "analysis_sets": {"SAFFL": {"label": "Safety set", "where": "SAFFL = 'Y'"}},
    }
)  # fmt: skip
ADSL = pl.DataFrame(
    {"USUBJID": list("1234567"), "SAFFL": ["Y"] * 7, "SEX": list("FFFFMMM"), "RESP": list("YNNNYNN")}
)
OUTPUT = """output: x
number: 14.1.1
title: X
kind: table
population: SAFFL
columns: {total: All}
rows:
  - {id: sex, count: subjects, by: SEX, cell: "{n} ({pct})"}
  - {id: orr, do: proportion, event: "RESP = 'Y'", cells: {a: "{n}"}}
"""


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    path = tmp_path / "x.yaml"
    path.write_text(OUTPUT, "utf-8")
    output: Any = load_yaml(path, OutputSpec, shown="outputs/x.yaml")
    dataset = Dataset("ADSL", "ADSL", ADSL, tuple(Variable(c, c) for c in ADSL.columns))
    return Judge({"x": output}, {"ADSL": dataset}, STUDY)


def one(judge: Judge, **claim: Any) -> Judged:
    entry = {"id": "c", "where": "Table 1", "printed": "as printed", **claim}
    return judge.judge(ClaimsSpec.model_validate({"source": "a paper", "claims": [entry]}))[0]


@pytest.mark.parametrize(
    ("value", "says", "right"),
    [
        (57.142857, "57.1", True), (57.142857, "57", True), (57.142857, "57.14", True),
        (57.142857, "57.2", False), (0.125, "0.13", True), (0.125, "0.12", False), (2.0, "2.0", True),
        (0.0705, "> 0.05", True), (0.049, "> 0.05", False), (0.0005, "< 0.001", True),
        (None, "> 0.05", True), (None, "0.5", False),
    ],
)  # fmt: skip
def test_a_number_is_compared_at_the_decimals_printed(value: float | None, says: str, right: bool) -> None:
    assert agrees(value, says) is right


def test_what_is_shown_is_rounded_as_the_print() -> None:
    assert as_printed(57.142857, "57.2", "NE") == "57.1"
    assert as_printed(0.0705, "> 0.05", "NE") == "0.0705"
    assert as_printed(None, "1", "NE") == "NE"


def test_counts_denominators_and_percentages(judge: Judge) -> None:
    found = one(judge, result="x.sex[SEX=F]", says={"n": "4", "of": "7", "pct": "57.1"})
    assert (found.verdict, found.ours) == ("match", ("4", "7", "57.1"))
    found = one(judge, result="x.sex[SEX=F]", says={"n": "4", "of": "8"})
    assert (found.verdict, found.as_expected) == ("mismatch", False)
    found = one(judge, says={"x.sex.n[SEX=F]": "4", "x.sex.n[SEX=M]": "3"})
    assert found.verdict == "match"


def test_other_results_of_the_kind_may_match_and_those_apart_never_count(judge: Judge) -> None:
    asked = {"result": "x.sex[SEX=F]", "says": {"n": "3"}}
    assert one(judge, **asked, instead=["x.sex.n[SEX=M]"]).verdict == "match"
    found = one(judge, **asked, apart=["x.sex.n[SEX=M]"], expect="mismatch", because="they are others")
    assert (found.verdict, found.as_expected) == ("mismatch", True)
    assert found.apart == (("x.sex.n[SEX=M]", "3"),)


def test_every_method_is_tried_and_the_stated_one_marked(judge: Judge) -> None:
    """2 of 7 by Wald: 0.2857 -+ 1.96 sqrt(0.2857 x 0.7143 / 7) = -0.049 to 0.620."""
    says = {"low": "-0.049", "high": "0.620"}
    found = one(judge, result="x.orr", says=says, vary="limits", stated="wilson")
    assert found.verdict == "mismatch"
    names = [name for name, _, _ in found.methods]
    assert names == ["limits clopper_pearson", "limits wilson (stated)", "limits wald", "limits mean_t"]
    assert [(n, t) for n, t, right in found.methods if right] == [("limits wald", "-0.049 to 0.620")]


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ({"result": "y.sex", "says": {"n": "1"}}, "The output 'y' does not exist"),
        ({"result": "x.sexx", "says": {"n": "1"}}, "The result 'x.sexx.n' does not exist"),
        ({"result": "x.sex[SEX=F]", "says": {"n": "1"}, "vary": "limits"}, "is no analysis"),
        ({"result": "x.orr", "says": {"n": "1"}, "vary": "level"}, "is no choice between methods"),
        ({"result": "x.orr", "says": {"n": "1"}, "vary": "limits", "stated": "exact"}, "limits has no value"),
    ],
)
def test_a_claim_about_nothing_is_an_error(judge: Judge, claim: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        one(judge, **claim)


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ({"result": "x.a", "says": {}}, "says no number"),
        ({"says": {"n": "1"}}, "names no result"),
        ({"result": "x.a", "says": {"n": "1"}, "expect": "mismatch"}, "because of what"),
        ({"result": "x.a", "says": {"n": "1"}, "stated": "wald"}, "stated: and"),
    ],
)
def test_a_claim_that_says_too_little_is_refused(judge: Judge, claim: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        one(judge, **claim)


def test_the_text_and_the_frame_of_verdicts(judge: Judge) -> None:
    right = one(judge, result="x.sex[SEX=F]", says={"n": "4"})
    wrong = one(judge, result="x.sex[SEX=F]", says={"n": "5"})
    text = claims_text([right, wrong], [])
    assert "1 of 2 claims match." in text
    assert "c: mismatch, and match was expected." in text
    assert claims_frame([right, wrong]).select("ours", "verdict").rows() == [
        ("4", "match"),
        ("4", "mismatch"),
    ]
