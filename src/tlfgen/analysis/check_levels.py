"""Levels of columns and rows against all that a variable can be, where the specs know it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tlfgen.analysis.columns import check_apart
from tlfgen.analysis.source import SUBJECTS
from tlfgen.engine.kinds import Kinds
from tlfgen.errors import Place, SpecError, unknown
from tlfgen.spec.analysis import AnalysisSpec
from tlfgen.spec.output import ListingSpec, OutputSpec, RowSpec, TableSpec, with_panels


def check_levels(outputs: Mapping[str, OutputSpec | AnalysisSpec], kinds: Kinds) -> None:
    """Check the levels of every output.

    First case that applies to a variable whose values are closed (a codelist, the arms, the visits):
      1. a level or a value of a group that it cannot have   an error with the nearest
      2. a value that it can have and no column shows        an error, unless the output's condition is on it
      3. two columns of one name                             an error
      4. otherwise                                           fine
    Of rows only the first: other values than those of `levels` stand below them.
    """
    for output in with_panels(outputs.values()):
        if isinstance(output, ListingSpec):
            continue
        columns = output.columns
        name = columns.of or columns.by
        listed = [*columns.levels, *(v for values in columns.groups.values() for v in values)]
        if name and listed:
            at = columns.at_key("levels" if columns.levels else "groups")
            values = _closed(output, name, kinds)
            _check_known(name, listed, values, at)
            named = output.condition.columns if output.condition else ()
            if columns.levels and name not in named and name.removeprefix(f"{SUBJECTS}.") not in named:
                _check_whole(name, listed, values, at)
        if name:
            beside = [n for n in (columns.missing, *columns.groups, columns.total) if n]
            check_apart([*(columns.levels or _closed(output, name, kinds) or ()), *beside], columns)
        for row in output.rows if isinstance(output, TableSpec) else ():
            for level in row.by if isinstance(row, RowSpec) else ():
                if level.levels:
                    values = _closed(output, level.name, kinds)
                    _check_known(level.name, level.levels, values, level.at_key("levels"))


def _closed(output: OutputSpec | AnalysisSpec, name: str, kinds: Kinds) -> tuple[str, ...] | None:
    """All values of a variable of an output's records; None where data decide."""
    kind = kinds.kind(output.from_, name)
    return kind.values if kind.type or "." in name else kinds.kind(SUBJECTS, name).values


def _check_known(name: str, listed: Iterable[str], values: tuple[str, ...] | None, at: Place) -> None:
    for value in listed if values is not None else ():
        if value not in (values or ()):
            raise unknown(f"{name}: the value", value, values or (), at)


def _check_whole(name: str, listed: Iterable[str], values: tuple[str, ...] | None, at: Place) -> None:
    left = [v for v in values or () if v not in set(listed)]
    if left:
        several = "has no column" if len(left) == 1 else "have no column"
        raise SpecError(
            f"columns: {name} can also be {', '.join(left)}, which {several}.",
            place=at,
            hint="List each under levels or in a group, or rule it out in the output's where.",
        )
