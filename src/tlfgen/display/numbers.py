"""Numbers as text: rounded once, half away from zero, by the study's conventions and the theme's glyphs."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal

from tlfgen.spec.study import PercentSpec
from tlfgen.spec.theme import NumberRules, PValueRules

SIGNIFICANT, MOST_SIGNIFICANT = 12, 17
CLOSED = 4
SIGNS = "<>\u2264\u2265"
SAID_P = re.compile(r"(?<![\w-])P(?= values?\b|\s?[=<>\u2264\u2265]\s?\.?\d)")
NAMED_P = re.compile(r"(?<![\w-])P(?=[:;,.)]| of\b|$)")
DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014")


def half_up(value: float, decimals: int) -> Decimal:
    """Round half away from zero, as SAS does, after cleaning the binary number.

    A float like 1.005 lies just below the decimal that it stands for: it is first taken at 12 significant
    digits, or at as many as the whole part and the decimals asked for need (at most 17).
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot be rounded")
    whole = len(str(int(abs(value))))
    digits = min(MOST_SIGNIFICANT, max(SIGNIFICANT, whole + decimals + 2))
    return Decimal(f"{value:.{digits}g}").quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def format_number(value: float, decimals: int, rules: NumberRules) -> str:
    """A number with so many decimals; what rounds to zero has no minus."""
    rounded = half_up(value, decimals)
    text = _marked(f"{abs(rounded):f}", rules)
    return f"{rules.minus}{text}" if rounded < 0 else text


def _marked(text: str, rules: NumberRules) -> str:
    """Digits with the theme's marks; four digits stay closed, as in the SI."""
    whole, point, fraction = text.partition(".")
    if len(whole) > CLOSED:
        whole = f"{int(whole):,}".replace(",", rules.thousands)
    return whole + (rules.decimal_mark + fraction if point else "")


def format_plain(value: float, rules: NumberRules) -> str:
    """A number with the decimals that it has, at 12 significant digits and never with an exponent."""
    text = f"{Decimal(f'{value:.{SIGNIFICANT}g}'):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    plain = _marked(text.lstrip("-"), rules)
    return f"{rules.minus}{plain}" if text.startswith("-") and plain != "0" else plain


def format_percent(ratio: float, percent: PercentSpec, rules: NumberRules, *, sign: str | None = None) -> str:
    """A proportion as a percentage; `sign` stands behind it, by default the theme's.

    First case that applies:
      1. nothing, where the study prints no decimals of it   0
      2. all, where the study prints no decimals of it       100
      3. otherwise                                           the study's decimals
    """
    after = rules.percent if sign is None else sign
    if ratio == 0 and percent.zero == "count":
        return f"0{after}"
    if ratio == 1 and percent.hundred == "plain":
        return f"100{after}"
    return format_number(100 * ratio, percent.decimals, rules) + after


def between(low: str, high: str, rules: NumberRules, without: str = " to ") -> str:
    """What stands between two displayed limits.

    First case that applies:
      1. the theme says nothing                        `without`
      2. the theme's is a dash and a limit is negative  " to "
      3. otherwise                                     what the theme says
    """
    if not rules.between_limits:
        return without
    dash = rules.between_limits.strip() in DASHES
    return " to " if dash and (low + high).count(rules.minus) else rules.between_limits


def percent_of(percent: PercentSpec, largest: float | None, rules: NumberRules) -> PercentSpec:
    """The study's rules of percentages with the theme's decimals for a largest denominator, if it has any."""
    most = math.inf
    bands = [
        (most if b.below is None else b.below, b.decimals)
        for b in rules.percent_decimals
        if b.below is None or (largest is not None and largest < b.below)
    ]
    return percent.model_copy(update={"decimals": min(bands)[1]}) if bands else percent


def format_p_value(p: float, rules: NumberRules) -> str:
    """A P value by the theme's rules.

    First case that applies:
      1. below the floor, where there is one     the floor's text ("<0.001")
      2. above the ceiling, where there is one   the ceiling's text (">0.999")
      3. rounded to 0 or 1, where there is such  its sign with the last digit printed: 0.004 with two
         a limit                                 digits is <0.01, 0.996 is >0.99
      4. otherwise                               the theme's digits
    """
    style = rules.p_value
    if style.floor and p < _limit(style.floor):
        return _p_text(style.floor, rules)
    if style.ceiling and p > _limit(style.ceiling):
        return _p_text(style.ceiling, rules)
    rounded = _rounded_p(p, style)
    last = Decimal(1).scaleb(int(rounded.as_tuple().exponent))
    if style.floor and rounded == 0:
        return _p_text(_with_limit(style.floor, last), rules)
    if style.ceiling and rounded == 1:
        return _p_text(_with_limit(style.ceiling, 1 - last), rules)
    return _p_text(f"{rounded:f}", rules)


def _with_limit(text: str, limit: Decimal) -> str:
    """A bound of P with another number behind its sign."""
    return re.sub(r"[0-9.]+", f"{limit:f}", text)


def state_p_value(p: float, rules: NumberRules) -> str:
    """A P value with its letter and sign: P=0.03, p<0.0001, P = .03."""
    style, text = rules.p_value, format_p_value(p, rules)
    sign, number = (text[0], text[1:].lstrip()) if text[0] in SIGNS else ("=", text)
    space = " " if sign in style.spaced else ""
    return f"{style.letter}{space}{sign}{space}{number}"


def letter_p(text: str, rules: NumberRules, *, of_p: bool = False) -> str:
    """A text with the theme's letter in "P value" and "P < 0.05"; in one of P values, in "Log-rank P" too."""
    said = SAID_P.sub(rules.p_value.letter, text)
    return NAMED_P.sub(rules.p_value.letter, said) if of_p else said


def _rounded_p(p: float, style: PValueRules) -> Decimal:
    """The P value at the theme's digits; one below `kept_below` stays below it."""
    if style.significant is not None and p > 0:
        digits = style.significant - 1 - math.floor(math.log10(p))
        if half_up(p, digits) >= Decimal(10).scaleb(style.significant - 1 - digits):
            digits -= 1  # 0.00996 is 0.010, not 0.0100
    else:
        bands = [b for b in style.bands if p < b.below]
        digits = min(bands, key=lambda b: b.below).digits if bands else style.digits
    kept = style.kept_below
    if kept is not None and p < kept:
        while half_up(p, digits) >= Decimal(str(kept)) and digits < MOST_SIGNIFICANT:
            digits += 1
    return half_up(p, digits)


def _limit(text: str) -> float:
    return float(text.lstrip("<>=\u2264\u2265 "))


def _p_text(text: str, rules: NumberRules) -> str:
    shown = text if rules.p_value.leading_zero else text.replace("0.", ".", 1)
    return shown.replace(".", rules.decimal_mark)
