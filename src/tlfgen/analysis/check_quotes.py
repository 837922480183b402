"""Checks of the results, outputs and sets that texts name, as far as specs alone can tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tlfgen.analysis.check import COUNTED, SUMMARISED
from tlfgen.analysis.compare import chosen
from tlfgen.analysis.pairs import BETWEEN
from tlfgen.analysis.planned import planned, planned_columns
from tlfgen.analysis.population import POPULATION
from tlfgen.analysis.source import SUBJECTS
from tlfgen.analysis.table import parse_name
from tlfgen.engine.plan import Schema
from tlfgen.errors import Place, SpecError, unknown
from tlfgen.spec.analysis import AnalysisSpec, subgroups_of
from tlfgen.spec.narrative import QUOTING, population_of
from tlfgen.spec.output import ListingSpec, OutputSpec, RowSpec, TableSpec
from tlfgen.spec.specs import Specs
from tlfgen.spec.template import Called


def check_calls(
    calls: Iterable[Called], specs: Specs, schemas: Mapping[str, Schema], shown: str, placed: Collection[str]
) -> None:
    """Check the names that a text calls functions with; the first that cannot be is a SpecError with line.

    placed: the outputs that stand in the report, to which alone a text can refer.
    """
    for call in calls:
        at = Place(shown, call.line)
        if call.function in QUOTING:
            for name in call.texts[: 2 if call.function == "compared" else 1]:
                of = {**specs.outputs, **specs.analyses}
                check_result_name(name, of, at, left_out=call.function == "ranked")
        elif call.function == "N" and call.texts:
            _check_population(call.texts[0], specs, schemas, at)
        elif call.function == "ref" and call.texts:
            output = call.texts[0]
            if output not in specs.outputs:
                raise unknown("The output", output, specs.outputs, at)
            if output not in placed:
                raise SpecError(
                    f"The text refers to '{output}', which stands nowhere in the report.",
                    place=at,
                    hint="Place it in report.yaml, or take the reference out.",
                )


def check_result_name(
    name: str, outputs: Mapping[str, OutputSpec | AnalysisSpec], at: Place, *, left_out: bool = False
) -> None:
    """Check that a result can be there: its output, row, statistic and groups.

    left_out: the name leaves one group out. The levels of groups are for the data to tell, and so is what a
    figure gives.
    """
    try:
        analysis, statistic, groups = parse_name(name)
    except SpecError as error:
        raise SpecError(error.message, place=at, hint=error.hint) from None
    id_, _, entry = analysis.partition(".")
    if id_ not in outputs:
        raise unknown("The output", id_, outputs, at)
    output = outputs[id_]
    if isinstance(output, AnalysisSpec):
        _check_of_analysis(name, output, at)
        return
    if isinstance(output, ListingSpec):
        raise SpecError(f"'{id_}' is a listing and has no results.", place=at)
    if not isinstance(output, TableSpec) or entry == POPULATION:
        return
    rows = {r.id: r for r in output.rows if isinstance(r, RowSpec)}
    row = rows.get(entry.split(".", 1)[0])
    if row is None:
        raise unknown(f"The row of '{id_}'", entry, rows, at)
    _check_entry(entry, row, at)
    statistics = _statistics(row, output)
    if statistic not in statistics:
        raise unknown(f"'{analysis}': the statistic", statistic, statistics, at)
    known = _groups(row, output)
    for group in groups:
        if group not in known:
            raise unknown(f"'{analysis}': the group", group, known, at)
    pages = [n.removeprefix(f"{SUBJECTS}.") for n in output.page_by]
    absent = [g for g in pages if g not in groups]
    if len(absent) > (1 if left_out else 0):
        raise SpecError(f"'{name}' leaves out {absent[0]}, by which the pages are split.", place=at)
    missing = [g for g in known if g not in groups and g in row.by_names]
    if len(missing) > (1 if left_out else 0) and not row.nested:
        raise SpecError(f"'{name}' leaves out {missing[0]}, by which the row is split.", place=at)


def _check_of_analysis(name: str, analysis: AnalysisSpec, at: Place) -> None:
    """A result of an analysis on its own: its statistic, its groups, and a pair where it compares."""
    own, statistic, groups = parse_name(name)
    subgroups = [s.group for s in subgroups_of(analysis)]
    inside = bool(subgroups) and own == f"{analysis.analysis}.subgroups"
    if own != analysis.analysis and not inside:
        raise SpecError(
            f"'{own}' is no analysis: '{analysis.analysis}' has no rows.",
            place=at,
            hint=f"Write {analysis.analysis}.{statistic}[GROUP=level].",
        )
    plan, columns = planned(analysis.row), analysis.columns
    if statistic not in plan.statistics:
        raise unknown(f"'{own}': the statistic", statistic, plan.statistics, at)
    known = [
        *(subgroups if inside else []),
        *([columns.by.removeprefix(f"{SUBJECTS}.")] if columns.by else []),
        *columns.sets,
    ]
    lines = analysis.row.by_names
    for group, level in groups.items():
        if group in lines:
            continue
        if group not in known:
            raise unknown(f"'{own}': the group", group, [*known, *lines], at)
        if plan.compares([statistic]) and BETWEEN not in level and group not in subgroups:
            raise SpecError(
                f"'{statistic}' of '{own}' is of a pair of groups, not of '{level}'.",
                place=at,
                hint=f"Write {own}.{statistic}[{group}={level}{BETWEEN}other].",
            )
    if inside and not set(subgroups) & set(groups):
        raise SpecError(
            f"'{name}' leaves out the subgroup.",
            place=at,
            hint=f"Name the level of {' or '.join(subgroups)}.",
        )


def _check_entry(entry: str, row: RowSpec, at: Place) -> None:
    several = [v.removeprefix(f"{SUBJECTS}.") for v in row.summarise] if len(row.summarise) > 1 else []
    variable = entry.partition(".")[2]
    if several and variable not in several:
        raise unknown(f"The variable of the row '{row.id}'", variable, several, at)
    if variable and not several:
        raise SpecError(f"The row '{row.id}' has no part '{variable}'.", place=at)


def _statistics(row: RowSpec, table: TableSpec) -> tuple[str, ...]:
    if row.analyses:
        return planned(row).statistics
    own = COUNTED[row.count] if row.count else SUMMARISED
    compared = (chosen(planned_columns(spec), row) for spec in table.compare)
    return (*own, *(s for ones in compared for one in ones for s in one.statistics))


def _groups(row: RowSpec, table: TableSpec) -> list[str]:
    columns = table.columns
    named = [n for n in (*table.page_by, columns.by, columns.of, *row.by_names) if n]
    return [*(n.removeprefix(f"{SUBJECTS}.") for n in named), *columns.sets]


def _check_population(name: str, specs: Specs, schemas: Mapping[str, Schema], at: Place) -> None:
    try:
        flag, by, _ = population_of(name)
    except SpecError as error:
        raise SpecError(error.message, place=at, hint=error.hint) from None
    sets = specs.study.analysis_sets
    adsl: Any = schemas.get(SUBJECTS)
    if flag not in sets and not (adsl and adsl.has(flag)):
        raise unknown("The analysis set", flag, sets, at)
    if by and adsl and not adsl.has(by):
        raise adsl.missing(by, at)
