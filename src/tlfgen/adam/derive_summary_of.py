"""summary_of: one number from a subject's records in another dataset."""

from __future__ import annotations

from typing import Literal

import polars as pl

from tlfgen.data.keyed import INDEX, SUBJECT, numbered
from tlfgen.data.registry import ROW, Derived, Other, OtherWhere, derivation

Statistic = Literal["count", "sum", "mean", "min", "max"]


@derivation
def derive_summary_of(
    rows: pl.DataFrame, records: pl.DataFrame, *, of: Other, statistic: Statistic, where: OtherWhere = None
) -> Derived:
    """Count, add up or average a column over a subject's records in another dataset.

    First case that applies:
      1. statistic: count                  the number of records with a value, 0 where there is none
      2. no record with a value            null
      3. sum, mean, min, max               that of the values

    where: the records that count. A record without a value does not; every one that does is a source.
    """
    column = pl.col(of.rpartition(".")[2])
    given = records.filter(column.is_not_null()).sort(SUBJECT, ROW)
    how = {
        "count": column.len(),
        "sum": column.sum(),
        "mean": column.mean(),
        "min": column.min(),
        "max": column.max(),
    }
    totals = given.group_by(SUBJECT).agg(how[statistic].alias("#total"))
    base = numbered(rows).select(INDEX, SUBJECT)
    found = base.join(totals, on=SUBJECT, how="left", maintain_order="left")["#total"]
    used = base.join(given.select(SUBJECT, ROW), on=SUBJECT).sort(INDEX, ROW)
    return Derived(
        found.cast(pl.Int64).fill_null(0) if statistic == "count" else found,
        sources=used.select(pl.col(INDEX).alias("index"), pl.col(ROW).alias("source_row")),
    )
