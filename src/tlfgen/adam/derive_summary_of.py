"""summary_of: one number from a subject's records in another dataset."""

from __future__ import annotations

from typing import Literal

import polars as pl

from tlfgen.data.unread import unread
from tlfgen.engine.gives import counted
from tlfgen.engine.keyed import INDEX, SUBJECT, numbered
from tlfgen.engine.registry import ROW, Derived, Other, OtherWhere, derivation
from tlfgen.errors import Finding

Statistic = Literal["count", "sum", "mean", "min", "max"]


@derivation(gives=counted)
def derive_summary_of(
    rows: pl.DataFrame,
    records: pl.DataFrame,
    *,
    of: Other,
    statistic: Statistic,
    where: OtherWhere = None,
    unsure: pl.DataFrame | None = None,
) -> Derived:
    """Count, add up or average a column over a subject's records in another dataset.

    First case that applies:
      1. a value of `of` that cannot be read, or a record of
         which an unreadable value leaves open whether it counts   null, and a warning
      2. statistic: count                                          the number of records with a value, 0
                                                                   where there is none
      3. no record with a value                                    null
      4. sum, mean, min, max                                       that of the values

    where: the records that count. A record without a value does not; every one that does is a source.
    """
    bare = of.rpartition(".")[2]
    column = pl.col(bare)
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
    if statistic == "count":
        found = found.cast(pl.Int64).fill_null(0)
    lost = records.filter(unread(records, bare)).select(SUBJECT)
    lost = lost if unsure is None else pl.concat([lost, unsure.select(SUBJECT)])
    open_ = base.filter(pl.col(SUBJECT).is_in(lost[SUBJECT].unique().implode()))[INDEX]
    used = base.join(given.select(SUBJECT, ROW), on=SUBJECT).sort(INDEX, ROW)
    return Derived(
        found.scatter(open_, None) if open_.len() else found,
        sources=used.select(pl.col(INDEX).alias("index"), pl.col(ROW).alias("source_row")),
        findings=tuple(
            Finding(
                "warning",
                "",
                "",
                "summary_of",
                f"a value that cannot be read leaves open which records of {of} count",
                row=i,
            )
            for i in open_
        ),
    )
