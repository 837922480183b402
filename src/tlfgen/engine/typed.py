"""Conditions typed before data: each value against what it is compared with.

a number against a text, a date against a number           error, with both types
+ - * / on a text or a date                                error
a literal beside a date                                    a day or date-time of ISO 8601 that exists
a literal beside closed values (`=`, `<>`, `IN`)           one of them, or an error with the nearest
anything but "Y" of a flag that is "Y" or null             error: IS NULL is meant
`<`, `<=`, `>`, `>=`, `BETWEEN` of texts                   error, but of single digits, dates and times
'' beside a text                                           error: a blank is missing
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping

from tlfgen.engine.gives import YES
from tlfgen.engine.kinds import UNKNOWN, Kind, Kinds
from tlfgen.engine.registry import find_rule
from tlfgen.engine.used import Used
from tlfgen.errors import SpecError, nearest
from tlfgen.spec.condition_compile import MOMENT, like_pattern
from tlfgen.spec.condition_text import said
from tlfgen.spec.condition_tree import (
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
    Sum,
    Text,
    Value,
    parts_of,
    walk,
)  # fmt: skip
from tlfgen.spec.expression_types import type_of

FAMILIES = {"integer": "number", "float": "number", "date": "date", "datetime": "date", "iso": "date",
            "text": "text"}  # fmt: skip
SAYS = {"number": "a number", "date": "a date", "text": "text"}
ISO = re.compile(MOMENT)
SORTS = re.compile(rf"\d|\d\d:\d\d(:\d\d)?|{ISO.pattern}")  # texts whose alphabet is their order
MOST_SHOWN = 12


def check_types(used: Iterable[Used], kinds: Kinds) -> None:
    """Check every condition; the first thing wrong is a SpecError with file and line."""
    for one in used:
        _Check(one, kinds).run()


class _Check:
    def __init__(self, used: Used, kinds: Kinds) -> None:
        self.used, self.kinds = used, kinds

    def run(self) -> None:
        for node in walk(self.used.condition.tree):
            match node:
                case Compare(sign, left, right):
                    self._pair(left, right, equal=sign in ("eq", "ne"))
                case In(of, values):
                    for value in values:
                        self._pair(of, value, equal=True)
                case Like(of, pattern):
                    self._pair(of, Text(pattern), equal=False, like=True)
                    self._like(of, pattern)
                case Sum(_, left, right):
                    self._number(left)
                    self._number(right)
                case Negative(of):
                    self._number(of)
        self._flags()

    def _flags(self) -> None:
        """Refuse to ask for what is not the one value that a variable has: null is not known to differ from
        it. Of a flag that chooses records (YES), null says "not this one" where the flag is derived."""
        tree = self.used.condition.tree
        asked = {n.of.name for n in walk(tree) if isinstance(n, IsNull) and isinstance(n.of, Column)}
        for name, literal in unwanted_literals(tree):
            if self.kind(Column(name)).values == (literal,) and name not in asked | self._chosen(name):
                raise self._error(
                    f"{name} is '{literal}' or missing, and what is missing is not known to differ from it.",
                    f"Write {name} IS NULL.",
                )

    def _chosen(self, name: str) -> set[str]:
        """The name, where it is a flag whose null says no in this stage."""
        owner, _, bare = name.rpartition(".")
        owner = owner or self.used.owner
        finished = (
            self.used.stage == "analysis" or self.used.stage == "adam" and owner in self.kinds.specs.domains
        )
        entry = None if finished else self.kinds.entries.get(owner, {}).get(bare)
        if entry is None or entry.derive is None or find_rule(entry.derive, entry.at).gives is not YES:
            return set()
        return {name}

    def kind(self, node: Value) -> Kind:
        """What a side of a comparison is."""
        match node:
            case Column(name):
                return self._of_column(name)
            case Text(_):
                return Kind("text")
            case Day(_):
                return Kind("date")
            case Call() | CaseWhen():
                return Kind(type_of(node, lambda name: self._of_column(name).type))
        return Kind("float")

    def _of_column(self, name: str) -> Kind:
        used = self.used
        found = self.kinds.kind(used.owner, name, used.filling)
        if found == UNKNOWN and used.beside and "." not in name:
            return self.kinds.kind(used.beside, name)
        return found

    def _number(self, node: Value) -> None:
        family = FAMILIES.get(self.kind(node).type)
        if family not in (None, "number"):
            raise self._error(
                f"{said(node)} is {SAYS[str(family)]}; + - * / stand between numbers.",
                "Days between dates: name a variable of compute: days_between(FROM, TO).",
            )

    def _pair(self, left: Value, right: Value, *, equal: bool, like: bool = False) -> None:
        if isinstance(left, (Text, Number, Day)) and isinstance(right, Column):
            left, right = right, left
        kind = self.kind(left)
        one, other = FAMILIES.get(kind.type), FAMILIES.get(self.kind(right).type)
        if one is None or other is None:
            return
        if one == "date" and isinstance(right, Text) and not like:
            self._date(left, right.value)
        elif one != other:
            raise self._error(
                f"{said(left)} is {SAYS[one]}, {said(right)} is {SAYS[other]}: they cannot be compared.",
                _remedy(left, right, one),
            )
        elif isinstance(right, Text) and not like and not right.value.strip():
            raise self._error("A blank text is missing.", f"Write {said(left)} IS NULL.")
        elif one == "text" and not equal and not like:
            self._ordered(left, right)
        elif equal and isinstance(right, (Text, Number)) and kind.values is not None:
            self._closed(left, right, kind)

    def _date(self, left: Value, text: str) -> None:
        try:
            if ISO.fullmatch(text):
                datetime.datetime.fromisoformat(text)
                return
        except ValueError:
            pass
        raise self._error(
            f"{said(left)} is a date, and '{text}' is no day that exists.",
            "Write year-month-day, '2024-04-01', or with a time '2024-04-01T09:30'.",
        )

    def _ordered(self, left: Value, right: Value) -> None:
        """Refuse an order of texts that is that of the alphabet: MODERATE before SEVERE, but after MILD, and
        'Week 12' before 'Week 4'."""
        texts = [right.value] if isinstance(right, Text) else []
        texts += [v for side in (left, right) for v in self.kind(side).values or ()]
        if all(SORTS.fullmatch(t) for t in texts):
            return
        raise self._error(
            f"{said(left)} is text, and texts have no order but the alphabet's ('10' before '9').",
            "List the values, IN ('A', 'B'), or compare the number that stands for the text (AVISITN).",
        )

    def _closed(self, left: Value, right: Text | Number, kind: Kind) -> None:
        values = kind.values or ()
        if isinstance(right, Number):
            numbers = [_as_number(v) for v in values]
            if None in numbers or right.value in numbers:
                return
        elif right.value in values:
            return
        known = ", ".join(values[:MOST_SHOWN]) + (", ..." if len(values) > MOST_SHOWN else "")
        source = f" ({kind.of}: {known})" if kind.of else f" ({known})"
        near = _near(str(right.value), values, kind.words)
        raise self._error(
            f"{said(right)} is no value of {said(left)}{source}.",
            f"Did you mean '{near}'?" if near else "No record could meet it.",
        )

    def _like(self, of: Value, pattern: str) -> None:
        values = self.kind(of).values
        fits = re.compile(like_pattern(pattern), re.DOTALL)
        if values is not None and not any(fits.fullmatch(v) for v in values):
            raise self._error(
                f"No value of {said(of)} is like '{pattern}' ({', '.join(values[:MOST_SHOWN])}).",
                "% stands for any letters, _ for one; capitals and small letters differ.",
            )

    def _error(self, message: str, hint: str) -> SpecError:
        return SpecError(message, place=self.used.condition.place, hint=hint)


def unwanted_literals(node: Logical, wanted: bool = True) -> Iterator[tuple[str, str]]:
    """(column, text) of comparisons that are met by any other text."""
    match node:
        case Not(of):
            yield from unwanted_literals(of, not wanted)
        case Compare("eq" | "ne" as sign, Column(name), Text(value)):
            if (sign == "ne") == wanted:
                yield name, value
        case Compare("eq" | "ne" as sign, Text(value), Column(name)):
            if (sign == "ne") == wanted:
                yield name, value
        case In(Column(name), values) if not wanted:
            yield from ((name, v.value) for v in values if isinstance(v, Text))
        case _:
            for part in parts_of(node):
                if isinstance(part, Logical):
                    yield from unwanted_literals(part, wanted)


def _near(text: str, values: Iterable[str], words: Mapping[str, str]) -> str | None:
    listed = list(values)
    same = next((v for v in listed if v.casefold() == text.strip().casefold()), None)
    word = words.get(text.strip().casefold())
    return same or (word if word in listed else None) or nearest(text, listed)


def _remedy(left: Value, right: Value, one: str) -> str:
    if one == "text" and isinstance(right, Number):
        return f"Put a text in single quotes: {said(left)} = '{right.value:.12g}'."
    if one == "number" and isinstance(right, Text):
        number = "1" if _as_number(right.value) is None else right.value.strip()
        return f"Write a number without quotes: {said(left)} = {number}."
    if one == "date":
        return f"Write {said(left)} >= DATE '2024-04-01'."
    return "Compare numbers with numbers, texts with texts, dates with dates."


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
