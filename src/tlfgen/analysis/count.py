"""Counts of subjects and of events, with their proportions."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tlfgen.analysis.columns import SEVERITY, Column, label_of, severity
from tlfgen.analysis.forms import COUNT, EVENTS, PERCENT
from tlfgen.analysis.levels import DEPTH, LINE, Grid, depths, grid_of, keys, with_levels
from tlfgen.analysis.long import COLUMN, Statistic
from tlfgen.analysis.source import NUMBER, Source
from tlfgen.errors import SpecError
from tlfgen.spec.level import SortSpec
from tlfgen.spec.output import RowSpec, TableSpec
from tlfgen.spec.significant import significant

DENOMINATOR = "#denominator"
OF_ALL = "count, without a value or a record"
NO_POPULATION, NOBODY = "no population", "no subject in the denominator"
MORE = "more subjects than in the denominator"
DECLARED = {"n": COUNT, "pct": PERCENT, "events": EVENTS}


def count_rows(
    row: RowSpec, table: TableSpec, source: Source, columns: Sequence[Column], sizes: Sequence[int | None]
) -> pl.DataFrame:
    """Count a row entry: a wide frame with LINE, COLUMN, the keys, n, events and DENOMINATOR.

    n: subjects with a record, each once a line. events: records. The denominator is the column's N (`sizes`),
    or the subjects with a record that meets `denominator`, and only these are counted; null in the population
    "all".
    """
    records = with_levels(source.rows(row.condition), row, source)
    if row.count == "subjects" and source.names_no_subject:
        raise SpecError(
            f"row '{row.id}' counts subjects, and {source.dataset} names none.",
            place=row.at,
            hint="Write count: events.",
        )
    if table.columns.worst:
        records = records.with_columns(severity(table.columns, source, records).alias(SEVERITY))
    of = _denominator_records(row, source)
    tallies = [_tally(records, row, source, table, c, d, of) for d in depths(row) for c in columns]
    placed = [(d, i) for d in depths(row) for i in range(len(columns))]
    grid = grid_of(records, row, source, columns, _frequencies(row, table, columns, placed, tallies))
    wide = []
    for (depth, i), tally in zip(placed, tallies, strict=True):
        lines = _lines(grid, depth, row).with_columns(pl.lit(i).cast(pl.Int64).alias(COLUMN))
        wide.append(
            lines.join(tally, on=keys(depth), how="left") if depth else lines.join(tally, how="cross")
        )
    counted = pl.concat(wide, how="diagonal").with_columns(pl.col("n", "events").fill_null(0).cast(pl.Int64))
    return _denominators(counted, row, of, columns, sizes)


def _denominator_records(row: RowSpec, source: Source) -> pl.DataFrame | None:
    """The records whose subjects percentages are of; None where they are of the column's N."""
    if row.denominator_condition is None:
        return None
    return with_levels(source.rows(row.denominator_condition), row, source)


def count_statistics(row: RowSpec, source: Source, *, worst: bool = False) -> dict[str, Statistic]:
    """The statistics of a count, as the table of results has them. worst: of the columns."""
    n, events, of = pl.col("n"), pl.col("events"), pl.col(DENOMINATOR)
    method = pl.lit("count, worst" if row.worst or worst else "count")
    if row.by and row.by[-1].missing_of == "subjects":
        at = pl.col(keys(len(row.by))[-1]).eq_missing(row.by[-1].missing)
        method = pl.when(at).then(pl.lit(OF_ALL)).otherwise(method)
    if row.count == "events":
        return {"events": Statistic(events, method="count", declared=DECLARED["events"])}
    reason = (
        pl.when(of.is_null()).then(pl.lit(NO_POPULATION))
        .when(of == 0).then(pl.lit(NOBODY))
        .when(n > of).then(pl.lit(MORE))
    )  # fmt: skip
    pct = pl.when(reason.is_null()).then(n / of)
    found = {
        "n": Statistic(n, denominator=of, method=method, declared=DECLARED["n"]),
        "pct": Statistic(pct, reason=reason, denominator=of, method=method, declared=DECLARED["pct"]),
    }
    return (
        found
        if source.is_subject_level
        else found | {"events": Statistic(events, method="count", declared=DECLARED["events"])}
    )


def _lines(grid: Grid, depth: int, row: RowSpec) -> pl.DataFrame:
    own = grid.frame.filter(pl.col(DEPTH) == depth)
    return own.select(LINE, DEPTH, *(k for k in keys(len(row.by)) if k in own.columns))


def _tally(
    records: pl.DataFrame,
    row: RowSpec,
    source: Source,
    table: TableSpec,
    column: Column,
    depth: int,
    denominator: pl.DataFrame | None,
) -> pl.DataFrame:
    """The lines' subjects and records in one column: a frame (keys, n, events); those of the denominator."""
    by = keys(depth)
    inside = records.filter(column.by_mask)
    if denominator is not None:
        inside = inside.join(denominator.filter(column.by_mask), on=[NUMBER, *by[:-1]], how="semi")
    counted = inside
    if row.worst and depth == len(row.by):
        counted = highest(counted, rank_of(row, source), by[:-1])
    if table.columns.worst:
        counted = highest(counted, pl.col(SEVERITY), by)
    of = pl.lit(True) if column.of is None else column.of.mask
    subjects, events = pl.col(NUMBER).drop_nulls().n_unique().alias("n"), pl.len().alias("events")
    counted, inside = counted.filter(of), inside.filter(of)
    if not by:
        return pl.concat([counted.select(subjects), inside.select(events)], how="horizontal")
    n = counted.group_by(by).agg(subjects)
    return inside.group_by(by).agg(events).join(n, on=by, how="full", coalesce=True)


