"""SAS transport files (XPT) and SAS7BDAT files of collected records.

pyreadstat reads. It takes a cut transport file for a short one and a special missing value for a plain one,
so both are looked for in the bytes.

Source: SAS Institute, TS-140, The Record Layout of a Data Set in SAS Transport (XPORT) Format.
"""

from __future__ import annotations

import mmap
import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
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
from tlfgen.errors import DataError

DAY_0 = 3653  # days from 1960-01-01, where SAS counts from, to 1970-01-01
DAYS = (-138_061, 6_589_335)  # 1582-01-01 and 20000-12-31: the dates that SAS knows
_DATES = re.compile(
    r"DATE|DAY|((DDMM|MMDD)YY|YYMMDD)[BCDNPS]?|MMYY|MONYY|YYMM|YYMON|JULIAN|(WEEK|WORD)DAT[EX]|NLDATE"
    r"|(E|B|IS)8601DA"
)
_DATETIMES = re.compile(r"DATETIME|DTDATE|DATEAMPM|MDYAMPM|NLDATM|(E|B|IS)8601DT")
_TIMES = re.compile(r"TIME|TIMEAMPM|HHMM|MMSS|TOD|NLTIME|(E|B|IS)8601TM")
_Variable = tuple[str, bool, int, int]  # name, whether it is a number, start, length


@file_format(".xpt")
def read_xpt(path: Path, *, encoding: str | None = None, catalog: Path | None = None) -> RawTable:
    """Read SAS transport files of version 5 or 8: numbers as text, dates by their SAS format in ISO 8601.

    encoding: of the characters; UTF-8 where it is not given. catalog: of the formats whose words the values
    stand for. A special missing value (.A) is blank, with a note.

    Raises DataError: no transport file, a cut one, more than one dataset, characters of another encoding.
    """
    with library_reads(path, "a SAS transport file"):
        return _read_transport(path, encoding, catalog)


def _read_transport(path: Path, encoding: str | None, catalog: Path | None) -> RawTable:
    layout = _layout(path)
    columns, meta = _read_sas("read_xport", path, encoding, layout)
    words = _catalog(catalog)
    if not layout:
        return _as_raw(columns, meta, [], {}, words)
    rows = len(next(iter(columns.values()), ()))
    blank = layout.rows - rows if layout.row_length >= 80 else 0
    notes = [f"Blank records after the last one left out: {blank}."] if blank > 0 else []
    return _as_raw(columns, meta, notes, _special_missing(path, layout, rows), words)


@file_format(".sas7bdat")
def read_sas7bdat(path: Path, *, encoding: str | None = None, catalog: Path | None = None) -> RawTable:
    """Read SAS datasets: numbers as text, dates by their SAS format in ISO 8601.

    encoding: of the characters; the one that the file names where it is not given. catalog: of the formats
    whose words the values stand for. A special missing value (.A) is blank, with a note.

    Raises DataError: no SAS dataset, a cut one, characters of another encoding.
    """
    with library_reads(path, "a SAS dataset"):
        columns, meta = _read_sas("read_sas7bdat", path, encoding, None, user_missing=True)
        special = {}
        for name in meta.missing_user_values:
            letters = [f".{value}" if isinstance(value, str) else None for value in columns[name]]
            special[name] = pl.Series(name, letters, pl.String)
            columns[name] = [None if isinstance(value, str) else value for value in columns[name]]
        return _as_raw(columns, meta, [], special, _catalog(catalog))


def _catalog(path: Path | None) -> dict[str, dict[Any, str]]:
    """The words of each format of a catalogue, by the format's name in capitals."""
    if path is None:
        return {}
    import pyreadstat

    with library_reads(path, "a SAS catalogue"):
        _, meta = pyreadstat.read_sas7bcat(os.fspath(path), output_format="dict")
        return {str(name).upper(): dict(words) for name, words in meta.value_labels.items()}


def _read_sas(
    reader: str, path: Path, encoding: str | None, layout: _Layout | None, **options: bool
) -> tuple[dict[str, list[Any]], Any]:
    import pyreadstat

    codec = text_codec(encoding, path) if encoding else None
    read = partial(getattr(pyreadstat, reader), output_format="dict", disable_datetime_conversion=True)
    try:
        columns, meta = read(os.fspath(path), encoding=codec, **options)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # what a library raises on a damaged file is anything
        wrong = _undecodable(path, layout, codec or "utf-8") if layout else None
        if wrong or isinstance(error, UnicodeError):
            message = f"The file's text is not {encoding or 'UTF-8'}{wrong or ''}."
            hint = "Give `encoding:` as the file was written, for example windows-1252, gb18030 or shift_jis."
        else:
            message = f"The file is not a SAS file of its suffix, or it is cut or damaged: {error}."
            hint = "Export it again."
        raise DataError(message, path=str(path), hint=hint) from None
    return columns, meta


def _undecodable(path: Path, layout: _Layout, codec: str) -> str | None:
    """Name the first value of a version 5 file that an encoding cannot read."""
    for name, is_number, start, length in layout.variables if layout.rows else ():
        values = layout.cells(path)[:, start : start + length]
        rows = () if is_number else np.flatnonzero((values > 127).any(axis=1))
        for row in rows:
            try:
                values[row].tobytes().decode(codec)
            except UnicodeDecodeError as error:
                return f": {name} of record {row + 1} holds 0x{error.object[error.start]:02X}"
    return None


