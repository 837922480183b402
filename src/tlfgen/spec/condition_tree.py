"""The closed set of nodes of conditions and expressions, and a condition's text read into them.

Values: a column, a number, a text, a day (DATE '2024-04-01'), their sums and products; in an expression
(`expression_reader`) also a call of a function and CASE. Conditions: comparison, IN, LIKE, IS NULL, NOT, AND,
OR, and `all`. BETWEEN is two comparisons. The text is read from left to right with stacks of its own, so that
neither its length nor its brackets use up Python's.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from tlfgen.spec.condition_words import Refused, Token, tokens_of

Sign = Literal["eq", "ne", "lt", "le", "gt", "ge"]
SIGNS: dict[str, Sign] = {"=": "eq", "<>": "ne", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
DEEPEST = 100
LARGEST = 2**63  # below it a whole number is held exactly


@dataclass(frozen=True)
class Column:
    name: str


@dataclass(frozen=True)
class Number:
    value: float  # an int where it was written without a point, so that all its digits count

    @property
    def is_whole(self) -> bool:
        return abs(self.value) < LARGEST and self.value == int(self.value)


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Day:
    value: datetime.date


@dataclass(frozen=True)
class Sum:
    sign: Literal["+", "-", "*", "/"]
    left: Value
    right: Value


@dataclass(frozen=True)
class Negative:
    of: Value


@dataclass(frozen=True)
class Call:
    name: str  # a function of `expression_functions`
    given: tuple[Value, ...]


@dataclass(frozen=True)
class CaseWhen:
    when: tuple[tuple[Logical, Value], ...]
    otherwise: Value | None  # None: null


@dataclass(frozen=True)
class Compare:
    sign: Sign
    left: Value
    right: Value


@dataclass(frozen=True)
class In:
    of: Value
    values: tuple[Number | Text | Day, ...]


@dataclass(frozen=True)
class Like:
    of: Value
    pattern: str


@dataclass(frozen=True)
class IsNull:
    of: Value


@dataclass(frozen=True)
class Not:
    of: Logical


@dataclass(frozen=True)
class And:
    parts: tuple[Logical, ...]


@dataclass(frozen=True)
class Or:
    parts: tuple[Logical, ...]


@dataclass(frozen=True)
class Always:
    holds: bool


Value = Column | Number | Text | Day | Sum | Negative | Call | CaseWhen
Logical = Compare | In | Like | IsNull | Not | And | Or | Always
Node = Value | Logical
VALUES = (Column, Number, Text, Day, Sum, Negative, Call, CaseWhen)
OPENERS = frozenset({"(", "call", "when", "then", "else"})  # what stands open until it is closed
_BINDS = {"or": 1, "and": 2, "not": 3, **dict.fromkeys(SIGNS, 4), "between": 4, "not between": 4,
          "+": 5, "-": 5, "*": 6, "/": 6, "minus": 7}  # fmt: skip


def parts_of(node: Node) -> tuple[Node, ...]:
    """The nodes right below a node."""
    match node:
        case And(parts) | Or(parts):
            return parts
        case Compare(_, left, right) | Sum(_, left, right):
            return (left, right)
        case In(of, values):
            return (of, *values)
        case Like(of, _) | IsNull(of) | Not(of) | Negative(of):
            return (of,)
        case Call(_, given):
            return given
        case CaseWhen(when, otherwise):
            return (*(part for pair in when for part in pair), *([otherwise] if otherwise else []))
    return ()


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, in the order of the text."""
    stack = [node]
    while stack:
        here = stack.pop()
        yield here
        stack += reversed(parts_of(here))


def read_tree(text: str) -> Logical:
    """Read the text of a condition; Refused says what has no place in one."""
    if text.strip().lower() == "all":
        return Always(True)
    return Reader(tokens_of(text)).read()


