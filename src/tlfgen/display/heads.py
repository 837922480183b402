"""The header of a table: leaf columns and the rows of headers above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from tlfgen.analysis.pairs import compared_labels, pair_level
from tlfgen.analysis.planned import PlannedComparison, planned_columns
from tlfgen.analysis.population import POPULATION, SIZE
from tlfgen.analysis.table import compose
from tlfgen.display.numbers import format_plain
from tlfgen.display.output import population_label
from tlfgen.display.parts import Head
from tlfgen.spec.comparison import ColumnComparisonSpec
from tlfgen.spec.output import TableSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

Groups = tuple[tuple[str, str], ...]
Columns = Sequence[tuple[Groups, int | None]]


@dataclass(frozen=True)
class Leaf:
    """A column of cells. groups: those of its results; size: its N; variable: that of its span;
    comparison, methods: what it compares, and by which method in each kind of row; statistic: the label of
    its format, where statistics are columns."""

    groups: Groups
    label: str
    size: int | None = None
    variable: str | None = None
    comparison: ColumnComparisonSpec | None = None
    methods: tuple[PlannedComparison, ...] = ()
    statistic: str | None = None

    @property
    def is_p_value(self) -> bool:
        """Say whether it is a comparison's."""
        return self.comparison is not None


def leaves_of(table: TableSpec, columns: Columns, study: StudySpec) -> list[Leaf]:
    """The leaf columns: the table's columns once for each span, comparisons after each or last."""
    variables: list[str | None] = list(table.columns.spans.values()) or [None]
    leaves = [
        Leaf(groups, _label(groups, table, study), size, v) for v in variables for groups, size in columns
    ]
    levels = labels_of(table, columns, study)
    found = []
    for leaf in leaves:
        found.append(leaf)
        for one in table.compare:
            if one.place == "after each" and leaf.label in compared_labels(one, table.columns, levels):
                found.append(_compared(one, leaf.label, levels, leaf))
    for one in table.compare:
        each = compared_labels(one, table.columns, levels) if one.place == "last" else []
        by_label = {leaf.label: leaf for leaf in leaves}
        found += [_compared(one, n, levels, by_label[n], several=len(each) > 1) for n in each]
    return found


def labels_of(table: TableSpec, columns: Columns, study: StudySpec) -> dict[str, str]:
    """The level of each column, by its label."""
    return {_label(groups, table, study): groups[-1][1] for groups, _ in columns if groups}


def pair_groups(groups: Groups, each: str, against: str) -> Groups:
    """The groups of the results of a pair of columns, from those of a column."""
    return (*groups[:-1], (groups[-1][0], pair_level(each, against)))


def _compared(
    one: ColumnComparisonSpec, label: str, levels: Mapping[str, str], leaf: Leaf, *, several: bool = False
) -> Leaf:
    groups = pair_groups(leaf.groups, levels[label], levels[one.against])
    return Leaf(
        groups,
        f"{one.label}\n{label}" if several else one.label,
        comparison=one,
        methods=planned_columns(one),
    )


def _label(groups: Groups, table: TableSpec, study: StudySpec) -> str:
    spec = table.columns
    if groups and groups[-1][0] in spec.sets:
        return spec.sets[groups[-1][0]]
    unnamed = spec.total or population_label(table, study)
    return spec.levels.get(groups[-1][1], groups[-1][1]) if groups else unnamed


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
    return Head((*lines, rules.words.say("column_n", n=format_plain(leaf.size, rules))), span, (name,))
