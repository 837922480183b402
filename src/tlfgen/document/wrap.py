"""Lines of text as the page engine will set them, from the fonts' own widths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tlfgen.document.fonts import Measure

# A line may break after a blank, a hyphen unless a digit follows, an en dash, a slash before a word (not
# before a digit or a unit: g/L, beats/min), and an underscore before a letter (the words of a rule's name).
_PIECES = re.compile(r"[^ ]*?(?:[ ]+|-(?!\d)|/(?=[^\W\d_]{4})|_(?=[^\W\d_])|\u2013|$)", re.S)


@dataclass(frozen=True)
class Setting:
    """A text's font: measure, size in points, style."""

    measure: Measure
    size: float
    style: str = "regular"

    def width(self, text: str) -> float:
        return self.measure.width(text, self.size, self.style)


def pieces(text: str) -> list[str]:
    """The parts of a text that no line break divides, without the blanks behind them."""
    return [p.rstrip(" ") for line in text.split("\n") for p in _PIECES.findall(line) if p.strip()]


@lru_cache(maxsize=65536)
def wrap(text: str, width: float, setting: Setting) -> tuple[str, ...]:
    """Break a text into lines no wider than `width`; a line feed breaks always, a word too long breaks
    inside."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        indent = paragraph[: len(paragraph) - len(paragraph.lstrip(" "))].replace(" ", "\u00a0")
        lines += _wrap_line(indent + paragraph.strip(" "), width, setting)
    return tuple(lines)


def _wrap_line(text: str, width: float, setting: Setting) -> list[str]:
    if setting.width(text) <= width:
        return [text]
    lines, here = [], ""
    for piece in [p for p in _PIECES.findall(text) if p]:
        if here and setting.width((here + piece).rstrip(" ")) > width:
            lines.append(here.rstrip(" "))
            here = ""
        here += piece
        while setting.width(here.rstrip(" ")) > width and len(here) > 1:
            cut = _fitting(here, width, setting)
            lines.append(here[:cut])
            here = here[cut:]
    return [*lines, here.rstrip(" ")] if here.strip() or not lines else lines


def _fitting(text: str, width: float, setting: Setting) -> int:
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if setting.width(text[:middle]) <= width:
            low = middle
        else:
            high = middle - 1
    return low
