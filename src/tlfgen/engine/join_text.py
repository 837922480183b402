"""A constant text, and one joined of constant parts and variables."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tlfgen.spec.iso_date import iso_text
from tlfgen.spec.joined_text import joined_parts


def constant(text: str | None, height: int) -> pl.Series:
    """The same text for every record; a blank one is missing."""
    return pl.Series([text or None], dtype=pl.String).new_from_index(0, height)


def join_text(text: str, named: Mapping[str, pl.Series]) -> pl.Series:
    """Fill `{NAME}` row by row; null where one of the named is null, for half a text says another thing.

    A number stands as short as it can, 5.0 as 5; a date as ISO 8601.

    >>> join_text("{DOSE} mg", {"DOSE": pl.Series([5.0, None])}).to_list()
    ['5 mg', None]
    """
    plain, *rest = joined_parts(text)
    found = pl.Series([plain]).new_from_index(0, len(next(iter(named.values()))))
    for name, after in zip(rest[::2], rest[1::2], strict=True):
        found = found + _shown(named[name]) + after
    return found


def _shown(values: pl.Series) -> pl.Series:
    text = values.to_frame("v").select(iso_text(pl.col("v"), values.dtype)).to_series()
    return text.str.replace(r"\.0$", "") if values.dtype.is_float() else text
