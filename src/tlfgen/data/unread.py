"""Unreadable is not missing: a value that is null although something was collected for it."""

from __future__ import annotations

import polars as pl

from tlfgen.data.dataset import Dataset
from tlfgen.spec.condition_compile import TEXT, UNREAD

__all__ = ["TEXT", "UNREAD", "marked", "unread", "with_marks"]


def unread(frame: pl.DataFrame, name: str) -> pl.Series:
    """Mark the rows in which `name` is null although a text was collected that no type could hold.

    frame: rows or records as a derivation or maker is given them. A variable that cannot be unread (a
    constant, a text without rules) gives false on every row. A variable taken `from` another, or derived `of`
    another by the same name of parameter, is unread where that one is.

    >>> rows = pl.DataFrame({"AESER": ["Y", None, None], "AESER#unread": [False, True, False]})
    >>> unread(rows, "AESER").to_list()
    [False, True, False]
    """
    if name + UNREAD in frame.columns:
        return frame[name + UNREAD]
    return pl.Series([False]).new_from_index(0, frame.height)


def marked(frame: pl.DataFrame, texts: dict[str, pl.Series]) -> pl.DataFrame:
    """Add for each of these names its collected text, and a mark: null in the frame, and the text is not
    blank."""
    marks = [
        (frame[name].is_null() & (text.str.strip_chars() != "").fill_null(False)).alias(name + UNREAD)
        for name, text in texts.items()
    ]
    behind = [text.alias(name + TEXT) for name, text in texts.items()]
    return frame.with_columns(*marks, *behind) if marks else frame


def with_marks(dataset: Dataset) -> pl.DataFrame:
    """A dataset's records, and beside each variable that has such nulls the mark of where."""
    frame = dataset.frame
    place = pl.int_range(pl.len())
    return frame.with_columns(place.is_in(list(at)).alias(n + UNREAD) for n, at in dataset.unread.items())
