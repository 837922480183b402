"""number_of: the numeric twin of a text."""

from __future__ import annotations

from typing import Literal

import polars as pl

from tlfgen.engine.gives import numbers
from tlfgen.engine.keyed import INDEX, numbered
from tlfgen.engine.registry import Column, Derived, derivation
from tlfgen.errors import Finding


@derivation(gives=numbers)
def derive_number_of(
    rows: pl.DataFrame,
    *,
    of: Column,
    levels: dict[str, float],
    else_: Literal["warning", "null"] | float = "warning",
) -> Derived:
    """Give the number of a text.

    First case that applies:
      1. no text              null
      2. a text of `levels`   its number
      3. any other text       the number or null that `else` gives; where it gives none, null and one
                              warning for each text, with a count

    else: null, or a number, says that other texts are left out on purpose.
    levels: text -> number, as `{MILD: 1, MODERATE: 2, SEVERE: 3}`; what is ordered by it is in the spec.
    """
    given = [*levels.values(), *([else_] if isinstance(else_, float) else [])]
    whole = all(float(number).is_integer() for number in given)
    dtype = pl.Int64 if whole else pl.Float64
    found = rows[of].replace_strict(levels, default=None, return_dtype=pl.Float64).cast(dtype)
    other = rows[of].is_not_null() & found.is_null()
    if else_ != "warning":
        return Derived(found.set(other, else_) if isinstance(else_, float) else found)
    texts = numbered(rows).filter(other).group_by(of, maintain_order=True).agg(pl.first(INDEX), pl.len())
    return Derived(
        found,
        findings=tuple(
            Finding("warning", "", "", "number_of", _says(text), index, field=of, value=text, count=number)
            for text, index, number in texts.select(of, INDEX, "len").iter_rows()
        ),
    )


def _says(text: str) -> str:
    return (
        f"'{text}' is not among the levels; `else: null` says that it is left out on purpose. "
        "Records with it: {count}"
    )
