"""Parquet files of collected records."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tlfgen.data.formats import RawTable, file_format, text_columns
from tlfgen.errors import DataError


@file_format(".parquet")
def read_parquet(path: Path) -> RawTable:
    """Read Apache Parquet: typed columns written as text, dates in ISO 8601.

    Raises DataError: no Parquet file, a cut one, a column of lists or structures.
    """
    try:
        frame = pl.read_parquet(path, glob=False)
    except pl.exceptions.PolarsError as error:
        message = f"The file is not Parquet, or it is cut or damaged: {str(error).splitlines()[0]}."
        raise DataError(message, path=str(path), hint="Export it again.") from None
    return RawTable(text_columns(frame, path=path), first_row=1)
