"""What results say of their limits, by the declarations of the analyses that make them."""

from __future__ import annotations

from typing import Any

from tlfgen.analysis.comparisons import find_comparison
from tlfgen.analysis.registry import analyses
from tlfgen.analysis.summarise import DECLARED
from tlfgen.errors import NOWHERE, SpecError


def declared_rows(*statistics: str) -> list[dict[str, Any]]:
    """Rows with `limit_of` and `side` of statistics: of summaries, analyses and a hazard ratio `hr`."""
    return [_row(s) for s in statistics]


def _row(statistic: str) -> dict[str, Any]:
    found = DECLARED.get(statistic)
    for rule in analyses().values():
        try:
            found = found or rule.declared(statistic)
        except SpecError:
            continue
    if found is None and statistic.startswith("hr"):
        ratio = find_comparison("cox", NOWHERE).forms[statistic.removeprefix("hr")]
        return {"limit_of": ratio.of.replace("*", "hr") or None, "side": ratio.side or None}
    return {"limit_of": found.of or None if found else None, "side": found.side or None if found else None}
