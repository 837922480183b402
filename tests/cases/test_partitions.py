"""Subjects in partitions of any size give what the whole gives: datasets, lineage, decisions, ledger and
findings."""

from __future__ import annotations

from typing import Any

import pytest

from tlfgen.adam.build import run_adam
from tlfgen.data.dictionary import read_dictionaries
from tlfgen.engine.finish import StageResult
from tlfgen.raw.stage import run_raw
from tlfgen.sdtm.build import run_sdtm

# beside the base: counts of records that are not known, unreadable dates, texts that go on in SUPP--
CASES = (
    ("base", 1),
    ("base", 3),
    ("28-null-key", 3),
    ("06-dose-date-unreadable", 3),
    ("41-text-over-200", 3),
)


def stages(specs: Any, forms: Any, size: int) -> tuple[StageResult, StageResult]:
    """SDTM and ADaM with partitions of this size."""
    sdtm = run_sdtm(specs, forms, read_dictionaries(specs), size=size)
    return sdtm, run_adam(specs, sdtm.datasets, size=size)


@pytest.mark.parametrize(("name", "size"), CASES)
def test_partitions_of_any_size_give_the_whole(case: Any, name: str, size: int) -> None:
    specs = case(name).study.specs
    forms = run_raw(specs, specs.folder / "raw").forms
    for parts, whole in zip(stages(specs, forms, size), stages(specs, forms, 1000), strict=True):
        same(parts, whole)


def same(parts: StageResult, whole: StageResult) -> None:
    """Both hold the same, in the same order."""
    assert parts.datasets.keys() == whole.datasets.keys()
    for dataset, expected in whole.datasets.items():
        found = parts.datasets[dataset]
        assert found.frame.to_dicts() == expected.frame.to_dicts(), dataset
        assert found.frame.schema == expected.frame.schema
        assert found.with_frame(expected.frame) == expected
    assert parts.lineage.rows() == whole.lineage.rows()
    assert parts.decisions.rows() == whole.decisions.rows()
    assert parts.ledger.rows() == whole.ledger.rows()
    assert parts.findings == whole.findings
