"""Excel workbooks of collected records.

openpyxl, not the faster calamine: calamine turns error values (#N/A) into blanks and forgets on which row of
the sheet a record stands. Only cells that are filled cost time and memory, wherever they stand.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from tlfgen.data.alike import said_rows
from tlfgen.data.formats import RawTable, file_format, library_reads, name_columns, tidy_text
from tlfgen.errors import DataError, nearest

_PADDED = re.compile(r"(0+)(?:\.(0+))?")  # a number format that shows leading zeros or a number of decimals
_KIND = "an Excel workbook"
MOST_BYTES, MOST_CELLS = 2**30, 20_000_000  # of a workbook, unpacked; of a sheet, filled
LONG_BLANK = 100  # blank rows between two records: more are left out


@dataclass(frozen=True)
class _Sheet:
    """A sheet's filled cells: row -> column -> text, from 1; its merged ranges; what is hidden on it."""

    title: str
    cells: dict[int, dict[int, str]]
    merged: tuple[Any, ...]
    hidden_rows: tuple[int, ...]
    hidden_columns: tuple[str, ...]


@file_format(".xlsx")
def read_excel(path: Path, *, sheet: str | None = None) -> RawTable:
    """Read a sheet of an Excel workbook as displayed: 007 where it shows 007, ISO 8601 dates.

    sheet: its name; the first visible one where it is not given.

    The header is the first row that fills more than one cell (of one column: the first that fills it); title
    lines above it are noted. A value in cells merged over rows holds for each of them. Hidden rows and
    columns are read like others. Blank rows after the last record, blank columns, and more than 100 blank
    rows between two records are left out. No value is rounded: a number format adds zeros and takes no digit
    away.

    Raises DataError: no workbook; no such sheet or an empty one; a name that stands twice; a header in merged
    cells; a formula whose value the file does not hold.
    """
    found, others = _read(path, sheet)
    rows = [number for number in sorted(found.cells) if found.cells[number]]
    if not rows:
        raise DataError(f"The sheet '{found.title}' is empty: it holds no header.", path=str(path))
    used = sorted({column for row in found.cells.values() for column in row})
    header = next((n for n in rows if len(found.cells[n]) > 1), rows[0]) if len(used) > 1 else rows[0]
    notes = [_title_line(found, n) for n in rows if n < header]
    notes += _fill_merged(found, header, path)
    names, more = name_columns((found.cells[header].get(c, "") for c in used), path=path, line=header)
    numbers, blank = _numbered([n for n in rows if n > header], header)
    notes += [*more, *blank, *_hidden(found)]
    records = [[found.cells.get(n, {}).get(c, "") for c in used] for n in numbers]
    frame = pl.DataFrame(records, schema=dict.fromkeys(names, pl.String), orient="row")
    unread = f"Read from the sheet '{found.title}'; not read: {', '.join(repr(n) for n in others)}."
    if others and not any(others.values()):
        notes.insert(0, unread)
    doubts = (unread,) if any(others.values()) else ()
    return RawTable(tidy_text(frame), first_row=header + 1, notes=tuple(notes), doubts=doubts)


def sheet_names(path: Path) -> tuple[str, ...]:
    """The names of a workbook's visible sheets, in their order."""
    with library_reads(path, _KIND, "Save it again as .xlsx."), _workbook(path, values=True) as book:
        return tuple(s.title for s in book.worksheets if s.sheet_state == "visible")


def _read(path: Path, name: str | None) -> tuple[_Sheet, dict[str, bool]]:
    """Give a sheet, the first visible one where it is not named, and the others: whether each is visible."""
    with library_reads(path, _KIND, "Save it again as .xlsx."), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and validations, which are not read
        with _workbook(path, values=True) as book:
            chosen = _chosen(book, name, path)
            sheet = _cells(chosen, path)
            others = {s.title: s.sheet_state == "visible" for s in book.worksheets if s.title != sheet.title}
            others = {} if name else others
        formula = _formula_without_value(path, sheet) if _has_formulas(path) else None
    if formula:
        raise DataError(
            f"The cell {formula} of the sheet '{sheet.title}' holds a formula without its value.",
            path=str(path),
            hint="Open the workbook in Excel and save it, or paste values over the formulas.",
        )
    return sheet, others


@contextmanager
def _workbook(path: Path, *, values: bool) -> Iterator[Any]:
    from openpyxl.reader.excel import ExcelReader

    with zipfile.ZipFile(path) as packed:
        size = sum(part.file_size for part in packed.infolist())
    if size > MOST_BYTES:
        message = f"The workbook is {size:,} bytes unpacked, more than {MOST_BYTES:,}."
        raise DataError(message, path=str(path), hint="Export the records as CSV or Parquet.")
    with path.open("rb") as file:
        reader: Any = ExcelReader(file, True, False, values, False)
        reader.read_chartsheet = lambda *_: None  # charts hold no records, and an empty one fails
        reader.read()
        yield reader.wb


def _chosen(book: Any, name: str | None, path: Path) -> Any:
    if name is not None:
        if name in book.sheetnames:
            return book[name]
        near = nearest(name, book.sheetnames)
        hint = f"Did you mean '{near}'?" if near else f"It has {', '.join(book.sheetnames)}."
        raise DataError(f"The workbook has no sheet '{name}'.", path=str(path), hint=hint)
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not visible:
        raise DataError("The workbook has no visible sheet.", path=str(path))
    return visible[0]


def _parsed(sheet: Any) -> tuple[Any, Iterator[tuple[int, list[dict[str, Any]]]], Any]:
    from openpyxl.worksheet._reader import WorkSheetParser

    book, source = sheet.parent, sheet._get_source()
    parser = WorkSheetParser(
        source,
        sheet._shared_strings,
        data_only=book.data_only,
        epoch=book.epoch,
        date_formats=book._date_formats,
        timedelta_formats=book._timedelta_formats,
    )
    return parser, parser.parse(), source


