"""Subjects of a column without a value in a line: those with no record there as well as those with a null."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tlfgen.analysis.count import MORE, NO_POPULATION, NOBODY
from tlfgen.analysis.forms import PERCENT, Declared
from tlfgen.analysis.levels import LINE, Grid, key, keys, with_levels
from tlfgen.analysis.long import COLUMN, Statistic
from tlfgen.analysis.prepare import Prepared
from tlfgen.analysis.source import NUMBER, SUBJECTS, about_subjects, as_named, meets, text_of
from tlfgen.spec.output import RowSpec

N_MISSING, MISSING_PCT = "n_missing", "missing_pct"
DECLARED = {N_MISSING: Declared("count", "missing"), MISSING_PCT: PERCENT}
SIZE, VALUED = "#size", "#valued"


def missing_rows(
    variable: str, records: pl.DataFrame, grid: Grid, prepared: Prepared, row: RowSpec
) -> pl.DataFrame:
    """Count the subjects of each line and column with a value: a wide frame with VALUED and SIZE.

    records: with keys. The size is that of the subjects whom the line is about: of the column's N, or with a
    record that meets the row's `denominator`; who meet what the row's `where` says of subjects; and who have
    the line's level, where `by` names a variable of a subject.
    """
    source, depth = prepared.source, keys(len(grid.order))
    by = [c for c in grid.frame.columns if c in depth]
    valued = records.filter(pl.col(source.own(variable)).is_not_null())
    subjects = pl.col(NUMBER).drop_nulls().n_unique().cast(pl.Int64).alias(VALUED)
    concerned = _concerned(prepared, row)
    parts = []
    for i, column in enumerate(prepared.columns):
        inside = valued.filter(column.mask)
        there = grid.frame.select(LINE, *by, pl.lit(i, pl.Int64).alias(COLUMN))
        there = _with(there, inside, by, subjects)
        if concerned is None:
            parts.append(there.with_columns(pl.lit(None, pl.Int64).alias(SIZE)))
            continue
        of_subject = [c for c in by if c in concerned.columns]
        size = pl.len().cast(pl.Int64).alias(SIZE)
        parts.append(_with(there, concerned.filter(column.by_mask), of_subject, size))
    return pl.concat(parts)


def with_missing_subjects(counted: pl.DataFrame, row: RowSpec, prepared: Prepared) -> pl.DataFrame:
    """Give the line of `missing` with `missing_of: subjects` all subjects whom it is about without a value.

    counted: as `count_rows` has it. A subject with any value there, beside a null or not, is none of them.
    """
    concerned = _concerned(prepared, row)
    if row.by[-1].missing_of == "records" or concerned is None:
        return counted
    *outer, last = keys(len(row.by))
    records = with_levels(prepared.source.rows(row.condition), row, prepared.source)
    records = records.filter(pl.col(last) != row.by[-1].missing)
    subjects = pl.col(NUMBER).drop_nulls().n_unique().cast(pl.Int64).alias(VALUED)
    of_subject = [c for c in outer if c in concerned.columns]
    size = pl.len().cast(pl.Int64).alias(SIZE)
    parts = []
    for i, column in enumerate(prepared.columns):
        own = _with(counted.filter(pl.col(COLUMN) == i), records.filter(column.by_mask), outer, subjects)
        parts.append(_with(own, concerned.filter(column.by_mask), of_subject, size))
    without = pl.when(pl.col(last) == row.by[-1].missing).then(pl.col(SIZE) - pl.col(VALUED))
    return pl.concat(parts).with_columns(pl.coalesce(without, "n").alias("n")).drop(SIZE, VALUED)


def _with(lines: pl.DataFrame, counted: pl.DataFrame, by: Sequence[str], count: pl.Expr) -> pl.DataFrame:
    """Lines with a count of what has their levels of `by`; 0 where nothing has."""
    if not by:
        return lines.join(counted.select(count), how="cross")
    found = lines.join(counted.group_by(by).agg(count), on=by, how="left", maintain_order="left")
    return found.with_columns(pl.col(count.meta.output_name()).fill_null(0))


def _concerned(prepared: Prepared, row: RowSpec) -> pl.DataFrame | None:
    """The subjects whom a row is about, with the keys of what `by` says of them; None in the population
    "all"."""
    source, found = prepared.source, prepared.subjects
    if source.subjects is None:
        return None
    for part in about_subjects(row.condition, source.everyone.columns):
        found = found.filter(meets(part, found.with_columns(as_named(part.columns, found))))
    if prepared.output.columns.n == "records":
        found = found.join(source.frame, on=NUMBER, how="semi")
    if row.denominator_condition is not None:
        found = found.join(source.rows(row.denominator_condition), on=NUMBER, how="semi")
    levels = ((i, x, x.name.removeprefix(f"{SUBJECTS}.")) for i, x in enumerate(row.by))
    own = ((i, x, text_of(found, bare)) for i, x, bare in levels if bare in source.everyone.columns)
    return found.with_columns(
        (text if level.missing is None else text.fill_null(level.missing)).alias(key(i))
        for i, level, text in own
    )


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
