"""A swimmer plot: one bar a subject over time, with marks of what happened."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import model_validator

from tlfgen.errors import Place
from tlfgen.spec.condition import Condition, parse_condition
from tlfgen.spec.subject_figure import MarkSpec, SubjectFigureSpec, Unit


class SwimmerSpec(SubjectFigureSpec):
    """One bar a subject from `start` to `end`, dates of ADSL, the longest on top.

    ongoing: a condition on ADSL; such a subject's bar reaches the data cut-off and ends in an arrow.
    marks: events of any dataset at their dates."""

    shape: Literal["swimmer"]
    start: str
    end: str
    unit: Unit = "months"
    ongoing: str | None = None
    marks: tuple[MarkSpec, ...] = ()

    @cached_property
    def ongoing_condition(self) -> Condition | None:
        return parse_condition(self.ongoing, self.at_key("ongoing")) if self.ongoing else None

    @model_validator(mode="after")
    def _of_subjects(self) -> SwimmerSpec:
        if self.from_ != "ADSL":
            raise ValueError("the bars of a swimmer plot are of ADSL; its marks may be of other datasets")
        return self

    def named(self) -> list[tuple[str, Place]]:
        found = [(self.start, self.at_key("start")), (self.end, self.at_key("end")), *super().named()]
        columns = self.ongoing_condition.columns if self.ongoing_condition else ()
        return found + [(n, self.at_key("ongoing")) for n in columns]

    def marked(self) -> tuple[MarkSpec, ...]:
        return self.marks

    def conditions(self) -> list[tuple[Condition, str]]:
        own = [(self.ongoing_condition, self.from_)] if self.ongoing_condition else []
        return [*super().conditions(), *own]
