"""Each built-in check finds the fault that `checks.yaml` plants for it, and nothing beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from tlfgen.data.dataset import Dataset
from tlfgen.errors import Finding
from tlfgen.reconcile.registry import checks
from tlfgen.reconcile.run import check_data
from tlfgen.spec.study import StudySpec

Columns = dict[str, list[Any]]
STUDY = StudySpec.model_validate(
    {
        "study": "X", "title": "X", "cutoff": "2024-12-31", "arms": [],
        "subject": {"from": "SUBJ", "USUBJID": "{SUBJ}"},
        "visits": [{"VISITNUM": 1, "VISIT": "V1", "day": 1}, {"VISITNUM": 2, "VISIT": "V2", "day": 15}],
    }
)  # fmt: skip

CASES: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("checks.yaml").read_text("utf-8"))


def planted(check: str) -> tuple[dict[str, Columns], list[tuple[str, int | None, str | None]]]:
    """The datasets of a case, and what its check must tell."""
    case = CASES[check]
    data = {n: c for n, c in case.items() if n not in ("told", "why")}
    return data, [(dataset, row, field) for dataset, row, field in case["told"]]


def run(data: dict[str, Columns], check: str) -> list[tuple[str, int | None, str | None]]:
    datasets = {n: Dataset(n, n, pl.DataFrame(columns), ()) for n, columns in data.items()}
    findings = [f for f in check_data(datasets, STUDY) if f.rule == f"check {check}"]
    return [(f.dataset, f.row, f.field) for f in findings]


@pytest.mark.parametrize("check", sorted(CASES))
def test_a_check_finds_what_is_planted_and_nothing_else(check: str) -> None:
    data, told = planted(check)
    assert run(data, check) == told


def test_every_check_has_a_case() -> None:
    assert set(checks()) == set(CASES)


@pytest.mark.parametrize("check", sorted(CASES))
def test_a_check_is_silent_where_what_it_needs_is_not_there(check: str) -> None:
    """Each dataset left out, then each of its variables: no check may stumble."""
    data, _ = planted(check)
    for name in data:
        run({n: c for n, c in data.items() if n != name}, check)
        for variable in set(data[name]) - {"USUBJID"}:
            own = {v: c for v, c in data[name].items() if v != variable}
            run({**data, name: own or {"USUBJID": ["1"]}}, check)


def test_many_findings_of_one_cause_are_one_with_their_number() -> None:
    """A hundred warnings have a line each: each is a query to a site."""

    def found(n: int) -> list[Finding]:
        frame = pl.DataFrame({"USUBJID": [str(i) for i in range(n)], "AGE": [200] * n})
        findings = check_data({"DM": Dataset("DM", "DM", frame, ())}, STUDY)
        return [f for f in findings if f.rule == "check age"]

    assert [(f.row, f.subject) for f in found(100)] == [(i + 1, str(i)) for i in range(100)]
    (one,) = found(101)
    assert one.message == (
        "the age is missing or impossible: 101 records of 101 subjects (rows 1 to 101), "
        "the first is row 1 of 0 (AGE 200)"
    )
    assert (one.row, one.subject) == (None, None)


@pytest.mark.parametrize("check", sorted(CASES))
@pytest.mark.parametrize("how", ["texts", "nulls", "no records"])
def test_a_check_stumbles_over_no_dataset(check: str, how: str) -> None:
    """A spec may give a variable another type, and a dataset may be empty."""
    data, _ = planted(check)
    datasets = {}
    for name, columns in data.items():
        frame = pl.DataFrame(columns)
        if how == "no records":
            frame = frame.clear()
        else:
            others = pl.exclude("USUBJID")
            frame = frame.with_columns(
                others.cast(pl.String) if how == "texts" else pl.when(pl.lit(value=False)).then(others)
            )
        datasets[name] = Dataset(name, name, frame, ())
    check_data(datasets, STUDY)
