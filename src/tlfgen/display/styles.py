"""The number rules of one output: the theme's, with what the output prints in its own way."""

from __future__ import annotations

from typing import Any

from tlfgen.spec.shell import OutputShell
from tlfgen.spec.theme import NumberRules, PercentBand, PercentStyle, PValueRules


def rules_of(output: OutputShell, rules: NumberRules) -> NumberRules:
    """The rules by which an output shows its results, on its pages and where a text quotes them.

    Percentages: the output's decimals and sign, else the theme's, else the study's. P values: each rule that
    the output names; `digits` stands in place of the theme's `bands` and `significant`, `bands` in place of
    its `significant`.
    """
    changed = _of_percent(output.percent)
    if output.p_value is not None:
        changed["p_value"] = rules.p_value.model_copy(update=_of_p_value(output.p_value))
    return rules.model_copy(update=changed) if changed else rules


def rules_of_pages(rules: NumberRules, decimals: int) -> NumberRules:
    """The number rules of each page of an output: percentages with the decimals of the output as a whole, as
    a text that quotes it has them, and not by the largest denominator of the page."""
    if not rules.percent_decimals:
        return rules
    return rules.model_copy(update={"percent_decimals": (PercentBand(decimals=decimals),)})


def _of_percent(own: PercentStyle) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    if own.decimals is not None:
        changed["percent_decimals"] = (PercentBand(decimals=own.decimals),)
    if own.sign is not None:
        changed["percent"] = own.sign
    return changed


def _of_p_value(own: PValueRules) -> dict[str, Any]:
    named = {name: getattr(own, name) for name in own.model_fields_set}
    if "digits" in named:
        return {"bands": (), "significant": None} | named
    return {"significant": None} | named if "bands" in named else named
