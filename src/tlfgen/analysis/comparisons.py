"""The registry of comparisons: what an entry of `compare:` can ask for by `do:`.

A comparison is of survival, of proportions or of means. Each gives statistics by the end of their name: ""
is the principal one, which has the id of the entry; "_low" of the entry `hr` is `hr_low`.

survival     a function `compare_<name>(pair, *, parameters)` of a module `compare_*`: values by ending
proportions  a method of stats/ of kind `comparison`, `difference` or `ratio`: of many lines at once
means        a method of stats/ of kind `mean_comparison`
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import tlfgen.analysis
from tlfgen.analysis.forms import P_VALUE, Declared, of_pair
from tlfgen.analysis.parameters import Parameters, parameters_of
from tlfgen.analysis.registry import Compared, Value, known, percent_of_level
from tlfgen.errors import Place, unknown
from tlfgen.spec.words import Sentence, sentence
from tlfgen.stats import Method, methods

NO_SUBJECT = "no subject in a group"
SEPARATION = "separation: all or none of a group have the event"
LIMITS = ("_low", "_high")
STRATA = "strata"


@dataclass(frozen=True)
class ComparisonRule:
    """A registered comparison. forms: how each statistic is shown, by the end of its name. notes: of the
    typed parameters and of the ends of what is printed, what says its method: of survival a sentence, of the
    others its name within one. needs_event: without an event on either side there is nothing to compare.
    without: why two groups with subjects have no value."""

    name: str
    kind: Compared
    function: Callable[..., Mapping[str, Any]]
    parameters: Parameters
    forms: Mapping[str, Declared]
    notes: Callable[..., Sentence]
    summary: str
    needs_event: bool = False
    without: str = NO_SUBJECT

    @property
    def cell(self) -> str:
        """What a column of it prints where nothing is said, with {} for the id."""
        return "{%} ({%_low} to {%_high})" if set(LIMITS) <= set(self.forms) else "{%}"


_COMPARISONS: dict[str, ComparisonRule] = {}


def comparison(
    kind: Compared, forms: Mapping[str, Declared], notes: Callable[..., Sentence]
) -> Callable[[Callable[..., Mapping[str, Any]]], Callable[..., Mapping[str, Any]]]:
    """Register `compare_<name>`. forms, notes: as ComparisonRule has them."""

    def register(function: Callable[..., Mapping[str, Any]]) -> Callable[..., Mapping[str, Any]]:
        name = function.__name__.removeprefix("compare_")
        summary = (function.__doc__ or "").strip().splitlines()[0]
        _COMPARISONS[name] = ComparisonRule(
            name, kind, function, parameters_of(function, name), forms, notes, summary
        )
        return function

    return register


@cache
def _import_modules() -> None:
    for module in pkgutil.iter_modules(tlfgen.analysis.__path__):
        if module.name.startswith("compare_"):
            importlib.import_module(f"tlfgen.analysis.{module.name}")


def comparisons() -> Mapping[str, ComparisonRule]:
    """Every registered comparison, by name."""
    _import_modules()
    found = {m.name: rule for m in methods() if (rule := _of_method(m)) is not None}
    return dict(sorted({**found, **_COMPARISONS}.items()))


def find_comparison(name: str, at: Place) -> ComparisonRule:
    """Find a comparison; a SpecError with the nearest name where there is none."""
    there = comparisons()
    if name not in there:
        raise unknown("The comparison", name, there, at, more="`tlfgen list comparisons` shows all.")
    return there[name]


@cache
def _of_method(method: Method) -> ComparisonRule | None:
    """A method of stats/ that compares, as a comparison."""
    kinds: Mapping[str, tuple[Compared, Callable[..., Mapping[str, Any]], Mapping[str, Declared]]] = {
        "comparison": ("proportions", _p_values, {"": P_VALUE}),
        "difference": ("proportions", _differences, of_pair("percent", "difference")),
        "ratio": ("proportions", _differences, of_pair("ratio", "odds ratio")),
        "mean_comparison": ("means", _p_of_means, {"": P_VALUE}),
    }
    if method.kind not in kinds:
        return None
    kind, call, forms = kinds[method.kind]

    def function(*given: Any, **typed: Any) -> Mapping[str, Any]:
        return call(method.function(*given, **typed))

    def notes(**typed: Any) -> Sentence:
        level = {"level": percent_of_level(typed["level"])} if "level" in typed else {}
        return sentence(f"method_{method.name}", **level)

    parameters = parameters_of(method.function, method.name)
    event = method.kind == "comparison"
    without = SEPARATION if method.kind == "ratio" else NO_SUBJECT
    return ComparisonRule(
        method.name, kind, function, parameters, forms, notes, method.summary, event, without
    )


def _p_values(found: Any) -> Mapping[str, Any]:
    return {"": found.p_value}


def _differences(found: Any) -> Mapping[str, Any]:
    return {"": found.estimate, "_low": found.low, "_high": found.high}


def _p_of_means(found: Any) -> Mapping[str, Value]:
    return {"": known(found.p_value, found.reason or "not to be tested")}