@dataclass
class Reader:
    """Operands and operators wait on two stacks until a weaker operator, a bracket or the end comes."""

    tokens: list[Token]
    at: int = 0
    operands: list[tuple[Node, int]] = field(default_factory=list)  # each with its depth
    operators: list[str] = field(default_factory=list)

    def read(self) -> Logical:
        read = as_condition(self._whole())
        check_names_variables(read)
        return read

    def _whole(self) -> Node:
        """Read the text to its end."""
        wants_operand = True
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            wants_operand = self._operand(token) if wants_operand else self._operator(token)
        if wants_operand:
            raise Refused("It ends where a variable or a value is expected.")
        self._reduce(0)
        if self.operators:
            raise Refused(_left_open(self.operators))
        return self.operands.pop()[0]

    def _operand(self, token: Token) -> bool:
        """Take what may begin an operand; say whether one is still wanted."""
        word = token.word
        if token.kind == "sign" and word in ("(", "-", "+"):
            if word != "+":
                self.operators.append("minus" if word == "-" else "(")
            return True
        if word == "not":
            self.operators.append("not")
            return True
        if word == "date" and self._next_kind() == "text":
            self._push(Day(_day(self._take().text)))
        elif word == "null":
            raise Refused("Write IS NULL for a missing value.")
        elif word in ("true", "false"):
            self._push(Always(word == "true"))
        elif token.kind == "name" and self._next_is("("):
            raise Refused(_of_function(token.text))
        elif token.kind in ("name", "number", "text"):
            self._push(_operand_of(token))
        else:
            raise Refused(f"'{token.text}' has no place where a variable or a value is expected.")
        return False

    def _operator(self, token: Token) -> bool:
        """Take what may follow an operand; say whether another is wanted."""
        word = token.word
        if word == ")":
            self._reduce(0)
            if not self.operators or self.operators.pop() != "(":
                raise Refused("A bracket is closed that was not opened.")
            return False
        negated = word == "not"
        if negated:
            word = self._take().word
            if word not in ("in", "like", "between"):
                raise Refused("After a value, NOT stands before IN, LIKE or BETWEEN.")
        if word in ("in", "like", "is"):
            self._reduce(_BINDS["="])
            self._postfix(word, negated)
            return False
        if word == "and" and self._closes_between():
            return True
        name = f"not {word}" if negated else word
        if name not in _BINDS or name in ("minus", "not"):
            raise Refused(f"'{token.text}' has no place here: AND, OR or a comparison is expected.")
        # equal parts of AND and OR wait for each other: a chain of them is one node
        self._reduce(_BINDS[name] + (word in ("and", "or")))
        self.operators.append(name)
        return True

    def _postfix(self, word: str, negated: bool) -> None:
        of, depth = self._pop_value()
        made: Logical
        if word == "is":
            negated = self._next_is("not")
            self.at += negated
            if self._take().word != "null":
                raise Refused("IS stands only before NULL and NOT NULL.")
            made = IsNull(of)
        elif word == "like":
            pattern = self._take()
            if pattern.kind != "text":
                raise Refused(f"'{pattern.text}' should be a text in single quotes.")
            made = Like(of, pattern.text)
        else:
            made = In(of, tuple(self._list()))
        self._push(Not(made) if negated else made, depth)

    def _list(self) -> Iterator[Number | Text | Day]:
        if self._take().word != "(":
            raise Refused("IN takes a list in brackets: IN ('A', 'B').")
        while True:
            token = self._take()
            if token.word == "date" and self._next_kind() == "text":
                yield Day(_day(self._take().text))
            elif token.kind == "text":
                yield Text(token.text)
            else:
                minus = token.word == "-"
                token = self._take() if minus else token
                if token.kind != "number":
                    raise Refused("IN takes a list of texts or numbers.")
                yield Number(_number(token.text) * (-1 if minus else 1))
            end = self._take().word
            if end == ")":
                return
            if end != ",":
                raise Refused("A list of IN has commas between its values.")

    def _closes_between(self) -> bool:
        """Whether an AND is that of a BETWEEN."""
        self._reduce(_BINDS["="] + 1)
        if self.operators and self.operators[-1] in ("between", "not between"):
            self.operators[-1] = {"between": "within", "not between": "not within"}[self.operators[-1]]
            return True
        return False

    def _reduce(self, least: int) -> None:
        """Build the nodes of the operators on top that bind at least as strongly."""
        while self.operators and self.operators[-1] not in OPENERS and _binds(self.operators[-1]) >= least:
            if self.operators[-1] in ("between", "not between"):
                return
            self._build(self.operators.pop())

    def _build(self, operator: str) -> None:
        if operator in ("and", "or"):
            number = 2
            while self.operators and self.operators[-1] == operator:
                self.operators.pop()
                number += 1
            taken = self.operands[-number:]
            del self.operands[-number:]
            kind = And if operator == "and" else Or
            parts = tuple(
                p for n, _ in taken for p in (n.parts if isinstance(n, kind) else (as_condition(n),))
            )
            self._push(kind(parts), max(d for _, d in taken) + 1)
        elif operator == "not":
            node, depth = self.operands.pop()
            if isinstance(node, Not):
                self._push(node.of, depth - 1)
            else:
                self._push(Not(as_condition(node)), depth + 1)
        elif operator == "minus":
            of, depth = self._pop_value()
            self._push(Number(-of.value) if isinstance(of, Number) else Negative(of), depth + 1)
        elif operator in ("within", "not within"):
            (high, _), (low, _), (inner, deep) = self._pop_value(), self._pop_value(), self._pop_value()
            inside = And((Compare("ge", inner, low), Compare("le", inner, high)))
            self._push(Not(inside) if operator == "not within" else inside, deep + 2)
        else:
            self._binary(operator)

    def _binary(self, operator: str) -> None:
        right, below_right = self._pop_value()
        left, below_left = self._pop_value()
        depth = max(below_left, below_right) + 1
        if operator in SIGNS:
            self._push(Compare(SIGNS[operator], left, right), depth)
        else:
            sign: dict[str, Literal["+", "-", "*", "/"]] = {"+": "+", "-": "-", "*": "*", "/": "/"}
            self._push(Sum(sign[operator], left, right), depth)

    def _push(self, node: Node, depth: int = 1) -> None:
        if depth > DEEPEST:
            raise Refused(f"It is nested deeper than {DEEPEST} levels.")
        self.operands.append((node, depth))

    def _pop_value(self) -> tuple[Value, int]:
        node, depth = self.operands.pop()
        if not isinstance(node, VALUES):
            raise Refused("A comparison stands where a value is expected: put AND or OR between comparisons.")
        return node, depth

    def _take(self) -> Token:
        if self.at >= len(self.tokens):
            raise Refused("It ends too early.")
        self.at += 1
        return self.tokens[self.at - 1]

    def _next_kind(self) -> str:
        return self.tokens[self.at].kind if self.at < len(self.tokens) else ""

    def _next_is(self, word: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].word == word


