"""date: a date from ISO 8601 text."""

from __future__ import annotations

import polars as pl

from tlfgen.data.dates import complete_day
from tlfgen.data.known_date import text_behind
from tlfgen.engine.gives import DATE
from tlfgen.engine.registry import Column, Derived, derivation


@derivation(gives=DATE)
def derive_date(rows: pl.DataFrame, *, of: Column) -> Derived:
    """Take the day of a --DTC variable.

    First case that applies:
      1. missing or partial   null (impute_date makes a date of a partial one)
      2. otherwise            its day; a time is cut off
    Of a datetime (ASTDTM) its day, an imputed one too.
    """
    return Derived(complete_day(rows[of]), behind=text_behind(rows, of))
