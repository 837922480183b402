"""Narratives from data: one text a record, with what other datasets hold about the same subject."""

from __future__ import annotations

import re
from typing import Any

from pydantic import Field, field_validator

from tlfgen.errors import SpecError
from tlfgen.spec.form import Texts
from tlfgen.spec.shell import Conditional

# What a template can name beside the lists of records.
RECORD, REASONS = "p", "reasons"
# Functions of every text: of those in QUOTING the first argument is a result's name, of compared two are.
QUOTING = ("n", "counted", "ranked", "compared")
FUNCTIONS = (*QUOTING, "N", "listed")
GIVEN = (RECORD, REASONS, *FUNCTIONS, "ref", "study")
# What a narrative of a section can name.
SECTION = (
    *FUNCTIONS, "ref", "study", "not_collected", "forms", "read", "accepted", "quarantined", "ledger_table",
)  # fmt: skip
# Behind a variable's name: what was collected, where it could not be read; else empty.
COLLECTED = "_AS_COLLECTED"
POPULATION = re.compile(r"(?P<flag>\w+)(\[(?P<by>\w+)=(?P<level>[^\]]+)\])?")


def population_of(name: str) -> tuple[str, str | None, str | None]:
    """The flag, the variable and the level of `N("SAFFL[TRT01A=Placebo]")`.

    >>> population_of("SAFFL")
    ('SAFFL', None, None)
    """
    found = POPULATION.fullmatch(name)
    if not found:
        raise SpecError(
            f'N("{name}") names no analysis set.', hint='Write N("SAFFL") or N("SAFFL[TRT01A=A]").'
        )
    return found["flag"], found["by"], found["level"]


class RecordsSpec(Conditional):
    """Records of a dataset: those that meet `where`, in the order of `order` (a minus: from high to low)."""

    from_: str = Field(alias="from")
    order: Texts = ()


class EachSpec(RecordsSpec):
    """One narrative a record of `from`, in the population if one is given.

    because: label -> records. A record has a narrative only where its subject has one of them; the labels
    that hold are `reasons`. heading: the variables that name a narrative. text: the template, in report/.
    records: name -> the records of the same subject that the template sees by that name. empty: the sentence
    that stands where no record qualifies.
    """

    population: str = "all"
    because: dict[str, RecordsSpec] = {}
    heading: Texts = ("USUBJID",)
    text: str
    records: dict[str, RecordsSpec] = {}
    empty: str = "No subject met the criteria for a narrative."

    @field_validator("records")
    @classmethod
    def _names(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name in value:
            if not name.isidentifier() or name in (*GIVEN, "loop"):
                raise ValueError(f"'{name}' cannot name records; the template has other uses for it")
        return value
