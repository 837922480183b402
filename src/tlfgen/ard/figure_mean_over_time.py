"""The results behind a figure of means over time: those of a table that summarises y by x, and the limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.ard.levels import LINE, grid_of, key, with_levels
from tlfgen.ard.long import COLUMN, Statistic, complete, to_long
from tlfgen.ard.summarise import repeated, summarise_rows, summary_statistics
from tlfgen.ard.table import GROUPS, LEVELS
from tlfgen.errors import SpecError
from tlfgen.spec.output import FigureSpec, RowSpec

if TYPE_CHECKING:
    from tlfgen.ard.run import Prepared

X_VALUE, LOWER, UPPER = "x_value", "lower", "upper"


def analyse(prepared: Prepared) -> Iterator[pl.DataFrame]:
    """Summarise y at each x: the analysis `output.Y`, with `lower` and `upper` and the `x_value` of each x."""
    from tlfgen.ard.run import REPEATED, _note, analysis_of

    figure: FigureSpec = prepared.output
    source = prepared.source
    row = RowSpec(id="y", summarise=(figure.y,), by=(figure.x,), cells={"n": "{n}"})
    row._place = figure.at
    records = with_levels(source.frame, row, source)
    grid = grid_of(records, row, source, prepared.columns)
    analysis = analysis_of(prepared, figure.y.removeprefix("ADSL."), figure.y, row.by)
    wide = summarise_rows(figure.y, records, grid, prepared.columns, source, figure.at)
    statistics = summary_statistics(source.study)
    if figure.limits != "none":
        half, of = pl.col(figure.limits), statistics[figure.limits]
        method = f"mean and one {figure.limits.upper()} to each side"
        statistics |= {
            LOWER: Statistic(pl.col("mean") - half, of.reason, method=method),
            UPPER: Statistic(pl.col("mean") + half, of.reason, method=method),
        }
    yield to_long(wide, analysis, statistics)
    yield complete(_x_values(figure, records, grid.order[0], prepared), analysis)
    yield _note(analysis, REPEATED, repeated(figure.y, records, 1, source))


def _x_values(
    figure: FigureSpec, records: pl.DataFrame, order: tuple[str, ...], prepared: Prepared
) -> pl.DataFrame:
    """Where each x stands: its numeric variable, which must be one number a level; without one 1, 2, 3, ..."""
    source = prepared.source
    numeric = figure.x_value or source.twin(figure.x)
    places: dict[str, float] = {v: float(i) for i, v in enumerate(order, start=1)}
    if numeric is not None:
        source.needs([numeric], figure.at)
        at = records.select(key(0), pl.col(source.own(numeric)).cast(pl.Float64).alias("x")).drop_nulls().unique()
        twice = at.filter(pl.col(key(0)).is_duplicated())
        if twice.height:
            raise SpecError(f"{numeric} has more than one value at '{twice[key(0)][0]}'.", place=figure.at)
        places = dict(at.iter_rows())
    found = {"stat_num": [places.get(v) for v in order], LEVELS[0]: list(order)}
    return pl.DataFrame(found, schema={"stat_num": pl.Float64, LEVELS[0]: pl.String}).with_columns(
        pl.lit(figure.x.removeprefix("ADSL.")).alias(GROUPS[0]), pl.lit(X_VALUE).alias("statistic"),
        pl.lit("count").alias("method"),
    )  # fmt: skip


__all__ = ["COLUMN", "LINE", "LOWER", "UPPER", "X_VALUE", "analyse"]
