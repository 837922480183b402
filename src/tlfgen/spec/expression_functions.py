"""The functions that an expression may call: what each takes, and what it gives.

A type is "text", "integer", "float", "date", "datetime", "iso" (ISO 8601 text, perhaps partial), or "" where
it is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tlfgen.errors import nearest
from tlfgen.spec.condition_words import Refused

Takes = Literal["number", "text", "date", "ordered", "any"]
NUMBERS = frozenset({"integer", "float"})
DATES = frozenset({"date", "datetime", "iso"})
NO_LIMIT = 100


@dataclass(frozen=True)
class Function:
    """takes: the family of what it is given; "ordered" and "any" are of one family together. gives: a type,
    or "same" for that of what it is given. plain: from this position on, whole numbers written as such."""

    shape: str
    least: int
    most: int
    takes: Takes
    gives: str
    plain: int = NO_LIMIT


FUNCTIONS = {
    "round": Function("round(X) or round(X, DECIMALS)", 1, 2, "number", "integer", plain=1),
    "floor": Function("floor(X)", 1, 1, "number", "integer"),
    "ceil": Function("ceil(X)", 1, 1, "number", "integer"),
    "abs": Function("abs(X)", 1, 1, "number", "same"),
    "sqrt": Function("sqrt(X)", 1, 1, "number", "float"),
    "ln": Function("ln(X)", 1, 1, "number", "float"),
    "exp": Function("exp(X)", 1, 1, "number", "float"),
    "power": Function("power(X, EXPONENT)", 2, 2, "number", "float"),
    "least": Function("least(A, B, ...)", 2, NO_LIMIT, "ordered", "same"),
    "greatest": Function("greatest(A, B, ...)", 2, NO_LIMIT, "ordered", "same"),
    "coalesce": Function("coalesce(A, B, ...)", 2, NO_LIMIT, "any", "same"),
    "upper": Function("upper(T)", 1, 1, "text", "text"),
    "lower": Function("lower(T)", 1, 1, "text", "text"),
    "trim": Function("trim(T)", 1, 1, "text", "text"),
    "substr": Function("substr(T, FROM) or substr(T, FROM, LENGTH)", 2, 3, "text", "text", plain=1),
    "length": Function("length(T)", 1, 1, "text", "integer"),
    "concat": Function("concat(T, U, ...)", 2, NO_LIMIT, "text", "text"),
    "days_between": Function("days_between(FROM, TO)", 2, 2, "date", "integer"),
}
ELSEWHERE = {
    "min": "least", "max": "greatest", "log": "ln", "int": "floor", "ceiling": "ceil", "upcase": "upper",
    "lowcase": "lower", "strip": "trim", "compress": "trim", "cats": "concat", "catx": "concat",
    "cat": "concat", "substring": "substr", "len": "length", "ifnull": "coalesce", "nvl": "coalesce",
    "coalescec": "coalesce", "datediff": "days_between", "intck": "days_between", "pow": "power",
}  # fmt: skip


def function_of(name: str) -> str:
    """The function of a name; Refused names the nearest, or what other languages' name for it is here."""
    lower = name.lower()
    if lower in FUNCTIONS:
        return lower
    near = ELSEWHERE.get(lower) or nearest(lower, FUNCTIONS)
    hint = f" Did you mean {FUNCTIONS[near].shape}?" if near else f" There are: {', '.join(FUNCTIONS)}."
    if lower in ("missing", "isnull"):
        hint = " Write CASE WHEN NAME IS NULL THEN ... END."
    raise Refused(f"There is no function {name}().{hint}")


def given_type(name: str, types: Sequence[str]) -> str:
    """What a call gives, by what it is given. round with decimals, and what is taken of a float, is one."""
    gives = FUNCTIONS[name].gives
    if name == "round" and len(types) > 1:
        return "float"
    return same_type(types) or "" if gives == "same" else gives


def same_type(types: Sequence[str]) -> str | None:
    """The type of values of which one is taken; "" where it is not known, None where they do not go
    together."""
    found = set(types) - {""}
    if found <= NUMBERS and found:
        return "float" if "float" in found or "" in types else "integer"
    if len(found) > 1:
        return None
    return next(iter(found), "")
