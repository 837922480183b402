"""Stata files of collected records: .dta."""

from __future__ import annotations

import os
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
from tlfgen.data.labels import labelled

DAY_0 = 3653  # days from 1960-01-01, where Stata counts from, to 1970-01-01


@file_format(".dta")
def read_dta(path: Path, *, encoding: str | None = None) -> RawTable:
    """Read Stata files: values by their labels, dates in ISO 8601, .a to .z as blank.

    encoding: of the characters; the one that the file's version has where it is not given.

    Raises DataError: no Stata file, a cut or damaged one, characters of another encoding.
    """
    import pyreadstat

    codec = text_codec(encoding, path) if encoding else None
    with library_reads(path, "a Stata file"):
        columns, meta = pyreadstat.read_dta(
            os.fspath(path),
            output_format="dict",
            disable_datetime_conversion=True,
            user_missing=True,
            encoding=codec,
        )
        texts, notes = [], []
        for name, values in columns.items():
            text, more = labelled(*_column(name, list(values), meta))
            texts.append(text)
            notes += more
        labels = {name: label for name, label in meta.column_names_to_labels.items() if label}
        return RawTable(tidy_text(pl.DataFrame(texts)), first_row=1, labels=labels, notes=tuple(notes))


def _column(name: str, values: list[Any], meta: Any) -> tuple[pl.Series, dict[Any, str], Any]:
    """A column as text, the labels of its values, and which of the texts are missing: .a to .z."""
    labels = meta.variable_value_labels.get(name, {})
    if meta.readstat_variable_types[name] == "string":
        return tidy_text(pl.Series(name, values, pl.String).to_frame()).to_series(), labels, None
    letters = pl.Series(name, [f".{v}" if isinstance(v, str) else None for v in values], pl.String)
    numbers = pl.Series(name, [None if isinstance(v, str) else v for v in values], pl.Float64)
    text = _shown(numbers, str(meta.original_variable_types.get(name) or ""))
    words = {f".{v}" if isinstance(v, str) else v: word for v, word in labels.items()}
    marked = set(letters.drop_nulls().unique())
    return text.zip_with(letters.is_null(), letters), words, (lambda t: t in marked) if marked else None


def _shown(series: pl.Series, shape: str) -> pl.Series:
    """Write a value as its format means it: %td days, %tc milliseconds, %tm months from 1960."""
    number = pl.lit(series.fill_nan(None))
    shape = shape.replace("-", "")
    if shape.startswith(("%td", "%d")):
        when = (number.floor().cast(pl.Int64) - DAY_0).cast(pl.Int32).cast(pl.Date)
    elif shape.startswith("%tc"):
        when = ((number * 1e3).round().cast(pl.Int64) - DAY_0 * 86_400_000_000).cast(pl.Datetime("us"))
    elif shape.startswith("%tm"):
        month = pl.date(1960, 1, 1).dt.offset_by(pl.format("{}mo", number.cast(pl.Int64)))
        when = month.dt.strftime("%Y-%m")
    else:
        return number_text(series)
    return text_column(pl.select(when.alias(series.name)).to_series()).fill_null(number_text(series))