def _cells(sheet: Any, path: Path) -> _Sheet:
    from openpyxl.cell.read_only import ReadOnlyCell

    parser, rows, source = _parsed(sheet)
    cells: dict[int, dict[int, str]] = {}
    filled = 0
    with source:
        for number, row in rows:
            texts = {c["column"]: _shown(ReadOnlyCell(sheet, **c)) for c in row if c["value"] is not None}
            texts = {column: text for column, text in texts.items() if text}
            filled += len(texts)
            if filled > MOST_CELLS:
                message = f"The sheet '{sheet.title}' fills more than {MOST_CELLS:,} cells."
                raise DataError(message, path=str(path), hint="Export the records as CSV or Parquet.")
            if texts:
                cells.setdefault(number, {}).update(texts)
    hidden = [int(n) for n, given in parser.row_dimensions.items() if given.get("hidden") in ("1", "true")]
    columns = [n for n, given in parser.column_dimensions.items() if given.get("hidden") in ("1", "true")]
    merged = parser.merged_cells.mergeCell if getattr(parser, "merged_cells", None) else ()
    shown_rows = tuple(n for n in hidden if n in cells)
    return _Sheet(sheet.title, cells, tuple(merged), shown_rows, tuple(columns))


def _formula_without_value(path: Path, found: _Sheet) -> str | None:
    from openpyxl.utils import get_column_letter

    with _workbook(path, values=False) as book:
        _, rows, source = _parsed(book[found.title])
        with source:
            for number, row in rows:
                for cell in row:
                    if cell["data_type"] == "f" and not found.cells.get(number, {}).get(cell["column"]):
                        return f"{get_column_letter(cell['column'])}{number}"
    return None


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as book:
        parts = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
        return any(re.search(rb"<(\w+:)?f[ >/]", book.read(part)) for part in parts)


def _title_line(sheet: _Sheet, number: int) -> str:
    text = next(iter(sheet.cells[number].values()))
    return f"Row {number} stands above the header and is left out: '{text[:60]}'."


def _fill_merged(sheet: _Sheet, header: int, path: Path) -> list[str]:
    """Let a value in cells merged over rows hold for each row that is filled; give a note for each range."""
    notes = []
    for place in sorted(sheet.merged, key=lambda m: (m.min_row, m.min_col)):
        text = sheet.cells.get(place.min_row, {}).get(place.min_col)
        if place.min_row <= header <= place.max_row and text:
            message = f"The header of the sheet '{sheet.title}' has merged cells: {place.coord}."
            raise DataError(message, path=str(path), hint="Give each column one name, all in one row.")
        if place.max_row < header or not text:
            continue
        below = [n for n in sheet.cells if place.min_row < n <= place.max_row]
        for number in below:
            sheet.cells[number].setdefault(place.min_col, text)
        wide = place.max_col > place.min_col
        how = "its value stands in the first of its columns" if wide else ""
        how += " and " if wide and below else ""
        how += f"its value holds for {len(below) + 1} rows" if below else ""
        notes.append(f"The cells {place.coord} are merged: {how or 'read as one'}.")
    return notes


def _numbered(filled: list[int], header: int) -> tuple[list[int], list[str]]:
    """The rows of the records: the filled ones and short blank stretches between them."""
    numbers: list[int] = []
    notes = []
    last = header
    for number in filled:
        if number - last > LONG_BLANK:
            left = f"Rows {last + 1} to {number - 1} hold nothing and are left out"
            notes.append(f"{left}: record {len(numbers) + 1} is row {number} of the sheet.")
        else:
            numbers += range(last + 1, number)
        numbers.append(number)
        last = number
    return numbers, notes


def _hidden(sheet: _Sheet) -> list[str]:
    notes = []
    if sheet.hidden_rows:
        rows = said_rows(sheet.hidden_rows)
        notes.append(f"Hidden on the sheet and read like the others: {rows}.")
    if sheet.hidden_columns:
        columns = ", ".join(sheet.hidden_columns)
        notes.append(f"Hidden on the sheet and read like the others: column {columns}.")
    return notes


def _shown(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    shape = (cell.number_format or "").casefold()
    if isinstance(value, int | float):
        return _shown_number(value, shape)
    return _shown_time(value, shape)


def _shown_number(value: int | float, shape: str) -> str:
    if isinstance(value, int):
        plain = str(value)
    else:
        plain = format(Decimal(f"{value:.15g}"), "f")  # Excel shows 15 digits
        plain = "0" if plain == "-0" else plain
    padded = _PADDED.fullmatch(shape)
    if not padded:
        return plain
    decimals = len(padded[2] or "")
    shown = f"{value:.{decimals}f}"
    digits = len(padded[1]) + (decimals + 1 if decimals else 0)
    return shown.zfill(digits + (shown[0] == "-")) if Decimal(shown) == Decimal(plain) else plain


def _shown_time(value: Any, shape: str) -> str:
    """Write a date or time in ISO 8601, without seconds or time of day where the cell shows none."""
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}" + _seconds(seconds % 60, shape)
    if isinstance(value, time):
        return f"{value:%H:%M}" + _seconds(value.second, shape)
    if isinstance(value, datetime):
        if value.time() == time() and "h" not in shape:
            return value.date().isoformat()
        return f"{value.date().isoformat()}T{value:%H:%M}" + _seconds(value.second, shape)
    return value.isoformat() if isinstance(value, date) else str(value)


def _seconds(second: int, shape: str) -> str:
    return f":{second:02d}" if second or "s" in shape else ""
