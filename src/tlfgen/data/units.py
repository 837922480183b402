"""Units: exact factors between those of one dimension.

Factors are exact by definition (the international pound of 453.59237 g and inch of 2.54 cm; NIST Special
Publication 811, Guide for the Use of the International System of Units, Appendix B). Values go through as
fractions, so that a half is a half when it is rounded. Units are written as in the CDISC codelist UNIT; a
few usual spellings are known besides. mass/volume units convert by their parts; amount of substance (mol)
needs the substance's molar mass and does not convert to mass.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
SIGNIFICANT = 12
_SPELLINGS = {
    "IN": "in", "LB": "lb", "OZ": "oz", "FT": "ft", "KG": "kg", "CM": "cm", "MM": "mm",
    "l": "L", "ml": "mL", "dl": "dL", "\u00b5g": "ug", "\u03bcg": "ug",
}  # fmt: skip
# unit -> dimension, factor to the dimension's base unit
_FACTORS = {
    "g": ("mass", "1"),
    "kg": ("mass", "1000"),
    "mg": ("mass", "0.001"),
    "ug": ("mass", "0.000001"),
    "ng": ("mass", "0.000000001"),
    "pg": ("mass", "0.000000000001"),
    "lb": ("mass", "453.59237"),
    "oz": ("mass", "28.349523125"),
    "m": ("length", "1"),
    "cm": ("length", "0.01"),
    "mm": ("length", "0.001"),
    "in": ("length", "0.0254"),
    "ft": ("length", "0.3048"),
    "L": ("volume", "1"),
    "dL": ("volume", "0.1"),
    "mL": ("volume", "0.001"),
    "uL": ("volume", "0.000001"),
    "mol": ("amount", "1"),
    "mmol": ("amount", "0.001"),
    "umol": ("amount", "0.000001"),
    "nmol": ("amount", "0.000000001"),
}
# temperature: degrees -> kelvin is (t + offset) * factor
_TEMPERATURES = {
    "C": (Fraction("273.15"), Fraction(1)),
    "F": (Fraction("459.67"), Fraction(5, 9)),
    "K": (Fraction(0), Fraction(1)),
}


def number(text: str) -> Fraction | None:
    """Read a decimal number exactly: optional sign, digits, optional fraction; anything else is None."""
    return Fraction(text) if DECIMAL.fullmatch(text) else None


def convert(value: Fraction, unit: str, to: str) -> Fraction | None:
    """Convert between two units; None where they are unknown or of different dimensions."""
    unit, to = _SPELLINGS.get(unit, unit), _SPELLINGS.get(to, to)
    if unit == to:
        return value
    if unit in _TEMPERATURES and to in _TEMPERATURES:
        (offset, factor), (offset_to, factor_to) = _TEMPERATURES[unit], _TEMPERATURES[to]
        return (value + offset) * factor / factor_to - offset_to
    one, other = _dimension(unit), _dimension(to)
    if one is None or other is None or one[0] != other[0]:
        return None
    return value * one[1] / other[1]


def same_unit(unit: str, other: str) -> bool:
    """Say whether two spellings mean one unit."""
    return _SPELLINGS.get(unit, unit) == _SPELLINGS.get(other, other)


def half_up(value: Fraction, decimals: int | None) -> Decimal:
    """Round half away from zero to so many decimals; None: to 12 significant digits, where it has more."""
    if decimals is None:
        decimals = max(SIGNIFICANT - len(str(int(abs(value)))), 0)
    scaled = abs(value) * 10**decimals
    rounded = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    result = Decimal(rounded).scaleb(-decimals)
    return -result if value < 0 and rounded else result


def shortest(value: Decimal) -> str:
    """A number as text without an exponent and without zeros that say nothing."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _dimension(unit: str) -> tuple[str, Fraction] | None:
    if unit in _FACTORS:
        name, factor = _FACTORS[unit]
        return name, Fraction(factor)
    above, slash, below = unit.partition("/")
    if not slash:
        return None
    one, other = (_FACTORS.get(_SPELLINGS.get(part, part)) for part in (above, below))
    if one is None or other is None:
        return None
    return f"{one[0]}/{other[0]}", Fraction(one[1]) / Fraction(other[1])
