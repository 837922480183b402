"""Texts over 200 characters: the first part stands in the variable, the rest under its name with a number.

Source: SDTMIG 3.4, 4.5.3.2 (200 characters a piece, split between words; AETERM, AETERM1, AETERM2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import polars as pl

from tlfgen.data.ascii_text import as_ascii
from tlfgen.data.dataset import Dataset, Variable
from tlfgen.data.limits import MOST_OF_A_NAME
from tlfgen.data.xpt_file import ASCII_FOR

MOST = 200
_FORMS = str.maketrans(ASCII_FOR)


def submission_length(text: str) -> int:
    """The characters of a text in a file for submission, where each is ASCII."""
    return len(as_ascii(text.translate(_FORMS)))


def pieces(text: str, most: int = MOST) -> list[str]:
    """Split a text between words into pieces that a file for submission can hold; a word longer than that is
    split within.

    >>> pieces("one two three", 8)
    ['one two', 'three']
    """
    found = []
    while submission_length(text) > most:
        fits = next(n for n in range(min(most, len(text)), 0, -1) if submission_length(text[:n]) <= most)
        blank = text.rfind(" ", 1, fits + 1)
        end = blank if blank > 0 else fits
        found.append(text[:end])
        text = text[end + 1 :] if blank > 0 else text[end:]
    return [*found, text]


def joined(parts: Iterable[str | None], most: int = MOST) -> str | None:
    """The text of which these are the pieces.

    >>> joined(["one two", "three", None], 8)
    'one two three'
    """
    whole: str | None = None
    for part in parts:
        if part is None:
            continue
        within = whole is not None and " " not in whole[-most:] and submission_length(whole[-most:]) == most
        whole = part if whole is None else f"{whole}{'' if within else ' '}{part}"
    return whole


def long_texts(frame: pl.DataFrame, names: Iterable[str]) -> dict[str, list[list[str]]]:
    """Text variables of which some value is too long -> the pieces of every row's value."""
    found = {}
    for name in names:
        values = frame[name]
        if values.dtype != pl.String:
            continue
        # No character takes more than 8 in ASCII for 3 bytes of UTF-8.
        many = values.filter(values.str.len_bytes() > MOST * 3 // 8).unique()
        if any(submission_length(v) > MOST for v in many):
            found[name] = [[] if v is None else pieces(v) for v in values]
    return found


def piece_name(name: str, number: int) -> str:
    """AETERM, 1 -> AETERM1; a name of eight letters gives up its last."""
    return f"{name[: MOST_OF_A_NAME - len(str(number))]}{number}"


def piece_label(name: str, number: int) -> str:
    return f"{name} Continued {number}"


def split_columns(split: Mapping[str, list[list[str]]]) -> dict[str, dict[str, list[str | None]]]:
    """Variable -> the columns that hold its pieces, its own first."""
    columns: dict[str, dict[str, list[str | None]]] = {}
    for name, rows in split.items():
        most = max(len(row) for row in rows)
        names = [name, *(piece_name(name, n) for n in range(1, most))]
        columns[name] = {
            piece: [row[n] if n < len(row) else None for row in rows] for n, piece in enumerate(names)
        }
    return columns


def whole_texts(frame: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """Put the pieces of each text, which stand in columns of their own, together again."""
    names = list(names)
    for name in (n for n in names if n in frame.columns):
        more = [p for n in range(1, 100) if (p := piece_name(name, n)) in frame.columns and p not in names]
        if more and frame.schema[name] == pl.String:
            texts = [joined(row) for row in frame.select(name, *more).iter_rows()]
            frame = frame.with_columns(pl.Series(name, texts, dtype=pl.String)).drop(more)
    return frame


def split_dataset(dataset: Dataset) -> Dataset:
    """A dataset as it is written: the pieces of a long text stand behind its variable."""
    columns = split_columns(long_texts(dataset.frame, dataset.frame.columns))
    if not columns:
        return dataset
    variables: list[Variable] = []
    for variable in dataset.variables:
        variables.append(variable)
        more = list(columns.get(variable.name, {}))[1:]
        variables += [
            replace(variable, name=piece, label=piece_label(variable.name, n), continues=variable.name)
            for n, piece in enumerate(more, 1)
        ]
    made = [pl.Series(n, v, dtype=pl.String) for c in columns.values() for n, v in c.items()]
    frame = dataset.frame.with_columns(made).select(v.name for v in variables)
    return replace(dataset, frame=frame, variables=tuple(variables))


def join_dataset(dataset: Dataset) -> Dataset:
    """A dataset as it was before `split_dataset`."""
    frame = dataset.frame
    whole = [v for v in dataset.variables if not v.continues]
    for variable in whole:
        parts = [variable.name, *(v.name for v in dataset.variables if v.continues == variable.name)]
        if len(parts) > 1:
            texts = [joined(row) for row in frame.select(parts).iter_rows()]
            frame = frame.with_columns(pl.Series(variable.name, texts, dtype=pl.String))
    return replace(dataset, frame=frame.select(v.name for v in whole), variables=tuple(whole))
