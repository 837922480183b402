"""Fixtures: a small study to break, and the reference data."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from tlfgen.study import Study

# A slow machine is no fault of a property: no example has a deadline.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

MINI = Path(__file__).parent / "mini"


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """A project folder with the study `mini` in it."""
    shutil.copytree(MINI, tmp_path / "specs" / "mini")
    return tmp_path


@pytest.fixture
def open_mini(mini: Path) -> Study:
    return Study.open("mini", root=mini)


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of public reference data; the test is skipped where it is not named."""
    folder = os.environ.get("TLFGEN_REFERENCE")
    if not folder:
        pytest.skip("TLFGEN_REFERENCE names no folder of reference data")
    return Path(folder)
