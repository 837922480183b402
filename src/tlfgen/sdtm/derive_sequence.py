"""sequence: --SEQ."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.gives import INTEGER
from tlfgen.engine.keyed import INDEX, SUBJECT, numbered
from tlfgen.engine.registry import ROW, Columns, derivation


@derivation(gives=INTEGER)
def derive_sequence(rows: pl.DataFrame, *, order: Columns = ()) -> pl.Series:
    """Number a subject's records from 1.

    order: the variables by which they are numbered, nulls last; "-NAME" is descending. Ties, and everything
    where no order is given, go as collected.

    The number identifies the record from then on: it is given before any record is left out and never again.

    Source: SDTMIG 3.4, --SEQ (unique within a subject and a domain).
    """
    names = [name.removeprefix("-") for name in order]
    down = [name.startswith("-") for name in order]
    ordered = numbered(rows).sort([SUBJECT, *names, ROW], descending=[False, *down, False], nulls_last=True)
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(SUBJECT).alias("number")
    return ordered.select(INDEX, number).sort(INDEX)["number"]
