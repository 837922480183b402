"""Cells of a table: a format over statistics, filled."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, field

from tlfgen.ard.table import Groups, compose
from tlfgen.display.parts import Cell
from tlfgen.display.results import Result, Results, require

BLANK = Cell("")
LIMITS = {("q1", "q3"), ("min", "max"), ("lower", "upper")}
BETWEEN = (", ", " to ")


@dataclass
class Seen:
    """What a table's cells turned out to print: for the footnotes that explain it."""

    statistics: set[str] = field(default_factory=set)
    not_estimable: bool = False
    nothing: bool = False


@dataclass(frozen=True)
class Form:
    """A cell format taken apart: literals and statistics in turn; one literal more than statistics."""

    literals: tuple[str, ...]
    statistics: tuple[str, ...]


def read_form(form: str, range_dash: str) -> Form:
    """Take a format apart; between two limits the theme's dash stands, where it has one."""
    literals, names = [], []
    for literal, name, _, _ in string.Formatter().parse(form):
        literals.append(literal)
        if name is not None:
            names.append(name)
    if len(literals) == len(names):
        literals.append("")
    for i in range(1, len(names)):
        if range_dash and (names[i - 1], names[i]) in LIMITS and literals[i] in BETWEEN:
            literals[i] = range_dash
    return Form(tuple(literals), tuple(names))


def fill(form: str, results: Results, analysis: str, groups: Groups, seen: Seen) -> Cell:
    """Fill a format with the results of an analysis at some groups.

    First case that applies:
      1. no value to summarise                              blank
      2. no subject, where the study prints 0 without %     the count alone
      3. otherwise                                          every statistic; NE where one cannot be computed
    """
    parts = read_form(form, results.rules.range_dash)
    found = [
        require(results.get(analysis, s, groups), compose(analysis, s, groups)) for s in parts.statistics
    ]
    names = tuple(name for name, _ in found)
    seen.statistics.update(parts.statistics)
    if found and all(results.has_no_value(row) for _, row in found):
        seen.nothing = True
        return Cell("", names)
    if _is_bare_zero(dict(zip(parts.statistics, (r for _, r in found), strict=True)), results):
        return Cell("0", names, ("0",))
    slots = tuple(results.text(row) for _, row in found)
    seen.not_estimable |= any(row["stat_num"] is None and not row["stat_chr"] for _, row in found)
    text = parts.literals[0] + "".join(s + after for s, after in zip(slots, parts.literals[1:], strict=True))
    return Cell(text, names, slots)


def _is_bare_zero(found: Mapping[str, Result], results: Results) -> bool:
    bare = {"n", "pct"} <= set(found) <= {"n", "pct", "events"}
    if results.study.conventions.percent.zero != "count" or not bare:
        return False
    return bool(found["n"]["stat_num"] == 0)
