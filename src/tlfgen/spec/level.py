"""Models of what rows are split by: a variable, and what applies to its levels."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from tlfgen.spec.form import as_list
from tlfgen.spec.loader import Entry
from tlfgen.spec.shell import check_labels


class SortSpec(Entry):
    """by frequency: descending count in the column labelled `in` (default: the total); ties alphabetical.
    by value: alphabetical. Alphabetical is by the characters' codes: capitals before small letters."""

    by: Literal["frequency", "value"] = "frequency"
    in_: str | None = Field(default=None, alias="in")
    ties: Literal["alphabetical"] = "alphabetical"


def _sort_of(given: Any) -> Any:
    """Let `sort: value` stand for `sort: {by: value}`."""
    return {"by": given} if isinstance(given, str) else given


class LevelSpec(Entry):
    """A variable that rows are split by, with what applies to its levels.

    levels: value -> label, all printed, in order; other values stand below them. missing: the label of a row
    for nulls, printed where there are any. missing_of: what that row counts, of the last variable of a count
    of subjects: those with a record without a value, or all subjects of the column without any value, those
    without a record too. sort: `frequency` or `value`, or with the column that is counted.
    Levels stand in the order of `levels`, else of `sort`, of the numeric twin (PARAMN for PARAM), of the
    arms, of their numbers, of the alphabet. worst, of the last variable only: a number by which a subject's
    records are ranked; the subject counts once, at the level of its highest.
    """

    name: str
    levels: dict[str, str] = {}
    missing: str | None = None
    missing_of: Literal["records", "subjects"] = "records"
    sort: Annotated[SortSpec | None, BeforeValidator(_sort_of)] = None
    worst: str | None = None

    bears_marks = frozenset({"levels"})

    @model_validator(mode="after")
    def _ordered_once(self) -> LevelSpec:
        check_labels(f"by {self.name}: levels", self.levels.values())
        if self.missing_of == "subjects" and (self.missing is None or self.worst):
            said = "says nothing with worst" if self.worst else "needs missing, the label of its row"
            raise ValueError(f"by {self.name}: missing_of {said}")
        if self.levels and self.sort:
            raise ValueError(f"by {self.name}: its levels are listed, and sorted as well; leave one out")
        return self

    def label(self, level: str) -> str:
        """What a level is called."""
        return self.levels.get(level, level)


def _levels_of(given: Any) -> Any:
    """Let a variable's name stand for the variable."""
    return [{"name": one} if isinstance(one, str) else one for one in as_list(given) or ()]


By = Annotated[tuple[LevelSpec, ...], BeforeValidator(_levels_of)]
