"""What an expression gives, by the types of the variables that it names; what does not go together."""

from __future__ import annotations

from collections.abc import Callable

from tlfgen.spec.condition_text import said
from tlfgen.spec.condition_tree import Call, CaseWhen, Column, Day, Negative, Number, Sum, Text, Value, walk
from tlfgen.spec.condition_words import Refused
from tlfgen.spec.expression_functions import DATES, FUNCTIONS, NUMBERS, given_type, same_type

OfColumn = Callable[[str], str]
SAYS = {"text": "text", "integer": "a number", "float": "a number", "date": "a date",
        "datetime": "a date with a time", "iso": "a date as collected"}  # fmt: skip


def type_of(node: Value, of_column: OfColumn) -> str:
    """The type that a value has; "" where it is not known."""
    match node:
        case Column(name):
            return of_column(name)
        case Text():
            return "text"
        case Number():
            return "integer" if node.is_whole else "float"
        case Day():
            return "date"
        case Negative(of):
            return type_of(of, of_column)
        case Sum(sign, left, right):
            whole = {type_of(left, of_column), type_of(right, of_column)} == {"integer"}
            return "integer" if whole and sign in ("+", "-") else "float"
        case Call(name, given):
            return given_type(name, [type_of(part, of_column) for part in given])
        case CaseWhen():
            return same_type([type_of(part, of_column) for part in branches(node)]) or ""


def branches(node: CaseWhen) -> list[Value]:
    """The values of a CASE."""
    return [v for _, v in node.when] + ([node.otherwise] if node.otherwise is not None else [])


def closed_texts(node: Value) -> tuple[str, ...] | None:
    """All that a CASE of texts can give; None where only data can tell."""
    if not isinstance(node, CaseWhen):
        return None
    given = branches(node)
    texts = tuple(dict.fromkeys(part.value for part in given if isinstance(part, Text)))
    return texts if all(isinstance(part, Text) for part in given) else None


def check_value_types(node: Value, of_column: OfColumn) -> None:
    """Refuse a value of the wrong type in a sum, a function or a CASE; comparisons are checked elsewhere."""
    for part in walk(node):
        match part:
            case Sum(_, left, right):
                _families((left, right), "number", "+ - * / stand between numbers", of_column)
            case Negative(of):
                _families((of,), "number", "- stands before a number", of_column)
            case Call(name, given):
                _call(name, given, of_column)
            case CaseWhen():
                _together(branches(part), "the values of CASE", of_column)


def _call(name: str, given: tuple[Value, ...], of_column: OfColumn) -> None:
    function = FUNCTIONS[name]
    own = given[: function.plain]
    if function.takes in ("number", "text", "date"):
        takes = {"number": "numbers", "text": "texts", "date": "dates"}[function.takes]
        _families(own, function.takes, f"{name}() takes {takes}", of_column)
        return
    _together(list(own), f"what {name}() is given", of_column)
    for part in own if function.takes == "ordered" else ():
        if (type_ := type_of(part, of_column)) in ("text", "iso"):
            raise Refused(f"{said(part)} is {SAYS[type_]}; {name}() takes numbers, or dates (derive: date).")


def _families(parts: tuple[Value, ...], family: str, says: str, of_column: OfColumn) -> None:
    wanted = {"number": NUMBERS, "text": {"text"}, "date": DATES}[family]
    for part in parts:
        type_ = type_of(part, of_column)
        if type_ and type_ not in wanted:
            hint = " Days between dates: days_between(FROM, TO)." if type_ in DATES else ""
            hint = hint or (" A number in a text: write text: with its name in braces." * (family == "text"))
            raise Refused(f"{said(part)} is {SAYS[type_]}; {says}.{hint}")


def _together(parts: list[Value], says: str, of_column: OfColumn) -> None:
    types = [type_of(part, of_column) for part in parts]
    if same_type(types) is None:
        told = ", ".join(f"{said(p)} is {SAYS[t]}" for p, t in zip(parts, types, strict=True) if t)
        raise Refused(f"{told}: {says} must be of one type.")
