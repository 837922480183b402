"""Values as the type of the variable that they fill."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import polars as pl

from tlfgen.data.dates import complete_day, complete_moment
from tlfgen.errors import Place, SpecError

ISO_TEXT = r"^\d{4}(-\d\d(-\d\d(T.*)?)?|---\d\d)?$"  # of which a partial one is no date


def cast_values(values: pl.Series, dtype: Any, name: str, at: Place) -> pl.Series:
    """Cast the values; text that is partial ISO 8601 is no day. A SpecError where they do not convert."""
    if values.dtype == dtype:
        return values
    try:
        if dtype == pl.Date and values.dtype == pl.String and values.str.contains(ISO_TEXT).all():
            return complete_day(values)
        if dtype == pl.Datetime and values.dtype == pl.String and values.str.contains(ISO_TEXT).all():
            return complete_moment(values)
        if dtype in (pl.Int64, pl.Float64) and values.dtype == pl.String:
            return values.str.strip_chars().cast(dtype)
        return values.cast(dtype)
    except pl.exceptions.PolarsError:
        raise SpecError(
            f"{name} is {dtype}, but what fills it is {values.dtype} and does not convert.",
            place=at,
            hint="Give the variable another type: or derive it.",
        ) from None


@contextmanager
def suiting_types(rule: str, given: Mapping[str, Any], at: Place) -> Iterator[None]:
    """Tell a rule that cannot use the type of what it is given as an error of its entry.

    rule: whose it is and what it derives. given: the names that it is given, each with its type.
    """
    try:
        yield
    except (pl.exceptions.SchemaError, pl.exceptions.InvalidOperationError) as error:
        of = ", ".join(f"{name} ({kind})" for name, kind in given.items())
        raise SpecError(
            f"{rule} cannot be derived of {of or 'what it is given'}: {str(error).splitlines()[0]}.",
            place=at,
            hint="Give a variable of another type, or another derivation.",
        ) from None
