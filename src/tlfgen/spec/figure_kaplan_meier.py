"""A figure of Kaplan-Meier curves."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from tlfgen.errors import Place
from tlfgen.spec.condition import Condition, parse_condition
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.form import Texts
from tlfgen.spec.loader import Decimals, Entry
from tlfgen.spec.survival import (
    LEVEL,
    LIMITS,
    QUANTILE_LIMITS,
    RULE,
    TIES,
    QuantileLimits,
    Rule,
    Transform,
)


class AtRiskSpec(Entry):
    """What stands below the axis: every so many units of time, which is also where its ticks are."""

    every: float = Field(gt=0)
    rows: tuple[Literal["at risk", "censored", "events"], ...] = ("at risk",)


class CurveCompareSpec(Entry):
    """Tests of each curve (by its label) against one. hazard_ratio: Cox's model, by its handling of ties."""

    each: Texts
    against: str
    tests: tuple[Literal["log_rank", "log_rank_permutation"], ...] = ("log_rank",)
    hazard_ratio: Literal["efron", "breslow", "none"] = TIES


class KaplanMeierSpec(FigureSpec):
    """One curve a column (`columns: by`, or one over all, named by `total`), with its censored subjects.

    time: the variable of times; event: the condition of a record that ends in the event, of others it is
    censored. unit: of time, in words. until: the end of the axis (default: the first tick behind the last
    time). transform: the scale of the limits, of curve and median; level: theirs. band: the limits of the
    curve are drawn. decimals: of times in the corner; those of the median's text."""

    shape: Literal["kaplan_meier"]
    time: str = "AVAL"
    event: str = "CNSR = 0"
    unit: str = "months"
    until: float | None = None
    at_risk: AtRiskSpec
    transform: Transform = LIMITS
    level: float = Field(default=LEVEL, gt=0, lt=1)
    band: bool = False
    scale: Literal["proportion", "percent"] = "proportion"
    median: bool = True
    rule: Rule = RULE
    quantile_limits: QuantileLimits = QUANTILE_LIMITS
    round: int | None = Field(default=None, ge=0, le=9)
    decimals: Decimals = 1
    compare: CurveCompareSpec | None = None

    @model_validator(mode="after")
    def _columns(self) -> KaplanMeierSpec:
        if self.columns.of or self.columns.spans or self.columns.groups:
            raise ValueError("curves are told apart by columns: by, a subject's variable")
        if self.compare and not self.columns.by:
            raise ValueError("compare needs columns: by, whose levels are compared")
        return self

    @cached_property
    def event_condition(self) -> Condition:
        return parse_condition(self.event, self.at_key("event"))

    def named(self) -> list[tuple[str, Place]]:
        found = [(self.time, self.at_key("time"))]
        return found + [(n, self.at_key("event")) for n in self.event_condition.columns]

    def events(self) -> list[Condition]:
        return [self.event_condition]
