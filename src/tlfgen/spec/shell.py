"""What every output's spec has: identity, population, records, page and columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from tlfgen.spec.condition import Condition, parse_condition
from tlfgen.spec.form import Texts, as_list
from tlfgen.spec.loader import Entry, FileName
from tlfgen.spec.marks import marks_apart
from tlfgen.spec.note import NoteSpec
from tlfgen.spec.theme import PercentStyle, PValueRules

_NUMBER = re.compile(r"[A-Za-z0-9]+([.-][A-Za-z0-9]+)*", re.ASCII)
_PART, _RUN = re.compile(r"[.-]"), re.compile(r"[0-9]+|[A-Za-z]+")


class Conditional(Entry):
    where: str | None = None

    @cached_property
    def condition(self) -> Condition | None:
        return parse_condition(self.where, self.at_key("where")) if self.where else None


def check_labels(what: str, labels: Iterable[str]) -> None:
    """Refuse a label that stands twice: nobody could tell the two apart."""
    seen: set[str] = set()
    for label in labels:
        if label in seen:
            raise ValueError(f"{what} has the label '{label}' twice")
        seen.add(label)


def _kind_of_note(note: Any) -> str:
    return "text" if isinstance(note, str) else "note"


def _as_notes(value: Any) -> Any:
    return [value] if isinstance(value, dict) else as_list(value)


Note = Annotated[Annotated[str, Tag("text")] | Annotated[NoteSpec, Tag("note")], Discriminator(_kind_of_note)]
Notes = Annotated[tuple[Note, ...], BeforeValidator(_as_notes)]


class PageSpec(Entry):
    orientation: Literal["portrait", "landscape"] = "portrait"


class ColumnsSpec(Entry):
    """How a table is split across; without `by` and `of` it has one column, named by `total`.

    by: a subject's variable (`ADSL.TRT01A`); each column has its own N. sets: instead of by, analysis sets
    (their flags) with labels, a column each; the output's population is the widest of them. of: a record's
    variable; the N is the population's, or that of the `by` column above it where both are given. What
    follows is about `of` where it is given, else about `by`.
    levels: value -> label, in order (default for an arm variable: study.yaml's arms).
    missing: the label of a column for records without a value. total: the label of the column over all, those
    without a value included. groups: label -> values, further columns; they stand before the total, but after
    it with `of`. worst: a subject counts once, at its highest level of `of` within the row: by number, by the
    variable's numeric twin (AESEVN for AESEV), or as `levels` are ordered, the highest last.
    spans: label -> variable that the rows summarise, one block of columns each.
    marked: labels with the mark of a footnote, taken from those above, which are names of results too.
    n: what a header's N counts, "population" (default: the population's subjects in the column, of them those
    who meet the part of the output's condition that is about subjects) or "records" (those with a record).
    """

    by: str | None = None
    of: str | None = None
    sets: dict[str, str] = {}
    worst: bool = False
    levels: dict[str, str] = {}
    total: str | None = None
    groups: dict[str, Texts] = {}
    missing: str | None = None
    spans: dict[str, str] = {}
    n: Literal["population", "records"] | None = None
    marked: dict[str, str] = {}

    bears_marks = frozenset({"marked"})

    @model_validator(mode="before")
    @classmethod
    def _marks_apart(cls, data: Any) -> Any:
        return marks_apart(data, ("sets", "levels", "total", "groups", "missing", "spans"))

    def shown(self, label: str) -> str:
        """A label as its header shows it, with the mark of a footnote."""
        return self.marked.get(label, label)

    @model_validator(mode="after")
    def _told_apart(self) -> ColumnsSpec:
        check_labels("levels", self.levels.values())
        check_labels("sets", self.sets.values())
        empty = next((label for label, values in self.groups.items() if not values), None)
        if empty is not None:
            raise ValueError(f"the group '{empty}' has no value")
        return self


class OutputShell(Conditional):
    """What every output has. page_by: variables, each value of which has pages of its own; split: whether
    they are pages of one file, or files with numbers of their own. footnotes: sentences, or entries with an
    id where a mark leads to them. percent, p_value: what this output prints in its own way; rules of P values
    that it does not name are the theme's."""

    bears_marks = frozenset({"title", "subtitle"})

    output: FileName
    number: str
    title: str
    subtitle: str = ""
    population: str
    from_: str = Field(default="ADSL", alias="from")
    page: PageSpec = PageSpec()
    page_by: Texts = ()
    split: Literal["page", "file"] = "page"
    footnotes: Notes = ()
    empty: str = "No observations met the criteria."
    post_hoc: bool = False
    percent: PercentStyle = PercentStyle()
    p_value: PValueRules | None = None

    @property
    def notes(self) -> dict[str, NoteSpec]:
        """The footnotes that marks lead to, by id."""
        return {note.id: note for note in self.footnotes if isinstance(note, NoteSpec)}

    @field_validator("footnotes")
    @classmethod
    def _ids_once(cls, value: Notes) -> Notes:
        check_labels("footnotes", (note.id for note in value if isinstance(note, NoteSpec)))
        return value

    def narrowed(self, where: str | None) -> Self:
        """The output as it is on the pages of one value: not split again, and with this condition."""
        page = self.model_copy(update={"where": where, "page_by": ()})
        page.__dict__.pop("condition", None)  # that of the whole output
        return page

    @field_validator("number")
    @classmethod
    def _number_of_parts(cls, value: str) -> str:
        if not _NUMBER.fullmatch(value):
            raise ValueError("an output's number is like 14.1.2.1, 14.2.F1, 14.3.1.2a or 14-2.01")
        return value

    @property
    def place_in_order(self) -> tuple[tuple[tuple[int, int, str], ...], ...]:
        """Where an output stands by its number, part by part: numbers as numbers, letters behind them.

        14.2.10 stands behind 14.2.9, 14.2.F1 behind both, 14.2.1a behind 14.2.1 and before 14.2.2.
        """
        return tuple(
            tuple((0, int(run), "") if run.isdigit() else (1, 0, run.lower()) for run in _RUN.findall(part))
            for part in _PART.split(self.number)
        )
