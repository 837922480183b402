"""The constants of made records typed before data: what `set` says, and the type of the variable."""

from __future__ import annotations

import datetime

from tlfgen.engine.kinds import Kinds
from tlfgen.errors import SpecError
from tlfgen.spec.specs import Specs

SAYS = {"integer": "a whole number", "float": "a number", "date": "a date, as 2024-04-01",
        "datetime": "a date with a time, as 2024-04-01T09:30:00"}  # fmt: skip


def check_constants(specs: Specs, kinds: Kinds) -> None:
    """Check every `set` of records; a constant that its variable cannot hold is a SpecError."""
    for spec in (*specs.domains.values(), *specs.datasets.values()):
        for record in spec.records:
            for name, text in record.set.items():
                type_ = kinds.kind(spec.name, name).type
                if not _holds(type_, text):
                    says = f"{name} is {SAYS[type_]}, and `set` gives it '{text}'."
                    raise SpecError(says, place=record.at_key("set"), hint="Correct the constant.")


def _holds(type_: str, text: str) -> bool:
    try:
        match type_:
            case "integer":
                int(text)
            case "float":
                float(text)
            case "date":
                datetime.date.fromisoformat(text)
            case "datetime":
                datetime.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
