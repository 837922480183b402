"""How precisely values were collected."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tlfgen.analysis.levels import key
from tlfgen.analysis.source import Source
from tlfgen.spec.output import RowSpec

PARAMCD = "PARAMCD"
PARAMETERS = ("PARAM", PARAMCD, "PARAMN")
MOST, SIGNIFICANT = 4, 12


def parameter_keys(by: Sequence[str]) -> list[int]:
    """The `by` variables that say which parameter a value is of."""
    return [i for i, name in enumerate(by) if name in PARAMETERS]


def collected_decimals(variable: str, records: pl.DataFrame, row: RowSpec, source: Source) -> pl.DataFrame:
    """Count the decimals of a variable, for each parameter: a frame (keys of the parameter, decimals).

    First case that applies:
      1. the entry gives a number   that number
      2. a whole-number variable    0
      3. the ADaM spec gives a number for the parameter   that number
      4. otherwise                  those of the value that has most, at 12 significant digits; at most 4

    A value derived by a division has as many digits as one lets it: its entry should give a number.
    """
    by = [key(i) for i in parameter_keys(row.by_names)]
    column = source.own(variable)
    if row.decimals != "collected":
        places = pl.lit(row.decimals)
    elif records.schema[column].is_integer():
        places = pl.lit(0)
    else:
        places = decimals_of(pl.col(column)).max().fill_null(0)
        if source.decimals and PARAMCD in records.columns:
            declared = pl.col(PARAMCD).replace_strict(
                dict(source.decimals), default=None, return_dtype=pl.Int64
            )
            places = pl.coalesce(declared.max(), places)
    places = places.cast(pl.Float64).alias("decimals")
    kept = records.filter(pl.col(column).is_not_null())
    if not by:
        return kept.select(places)
    return kept.group_by(by).agg(places).drop_nulls(by).sort(by)


def decimals_of(value: pl.Expr) -> pl.Expr:
    """Decimals of a number cleaned at 12 significant digits, at most 4."""
    found = pl.lit(MOST, pl.Int64)
    for places in reversed(range(MOST)):
        scaled = value * 10.0**places
        slack = 10.0**-SIGNIFICANT * pl.max_horizontal(scaled.abs(), pl.lit(1.0))
        near = (scaled - scaled.round()).abs() <= slack
        found = pl.when(near).then(pl.lit(places, pl.Int64)).otherwise(found)
    return pl.when(value.is_not_null()).then(found)
