"""nadir: the lowest value before a record."""

from __future__ import annotations

import polars as pl

from tlfgen.data.dates import complete_day
from tlfgen.engine.gives import FLOAT
from tlfgen.engine.keyed import INDEX, first_by, group_keys, numbered
from tlfgen.engine.registry import ROW, Column, Columns, Derived, derivation
from tlfgen.errors import Finding

DAY, NADIR = "#day", "#nadir"


@derivation(gives=FLOAT)
def derive_nadir(
    rows: pl.DataFrame,
    *,
    value: Column = "AVAL",
    date: Column = "ADT",
    flag: Column = "ABLFL",
    by: Columns = ("PARAMCD",),
) -> Derived:
    """Give the lowest value from the baseline to just before the record.

    First case that applies, in a subject and `by`:
      1. no date, or no baseline with a value     null
      2. not later than the baseline's day        null
      3. otherwise                                the lowest value of the days from the baseline's to the one
                                                  before the record's, the baseline included

    flag: "Y" on the baseline record; of several, the first by date. Values before it are no nadir, nor are
    those of the record's own day. A missing or partial date places a value nowhere, with a warning.

    Source: RECIST 1.1 (Eisenhauer et al., Eur J Cancer 2009;45:228-247), 4.3.1: the smallest sum on study,
    which includes the baseline sum if that is the smallest.
    """
    keys = group_keys(by)
    base = numbered(rows).with_columns(complete_day(rows[date]).alias(DAY), pl.col(value).alias("#value"))
    dated = base.filter(pl.col(DAY).is_not_null())
    valid = dated.filter(pl.col("#value").is_not_null())
    baseline = first_by(valid.filter(pl.col(flag) == "Y"), keys, [DAY])
    begins = baseline.select(*keys, pl.col(DAY).alias("#begins"))
    usable = valid.join(begins, on=keys, nulls_equal=True).filter(pl.col(DAY) >= pl.col("#begins"))
    days = dated.select(*keys, DAY).unique()
    lows = first_by(usable, [*keys, DAY], ["#value"]).select(
        *keys, DAY, "#value", pl.col(ROW).alias("#low_row")
    )
    lowest = days.join(lows, on=[*keys, DAY], how="left", nulls_equal=True).sort(*keys, DAY)
    lowest = lowest.with_columns(
        pl.col("#value").cum_min().shift(1).over(keys).forward_fill().over(keys).alias(NADIR)
    )
    filled = base.join(
        lowest.select(*keys, DAY, NADIR), on=[*keys, DAY], how="left", nulls_equal=True, maintain_order="left"
    )
    undated = base.filter(pl.col(DAY).is_null() & pl.col("#value").is_not_null())[INDEX]
    says = f"{date} is not known: the value counts for no nadir"
    return Derived(
        filled[NADIR],
        sources=_picked(filled, usable, keys),
        findings=tuple(Finding("warning", "", "", "nadir", says, row=i, field=date) for i in undated),
    )


def _picked(filled: pl.DataFrame, usable: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """The first record that has the lowest value."""
    lows = first_by(usable, [*keys, "#value"], [DAY]).select(
        *keys, pl.col("#value").alias(NADIR), pl.col(ROW).alias("source_row")
    )
    found = filled.filter(pl.col(NADIR).is_not_null()).join(lows, on=[*keys, NADIR], nulls_equal=True)
    return found.select(pl.col(INDEX).alias("index"), "source_row").sort("index")
