"""Damaged raw files of every format: an error about the file, or every record accounted for.

The generator and the whole run of 2,500 inputs are in bench/mutate_raw.py.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).parents[2] / "bench" / "mutate_raw.py"


@pytest.fixture(scope="module")
def mutate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutate_raw", BENCH)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutate_raw"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("start", range(0, 140, 35))
def test_a_damaged_file_is_refused_or_read_whole(mutate: ModuleType, tmp_path: Path, start: int) -> None:
    found = {seed: mutate.outcome(seed, tmp_path) for seed in range(start, start + 35)}
    assert {seed: said for seed, said in found.items() if said not in ("read", "refused")} == {}


def test_what_was_found_once_stays_mended(mutate: ModuleType, tmp_path: Path) -> None:
    """Transport files whose names of variables were damaged: a TypeError of the program."""
    assert [mutate.outcome(seed, tmp_path) for seed in (2309, 2981)] == ["refused", "refused"]


def test_a_lost_record_would_be_found(
    mutate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judge of the inputs is no rubber stamp: a reader that fails and one that loses are faults."""
    whole = next(seed for seed in range(0, 700, 7) if mutate.outcome(seed, tmp_path) == "read")

    def fails(*_: object) -> None:
        raise ZeroDivisionError("x")

    monkeypatch.setattr(mutate, "type_form", fails)
    assert mutate.outcome(whole, tmp_path) == "ZeroDivisionError: x"
