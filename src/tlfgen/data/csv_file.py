"""Comma-separated files of collected records, read fast and strictly.

polars reads the records. What it would pass over in silence is asked separately: a line with too few
fields (it fills them with blanks), a name that stands twice (it renames the second), a header that is not
UTF-8, quotes inside unquoted values. Only a file that fails is read a second time, slowly, to name the line.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from tlfgen.data.formats import RawTable, file_format, name_columns, text_codec, tidy_text
from tlfgen.errors import DataError, Place

_BOM = codecs.BOM_UTF8
_WIDE_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_USE_UTF16 = "It looks like UTF-16: give `encoding: utf-16`."


@dataclass(frozen=True)
class _Text:
    """A file's bytes in UTF-8 from the header on; `line` and `byte` say where in the file they begin."""

    path: Path
    data: bytes
    line: int = 1
    byte: int = 0

    def at(self, line: int) -> str:
        return str(Place(str(self.path), self.line + line - 1))

    def at_byte(self, position: int) -> str:
        return self.at(self.data.count(b"\n", 0, position) + 1)


@file_format(".csv")
def read_csv(path: Path, *, encoding: str | None = None) -> RawTable:
    """Read comma-separated text with a header line, RFC 4180 quotes, UTF-8 unless the form says otherwise.

    encoding: utf-8, windows-1252, latin-1, gb18030, shift_jis, or another codec that Python knows.

    Blank lines before the header and after the last record are left out; one between records stays, as a
    record of blanks. Both are noted.

    Raises DataError: an empty file; bytes that are not of the encoding; a NUL; a name that stands twice; a
    line with more or fewer fields than the header; a quote that does not close. Each names the line.
    """
    text, notes = _read_text(path, encoding or "utf-8")
    text, more = _without_outer_blank_lines(text)
    header, header_lines = _header(text)
    names, unnamed = name_columns(header, path=path, line=text.line)
    if _is_well_quoted(text.data):
        frame = _read_fast(text, header)
    else:
        frame = _read_slowly(text, header)
        more.append("Quotes or carriage returns stand inside unquoted values: kept.")
    odd = _odd_lines(text, frame, header_lines)
    frame.columns = names
    frame, empty = _without_empty_columns(tidy_text(frame), header)
    return RawTable(frame, first_row=text.line + header_lines, notes=(*notes, *more, *unnamed, *odd, *empty))


def _read_text(path: Path, encoding: str) -> tuple[_Text, list[str]]:
    notes: list[str] = []
    data, start = path.read_bytes(), 0
    codec = text_codec(encoding, path)
    if codec != "utf-8":
        data, notes = _transcode(data, codec, encoding, path)
    if data.startswith(_BOM):
        data, start = data[len(_BOM) :], len(_BOM)
        notes.append("A byte order mark before the header was left out.")
    text = _Text(path, data, byte=start)
    nul = data.find(b"\0")
    if nul >= 0:
        wide = data.startswith(_WIDE_BOMS) or data[:200].count(0) > 20
        hint = _USE_UTF16 if wide else "Text holds none: export the file again."
        raise DataError("The file holds a NUL character.", path=text.at_byte(nul), hint=hint)
    if b"\n" not in data and b"\r" in data:
        notes.append("Lines end in a carriage return alone.")
        return _Text(path, data.replace(b"\r", b"\n"), byte=start), notes
    return text, notes


def _transcode(data: bytes, codec: str, encoding: str, path: Path) -> tuple[bytes, list[str]]:
    try:
        text = data.decode(codec)
    except UnicodeError as error:
        raise _undecodable(_Text(path, data), error, encoding) from None
    notes = [f"Read as {encoding}."]
    if not data.isascii() and _is_utf8(data):
        notes.append(f"The bytes are valid UTF-8, too: make sure that {encoding} is right.")
    return text.encode(), notes


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _undecodable(text: _Text, error: UnicodeError, encoding: str) -> DataError:
    hint = "Give `encoding:` as the file was written, for example windows-1252, gb18030 or shift_jis."
    if text.data.startswith(_WIDE_BOMS):
        hint = _USE_UTF16
    start = getattr(error, "start", 0)
    said = f"0x{text.data[start]:02X} (byte {text.byte + start} of the file, from 0) cannot be read"
    return DataError(f"The file is not {encoding}: {said}.", path=text.at_byte(start), hint=hint)


def _without_outer_blank_lines(text: _Text) -> tuple[_Text, list[str]]:
    data, notes = text.data, []
    if data[:1] in (b"\n", b"\r"):
        cut = len(data) - len(data.lstrip(b"\r\n"))
        lines = data.count(b"\n", 0, cut)
        notes.append(f"{_blank_lines(lines)} before the header left out.")
        text = _Text(text.path, data[cut:], line=1 + lines, byte=text.byte + cut)
        data = text.data
    if not data or data.isspace():
        raise DataError("The file is empty: it holds no header.", path=str(text.path))
    if data.endswith((b"\n\n", b"\n\r\n")):
        end = len(data.rstrip(b"\r\n"))
        notes.append(f"{_blank_lines(data.count(10, end) - 1)} after the last record left out.")
        text = _Text(text.path, data[:end], line=text.line, byte=text.byte)
    return text, notes


def _blank_lines(number: int) -> str:
    return f"{number} blank line{'' if number == 1 else 's'}"


def _header(text: _Text) -> tuple[list[str], int]:
    try:
        lines, header = next(_full_rows(text))
    except UnicodeDecodeError as error:
        raise _first_fault(text) or _undecodable(text, error, "UTF-8") from None
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        mark = max(";\t|", key=header[0].count)
        message = f"The header is one column, with {mark!r} in its name: '{header[0][:60]}'."
        raise DataError(message, path=text.at(1), hint="Commas separate fields: export the file again.")
    return header, lines


