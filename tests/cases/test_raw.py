"""Cases of raw files: what a file holds is read as a reader sees it, and nothing of it is lost in silence."""

from __future__ import annotations

import pytest
from cases.conftest import MakeCase

from tlfgen.errors import Finding, SpecError
from tlfgen.raw.stage import RawResult, run_raw


def raw(case: MakeCase, name: str) -> RawResult:
    made = case(name)
    return run_raw(made.study.specs, made.folder / "raw")


def of_rule(result: RawResult, rule: str) -> list[Finding]:
    return [f for f in result.findings if f.rule == rule]


def test_a_term_over_its_length_is_kept(case: MakeCase) -> None:
    """Case 40: a term of 229 characters where the form says 200; AETERM is required and stays."""
    result = raw(case, "40-text-over-its-length")
    [finding] = of_rule(result, "length")
    assert (finding.dataset, finding.row, finding.subject, finding.field) == ("AE", 5, "BASE-2-05", "AETERM")
    assert "has 229, more than 200 characters" in finding.message
    terms = result.forms["AE"].frame["AETERM"].to_list()
    assert [len(t) for t in terms if t.startswith("Syncope")] == [229]


def test_a_pattern_takes_linear_time(case: MakeCase) -> None:
    """Case 53: '(a+)+' on letters a and an exclamation mark; each letter doubled the time, 40 never ended."""
    made = case("53-pattern-backtracking")
    made.replace("raw/ae.csv", "aaaaaaaaaaaaaaaaaaaaaaaa!", "a" * 5000 + "!")
    result = run_raw(made.study.specs, made.folder / "raw")
    [finding] = of_rule(result, "pattern")
    assert finding.value == "a" * 5000 + "!"


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("forms/ae.yaml", "pattern: '(a+)+'", r"pattern: '(a)\1'"),
        ("forms/ae.yaml", "pattern: '(a+)+'", "pattern: '(?=a)a'"),
        ("study.yaml", r"'(?P<SITEID>\d)-", r"'(?P<SITEID>\d)(?=-)-"),
        ("study.yaml", "arms:", "unscheduled: {pattern: 'U (?<!x)(?P<VISITNUM>.)'}\narms:"),
    ],
)
def test_a_pattern_that_could_backtrack_is_refused(case: MakeCase, path: str, old: str, new: str) -> None:
    """Case 53: every pattern of a spec, by its line."""
    made = case("53-pattern-backtracking").replace(path, old, new)
    with pytest.raises(SpecError, match="The pattern cannot be read") as caught:
        made.check()
    assert "no look-around, no back-references" in str(caught.value)
    assert caught.value.place.line
