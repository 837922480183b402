"""The pairs of columns that a comparison is of, as columns of their own: `TRT01A=Drug~Placebo`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tlfgen.analysis.columns import Column, Member, label_of
from tlfgen.errors import SpecError, unknown
from tlfgen.spec.comparison import OTHERS, ComparisonSpec
from tlfgen.spec.shell import ColumnsSpec

BETWEEN = "~"


@dataclass(frozen=True)
class Both(Member):
    """Two members as one: the records of either."""

    sides: tuple[Member, ...] = ()

    @property
    def where(self) -> str:
        plain = [m for m in self.sides if m.values is not None and not m.missing]
        if len(plain) == len(self.sides):
            values = tuple(v for m in plain for v in m.values or ())
            return Member(self.variable, self.group, self.level, values, is_text=self.is_text).where
        return "" if not all(m.where for m in self.sides) else " OR ".join(m.where for m in self.sides)


@dataclass(frozen=True)
class Pair:
    """Two columns, by their places; labels as footnotes name them. column: both as one."""

    each: int
    against: int
    labels: tuple[str, str]
    column: Column


def compared_labels(comparison: ComparisonSpec, spec: ColumnsSpec, labels: Mapping[str, str]) -> list[str]:
    """The labels of `each`: those named, or all levels but that of `against`; totals, groups and those
    without a value are no levels.

    labels: label -> level of each column. A SpecError names one that is not there.
    """
    for label in (comparison.against, *comparison.each):
        if label not in labels and not is_others(comparison, labels):
            raise unknown("The column", label, labels, comparison.at)
    if comparison.against not in labels:
        raise unknown("The column", comparison.against, labels, comparison.at)
    if not is_others(comparison, labels):
        return list(comparison.each)
    beside = {spec.total, spec.missing, *spec.groups}
    return [n for n, level in labels.items() if level not in beside and n != comparison.against]


def is_others(comparison: ComparisonSpec, labels: Iterable[str]) -> bool:
    """Say whether `each` stands for all levels but one; a column may be called so."""
    return comparison.each == (OTHERS,) and OTHERS not in labels


def pair_level(each: str, against: str) -> str:
    """The level of a pair in the results.

    >>> pair_level("Drug", "Placebo")
    'Drug~Placebo'
    """
    return f"{each}{BETWEEN}{against}"


def pairs_of(comparison: ComparisonSpec, spec: ColumnsSpec, columns: Sequence[Column]) -> list[Pair]:
    """The pairs of a comparison. A SpecError where a column is not there, or two hold the same subjects."""
    if any(len(c.members) != 1 or c.by is None or c.by.group in spec.sets for c in columns):
        raise SpecError(
            "compare needs columns by a subject's variable only.",
            place=comparison.at,
            hint="Write columns: {by: ADSL.TRT01A}, without of: or sets:.",
        )
    labels = [label_of(c, spec) for c in columns]
    levels = {n: c.members[0].level for n, c in zip(labels, columns, strict=True)}
    there = labels.index
    chosen = compared_labels(comparison, spec, levels)
    return [_pair(there(n), there(comparison.against), labels, columns, comparison) for n in chosen]


def _pair(
    each: int, against: int, labels: Sequence[str], columns: Sequence[Column], comparison: ComparisonSpec
) -> Pair:
    one, other = columns[each].members[0], columns[against].members[0]
    shared = set(one.values or ()) & set(other.values or ())
    whole = any(m.values is None and not m.missing for m in (one, other))
    if shared or whole:
        raise SpecError(
            f"'{labels[each]}' and '{labels[against]}' hold the same subjects and cannot be compared.",
            place=comparison.at,
            hint="Compare columns that share no subject.",
        )
    level = pair_level(one.level, other.level)
    both = Both(one.variable, one.group, level, is_text=one.is_text, sides=(one, other))
    return Pair(each, against, (labels[each], labels[against]), Column(both))
