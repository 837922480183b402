"""Ticks of an axis, as numbers with their texts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tlfgen.display.numbers import format_plain
from tlfgen.spec.theme import NumberRules

Ticks = tuple[tuple[float, str], ...]


def nice_ticks(low: float, high: float, most: int, rules: NumberRules, *, after: str = "") -> Ticks:
    """At most `most` ticks at multiples of 1, 2 or 5 times a power of ten that hold `low` to `high`.

    One value alone, as it is at 12 significant digits, stands amid ticks. after: text behind each number."""
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        around = abs(low) / 10 or 1.0
        low, high = low - around, high + around
    span = high - low
    power = 10.0 ** math.floor(math.log10(span / most))
    steps = [power * f for f in (1, 2, 5, 10, 20, 50)]
    for step in steps:
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if last - first + 1 <= most:
            return marked([n * step for n in range(first, last + 1)], rules, after=after)
    return marked([low, high], rules, after=after)


def time_ticks(high: float, unit: str, most: int, rules: NumberRules) -> Ticks:
    """Ticks of time from 0 to beyond `high`, at the steps in which a unit is counted."""
    steps = {"days": (7, 14, 28, 56, 84, 168, 336), "weeks": (1, 2, 4, 6, 12, 24, 48)}
    for step in steps.get(unit, (1, 2, 3, 6, 12, 24, 48)):
        last = math.ceil(high / step - 1e-9)
        if last + 1 <= most:
            return marked([float(n * step) for n in range(max(last, 1) + 1)], rules)
    return nice_ticks(0, high, most, rules)


def marked(values: Sequence[float], rules: NumberRules, *, after: str = "") -> Ticks:
    """Values with their texts."""
    return tuple((v, format_plain(v, rules) + after) for v in values)
