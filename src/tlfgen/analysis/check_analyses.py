"""Checks of the analyses that stand on their own, and of the tables that show them, before data are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlfgen.analysis.check import check_names, check_population
from tlfgen.analysis.check_comparisons import check_compared
from tlfgen.analysis.columns import not_of_subject
from tlfgen.analysis.planned import planned
from tlfgen.analysis.source import EVERYTHING, SUBJECTS
from tlfgen.analysis.subgroups import without_a_set
from tlfgen.engine.plan import Schema
from tlfgen.errors import SpecError
from tlfgen.spec.analysis import AnalysisSpec, subgroups_of
from tlfgen.spec.output import RowSpec, TableSpec
from tlfgen.spec.shell import ColumnsSpec
from tlfgen.spec.study import StudySpec

GROUPING = ("by", "sets", "levels", "total", "groups", "missing", "n")


def check_analyses(
    analyses: Mapping[str, AnalysisSpec], study: StudySpec, schemas: Mapping[str, Schema]
) -> None:
    """Check every analysis; the first thing wrong is a SpecError with file and line."""
    for analysis in analyses.values():
        check_population(analysis, study, schemas)
        check_names(analysis, schemas)
        columns = analysis.columns
        if columns.by and analysis.from_ != SUBJECTS and not columns.by.startswith(f"{SUBJECTS}."):
            raise not_of_subject(columns)
        plan = planned(analysis.row)
        if subgroups_of(analysis) and analysis.population == EVERYTHING:
            raise without_a_set(analysis.at_key("population"))
        if analysis.row.denominator and not plan.rule.sized:
            place = analysis.at_key("denominator")
            raise SpecError(f"'{analysis.analysis}': {plan.rule.name} has no denominator.", place=place)
        known = [*(columns.levels.values() or columns.sets.values() or study.arm_order), *columns.groups]
        labels = [label for label in (*known, columns.total, columns.missing) if label]
        for comparison in plan.comparisons:
            check_compared(comparison.spec, columns, analysis.population, labels)


def check_shown(outputs: Mapping[str, Any], analyses: Mapping[str, AnalysisSpec]) -> None:
    """A table has the population and the columns of the analyses that it shows, and no pages."""
    for table in (o for o in outputs.values() if isinstance(o, TableSpec)):
        for row in table.rows:
            if isinstance(row, RowSpec) and row.analysis:
                _check_row(table, row, analyses[row.analysis])


def _check_row(table: TableSpec, row: RowSpec, analysis: AnalysisSpec) -> None:
    place = row.at_key("analysis")
    if table.page_by:
        raise SpecError(f"row '{row.id}': an analysis on its own has no pages (page_by).", place=place)
    for what, own, other in (
        ("population", table.population, analysis.population),
        ("columns", _said(table.columns), _said(analysis.columns)),
    ):
        if own != other:
            raise SpecError(
                f"row '{row.id}': the {what} of '{analysis.analysis}' {_is(what)} {other}, and "
                f"of this table {own}.",
                place=place,
                hint=f"Show it in a table with its {what}, or write the analysis in place with do:.",
            )


def _is(what: str) -> str:
    return "are" if what == "columns" else "is"


def _said(columns: ColumnsSpec) -> str:
    """Columns as a message names them."""
    given = {k: v for k in GROUPING if (v := getattr(columns, k))}
    return ", ".join(f"{k}: {v}" for k, v in given.items()) or "one of all"
