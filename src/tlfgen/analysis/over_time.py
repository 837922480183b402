"""The results behind a figure of a variable over time: those of a table that summarises y by facet and x."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from tlfgen.analysis.decimals import collected_decimals
from tlfgen.analysis.levels import LINE, Grid, grid_of, key, keys, with_levels
from tlfgen.analysis.long import Analysis, Statistic, complete, to_long
from tlfgen.analysis.prepare import (
    MISSING,
    REPEATED,
    Prepared,
    analysis_of,
    decimals_rows,
    note,
    without_level,
)
from tlfgen.analysis.summarise import repeated, summarise_rows, summary_statistics
from tlfgen.analysis.table import group_at, level_at
from tlfgen.errors import SpecError
from tlfgen.spec.level import LevelSpec
from tlfgen.spec.output import RowSpec
from tlfgen.spec.over_time import OverTimeSpec

X_VALUE = "x_value"


@dataclass(frozen=True)
class OverTime:
    """records: with their levels; grid: the lines, facet and x; wide: the summary of each line and column."""

    figure: OverTimeSpec
    prepared: Prepared
    row: RowSpec
    records: pl.DataFrame
    grid: Grid
    wide: pl.DataFrame
    analysis: Analysis


def over_time(prepared: Prepared) -> OverTime:
    """Summarise y at each facet and x: the analysis `output.Y`."""
    figure: OverTimeSpec = prepared.output
    source = prepared.source
    by = tuple(LevelSpec(name=n) for n in (figure.facet, figure.x) if n)
    row = RowSpec(id="y", summarise=(figure.y,), by=by, cells={"n": "{n}"})
    records = with_levels(source.frame, row, source)
    grid = grid_of(records, row, source, prepared.columns)
    bare = figure.y.removeprefix("ADSL.")
    wide = summarise_rows(figure.y, records, grid, prepared.columns, source, figure.at)
    return OverTime(figure, prepared, row, records, grid, wide, analysis_of(prepared, bare, bare, row.by))


def results_of(own: OverTime, more: Mapping[str, Statistic]) -> Iterator[pl.DataFrame]:
    """The summary and `more` of it, as results, with the `x_value` of each x."""
    figure, source = own.figure, own.prepared.source
    yield to_long(own.wide, own.analysis, summary_statistics(source.study) | dict(more))
    decimals = collected_decimals(figure.y, own.records, own.row, source)
    yield decimals_rows(own.analysis, decimals, own.row)
    yield complete(_x_values(own), own.analysis)
    yield note(own.analysis, MISSING, without_level(source, own.row))
    yield note(
        own.analysis, REPEATED, repeated(figure.y, own.records, len(own.row.by), own.prepared.columns, source)
    )


def _x_values(own: OverTime) -> pl.DataFrame:
    """Where each x stands: its numeric variable, one number a level; without such a variable 1, 2, 3, ..."""
    figure, source, last = own.figure, own.prepared.source, len(own.row.by) - 1
    numeric, order = figure.x_value or source.twin(figure.x), own.grid.order[last]
    places = {v: float(i) for i, v in enumerate(order, start=1)}
    if numeric is not None:
        source.needs([numeric], figure.at)
        at = own.records.select(key(last), pl.col(source.own(numeric)).cast(pl.Float64).alias("x"))
        at = at.drop_nulls().unique()
        twice = at.filter(pl.col(key(last)).is_duplicated())
        if twice.height:
            raise SpecError(f"{numeric} has more than one value at '{twice[key(last)][0]}'.", place=figure.at)
        places = dict(at.iter_rows())
        lost = [v for v in order if v not in places]
        if lost:
            raise SpecError(f"{numeric} is missing at '{lost[0]}'.", place=figure.at)
    lines = own.grid.frame.sort(LINE).select(keys(last + 1))
    place = pl.col(key(last)).replace_strict(places, return_dtype=pl.Float64) if places else pl.lit(0.0)
    shared_place = lines.filter(pl.struct(*keys(last), place.alias("x")).is_duplicated())
    if shared_place.height:
        first, second = shared_place[key(last)].head(2)
        raise SpecError(
            f"{numeric} has the same value at '{first}' and at '{second}'.", place=figure.at,
            hint="Give each its own place by x_value:, or leave one of them out by where:.",
        )  # fmt: skip
    shared = {"statistic": X_VALUE, "method": numeric or "order", "shown": "place"}
    shared |= {group_at(i): name.removeprefix("ADSL.") for i, name in enumerate(own.row.by_names)}
    return lines.select(
        place.alias("stat_num"),
        *(pl.col(key(i)).alias(level_at(i)) for i in range(last + 1)),
        *(pl.lit(v).alias(k) for k, v in shared.items()),
    )
