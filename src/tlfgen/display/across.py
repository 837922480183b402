"""Statistics as columns: below each column of a table one for each format of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tlfgen.display.heads import Leaf
from tlfgen.display.parts import Head
from tlfgen.spec.output import RowSpec, TableSpec

Heads = tuple[tuple[Head, ...], ...]


def statistics_of(table: TableSpec) -> tuple[str, ...]:
    """The labels of the formats that stand side by side; none where they stand below each other."""
    if table.statistics == "rows":
        return ()
    return next((tuple(row.cells) for row in table.rows if isinstance(row, RowSpec)), ())


def leaves_across(leaves: Sequence[Leaf], statistics: Sequence[str]) -> list[Leaf]:
    """The columns of cells: each column once for each statistic."""
    return [replace(leaf, statistic=label) for leaf in leaves for label in statistics] or list(leaves)


def heads_across(heads: Heads, statistics: Sequence[str]) -> Heads:
    """The rows of headers above the statistics, and the row of these."""
    if not statistics:
        return heads
    above = tuple(tuple(replace(h, span=h.span * len(statistics)) for h in row) for row in heads)
    columns = sum(h.span for h in heads[-1])
    return (*above, tuple(Head(tuple(label.split("\n"))) for label in statistics) * columns)