def _operand_of(token: Token) -> Value:
    if token.kind == "number":
        return Number(_number(token.text))
    return Column(token.text) if token.kind == "name" else Text(token.text)


def _number(text: str) -> float:
    found = int(text) if text.isdigit() and len(text) < len(str(LARGEST)) else float(text)
    if math.isinf(found):
        raise Refused(f"{text} is too large a number.")
    return found


def _binds(operator: str) -> int:
    return _BINDS.get(operator.replace("within", "between"), 0)


def as_condition(node: Node) -> Logical:
    """A node that stands where a condition is wanted; Refused says what a value lacks."""
    if not isinstance(node, VALUES):
        return node
    match node:
        case Column(name):
            raise Refused(f"A condition is a comparison, and {name} stands alone: write {name} = 'Y', say.")
        case Text(value) | Number(value) | Day(value):
            raise Refused(f"A condition is a comparison, and {value} stands alone, without a variable.")
    raise Refused("A condition is a comparison, and a sum stands alone: write AGE + 1 > 65, say.")


def check_names_variables(read: Node) -> None:
    """Refuse a comparison in which nothing differs from record to record."""
    for node in walk(read):
        if isinstance(node, (Compare, In, Like, IsNull)) and not _names_variable(node):
            raise Refused(_of_constants(node))


def _left_open(operators: list[str]) -> str:
    if "(" in operators or "call" in operators:
        return "A bracket is not closed."
    return "CASE has no END." if OPENERS & set(operators) else "BETWEEN has no AND."


def _names_variable(node: Node) -> bool:
    return any(isinstance(n, Column) for n in walk(node))


def _of_constants(node: Node) -> str:
    """Of a comparison in which nothing differs from record to record."""
    quoted = next((n.value for n in walk(node) if isinstance(n, Text)), "")
    if re.fullmatch(r"[A-Z][A-Z0-9_.]*", quoted):
        return f"It compares values without a variable: a variable stands without quotes, as {quoted}."
    return "It compares values without a variable, so it is true of all records or of none."


def _day(text: str) -> datetime.date:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return datetime.date.fromisoformat(text)
    except ValueError:
        pass
    raise Refused(
        f"'{text}' is no day: DATE '2024-04-01' is year, month and day, and stands in the calendar."
    )


def _of_function(name: str) -> str:
    if name.lower() in ("missing", "nmiss", "cmiss", "isnull"):
        return f"{name}() has no place in a condition. Write NAME IS NULL, or NAME IS NOT NULL."
    return f"{name}() has no place in a condition: there are no functions. Derive a variable and name it."
