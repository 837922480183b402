"""The parameters of a registered method: typed by the annotations of its function, read from a spec."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from pydantic import create_model

from tlfgen.analysis.table import parameters_text
from tlfgen.engine.registry import kind_of
from tlfgen.errors import Place, unknown
from tlfgen.spec.condition import Condition, parse_condition
from tlfgen.spec.loader import Entry, validate


@dataclass(frozen=True)
class Parameters:
    """model: the keys with their types. kinds: of those that name variables or hold conditions."""

    method: str
    model: type[Entry]
    kinds: Mapping[str, str]

    def read(self, params: Mapping[str, Any], at: Place) -> dict[str, Any]:
        """Type the parameters of an entry; a SpecError names the line."""
        known = set(self.model.model_fields)
        places = getattr(params, "key_places", {})
        for key in params:
            if key not in known:
                raise unknown(f"The parameter of '{self.method}'", key, known, places.get(key, at))
        model: Any = validate(params, self.model, shown=at.path)
        typed = {name: getattr(model, name) for name in known}
        for name, kind in self.kinds.items():
            if kind == "where" and typed.get(name) is not None:
                typed[name] = parse_condition(str(typed[name]), places.get(name, at))
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

    @staticmethod
    def text(typed: Mapping[str, Any]) -> str:
        """The parameters as the results record them."""
        return parameters_text({k: v.text if isinstance(v, Condition) else v for k, v in typed.items()})


def parameters_of(function: Callable[..., Any], method: str) -> Parameters:
    """Take the arguments of a function as parameters: the keyword-only ones, and those with a default."""
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    kinds: dict[str, str] = {}
    for p in inspect.signature(function).parameters.values():
        if p.kind is p.KEYWORD_ONLY or p.default is not p.empty:
            kind = kind_of(hints[p.name])
            if kind:
                kinds[p.name] = kind
            hint = str | None if kind == "where" else hints[p.name]
            fields[p.name] = (hint, ... if p.default is p.empty else p.default)
    return Parameters(method, create_model(f"{method}_parameters", __base__=Entry, **fields), kinds)
