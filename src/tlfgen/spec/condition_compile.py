"""A condition's tree as a polars expression over the columns of a frame."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from tlfgen.errors import Place, SpecError
from tlfgen.spec.condition_text import said
from tlfgen.spec.condition_tree import (
    Always,
    And,
    Call,
    CaseWhen,
    Column,
    Compare,
    Day,
    In,
    IsNull,
    Like,
    Logical,
    Negative,
    Not,
    Number,
    Or,
    Sign,
    Sum,
    Text,
    Value,
)  # fmt: skip
from tlfgen.spec.iso_date import date_bounds, iso_text
from tlfgen.spec.significant import significant

Kind = Literal["text", "integer", "float", "day", "iso", "null", "other"]
WORDS = {"text": "text", "integer": "a number", "float": "a number", "day": "a date", "iso": "a date"}
DAY_LENGTH = 10
MOMENT = r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?"
EARLY, LATE = "#early:", "#late:"
UNREAD, TEXT = "#unread", "#text"  # beside a column: its text could not be held, and that text
FLAG = "#flag"  # beside a column: it flags what was chosen, so that its null says no
_COMPARE = {"eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le,
            "gt": operator.gt, "ge": operator.ge}  # fmt: skip
_SUM = {"+": operator.add, "-": operator.sub, "*": operator.mul}


@dataclass(frozen=True)
class Compiler:
    """schema: the columns by name. partial: those that hold ISO 8601 text."""

    schema: Mapping[str, pl.DataType]
    partial: frozenset[str]
    place: Place

    def logical(self, node: Logical) -> pl.Expr:
        """One Boolean a row, null where it cannot be judged."""
        match node:
            case Always(holds):
                return pl.lit(holds)
            case And(parts):
                return pl.all_horizontal([self.logical(p) for p in parts])
            case Or(parts):
                return pl.any_horizontal([self.logical(p) for p in parts])
            case Not(of):
                return ~self.logical(of)
            case IsNull(of):
                return self._is_null(of)
            case Like(of, pattern):
                self._text(of, pattern)
                return self.value(of).str.contains(f"^(?s:{like_pattern(pattern)})$")
            case In(of, values):
                return self._is_in(of, values)
            case Compare(sign, left, right):
                return self._compare(sign, left, right)

    def value(self, node: Value) -> pl.Expr:
        """One value a row."""
        match node:
            case Column(name):
                return pl.col(name).fill_null("") if name + FLAG in self.schema else pl.col(name)
            case Text(value):
                return pl.lit(value)
            case Number(value):
                return pl.lit(int(value), pl.Int64) if node.is_whole else pl.lit(value)
            case Day(day):
                return pl.lit(day)
            case Negative(of):
                self._numbers(of)
                return -self.value(of)
            case Sum(sign, left, right):
                self._numbers(left, right)
                return self._sum(sign, self.value(left), self.value(right))
            case Call() | CaseWhen():
                raise TypeError(f"{said(node)} stands only in an expression")

    def _sum(self, sign: Literal["+", "-", "*", "/"], left: pl.Expr, right: pl.Expr) -> pl.Expr:
        """A product is never too large for its type; what is divided by zero has no value. The divisor is a
        column, for polars divides by a single number in another way (significant.py, `divided`)."""
        if sign == "/":
            value = left.cast(pl.Float64)
            return pl.when(right != 0).then(value / (right + value * 0))
        made: pl.Expr = _SUM[sign](left.cast(pl.Float64) if sign == "*" else left, right)
        return made

    def kind(self, node: Value) -> Kind:
        """What a value is."""
        match node:
            case Text(_):
                return "text"
            case Number(_):
                return "integer" if node.is_whole else "float"
            case Day(_):
                return "day"
            case Negative(of):
                return self.kind(of)
            case Sum(sign, left, right):
                whole = sign in ("+", "-") and self.kind(left) == self.kind(right) == "integer"
                return "integer" if whole else "float"
            case Column(name):
                return self._column_kind(name)
            case Call() | CaseWhen():
                return "other"

    def _column_kind(self, name: str) -> Kind:
        dtype = self.schema.get(name)
        if dtype is None:
            return "other"
        if name in self.partial and dtype == pl.String or isinstance(dtype, pl.Datetime):
            return "iso"
        if dtype == pl.Date:
            return "day"
        if dtype == pl.String:
            return "text"
        if dtype == pl.Null:
            return "null"
        return "integer" if dtype.is_integer() else "float" if dtype.is_float() else "other"

    def _is_null(self, of: Value) -> pl.Expr:
        """A date is there if a text was collected for it, though it does not give the day. Of a code or a
        number that cannot be read, it is not known whether there is one."""
        empty = (pl.col(of.name) if isinstance(of, Column) else self.value(of)).is_null()
        if not isinstance(of, Column) or of.name + UNREAD not in self.schema:
            return empty
        there = pl.lit(False) if self.kind(of) in ("day", "iso") else pl.lit(None, dtype=pl.Boolean)
        return pl.when(of.name + UNREAD).then(there).otherwise(empty)

    def _compare(self, sign: Sign, left: Value, right: Value) -> pl.Expr:
        self._same(left, right)
        kinds = {self.kind(left), self.kind(right)}
        if kinds & {"day", "iso"} or is_moment(left) or is_moment(right):
            return self._compare_dates(sign, left, right)
        a, b = self.value(left), self.value(right)
        if "float" in kinds and kinds <= {"float", "integer"}:
            a, b = significant(a), significant(b)
        made: pl.Expr = _COMPARE[sign](a, b)
        return made

    def _compare_dates(self, sign: Sign, left: Value, right: Value) -> pl.Expr:
        (early_l, late_l), (early_r, late_r) = self._bounds(left), self._bounds(right)
        apart = (late_l < early_r) | (early_l > late_r)
        same = (early_l == late_r) & (late_l == early_r)
        known = {
            "lt": (late_l < early_r, early_l >= late_r), "le": (late_l <= early_r, early_l > late_r),
            "gt": (early_l > late_r, late_l <= early_r), "ge": (early_l >= late_r, late_l < early_r),
            "eq": (same, apart), "ne": (apart, same),
        }  # fmt: skip
        true, false = known[sign]
        days = pl.when(true).then(pl.lit(True)).when(false).then(pl.lit(False))
        if not (self._may_have_time(left) and self._may_have_time(right)):
            return days
        a, b = self._iso(left), self._iso(right)
        length = pl.min_horizontal(a.str.len_chars(), b.str.len_chars())
        both_timed = (length > DAY_LENGTH) & early_l.is_not_null() & early_r.is_not_null()
        timed: pl.Expr = _COMPARE[sign](a.str.slice(0, length), b.str.slice(0, length))
        return pl.when(both_timed).then(timed).otherwise(days)

    def prepared(self, names: Iterable[str]) -> list[pl.Expr]:
        """The bounds of each column of ISO 8601 dates, once for all comparisons with it."""
        found: list[pl.Expr] = []
        for name in names:
            if self._column_kind(name) == "iso":
                early, late = date_bounds(iso_text(pl.col(name), self.schema[name]), "partial")
                found += [early.alias(f"{EARLY}{name}"), late.alias(f"{LATE}{name}")]
        return found

    def _bounds(self, node: Value) -> tuple[pl.Expr, pl.Expr]:
        if isinstance(node, Text):
            return date_bounds(pl.lit(node.value), "partial")
        if isinstance(node, Column) and self.kind(node) == "iso":
            return pl.col(f"{EARLY}{node.name}"), pl.col(f"{LATE}{node.name}")
        if isinstance(node, Column) and self.kind(node) == "day" and node.name + TEXT in self.schema:
            early, late = date_bounds(pl.col(node.name + TEXT), "partial")
            return pl.coalesce(self.value(node), early), pl.coalesce(self.value(node), late)
        return date_bounds(self.value(node), "date" if self.kind(node) == "day" else "partial")

    def _iso(self, node: Value) -> pl.Expr:
        """A date as ISO 8601 text."""
        if isinstance(node, Column):
            return iso_text(pl.col(node.name), self.schema[node.name])
        return self.value(node).cast(pl.String)

    def _may_have_time(self, node: Value) -> bool:
        if isinstance(node, Text):
            return len(node.value) > DAY_LENGTH
        return self.kind(node) in ("iso", "text")

    def _is_in(self, of: Value, values: tuple[Number | Text | Day, ...]) -> pl.Expr:
        for value in values:
            self._same(of, value)
        kind = self.kind(of)
        if kind in ("day", "iso") or any(map(is_moment, values)):
            return pl.any_horizontal([self._compare("eq", of, v) for v in values])
        column = self.value(of)
        if kind == "text":
            return column.is_in([v.value for v in values if isinstance(v, Text)])
        if kind == "integer":
            return column.is_in([int(v.value) for v in values if isinstance(v, Number) and v.is_whole])
        numbers = pl.Series([v.value for v in values if isinstance(v, Number)], dtype=pl.Float64)
        exact = numbers.to_frame("n").select(significant(pl.col("n"))).to_series()
        return significant(column).is_in(exact.implode())

    def _numbers(self, *nodes: Value) -> None:
        for node in nodes:
            if self.kind(node) in ("text", "day", "iso"):
                what = WORDS[self.kind(node)]
                raise SpecError(
                    f"{said(node)} is {what}; + - * / stand between numbers.", place=self.place,
                    hint="Days between dates: name a variable of compute: days_between(FROM, TO).",
                )  # fmt: skip

    def _text(self, of: Value, pattern: str) -> None:
        if self.kind(of) == "day":
            raise SpecError(f"{said(of)} is a date; LIKE '{pattern}' is asked of texts.", place=self.place)
        self._same(of, Text(pattern))

    def _same(self, left: Value, right: Value) -> None:
        """Refuse a number against a text, before polars does in its own words."""
        a, b = self.kind(left), self.kind(right)
        if {"null", "other"} & {a, b}:
            return
        families = [{"integer", "float"}, {"text"}, {"day", "iso"}]
        if any({a, b} <= family for family in families):
            return
        if "text" in (a, b) and {a, b} & {"day", "iso"}:
            return
        raise SpecError(
            f"{said(left)} is {WORDS[a]}, {said(right)} is {WORDS[b]}: they cannot be compared.",
            place=self.place,
        )


def is_moment(node: Value) -> bool:
    """Whether a value is a day or a date-time in quotes: a text beside it is a collected date, whatever its
    name."""
    return isinstance(node, Text) and re.fullmatch(MOMENT, node.value) is not None


def like_pattern(pattern: str) -> str:
    """LIKE's pattern as a regular expression: % is any text, _ one character."""
    return re.escape(pattern).replace("%", ".*").replace("_", ".")
