"""Subgroups: in each level of a subject's variable an analysis is made again."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from tlfgen.spec.loader import Entry


class SubgroupSpec(Entry):
    """The levels of a subject's variable; levels: value -> label, in order, all of them shown."""

    by: str = Field(pattern=r"^ADSL\.")
    label: str
    levels: dict[str, str] = {}

    @property
    def group(self) -> str:
        """What its results name it."""
        return self.by.removeprefix("ADSL.")


def check_once(subgroups: Iterable[SubgroupSpec]) -> None:
    """Refuse a variable that stands twice."""
    names = [s.by for s in subgroups]
    if len(set(names)) < len(names):
        raise ValueError("a variable stands twice among the subgroups")
