"""What a text can say of results: a number, a number with its noun, a rank, a comparison, a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from tlfgen.analysis.table import compose, find_result, groups_of, parse_name, stack
from tlfgen.display.results import displayed
from tlfgen.errors import SpecError
from tlfgen.spec.narrative import population_of
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

SIGNIFICANT = 12  # digits at which two results are the same


@dataclass
class Quotes:
    """The functions of a text over the results that it may quote, by output. keep: told of each
    result that is shown, with its text."""

    results: Mapping[str, pl.DataFrame]
    outputs: Mapping[str, Any]
    data: Mapping[str, Dataset]
    study: StudySpec
    rules: NumberRules
    keep: Callable[[str, str], object] = lambda result, text: None

    @property
    def functions(self) -> dict[str, Callable[..., object]]:
        """By the names of spec/narrative.py."""
        return {
            "n": self.number, "N": self.population, "counted": self.counted, "ranked": self.ranked,
            "compared": self.compared, "listed": listed,
        }  # fmt: skip

    @cached_property
    def _every(self) -> pl.DataFrame:
        return stack(self.results.values())

    def number(self, name: object) -> str:
        """The displayed value of a result."""
        wanted = _name(name, 'n("output.row.n[GROUP=level]")')
        output = wanted.split(".", 1)[0]
        if output not in self.results:
            find_result(self._every, wanted)
        shown = displayed(self.results[output], wanted, self.outputs.get(output), self.study, self.rules)
        self.keep(shown.result, shown.text)
        return shown.text

    def counted(self, name: object, one: str, many: str = "", none: str = "") -> str:
        """A count with its noun: "no patient", "1 patient", "12 patients"."""
        text, value = self.number(name), self._value(str(name))
        if value == 0:
            return none or f"no {one}"
        return f"{text} {one if value == 1 else many or one + 's'}"

    def ranked(self, name: object, most: object = 1) -> list[dict[str, str]]:
        """The levels with the highest values of a result, the highest first.

        The name leaves one group out: its levels are ranked. Levels that tie with the last are given too,
        those with a value of 0 or without one never. Each has `level`, `shown` (its value) and `name`.
        """
        wanted = _name(name, 'ranked("output.row.n[GROUP=level]", 3)')
        if not isinstance(most, int) or most < 1:
            raise SpecError(f"ranked takes how many levels are wanted, not {most!r}.")
        analysis, statistic, groups = parse_name(wanted)
        own = self._every.filter((pl.col("analysis") == analysis) & (pl.col("statistic") == statistic))
        found = []
        for row in own.iter_rows(named=True):
            left = [(g, v) for g, v in groups_of(row) if groups.get(g) != v]
            if len(left) == 1 and left[0][0] not in groups and row["stat_num"]:
                found.append(
                    (_rounded(row["stat_num"]), left[0][1], compose(analysis, statistic, groups_of(row)))
                )
        if not own.height:
            find_result(self._every, wanted)
        found.sort(key=lambda f: (-f[0], f[1]))
        last = found[most - 1][0] if len(found) >= most else 0.0
        return [{"level": v, "shown": self.number(n), "name": n} for value, v, n in found if value >= last]

    def compared(
        self, one: object, other: object, higher: str = "higher than", lower: str = "lower than",
        same: str = "the same as",
    ) -> str:  # fmt: skip
        """How a result stands to another, at 12 significant digits."""
        example = 'compared("output.row.n[A]", "output.row.n[B]")'
        left, right = self._value(_name(one, example)), self._value(_name(other, example))
        if left is None or right is None:
            raise SpecError(f"'{one}' and '{other}' cannot be compared: one of them could not be computed.")
        return same if left == right else higher if left > right else lower

    def population(self, name: object) -> str:
        """The number of subjects of an analysis set, or of a group within it."""
        wanted = _name(name, 'N("SAFFL")')
        flag, by, level = population_of(wanted)
        adsl = self.data["ADSL"].frame
        if flag not in adsl.columns or (by and by not in adsl.columns):
            raise SpecError(f'N("{wanted}") names no analysis set of ADSL.')
        inside = adsl.filter(pl.col(flag) == "Y")
        if by:
            inside = inside.filter(pl.col(by).cast(pl.String) == level)
        return str(inside.height)

    def _value(self, name: str) -> float | None:
        value = find_result(self._every, name)["stat_num"]
        return None if value is None else _rounded(value)


def listed(values: Iterable[object], none: str = "none") -> str:
    """Texts as a sentence lists them.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"]), listed([])
    ('a', 'a and b', 'a, b and c', 'none')
    """
    texts: Sequence[str] = [str(v) for v in values]
    if len(texts) < 2:
        return texts[0] if texts else none
    return f"{', '.join(texts[:-1])} and {texts[-1]}"


def _rounded(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT}g}")


def _name(given: object, example: str) -> str:
    if not isinstance(given, str):
        raise SpecError(f"A name is a text in quotes, not {given!r}.", hint=f"As in {example}.")
    return given
