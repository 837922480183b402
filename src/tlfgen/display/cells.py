"""Cells of a table: a format over statistics, filled."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from tlfgen.analysis.registry import METHOD
from tlfgen.analysis.summarise import NO_VALUE
from tlfgen.analysis.table import Groups, compose
from tlfgen.display.numbers import between
from tlfgen.display.parts import Cell
from tlfgen.display.results import Result, Results, require
from tlfgen.spec.marks import IN_FORMAT, MARK
from tlfgen.spec.theme import NumberRules

BLANK = Cell("")
COUNT = "count"  # how the method of what is counted begins
BETWEEN = (", ", " to ", "\u2013")


@dataclass
class Seen:
    """What a table's cells turned out to print: for the footnotes that explain it. reasons: why statistics of
    analyses are not estimable."""

    statistics: set[str] = field(default_factory=set)
    not_estimable: bool = False
    nothing: bool = False
    no_event: bool = False
    censored: bool = False
    reasons: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True)
class Form:
    """A cell format taken apart: literals and statistics in turn; one literal more than statistics."""

    literals: tuple[str, ...]
    statistics: tuple[str, ...]

    def filled(self, slots: Sequence[str], found: Sequence[Result], rules: NumberRules) -> str:
        """The cell's text; between two limits of one statistic as the theme has it, with one percent sign for
        both."""
        text = self.literals[0]
        for i, slot in enumerate(slots):
            after = self.literals[i + 1]
            if after in BETWEEN and _are_limits(*found[i : i + 2]):
                slot = slot.removesuffix(rules.percent)
                after = between(slot, slots[i + 1], rules, after)
            text += slot + after
        return text


@lru_cache(maxsize=256)
def read_form(form: str) -> Form:
    """Take a format apart; the mark of a footnote is a literal."""
    literals: list[str] = []
    names: list[str] = []
    before = ""
    for literal, name, _, _ in string.Formatter().parse(form):
        before += literal
        if name is None:
            continue
        if name.startswith(IN_FORMAT):
            before += f"{{{name}}}"
            continue
        literals.append(before)
        names.append(name)
        before = ""
    literals.append(before)
    return Form(tuple(literals), tuple(names))


def _are_limits(*found: Result) -> bool:
    """Whether two results are the lower and the upper limit of one statistic, in that order."""
    of = {row["limit_of"] for row in found}
    return [row["side"] for row in found] == ["low", "high"] and len(of) == 1


def fill(
    form: str,
    results: Results,
    analysis: str,
    groups: Groups,
    seen: Seen,
    of: Mapping[str, Groups] = MappingProxyType({}),
) -> Cell:
    """Fill a format with the results of an analysis at some groups. of: the groups of those statistics that
    have their own, as comparisons do.

    First case that applies:
      1. nothing to summarise or compare, n of 0 or not    blank
      2. nobody and no event, the study prints 0 without %  the count alone
      3. otherwise                                          every statistic; NE where one cannot be computed
    """
    parts = read_form(form)
    at = [(s, of.get(s, groups)) for s in parts.statistics]
    found = [require(results.get(analysis, s, g), compose(analysis, s, g)) for s, g in at]
    names = tuple(name for name, _ in found)
    seen.statistics.update(parts.statistics)
    values = [row for s, (_, row) in zip(parts.statistics, found, strict=True) if s != "n"]
    if values and all(results.has_no_value(row) for row in values):
        seen.nothing |= values[0]["reason"] == NO_VALUE
        seen.no_event |= values[0]["reason"] != NO_VALUE
        return Cell("", names)
    if _is_bare_zero([row for _, row in found], results):
        return Cell("".join(["0", *(m[0] for m in MARK.finditer(form))]), names, ("0",))
    slots = tuple(results.text(row) for _, row in found)
    without = [row for _, row in found if row["stat_num"] is None and not row["stat_chr"]]
    seen.not_estimable |= bool(without)
    seen.censored |= any(row["shown"] == "censored" for _, row in found)
    seen.reasons |= {r["reason"]: None for r in without if r["method"].startswith(METHOD) and r["reason"]}
    return Cell(parts.filled(slots, [row for _, row in found], results.rules), names, slots)


def _is_bare_zero(found: Sequence[Result], results: Results) -> bool:
    """Whether counts of nobody stand with their percentage, and the study prints the 0 alone."""
    if results.study.conventions.percent.zero != "count":
        return False
    counted = [row for row in found if row["shown"] == "count"]
    shares = [row for row in found if row["shown"] == "percent"]
    of_counts = len(counted) + len(shares) == len(found) and all(r["method"].startswith(COUNT) for r in found)
    return bool(counted and shares) and of_counts and not any(row["stat_num"] for row in counted)
