"""Statistics: arrays in, a frozen result out. One method a file, registered for `method:` in a spec."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from tlfgen.errors import NOWHERE, Place, unknown

F = TypeVar("F", bound=Callable[..., Any])
Kind = Literal[
    "summary", "comparison", "difference", "ratio", "mean_comparison", "proportion", "survival",
    "survival_comparison", "hazard_ratio", "regression",
]  # fmt: skip


@dataclass(frozen=True)
class Method:
    """A registered method. kind: what it can be asked for, and so its call. Footnotes name it by the sentence
    method_<name> of words.yaml, where it is a comparison or gives limits.

    summary              (values, groups, size=, percentile=): arrays, one number a group
    comparison           (events, size, events_against, size_against): four arrays; the result has `p_value`
    difference           as a comparison; the result has `estimate`, `low` and `high`, proportions
    ratio                as a difference; the three are ratios, NaN where a group is all events or has none
    mean_comparison      (values, values_against): the result has `p_value`, one number, and `reason`
    proportion           (events, size, level=0.95): two arrays; the result has `low` and `high`, 0 to 1
    survival             (time, event): the result is a curve, read by kaplan_meier.survival_at and .quantile
    survival_comparison  (time, event, group): the result has `p_value`, one number
    hazard_ratio         cox: (time, event, covariates, ties, strata, level); the others: (test, level) with
                         the LogRank of two groups; the result has `hazard_ratio`, `low` and `high`
    regression           (response, covariates, level=0.95): the result has `odds_ratio`, `low`, `high`,
                         `wald_p` and `likelihood_ratio_p`, arrays with one number a covariate, and `reason`

    What has no value is NaN; an impossible argument is a ValueError.
    """

    name: str
    kind: Kind
    function: Callable[..., Any]

    @property
    def summary(self) -> str:
        """The first line of the function's documentation."""
        return (inspect.getdoc(self.function) or "").split("\n", 1)[0]


_METHODS: dict[str, Method] = {}


def method(name: str, kind: Kind) -> Callable[[F], F]:
    """Register a function as the method `name`."""

    def register(function: F) -> F:
        _METHODS[name] = Method(name, kind, function)
        return function

    return register


def methods() -> tuple[Method, ...]:
    """Every registered method, by name; the modules of this package are imported."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"tlfgen.stats.{module.name}")
    return tuple(_METHODS[n] for n in sorted(_METHODS))


def find_method(name: str, kind: Kind, at: Place = NOWHERE) -> Method:
    """Find a method of a kind; a SpecError with the nearest name where there is none."""
    there: Iterable[Method] = [m for m in methods() if m.kind == kind]
    for m in there:
        if m.name == name:
            return m
    known = [m.name for m in there]
    raise unknown(f"The {kind}", name, known, at, more="`tlfgen list statistics` shows all.")
