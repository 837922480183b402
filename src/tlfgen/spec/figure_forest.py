"""A forest of estimates by subgroup."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from tlfgen.errors import Place
from tlfgen.spec.condition import Condition, parse_condition
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.loader import Decimals, Entry
from tlfgen.spec.survival import LEVEL, TIES, Ties
from tlfgen.spec.usual import PROPORTION_LIMITS


class SubgroupSpec(Entry):
    """The levels of a subject's variable, a row each; levels: value -> label, in order, all of them shown."""

    by: str = Field(pattern=r"^ADSL\.")
    label: str
    levels: dict[str, str] = {}


class EstimateSpec(Entry):
    """What is estimated in each row.

    proportion: subjects with a record that meets `event`, of the subjects; limits: a method of stats/.
    odds_ratio: of that event, between two groups, by logistic regression.
    hazard_ratio: between two groups, by Cox's model; `event` is the condition of a record whose `time` ends
    in the event. of: the subject's variable of the groups; each and against: two of its values; labels: what
    they are called."""

    method: Literal["proportion", "odds_ratio", "hazard_ratio"]
    event: str
    limits: str = PROPORTION_LIMITS
    time: str = "AVAL"
    ties: Ties = TIES
    of: str | None = Field(default=None, pattern=r"^ADSL\.")
    each: str | None = None
    against: str | None = None
    labels: dict[str, str] = {}

    @model_validator(mode="after")
    def _groups(self) -> EstimateSpec:
        given = [self.of, self.each, self.against]
        if self.method == "proportion" and any(given):
            raise ValueError("a proportion has no groups: leave out of, each and against")
        if self.method != "proportion" and not all(given):
            raise ValueError("a ratio needs of, each and against: the variable and its two values")
        return self

    @cached_property
    def event_condition(self) -> Condition:
        return parse_condition(self.event, self.at_key("event"))

    def named(self) -> Iterator[tuple[str, Place]]:
        yield from ((n, self.at_key("event")) for n in self.event_condition.columns)
        if self.of:
            yield self.of, self.at_key("of")
        if self.method == "hazard_ratio":
            yield self.time, self.at_key("time")


class ForestSpec(FigureSpec):
    """A row for each level of each subgroup, under a heading, with its estimate and limits.

    overall: the label of the row of all subjects, "" for none; its estimate is the dashed line. size: squares
    by the number of subjects or all the same. axis: its ends (default: 0 and 100 % of a proportion, else what
    the estimates need); limits beyond them end in an arrow. favours: what is said below the axis on the left
    and the right of 1. counts: the header of the counts; label: of the estimates; decimals: theirs."""

    shape: Literal["forest"]
    estimate: EstimateSpec
    subgroups: tuple[SubgroupSpec, ...] = Field(min_length=1)
    overall: str = "All subjects"
    stub: str = "Subgroup"
    level: float = Field(default=LEVEL, gt=0, lt=1)
    size: Literal["n", "equal"] = "n"
    axis: tuple[float, float] | None = None
    favours: tuple[str, str] | None = None
    counts: str = "Events/n"
    label: str = ""
    decimals: Decimals | None = None

    @model_validator(mode="after")
    def _axis(self) -> ForestSpec:
        if self.columns.model_fields_set:
            raise ValueError("a forest has no columns; estimate: names the groups that are compared")
        if self.axis and not self.axis[0] < self.axis[1]:
            raise ValueError("axis gives its lower and its upper end")
        if self.axis and self.estimate.method != "proportion" and self.axis[0] <= 0:
            raise ValueError("the axis of a ratio is logarithmic and begins above 0")
        names = [s.by for s in self.subgroups]
        if len(set(names)) < len(names):
            raise ValueError("a variable stands twice among the subgroups")
        return self

    def named(self) -> list[tuple[str, Place]]:
        found = [(s.by, s.at_key("by")) for s in self.subgroups]
        return found + list(self.estimate.named())

    def events(self) -> list[Condition]:
        return [self.estimate.event_condition]
