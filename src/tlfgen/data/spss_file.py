"""SPSS files of collected records: .sav, .zsav and .por."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from tlfgen.data.formats import (
    RawTable,
    file_format,
    library_reads,
    number_text,
    text_codec,
    text_column,
    tidy_text,
)
from tlfgen.data.labels import in_ranges, labelled

DAY_0 = 141_428  # days from 1582-10-14, where SPSS counts from, to 1970-01-01
_DATES = re.compile(r"[AEJS]?DATE")
_DATETIMES = re.compile(r"DATETIME|YMDHMS")
_TIMES = re.compile(r"[DM]?TIME")


@file_format(".sav", ".zsav")
def read_sav(path: Path, *, encoding: str | None = None) -> RawTable:
    """Read SPSS files: values by their labels, dates in ISO 8601, user-missing values as blank.

    encoding: of the characters; the one that the file names where it is not given.

    Raises DataError: no SPSS file, a cut or damaged one, characters of another encoding.
    """
    import pyreadstat

    codec = text_codec(encoding, path) if encoding else None
    read = partial(pyreadstat.read_sav, user_missing=True, encoding=codec)
    return _read(read, path)


@file_format(".por")
def read_por(path: Path) -> RawTable:
    """Read SPSS portable files: values by their labels, dates in ISO 8601.

    User-missing values of a portable file are blank.

    Raises DataError: no portable file, a cut or damaged one.
    """
    import pyreadstat

    return _read(pyreadstat.read_por, path)


def _read(read: Any, path: Path) -> RawTable:
    with library_reads(path, "an SPSS file"):
        columns, meta = read(os.fspath(path), output_format="dict", disable_datetime_conversion=True)
        texts, notes = [], []
        for name, values in columns.items():
            is_text = meta.readstat_variable_types[name] == "string"
            series = pl.Series(name, list(values), pl.String if is_text else pl.Float64)
            shape = str(meta.original_variable_types.get(name) or "").upper()
            text = tidy_text(_shown(series, re.sub(r"\d*(\.\d*)?$", "", shape)).to_frame()).to_series()
            ranges = meta.missing_ranges.get(name, [])
            labels = meta.variable_value_labels.get(name, {})
            text, more = labelled(text, labels, in_ranges(ranges) if ranges else None)
            texts.append(text)
            notes += more
        labels = {name: label for name, label in meta.column_names_to_labels.items() if label}
        return RawTable(tidy_text(pl.DataFrame(texts)), first_row=1, labels=labels, notes=tuple(notes))


def _shown(series: pl.Series, shape: str) -> pl.Series:
    """Write a value as its format means it: SPSS counts seconds from 14 October 1582."""
    if series.dtype == pl.String:
        return series
    number = pl.lit(series.fill_nan(None))
    moment = ((number * 1e6).round().cast(pl.Int64) - DAY_0 * 86_400_000_000).cast(pl.Datetime("us"))
    if _DATES.fullmatch(shape):
        when = moment.dt.date()
    elif _DATETIMES.fullmatch(shape):
        when = moment
    elif _TIMES.fullmatch(shape):
        when = pl.when(number.is_between(0, 86_400, closed="left")).then(
            (number * 1e9).round().cast(pl.Int64).cast(pl.Time)
        )
    elif shape == "MOYR":
        when = moment.dt.strftime("%Y-%m")
    else:
        return number_text(series)
    return text_column(pl.select(when.alias(series.name)).to_series()).fill_null(number_text(series))
