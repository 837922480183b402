"""Parquet files of collected records."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tlfgen.data.formats import RawTable, file_format, library_reads, text_columns


@file_format(".parquet")
def read_parquet(path: Path) -> RawTable:
    """Read Apache Parquet: typed columns written as text, dates in ISO 8601.

    Raises DataError: no Parquet file, a cut one, a column of lists or structures.
    """
    with library_reads(path, "Parquet"):
        frame = pl.read_parquet(path, glob=False)
    return RawTable(text_columns(frame, path=path), first_row=1)
