"""The words of a condition's text, and what to write instead of those that people know from SAS."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Literal

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
SAS_SIGNS = {"ne": "<>", "eq": "=", "lt": "<", "gt": ">", "le": "<=", "ge": ">="}
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*'(?P<suffix>[A-Za-z]{0,2})(?!\w))"
    r"|(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)(?![\w.])"
    r"|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)"
    r"|(?P<sign><>|!=|<=|>=|==|\^=|~=|[-+*/(),=<>.\"]))"
)
_WRITE = {
    "==": "Write = for 'equal'.",
    "^=": "Write <> for 'not equal'.",
    "~=": "Write <> for 'not equal'.",
    ".": "Write IS NULL for a missing value.",
    '"': "Texts stand in single quotes: 'Y'.",
}
_WORDS = frozenset({"and", "or", "not", "in", "is", "null", "like", "between", "true", "false", "date"})
_FOREIGN = frozenset({"select", "case", "when", "exists", "distinct", "cast"})


class Refused(Exception):
    """What has no place in a condition, and what to write instead."""


@dataclass(frozen=True)
class Token:
    """word: in small letters, for the words and signs of the language; "" for texts, numbers and names."""

    kind: Literal["text", "number", "name", "sign"]
    text: str
    word: str = ""


def tokens_of(text: str, also: frozenset[str] = frozenset()) -> list[Token]:
    """Take a condition's or an expression's text apart. also: further words of the language."""
    found: list[Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise Refused(_unreadable(text[at:].strip()))
        at = match.end()
        found.append(_token(match, found, also))
    if not found:
        raise Refused("It is empty.")
    return found


def is_enclosed(text: str) -> bool:
    """Whether one pair of brackets stands around the whole text."""
    depth, words = 0, [t.word for t in tokens_of(text)]
    for i, word in enumerate(words):
        depth += (word == "(") - (word == ")")
        if depth == 0:
            return words[0] == "(" and i == len(words) - 1
    return False


def _token(match: re.Match[str], before: list[Token], also: frozenset[str]) -> Token:
    if (quoted := match["text"]) is not None:
        if match["suffix"]:
            raise Refused(_sas_literal(quoted, match["suffix"]))
        return Token("text", quoted[1:-1].replace("''", "'"))
    if (number := match["number"]) is not None:
        return Token("number", number)
    if (sign := match["sign"]) is not None:
        if sign in _WRITE:
            raise Refused(_WRITE[sign])
        return Token("sign", sign, sign)
    name = match["name"]
    lower = name.lower()
    if lower in also:
        return Token("name", name, lower)
    follows = bool(before) and (before[-1].word == ")" or before[-1].kind != "sign" and not before[-1].word)
    if lower in SAS_SIGNS and follows:
        raise Refused(f"Write {SAS_SIGNS[lower]} instead of SAS's {name}.")
    if lower in _FOREIGN:
        raise Refused(f"'{name}' has no place in a condition.")
    return Token("name", name, lower if lower in _WORDS else "")


def _unreadable(rest: str) -> str:
    if rest[0] == "'":
        return "A text in single quotes does not end. A quote inside a text is written twice: 'Crohn''s'."
    word = re.match(r"\S{1,20}", rest)
    return f"'{word[0] if word else rest}' cannot be read."


def _sas_literal(quoted: str, suffix: str) -> str:
    """What to write for '01APR2024'd and its kin."""
    body = quoted[1 : -1 - len(suffix)]
    told = re.fullmatch(r"(\d{1,2})([A-Za-z]{3})(\d{4})(?::(\d\d:\d\d(?::\d\d)?))?", body)
    if told and told[2].lower() in MONTHS:
        try:
            day = datetime.date(int(told[3]), MONTHS.index(told[2].lower()) + 1, int(told[1])).isoformat()
        except ValueError:
            return f"{quoted} is no day of the calendar. A day is written DATE '2024-04-01'."
        return f"{quoted} is SAS's way: write '{day}T{told[4]}'." if told[4] else (
            f"{quoted} is SAS's way: write DATE '{day}'."
        )  # fmt: skip
    return f"{quoted} is SAS's way of a literal. A day is written DATE '2024-04-01', a text 'A'."
