"""What is compared, by what method: the entries of `compare:`, of an analysis and of a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field, SkipValidation, model_validator

from tlfgen.spec.form import Texts
from tlfgen.spec.loader import Entry, split_params

OTHERS = "others"


class ComparisonSpec(Entry):
    """Each of some columns against one, by a registered method.

    id: the name of its principal statistic; the others are the id and what the method adds, as hr_low. do:
    the method. each: the labels of columns, or `others`, all levels but that of `against`. Every other key
    is a parameter of the method.
    """

    id: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    do: str
    each: Texts = Field(min_length=1)
    against: str
    params: Annotated[dict[str, Any], SkipValidation] = {}  # as read: its keys know their lines

    @model_validator(mode="before")
    @classmethod
    def _split_params(cls, data: Any) -> Any:
        own = {field.alias or name for name, field in cls.model_fields.items()}
        return split_params(data, own) if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _other(self) -> ComparisonSpec:
        if self.against in self.each:
            raise ValueError(f"'{self.id}' compares '{self.against}' with itself")
        return self


class ColumnComparisonSpec(ComparisonSpec):
    """A comparison in every row that it is for, with columns of its own.

    do: a method, or one for each kind of row: [fisher_exact, t_test]. place: where its columns stand; label:
    their header; cell: what they print, by default the principal statistic, with its limits where it has
    some.
    """

    do: Texts = Field(min_length=1)  # type: ignore[assignment]
    place: Literal["after each", "last"] = "after each"
    label: str = "P value"
    cell: str = ""

    bears_marks = frozenset({"label"})


def check_ids(comparisons: Iterable[ComparisonSpec]) -> None:
    """Refuse an id that stands twice."""
    seen: set[str] = set()
    for comparison in comparisons:
        if comparison.id in seen:
            raise ValueError(f"compare: the id '{comparison.id}' stands twice")
        seen.add(comparison.id)