def _as_raw(
    columns: dict[str, list[Any]],
    meta: Any,
    notes: list[str],
    special: dict[str, pl.Series],
    catalog: dict[str, dict[Any, str]],
) -> RawTable:
    texts = []
    for name, values in columns.items():
        kind = pl.String if meta.readstat_variable_types[name] == "string" else pl.Float64
        shape = str(meta.original_variable_types.get(name) or "").upper()
        shape = re.sub(r"\d*(\.\d*)?$", "", shape)
        text = _shown(pl.Series(name, values, kind), shape).alias(name)
        marked = special.get(name)
        if marked is not None:
            text = text.zip_with(marked.is_null(), marked)
        letters = set() if marked is None else set(marked.drop_nulls().unique())
        words = {
            f".{v}" if isinstance(v, str) and kind != pl.String else v: w
            for v, w in catalog.get(shape, {}).items()
        }
        text, more = labelled(
            tidy_text(text.to_frame()).to_series(), words, letters.__contains__ if letters else None
        )
        notes += more
        texts.append(text)
    labels = {name: label for name, label in meta.column_names_to_labels.items() if label}
    return RawTable(tidy_text(pl.DataFrame(texts)), first_row=1, labels=labels, notes=tuple(notes))


def _shown(series: pl.Series, shape: str) -> pl.Series:
    """Write a SAS value as its format means it; a date that SAS does not know stays a number."""
    if series.dtype == pl.String:
        return series
    plain, number = number_text(series), pl.lit(series.fill_nan(None))
    first, end = DAYS
    if _DATES.fullmatch(shape):
        known = number.is_between(first, end)
        when = (number.floor().cast(pl.Int64) - DAY_0).cast(pl.Date)
    elif _DATETIMES.fullmatch(shape):
        known = number.is_between(first * 86_400, end * 86_400)
        when = ((number * 1e6).round().cast(pl.Int64) - DAY_0 * 86_400_000_000).cast(pl.Datetime("us"))
    elif _TIMES.fullmatch(shape):
        known = number.is_between(0, 86_400, closed="left")
        when = (number * 1e9).round().cast(pl.Int64).cast(pl.Time)
    else:
        return plain
    return text_column(pl.select(pl.when(known).then(when)).to_series()).fill_null(plain)


@dataclass(frozen=True)
class _Layout:
    """Where the values of a version 5 transport file stand."""

    variables: tuple[_Variable, ...]
    row_length: int
    begin: int
    rows: int

    def cells(self, path: Path) -> np.memmap[Any, np.dtype[np.uint8]]:
        return np.memmap(path, np.uint8, "r", offset=self.begin, shape=(self.rows, self.row_length))


def _layout(path: Path) -> _Layout | None:
    """Read the headers of a version 5 file; None for version 8. A cut file is a DataError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(640)
        if not head.startswith(b"HEADER RECORD*******LIB"):
            raise DataError("The file is not a SAS transport file.", path=str(path), hint="Export it again.")
        if size % 80:
            raise _cut(path, f"its {size} bytes are no multiple of 80")
        if head.startswith(b"HEADER RECORD*******LIBV8"):
            return None
        if head[560:588] != b"HEADER RECORD*******NAMESTR ":
            raise _cut(path, "it has no variables")
        if not (head[614:618].strip() + head[315:318].strip()).isdigit():
            raise _cut(path, "it does not say how many variables it has")
        count, length = int(head[614:618]), int(head[315:318])
        names = file.read(count * length)
        file.seek(640 + -(-count * length // 80) * 80)
        if not file.read(80).startswith(b"HEADER RECORD*******OBS "):
            raise _cut(path, "its variables are not followed by records")
        begin = file.tell()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _checked_layout(path, data, tuple(_variables(names, count, length)), begin)


def _variables(names: bytes, count: int, length: int) -> Iterator[_Variable]:
    for record in (names[i * length : (i + 1) * length] for i in range(count)):
        kind, _, width = struct.unpack(">hhh", record[:6])
        yield record[8:16].decode("latin-1").rstrip(), kind == 1, struct.unpack(">i", record[84:88])[0], width


def _checked_layout(path: Path, data: mmap.mmap, variables: tuple[_Variable, ...], begin: int) -> _Layout:
    if data.find(b"HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!", begin) >= 0:
        raise DataError("The file holds more than one dataset.", path=str(path), hint="Export one a file.")
    row_length = sum(length for *_, length in variables)
    rows, rest = divmod(len(data) - begin, row_length) if row_length else (0, 0)
    if rest >= 80 or data[len(data) - rest :].strip(b" "):
        raise _cut(path, f"it ends within record {rows + 1}")
    return _Layout(variables, row_length, begin, rows)


def _cut(path: Path, reason: str) -> DataError:
    message = f"The transport file is cut or damaged: {reason}."
    return DataError(message, path=str(path), hint="Export it again.")


def _special_missing(path: Path, layout: _Layout, rows: int) -> dict[str, pl.Series]:
    """Find the special missing values, .A to .Z and ._: a number's bytes are the letter and zeros."""
    if not rows:
        return {}
    data, found = layout.cells(path)[:rows], {}
    for name, is_number, start, length in layout.variables:
        letter = data[:, start]
        marked = np.flatnonzero((letter == ord("_")) | ((letter >= ord("A")) & (letter <= ord("Z"))))
        if is_number and marked.size:
            marked = marked[~data[marked, start + 1 : start + length].any(axis=1)]
        if is_number and marked.size:
            signs = np.full(rows, None, np.object_)
            signs[marked] = [f".{chr(code)}" for code in data[marked, start]]
            found[name] = pl.Series(name, signs.tolist(), pl.String)
    return found
