"""Every name that an output mentions, with where it stands: for joins, and for checks before data is read."""

from __future__ import annotations

import pkgutil
import string
from collections.abc import Iterator

import tlfgen.ard
from tlfgen.ard.analysis import find_analysis
from tlfgen.errors import Place, SpecError
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.output import ListingSpec, OutputSpec, RowSpec, TableSpec


def names_of(output: OutputSpec) -> list[tuple[str, Place]]:
    """(variable, place) of everything that an output reads of its records."""
    found: list[tuple[str, Place]] = []
    if output.condition:
        found += [(n, output.at_key("where")) for n in output.condition.columns]
    if isinstance(output, TableSpec):
        found += [(n, output.columns.at) for n in (output.columns.by, output.columns.of) if n]
        found += [(n, output.columns.at) for n in output.columns.spans.values()]
        found += [(f"ADSL.{flag}", output.columns.at) for flag in output.columns.sets]
        for row in output.rows:
            if isinstance(row, RowSpec):
                found += _row_names(row)
    elif isinstance(output, FigureSpec):
        found += [(n, output.columns.at) for n in (output.columns.by, output.columns.of) if n]
        found += output.named()
    elif isinstance(output, ListingSpec):
        found += [(n.removeprefix("-"), output.at_key("order")) for n in output.order]
        for column in output.columns:
            found += [(n, column.at) for n in (*column.name, *tokens(column.cell or "", column.at))]
    return found


def _row_names(row: RowSpec) -> Iterator[tuple[str, Place]]:
    names = [*row.by, *row.summarise, *([row.worst] if row.worst else [])]
    for condition in (row.condition, row.denominator_condition):
        names += condition.columns if condition else ()
    yield from ((n, row.at) for n in names)
    if row.analyse:
        rule = find_analysis(row.analyse, row.at_key("analyse"))
        yield from ((n, row.at_key(p)) for p, n in rule.names(rule.read(row.params, row.at)))


def tokens(form: str, at: Place) -> list[str]:
    """The names in the braces of a format; a SpecError where it cannot be read."""
    try:
        return [name for _, name, _, _ in string.Formatter().parse(form) if name is not None]
    except ValueError as error:
        raise SpecError(f"The format '{form}' cannot be read: {error}.", place=at) from None


def shapes() -> tuple[str, ...]:
    """The figures that there are: the modules `figure_<shape>`."""
    found = (m.name for m in pkgutil.iter_modules(tlfgen.ard.__path__))
    return tuple(sorted(n.removeprefix("figure_") for n in found if n.startswith("figure_")))
