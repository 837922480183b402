"""SAS transport files (XPT) of version 5, written strictly.

Other writers take names, labels, lengths and characters that version 5 forbids, cut what is too long and make
infinite what is too large. This one refuses, and says what and where.

Source: SAS Institute, TS-140, The Record Layout of a Data Set in SAS Transport (XPORT) Format.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from tlfgen.data.sas_file import DAY_0
from tlfgen.errors import DataError

_Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class XptVariable:
    """One variable of a transport file.

    name: 1 to 8 of A-Z, 0-9 and _, a letter first. label: 1 to 40 ASCII characters.
    format: a SAS format such as DATE9. or 8.2; where it is empty, dates get DATE9., dates with time
      DATETIME20., times TIME8.
    length: bytes of a text; where it is None, the longest value's.
    """

    name: str
    label: str
    kind: Literal["text", "number"]
    format: str = ""
    length: int | None = None


@dataclass(frozen=True)
class _Refusal:
    """What version 5 cannot hold: which values, what is said of one, a hint."""

    bad: pl.Expr
    says: Callable[[Any], str]
    hint: str | None = None


@dataclass(frozen=True)
class _Column:
    """A variable with its values as they are stored: text without blanks at its end, or float64.

    A block of the frame holds both: the given values by the variable's name, the stored ones by `stored`.
    """

    variable: XptVariable
    values: pl.Expr
    refused: tuple[_Refusal, ...]
    format: tuple[str, int, int]
    width: int = 8

    @property
    def stored(self) -> str:
        return _stored(self.variable)


def _stored(variable: XptVariable) -> str:
    return f"#{variable.name}"


_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,7}")
_FORMAT = re.compile(r"(\$?(?:[A-Z_](?:[A-Z0-9_]*[A-Z_])?)?)(\d{0,3})\.(\d{0,2})")
_UNPRINTABLE = r"[^ -~]"
_TEXT_BYTES = 200
_FILE_BYTES = 5 * 2**30
_SMALLEST, _BEYOND = 2.0**-260, 2.0**252  # 16**-65 and 16**63: the numbers of IBM's format
_BLOCK = 20_000  # rows that stand in memory as they are stored
_MADE = b"01JAN60:00:00:00"  # SAS's day 0: the same input gives the same bytes
_DEFAULT_FORMATS = {pl.Date: "DATE9.", pl.Datetime: "DATETIME20.", pl.Time: "TIME8."}


def write_xpt(
    path: Path, frame: pl.DataFrame, *, name: str, label: str, variables: Sequence[XptVariable]
) -> None:
    """Write a SAS transport file of version 5: the variables in their order, the rows in theirs.

    Dates become days, dates with time seconds since 1960-01-01, times seconds since midnight; null becomes
    the missing value or a blank text. The file appears whole or not at all. The same input gives the same
    bytes.

    Raises DataError, before anything is written, for what version 5 cannot hold: names, labels, texts over
    200 bytes, characters outside printable ASCII, NaN, infinity, numbers outside 5.4e-79 to 7.2e75, a blank
    last record (readers take it for padding), files over 5 GB. It names dataset, variable, row from 1, value.

    Source: TS-140; FDA Study Data Technical Conformance Guide, 3.3 (file size, lengths, characters).
    """
    where = _Where(path, name)
    _check_dataset(where, frame, label, variables)
    kinds = frame.schema
    columns = [_column(where, kinds[variable.name], variable) for variable in variables]
    _check_values(where, frame, columns)
    columns = _with_widths(frame, columns)
    _check_records(where, frame, columns)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(_headers(name, label, columns))
            for block in _blocks(frame, columns):
                file.write(_records(block, columns))
            file.write(b" " * (-file.tell() % 80))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _blocks(frame: pl.DataFrame, columns: Sequence[_Column]) -> Iterator[pl.DataFrame]:
    """The rows, some at a time, with their values as they are stored beside the given ones."""
    for block in frame.iter_slices(_BLOCK):
        yield block.with_columns(column.values.alias(column.stored) for column in columns)


@dataclass(frozen=True)
class _Where:
    path: Path
    dataset: str

    def error(self, message: str, hint: str | None = None, *, variable: str = "", row: int = -1) -> DataError:
        what = f"{self.dataset}.{variable}" if variable else self.dataset
        at = f", row {row + 1}" if row >= 0 else ""
        return DataError(f"{what}{at}: {message}", path=str(self.path), hint=hint)


def _check_dataset(where: _Where, frame: pl.DataFrame, label: str, variables: Sequence[XptVariable]) -> None:
    if not _NAME.fullmatch(where.dataset):
        raise where.error("a dataset's name is 1 to 8 of A-Z, 0-9 and _, a letter first.")
    if where.path.name != f"{where.dataset.lower()}.xpt":
        raise where.error(f"the file is named '{where.path.name}'.", f"Name it {where.dataset.lower()}.xpt.")
    _check_label(where, label)
    if not variables:
        raise where.error("the dataset has no variables.")
    if len(variables) > 9999:
        raise where.error(f"the dataset has {len(variables)} variables; version 5 holds 9999.")
    for number, variable in enumerate(variables):
        if not _NAME.fullmatch(variable.name):
            message = f"the name '{variable.name}' is not 1 to 8 of A-Z, 0-9 and _, a letter first."
            raise where.error(message, variable=variable.name)
        if variable.name in {other.name for other in variables[:number]}:
            raise where.error("the variable stands twice.", variable=variable.name)
        if variable.name not in frame.columns:
            raise where.error("the frame has no such column.", variable=variable.name)
        _check_label(where, variable.label, variable.name)
    extra = [column for column in frame.columns if column not in {variable.name for variable in variables}]
    if extra:
        raise where.error(f"no variable describes the columns {', '.join(extra)}.", "Leave them out before.")


def _check_label(where: _Where, label: str, variable: str = "") -> None:
    if not label.strip():
        raise where.error("there is no label.", variable=variable)
    if len(label) > 40:
        raise where.error(f"the label has {len(label)} characters, over 40: '{label}'.", variable=variable)
    if re.search(_UNPRINTABLE, label):
        raise where.error(f"the label holds {_unprintable(label)}: '{label}'.", variable=variable)


def _unprintable(text: str) -> str:
    found = re.search(_UNPRINTABLE, text)
    return f"{found[0]!r} (U+{ord(found[0]):04X})" if found else ""


def _column(where: _Where, kind: pl.DataType, variable: XptVariable) -> _Column:
    return _text(where, kind, variable) if variable.kind == "text" else _number(where, kind, variable)


def _sas_format(where: _Where, variable: XptVariable, given: str) -> tuple[str, int, int]:
    if not given:
        return "", 0, 0
    parts = _FORMAT.fullmatch(given)
    if not parts or len(parts[1]) > 8:
        message, hint = f"'{given}' is not a SAS format.", "Write it like DATE9. or 8.2"
        raise where.error(message, hint, variable=variable.name)
    if parts[1].startswith("$") != (variable.kind == "text"):
        message = f"the format {given} does not suit a {variable.kind}."
        raise where.error(message, "Formats of texts begin with $.", variable=variable.name)
    return parts[1], int(parts[2] or 0), int(parts[3] or 0)


def _text(where: _Where, kind: pl.DataType, variable: XptVariable) -> _Column:
    if kind not in (pl.String, pl.Categorical, pl.Enum, pl.Null):
        raise where.error(f"the column holds {kind}, not text.", variable=variable.name)
    allowed = _TEXT_BYTES if variable.length is None else variable.length
    if not 1 <= allowed <= _TEXT_BYTES:
        raise where.error(f"the length {allowed} is not 1 to {_TEXT_BYTES}.", variable=variable.name)
    stored = pl.col(_stored(variable))
    refused = (
        _Refusal(
            stored.str.contains(_UNPRINTABLE),
            lambda value: f"the value '{value}' holds {_unprintable(value)}, which version 5 cannot.",
            "Replace it by ASCII; `submission_text` does so for typographic characters.",
        ),
        _Refusal(
            stored.str.len_bytes() > allowed,
            lambda value: f"the value has {len(value)} bytes, over {allowed}: '{value}'.",
            "Split the text over two variables.",
        ),
    )
    values = pl.col(variable.name).cast(pl.String).fill_null("").str.strip_chars_end(" ")
    return _Column(variable, values, refused, _sas_format(where, variable, variable.format))


def unprintable_columns(frame: pl.DataFrame) -> list[str]:
    """Name the text columns in which a character is not printable ASCII (from blank to tilde)."""
    found = frame.select(pl.col(pl.String).str.contains(_UNPRINTABLE).any())
    return [name for name in found.columns if found[name].item()]


def _number(where: _Where, kind: pl.DataType, variable: XptVariable) -> _Column:
    if variable.length not in (None, 8):
        raise where.error(f"the length of a number is 8, not {variable.length}.", variable=variable.name)
    given, size = pl.col(variable.name), pl.col(_stored(variable)).abs()
    refused = [
        _Refusal(size.is_nan(), lambda value: f"the value {value} is not a number."),
        _Refusal(
            size >= _BEYOND,
            lambda value: f"the value {value} is beyond 7.2e75, the largest number of version 5.",
        ),
        _Refusal(
            (size > 0) & (size < _SMALLEST),
            lambda value: f"the value {value} is below 5.4e-79, the smallest number of version 5.",
        ),
    ]
    if kind.is_integer():
        refused.append(
            _Refusal(
                given.cast(pl.Int128).abs() > 2**53,
                lambda value: f"the value {value} has more digits than a number holds (over 2**53).",
            )
        )
    if kind in (pl.Date, pl.Datetime):
        refused.append(
            _Refusal(
                ~given.dt.year().is_between(1582, 20_000), lambda value: f"SAS knows no date like {value}."
            )
        )
    given_format = variable.format or _DEFAULT_FORMATS.get(kind.base_type(), "")
    values = _sas_number(where, kind, variable)
    return _Column(variable, values, tuple(refused), _sas_format(where, variable, given_format))


def _sas_number(where: _Where, kind: pl.DataType, variable: XptVariable) -> pl.Expr:
    """Count days or seconds from 1960-01-01, or seconds from midnight; a number stays as it is."""
    given = pl.col(variable.name)
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        message = f"the column is in the time zone {kind.time_zone}; SAS has none."
        raise where.error(message, "Convert it to local time first.", variable=variable.name)
    if kind == pl.Time:
        return given.cast(pl.Int64) / 1e9
    if kind == pl.Date:
        return (given.cast(pl.Int32) + DAY_0).cast(pl.Float64)
    if kind == pl.Datetime:
        return (given.dt.cast_time_unit("us").cast(pl.Int64) + DAY_0 * 86_400_000_000) / 1e6
    if kind.is_numeric() or kind == pl.Null:
        return given.cast(pl.Float64)
    raise where.error(f"the column holds {kind}, not numbers or dates.", variable=variable.name)


def _check_values(where: _Where, frame: pl.DataFrame, columns: Sequence[_Column]) -> None:
    """Refuse the first value that version 5 cannot hold: of the first variable, then by row."""
    refused = [(column, refusal) for column in columns for refusal in column.refused]
    firsts: dict[int, tuple[int, Any]] = {}
    for number, block in enumerate(_blocks(frame, columns)):
        found = block.select(r.bad.any().alias(str(i)) for i, (_, r) in enumerate(refused)).row(0)
        for i, (column, refusal) in enumerate(refused):
            if found[i] and i not in firsts:
                row = int(block.select(refusal.bad.fill_null(False).arg_true().first()).item())
                text = column.variable.kind == "text"
                value = block[column.stored if text else column.variable.name][row]
                firsts[i] = (number * _BLOCK + row, value)
    if firsts:
        i = min(firsts)
        (column, refusal), (row, value) = refused[i], firsts[i]
        raise where.error(refusal.says(value), refusal.hint, variable=column.variable.name, row=row)


def _with_widths(frame: pl.DataFrame, columns: Sequence[_Column]) -> list[_Column]:
    """The columns, a text as wide as its length says or else as its longest value."""
    longest = dict.fromkeys((c.stored for c in columns if c.variable.kind == "text"), 1)
    for block in _blocks(frame, columns):
        found = block.select(pl.col(list(longest)).str.len_bytes().max())
        longest = {name: max(width, found[name].item() or 1) for name, width in longest.items()}
    return [
        replace(column, width=column.variable.length or longest[column.stored])
        if column.stored in longest
        else column
        for column in columns
    ]


def _check_records(where: _Where, frame: pl.DataFrame, columns: Sequence[_Column]) -> None:
    if frame.height * sum(column.width for column in columns) > _FILE_BYTES:
        raise where.error("the file would be over 5 GB.", "Split the dataset.")
    last = next(_blocks(frame.tail(1), columns), frame)
    if last.height and all(last[column.stored][0] == "" for column in columns):
        hint = "Leave it out: a reader takes it for the padding of the file."
        raise where.error("the last record is blank.", hint, row=frame.height - 1)


def _headers(name: str, label: str, columns: Sequence[_Column]) -> bytes:
    system = b"9.4".ljust(8) + b" " * 32
    variables = b"".join(_namestrs(columns))
    return b"".join(
        (
            _header("LIBRARY"), b"SAS     SAS     SASLIB  ", system, _MADE, _MADE.ljust(80),
            _header("MEMBER", "000000000000000001600000000140"), _header("DSCRPTR"),
            b"SAS     ", name.encode().ljust(8), b"SASDATA ", system, _MADE,
            _MADE.ljust(32), label.encode().ljust(40), b" " * 8,
            _header("NAMESTR", f"{len(columns):010d}".ljust(30, "0")), variables,
            b" " * (-len(variables) % 80), _header("OBS"),
        )
    )  # fmt: skip


def _header(kind: str, numbers: str = "0" * 30) -> bytes:
    return f"HEADER RECORD*******{kind:8}HEADER RECORD!!!!!!!{numbers}  ".encode()


def _namestrs(columns: Sequence[_Column]) -> Iterator[bytes]:
    position = 0
    for number, column in enumerate(columns, 1):
        variable, (form, width, decimals) = column.variable, column.format
        kind = 1 if variable.kind == "number" else 2
        name, label, form_name = variable.name.encode(), variable.label.encode(), form.encode()
        blank = b" " * 8  # no informat
        yield struct.pack(
            ">hhhh8s40s8shhh2x8shhi52x",
            kind, 0, column.width, number, name.ljust(8), label.ljust(40), form_name.ljust(8),
            width, decimals, 0, blank, 0, 0, position,
        )  # fmt: skip
        position += column.width


def _records(frame: pl.DataFrame, columns: Sequence[_Column]) -> bytes:
    texts = _padded(frame, {c.stored: c.width for c in columns if c.variable.kind == "text"})
    numbers = _ibm(frame, [c.stored for c in columns if c.variable.kind == "number"])
    cells = texts | numbers
    return np.hstack([cells[column.stored] for column in columns]).tobytes()


def _padded(frame: pl.DataFrame, widths: Mapping[str, int]) -> dict[str, _Bytes]:
    texts = frame.select(pl.col(name).str.pad_end(width).str.join("") for name, width in widths.items())
    return {
        name: np.frombuffer(texts[name].item().encode("ascii"), np.uint8).reshape(frame.height, width)
        for name, width in widths.items()
    }


def _ibm(frame: pl.DataFrame, names: Sequence[str]) -> dict[str, _Bytes]:
    """Write float64 as IBM's double: sign, exponent of 16 plus 64, 56 bits of fraction; 53 bits fit."""
    given = frame.select(names).to_numpy()
    missing = np.isnan(given)
    number = np.where(missing, 0.0, given)
    fraction, exponent = np.frexp(np.abs(number))
    sixteens = -(-exponent // 4)
    bits = np.ldexp(fraction, 56 - (4 * sixteens - exponent)).astype(np.uint64)
    bits |= (sixteens + 64).astype(np.uint64) << np.uint64(56)
    bits |= (number < 0).astype(np.uint64) << np.uint64(63)
    bits[number == 0] = 0
    bits[missing] = ord(".") << 56
    cells = np.ascontiguousarray(bits.T).astype(">u8").view(np.uint8).reshape(len(names), frame.height, 8)
    return dict(zip(names, cells, strict=True))


@dataclass(frozen=True)
class Replacement:
    """One character that `submission_text` replaced; row from 1."""

    variable: str
    row: int
    character: str
    replacement: str


ASCII_FOR = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u2039\u203a", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\t\n\u00a0\u202f\u205f\u3000", " "),
    **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
    **dict.fromkeys("\r\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},  # full width forms
    "\u2264": "<=", "\u2265": ">=", "\u2260": "<>", "\u2248": "~", "\u00b1": "+/-", "\u00d7": "x",
    "\u00f7": "/", "\u2044": "/", "\u00b5": "u", "\u03bc": "u", "\u00b0": "deg", "\u2022": "*",
    "\u00b7": ".", "\u2026": "...", "\u2122": "(TM)", "\u00ae": "(R)", "\u00a9": "(C)",
    "\u03b1": "alpha", "\u03b2": "beta", "\u03b3": "gamma", "\u03b4": "delta",
}  # fmt: skip


def submission_text(frame: pl.DataFrame) -> tuple[pl.DataFrame, tuple[Replacement, ...]]:
    """Replace typographic characters by ASCII in text columns, and say which, where.

    Curly quotes, dashes, blanks of all kinds, line breaks, full width forms, signs (>= for its one-character
    form, +/-, x, u for micro, deg), four Greek letters. Other letters stay: ascii_text.py has their forms.
    """
    made = []
    for name in unprintable_columns(frame):
        series = frame[name]
        for row in series.str.contains_any(list(ASCII_FOR)).fill_null(False).arg_true():
            seen = [character for character in dict.fromkeys(series[row]) if character in ASCII_FOR]
            made += [Replacement(name, row + 1, one, ASCII_FOR[one]) for one in seen]
        frame = frame.with_columns(series.str.replace_many(list(ASCII_FOR), list(ASCII_FOR.values())))
    return frame, tuple(made)
