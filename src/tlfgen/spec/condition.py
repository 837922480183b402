"""Conditions: SQL text, parsed once into a closed set of nodes.

Nodes: comparison (column or literal with column or literal), IN, BETWEEN, LIKE, IS [NOT] NULL, AND, OR, NOT,
+ - * /, and number, text and date literals. Anything else is a SpecError that shows the place.

Nulls are SQL's: `X <> 'NE'` is not true where X is null. A partial date (ISO 8601, right-truncated) compares
by what it can mean: `A < B` is true only where the latest day of A lies before the earliest day of B.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tlfgen.errors import NOWHERE, Place, SpecError

if TYPE_CHECKING:
    import polars as pl
    from sqlglot import exp

HINTS = (
    (re.compile(r'"'), "Texts stand in single quotes: 'Y'."),
    (re.compile(r"\b(ne|eq|lt|gt|le|ge)\b", re.I), "Write <>, =, <, >, <= or >= instead of SAS's words."),
    (re.compile(r"\^=|~="), "Write <> for 'not equal'."),
    (re.compile(r"[=><]\s*\.(?!\d)"), "Write IS NULL for a missing value."),
    (re.compile(r"=="), "Write = for 'equal'."),
)


@dataclass(frozen=True)
class Condition:
    """A parsed condition; `columns` are the names it needs, dotted where of another dataset."""

    text: str
    place: Place
    columns: tuple[str, ...]
    tree: Any

    def expr(self, dates: Mapping[str, str] | None = None) -> pl.Expr:
        """Compile to a polars expression over columns named as in the text.

        dates: the columns that hold dates, "partial" (ISO 8601 text) or "date" (pl.Date).
        """
        return _compile(self.tree, self, dict(dates or {}))

    def rows(self, frame: pl.DataFrame, dates: Mapping[str, str] | None = None) -> pl.Series:
        """Evaluate: one Boolean a row, false where the condition is not known to be true."""
        return self.truth(frame, dates).fill_null(False)

    def truth(self, frame: pl.DataFrame, dates: Mapping[str, str] | None = None) -> pl.Series:
        """Evaluate: true, false, or null where the values do not tell."""
        import polars as pl

        found = dict(dates or {}) | {n: "date" for n in self.columns if frame[n].dtype == pl.Date}
        return frame.with_columns(self.expr(found).cast(pl.Boolean).alias("#where"))["#where"]

    def where_nulls(self) -> tuple[str, ...]:
        """Name the columns that stand in a `<>`: there SQL and SAS differ on nulls."""
        from sqlglot import exp

        return tuple(sorted({c.sql() for n in self.tree.find_all(exp.NEQ) for c in n.find_all(exp.Column)}))


def parse_condition(text: str, place: Place = NOWHERE) -> Condition:
    """Parse the text of a condition; a SpecError says what cannot be read and where."""
    try:
        columns, tree = _parse(text)
    except _Refused as error:
        raise SpecError(f"The condition cannot be read: {text}", place=place, hint=str(error)) from None
    return Condition(text, place, columns, tree)


class _Refused(Exception):
    pass


@lru_cache(maxsize=4096)
def _parse(text: str) -> tuple[tuple[str, ...], Any]:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    if text.strip().lower() == "all":
        return (), exp.true()
    bare = re.sub(r"'[^']*'", "''", text)
    for pattern, hint in HINTS:
        if pattern.search(bare):
            raise _Refused(hint)
    try:
        tree = sqlglot.parse_one(text)
    except SqlglotError as error:
        raise _Refused(re.sub(r"\x1b\[[0-9;]*m", "", str(error)).splitlines()[0]) from None
    for node in tree.walk():
        if not isinstance(node, _allowed()):
            raise _Refused(f"'{node.sql()}' ({type(node).__name__}) has no place in a condition.")
    names = tuple(dict.fromkeys(_name(c) for c in tree.find_all(exp.Column, bfs=False)))
    return names, tree


@lru_cache(maxsize=1)
def _allowed() -> tuple[type, ...]:
    from sqlglot import exp

    return (
        exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Boolean, exp.Paren, exp.Neg,
        exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Between, exp.Like, exp.Is,
        exp.And, exp.Or, exp.Not, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Cast, exp.DataType, exp.Tuple,
    )  # fmt: skip


def _name(column: exp.Column) -> str:
    return ".".join(p.name for p in column.parts)


def _compile(node: Any, of: Condition, dates: dict[str, str]) -> pl.Expr:
    import polars as pl
    from sqlglot import exp

    def go(n: Any) -> pl.Expr:
        return _compile(n, of, dates)

    if isinstance(node, exp.Paren):
        return go(node.this)
    if isinstance(node, exp.And):
        return go(node.this) & go(node.expression)
    if node.args.get("negate"):  # X NOT LIKE 'a%' may stand as one node
        plain = node.copy()
        plain.set("negate", False)
        return ~go(plain)
    if isinstance(node, exp.Or):
        return go(node.this) | go(node.expression)
    if isinstance(node, exp.Not):
        return ~go(node.this)
    if isinstance(node, exp.Boolean):
        return pl.lit(bool(node.this))
    if isinstance(node, exp.Is):
        if not isinstance(node.expression, exp.Null):
            raise SpecError("IS stands only before NULL and NOT NULL.", place=of.place)
        return go(node.this).is_null()
    if isinstance(node, exp.In):
        return _is_in(node, of, dates)
    if isinstance(node, exp.Like):
        pattern = re.escape(_text(node.expression, of)).replace("%", ".*").replace("_", ".")
        return go(node.this).str.contains(f"^(?s:{pattern})$")
    if isinstance(node, exp.Between):
        low, high = (
            exp.GTE(this=node.this, expression=node.args["low"]),
            exp.LTE(this=node.this, expression=node.args["high"]),
        )
        return go(low) & go(high)
    compared = {exp.EQ: "eq", exp.NEQ: "ne", exp.LT: "lt", exp.LTE: "le", exp.GT: "gt", exp.GTE: "ge"}.get(
        type(node)
    )
    if compared:
        return _compare(compared, node.this, node.expression, of, dates)
    return _value(node, of, dates)


def _value(node: Any, of: Condition, dates: dict[str, str]) -> pl.Expr:
    import polars as pl
    from sqlglot import exp

    if isinstance(node, exp.Column):
        return pl.col(_name(node))
    if isinstance(node, exp.Literal):
        return pl.lit(node.this) if node.is_string else pl.lit(float(node.this))
    if isinstance(node, exp.Null):
        return pl.lit(None)
    if isinstance(node, exp.Cast):
        import datetime

        return pl.lit(datetime.date.fromisoformat(_text(node.this, of)))
    if isinstance(node, exp.Paren):
        return _value(node.this, of, dates)
    if isinstance(node, exp.Neg):
        return -_value(node.this, of, dates)
    signs = {exp.Add: "__add__", exp.Sub: "__sub__", exp.Mul: "__mul__", exp.Div: "__truediv__"}
    sign = signs.get(type(node))
    if sign:
        left, right = _value(node.this, of, dates), _value(node.expression, of, dates)
        result: pl.Expr = getattr(left, sign)(right)
        return result
    raise SpecError(f"'{node.sql()}' cannot stand here in a condition.", place=of.place)


def _compare(sign: str, left: Any, right: Any, of: Condition, dates: dict[str, str]) -> pl.Expr:
    import polars as pl

    from tlfgen.spec.iso_date import date_bounds

    kinds = {_kind(left, dates), _kind(right, dates)}
    if "partial" in kinds or "date" in kinds:
        early_l, late_l = date_bounds(_value(left, of, dates), _kind(left, dates))
        early_r, late_r = date_bounds(_value(right, of, dates), _kind(right, dates))
        apart = (late_l < early_r) | (early_l > late_r)
        same = (early_l == late_r) & (late_l == early_r)
        known = {
            "lt": (late_l < early_r, early_l >= late_r), "le": (late_l <= early_r, early_l > late_r),
            "gt": (early_l > late_r, late_l <= early_r), "ge": (early_l >= late_r, late_l < early_r),
            "eq": (same, apart), "ne": (apart, same),
        }  # fmt: skip
        true, false = known[sign]
        return pl.when(true).then(pl.lit(True)).when(false).then(pl.lit(False))
    a, b = _value(left, of, dates), _value(right, of, dates)
    result: pl.Expr = getattr(a, f"__{sign}__")(b)
    return result


def _kind(node: Any, dates: dict[str, str]) -> str:
    from sqlglot import exp

    if isinstance(node, exp.Column):
        return dates.get(_name(node), "")
    if isinstance(node, exp.Cast):
        return "date"
    if isinstance(node, exp.Literal) and node.is_string and re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", node.this):
        return "literal"
    return ""


def _is_in(node: Any, of: Condition, dates: dict[str, str]) -> pl.Expr:
    import polars as pl
    from sqlglot import exp

    values: list[Any] = []
    for item in node.expressions:
        bare, factor = (item.this, -1.0) if isinstance(item, exp.Neg) else (item, 1.0)
        if not isinstance(bare, exp.Literal) or (bare.is_string and factor < 0):
            raise SpecError("IN takes a list of texts or numbers.", place=of.place)
        values.append(bare.this if bare.is_string else float(bare.this) * factor)
    column = _value(node.this, of, dates)
    return (column if any(isinstance(v, str) for v in values) else column.cast(pl.Float64)).is_in(values)


def _text(node: Any, of: Condition) -> str:
    from sqlglot import exp

    if isinstance(node, exp.Literal) and node.is_string:
        return str(node.this)
    raise SpecError(f"'{node.sql()}' should be a text in single quotes.", place=of.place)
