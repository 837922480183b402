"""Cumulative dose."""

from __future__ import annotations

import polars as pl

from tlfgen.data.dates import complete_day
from tlfgen.data.registry import ROW, Column, Derived, Other, Others, OtherWhere, derivation


@derivation
def derive_exposure_total(
    rows: pl.DataFrame,
    records: pl.DataFrame,
    *,
    start: Column,
    of: Other,
    from_date: Others,
    to_date: Others,
    open_until: Column,
    where: OtherWhere = None,
    doses_per_day: float = 1.0,
    days_only: bool = False,
) -> Derived:
    """Sum dose times days over a subject's dosing records.

    A record gives dose x (end - start + 1) x doses_per_day, in the unit of the dose; with `days_only` its
    days alone.
      1. subject not treated (`start` null)   null
      2. a record without an end date         ends on `open_until`
      3. a record without a start or a dose   counts nothing

    Both days of a record count (traps of durations: inclusive spans).
    """
    begin, end = from_date[0].rpartition(".")[2], to_date[0].rpartition(".")[2]
    dose = of.rpartition(".")[2]
    until = rows.select("USUBJID", pl.col(open_until).alias("#until")).unique("USUBJID")
    found = records.join(until, on="USUBJID", how="left", maintain_order="left")
    found = found.with_columns(
        complete_day(found[begin]).alias("#from"), complete_day(found[end]).alias("#to")
    )
    days = (pl.coalesce("#to", "#until") - pl.col("#from")).dt.total_days() + 1
    each = pl.col(dose).cast(pl.Float64)
    part = days + 0 * each if days_only else each * days * doses_per_day
    found = found.with_columns(part.alias("#part"))
    found = found.filter(pl.col("#part").is_not_null())
    totals = found.group_by("USUBJID").agg(pl.col("#part").sum().alias("#total"))
    index = rows.select(pl.int_range(pl.len(), dtype=pl.Int64).alias("index"), "USUBJID", start)
    joined = index.join(totals, on="USUBJID", how="left", maintain_order="left")
    values = joined.select(
        pl.when(pl.col(start).is_not_null()).then(pl.col("#total")).alias("total")
    ).to_series()
    sources = index.filter(pl.col(start).is_not_null()).join(
        found.select("USUBJID", pl.col(ROW).alias("source_row")), on="USUBJID"
    )
    return Derived(values, sources=sources.select("index", "source_row"))
