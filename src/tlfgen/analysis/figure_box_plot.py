"""The results behind a box plot: the summary at each x, the ends of the whiskers, what lies beyond them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from tlfgen.analysis.forms import Declared
from tlfgen.analysis.levels import LINE, keys
from tlfgen.analysis.long import COLUMN, Statistic
from tlfgen.analysis.over_time import OverTime, over_time, results_of
from tlfgen.analysis.prepare import Prepared
from tlfgen.analysis.source import ROW, SUBJECT
from tlfgen.analysis.summarise import summary_statistics
from tlfgen.stats.whiskers import REACH, whiskers

LOWER, UPPER, OUTLIERS, VALUE = "lower_whisker", "upper_whisker", "outliers", "#value"
DECLARED = {
    LOWER: Declared("summary", "lower whisker"),
    UPPER: Declared("summary", "upper whisker"),
    OUTLIERS: Declared("count", "values beyond the whiskers"),
}


def analyse(prepared: Prepared) -> Iterator[pl.DataFrame]:
    """Summarise y at each x: the analysis `output.Y`, with `lower_whisker`, `upper_whisker`, `outliers`."""
    own = over_time(prepared)
    none = summary_statistics(prepared.source.study)["median"].reason
    how = f"last value within {REACH:g} interquartile ranges of the quartiles"
    statistics = {
        LOWER: Statistic(pl.col(LOWER), declared=DECLARED[LOWER], reason=none, method=how),
        UPPER: Statistic(pl.col(UPPER), declared=DECLARED[UPPER], reason=none, method=how),
        OUTLIERS: Statistic(
            pl.col(OUTLIERS), declared=DECLARED[OUTLIERS], method="values beyond the whiskers"
        ),
    }
    ends, beyond = _boxed(own)
    counted = beyond.group_by(LINE, COLUMN).agg(pl.len().cast(pl.Int64).alias(OUTLIERS))
    wide = own.wide.join(ends, on=[LINE, COLUMN], how="left", maintain_order="left")
    wide = wide.join(counted, on=[LINE, COLUMN], how="left", maintain_order="left")
    wide = wide.with_columns(pl.col(OUTLIERS).fill_null(0))
    yield from results_of(replace(own, wide=wide), statistics)


def select_outliers(prepared: Prepared) -> pl.DataFrame:
    """The values beyond the whiskers: the keys of their line, COLUMN, VALUE, the subject, and ROW of
    numbered records, in order."""
    own = over_time(prepared)
    return _boxed(own)[1].sort(LINE, COLUMN, VALUE, SUBJECT)


def _boxed(own: OverTime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The ends of the whiskers of each LINE and COLUMN that has a value, and the values beyond them."""
    source, by = own.prepared.source, keys(len(own.row.by))
    value = pl.col(source.own(own.figure.y)).cast(pl.Float64).alias(VALUE)
    lines = own.grid.frame.select(LINE, *by)
    valued = own.records.with_columns(value).filter(pl.col(VALUE).is_not_null())
    valued = valued.join(lines, on=by, how="inner", maintain_order="left")
    rows = [ROW] if ROW in valued.columns else []
    ends, beyond = [], []
    for i, column in enumerate(own.prepared.columns):
        inside = valued.filter(column.mask)
        box = own.wide.filter(pl.col(COLUMN) == i).sort(LINE)
        low, high, out = whiskers(inside[VALUE], inside[LINE], *(_floats(box[q]) for q in ("q1", "q3")))
        there = box.select(LINE, COLUMN, "n").with_columns(pl.Series(LOWER, low), pl.Series(UPPER, high))
        ends.append(there.filter(pl.col("n") > 0).drop("n"))
        beyond.append(
            inside.filter(pl.Series(out)).select(*by, LINE, VALUE, SUBJECT, *rows, pl.lit(i).alias(COLUMN))
        )
    return pl.concat(ends), pl.concat(beyond).with_columns(pl.col(COLUMN).cast(pl.Int64))


def _floats(column: pl.Series) -> pl.Series:
    return column.cast(pl.Float64).fill_null(float("nan"))
