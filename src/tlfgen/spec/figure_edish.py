"""eDISH: each subject's highest value of one laboratory test against that of another, and Hy's law."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from tlfgen.errors import Place
from tlfgen.spec.condition import Condition
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.shell import Conditional


class PeakSpec(Conditional):
    """The records of one axis (`where`), and its limit, in times the upper limit of normal."""

    where: str
    limit: float = Field(gt=0)


class EdishSpec(FigureSpec):
    """A point a subject: the highest `value` over `upper`, its upper limit of normal, of the records of x (an
    aminotransferase) and of y (bilirubin), on logarithmic scales; lines at the two limits.

    A subject reaches the limit of x at it or above, that of y only above it: 3 times or more and more than 2
    times in Hy's law (FDA, Drug-Induced Liver Injury: Premarketing Clinical Evaluation, 2009). columns: `by`
    tells points apart. quadrants: labels, of those who reach neither, x alone, y alone, and both."""

    shape: Literal["edish"]
    x: PeakSpec
    y: PeakSpec
    value: str = "AVAL"
    upper: str = "ANRHI"
    quadrants: tuple[str, str, str, str] = (
        "Within limits", "Temple's corollary", "Hyperbilirubinaemia", "Possible Hy's law",
    )  # fmt: skip

    @model_validator(mode="after")
    def _columns(self) -> EdishSpec:
        if self.columns.of or self.columns.spans or self.columns.groups:
            raise ValueError("points are told apart by columns: by, a subject's variable")
        if len(set(self.quadrants)) < len(self.quadrants):
            raise ValueError("two quadrants have the same label")
        return self

    def named(self) -> list[tuple[str, Place]]:
        own = [(self.value, self.at_key("value")), (self.upper, self.at_key("upper"))]
        return own + [(n, p.at_key("where")) for p in (self.x, self.y) for n in self._columns_of(p)]

    @staticmethod
    def _columns_of(peak: PeakSpec) -> tuple[str, ...]:
        return tuple(peak.condition.columns) if peak.condition else ()

    def conditions(self) -> list[tuple[Condition, str]]:
        return [(p.condition, self.from_) for p in (self.x, self.y) if p.condition]
