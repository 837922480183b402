"""Expressions: `compute: "(SYSBP + 2 * DIABP) / 3"`, SQL scalar text over a closed list of functions.

A null operand gives null. What arithmetic has no value for (a division by 0, the logarithm of 0) is null and
counted. Numbers compare, round and cut at 12 significant digits, as in conditions; a value itself keeps all
its digits. A text that comes out empty is missing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tlfgen.errors import NOWHERE, Place, SpecError
from tlfgen.spec.condition import Condition
from tlfgen.spec.condition_text import condition_of
from tlfgen.spec.condition_tree import CaseWhen, Column, Value, walk
from tlfgen.spec.condition_words import Refused
from tlfgen.spec.expression_reader import read_expression
from tlfgen.spec.expression_types import OfColumn, check_value_types, type_of

if TYPE_CHECKING:
    import polars as pl

    from tlfgen.spec.expression_compile import ExpressionCompiler


@dataclass(frozen=True)
class Expression:
    """A parsed expression; `columns` are the names it needs, dotted where of another dataset."""

    text: str
    place: Place
    columns: tuple[str, ...]
    tree: Value

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of its CASEs."""
        cases = (node for node in walk(self.tree) if isinstance(node, CaseWhen))
        return tuple(condition_of(c, self.place) for case in cases for c, _ in case.when)

    def check(self, of_column: OfColumn) -> str:
        """Check the types of what it names; give the type of its value, "" where it is not known."""
        try:
            check_value_types(self.tree, of_column)
        except Refused as error:
            raise _unreadable(self.text, self.place, error) from None
        return type_of(self.tree, of_column)

    def evaluate(
        self, frame: pl.DataFrame, dates: Collection[str] = (), flags: Collection[str] = ()
    ) -> tuple[pl.Series, pl.Series]:
        """Its value for each row, and whether arithmetic has none.

        dates: the columns that hold ISO 8601 text; flags: those whose null says no.

        >>> import polars as pl
        >>> frame = pl.DataFrame({"A": [1, 6, None], "B": [2, 0, 1]})
        >>> value, undefined = parse_expression("A / B").evaluate(frame)
        >>> value.to_list(), undefined.to_list()
        ([0.5, None, None], [False, True, False])
        """
        import polars as pl

        from tlfgen.spec.condition_compile import FLAG
        from tlfgen.spec.expression_compile import ExpressionCompiler

        marks = (pl.lit(True).alias(name + FLAG) for name in self.columns if name in flags)
        marked = frame.with_columns(*marks)
        compiler: ExpressionCompiler = ExpressionCompiler(dict(marked.schema), frozenset(dates), self.place)
        self.check(compiler.type_of_column)
        ready = marked.with_columns(compiler.prepared(self.columns))
        made = ready.with_columns(
            compiler.value(self.tree).alias("#value"), compiler.undefined(self.tree).alias("#undefined")
        )
        return made["#value"], made["#undefined"].fill_null(False)


def parse_expression(text: str, place: Place = NOWHERE) -> Expression:
    """Parse the text of an expression; a SpecError says what cannot be read and where."""
    try:
        columns, tree = _parse(text)
        if not columns:
            raise Refused("It names no variable: a constant is written value:.")
    except Refused as error:
        raise _unreadable(text, place, error) from None
    return Expression(text, place, columns, tree)


@lru_cache(maxsize=4096)
def _parse(text: str) -> tuple[tuple[str, ...], Value]:
    tree = read_expression(text)
    return tuple(dict.fromkeys(n.name for n in walk(tree) if isinstance(n, Column))), tree


def _unreadable(text: str, place: Place, error: Refused) -> SpecError:
    shown = text if len(text) <= 200 else f"{text[:200]} ..."
    return SpecError(f"The expression cannot be read: {shown}", place=place, hint=str(error))
