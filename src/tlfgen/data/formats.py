"""File formats of collected data: a registry of readers, filled by the import of one `<format>_file.py` each.

A reader gives what the file holds as text, column by column. It types nothing and guesses nothing: what a
value means is the form's business.
"""

from __future__ import annotations

import codecs
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tlfgen.errors import DataError, Place, TlfgenError

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class RawTable:
    """One file of collected records, as text.

    frame: text columns; null where the file is blank. Blanks at the end of a value are cut, as SAS compares
      values without them; blanks at its start are kept.
    first_row: the line or row of the file that holds the first record; 1 where a format has no header line.
    labels: the label of each variable that has one.
    notes: what was odd about the file and how it was read. doubts: the same, where records may be lost.
    """

    frame: pl.DataFrame
    first_row: int = 2
    labels: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


Reader = Callable[..., RawTable]
_readers: dict[str, Reader] = {}


def file_format(*suffixes: str) -> Callable[[Reader], Reader]:
    """Register a reader `(path) -> RawTable`, or `(path, *, encoding)`, for files with these suffixes."""

    def register(reader: Reader) -> Reader:
        for suffix in suffixes:
            _readers[suffix.lower()] = reader
        return reader

    return register


def read_raw(
    path: Path, *, encoding: str | None = None, sheet: str | None = None, catalog: Path | None = None
) -> RawTable:
    """Read a file of collected records by its suffix.

    encoding: how the file's characters are stored, where its format does not say so itself. sheet: of a
    workbook. catalog: a SAS catalogue of formats.

    Raises DataError: no such file, an empty file, an unknown suffix, or whatever the reader cannot read.
    """
    reader = _reader(path)
    try:
        if not path.stat().st_size:
            raise DataError("The file is empty.", path=str(path))
        given = {"encoding": encoding, "sheet": sheet, "catalog": catalog}
        options = {name: value for name, value in given.items() if value is not None}
        known = inspect.signature(reader).parameters
        for name, value in options.items():
            if name not in known:
                raise DataError(
                    f"'{value}' is given as the {name}, but {path.suffix} files {_OWN[name]}.",
                    path=str(path),
                    hint=f"Remove `{name}:` for this file.",
                )
        return reader(path, **options)
    except OSError as error:
        raise DataError(f"The file cannot be read: {error.strerror or error}.", path=str(path)) from None


_OWN = {"encoding": "say their own", "sheet": "have none", "catalog": "have none"}


@contextmanager
def library_reads(path: Path, kind: str, hint: str = "Export it again.") -> Iterator[None]:
    """Tell whatever a reader's library fails with as an error about the file.

    A damaged file can make a library raise anything; what is named here is not about the bytes.
    """
    import polars as pl

    try:
        yield
    except (TlfgenError, PermissionError, FileNotFoundError, MemoryError):
        raise
    except (Exception, pl.exceptions.PanicException) as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        message = f"The file is not {kind}, or it is cut or damaged: {said}."
        raise DataError(message, path=str(path), hint=hint) from None


def known_formats() -> tuple[tuple[str, str], ...]:
    """List the suffixes that can be read, each with one line about its format."""
    _import_readers()
    return tuple((suffix, _first_line(reader)) for suffix, reader in sorted(_readers.items()))


def _reader(path: Path) -> Reader:
    suffix = path.suffix.lower()
    if suffix not in _readers:
        _import_readers(f"{suffix[1:]}_file")
    if suffix not in _readers:
        _import_readers()
    if suffix not in _readers:
        known = ", ".join(sorted(_readers))
        said = f"ends in '{path.suffix}', which no reader knows" if suffix else "has no suffix to read it by"
        raise DataError(f"The file {said}.", path=str(path), hint=f"Known: {known}.")
    return _readers[suffix]


def _import_readers(only: str | None = None) -> None:
    import tlfgen.data

    for module in pkgutil.iter_modules(tlfgen.data.__path__):
        if module.name == only or (only is None and module.name.endswith("_file")):
            import_module(f"tlfgen.data.{module.name}")


def _first_line(reader: Reader) -> str:
    return (inspect.getdoc(reader) or "").partition("\n")[0]


