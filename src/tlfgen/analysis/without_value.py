"""Subjects of a column without a value in a line: those with no record there as well as those with a null."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tlfgen.analysis.columns import Column
from tlfgen.analysis.count import MORE, NO_POPULATION, NOBODY
from tlfgen.analysis.forms import PERCENT, Declared
from tlfgen.analysis.levels import LINE, Grid, keys
from tlfgen.analysis.long import COLUMN, Statistic
from tlfgen.analysis.source import NUMBER, Source
from tlfgen.spec.output import RowSpec

N_MISSING, MISSING_PCT = "n_missing", "missing_pct"
DECLARED = {N_MISSING: Declared("count", "missing"), MISSING_PCT: PERCENT}
SIZE, VALUED = "#size", "#valued"


def missing_rows(
    variable: str,
    records: pl.DataFrame,
    grid: Grid,
    columns: Sequence[Column],
    sizes: Sequence[int | None],
    source: Source,
    row: RowSpec,
) -> pl.DataFrame:
    """Count the subjects of each line and column with a value: a wide frame with VALUED and SIZE.

    records: with keys. The size is the column's N (`sizes`), or the subjects with a record that meets the
    row's `denominator`.
    """
    by = [c for c in grid.frame.columns if c in keys(len(grid.order))]
    valued = records.filter(pl.col(source.own(variable)).is_not_null())
    subjects = pl.col(NUMBER).drop_nulls().n_unique().cast(pl.Int64).alias(VALUED)
    parts = []
    for i, column in enumerate(columns):
        inside = valued.filter(column.mask)
        size = pl.lit(_size(column, sizes[i], source, row), pl.Int64).alias(SIZE)
        there = grid.frame.select(LINE, *by, pl.lit(i, pl.Int64).alias(COLUMN), size)
        if by:
            counted = there.join(inside.group_by(by).agg(subjects), on=by, how="left", maintain_order="left")
        else:
            counted = there.join(inside.select(subjects), how="cross")
        parts.append(counted.with_columns(pl.col(VALUED).fill_null(0)))
    return pl.concat(parts)


def _size(column: Column, size: int | None, source: Source, row: RowSpec) -> int | None:
    if row.denominator_condition is None:
        return size
    met = source.rows(row.denominator_condition).filter(column.by_mask)
    return met[NUMBER].drop_nulls().n_unique()


def missing_statistics() -> dict[str, Statistic]:
    """The subjects without a value and their proportion, as the table of results has them."""
    of, valued = pl.col(SIZE), pl.col(VALUED)
    none = (
        pl.when(of.is_null()).then(pl.lit(NO_POPULATION))
        .when(valued > of).then(pl.lit(MORE))
    )  # fmt: skip
    share = none.when(of == 0).then(pl.lit(NOBODY))
    number = pl.when(none.is_null()).then(of - valued)
    return {
        N_MISSING: Statistic(number, none, of, "count", declared=DECLARED[N_MISSING]),
        MISSING_PCT: Statistic(
            pl.when(share.is_null()).then(number / of), share, of, "count", declared=DECLARED[MISSING_PCT]
        ),
    }
