"""Characters that nobody sees, and texts that look the same: one form of each text, and what was changed."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

PLAIN = re.compile(r"[\x20-\x7e\t\n\r]*")  # most texts: nothing to ask of them
BLANK = frozenset({"Zs"})
LINE = frozenset({"Zl", "Zp"})
# Letters, marks and fillers that have no ink, beside the categories Cf and Cc.
UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
JOINERS = "\u200c\u200d"
JOINED = re.compile("[\u0600-\u0dff]")  # Arabic to Sinhala: there a joiner changes how letters are written


@lru_cache(maxsize=65536)
def plain_text(text: str) -> str:
    """Give a text as a reader sees it.

    For each character, the first case that applies:
      1. a blank of any kind (no-break, thin, ideographic)   an ordinary blank; a line separator a line break
      2. a character without ink (zero-width, soft hyphen,   left out
         direction mark, control character)
      3. a control character 0x80 to 0x9F                    what Windows-1252 means by it
      4. any other                                           itself

    Then letters and their accents are composed (Unicode NFC). Joiners stay where the script needs them.

    Source: Unicode 16, general categories; UAX 15 (NFC); WHATWG Encoding Standard, windows-1252.

    >>> plain_text("Nau\\u200bsea\\u00a0again")
    'Nausea again'
    """
    if PLAIN.fullmatch(text):
        return text
    kept = "".join(_seen(c, text[at - 1 : at]) for at, c in enumerate(text))
    return unicodedata.normalize("NFC", kept)


def changed_characters(text: str) -> list[str]:
    """Name what `plain_text` changes in a text: U+200B ZERO WIDTH SPACE; or that accents are not composed."""
    if PLAIN.fullmatch(text):
        return []
    found = [c for at, c in enumerate(text) if _seen(c, text[at - 1 : at]) != c]
    names = [named(c) for c in dict.fromkeys(found)]
    kept = "".join(_seen(c, text[at - 1 : at]) for at, c in enumerate(text))
    return [*names, *([] if unicodedata.is_normalized("NFC", kept) else [NOT_COMPOSED])]


NOT_COMPOSED = "letters apart from their accents (not Unicode NFC)"


def named(character: str) -> str:
    """A character by its code point and name: U+00AD SOFT HYPHEN."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}"


def is_blank(name: str) -> bool:
    """Whether a name of `changed_characters` is of a blank."""
    return not name.startswith("U+") or unicodedata.category(chr(int(name[2:].split()[0], 16))) in BLANK


def visible(text: str) -> str:
    """Write a text with its unseen characters by their code points: Nau<U+200B>sea."""
    return "".join(
        c if _seen(c, text[at - 1 : at]) == c else f"<U+{ord(c):04X}>" for at, c in enumerate(text)
    )


def _seen(character: str, before: str) -> str:
    if " " <= character <= "~" or character in "\t\n\r":
        return character
    category = unicodedata.category(character)
    if category in BLANK:
        return " "
    if category in LINE:
        return "\n"
    if category == "Cc":
        meant = bytes([ord(character)]).decode("cp1252", "ignore") if "\x80" <= character <= "\x9f" else ""
        return meant
    if character in JOINERS and JOINED.match(before):
        return character
    return "" if category == "Cf" or UNSEEN.match(character) else character
