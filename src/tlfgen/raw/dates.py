"""Collected dates and times: layouts, and ISO 8601 text exactly as precise as collected.

A layout is written in the tokens YYYY, MM, DD, Mon, HH, mm and SS; every other character stands for itself.
Month names are English, in any case. Tokens have one width each, so "2022-1-5" fits no layout. In the place
of a day or a month the words UN, UNK and UNKN say that it is unknown: DD-Mon-YYYY reads "UN-MAR-2014" as
2014-03 and "10-UNK-2014" as 2014---10 (SDTMIG 3.4, 4.4.2: a missing middle is one hyphen).
"""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import polars as pl

from tlfgen.errors import NOWHERE, Place, SpecError
from tlfgen.raw.types import Scalar, by_distinct, refused

WIDTHS = {"YYYY": 4, "MM": 2, "DD": 2, "Mon": 3, "HH": 2, "mm": 2, "SS": 2}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LAST = {"HH": "23", "mm": "59", "SS": "59"}
NEEDS = {"MM": "YYYY", "Mon": "YYYY", "DD": "month", "mm": "HH", "SS": "mm"}
UNKNOWN = {"DD": ("UN", "UNK"), "MM": ("UN", "UNK"), "Mon": ("UN", "UNK", "UNKN")}
FIRST_YEAR, YEARS_AFTER = 1900, 10
TOKEN_LETTERS = set("".join(WIDTHS)) | {"d", "y", "h", "s"}
ISO_DATES = ("YYYY-MM-DD", "YYYY-MM", "YYYY", "YYYY---DD", "YYYY-MM-DDTHH:mm", "YYYY-MM-DDTHH:mm:SS")
ISO_TIMES = ("HH:mm", "HH:mm:SS")


@dataclass(frozen=True)
class Layout:
    """How a date or a time is written. starts: where each token begins; pattern: what fits, whole."""

    text: str
    starts: tuple[tuple[str, int], ...]
    pattern: str

    @property
    def tokens(self) -> frozenset[str]:
        return frozenset(token for token, _ in self.starts)

    @property
    def complete(self) -> bool:
        """Whether a date in this layout has its day and its month."""
        return "DD" in self.tokens and bool({"MM", "Mon"} & self.tokens)

    def fits(self, text: str) -> bool:
        return re.fullmatch(self.pattern, text) is not None

    def read(self, text: str) -> str | None:
        """ISO 8601 text; None where the text does not fit or names no day or time that there is."""
        if not self.fits(text):
            return None
        part = {token: text[at : at + WIDTHS[token]] for token, at in self.starts}
        if "Mon" in part:
            part["MM"] = f"{MONTHS.index(part['Mon'].lower()) + 1:02d}"
        if any(part.get(token, "00") > last for token, last in LAST.items()):
            return None
        if "YYYY" in part:
            try:
                datetime.date(int(part["YYYY"]), int(part.get("MM", "1")), int(part.get("DD", "1")))
            except ValueError:
                return None
        return _iso(part)

    def expr(self, text: pl.Expr) -> pl.Expr:
        """The same for a column."""
        part = {token: text.str.slice(at, WIDTHS[token]) for token, at in self.starts}
        if "Mon" in part:
            numbers = {name: f"{number:02d}" for number, name in enumerate(MONTHS, 1)}
            names = part["Mon"].str.to_lowercase()
            part["MM"] = names.replace_strict(numbers, default=None, return_dtype=pl.String)
        holds = text.str.contains(f"^(?:{self.pattern})$")
        for token, last in LAST.items():
            if token in part:
                holds &= part[token] <= last
        if "YYYY" in part:
            day = pl.concat_str([part["YYYY"], part.get("MM", pl.lit("01")), part.get("DD", pl.lit("01"))])
            holds &= day.str.to_date("%Y%m%d", strict=False).is_not_null() & (part["YYYY"] != "0000")
        return pl.when(holds).then(_iso_expr(part))


def _iso(part: dict[str, str]) -> str:
    date = "-".join(part[t] for t in ("YYYY", "MM", "DD") if t in part)
    if "DD" in part and "MM" not in part:
        date = f"{part['YYYY']}---{part['DD']}"
    time = ":".join(part[t] for t in ("HH", "mm", "SS") if t in part)
    return "T".join(p for p in (date, time) if p)


def _iso_expr(part: dict[str, pl.Expr]) -> pl.Expr:
    date = [part[t] for t in ("YYYY", "MM", "DD") if t in part]
    if "DD" in part and "MM" not in part:
        date = [pl.concat_str(part["YYYY"], pl.lit("--")), part["DD"]]
    time = [part[t] for t in ("HH", "mm", "SS") if t in part]
    joined = [pl.concat_str(p, separator=s) for p, s in ((date, "-"), (time, ":")) if p]
    return pl.concat_str(joined, separator="T")


@lru_cache(maxsize=512)
def read_layout(text: str, kind: Literal["date", "time"], at: Place = NOWHERE) -> Layout:
    """Read a layout; a SpecError says what is wrong with it."""
    starts: list[tuple[str, int]] = []
    pattern, position = "", 0
    for piece in re.findall(r"YYYY|MM|DD|Mon|HH|mm|SS|.", text, re.DOTALL):
        if piece in WIDTHS:
            starts.append((piece, position))
            pattern += _month_pattern() if piece == "Mon" else f"[0-9]{{{WIDTHS[piece]}}}"
        elif piece in TOKEN_LETTERS:
            raise _wrong(text, f"'{piece}' is part of no token", at)
        else:
            pattern += _any_case(piece)
        position += WIDTHS.get(piece, 1)
    _check_tokens([token for token, _ in starts], text, kind, at)
    return Layout(text, tuple(starts), pattern)


