"""CSV files for people: no cell that a spreadsheet would carry out."""

from __future__ import annotations

import re

import polars as pl

FORMULA, NUMBER = r"^[=+\-@\t\r]", r"^[+-]?[0-9]+(?:\.[0-9]+)?$"


def safe(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before a text, or a column's name, that a spreadsheet would take for a formula;
    numbers stay."""
    texts = [c for c, t in frame.schema.items() if t == pl.String]
    risky = {c: pl.col(c).str.contains(FORMULA) & ~pl.col(c).str.contains(NUMBER) for c in texts}
    marked = frame.with_columns(
        pl.when(r).then("'" + pl.col(c)).otherwise(pl.col(c)).alias(c) for c, r in risky.items()
    )
    return marked.rename({c: f"'{c}" for c in marked.columns if re.match(FORMULA, c)})
