"""Value labels and user-missing values of statistics packages: codes become the words that were collected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from tlfgen.data.formats import number_text

Missing = Callable[[Any], bool]


def labelled(
    text: pl.Series, labels: Mapping[Any, str], missing: Missing | None = None
) -> tuple[pl.Series, list[str]]:
    """Give a column of codes as collected words, and say what was missing and what has no label.

    For each value, the first case that applies:
      1. a missing value by the file's own rule   blank, with a note that counts it and gives its label
      2. a value with a label                     the label
      3. any other                                the value itself
    """
    words = {code_text(value): str(word).strip() for value, word in labels.items()}
    notes = []
    distinct = text.drop_nulls().unique().sort().to_list()
    gone = [t for t in distinct if missing is not None and missing(t)]
    if gone:
        counts = {t: int((text == t).sum()) for t in gone}
        said = ", ".join(f"{t}{f' {words[t]}' if t in words else ''} ({n})" for t, n in counts.items())
        notes.append(f"'{text.name}' has values that the file calls missing, read as blank: {said}.")
        text = text.set(text.is_in(gone).fill_null(False), None)
    found = {t: words[t] for t in distinct if t in words and t not in gone}
    rest = [t for t in distinct if t not in words and t not in gone]
    if found:
        notes.append(f"'{text.name}' is read by its value labels.")
        if rest:
            notes.append(
                f"'{text.name}' has values without a label, read as they stand: {', '.join(rest[:10])}."
            )
        text = text.replace(found)
    return text, notes


def code_text(value: Any) -> str:
    """A code as the columns of text have it."""
    if isinstance(value, str):
        return value.rstrip()
    return str(number_text(pl.Series("", [float(value)]))[0])


def in_ranges(ranges: list[Mapping[str, Any]]) -> Missing:
    """Whether a text is one of the ranges in which a file's values are missing."""

    def missing(text: str) -> bool:
        for given in ranges:
            low, high = given["lo"], given["hi"]
            if isinstance(low, str):
                if low.rstrip() == text:
                    return True
            elif _number(text) is not None and low <= float(text) <= high:
                return True
        return False

    return missing


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
