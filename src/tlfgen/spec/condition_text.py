"""A condition's tree as text again, and the parts that AND joins."""

from __future__ import annotations

from tlfgen.errors import Place
from tlfgen.spec.condition import Condition
from tlfgen.spec.condition_tree import (
    SIGNS,
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
    Node,
    Not,
    Number,
    Or,
    Sum,
    Text,
    Value,
    walk,
)

_SIGNS = {name: sign for sign, name in SIGNS.items() if sign != "!="}


def conjuncts(condition: Condition) -> tuple[Condition, ...]:
    """The parts of a condition that all have to be met, each a condition of its own.

    >>> from tlfgen.spec.condition import parse_condition
    >>> [c.text for c in conjuncts(parse_condition("A = 'x' AND (B > 1 OR C IS NULL)"))]
    ["A = 'x'", 'B > 1 OR C IS NULL']
    """
    parts: list[Logical] = [condition.tree]
    while any(isinstance(p, And) for p in parts):
        parts = [q for p in parts for q in (p.parts if isinstance(p, And) else (p,))]
    return tuple(condition_of(p, condition.place) for p in parts)


def condition_of(tree: Logical, place: Place) -> Condition:
    """A condition of its own from the tree of one."""
    names = tuple(dict.fromkeys(n.name for n in walk(tree) if isinstance(n, Column)))
    return Condition(written(tree), place, names, tree)


def written(node: Node) -> str:
    """A node as a spec would have it."""
    match node:
        case Column(name):
            return name
        case Number(value):
            return str(int(value)) if node.is_whole else repr(value)
        case Text(value):
            return "'" + value.replace("'", "''") + "'"
        case Day(value):
            return f"DATE '{value.isoformat()}'"
        case Sum(sign, left, right):
            return f"({written(left)} {sign} {written(right)})"
        case Negative(of):
            return f"-{written(of)}"
        case Call(name, given):
            return f"{name}({', '.join(map(written, given))})"
        case CaseWhen(when, otherwise):
            cases = " ".join(f"WHEN {written(c)} THEN {written(v)}" for c, v in when)
            return f"CASE {cases} {f'ELSE {written(otherwise)} ' if otherwise else ''}END"
        case Compare(sign, left, right):
            return f"{written(left)} {_SIGNS[sign]} {written(right)}"
        case In(of, values):
            return f"{written(of)} IN ({', '.join(map(written, values))})"
        case Like(of, pattern):
            return f"{written(of)} LIKE {written(Text(pattern))}"
        case IsNull(of):
            return f"{written(of)} IS NULL"
        case Not(IsNull(of)):
            return f"{written(of)} IS NOT NULL"
        case Not(of):
            return f"NOT {_in_brackets(of)}"
        case And(parts):
            return " AND ".join(map(_in_brackets, parts))
        case Or(parts):
            return " OR ".join(map(_in_brackets, parts))
        case Always(holds):
            return "all" if holds else "NOT all"


def _in_brackets(node: Logical) -> str:
    return f"({written(node)})" if isinstance(node, And | Or) else written(node)


def said(node: Value) -> str:
    """A value as it stands in a message."""
    match node:
        case Column(name):
            return name
        case Text(text):
            return f"'{text}'"
        case Number(value):
            return f"{value:.12g}"
        case Day(day):
            return f"DATE '{day}'"
        case Call(name, _):
            return f"{name}()"
        case CaseWhen():
            return "a CASE"
    return "a sum"