def _check_tokens(tokens: list[str], text: str, kind: str, at: Place) -> None:
    month = {"MM", "Mon"} & set(tokens) or ("HH" not in tokens and _has_no_month(text))
    have = {*tokens, *(["month"] if month else [])}
    if len(set(tokens)) < len(tokens) or {"MM", "Mon"} <= have:
        raise _wrong(text, "a part stands twice", at)
    if kind == "time" and (have - LAST.keys() or not {"HH", "mm"} <= have):
        raise _wrong(text, "a time is made of HH, mm and SS or not", at)
    if kind == "date" and ("YYYY" not in have or ("HH" in have and not {"DD", "mm", "month"} <= have)):
        raise _wrong(text, "a date has YYYY, and a time after it only with DD, HH and mm", at)
    for token in tokens:
        if NEEDS.get(token, token) not in have:
            raise _wrong(text, f"{token} stands without {NEEDS[token]}", at)


def _has_no_month(text: str) -> bool:
    """Whether a layout says that the month is unknown: by two hyphens in its place, or a word in capitals."""
    return "---" in text or re.search(r"[A-Z]{2,}", re.sub("YYYY|MM|DD|HH|SS", "", text)) is not None


def _wrong(text: str, why: str, at: Place) -> SpecError:
    hint = "Tokens are YYYY, MM, DD, Mon, HH, mm and SS; other characters stand for themselves."
    return SpecError(f"The layout '{text}' cannot be read: {why}.", place=at, hint=hint)


def _any_case(text: str) -> str:
    # Written out: (?i) would let the long s and the Kelvin sign pass for letters.
    letters = (f"[{c.upper()}{c.lower()}]" if c.isascii() and c.isalpha() else re.escape(c) for c in text)
    return "".join(letters)


def _month_pattern() -> str:
    return f"(?:{'|'.join(_any_case(name) for name in MONTHS)})"


def unknown_parts(layout: str) -> list[str]:
    """The layouts in which the day, the month or both of a layout are said to be unknown."""
    pieces = re.findall(r"YYYY|MM|DD|Mon|HH|mm|SS|.", layout, re.DOTALL)
    if "HH" in pieces:
        return []
    choices = [(piece, *UNKNOWN.get(piece, ())) for piece in pieces]
    return ["".join(chosen) for chosen in itertools.product(*choices)][1:]


@dataclass(frozen=True)
class Dated(Scalar):
    """A date or time in one of several layouts, the form's own first; the first that gives a value counts.

    ways: the declared layouts, then ISO 8601, which says by itself what it means, then those of unknown days
    and months. declared: how many are declared; usual: how many of them are the form's own; common: how many
    are not of unknown parts. years: the first and the last that are plausible; a date of another is none.
    """

    kind: Literal["date", "time"]
    declared: int
    usual: int
    common: int
    ways: tuple[Layout, ...]
    years: tuple[int, int]

    def way(self, text: str) -> Layout | None:
        """The layout in which a text is read; None where it is no value."""
        return next((w for w in self.ways if w.read(text) is not None), None)

    def _read(self, bare: str) -> str:
        for way in self.ways:
            value = way.read(bare)
            if value is not None:
                self._check_year(value)
                return value
        fitting = next((w.text for w in self.ways if w.fits(bare)), None)
        if fitting:
            what = "day of the calendar" if self.kind == "date" else "time of day"
            raise refused(self.kind, f"is no {what} (written as {fitting})")
        known = " or ".join(w.text for w in self.ways[: self.declared])
        raise refused(self.kind, f"is no {self.kind} written as {known}")

    def _check_year(self, value: str) -> None:
        first, last = self.years
        if self.kind == "date" and not first <= int(value[:4]) <= last:
            raise refused("year", f"has the year {value[:4]}, outside {first} to {last}")

    def _column(self, text: pl.Series) -> pl.Series:
        return by_distinct(text, self._distinct)

    def _distinct(self, text: pl.Series) -> pl.Series:
        value = _in_layouts(text, self.ways[: self.common])
        rare = self.ways[self.common :]
        left = (value.is_null() & text.str.contains("[uU][nN]")).arg_true()
        if rare and len(left):
            value = value.scatter(left, _in_layouts(text.gather(left), rare))
        if self.kind == "date":
            first, last = self.years
            year = value.str.slice(0, 4).cast(pl.Int32, strict=False)
            value = value.set(~year.is_between(first, last), None)
        return value


def _in_layouts(text: pl.Series, ways: Sequence[Layout]) -> pl.Series:
    values = pl.coalesce([way.expr(pl.col("t")) for way in ways])
    return text.alias("t").to_frame().select(values.alias("v")).to_series()


def plausible_years(cutoff: datetime.date) -> tuple[int, int]:
    """The first and the last year that a date of a study can have: 1900, and 10 years after the cut-off."""
    return FIRST_YEAR, cutoff.year + YEARS_AFTER


def dated(
    kind: Literal["date", "time"],
    layouts: Sequence[str],
    at: Place = NOWHERE,
    *,
    years: tuple[int, int] = (1, 9999),
) -> Dated:
    """Compile the layouts of a field; without any, ISO 8601."""
    iso = ISO_DATES if kind == "date" else ISO_TIMES
    declared = tuple(layouts) or (ISO_DATES[:1] if kind == "date" else ISO_TIMES)
    usual = 1 if layouts else len(declared)
    common = dict.fromkeys((*declared, *iso))
    unknown = [w for layout in declared for w in unknown_parts(layout)] if kind == "date" else []
    ways = tuple(read_layout(w, kind, at) for w in dict.fromkeys((*common, *unknown)))
    return Dated(kind, len(declared), usual, len(common), ways, years)
