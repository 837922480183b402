"""number_of: the numeric twin of a text."""

from __future__ import annotations

import polars as pl

from tlfgen.data.keyed import INDEX, numbered
from tlfgen.data.registry import Column, Derived, derivation
from tlfgen.errors import Finding


@derivation
def derive_number_of(rows: pl.DataFrame, *, of: Column, levels: dict[str, float]) -> Derived:
    """Give the number of a text.

    First case that applies:
      1. no text              null
      2. a text of `levels`   its number
      3. any other text       null, and a warning

    levels: text -> number, as `{MILD: 1, MODERATE: 2, SEVERE: 3}`; what is ordered by it is in the spec.
    """
    whole = all(float(number).is_integer() for number in levels.values())
    numbers = {text: int(number) if whole else number for text, number in levels.items()}
    found = rows[of].replace_strict(numbers, default=None, return_dtype=pl.Int64 if whole else pl.Float64)
    other = numbered(rows).filter(pl.col(of).is_not_null() & found.is_null()).select(INDEX, of)
    return Derived(
        found,
        findings=tuple(
            Finding(
                "warning",
                "",
                "",
                "number_of",
                f"'{text}' is not among the levels",
                row=index,
                field=of,
                value=text,
            )
            for index, text in other.iter_rows()
        ),
    )
