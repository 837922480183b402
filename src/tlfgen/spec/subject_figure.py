"""What figures of single subjects share: colours by a group, marks of events, who is not shown and why."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from tlfgen.errors import Place
from tlfgen.spec.condition import Condition
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.shell import Conditional

Marker = Literal["circle", "square", "diamond", "triangle", "triangle down", "cross", "plus", "star"]
Unit = Literal["days", "weeks", "months"]


class ColourSpec(Conditional):
    """by: the variable whose levels tell subjects apart, of the figure's records or of ADSL. label: its title
    in the legend.

    from, where: the records of another dataset, one a subject, that `by` is a variable of.
    levels: value -> label, in order; values that are not listed stand behind them. missing: the label of the
    subjects without a value."""

    by: str
    from_: str | None = Field(default=None, alias="from")
    label: str = ""
    levels: dict[str, str] = {}
    missing: str = "Not available"

    @model_validator(mode="after")
    def _where_of_what(self) -> ColourSpec:
        if self.where and not self.from_:
            raise ValueError("where in colour needs from, the dataset whose records it chooses")
        return self

    def named(self) -> list[tuple[str, Place]]:
        """The variables that it reads, and where they are named."""
        columns = self.condition.columns if self.condition else ()
        return [(self.by, self.at_key("by")), *((n, self.at_key("where")) for n in columns)]


class MarkSpec(Conditional):
    """A symbol at the date of each record of a dataset (default: the figure's own) that meets `where`.

    until: a second date; a line joins the two. pick: of a subject's records each, the first or the last by
    date. open: the symbol is drawn as an outline. same_as: the result of a table that counts the same
    subjects; where the two differ, the build says so."""

    label: str
    from_: str | None = Field(default=None, alias="from")
    date: str
    until: str | None = None
    marker: Marker
    open: bool = False
    pick: Literal["each", "first", "last"] = "each"
    same_as: str | None = None

    def named(self) -> list[tuple[str, Place]]:
        """The variables that it reads of its dataset, and where they are named."""
        found = [(n, self.at_key(key)) for key, n in {"date": self.date, "until": self.until}.items() if n]
        columns = self.condition.columns if self.condition else ()
        return found + [(n, self.at_key("where")) for n in columns]


class SubjectFigureSpec(FigureSpec):
    """A figure with one bar or line a subject.

    labels: the variable that names a subject; without it nobody is named. reason: a variable of ADSL that
    says why a subject is not shown."""

    colour: ColourSpec | None = None
    labels: str | None = None
    reason: str | None = None

    @model_validator(mode="after")
    def _no_columns(self) -> SubjectFigureSpec:
        if self.columns.model_fields_set:
            raise ValueError("a figure of single subjects has no columns; tell groups apart by colour")
        return self

    def named(self) -> list[tuple[str, Place]]:
        found = [(n, self.at_key(k)) for k, n in {"labels": self.labels, "reason": self.reason}.items() if n]
        return found + (self.colour.named() if self.colour and not self.colour.from_ else [])

    def marked(self) -> tuple[MarkSpec, ...]:
        """The marks of events that it draws."""
        return ()

    def elsewhere(self) -> list[tuple[str, str, Place]]:
        found = [(m.from_ or self.from_, n, place) for m in self.marked() for n, place in m.named()]
        if self.colour and self.colour.from_:
            found += [(self.colour.from_, n, place) for n, place in self.colour.named()]
        return found

    def conditions(self) -> list[tuple[Condition, str]]:
        found = [(m.condition, m.from_ or self.from_) for m in self.marked() if m.condition]
        if self.colour and self.colour.condition:
            found.append((self.colour.condition, self.colour.from_ or self.from_))
        return found
