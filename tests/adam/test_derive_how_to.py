"""The page on adding a derivation shows code that works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tlfgen.engine import registry
from tlfgen.errors import NOWHERE, SpecError
from tlfgen.spec.loader import read_tree

PAGE = Path(__file__).parents[2] / "docs" / "how-to-derivation.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the page's Python defines, in a registry of its own."""
    monkeypatch.setattr(registry, "_RULES", dict(registry.rules()))
    defined: dict[str, Any] = {"__name__": "page"}
    for code in blocks("python"):
        exec(compile(code, str(PAGE), "exec", dont_inherit=True), defined)
    return defined


def test_the_page_s_test_passes(names: dict[str, Any]) -> None:
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert len(tests) == 1
    tests[0]()


def test_the_page_s_entry_is_read(names: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "adae.yaml"
    path.write_text("\n".join(blocks("yaml")), encoding="utf-8")
    (entry,) = read_tree(path, shown="adae.yaml")
    rule = registry.find_rule(entry["derive"], NOWHERE)
    parameters = {k: v for k, v in entry.items() if k not in ("name", "derive", "label")}
    assert rule.read(parameters, NOWHERE) == {"of": "AETOXGRN", "grade": 3}
    assert rule.summary == "Flag grades from a limit upward."
    with pytest.raises(SpecError, match="grade"):
        rule.read({"grade": "three"}, NOWHERE)


def test_the_page_s_kinds_are_the_registry_s() -> None:
    page = PAGE.read_text(encoding="utf-8")
    kinds = {"Column", "Columns", "Where", "Other", "Others", "OtherWhere", "Fills"}
    assert set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE)) - {"int"} == kinds
    assert all(hasattr(registry, kind) for kind in kinds)
