"""The header of a table: leaf columns and the rows of headers above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from tlfgen.display.output import population_label
from tlfgen.display.parts import Head
from tlfgen.spec.output import TableSpec
from tlfgen.spec.study import StudySpec

Groups = tuple[tuple[str, str], ...]
Columns = Sequence[tuple[Groups, int | None]]


@dataclass(frozen=True)
class Leaf:
    """A column of cells. groups: of its results; size: its N; variable: that of its span; label: of the last group."""

    groups: Groups
    size: int | None
    label: str
    variable: str | None = None
    is_p_value: bool = False


def leaves_of(table: TableSpec, columns: Columns) -> list[Leaf]:
    """The leaf columns: the table's columns once for each span, P values after each or last."""
    spec, compare = table.columns, table.compare

    def label(groups: Groups) -> str:
        return spec.levels.get(groups[-1][1], groups[-1][1]) if groups else (spec.total or "")

    found = []
    for variable in list(spec.spans.values()) or [None]:
        plain = [Leaf(groups, size, label(groups), variable) for groups, size in columns]
        if compare is None:
            found += plain
            continue
        tested = {w: leaf for leaf in plain for w in compare.each if leaf.label == w}
        values = {
            w: Leaf(leaf.groups, None, compare.label if compare.place == "after each" else w, is_p_value=True)
            for w, leaf in tested.items()
        }
        if compare.place == "after each":
            found += [x for leaf in plain for x in (leaf, values.get(leaf.label)) if x is not None]
        else:
            found += [*plain, *values.values()]
    return found


def heads_of(
    table: TableSpec, columns: Columns, leaves: Sequence[Leaf], study: StudySpec
) -> tuple[tuple[Head, ...], ...]:
    """The rows of headers, outermost first: spans, then `by` above `of`; a column's N below its name.

    With `of` alone the N is the population's and stands above all columns. The population "all" has no N.
    """
    spec = table.columns
    rows = []
    if spec.spans:
        each = len(leaves) // len(spec.spans)
        rows.append(tuple(Head((label,), each) for label in spec.spans))
    if spec.of:
        outer = _outer(table, leaves, study)
        if outer:
            rows.append(outer)
        rows.append(tuple(Head(_lines(leaf.label, None)) for leaf in leaves))
        return tuple(rows)
    if table.compare and table.compare.place == "last":
        several = len(table.compare.each) > 1
        names = {True: lambda x: (table.compare.label, x.label) if several else (table.compare.label,)}
        rows.append(tuple(Head(names[True](x) if x.is_p_value else _lines(x.label, x.size)) for x in leaves))
        return tuple(rows)
    unnamed = "" if columns and columns[0][0] else population_label(table, study)
    rows.append(tuple(Head(_lines(leaf.label or unnamed, leaf.size)) for leaf in leaves))
    return tuple(rows)


def _outer(table: TableSpec, leaves: Sequence[Leaf], study: StudySpec) -> tuple[Head, ...]:
    if not table.columns.by:
        size = leaves[0].size
        return () if size is None else (Head((population_label(table, study), f"(N={size})"), len(leaves)),)
    blocks = [list(block) for _, block in groupby(leaves, key=lambda x: (x.variable, x.groups[0]))]
    return tuple(Head(_lines(b[0].groups[0][1], b[0].size), len(b)) for b in blocks)


def _lines(label: str, size: int | None) -> tuple[str, ...]:
    lines = tuple(label.split("\n"))
    return lines if size is None else (*lines, f"(N={size})")
