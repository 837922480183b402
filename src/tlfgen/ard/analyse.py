"""The results of a row entry that asks for a registered analysis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from tlfgen.ard.analysis import METHOD, AnalysedCell, find_analysis
from tlfgen.ard.columns import label_of
from tlfgen.ard.levels import LINE, grid_of, keys, with_levels
from tlfgen.ard.long import COLUMN, Statistic, to_long
from tlfgen.ard.prepare import DECIMALS, MISSING, Prepared, analysis_of, note, unjudged_rows, without_level
from tlfgen.ard.source import NUMBER
from tlfgen.errors import SpecError, unknown
from tlfgen.spec.condition import Condition
from tlfgen.spec.output import RowSpec


def analysed(prepared: Prepared, row: RowSpec) -> Iterator[pl.DataFrame]:
    """Analyse the records of each cell: the statistics of the registered analysis, line by line.

    A percentage is of the column's N; within a level of `by`, and in the population "all", of the subjects
    with a record there; with `denominator`, of those of them with a record that meets it. A SpecError names
    the row where the analysis cannot take its records, or stands in a column that is not there.
    """
    source = prepared.source
    rule = find_analysis(str(row.analyse), row.at)
    typed = rule.read(row.params, row.at)
    records = with_levels(source.rows(row.condition), row, source)
    grid = grid_of(records, row, source, prepared.columns)
    by = [c for c in grid.frame.columns if c in keys(len(row.by))]
    wide: list[dict[str, Any]] = []
    wheres: dict[str, str] = {}
    there = _columns_in(row, prepared)
    for line in grid.frame.iter_rows(named=True):
        own = records
        for name in by:
            own = own.filter(pl.col(name) == line[name])
        for i in there:
            inside = own.filter(prepared.columns[i].mask)
            if row.denominator_condition is not None:
                of = source.rows(row.denominator_condition, inside)
                inside = inside.join(of, on=NUMBER, how="semi", maintain_order="left")
            cell = AnalysedCell(inside, _size(inside, row, prepared, i), source, row.at)
            try:
                found = rule.function(cell, **typed)
            except ValueError as error:
                raise SpecError(f"row '{row.id}': {error}.", place=row.at) from error
            wheres |= {s: v.where for s, v in found.items() if v.where}
            values: dict[str, Any] = {s: v.value for s, v in found.items()}
            values |= {f"reason:{s}": v.reason for s, v in found.items()}
            values |= {f"of:{s}": v.denominator for s, v in found.items()}
            wide.append({LINE: line[LINE], COLUMN: i, **{k: line[k] for k in by}, **values})
    names = rule.statistics(**typed)
    schema: dict[str, Any] = {LINE: pl.Int64, COLUMN: pl.Int64, **dict.fromkeys(by, pl.String)}
    for s in names:
        schema |= {s: pl.Float64, f"reason:{s}": pl.String, f"of:{s}": pl.Float64}
    frame = pl.DataFrame(wide, schema=schema, orient="row")
    statistics = {
        s: Statistic(
            pl.col(s), pl.col(f"reason:{s}"), pl.col(f"of:{s}"), METHOD + rule.name, wheres.get(s, "")
        )
        for s in names
    }
    analysis = analysis_of(prepared, row.id, "", row.by, row)
    yield to_long(frame, analysis, statistics)
    if isinstance(row.decimals, int):
        yield note(analysis, DECIMALS, row.decimals)
    if row.by and not row.missing:
        yield note(analysis, MISSING, without_level(source, row))
    yield unjudged_rows(prepared, row, *(c for c in typed.values() if isinstance(c, Condition)))


def _columns_in(row: RowSpec, prepared: Prepared) -> list[int]:
    """The columns where the analysis stands."""
    labels = [label_of(column, prepared.output.columns) for column in prepared.columns]
    for label in row.in_:
        if label not in labels:
            raise unknown("The column", label, labels, row.at_key("in"))
    return [i for i, label in enumerate(labels) if not row.in_ or label in row.in_]


def _size(inside: pl.DataFrame, row: RowSpec, prepared: Prepared, column: int) -> float | None:
    is_own = bool(row.by) or row.denominator_condition is not None
    return inside[NUMBER].drop_nulls().n_unique() if is_own else prepared.sizes[column]
