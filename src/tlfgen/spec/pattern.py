"""Regular expressions of a spec, on an engine that cannot backtrack.

Patterns of a spec meet values of raw files; neither may decide how long a build takes. polars' engine (Rust's
regex) takes time in proportion to the text. It has no look-around and no back-references: they are refused.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tlfgen.errors import NOWHERE, Place, SpecError

# ASCII: \d is 0 to 9, not any digit of any script.
_ASCII = {
    "d": "[0-9]", "D": "[^0-9]", "w": "[0-9A-Za-z_]", "W": "[^0-9A-Za-z_]",
    "s": r"[ \t\n\r\x0b\x0c]", "S": r"[^ \t\n\r\x0b\x0c]", "Z": r"\z",
}  # fmt: skip


@lru_cache(maxsize=512)
def whole_pattern(pattern: str, place: Place = NOWHERE, *, any_case: bool = False) -> str:
    """Give a pattern for polars that fits a whole text; a SpecError says why it cannot be read.

    >>> whole_pattern("E\\\\d{3}")
    '^(?:E[0-9]{3})$'
    """
    import polars as pl

    whole = f"{'(?i)' if any_case else ''}^(?:{_translated(pattern)})$"
    try:
        pl.Series([""]).str.contains(whole)
    except pl.exceptions.PolarsError as error:
        said = re.search(r"error: (.+)", str(error))
        reason = said[1] if said else str(error).strip().splitlines()[0]
        raise SpecError(
            f"The pattern cannot be read: {pattern}",
            place=place,
            hint=f"{reason[:1].upper()}{reason[1:].rstrip('.')}."
            " Patterns are those of Rust's regex: no look-around, no back-references.",
        ) from None
    return whole


def named_groups(pattern: str, place: Place = NOWHERE) -> tuple[str, ...]:
    """Name the groups of a pattern, in their order."""
    import polars as pl

    groups = pl.Series([""]).str.extract_groups(whole_pattern(pattern, place))
    fields = groups.dtype.fields if isinstance(groups.dtype, pl.Struct) else []
    return tuple(f.name for f in fields if not f.name.isdigit())


def _translated(pattern: str) -> str:
    """Write Python's classes as ASCII ones, and a bracket inside a class as itself."""
    written, at, in_class = [], 0, False
    while at < len(pattern):
        piece = pattern[at : at + 2] if pattern[at] == "\\" else pattern[at]
        at += len(piece)
        if piece[0] == "\\":
            piece = _ASCII.get(piece[1:], piece)
        elif in_class:
            in_class = piece != "]"
            piece = f"\\{piece}" if piece in "[&~" else piece
        elif piece == "[":
            in_class = True
            opening = "^" if pattern[at : at + 1] == "^" else ""
            at += len(opening)
            bracket = "]" if pattern[at : at + 1] == "]" else ""
            at += len(bracket)
            piece += opening + ("\\]" if bracket else "")
        written.append(piece)
    return "".join(written)
