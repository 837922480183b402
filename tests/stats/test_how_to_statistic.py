"""The page on adding a statistic shows code that works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tlfgen import stats

PAGE = Path(__file__).parents[2] / "docs" / "how-to-statistic.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the page's Python defines, in a registry of its own."""
    stats.methods()
    monkeypatch.setattr(stats, "_METHODS", dict(stats._METHODS))
    defined: dict[str, Any] = {"__name__": "page"}
    for code in blocks("python"):
        exec(compile(code, str(PAGE), "exec", dont_inherit=True), defined)
    return defined


def test_the_page_s_test_passes(names: dict[str, Any]) -> None:
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert len(tests) == 1
    tests[0]()


def test_the_page_s_method_is_found(names: dict[str, Any]) -> None:
    found = stats.find_method("chi_square", "comparison")
    assert found.summary == "Compare two proportions by Pearson's chi-square test."
    assert blocks("yaml")[0].startswith("compare: [{id: p_value, do: chi_square,")