def rank_of(row: RowSpec, source: Source) -> pl.Expr:
    """The number by which a row ranks records. A level without a number ranks above the others: no subject
    counts lower than it is."""
    assert row.worst is not None
    source.needs([row.worst], row.at)
    level = pl.col(keys(len(row.by))[-1])
    unranked = pl.when(level != (row.by[-1].missing or "")).then(float("inf"))
    return pl.col(source.own(row.worst)).cast(pl.Float64).fill_null(unranked)


def outranked(row: RowSpec, table: TableSpec, source: Source, columns: Sequence[Column]) -> int:
    """Records whose rank is not known, of subjects who are counted at the rank of other records."""
    records = with_levels(source.rows(row.condition), row, source)
    by = keys(len(row.by))
    rank = rank_of(row, source) if row.worst else severity(table.columns, source, records)
    by = by[:-1] if row.worst else by
    held = records.filter(pl.any_horizontal(pl.lit(False), *(c.by_mask for c in columns)))
    known = held.with_columns(rank.alias("#rank"))
    return known.filter(
        pl.col("#rank").is_null() & pl.col("#rank").max().over([NUMBER, *by]).is_not_null()
    ).height


def highest(records: pl.DataFrame, rank: pl.Expr, by: Sequence[str]) -> pl.DataFrame:
    """Each subject's records at its highest rank within `by`; where none has a rank, all of them."""
    ranked = records.with_columns(significant(rank).alias("#rank"))
    top = pl.col("#rank").max().over([NUMBER, *by])
    return ranked.filter(pl.col("#rank").eq_missing(top)).drop("#rank")


def _frequencies(
    row: RowSpec,
    table: TableSpec,
    columns: Sequence[Column],
    placed: Sequence[tuple[int, int]],
    tallies: Sequence[pl.DataFrame],
) -> dict[int, pl.DataFrame]:
    """For each variable that is sorted by frequency, from 0, the counts in the column that sorts it."""
    what = "events" if row.count == "events" else "n"
    found = {}
    for i, level in enumerate(row.by):
        if level.sort is None or level.sort.by != "frequency":
            continue
        at = sort_column(row, level.sort, table, columns)
        own = next((t for place, t in zip(placed, tallies, strict=True) if place == (i + 1, at)), None)
        if own is None:
            raise SpecError(
                f"row '{row.id}': {level.name} is sorted by frequency, and has no lines of its own.",
                place=level.sort.at,
                hint="Write nested: true, so that it has counts to be sorted by.",
            )
        found[i] = own.select(*keys(i + 1), pl.col(what).alias("count"))
    return found


def sort_column(row: RowSpec, sort: SortSpec, table: TableSpec, columns: Sequence[Column]) -> int:
    """The column whose counts sort the lines; a SpecError names the columns there are."""
    wanted = sort.in_ or table.columns.total
    labels = [label_of(c, table.columns) for c in columns]
    if wanted is None and len(columns) == 1:
        return 0
    if wanted in labels:
        return labels.index(wanted)
    raise SpecError(
        f"row '{row.id}' is sorted by the column '{wanted}', which is not there.",
        place=sort.at,
        hint="Columns: " + ", ".join(labels) + ".",
    )


def _denominators(
    counted: pl.DataFrame,
    row: RowSpec,
    records: pl.DataFrame | None,
    columns: Sequence[Column],
    sizes: Sequence[int | None],
) -> pl.DataFrame:
    if records is None:
        schema = {COLUMN: pl.Int64, DENOMINATOR: pl.Int64}
        of = pl.DataFrame({COLUMN: range(len(columns)), DENOMINATOR: sizes}, schema=schema)
        return counted.join(of, on=COLUMN, how="left")
    subjects = pl.col(NUMBER).drop_nulls().n_unique().cast(pl.Int64).alias(DENOMINATOR)
    parts = []
    for depth in depths(row):
        outer = keys(depth)[:-1]
        of = pl.concat(
            (inside.group_by(outer).agg(subjects) if outer else inside.select(subjects)).with_columns(
                pl.lit(i).cast(pl.Int64).alias(COLUMN)
            )
            for i, inside in enumerate(records.filter(c.by_mask) for c in columns)
        )
        parts.append(counted.filter(pl.col(DEPTH) == depth).join(of, on=[COLUMN, *outer], how="left"))
    return pl.concat(parts).with_columns(pl.col(DENOMINATOR).fill_null(0))


def described(cell: str) -> str:
    """A count's cell with what it prints in place of its statistics.

    >>> described("{n} ({pct})")
    'n (%)'
    """
    return cell.format_map({name: found.label for name, found in DECLARED.items()})
