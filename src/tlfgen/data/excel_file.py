"""Excel workbooks of collected records.

openpyxl, not the faster calamine: calamine turns error values (#N/A) into blanks and forgets on which row of
the sheet a record stands.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from tlfgen.data.formats import RawTable, file_format, name_columns, tidy_text
from tlfgen.errors import DataError

_DAMAGED = (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError, SyntaxError, OSError)
_PADDED = re.compile(r"(0+)(?:\.(0+))?")  # a number format that shows leading zeros or a number of decimals


@file_format(".xlsx")
def read_excel(path: Path) -> RawTable:
    """Read the first visible sheet of an Excel workbook as displayed: 007 where it shows 007, ISO 8601 dates.

    The first row with a value is the header. Blank rows after the last record and blank columns are left out.
    No value is rounded: a number format adds zeros and takes no digit away.

    Raises DataError: no workbook; no sheet or an empty one; a name that stands twice; a formula whose value
    the file does not hold.
    """
    rows, sheets = _rows(path)
    filled = [number for number, row in enumerate(rows) if any(row)]
    if not filled:
        raise DataError(f"The sheet '{sheets[0]}' is empty: it holds no header.", path=str(path))
    start, end = filled[0], filled[-1] + 1
    width = max(len(row) for row in rows[start:end])
    table = [[*row, *[""] * (width - len(row))] for row in rows[start:end]]
    used = [column for column in range(width) if any(row[column] for row in table)]
    names, notes = name_columns((table[0][column] for column in used), path=path, line=start + 1)
    records = [[row[column] for column in used] for row in table[1:]]
    frame = pl.DataFrame(records, schema=dict.fromkeys(names, pl.String), orient="row")
    if len(sheets) > 1:
        others = ", ".join(f"'{sheet}'" for sheet in sheets[1:])
        notes = (f"Read from the sheet '{sheets[0]}'; not read: {others}.", *notes)
    return RawTable(tidy_text(frame), first_row=start + 2, notes=notes)


def _rows(path: Path) -> tuple[list[list[str]], list[str]]:
    """Give the rows of the first visible sheet as text, and the names of all sheets, that one first."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations, which are not read
            with _first_sheet(path, values=True) as (sheet, sheets):
                rows = [[_shown(cell) for cell in cells] for cells in sheet.iter_rows()]
            formula = next(_formulas_without_value(path, rows), None) if _has_formulas(path) else None
    except _DAMAGED as error:
        message = f"The file is not an Excel workbook, or it is cut or damaged: {error}."
        raise DataError(message, path=str(path), hint="Save it again as .xlsx.") from None
    if formula:
        raise DataError(
            f"The cell {formula} of the sheet '{sheets[0]}' holds a formula without its value.",
            path=str(path),
            hint="Open the workbook in Excel and save it, or paste values over the formulas.",
        )
    return rows, sheets


@contextmanager
def _first_sheet(path: Path, *, values: bool) -> Iterator[tuple[Any, list[str]]]:
    import openpyxl

    with closing(openpyxl.load_workbook(path, read_only=True, data_only=values)) as book:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not visible:
            raise DataError("The workbook has no visible sheet.", path=str(path))
        sheet = visible[0]
        sheet.reset_dimensions()  # some writers state a wrong size
        yield sheet, [sheet.title, *(name for name in book.sheetnames if name != sheet.title)]


def _formulas_without_value(path: Path, rows: Sequence[Sequence[str]]) -> Iterator[str]:
    with _first_sheet(path, values=False) as (sheet, _):
        for row, cells in zip(rows, sheet.iter_rows(), strict=False):
            for text, cell in zip(row, cells, strict=False):
                if not text and cell.data_type == "f":
                    yield cell.coordinate


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as book:
        parts = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
        return any(re.search(rb"<(\w+:)?f[ >/]", book.read(part)) for part in parts)


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
