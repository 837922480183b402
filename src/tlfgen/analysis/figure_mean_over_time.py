"""The results behind a figure of means over time: those of a table that summarises y by x, and the limits."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tlfgen.analysis.decimals import collected_decimals
from tlfgen.analysis.levels import grid_of, key, with_levels
from tlfgen.analysis.long import Statistic, complete, to_long
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
from tlfgen.spec.figure_mean_over_time import MeanOverTimeSpec
from tlfgen.spec.level import LevelSpec
from tlfgen.spec.output import RowSpec

X_VALUE, LOWER, UPPER = "x_value", "lower", "upper"


def analyse(prepared: Prepared) -> Iterator[pl.DataFrame]:
    """Summarise y at each x: the analysis `output.Y`, with `lower`, `upper` and the `x_value` of each x."""
    figure: MeanOverTimeSpec = prepared.output
    source = prepared.source
    row = RowSpec(id="y", summarise=(figure.y,), by=(LevelSpec(name=figure.x),), cells={"n": "{n}"})
    records = with_levels(source.frame, row, source)
    grid = grid_of(records, row, source, prepared.columns)
    bare = figure.y.removeprefix("ADSL.")
    analysis = analysis_of(prepared, bare, bare, row.by)
    wide = summarise_rows(figure.y, records, grid, prepared.columns, source, figure.at)
    statistics = summary_statistics(source.study)
    if figure.limits != "none":
        half, reason = pl.col(figure.limits), statistics[figure.limits].reason
        method = f"mean and one {figure.limits.upper()} to each side"
        statistics |= {
            LOWER: Statistic(pl.col("mean") - half, reason, method=method, shown="summary"),
            UPPER: Statistic(pl.col("mean") + half, reason, method=method, shown="summary"),
        }
    yield to_long(wide, analysis, statistics)
    yield decimals_rows(analysis, collected_decimals(figure.y, records, row, source), row)
    yield complete(_x_values(figure, records, grid.order[0], prepared), analysis)
    yield note(analysis, MISSING, without_level(source, row))
    yield note(analysis, REPEATED, repeated(figure.y, records, 1, source))


def _x_values(
    figure: MeanOverTimeSpec, records: pl.DataFrame, order: tuple[str, ...], prepared: Prepared
) -> pl.DataFrame:
    """Where each x stands: its numeric variable, one number a level; without such a variable 1, 2, 3, ..."""
    source = prepared.source
    numeric = figure.x_value or source.twin(figure.x)
    places = {v: float(i) for i, v in enumerate(order, start=1)}
    if numeric is not None:
        source.needs([numeric], figure.at)
        at = records.select(key(0), pl.col(source.own(numeric)).cast(pl.Float64).alias("x"))
        at = at.drop_nulls().unique()
        twice = at.filter(pl.col(key(0)).is_duplicated())
        if twice.height:
            raise SpecError(f"{numeric} has more than one value at '{twice[key(0)][0]}'.", place=figure.at)
        places = dict(at.iter_rows())
        lost = [v for v in order if v not in places]
        if lost:
            raise SpecError(f"{numeric} is missing at '{lost[0]}'.", place=figure.at)
    found = {"stat_num": [places[v] for v in order], level_at(0): list(order)}
    shared = {group_at(0): figure.x.removeprefix("ADSL."), "statistic": X_VALUE, "method": numeric or "order"}
    shared |= {"shown": "place"}
    frame = pl.DataFrame(found, schema={"stat_num": pl.Float64, level_at(0): pl.String})
    return frame.with_columns(pl.lit(v).alias(k) for k, v in shared.items())
