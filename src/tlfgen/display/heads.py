"""The header of a table: leaf columns and the rows of headers above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from tlfgen.analysis.population import POPULATION, SIZE
from tlfgen.analysis.table import compose
from tlfgen.display.numbers import format_plain
from tlfgen.display.output import population_label
from tlfgen.display.parts import Head
from tlfgen.spec.output import TableSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

Groups = tuple[tuple[str, str], ...]
Columns = Sequence[tuple[Groups, int | None]]


@dataclass(frozen=True)
class Leaf:
    """A column of cells. groups: those of its results; size: its N; variable: that of its span."""

    groups: Groups
    label: str
    size: int | None = None
    variable: str | None = None
    is_p_value: bool = False


def leaves_of(table: TableSpec, columns: Columns, study: StudySpec) -> list[Leaf]:
    """The leaf columns: the table's columns once for each span, P values after each or last."""
    spec, compare = table.columns, table.compare
    unnamed = spec.total or population_label(table, study)

    def label(groups: Groups) -> str:
        if groups and groups[-1][0] in spec.sets:
            return spec.sets[groups[-1][0]]
        return spec.levels.get(groups[-1][1], groups[-1][1]) if groups else unnamed

    variables: list[str | None] = list(spec.spans.values()) or [None]
    leaves = [Leaf(groups, label(groups), size, v) for v in variables for groups, size in columns]
    if compare is None:
        return leaves
    last = compare.place == "last"
    several = last and len(compare.each) > 1
    tests = {
        leaf.label: Leaf(
            leaf.groups, f"{compare.label}\n{leaf.label}" if several else compare.label, is_p_value=True
        )
        for leaf in leaves
        if leaf.label in compare.each
    }
    if last:
        return [*leaves, *(tests[w] for w in compare.each)]
    return [x for leaf in leaves for x in (leaf, tests.get(leaf.label)) if x is not None]


def heads_of(
    table: TableSpec, leaves: Sequence[Leaf], study: StudySpec, rules: NumberRules
) -> tuple[tuple[Head, ...], ...]:
    """The rows of headers, outermost first: spans, then `by` above `of`; a column's N below its name.

    With `of` alone the N is the population's and stands above all columns. The population "all" has no N.
    """
    spec = table.columns
    rows = []
    if spec.spans:
        each = len(leaves) // len(spec.spans)
        rows.append(tuple(Head((spec.shown(label),), each) for label in spec.spans))
    if spec.of and spec.by:
        blocks = [list(block) for _, block in groupby(leaves, key=lambda x: (x.variable, x.groups[0]))]
        rows.append(tuple(_sized(b[0].groups[0][1], b[0], table, rules, len(b)) for b in blocks))
    elif spec.of and leaves[0].size is not None:
        rows.append((_sized(population_label(table, study), leaves[0], table, rules, len(leaves)),))
    own = [replace(x, size=None) if spec.of else x for x in leaves]
    rows.append(tuple(replace(_sized(x.label, x, table, rules), follows=_follows(x)) for x in own))
    return tuple(rows)


def _follows(leaf: Leaf) -> bool:
    """Say whether a column's label says nothing without the column before it: a P value that names no arm."""
    return leaf.is_p_value and "\n" not in leaf.label


def _sized(label: str, leaf: Leaf, table: TableSpec, rules: NumberRules, span: int = 1) -> Head:
    """A header with the N of a column below it, where it has one."""
    lines = tuple(table.columns.shown(label).split("\n"))
    if leaf.size is None:
        return Head(lines, span)
    name = compose(f"{table.output}.{POPULATION}", SIZE, leaf.groups)
    return Head((*lines, f"(N={format_plain(leaf.size, rules)})"), span, (name,))
