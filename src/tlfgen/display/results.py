"""The results of an output, found by name and shown as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from tlfgen.analysis.compare import NO_EVENT
from tlfgen.analysis.population import POPULATION, SIZE
from tlfgen.analysis.prepare import DECIMALS
from tlfgen.analysis.summarise import NO_VALUE
from tlfgen.analysis.table import Groups, compose, find_result, groups_of, result_name
from tlfgen.display.numbers import format_number, format_p_value, format_percent, format_plain, percent_of
from tlfgen.display.parts import Displayed
from tlfgen.display.styles import rules_of
from tlfgen.errors import SpecError
from tlfgen.spec.output import OutputSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

DECIMALS_OF = {"ratio": 2, "proportion": 3, "number": 1, "censored": 1}
CENSORED = "+"
Result = Mapping[str, Any]


class Results:
    """The rows of one output's table of results, by name, and the rules by which they are shown."""

    def __init__(self, ard: pl.DataFrame, study: StudySpec, rules: NumberRules) -> None:
        self.study, self.rules = study, rules
        self._rows: dict[str, Result] = {}
        self._decimals: dict[str, list[Result]] = {}
        for row in ard.iter_rows(named=True):
            self._rows[compose(row["analysis"], row["statistic"], groups_of(row))] = row
            if row["statistic"] == DECIMALS:
                self._decimals.setdefault(row["analysis"], []).append(row)
        of = [r["denominator"] for r in self._rows.values() if r["denominator"] is not None]
        self._percent = percent_of(study.conventions.percent, max(of, default=None), rules)

    @property
    def percent_decimals(self) -> int:
        """The decimals of its percentages, by the study and the theme."""
        return self._percent.decimals

    def get(self, analysis: str, statistic: str, groups: Groups = ()) -> tuple[str, Result] | None:
        """A result with its name; None where it was not asked for."""
        name = compose(analysis, statistic, groups)
        row = self._rows.get(name)
        return None if row is None else (name, row)

    def number(self, analysis: str, statistic: str, groups: Groups = ()) -> float:
        """The raw value of a result that is there; 0 where it is not."""
        found = self.get(analysis, statistic, groups)
        return 0.0 if found is None or found[1]["stat_num"] is None else float(found[1]["stat_num"])

    def columns(self, output: str) -> list[tuple[tuple[tuple[str, str], ...], int | None]]:
        """The groups of each column, in order, with its N."""
        own = self.of(f"{output}.{POPULATION}", SIZE)
        return [(groups_of(r), None if r["stat_num"] is None else int(r["stat_num"])) for r in own]

    def of(self, analysis: str, statistic: str) -> list[Result]:
        """The rows of one statistic of an analysis, in order."""
        return [r for r in self._rows.values() if r["analysis"] == analysis and r["statistic"] == statistic]

    def lines(self, analysis: str, statistic: str, across: int) -> list[tuple[tuple[str, str], ...]]:
        """The groups of each line of an analysis, those of the columns (the first `across`) left out."""
        return list(dict.fromkeys(groups_of(r)[across:] for r in self.of(analysis, statistic)))

    def decimals(self, analysis: str, groups: Groups) -> int:
        """The collected decimals of a result: those of its parameter, where there is one."""
        for row in self._decimals.get(analysis, ()):
            if set(groups_of(row)) <= set(groups):
                return int(row["stat_num"])
        return 0

    def text(self, row: Result, *, percent_sign: str | None = None) -> str:
        """Show a result in the form that it declares.

        First case that applies:
          1. it could not be computed    the study's text for it (NE), or its own
          2. count                       a whole number
          3. percent, p                  by the rules of the study and the theme
          4. place                       the decimals that it has
          5. a summary                   the collected decimals and those the study adds for the statistic
          6. other numbers               the row's decimals, else its own, else those of the form; what was
                                         cut off with a "+"
          7. no form                     a SpecError
        """
        value, kind = row["stat_num"], row["shown"]
        if value is None:
            return str(row["stat_chr"] or self.study.conventions.not_estimable)
        if kind == "count":
            return format_number(value, 0, self.rules)
        if kind == "percent":
            own = row["decimals"]
            percent = self._percent if own is None else self._percent.model_copy(update={"decimals": own})
            return format_percent(value, percent, self.rules, sign=percent_sign)
        if kind == "p":
            return format_p_value(value, self.rules)
        if kind == "place":
            return format_plain(value, self.rules)
        shown = format_number(value, self._places(row), self.rules)
        return shown + CENSORED if kind == "censored" else shown

    def _places(self, row: Result) -> int:
        """The decimals of a number that is no count, percentage or P value."""
        analysis, statistic, kind = row["analysis"], str(row["statistic"]), row["shown"]
        if kind == "summary":
            extra = self.study.conventions.extra_decimals(statistic, row["limit_of"] or "")
            return max(self.decimals(analysis, groups_of(row)) + extra, 0)
        if kind not in DECIMALS_OF:
            raise SpecError(
                f"The result '{result_name(row)}' says nothing of how it is shown.",
                hint="Its analysis declares a form for each statistic (docs/how-to-statistic.md).",
            )
        if kind != "ratio" and analysis in self._decimals:
            return self.decimals(analysis, groups_of(row))
        return DECIMALS_OF[kind] if row["decimals"] is None else int(row["decimals"])

    def has_no_value(self, row: Result) -> bool:
        """Say whether there was nothing to summarise, or nothing to compare."""
        return row["stat_num"] is None and row["reason"] in (NO_VALUE, NO_EVENT)


def require(found: tuple[str, Result] | None, wanted: str) -> tuple[str, Result]:
    """A result that a display needs; a SpecError where the results are of another spec."""
    if found is None:
        raise SpecError(f"The result '{wanted}' is not among the results.", hint="Build the output again.")
    return found


def displayed(
    ard: pl.DataFrame, name: str, output: OutputSpec | None, study: StudySpec, rules: NumberRules
) -> Displayed:
    """The displayed value of one result, as a sentence has it: a percentage with its sign.

    A SpecError with the nearest name where there is no such result. `output` is its spec, whose own number
    rules hold in the sentence too.
    """
    row = find_result(ard, name)
    rules = rules_of(output, rules) if output is not None else rules
    return Displayed(result_name(row), Results(ard, study, rules).text(row, percent_sign="%"))
