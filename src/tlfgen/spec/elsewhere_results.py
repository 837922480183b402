"""Models of results that were made elsewhere, as in SAS or R: analyses/<name>.yaml with `file:`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from tlfgen.spec.comparison import OTHERS
from tlfgen.spec.form import Names
from tlfgen.spec.loader import Decimals, Entry, Named

StatisticName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]


class StatisticSpec(Entry):
    """How a statistic of the file is shown, as those of our own analyses declare it.

    shown: its form; decimals: of a number, a ratio, a proportion or a percentage. limit_of, side: the
    statistic of which it is the lower or the upper limit. against: the label of the column with which it
    compares; without, it is of each column. each: the labels of those that it compares, or `others`, all
    levels but that of `against`.
    """

    shown: Named
    label: Named
    decimals: Decimals | None = None
    limit_of: StatisticName | None = None
    side: Literal["low", "high"] | None = None
    against: Named | None = None
    each: Names = (OTHERS,)

    @model_validator(mode="after")
    def _whole(self) -> StatisticSpec:
        if "each" in self.model_fields_set and self.against is None:
            raise ValueError("each: is of a statistic that compares; say against: which column")
        if self.against in self.each:
            raise ValueError(f"it compares '{self.against}' with itself")
        if (self.limit_of is None) != (self.side is None):
            raise ValueError("a limit says limit_of: and side:, low or high")
        return self


class ResultsSpec(Entry):
    """A file of results, and what it holds. file: its path in the study. made_by: who or what made it, and
    when, as a footnote says it. lines: what splits the results further than the columns, outermost first."""

    analysis: Named
    file: Named
    made_by: Named
    encoding: str | None = None
    lines: Names = ()
    statistics: Annotated[dict[StatisticName, StatisticSpec], Field(min_length=1)]

    @model_validator(mode="after")
    def _limits(self) -> ResultsSpec:
        for name, statistic in self.statistics.items():
            of = statistic.limit_of
            if of is not None and of not in self.statistics:
                raise ValueError(f"'{name}' is a limit of '{of}', which is none of the statistics")
        return self
