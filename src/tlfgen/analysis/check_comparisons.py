"""Checks of what is compared, before any data is read: columns, methods, cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tlfgen.analysis.compare import kind_of_row
from tlfgen.analysis.names import tokens
from tlfgen.analysis.pairs import is_others
from tlfgen.analysis.planned import Planned, planned_columns
from tlfgen.analysis.source import EVERYTHING
from tlfgen.analysis.summarise import STATISTICS
from tlfgen.errors import Place, SpecError, nearest, unknown
from tlfgen.spec.comparison import ColumnComparisonSpec, ComparisonSpec
from tlfgen.spec.output import RowSpec
from tlfgen.spec.shell import ColumnsSpec


def check_label(label: str, columns: ColumnsSpec, labels: Iterable[str], at: Place) -> None:
    """A column is known by now where the spec lists its levels or sets, or where it is spelt almost like
    one."""
    labels = list(labels)
    if label not in labels and (columns.levels or columns.sets or nearest(label, labels)):
        raise unknown("The column", label, labels, at)


def check_compared(
    comparison: ComparisonSpec, columns: ColumnsSpec, population: str, labels: Sequence[str]
) -> None:
    """The columns of a comparison are of subjects, and are there."""
    if columns.spans or columns.of or not columns.by or population == EVERYTHING:
        raise SpecError("compare needs columns by a subject's variable only.", place=comparison.at)
    each = () if is_others(comparison, labels) else comparison.each
    for label in (*each, comparison.against):
        check_label(label, columns, labels, comparison.at)


def check_column_comparison(comparison: ColumnComparisonSpec, rows: Iterable[RowSpec]) -> None:
    """A comparison of a table is for some row, has names of its own, and prints what it gives."""
    kinds = {kind_of_row(row) for row in rows}
    for method in planned_columns(comparison):
        if method.rule.kind not in kinds:
            raise SpecError(
                f"'{comparison.id}': {method.rule.name} compares {method.rule.kind}, and no row gives some.",
                place=comparison.at_key("do"),
                hint="Proportions are of a row with count: subjects, means of one with summarise:.",
            )
        given = method.statistics
        taken = {"n", "pct", "events", *STATISTICS} & set(given)
        if taken:
            said = f"compare: '{min(taken)}' is the name of two statistics."
            raise SpecError(said, place=comparison.at_key("id"))
        for name in tokens(comparison.cell, comparison.at_key("cell")):
            if name not in given:
                raise unknown(f"'{comparison.id}': the statistic", name, given, comparison.at_key("cell"))


def check_one_pair(row: RowSpec, plan: Planned, columns: ColumnsSpec, labels: Sequence[str]) -> None:
    """A comparison that stands in the columns of `in:` is of one pair."""
    for comparison in plan.comparisons if row.in_ else ():
        each = comparison.spec.each
        others = is_others(comparison.spec, labels) and len(columns.levels) > 2
        if (len(each) > 1 or others) and not set(each) <= set(row.in_):
            raise SpecError(
                f"row '{row.id}': '{comparison.spec.id}' is of several pairs, which one column cannot show.",
                place=row.at_key("in"),
                hint="Leave in: out; each ratio then stands in the column of its own.",
            )
