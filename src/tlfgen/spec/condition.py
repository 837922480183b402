"""Conditions: SQL text, parsed once into a closed set of nodes (`condition_tree`), compiled to polars.

Nulls are SQL's: `X <> 'NE'` is not true where X is null. Floats compare at 12 significant digits, so that
1.8 is not above 1.5 * 1.2; integers, dates and texts exactly. A partial date (ISO 8601, right-truncated)
compares by what it can mean: `A < B` is true only where the latest day of A lies before the earliest day of
B. Two date-times compare to the precision that both have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tlfgen.errors import NOWHERE, Place, SpecError
from tlfgen.spec.condition_tree import Column, Logical, Or, read_tree, walk
from tlfgen.spec.condition_words import Refused, is_enclosed

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Condition:
    """A parsed condition; `columns` are the names it needs, dotted where of another dataset."""

    text: str
    place: Place
    columns: tuple[str, ...]
    tree: Logical

    def rows(self, frame: pl.DataFrame, dates: Mapping[str, str] | None = None) -> pl.Series:
        """Evaluate: one Boolean a row, false where the condition is not known to be true.

        dates: the columns that hold ISO 8601 text, as "partial"; columns of days are found by their type.
        """
        return self.truth(frame, dates).fill_null(False)

    def truth(self, frame: pl.DataFrame, dates: Mapping[str, str] | None = None) -> pl.Series:
        """Evaluate: one Boolean a row, null where the condition cannot be judged."""
        from tlfgen.spec.condition_compile import Compiler

        compiler = Compiler(dict(frame.schema), frozenset(dates or ()), self.place)
        ready = frame.with_columns(compiler.prepared(self.columns))
        return ready.with_columns(compiler.logical(self.tree).alias("#where"))["#where"]


def parse_condition(text: str, place: Place = NOWHERE) -> Condition:
    """Parse the text of a condition; a SpecError says what cannot be read and where."""
    try:
        columns, tree = _parse(text)
    except Refused as error:
        shown = text if len(text) <= 200 else f"{text[:200]} ..."
        raise SpecError(f"The condition cannot be read: {shown}", place=place, hint=str(error)) from None
    return Condition(text, place, columns, tree)


@lru_cache(maxsize=4096)
def _parse(text: str) -> tuple[tuple[str, ...], Logical]:
    tree = read_tree(text)
    return tuple(dict.fromkeys(n.name for n in walk(tree) if isinstance(n, Column))), tree


def in_brackets(text: str) -> str:
    """A condition as it may stand beside AND: in brackets where it is an OR that has none around it.

    >>> in_brackets("SEX = 'F' OR AGE > 65"), in_brackets("(A = 1 OR B = 1)"), in_brackets("A = 'x or y'")
    ("(SEX = 'F' OR AGE > 65)", '(A = 1 OR B = 1)', "A = 'x or y'")
    """
    is_or = isinstance(parse_condition(text).tree, Or)
    return f"({text})" if is_or and not is_enclosed(text) else text
