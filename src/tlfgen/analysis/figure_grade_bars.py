"""The results behind bars of events by grade: those of a table with a column a grade."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tlfgen.analysis.count import count_rows, count_statistics, outranked
from tlfgen.analysis.long import to_long
from tlfgen.analysis.prepare import MISSING, OUTRANKED, Prepared, analysis_of, note, without_level
from tlfgen.analysis.source import SUBJECT
from tlfgen.errors import SpecError
from tlfgen.spec.figure_grade_bars import GradeBarsSpec
from tlfgen.spec.level import LevelSpec, SortSpec
from tlfgen.spec.output import RowSpec

MOST_SIDES = 2


def analyse(prepared: Prepared) -> Iterator[pl.DataFrame]:
    """Count each side: `output.term`, or with two sides of records `output.side1` and `output.side2`; each
    subject once a term, at its highest grade."""
    figure: GradeBarsSpec = prepared.output
    arms = {c.by.level for c in prepared.columns if c.by}
    if len(arms) > MOST_SIDES:
        raise SpecError(
            f"{figure.columns.by} has {len(arms)} levels, and the figure two sides.", place=figure.columns.at
        )
    for row in rows_of(figure):
        analysis = analysis_of(prepared, row.id, SUBJECT, row.by, row)
        counted = count_rows(row, prepared.output, prepared.source, prepared.columns, prepared.sizes)
        yield to_long(counted, analysis, count_statistics(row, prepared.source, worst=figure.columns.worst))
        yield note(analysis, MISSING, without_level(prepared.source, row))
        unknown = outranked(row, prepared.output, prepared.source, prepared.columns)
        if figure.columns.missing and unknown:
            yield note(analysis, OUTRANKED, unknown)


def rows_of(figure: GradeBarsSpec) -> list[RowSpec]:
    """The entries that a table of the same numbers would have, one a side of records."""
    sides = [(f"side{i}", s.where) for i, s in enumerate(figure.sides, 1)] or [("term", None)]
    return [
        RowSpec(
            id=name, count="subjects", where=where,
            by=(LevelSpec(name=figure.by, sort=SortSpec(in_=figure.columns.total)),),
            cell="{n} ({pct})", at_least=figure.at_least,
        )
        for name, where in sides
    ]  # fmt: skip
