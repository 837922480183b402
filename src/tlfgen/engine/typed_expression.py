"""Expressions typed before data: what they name against what takes it, what they give against what holds
it."""

from __future__ import annotations

from tlfgen.engine.compute import check_fits
from tlfgen.engine.kinds import Kinds


def check_expressions(kinds: Kinds) -> None:
    """Check every `compute:`; the first thing wrong is a SpecError with file and line."""
    for owner, entries in kinds.entries.items():
        for name, entry in entries.items():
            if entry.expression is not None and name == entry.name:
                given = entry.expression.check(kinds.type_of_column(owner, name))
                check_fits(entry, kinds.kind(owner, name).type, given)
