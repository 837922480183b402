"""Summaries of numeric variables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tlfgen.analysis.columns import Column
from tlfgen.analysis.forms import COUNT, Declared
from tlfgen.analysis.levels import LINE, Grid, keys
from tlfgen.analysis.long import COLUMN, Statistic
from tlfgen.analysis.source import NUMBER, Source
from tlfgen.errors import Place, SpecError
from tlfgen.spec.study import StudySpec
from tlfgen.stats.summary import summarise

QUANTILES = ("median", "q1", "q3")
DECLARED = {
    "n": COUNT,
    "mean": Declared("summary", "mean"),
    "sd": Declared("summary", "SD"),
    "se": Declared("summary", "SE"),
    "median": Declared("summary", "median"),
    "q1": Declared("summary", "Q1", "median", "low"),
    "q3": Declared("summary", "Q3", "median", "high"),
    "min": Declared("summary", "min", "range", "low"),
    "max": Declared("summary", "max", "range", "high"),
}
STATISTICS = tuple(DECLARED)
NO_VALUE, ONE_VALUE = "no value", "a single value"


def summarise_rows(
    variable: str, records: pl.DataFrame, grid: Grid, columns: Sequence[Column], source: Source, at: Place
) -> pl.DataFrame:
    """Summarise a variable: a wide frame with LINE, COLUMN, the keys and STATISTICS."""
    source.needs([variable], at)
    column = source.own(variable)
    if not records.schema[column].is_numeric():
        raise SpecError(
            f"{source.dataset}.{variable} is no number and cannot be summarised.",
            place=at,
            hint="Summarise a number; count the levels of a text.",
        )
    by = [c for c in grid.frame.columns if c in keys(len(grid.order))]
    valued = records.filter(pl.col(column).is_not_null())
    if by:
        valued = valued.join(grid.frame.select(LINE, *by), on=by, how="inner")
    else:
        valued = valued.with_columns(pl.lit(0, pl.Int64).alias(LINE))
    parts = []
    for i, own in enumerate(columns):
        inside = valued.filter(own.mask)
        found = summarise(
            inside[column].cast(pl.Float64).to_numpy(),
            inside[LINE].to_numpy(),
            size=grid.frame.height,
            percentile=source.study.conventions.percentile,
        )
        numbers = {s: np.asarray(getattr(found, s), np.float64) for s in STATISTICS}
        here = grid.frame.select(LINE, *by, pl.lit(i).cast(pl.Int64).alias(COLUMN))
        here = here.with_columns(pl.Series(s, v) for s, v in numbers.items())
        parts.append(here.with_columns(pl.col(STATISTICS).fill_nan(None)))
    return pl.concat(parts)


def summary_statistics(study: StudySpec) -> dict[str, Statistic]:
    """The statistics of a summary, as the table of results has them."""
    n = pl.col("n")
    none = pl.when(n == 0).then(pl.lit(NO_VALUE))
    spread = none.when(n == 1).then(pl.lit(ONE_VALUE))
    quantile = f"summary, percentile type {study.conventions.percentile}"
    found = {"n": Statistic(n, method="summary", declared=COUNT)}
    for name in STATISTICS[1:]:
        method = quantile if name in QUANTILES else "summary"
        why = spread if name in ("sd", "se") else none
        found[name] = Statistic(pl.col(name), why, method=method, declared=DECLARED[name])
    return found


def repeated(
    variable: str, records: pl.DataFrame, depth: int, columns: Sequence[Column], source: Source
) -> int:
    """How many subjects give a column of a line more than one value; 0 where a record is a subject.

    records: with keys and the columns' texts.
    """
    if source.is_subject_level or not records.height:
        return 0
    valued = records.filter(pl.col(source.own(variable)).is_not_null() & pl.col(NUMBER).is_not_null())
    where = [NUMBER, *keys(depth)]
    of = {c.of: c.of.mask for c in columns if c.of}  # a subject is in one column of `by`, in several of `of`
    found = [
        own.filter(pl.struct(where).is_duplicated())[NUMBER]
        for own in (valued.filter(mask) for mask in (of.values() or (pl.lit(True),)))
        if own.height
    ]
    return pl.concat(found).n_unique() if found else 0
