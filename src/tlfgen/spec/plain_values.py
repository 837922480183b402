"""Values of the program as plain ones: texts, numbers, lists and mappings, for templates."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence

from pydantic import BaseModel


def plain_value(value: object) -> object:
    """A value without any object of the program in it; a TypeError is a fault of tlfgen.

    First case that applies:
      1. a text, a number, a yes or no, nothing    as it is
      2. a date                                    its ISO 8601 text
      3. a mapping, a list                         the same of plain values
      4. a spec, a part                            a mapping of its fields, by the names that YAML has

    >>> plain_value({"day": datetime.date(2025, 3, 31), "of": (1, "a")})
    {'day': '2025-03-31', 'of': [1, 'a']}
    """
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): plain_value(v) for k, v in value.items()}
    if isinstance(value, Sequence):
        return [plain_value(v) for v in value]
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return {f.alias or n: plain_value(getattr(value, n)) for n, f in fields.items()}
    if dataclasses.is_dataclass(value):
        return {f.name: plain_value(getattr(value, f.name)) for f in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} is no plain value")
