"""A laid-out part as JSON, and back: what every format, the text and the report are made from.

    {"schema": "tlfgen part", "version": 1, "part": {"is": "parts.Table", "id": "ae", ...}}

A dataclass of this package is an object with its module and name under "is" and those of its fields that
are not at their default; a tuple is a list; texts, numbers, yes and no, and null are themselves. A new kind
of part needs nothing here: the fields of its dataclasses say what there is.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import math
from functools import cache
from pathlib import Path
from typing import Any, cast

from tlfgen.display.parts import Laid, Output
from tlfgen.errors import DataError

SCHEMA, VERSION = "tlfgen part", 1
KIND, FLOAT, PAIRS = "is", "float", "pairs"
HERE = "tlfgen.display."


def write_part(part: Laid, path: Path) -> None:
    """Write a part."""
    stored = {"schema": SCHEMA, "version": VERSION, "part": _plain(part)}
    path.write_text(json.dumps(stored, ensure_ascii=False, allow_nan=False), "utf-8")


def read_part(path: Path) -> Laid:
    """Read what `write_part` wrote: an equal part. A DataError where the file is of another version."""
    stored = json.loads(path.read_text("utf-8"))
    if (stored.get("schema"), stored.get("version")) != (SCHEMA, VERSION):
        raise DataError(f"{path.name} is no part of version {VERSION}.", path=str(path))
    found = _built(stored["part"])
    if not isinstance(found, Output):
        raise DataError(f"{path.name} holds no output.", path=str(path))
    return cast(Laid, found)


def _plain(value: object) -> object:
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {FLOAT: str(value)}
    if isinstance(value, (tuple, list)):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {PAIRS: [[_plain(k), _plain(v)] for k, v in value.items()]}
    if dataclasses.is_dataclass(value) and type(value).__module__.startswith(HERE):
        kind: type = type(value)
        name = f"{kind.__module__.removeprefix(HERE)}.{kind.__qualname__}"
        told = ((f, getattr(value, f), default) for f, default in _fields(kind).items())
        return {KIND: name, **{f: _plain(v) for f, v, default in told if not _same(v, default)}}
    raise TypeError(f"{type(value).__name__} has no place in a part that is stored")


def _same(value: object, default: object) -> bool:
    return type(value) is type(default) and value == default


@cache
def _fields(kind: type) -> dict[str, object]:
    """The fields of a dataclass with their defaults; one without is never at it."""
    found: dict[str, object] = {}
    for one in dataclasses.fields(cast(Any, kind)):
        made = one.default_factory is not dataclasses.MISSING
        found[one.name] = cast(Any, one.default_factory)() if made else one.default
    return found


def _built(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_built(v) for v in value)
    if not isinstance(value, dict):
        return value
    if FLOAT in value:
        return float(value[FLOAT])
    if PAIRS in value:
        return {_built(k): _built(v) for k, v in value[PAIRS]}
    kind = _kind(value[KIND])
    return kind(**{name: _built(inner) for name, inner in value.items() if name != KIND})


@cache
def _kind(name: str) -> Any:
    """The dataclass of this package that a stored part names."""
    module, _, own = name.rpartition(".")
    found = getattr(importlib.import_module(HERE + module), own, None)
    if not (isinstance(found, type) and dataclasses.is_dataclass(found)):
        raise DataError(f"A stored part names {name}, and there is no such kind.")
    return found
