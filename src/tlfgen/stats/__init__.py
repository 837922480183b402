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
    "summary", "comparison", "proportion", "survival", "survival_comparison", "hazard_ratio", "regression"
]


@dataclass(frozen=True)
class Method:
    """A registered method. label: as footnotes name it; kind: what it can be asked for.

    A comparison is called with four arrays: subjects with the event and subjects in all, of each column and
    then of the one it is compared with. Its result has `p_value`, NaN where there is none. A proportion is
    called with events and sizes and gives `low` and `high`. The others are called by the analyses of ard/,
    each in its own way: survival and survival_comparison with times and events, regression with a response
    and covariates.
    """

    name: str
    label: str
    kind: Kind
    function: Callable[..., Any]

    @property
    def summary(self) -> str:
        """The first line of the function's documentation."""
        return (inspect.getdoc(self.function) or "").split("\n", 1)[0]


_METHODS: dict[str, Method] = {}


def method(name: str, label: str, kind: Kind) -> Callable[[F], F]:
    """Register a function as the method `name`."""

    def register(function: F) -> F:
        _METHODS[name] = Method(name, label, kind, function)
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
