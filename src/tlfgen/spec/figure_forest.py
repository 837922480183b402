"""A forest of estimates by subgroup."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import SkipValidation, model_validator

from tlfgen.errors import Place
from tlfgen.spec.comparison import ComparisonSpec, check_ids
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.loader import Decimals, split_params
from tlfgen.spec.subgroup import SubgroupSpec, check_once


class ForestSpec(FigureSpec):
    """A row for all subjects and for each level of each subgroup, under a heading, with an estimate and its
    limits.

    do, compare, columns, decimals: what is analysed and compared, as in a row of a table; every key that is
    not of a forest is a parameter of the analysis. analysis: one of analyses/*.yaml instead, with its
    subgroups. estimate: the statistic that is drawn, where several have limits. A comparison of several pairs
    has a row for each. overall: the label of the row of all subjects, "" for none; of a single pair its
    estimate is the dashed line. size: squares by the number of subjects or all the same. axis: its ends
    (default: 0 and 100 % of a percentage, else what the estimates need); limits beyond them end in an arrow.
    favours: what is said below the axis on the left and the right of 1. counts: the header of the counts;
    label: of the estimates."""

    shape: Literal["forest"]
    do: str
    compare: tuple[ComparisonSpec, ...] = ()
    params: Annotated[dict[str, Any], SkipValidation] = {}  # as read: its keys know their lines
    analysis: str | None = None
    estimate: str | None = None
    subgroups: tuple[SubgroupSpec, ...] = ()
    overall: str = "All subjects"
    stub: str = "Subgroup"
    size: Literal["n", "equal"] = "n"
    axis: tuple[float, float] | None = None
    favours: tuple[str, str] | None = None
    counts: str = "Events/n"
    label: str = ""
    decimals: Decimals | None = None

    @model_validator(mode="before")
    @classmethod
    def _split_params(cls, data: Any) -> Any:
        own = {field.alias or name for name, field in cls.model_fields.items()}
        return split_params(data, own) if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _rows(self) -> ForestSpec:
        if self.columns.of or self.columns.spans or self.columns.worst:
            raise ValueError("the groups of a forest are columns: by, a subject's variable")
        if not self.overall and not self.subgroups:
            raise ValueError("a forest without subgroups: has the row of overall: alone")
        if self.axis and not self.axis[0] < self.axis[1]:
            raise ValueError("axis gives its lower and its upper end")
        check_ids(self.compare)
        check_once(self.subgroups)
        return self

    @property
    def results(self) -> str:
        """The name of the results of all subjects; those of a level are `subgroups` of it."""
        return self.analysis or f"{self.output}.estimate"

    @property
    def by_subgroup(self) -> str:
        """The name of the results of the levels of its subgroups."""
        return f"{self.analysis or self.output}.subgroups"

    def named(self) -> list[tuple[str, Place]]:
        return [(s.by, s.at_key("by")) for s in self.subgroups]