def text_codec(encoding: str, path: Path) -> str:
    """Find Python's name of an encoding. Raises DataError for an unknown one."""
    try:
        "".encode(encoding)  # refuses codecs that are not for text, too
        return codecs.lookup(encoding).name
    except LookupError:
        hint = "Known are utf-8, windows-1252, latin-1, gb18030, shift_jis and the other codecs of Python."
        raise DataError(f"The encoding '{encoding}' is not known.", path=str(path), hint=hint) from None


def name_columns(names: Iterable[str | None], *, path: Path, line: int) -> tuple[list[str], tuple[str, ...]]:
    """Take the column names of a header line: blanks around them cut, `column_3` where the third has none.

    Raises DataError where two columns have the same name.
    """
    cleaned = [(name or "").strip() for name in names]
    named = [name or f"column_{number}" for number, name in enumerate(cleaned, 1)]
    positions: dict[str, list[str]] = {}
    for number, name in enumerate(named, 1):
        positions.setdefault(name, []).append(str(number))
    twice = sorted(name for name, found in positions.items() if len(found) > 1)
    if twice:
        where = [f"'{name}' (columns {', '.join(positions[name])})" for name in twice]
        raise DataError(
            f"The header names columns twice: {'; '.join(where)}.",
            path=str(Place(str(path), line)),
            hint="Give each column a name of its own.",
        )
    unnamed = [number for number, name in enumerate(cleaned, 1) if not name]
    return named, tuple(f"Column {number} has no name: read as 'column_{number}'." for number in unnamed)


def tidy_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Cut blanks at the end of text values and make values without a character null."""
    import polars as pl

    ends_blank = frame.select(pl.all().str.ends_with(" ").any()).row(0) if frame.height else ()
    blank = [name for name, found in zip(frame.columns, ends_blank, strict=False) if found]
    return frame.with_columns(pl.col(blank).str.strip_chars_end(" ")).with_columns(
        pl.when(pl.all() != "").then(pl.all())
    )


def text_columns(frame: pl.DataFrame, *, path: Path) -> pl.DataFrame:
    """Write typed columns as a reader would see them.

    Whole numbers without decimals, other numbers in the fewest digits that say them and without exponent,
    dates and times in ISO 8601 (a fraction of a second only where there is one), truth values as TRUE and
    FALSE, NaN as null.

    Raises DataError for a column of lists, structures or bytes.
    """
    import polars as pl

    for series in frame.iter_columns():
        if series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object):
            message = f"The column '{series.name}' holds {series.dtype}, not single values."
            raise DataError(message, path=str(path))
    return tidy_text(pl.DataFrame([text_column(series) for series in frame.iter_columns()]))


def text_column(series: pl.Series) -> pl.Series:
    """Write one column of single values as text, by the rule of `text_columns`."""
    import polars as pl

    kind = series.dtype
    if kind.is_float():
        return number_text(series)
    if kind == pl.Boolean:
        return series.replace_strict({True: "TRUE", False: "FALSE"}, default=None, return_dtype=pl.String)
    if isinstance(kind, pl.Datetime):
        return series.dt.strftime("%Y-%m-%dT%H:%M:%S%.f" + ("%:z" if kind.time_zone else ""))
    if kind == pl.Time:
        return series.dt.strftime("%H:%M:%S%.f")
    return series.dt.to_string("iso") if kind == pl.Duration else series.cast(pl.String)


def number_text(series: pl.Series) -> pl.Series:
    """Write numbers in the fewest digits that say them, without exponent: 3, 0.25, 0.0000001."""
    import polars as pl

    number = pl.col(series.name)
    whole = number.cast(pl.Int64, strict=False)
    text = (
        pl.when(number.is_nan()).then(None)
        .when((whole == number) & (number.abs() < 1e15)).then(whole.cast(pl.String))
        .otherwise(number.cast(pl.String))
        .alias(series.name)
    )  # fmt: skip
    written = series.to_frame().select(text).to_series()
    long = written.filter(written.str.contains(r"e|\.0$")).unique()
    if not len(long):
        return written
    return written.replace({value: format(Decimal(value.removesuffix(".0")), "f") for value in long})
