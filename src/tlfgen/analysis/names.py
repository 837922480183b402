"""Every name that an output mentions, with where it stands: for joins, and for checks before data is read."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

from tlfgen.analysis.planned import planned
from tlfgen.errors import Place, SpecError
from tlfgen.spec.analysis import AnalysisSpec, entry_of, subgroups_of
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.figure_forest import ForestSpec
from tlfgen.spec.figure_kaplan_meier import KaplanMeierSpec
from tlfgen.spec.marks import IN_FORMAT
from tlfgen.spec.output import ListingSpec, OutputSpec, RowSpec, TableSpec

_PLACEHOLDER = re.compile(r"(?<![A-Za-z0-9])([Xx]+(\.[Xx]+)?|#+(\.#+)?)(?![A-Za-z0-9])|%[-+0-9.]*[dfgs]\b")


def names_of(output: OutputSpec | AnalysisSpec) -> list[tuple[str, Place]]:
    """(variable, place) of everything that an output reads of its records."""
    found = [(n, output.at_key("page_by")) for n in output.page_by]
    if output.condition:
        found += [(n, output.at_key("where")) for n in output.condition.columns]
    if isinstance(output, TableSpec):
        found += [(n, output.columns.at) for n in (output.columns.by, output.columns.of) if n]
        found += [(n, output.columns.at) for n in output.columns.spans.values()]
        found += [(f"ADSL.{flag}", output.columns.at) for flag in output.columns.sets]
        for row in output.rows:
            if isinstance(row, RowSpec) and not row.analysis:
                found += _row_names(row)
    elif isinstance(output, AnalysisSpec):
        found += [(n, output.columns.at) for n in (output.columns.by,) if n]
        found += [(f"ADSL.{flag}", output.columns.at) for flag in output.columns.sets]
        found += [(s.by, s.at_key("by")) for s in subgroups_of(output)]
        found += _row_names(output.row)
    elif isinstance(output, FigureSpec):
        found += [(n, output.columns.at) for n in (output.columns.by, output.columns.of) if n]
        found += output.named()
        if isinstance(output, KaplanMeierSpec | ForestSpec) and output.analysis is None:
            entry = entry_of("summary", output, output.params)
            found += planned(entry).names(entry)
    elif isinstance(output, ListingSpec):
        found += [(n.removeprefix("-"), output.at_key("order")) for n in output.order]
        for column in output.columns:
            found += [(n, column.at) for n in (*column.name, *tokens(column.cell or "", column.at))]
    return found


def _row_names(row: RowSpec) -> Iterator[tuple[str, Place]]:
    names = [*row.by_names, *row.summarise, *([row.worst] if row.worst else [])]
    for condition in (row.condition, row.denominator_condition):
        names += condition.columns if condition else ()
    yield from ((n, row.at) for n in names)
    if row.do:
        yield from planned(row).names(row)


def tokens(form: str, at: Place) -> list[str]:
    """The names in the braces of a format, but the marks of footnotes.

    A SpecError says what of it would be printed as it stands and was meant to be filled: an "xx.x" or "##.#",
    what stands behind a name ("{mean:.3f}"), empty or doubled braces.
    """
    try:
        parts = list(string.Formatter().parse(form))
    except ValueError as error:
        raise SpecError(f"The format '{form}' cannot be read: {error}.", place=at) from None
    for literal, name, spec, conversion in parts:
        placeholder = _PLACEHOLDER.search(literal)
        if placeholder:
            raise SpecError(
                f"The format '{form}' would print '{placeholder[0]}' as it stands.",
                place=at,
                hint="Write a name in braces, {mean}; decimals are those of the data or the entry's own.",
            )
        if "{" in literal or "}" in literal:
            raise SpecError(f"The format '{form}' has doubled braces.", place=at, hint="Write them once.")
        if spec or conversion:
            rest = f"!{conversion}" if conversion else f":{spec}"
            raise SpecError(
                f"The format '{form}' has '{rest}' behind {name}, which is not read.",
                place=at,
                hint=f"Write {{{name}}}; decimals are those of the data or the entry's own.",
            )
        if name is not None and not name.strip(f" {IN_FORMAT}"):
            raise SpecError(f"The format '{form}' has empty braces.", place=at)
    return [name for _, name, _, _ in parts if name is not None and not name.startswith(IN_FORMAT)]
