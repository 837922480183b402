"""A figure of Kaplan-Meier curves."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

from pydantic import Field, model_validator

from tlfgen.errors import Place
from tlfgen.spec.comparison import ComparisonSpec, check_ids
from tlfgen.spec.condition import Condition, parse_condition
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.loader import Decimals, Entry
from tlfgen.spec.survival import (
    LEVEL,
    LIMITS,
    QUANTILE_LIMITS,
    RULE,
    QuantileLimits,
    Rule,
    Transform,
)

ESTIMATED = ("time", "event", "limits", "level", "quantile_rule", "quantile_limits", "round")


class AtRiskSpec(Entry):
    """What stands below the axis: every so many units of time, which is also where its ticks are."""

    every: float = Field(gt=0)
    rows: tuple[Literal["at risk", "censored", "events"], ...] = ("at risk",)


class KaplanMeierSpec(FigureSpec):
    """One curve a column (`columns: by`, or one over all, named by `total`), with its censored subjects.

    time: the variable of times; event: the condition of a record that ends in the event, of others it is
    censored. unit: of time, in words. until: the end of the axis (default: the first tick behind the last
    time). limits: the scale of the limits, of curve and median; level: theirs. band: the limits of the curve
    are drawn. decimals: of times in the corner. compare: what the corner says of pairs of curves. analysis:
    one of analyses/*.yaml instead, which says whose times are drawn, how they are estimated and compared;
    rates: of it, not drawn."""

    shape: Literal["kaplan_meier"]
    time: str = "AVAL"
    event: str = "CNSR = 0"
    unit: str = "months"
    until: float | None = None
    at_risk: AtRiskSpec
    limits: Transform = LIMITS
    level: float = Field(default=LEVEL, gt=0, lt=1)
    band: bool = False
    scale: Literal["proportion", "percent"] = "proportion"
    median: bool = True
    quantile_rule: Rule = RULE
    quantile_limits: QuantileLimits = QUANTILE_LIMITS
    round: int | None = Field(default=None, ge=0, le=9)
    decimals: Decimals | None = None
    rates: tuple[float, ...] = ()
    do: Literal["kaplan_meier"] = "kaplan_meier"
    compare: tuple[ComparisonSpec, ...] = ()
    analysis: str | None = None

    @model_validator(mode="after")
    def _columns(self) -> KaplanMeierSpec:
        if self.columns.of or self.columns.spans or self.columns.groups:
            raise ValueError("curves are told apart by columns: by, a subject's variable")
        if self.compare and not self.columns.by:
            raise ValueError("compare needs columns: by, whose levels are compared")
        check_ids(self.compare)
        return self

    @property
    def summary(self) -> str:
        """The name of the results of its analysis."""
        return self.analysis or f"{self.output}.summary"

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of its analysis."""
        return {k: v for k in ESTIMATED if (v := getattr(self, k)) is not None}

    @cached_property
    def event_condition(self) -> Condition:
        return parse_condition(self.event, self.at_key("event"))

    def named(self) -> list[tuple[str, Place]]:
        found = [(self.time, self.at_key("time"))]
        return found + [(n, self.at_key("event")) for n in self.event_condition.columns]

    def events(self) -> list[Condition]:
        return [self.event_condition]
