"""The registry of built-in checks: what each needs, what it asks, how severe its findings are.

A check is a function `check_<id>(data, [study,] *, parameters)` under `@check(...)` in a module of this
package. `data` holds the frame of each built dataset by name, each with the record's number in ROW; the check
yields `Found`: the records that it points at. It is silent where a dataset or a variable that it needs is not
there, and it changes nothing.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_type_hints

import polars as pl
from pydantic import create_model

from tlfgen.errors import Severity
from tlfgen.spec.loader import Entry

ROW, SUBJECT = "#row", "USUBJID"
Data = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Found:
    """Records of one dataset that a check points at.

    says: what is wrong with them, as a sentence without a full stop. rows: ROW and USUBJID where there are
    such, and the columns of `told`, whose values stand in brackets behind what is said. field: the variable
    in question. together: one finding for all of them. severity: where it is not the check's."""

    dataset: str
    says: str
    rows: pl.DataFrame
    told: tuple[str, ...] = ()
    field: str | None = None
    together: bool = False
    severity: Severity | None = None


@dataclass(frozen=True)
class Check:
    """A registered check. needs: datasets ("DM") and variables ("DM.DTHFL") without which it is silent."""

    id: str
    subject: str
    function: Callable[..., Iterable[Found]]
    severity: Severity
    needs: tuple[str, ...]
    summary: str
    parameters: type[Entry]

    def applies(self, data: Data) -> bool:
        """Whether all that it needs is there."""
        for need in self.needs:
            dataset, _, variable = need.partition(".")
            if dataset not in data or (variable and variable not in data[dataset].columns):
                return False
        return True

    def run(self, data: Data, **handed_in: Any) -> Iterator[Found]:
        """What it finds; handed_in: its parameters, and the study where it asks for it."""
        known = inspect.signature(self.function).parameters
        yield from self.function(data, **{k: v for k, v in handed_in.items() if k in known})


_CHECKS: dict[str, Check] = {}


def check(
    *needs: str, severity: Severity
) -> Callable[[Callable[..., Iterable[Found]]], Callable[..., Iterable[Found]]]:
    """Register `check_<id>`."""

    def register(function: Callable[..., Iterable[Found]]) -> Callable[..., Iterable[Found]]:
        name = function.__name__.removeprefix("check_")
        hints = get_type_hints(function)
        fields: dict[str, Any] = {
            p.name: (hints[p.name], p.default)
            for p in inspect.signature(function).parameters.values()
            if p.kind is p.KEYWORD_ONLY
        }
        model = create_model(f"{name}_parameters", __base__=Entry, **fields)
        summary = " ".join((inspect.getdoc(function) or "").split("\n\n", 1)[0].split())
        subject = function.__module__.rpartition(".")[2]
        _CHECKS[name] = Check(name, subject, function, severity, needs, summary, model)
        return function

    return register


@cache
def _import_checks() -> None:
    package = importlib.import_module("tlfgen.reconcile")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"tlfgen.reconcile.{module.name}")


def checks() -> dict[str, Check]:
    """Every registered check, by id; all modules of this package are imported."""
    _import_checks()
    return dict(sorted(_CHECKS.items()))
