"""The base study is right before any case changes it."""

from __future__ import annotations

from cases.conftest import MakeCase


def test_the_base_builds_without_an_error_or_a_warning(case: MakeCase) -> None:
    done = case("base").build()
    assert (done.findings.get("error", 0), done.findings.get("warning", 0)) == (0, 0)


def test_the_base_gives_what_arithmetic_by_hand_gives(case: MakeCase) -> None:
    """Emergent 3 / 2 / 5 [4, 2, 6 events], serious 0 / 1 / 1, related to either drug 2 / 1 / 3."""
    lines = {line.strip().split("  ")[0]: line for line in case("base").shown("ae-by-term").splitlines()}
    assert "3 (75.0) [4]" in lines["Any event"]
    assert "5 (62.5) [6]" in lines["Any event"]
    assert "1 (25.0) [1]" in lines["Serious"] and "1 (12.5) [1]" in lines["Serious"]
    assert "2 (50.0) [2]" in lines["Related to either drug"]