def _is_well_quoted(data: bytes) -> bool:
    """Tell whether each quote opens or closes a field or is one of a pair, and no carriage return is alone.

    polars loses its way in anything else.
    """
    if b"\r" in data and _count(data, b"\r") != data.count(b"\r\n"):
        return False
    if b'"' not in data:
        return True
    codes = np.frombuffer(data, np.uint8)
    quotes = np.concatenate([start + np.flatnonzero(part == ord('"')) for start, part in _parts(data)])
    if quotes.size % 2:
        return False
    opening, closing, last = quotes[0::2], quotes[1::2], codes.size - 1
    beside = np.zeros(256, np.bool_)
    beside[list(b',\r\n"')] = True
    opens = (opening == 0) | beside[codes[opening - 1]]
    closes = (closing == last) | beside[codes[np.minimum(closing + 1, last)]]
    return bool(opens.all() and closes.all())


def _read_fast(text: _Text, header: list[str]) -> pl.DataFrame:
    data = text.data + b"\n" if text.data.endswith(b",") else text.data  # else polars drops the last field
    try:
        frame = pl.read_csv(data, infer_schema=False, empty_string_is_null=False, glob=False)
    except pl.exceptions.PolarsError as error:
        unexplained = DataError(f"The file is not CSV: {str(error).splitlines()[0]}.", path=str(text.path))
        raise _first_fault(text) or unexplained from None
    if _has_short_lines(text, frame, header):
        fault = _first_fault(text)
        if fault:
            raise fault
    return frame


def _read_slowly(text: _Text, header: list[str]) -> pl.DataFrame:
    rows = _full_rows(text)
    next(rows)
    names = [str(number) for number in range(len(header))]
    records = [fields or [""] * len(header) for _, fields in rows]
    return pl.DataFrame(records, schema=dict.fromkeys(names, pl.String), orient="row")


def _has_short_lines(text: _Text, frame: pl.DataFrame, header: list[str]) -> bool:
    """Tell whether a line has too few fields: the file then holds fewer commas than full lines would.

    A short line leaves its last field blank, so a file without blanks there needs no counting. polars itself
    refuses a line with too many fields, so that the two cannot cancel out.
    """
    if frame.width != len(header):
        return True
    if frame.width == 1 or not (frame.to_series(-1) == "").any():
        return False
    expected = (frame.height + 1) * (frame.width - 1)
    if b'"' in text.data:
        in_values = (column.str.count_matches(",", literal=True).sum() for column in frame.iter_columns())
        expected += sum(int(count) for count in in_values) + sum(name.count(",") for name in header)
    return _count(text.data, b",") != expected


def _count(data: bytes, character: bytes) -> int:
    return sum(int(np.count_nonzero(part == character[0])) for _, part in _parts(data))


def _parts(data: bytes) -> Iterator[tuple[int, npt.NDArray[np.uint8]]]:
    """Cut a file into parts that stay in the processor's cache, each with its place."""
    codes, step = np.frombuffer(data, np.uint8), 1 << 16
    return ((start, codes[start : start + step]) for start in range(0, codes.size, step))


def _first_fault(text: _Text) -> DataError | None:
    """Find the first thing wrong with a file, line by line."""
    try:
        text.data.decode()
        for _ in _full_rows(text):
            pass
    except UnicodeDecodeError as error:
        return _undecodable(text, error, "UTF-8")
    except DataError as error:
        return error
    return None


def _full_rows(text: _Text) -> Iterator[tuple[int, list[str]]]:
    """Give the last line and the fields of each record, none of them for a blank line.

    Read by the standard library, 30 times slower than by polars, but it knows the line of a fault.
    """
    stream = io.TextIOWrapper(io.BytesIO(text.data), "utf-8", newline="")
    reader, width, line = csv.reader(stream, strict=True), 0, 1
    try:
        for fields in reader:
            width = width or len(fields)
            if fields and len(fields) != width:
                more = "more" if len(fields) > width else "fewer"
                raise DataError(
                    f"The line has {len(fields)} fields, {more} than the header's {width}.",
                    path=text.at(line),
                    hint="A value that holds a comma, a quote or a line break stands in double quotes.",
                )
            yield reader.line_num, fields
            line = reader.line_num + 1
    except csv.Error:
        raise DataError(
            "A double quote is not closed, or text follows the closing one.",
            path=text.at(line),
            hint="A double quote inside a quoted value is written twice.",
        ) from None


def _odd_lines(text: _Text, frame: pl.DataFrame, header_lines: int) -> list[str]:
    notes = []
    if frame.width > 1 and frame.height:
        blank = frame.select(pl.all_horizontal(pl.all() == "").arg_true()).to_series()
        if len(blank):
            notes.append(f"{len(blank)} of the records are blank, the first is record {blank[0] + 1}: kept.")
    lines = _count(text.data, b"\n") + (not text.data.endswith(b"\n")) - header_lines
    if lines != frame.height:
        notes.append(f"Values hold line breaks: {frame.height} records stand on {lines} lines.")
    return notes


def _without_empty_columns(frame: pl.DataFrame, header: list[str]) -> tuple[pl.DataFrame, list[str]]:
    """Leave out the columns that commas at the ends of the lines make: no name and no value."""
    unnamed = [name for name, given in zip(frame.columns, header, strict=True) if not given.strip()]
    empty = [name for name in unnamed if frame[name].null_count() == frame.height]
    return frame.drop(empty), [f"'{name}' holds no value: left out." for name in empty]
