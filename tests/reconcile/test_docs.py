"""docs/checks.md says what the registry holds, and accounts for every check of the public package."""

from __future__ import annotations

import re
from pathlib import Path

from tlfgen.reconcile.registry import Check, checks

PAGE = (Path(__file__).parents[2] / "docs" / "checks.md").read_text("utf-8")


def line(check: Check) -> str:
    parameters = ", ".join(
        f"`{n}: {list(f.default) if isinstance(f.default, tuple) else f.default}`"
        for n, f in check.parameters.model_fields.items()
    )
    needs = ", ".join(check.needs)
    return f"| `{check.id}` | {check.severity} | {check.summary} | {needs} | {parameters} |"


def table(heading: str) -> list[str]:
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [row for row in section.splitlines() if row.startswith("|")][2:]


def test_the_page_lists_every_check_as_it_is() -> None:
    """Where this fails, put the lines of the left side under "The checks"."""
    assert [line(c) for c in sorted(checks().values(), key=lambda c: (c.subject, c.id))] == table(
        "The checks"
    )


def test_each_check_of_the_public_package_has_an_equal_or_a_reason() -> None:
    """The 108 that its version 1.0.0 exports, and three of earlier and later ones."""
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table("The checks of sdtmchecks")]
    assert len({name for name, _, _ in rows}) == len(rows) == 111
    for name, ours, reason in rows:
        named = re.findall(r"`(\w+)`", ours)
        assert set(named) <= set(checks()), name
        assert bool(named) != bool(reason), name
