"""An expression's tree as polars expressions: its value, and where arithmetic gives none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, or_

import polars as pl

from tlfgen.spec.condition_compile import Compiler, Kind
from tlfgen.spec.condition_tree import Call, CaseWhen, Column, Logical, Negative, Number, Sum, Value
from tlfgen.spec.expression_types import type_of
from tlfgen.spec.significant import significant

KINDS: dict[str, Kind] = {
    "text": "text", "integer": "integer", "float": "float", "date": "day", "datetime": "iso", "iso": "iso",
}  # fmt: skip
TYPES = {kind: type_ for type_, kind in KINDS.items() if type_ != "datetime"}
LARGEST = 2.0**63
Build = Callable[..., pl.Expr]


@dataclass(frozen=True)
class ExpressionCompiler(Compiler):
    """asked: inside a condition, where the null of a flag that chose records says no."""

    asked: bool = False

    def logical(self, node: Logical) -> pl.Expr:
        return super(ExpressionCompiler, replace(self, asked=True)).logical(node)

    def value(self, node: Value) -> pl.Expr:
        match node:
            case Column(name) if not self.asked:
                return pl.col(name)
            case Call():
                return replace(self, asked=False)._call(node)
            case CaseWhen(when, otherwise):
                own = replace(self, asked=False)
                rest = pl.lit(None) if otherwise is None else own.value(otherwise)
                for condition, value in reversed(when):
                    rest = pl.when(own.logical(condition)).then(own.value(value)).otherwise(rest)
                return rest
            case Sum():
                made = super().value(node)
                return made if self.kind(node) == "integer" else _finite(made)
        return super().value(node)

    def kind(self, node: Value) -> Kind:
        if isinstance(node, Call | CaseWhen):
            return KINDS.get(self.type(node), "other")
        return super().kind(node)

    def type(self, node: Value) -> str:
        """The type of a value, by the columns of the frame."""
        return type_of(node, self.type_of_column)

    def type_of_column(self, name: str) -> str:
        if isinstance(self.schema.get(name), pl.Datetime):
            return "datetime"
        return TYPES.get(self._column_kind(name), "")

    def undefined(self, node: Value) -> pl.Expr:
        """Whether arithmetic gave no value: a division by 0, a root or logarithm of what has none, a number
        that is too large. Of CASE and coalesce, only of the value that is taken."""
        match node:
            case CaseWhen(when, otherwise):
                rest = pl.lit(False) if otherwise is None else self.undefined(otherwise)
                for condition, value in reversed(when):
                    rest = pl.when(self.logical(condition)).then(self.undefined(value)).otherwise(rest)
                return rest
            case Call("coalesce", given):
                rest = pl.lit(False)
                for part in reversed(given):
                    rest = self.undefined(part) | (self.value(part).is_null() & rest)
                return rest
            case Call(_, given):
                return self._without_value(node, given)
            case Sum(_, left, right):
                return self._without_value(node, (left, right))
            case Negative(of):
                return self.undefined(of)
        return pl.lit(False)

    def _without_value(self, node: Value, given: tuple[Value, ...]) -> pl.Expr:
        below = reduce(or_, (self.undefined(part) for part in given))
        numbers = self.type(node) in ("integer", "float")
        if not numbers or isinstance(node, Call) and node.name in ("length", "days_between"):
            return below
        there = reduce(and_, (self.value(part).is_not_null() for part in given))
        return below | (there & self.value(node).is_null())

    def _call(self, node: Call) -> pl.Expr:
        given = [self.value(part) for part in node.given]
        if node.name == "round":
            return _rounded(given[0], _literal(node, 1, 0), whole=len(given) == 1)
        if node.name == "substr":
            length = _literal(node, 2, 0) if len(given) > 2 else None
            return _filled(given[0].str.slice(_literal(node, 1, 1) - 1, length))
        if node.name == "days_between":
            first, last = (self._day(part) for part in node.given)
            return (last - first).dt.total_days()
        return _BUILD[node.name](*given)

    def _day(self, node: Value) -> pl.Expr:
        """The day of a date; null where it is partial."""
        value, type_ = self.value(node), self.type(node)
        if type_ == "iso":
            return value.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
        return value.dt.date() if type_ == "datetime" else value


def _literal(node: Call, position: int, default: int) -> int:
    if position >= len(node.given):
        return default
    found = node.given[position]
    assert isinstance(found, Number)
    return int(found.value)


def _finite(value: pl.Expr) -> pl.Expr:
    """A float that is one: what is too large, or no number, is null."""
    return pl.when(value.cast(pl.Float64).is_finite()).then(value)


def _whole(value: pl.Expr) -> pl.Expr:
    return pl.when(value.abs() < LARGEST).then(value).cast(pl.Int64)


def _rounded(value: pl.Expr, decimals: int, *, whole: bool) -> pl.Expr:
    """Half away from zero at 12 significant digits, so that 2.675 is 2.68."""
    factor = 10.0 ** abs(decimals)
    scaled = significant(value.cast(pl.Float64) * factor if decimals >= 0 else value / factor)
    near = scaled.round(0, mode="half_away_from_zero")
    if whole:
        return _whole(near)
    return _finite(near / factor if decimals >= 0 else near * factor)


def _filled(text: pl.Expr) -> pl.Expr:
    """A text that comes out empty is missing."""
    return pl.when(text != "").then(text)


def _all_there(take: Build) -> Build:
    """What is taken of values that are all there; null where one is missing."""
    return lambda *given: pl.when(pl.all_horizontal([g.is_not_null() for g in given])).then(take(*given))


_BUILD: dict[str, Build] = {
    "floor": lambda x: _whole(significant(x).floor()),
    "ceil": lambda x: _whole(significant(x).ceil()),
    "abs": lambda x: x.abs(),
    "sqrt": lambda x: _finite(x.cast(pl.Float64).sqrt()),
    "ln": lambda x: _finite(x.cast(pl.Float64).log()),
    "exp": lambda x: _finite(x.cast(pl.Float64).exp()),
    "power": lambda x, y: _finite(x.cast(pl.Float64).pow(y.cast(pl.Float64))),
    "least": _all_there(pl.min_horizontal),
    "greatest": _all_there(pl.max_horizontal),
    "coalesce": pl.coalesce,
    "upper": lambda t: _filled(t.str.to_uppercase()),
    "lower": lambda t: _filled(t.str.to_lowercase()),
    "trim": lambda t: _filled(t.str.strip_chars()),
    "length": lambda t: t.str.len_chars().cast(pl.Int64),
    "concat": lambda *given: _filled(pl.concat_str(given)),
}
