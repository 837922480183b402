"""The registry of analyses: what a row of a table can ask for by `analyse:`.

An analysis is a function `analyse_<name>(cell, *, parameters)` in a module of that name. It sees the records
of one cell (one line in one column) and gives values by the name of the statistic. Its parameters are typed
by their annotations as a derivation's are; a `Column` names a variable, a `Where` is a condition on the
records, a `Level` a proportion between 0 and 1, `Decimals` a number of decimals.

How a statistic is shown follows from its name:

n, events, censored, size, *_n, *_events a count
pct, *_pct, rate_*                       a percentage
p_*                                      a P value
hr*, or*, *ratio*                        a ratio, two decimals
low, high                                a proportion, three decimals or the row's
others (median, q1, min, ...)            a number, one decimal or the row's
"""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_type_hints

import polars as pl
from pydantic import Field, create_model

import tlfgen.ard
from tlfgen.ard.source import NUMBER, SUBJECT, Source, meets, text_of
from tlfgen.data.registry import kind_of
from tlfgen.errors import NOWHERE, Place, SpecError, unknown
from tlfgen.spec.condition import Condition, parse_condition
from tlfgen.spec.loader import Entry, validate

Shown = Literal["count", "percent", "p", "ratio", "proportion", "number"]
METHOD = "analyse "
Level = Annotated[float, Field(gt=0, lt=1)]
Decimals = Annotated[int, Field(ge=0, le=9)]


@dataclass(frozen=True)
class Value:
    """A statistic of a cell; null where it cannot be computed, with the reason. where: a condition that only
    the records of this statistic meet, where they are not all that were analysed."""

    value: float | None
    reason: str | None = None
    denominator: float | None = None
    where: str = ""


@dataclass(frozen=True)
class AnalysedCell:
    """The records of one cell. size: the subjects that percentages are of; at: the row that asks."""

    records: pl.DataFrame
    size: float | None
    source: Source
    at: Place = NOWHERE

    def column(self, name: str) -> pl.Series:
        """A variable of the records."""
        return self.records[self.source.own(name)]

    def texts(self, name: str) -> pl.Series:
        """A variable as the text of its levels."""
        return self.records.select(text_of(self.records, self.source.own(name)).alias("text"))["text"]

    def numbers(self, name: str) -> Any:
        """A numeric variable as an array; a SpecError where it is a text."""
        column = self.column(name)
        if not (column.dtype.is_numeric() or column.dtype == pl.Null):
            raise SpecError(f"{name} is no number and cannot be analysed as one.", place=self.at)
        return column.cast(pl.Float64).to_numpy()

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

    def where(self, condition: Condition) -> pl.Series:
        """Which records meet a condition."""
        return self.records.select(meets(condition, self.records).alias("met"))["met"].fill_null(False)

    def subjects(self, condition: Condition | None = None) -> int:
        """How many subjects have a record, one that meets a condition."""
        kept = self.records if condition is None else self.records.filter(self.where(condition))
        return kept[NUMBER].drop_nulls().n_unique()


@dataclass(frozen=True)
class AnalysisRule:
    """A registered analysis. statistics, notes: of its typed parameters, the names of what it gives and the
    sentences that name its methods, by statistic. sized: it has a denominator."""

    name: str
    function: Callable[..., Mapping[str, Value]]
    parameters: type[Entry]
    kinds: Mapping[str, str]
    statistics: Callable[..., tuple[str, ...]]
    notes: Callable[..., Mapping[str, str]]
    sized: bool = False

    def read(self, params: Mapping[str, Any], at: Place) -> dict[str, Any]:
        """Type the parameters of a row; a SpecError names the line."""
        known = set(self.parameters.model_fields)
        places = getattr(params, "key_places", {})
        for key in params:
            if key not in known:
                raise unknown(f"The parameter of '{self.name}'", key, known, places.get(key, at))
        model: Any = validate(params, self.parameters, shown=at.path)
        typed = {name: getattr(model, name) for name in known}
        for name, kind in self.kinds.items():
            if kind == "where" and typed.get(name) is not None:
                typed[name] = parse_condition(str(typed[name]), places.get(name, at))
        try:
            self.statistics(**typed)
        except ValueError as error:
            raise SpecError(f"{self.name} {error}.", place=at) from None
        return typed

    def names(self, typed: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        """(parameter, variable) of the variables that parameters name, those of conditions included."""
        for parameter in self.kinds:
            value = typed.get(parameter)
            if isinstance(value, Condition):
                value = value.columns
            for name in value if isinstance(value, tuple) else (value,):
                if name is not None:
                    yield parameter, str(name)


_ANALYSES: dict[str, AnalysisRule] = {}


def analysis(
    statistics: Callable[..., tuple[str, ...]],
    notes: Callable[..., Mapping[str, str]],
    *,
    sized: bool = False,
) -> Callable[[Callable[..., Mapping[str, Value]]], Callable[..., Mapping[str, Value]]]:
    """Register `analyse_<name>`. statistics: a ValueError of it says which parameters do not fit together."""

    def register(function: Callable[..., Mapping[str, Value]]) -> Callable[..., Mapping[str, Value]]:
        name = function.__name__.removeprefix("analyse_")
        hints = get_type_hints(function, include_extras=True)
        fields: dict[str, Any] = {}
        kinds: dict[str, str] = {}
        for p in inspect.signature(function).parameters.values():
            if p.kind is p.KEYWORD_ONLY:
                kind = kind_of(hints[p.name])
                if kind:
                    kinds[p.name] = kind
                hint = str | None if kind == "where" else hints[p.name]
                fields[p.name] = (hint, ... if p.default is p.empty else p.default)
        model = create_model(f"{name}_parameters", __base__=Entry, **fields)
        _ANALYSES[name] = AnalysisRule(name, function, model, kinds, statistics, notes, sized)
        return function

    return register


def analyses() -> Mapping[str, AnalysisRule]:
    """Every registered analysis, by name."""
    for module in pkgutil.iter_modules(tlfgen.ard.__path__):
        if module.name.startswith("analyse_"):
            importlib.import_module(f"tlfgen.ard.{module.name}")
    return dict(sorted(_ANALYSES.items()))


def find_analysis(name: str, at: Place) -> AnalysisRule:
    """Find an analysis; a SpecError with the nearest name where there is none."""
    there = analyses()
    if name not in there:
        raise unknown("The analysis", name, there, at)
    return there[name]


def shown_as(statistic: str) -> Shown:
    """How a statistic of an analysis is shown, by its name."""
    if statistic in ("n", "events", "censored", "size") or statistic.endswith(("_n", "_events")):
        return "count"
    if (
        statistic == "pct"
        or statistic.endswith("_pct")
        or statistic.startswith("rate_")
        and statistic != "rate_ratio"
    ):
        return "percent"
    if statistic.startswith("p_"):
        return "p"
    if statistic.startswith(("hr", "or")) or "ratio" in statistic:
        return "ratio"
    return "proportion" if statistic in ("low", "high") else "number"


def known(value: Any, reason: str, denominator: float | None = None) -> Value:
    """A value, or null with a reason where it is not finite."""
    number = float(value)
    if math.isfinite(number):
        return Value(number, None, denominator)
    return Value(None, reason, denominator)
