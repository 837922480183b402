"""How collected text becomes a value: each type is stated once, for single texts and for whole columns.

A type has an anchored pattern and two readings that agree on every text: `read` takes one text and says in
words what is wrong with it (pydantic runs on it), `column` takes a whole column and is null where `read`
refuses. The lax readings of libraries are not safe for collected text: they take "0-3" for -3, "1_000" for
1000, "1e5" for
100000 and an Arabic digit for a number. Blanks around a value never matter; a value of blanks is no value.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl
from pydantic_core import PydanticCustomError

from tlfgen.spec.form import CodelistSpec

BLANKS = " \t\r\n\x0b\x0c\u00a0\u3000"  # named, because Python and polars differ on what else is blank
MOST_DIGITS = 18  # of a whole number: 64 bits hold any of that length
MOST_TERMS = 10  # of a codelist in a message


def refused(rule: str, says: str) -> PydanticCustomError:
    """Build the error of a text that is no value; `says` follows the quoted text: "'x' is no number"."""
    return PydanticCustomError(rule, "{says}", {"says": says})


def trimmed(text: pl.Series) -> pl.Series:
    """Cut blanks at both ends; a value of blanks is null."""
    bare = text.str.strip_chars(BLANKS)
    return bare.set(bare == "", None)


def by_distinct(text: pl.Series, read: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Apply a reading to each different text once and bring the values back in place."""
    distinct = text.drop_nulls().unique()
    if 2 * len(distinct) > len(text):
        return read(text)
    values = pl.DataFrame({"text": distinct, "value": read(distinct)})
    return text.alias("text").to_frame().join(values, on="text", how="left", maintain_order="left")["value"]


class Scalar(ABC):
    """A type of collected value."""

    dtype: Any = pl.String

    def read(self, text: str) -> Any:
        """Read one text, None where it is blank. Raises PydanticCustomError where it is no value."""
        bare = text.strip(BLANKS)
        return self._read(bare) if bare else None

    def column(self, text: pl.Series) -> pl.Series:
        """Read a column: null where the text is blank or `read` refuses it."""
        value = self._column(text)
        if value.null_count() > text.null_count():
            # Only these can have blanks around them, or be wrong: few, as a rule.
            left = (value.is_null() & text.is_not_null()).arg_true()
            value = value.scatter(left, self._column(trimmed(text.gather(left))))
        return value.alias(text.name)

    @abstractmethod
    def _read(self, bare: str) -> Any: ...

    @abstractmethod
    def _column(self, text: pl.Series) -> pl.Series: ...


@dataclass(frozen=True)
class FreeText(Scalar):
    """Any text; blanks at its end are cut, blanks at its start (indents) are kept."""

    def read(self, text: str) -> Any:
        return text.rstrip(BLANKS) or None

    def column(self, text: pl.Series) -> pl.Series:
        cut = text.str.strip_chars_end(BLANKS)
        return cut.set(cut == "", None).alias(text.name)

    def _read(self, bare: str) -> Any:
        return bare

    def _column(self, text: pl.Series) -> pl.Series:
        return text


@dataclass(frozen=True)
class WholeNumber(Scalar):
    """A sign or none, then 1 to 18 ASCII digits."""

    dtype = pl.Int64
    pattern = rf"[+-]?[0-9]{{1,{MOST_DIGITS}}}"

    def _read(self, bare: str) -> int:
        if not re.fullmatch(self.pattern, bare):
            long = re.fullmatch(r"[+-]?[0-9]+", bare)
            raise refused("number", f"has more than {MOST_DIGITS} digits" if long else "is no whole number")
        return int(bare)

    def _column(self, text: pl.Series) -> pl.Series:
        return _cast(text, self.pattern, pl.Int64)


@dataclass(frozen=True)
class DecimalNumber(Scalar):
    """A sign or none, ASCII digits, and a point with further digits or none; no exponent, no separators."""

    dtype = pl.Float64
    pattern = r"[+-]?[0-9]+(?:\.[0-9]+)?"

    def _read(self, bare: str) -> float:
        if not re.fullmatch(self.pattern, bare):
            raise refused("number", "is no number (digits, with a decimal point at most)")
        value = float(bare)
        if not math.isfinite(value):
            raise refused("number", "is too large a number")
        return value

    def _column(self, text: pl.Series) -> pl.Series:
        value = _cast(text, self.pattern, pl.Float64)
        return value.set(value.is_infinite(), None)


@dataclass(frozen=True)
class Code(Scalar):
    """A term of a codelist or a word that stands for one, in any case; the value is the submission value."""

    name: str
    codelist: CodelistSpec

    def _read(self, bare: str) -> str:
        value = self.codelist.lookup.get(bare.casefold())
        if value is None:
            raise refused(f"codelist {self.name}", f"is not one of {self._terms()} (codelist {self.name})")
        return value

    def _column(self, text: pl.Series) -> pl.Series:
        lookup = self.codelist.lookup
        # Case folding is Python's; polars has only lower case, which differs ("ß").
        found = {word: lookup.get(word.casefold()) for word in text.drop_nulls().unique()}
        return text.replace_strict(found, default=None, return_dtype=pl.String)

    def _terms(self) -> str:
        terms = list(self.codelist.terms)
        more = f", ... ({len(terms)} terms)" if len(terms) > MOST_TERMS else ""
        return ", ".join(terms[:MOST_TERMS]) + more


def _cast(text: pl.Series, pattern: str, dtype: type[pl.DataType]) -> pl.Series:
    fits = text.str.contains(f"^(?:{pattern})$")
    return text.cast(dtype, strict=False).set(~fits, None)
