"""Letters outside ASCII in a file for submission: a stated form for each, and nothing becomes `?`.

A letter with a mark loses the mark (é is e, ü is u), as in a term's upper-case spelling by most dictionaries;
letters that have none take the usual Latin form (ß ss, æ ae, ø o). Raised digits and fractions are written
out, since 10² is not 102. Any other character is written as its code point, [U+81EA], so that what was
collected can be read again.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

LETTERS = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L", "ı": "i", "ħ": "h", "Ħ": "H",
    "¹": "^1", "²": "^2", "³": "^3", "¼": " 1/4", "½": " 1/2", "¾": " 3/4",
}  # fmt: skip
_OTHER = re.compile(r"[^ -~]")


@cache
def ascii_form(character: str) -> str:
    """The ASCII form of one character outside ASCII.

    >>> [ascii_form(c) for c in "üß²自"]
    ['u', 'ss', '^2', '[U+81EA]']
    """
    if character in LETTERS:
        return LETTERS[character]
    if unicodedata.combining(character):
        return ""
    bare = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    letter = unicodedata.category(character).startswith("L")
    return bare if letter and bare and bare.isascii() else f"[U+{ord(character):04X}]"


def as_ascii(text: str) -> str:
    """A text with every character outside printable ASCII in its ASCII form.

    >>> as_ascii("Übelkeit")
    'Ubelkeit'
    """
    return _OTHER.sub(lambda found: ascii_form(found[0]), text)
