"""The registry of analyses: what a row of a table can ask for by `do:`.

An analysis is a function `analyse_<name>(cell, *, parameters)` in a module of that name. It sees the records
of one cell (one line in one column) and gives values by the name of the statistic. Its parameters are typed
by their annotations as a derivation's are; a `Column` names a variable, a `Where` is a condition on the
records, a `Level` a proportion between 0 and 1, `Decimals` a number of decimals.

It declares each statistic once (`analysis/forms.py`): form, label, of what it is the limit; a name with
a "*" stands for those that parameters make, as rate_* does. Only the statistics that a cell, a text or a
claim asks for are results; an analysis computes what costs time only where `cell.wants` it.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import Field

import tlfgen.analysis
from tlfgen.analysis.forms import Declared
from tlfgen.analysis.parameters import Parameters, parameters_of
from tlfgen.analysis.source import NUMBER, SUBJECT, Source, judged, text_of
from tlfgen.analysis.times import Times, times_of
from tlfgen.errors import NOWHERE, Place, SpecError, unknown
from tlfgen.spec.condition import Condition
from tlfgen.spec.significant import significant
from tlfgen.spec.words import Sentence

METHOD = "analyse "
Compared = Literal["survival", "proportions", "means"]  # what a comparison can be of
Level = Annotated[float, Field(gt=0, lt=1)]
Decimals = Annotated[int, Field(ge=0, le=9)]


@dataclass(frozen=True)
class Value:
    """A statistic of a cell; null where it cannot be computed, with the reason. where: a condition that only
    the records of this statistic meet, where they are not all that were analysed. censored: it was cut off,
    and is shown with a "+". decimals: its own, where a row gives none."""

    value: float | None
    reason: str | None = None
    denominator: float | None = None
    where: str = ""
    censored: bool = False
    decimals: int | None = None


@dataclass(frozen=True)
class AnalysedCell:
    """The records of one cell. size: the subjects that percentages are of; at: the row that asks; wanted: the
    statistics that are asked for."""

    records: pl.DataFrame
    size: float | None
    source: Source
    at: Place = NOWHERE
    wanted: frozenset[str] = frozenset()

    def wants(self, *statistics: str) -> bool:
        """Say whether one of these statistics is asked for."""
        return not self.wanted.isdisjoint(statistics)

    def column(self, name: str) -> pl.Series:
        """A variable of the records."""
        return self.records[self.source.own(name)]

    def texts(self, name: str) -> pl.Series:
        """A variable as the text of its levels."""
        return self.records.select(text_of(self.records, self.source.own(name)).alias("text"))["text"]

    def numbers(self, name: str) -> Any:
        """A numeric variable as an array, at 12 significant digits; a SpecError where it is a text."""
        column = self.column(name)
        if not (column.dtype.is_numeric() or column.dtype == pl.Null):
            raise SpecError(f"{name} is no number and cannot be analysed as one.", place=self.at)
        return column.to_frame("x").select(significant(pl.col("x"))).to_series().to_numpy()

    def one_each(self, kept: Any) -> None:
        """Check that each subject has one record among those kept; a SpecError names one who has more."""
        numbers = self.records[NUMBER].filter(pl.Series(kept, dtype=pl.Boolean)).drop_nulls()
        if numbers.is_duplicated().any():
            first = numbers.filter(numbers.is_duplicated())[0]
            own = self.records.filter(pl.col(NUMBER) == first)
            who = own[SUBJECT][0] if SUBJECT in own.columns else first
            raise SpecError(
                f"Subject {who} has {(numbers == first).sum()} records in one cell; the analysis takes one.",
                place=self.at,
                hint="Choose them by where:, as PARAMCD = 'PFS'.",
            )

    def only(self, kept: pl.Series) -> AnalysedCell:
        """The cell with some of its records."""
        return replace(self, records=self.records.filter(kept))

    def times(self, time: str, event: Condition, decimals: int | None = None) -> Times:
        """The records with a time and a censoring status, one a subject; the others are counted."""
        self.source.needs([time, *event.columns], self.at)
        return times_of(self.records, self.source.own(time), event, at=self.at, decimals=decimals)

    def judged(self, condition: Condition) -> pl.Series:
        """Which records meet a condition; null where that is not known."""
        return judged(condition, self.records)

    def where(self, condition: Condition) -> pl.Series:
        """Which records are known to meet a condition."""
        return self.judged(condition).fill_null(False)

    def subjects(self, condition: Condition | None = None) -> int:
        """How many subjects have a record, one that meets a condition."""
        kept = self.records if condition is None else self.records.filter(self.where(condition))
        return kept[NUMBER].drop_nulls().n_unique()


@dataclass(frozen=True)
class AnalysisRule:
    """A registered analysis. forms: how each statistic is shown. statistics, notes: of its typed parameters,
    the names of what it gives and the sentences that name its methods, by statistic. left_out: why records
    take no part, and how many. sized: it has a denominator. compares: the kind of comparison that it can be
    given (analysis/comparisons.py); sides: of a cell, what such a comparison takes of it."""

    name: str
    function: Callable[..., Mapping[str, Value]]
    parameters: Parameters
    forms: Mapping[str, Declared]
    statistics: Callable[..., tuple[str, ...]]
    notes: Callable[..., Mapping[str, Sentence]]
    left_out: Callable[..., Mapping[str, int]] | None = None
    sized: bool = False
    compares: Compared | None = None
    sides: Callable[..., Any] | None = None

    def declared(self, statistic: str) -> Declared:
        """How a statistic is shown; a SpecError where the analysis does not declare it."""
        for pattern, found in self.forms.items():
            match = re.fullmatch(re.escape(pattern).replace(r"\*", "(.+)"), statistic)
            if match:
                return found.filled(match[1]) if match.groups() else found
        raise SpecError(
            f"The analysis '{self.name}' says nothing of how its statistic '{statistic}' is shown.",
            hint="It declares a form for each statistic (docs/how-to-statistic.md).",
        )

    def text(self, typed: Mapping[str, Any]) -> str:
        """The parameters as the results record them."""
        return self.parameters.text(typed)

    def read(self, params: Mapping[str, Any], at: Place) -> dict[str, Any]:
        """Type the parameters of a row; a SpecError names the line."""
        typed = self.parameters.read(params, at)
        try:
            self.statistics(**typed)
        except ValueError as error:
            raise SpecError(f"{self.name} {error}.", place=at) from None
        return typed

    def names(self, typed: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        """(parameter, variable) of the variables that parameters name, those of conditions included."""
        return self.parameters.names(typed)


_ANALYSES: dict[str, AnalysisRule] = {}


def analysis(
    forms: Mapping[str, Declared],
    notes: Callable[..., Mapping[str, Sentence]],
    *,
    statistics: Callable[..., tuple[str, ...]] | None = None,
    left_out: Callable[..., Mapping[str, int]] | None = None,
    sized: bool = False,
    compares: Compared | None = None,
    sides: Callable[..., Any] | None = None,
) -> Callable[[Callable[..., Mapping[str, Value]]], Callable[..., Mapping[str, Value]]]:
    """Register `analyse_<name>`. forms: how each statistic is shown.

    statistics: their names, where parameters make some; a ValueError of it says which parameters do not fit
    together. left_out: of a cell with the records of all columns. compares, sides: as AnalysisRule has them.
    """
    names = statistics or (lambda **_: tuple(forms))

    def register(function: Callable[..., Mapping[str, Value]]) -> Callable[..., Mapping[str, Value]]:
        name = function.__name__.removeprefix("analyse_")
        parameters = parameters_of(function, name)
        _ANALYSES[name] = AnalysisRule(
            name, function, parameters, forms, names, notes, left_out, sized, compares, sides
        )
        return function

    return register


def analyses() -> Mapping[str, AnalysisRule]:
    """Every registered analysis, by name."""
    for module in pkgutil.iter_modules(tlfgen.analysis.__path__):
        if module.name.startswith("analyse_"):
            importlib.import_module(f"tlfgen.analysis.{module.name}")
    return dict(sorted(_ANALYSES.items()))


def find_analysis(name: str, at: Place) -> AnalysisRule:
    """Find an analysis; a SpecError with the nearest name where there is none."""
    there = analyses()
    if name not in there:
        raise unknown("The analysis", name, there, at)
    return there[name]


def percent_of_level(level: float) -> str:
    """A confidence level as sentences have it, without its sign: 95."""
    return f"{100 * level:g}"


def known(value: Any, reason: str, denominator: float | None = None) -> Value:
    """A value, or null with a reason where it is not finite."""
    number = float(value)
    if math.isfinite(number):
        return Value(number, None, denominator)
    return Value(None, reason, denominator)
