"""What a column of collected text seems to hold: a type, and in words what was seen, for people to judge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import polars as pl

from tlfgen.raw.as_seen import TOKENS
from tlfgen.raw.dates import read_layout
from tlfgen.raw.types import DecimalNumber, WholeNumber, trimmed

MOST_WORDS = 15  # of a code
LONGEST_WORD = 60
YEARS = ("1900", "2100")  # of a date that is believed
BELIEVED = 0.9  # of the values that must be dates for the rest to be errors
DATES = (
    "YYYY-MM-DD", "DD-Mon-YYYY", "DDMonYYYY", "DD Mon YYYY", "DD/Mon/YYYY", "MM/DD/YYYY", "DD/MM/YYYY",
    "MM-DD-YYYY", "DD-MM-YYYY", "DD.MM.YYYY", "YYYY/MM/DD", "YYYYMMDD", "YYYY年MM月DD日",
    "YYYY-MM-DDT00:00:00", "YYYY-MM-DDTHH:mm", "YYYY-MM-DDTHH:mm:SS", "YYYY-MM-DD HH:mm",
    "YYYY-MM-DD HH:mm:SS", "DD-Mon-YYYY HH:mm", "DD-Mon-YYYY HH:mm:SS", "DDMonYYYY:HH:mm:SS",
    "MM/DD/YYYY HH:mm", "DD/MM/YYYY HH:mm",
)  # fmt: skip
PARTIAL_DATES = (
    "YYYY", "YYYY-MM", "Mon-YYYY", "Mon YYYY", "MonYYYY", "MM/YYYY", "UN-Mon-YYYY", "UN-UNK-YYYY",
    "UN/Mon/YYYY", "UN/UNK/YYYY", "UN Mon YYYY", "UN UNK YYYY", "UNMonYYYY", "UNUNKYYYY", "UN/UN/YYYY",
    "UN-UN-YYYY",
)  # fmt: skip
TIMES = ("HH:mm", "HH:mm:SS")
YES_NO = frozenset({"y", "n", "yes", "no"})


@dataclass(frozen=True)
class Guess:
    """A column's type and what was seen. words: of a code, with how often each stands there.
    missing: texts that say that nothing is there."""

    type: str
    seen: str
    layouts: tuple[str, ...] = ()
    partial: bool = False
    words: tuple[tuple[str, int], ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def yes_no(self) -> bool:
        return bool(self.words) and {w.casefold() for w, _ in self.words} <= YES_NO


def guess(text: pl.Series) -> Guess:
    """Guess what a column holds.

    First case that applies:
      1. every value blank                                           "text"
      2. nine in ten are dates of a layout that we know, half whole  "date"
      3. all are times                                               "time"
      4. all are whole numbers; numbers                              "integer", "number"
         (whole numbers of one width with zeros in front: "text")
      5. one word on every row of several, not a yes or no           "text"
      6. at most 15 short words, each twice on average, or yes/no    "code"
      7. otherwise                                                   "text"

    A text or code that is a date, a time or a number but for NA, UNK and their like is that, and these are
    missing.
    """
    plain = _guess(text)
    if plain.type not in ("text", "code"):
        return plain
    values = trimmed(text)
    tokens = tuple(t for t in TOKENS if (values == t).any())
    if not tokens:
        return plain
    rest = _guess(values.set(values.is_in(tokens).fill_null(False), None))
    if rest.type in ("text", "code"):
        return plain
    return replace(rest, seen=f"{rest.seen}; guessed: {', '.join(tokens)} says missing", missing=tokens)


def _guess(text: pl.Series) -> Guess:
    values = trimmed(text).alias("word")
    blanks = values.null_count()
    filled = values.drop_nulls()
    seen = f"{blanks} of {len(values)} blank" if blanks else "never blank"
    counts = filled.value_counts(name="n").sort("n", "word", descending=[True, False])
    words = tuple((str(w), int(n)) for w, n in counts.head(MOST_WORDS + 1).iter_rows())
    if not len(filled):
        return Guess("text", "blank throughout")
    constant = len(words) == 1 and len(filled) > 1
    if constant:
        seen = f"always {quoted(words[0][0])}" + (f"; {seen}" if blanks else "")
    one_word = constant and words[0][0].casefold() not in YES_NO  # the next export may say yes
    distinct = counts["word"]
    longest: Any = distinct.str.len_chars().max()
    return (
        _date(distinct, counts["n"], seen)
        or _number(distinct, seen)
        or (Guess("text", seen) if one_word else None)
        or _code(words, len(filled), seen)
        or Guess("text", f"{len(distinct)} different, at most {longest} characters; {seen}")
    )


def quoted(text: str) -> str:
    """A value as a comment shows it: on one line and short."""
    line = re.sub(r"\s+", " ", text)
    return f"'{line[:40]}...'" if len(line) > 40 else f"'{line}'"


def _date(distinct: pl.Series, counts: pl.Series, seen: str) -> Guess | None:
    used, left = _layouts(TIMES, "time", distinct, counts)
    if not left.any():
        return Guess("time", seen, tuple(used))
    used, left = _layouts(DATES, "date", distinct, counts)
    if not used or int(counts.filter(~left).sum()) * 2 < int(counts.sum()):
        return None
    partial, still = _layouts(PARTIAL_DATES, "date", distinct.filter(left), counts.filter(left))
    unread = distinct.filter(left).filter(still)
    if len(unread) > (1 - BELIEVED) * len(distinct):
        return None
    also = [d for d in DATES if d not in used and _reads(d, "date", distinct.filter(~left)).all()]
    notes = [seen]
    notes += [f"could as well be {', '.join(also)}: the values do not say"] if also else []
    notes += [f"{len(unread)} in no layout known here, such as {quoted(unread[0])}"] if len(unread) else []
    return Guess("date", "; ".join(notes), (*used, *partial), partial=bool(partial))


def _layouts(
    known: Sequence[str], kind: Literal["date", "time"], distinct: pl.Series, counts: pl.Series
) -> tuple[list[str], pl.Series]:
    """The layouts that read the most rows, one after the other; and which values are left unread."""
    left = distinct.is_not_null()
    reads = {k: _reads(k, kind, distinct) for k in known}
    used: list[str] = []
    while left.any():
        best = max(known, key=lambda k: int(counts.filter(reads[k] & left).sum()))  # the first of equals
        if not (reads[best] & left).any():
            break
        used.append(best)
        left = left & ~reads[best]
    return used, left


def _reads(layout: str, kind: Literal["date", "time"], distinct: pl.Series) -> pl.Series:
    read = read_layout(layout, kind).expr(pl.col("t"))
    values = distinct.alias("t").to_frame().select(read.alias("v")).to_series()
    if kind == "time":
        return values.is_not_null()
    return values.str.slice(0, 4).is_between(pl.lit(YEARS[0]), pl.lit(YEARS[1])).fill_null(False)


def _number(distinct: pl.Series, seen: str) -> Guess | None:
    whole = WholeNumber().column(distinct)
    if not whole.null_count():
        padded = distinct.str.contains("^0[0-9]").any() and distinct.str.len_chars().n_unique() == 1
        if padded:
            return Guess("text", f"whole numbers with zeros in front; {seen}")
        return Guess("integer", f"{_span(whole)}; {seen}")
    decimal = DecimalNumber().column(distinct)
    if not decimal.null_count():
        return Guess("number", f"{_span(decimal)}; {seen}")
    return None


def _span(values: pl.Series) -> str:
    low: Any = values.min()
    high: Any = values.max()
    return f"{low} to {high}"


def _code(words: tuple[tuple[str, int], ...], filled: int, seen: str) -> Guess | None:
    folded: dict[str, tuple[str, int]] = {}
    for word, n in words:
        first, before = folded.get(word.casefold(), (word, 0))
        folded[word.casefold()] = (first, before + n)
    short = all(len(w) <= LONGEST_WORD for w, _ in words)
    seldom = filled < 2 * len(folded) and not set(folded) <= YES_NO
    if len(words) > MOST_WORDS or not short or seldom:
        return None
    return Guess(
        "code", f"{len(folded)} word{'s' if len(folded) > 1 else ''}; {seen}", words=tuple(folded.values())
    )
