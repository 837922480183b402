"""Checks of outputs before any data is read: names, formats, methods, columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tlfgen.analysis.check_comparisons import (
    check_column_comparison,
    check_compared,
    check_label,
    check_one_pair,
)
from tlfgen.analysis.columns import not_of_subject
from tlfgen.analysis.figure_forest import check_forest
from tlfgen.analysis.names import names_of, tokens
from tlfgen.analysis.pages import check_files, check_pages
from tlfgen.analysis.planned import planned
from tlfgen.analysis.population import POPULATION
from tlfgen.analysis.source import EVERYTHING, SUBJECTS, about_subjects
from tlfgen.analysis.summarise import STATISTICS
from tlfgen.analysis.table import parse_name
from tlfgen.analysis.without_value import DECLARED
from tlfgen.engine.plan import Schema
from tlfgen.errors import SpecError, unknown
from tlfgen.spec.analysis import AnalysisSpec
from tlfgen.spec.condition_text import conjuncts
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.figure_forest import ForestSpec
from tlfgen.spec.marks import check_marks
from tlfgen.spec.output import OutputSpec, RowSpec, TableSpec
from tlfgen.spec.shell import ColumnsSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.subject_figure import SubjectFigureSpec

SUMMARISED = (*STATISTICS, *DECLARED)
OF_SUBJECTS = ("pct", *DECLARED)
COUNTED = {"subjects": ("n", "pct", "events"), "events": ("events",)}


def check_outputs(outputs: Mapping[str, Any], study: StudySpec, schemas: Mapping[str, Schema]) -> None:
    """Check every output of a study; the first thing wrong is a SpecError with file and line.

    schemas: the names of every dataset, from the checks of the earlier stages.
    """
    numbers: dict[str, str] = {}
    for output in outputs.values():
        if output.number in numbers:
            place = output.at_key("number")
            raise SpecError(f"{output.number} is also the number of '{numbers[output.number]}'.", place=place)
        numbers[output.number] = output.output
        check_output(output, study, schemas)
        for figure in output.figures() if isinstance(output, FigureSpec) else ():
            if isinstance(figure, SubjectFigureSpec):
                _check_same_as(figure, outputs)
    for output in outputs.values():
        if output.split == "file":
            check_files(output, outputs)


def check_output(output: OutputSpec, study: StudySpec, schemas: Mapping[str, Schema]) -> None:
    """Check one output."""
    check_population(output, study, schemas)
    check_names(output, schemas)
    check_marks(output, output.notes)
    check_pages(output)
    if isinstance(output, TableSpec):
        _check_table(output, study)
        _check_n(output, study, schemas)
    elif isinstance(output, FigureSpec):
        _check_figure(output, study)
        for panel in (p for p in output.figures() if p is not output):
            check_output(panel, study, schemas)


def _check_same_as(figure: SubjectFigureSpec, outputs: Mapping[str, Any]) -> None:
    """What a mark is said to be the same as is a result of an output that there is."""
    for mark in figure.marked():
        if mark.same_as:
            of = parse_name(mark.same_as, mark.at_key("same_as"))[0].partition(".")[0]
            if of not in outputs:
                raise unknown("The output", of, outputs, mark.at_key("same_as"))


def check_population(
    output: OutputSpec | AnalysisSpec, study: StudySpec, schemas: Mapping[str, Schema]
) -> None:
    """The dataset and the analysis set are there."""
    if output.from_ not in schemas:
        raise unknown("The dataset", output.from_, schemas, output.at_key("from"))
    sets = [*study.analysis_sets, EVERYTHING]
    if output.population not in sets:
        raise unknown("The analysis set", output.population, sets, output.at_key("population"))


def check_names(output: OutputSpec | AnalysisSpec, schemas: Mapping[str, Schema]) -> None:
    """Every variable that is named is there."""
    if isinstance(output, FigureSpec):
        _check_elsewhere(output, schemas)
    for name, place in names_of(output):
        owner, _, bare = name.rpartition(".")
        if owner not in ("", SUBJECTS):
            raise SpecError(
                f"'{name}' cannot be read here.",
                place=place,
                hint=f"An output reads its own dataset ({output.from_}) and ADSL.",
            )
        schema = schemas[owner or output.from_]
        beside = schemas.get(SUBJECTS)
        if not schema.has(bare) and not (beside is not None and beside.has(bare)):
            raise schema.missing(bare, place)


def _check_elsewhere(figure: FigureSpec, schemas: Mapping[str, Schema]) -> None:
    beside = schemas.get(SUBJECTS)
    for dataset, name, place in figure.elsewhere():
        if dataset not in schemas:
            raise unknown("The dataset", dataset, schemas, place)
        owner, _, bare = name.rpartition(".")
        schema = schemas[owner] if owner == SUBJECTS and beside is not None else schemas[dataset]
        if not schema.has(bare) and not (beside is not None and beside.has(bare)):
            raise schema.missing(bare, place)


def _check_table(table: TableSpec, study: StudySpec) -> None:
    columns = table.columns
    if columns.by and table.from_ != SUBJECTS and not columns.by.startswith(f"{SUBJECTS}."):
        raise not_of_subject(columns)
    if columns.sets:
        _check_sets(columns, study)
    if columns.worst and not columns.of:
        raise SpecError("columns: worst needs of:, the variable of which it is the worst.", place=columns.at)
    plain = columns.levels.values() or columns.sets.values() or study.arm_order
    known = [*plain, *columns.groups, columns.total, columns.missing]
    labels = [label for label in known if label]
    entries = [r for r in table.rows if isinstance(r, RowSpec)]
    for entry in entries:
        _check_row(entry, table, labels)
    if table.statistics == "columns":
        _check_statistics(table, entries)
    ids = [e.id for e in entries]
    for i, entry in enumerate(entries):
        if entry.id in ids[:i] or entry.id == POPULATION:
            raise SpecError(f"The row id '{entry.id}' is taken.", place=entry.at)
    for comparison in table.compare:
        check_column_comparison(comparison, entries)
        check_compared(comparison, columns, table.population, labels)


def _check_statistics(table: TableSpec, entries: Sequence[RowSpec]) -> None:
    """Statistics that are columns are those of every row, by the same labels, in the same order."""
    if table.compare:
        raise SpecError(
            "compare: has no column beside statistics that are columns.", place=table.compare[0].at
        )
    for entry in entries:
        if not entry.summarise or "" in entry.cells:
            raise SpecError(
                f"row '{entry.id}': where statistics are columns, each row summarises and labels its cells.",
                place=entry.at,
                hint="Give counts and analyses a table of their own.",
            )
        if list(entry.cells) != list(entries[0].cells):
            raise SpecError(
                f"row '{entry.id}' has the cells {', '.join(entry.cells)}; the columns are those of row "
                f"'{entries[0].id}': {', '.join(entries[0].cells)}.",
                place=entry.at_key("cells"),
                hint="Where statistics are columns, each row has the same cells in the same order.",
            )


def _check_n(table: TableSpec, study: StudySpec, schemas: Mapping[str, Schema]) -> None:
    """Refuse a header that may name others than its N counts.

    First case that applies to the columns:
      1. no N (population: all), or `n` says what it counts   fine
      2. by a variable, of one, or sets                       fine: their labels are levels
      3. one column, without a label or with that of the set  fine
      4. no condition on records decides who is in the table  fine
      5. otherwise                                            an error
    """
    columns = table.columns
    if columns.n == "records" and (columns.sets or (columns.of and not columns.by)):
        raise SpecError("columns: n: records needs by, or a single column.", place=columns.at_key("n"))
    if table.population == EVERYTHING or columns.n or columns.by or columns.of or columns.sets:
        return
    label = study.analysis_sets[table.population].label
    if columns.total in (None, label) or table.from_ == SUBJECTS or not _chooses_records(table, schemas):
        return
    raise SpecError(
        f"columns: '{columns.total}' would have the N of {table.population}, which is '{label}'.",
        place=columns.at_key("total"),
        hint="Write n: records for the N of the subjects with a record, n: population for that of the set.",
    )


def _chooses_records(table: TableSpec, schemas: Mapping[str, Schema]) -> bool:
    beside = schemas.get(SUBJECTS)
    names = () if beside is None else (*beside.given, *beside.entries)
    condition = table.condition
    if condition is not None and len(about_subjects(condition, names)) < len(conjuncts(condition)):
        return True
    return all(r.where for r in table.rows if isinstance(r, RowSpec))


def _check_sets(columns: ColumnsSpec, study: StudySpec) -> None:
    if columns.by or columns.of:
        raise SpecError("columns: sets stands instead of by and of.", place=columns.at)
    for key in ("levels", "groups", "total", "missing"):
        if getattr(columns, key):
            place = columns.at_key(key)
            raise SpecError(f"columns: with sets there is no {key}; each set is a column.", place=place)
    for flag in columns.sets:
        if flag not in study.analysis_sets:
            raise unknown("The analysis set", flag, study.analysis_sets, columns.at)


def _check_row(row: RowSpec, table: TableSpec, labels: list[str]) -> None:
    columns = table.columns
    known: Iterable[str] = COUNTED[row.count] if row.count else SUMMARISED
    if row.analyses:
        plan = planned(row)
        known = plan.statistics
        if row.denominator and not plan.rule.sized:
            place = row.at_key("denominator")
            raise SpecError(f"row '{row.id}': {plan.rule.name} has no denominator.", place=place)
        for comparison in row.compare:
            check_compared(comparison, columns, table.population, labels)
        check_one_pair(row, plan, columns, labels)
    for label in row.in_:
        check_label(label, columns, labels, row.at_key("in"))
    if row.count == "subjects" and table.from_ == SUBJECTS:
        known = ("n", "pct")  # its records are subjects, not events
    for form in (row.cell, *row.cells.values()):
        for name in tokens(form or "", row.at):
            if name not in known:
                place = row.at_key("cell" if form is row.cell else "cells")
                raise unknown(f"row '{row.id}': the statistic", name, known, place)
            if (
                name in OF_SUBJECTS
                and not row.analyses
                and table.population == EVERYTHING
                and not row.denominator
            ):
                raise SpecError(f"row '{row.id}': {{{name}}} needs an analysis set to be of.", place=row.at)
    if not row.by and row.nested:
        raise SpecError(f"row '{row.id}' is nested, and has no by.", place=row.at)
    _check_missing_of(row, table)
    for sort in (level.sort for level in row.by):
        if sort and sort.in_:
            check_label(sort.in_, columns, labels, sort.at)
    wanted = [v for v in columns.spans.values() if row.summarise and v not in row.summarise]
    if row.summarise and wanted and len(wanted) == len(columns.spans):
        raise SpecError(f"row '{row.id}' summarises none of the columns' spans.", place=row.at)


def _check_missing_of(row: RowSpec, table: TableSpec) -> None:
    """A line of all subjects without a value needs a count of subjects, and the subjects of the columns."""
    wrong = {
        "is of the last variable of by": any(b.missing_of == "subjects" for b in row.by[:-1]),
        "is of a row that counts subjects": row.count != "subjects",
        "needs columns without of": bool(table.columns.of),
        "is of the columns' N, and the row has a denominator": row.denominator is not None,
        "needs an analysis set": table.population == EVERYTHING,
    }
    if any(b.missing_of == "subjects" for b in row.by) and any(wrong.values()):
        said = next(why for why, applies in wrong.items() if applies)
        raise SpecError(f"row '{row.id}': missing_of: subjects {said}.", place=row.at_key("by"))


def _check_figure(figure: FigureSpec, study: StudySpec) -> None:
    if isinstance(figure, ForestSpec):
        check_forest(figure, study)
    for name in getattr(figure, "strips", {}):
        if name not in STATISTICS:
            raise unknown("The statistic", name, STATISTICS, figure.at)
