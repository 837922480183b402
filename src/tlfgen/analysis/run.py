"""All analyses of one output: from the datasets to the table of results."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import polars.selectors as cs

from tlfgen.analysis.analyse import analysed
from tlfgen.analysis.asked import Asked
from tlfgen.analysis.compare import chosen, compared_counts, compared_means, comparison_statistics
from tlfgen.analysis.count import count_rows, count_statistics, outranked
from tlfgen.analysis.decimals import collected_decimals
from tlfgen.analysis.elsewhere import results_elsewhere
from tlfgen.analysis.levels import grid_of, with_levels
from tlfgen.analysis.long import to_long
from tlfgen.analysis.pages import pages_of, with_page, without_judged_elsewhere
from tlfgen.analysis.pairs import Pair, pairs_of
from tlfgen.analysis.planned import PlannedComparison, planned_columns
from tlfgen.analysis.population import population_rows
from tlfgen.analysis.prepare import (
    MISSING,
    OUTRANKED,
    REPEATED,
    Prepared,
    analysis_of,
    decimals_rows,
    note,
    prepare,
    unjudged_rows,
    without_level,
)
from tlfgen.analysis.source import SUBJECT
from tlfgen.analysis.subgroups import analysed_by_subgroup
from tlfgen.analysis.summarise import repeated, summarise_rows, summary_statistics
from tlfgen.analysis.table import PAIR, result_name, stack
from tlfgen.analysis.without_value import missing_rows, missing_statistics, with_missing_subjects
from tlfgen.errors import SpecError
from tlfgen.spec.analysis import AnalysisSpec, ElsewhereAnalysisSpec, OwnAnalysisSpec
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.output import ListingSpec, OutputSpec, RowSpec, TableSpec

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset
    from tlfgen.spec.study import StudySpec


NOTHING_MORE = Asked()


def run_analysis(
    output: OutputSpec | AnalysisSpec,
    data: Mapping[str, Dataset],
    study: StudySpec,
    asked: Asked = NOTHING_MORE,
    folder: Path = Path(),
) -> pl.DataFrame:
    """Compute the results of an output, or of an analysis on its own with all that it gives: a frame
    with the columns ARD.

    asked: the statistics of analyses that texts and claims name, beside those that cells print. folder: the
    study's, in which results that were made elsewhere lie.

    A result that cannot be computed is a row with a null and its reason. A SpecError names a dataset,
    variable, column or method that is not there, with file and line.
    """
    if isinstance(output, AnalysisSpec):
        return _named_once(_alone(output, prepare(output, data, study), folder), output)
    if output.page_by:
        return _by_page(output, data, study, asked)
    prepared = prepare(output, data, study)
    spec = None if isinstance(output, ListingSpec) else output.columns
    parts = [
        population_rows(output.output, prepared.columns, prepared.source, prepared.sizes, output.where, spec)
    ]
    if isinstance(output, TableSpec):
        for row in output.rows:
            if isinstance(row, RowSpec) and not row.analysis:
                if row.do:
                    parts += analysed(prepared, row, asked)
                else:
                    parts += counts(prepared, row) if row.count else summaries(prepared, row)
    elif isinstance(output, FigureSpec):
        parts += _figure(output, prepared)
    return _named_once(stack(parts), output)


def _alone(analysis: AnalysisSpec, prepared: Prepared, folder: Path) -> pl.DataFrame:
    """The results of an analysis on its own, read from a file or made here, with those of its subgroups."""
    if isinstance(analysis, ElsewhereAnalysisSpec):
        return results_elsewhere(analysis, prepared, folder)
    assert isinstance(analysis, OwnAnalysisSpec)
    own = analysed(prepared, analysis.row, Asked(everything=True))
    return stack([*own, *analysed_by_subgroup(prepared, analysis.subgroup_row, analysis.subgroups)])


def _figure(output: FigureSpec, prepared: Prepared) -> Iterator[pl.DataFrame]:
    """The results of a figure, by its shape; of panels those of each, named `output.a`, `output.b`, ...

    A shape without a module here has only its columns' N."""
    panels = [p for p in output.figures() if p is not output]
    for panel in panels:
        own = run_analysis(panel, prepared.data, prepared.source.study)
        yield own.with_columns(pl.lit(output.output).alias("output"))
    name = f"tlfgen.analysis.figure_{output.shape}"
    if not panels and importlib.util.find_spec(name):
        yield from importlib.import_module(name).analyse(prepared)


def _by_page(output: OutputSpec, data: Mapping[str, Dataset], study: StudySpec, asked: Asked) -> pl.DataFrame:
    """The results of each page; of the output as a whole, where no record has a page."""
    pages, left = pages_of(output, data, study)
    each = ((groups, run_analysis(page, data, study, asked)) for groups, page in pages)
    found = [with_page(without_judged_elsewhere(output, own), groups) for groups, own in each]
    whole = found or [run_analysis(output.narrowed(output.where), data, study, asked)]
    return _named_once(stack([*whole, left]), output)


def _named_once(ard: pl.DataFrame, output: OutputSpec | AnalysisSpec) -> pl.DataFrame:
    """The results, each with a name of its own; a SpecError where one would stand for another."""
    names = cs.by_name("analysis", "statistic") | cs.matches(PAIR)
    twice = ard.filter(pl.struct(names).is_duplicated())
    if twice.height:
        raise SpecError(
            f"Two results are called '{result_name(twice.row(0, named=True))}'.",
            place=output.at,
            hint="Two labels, levels or texts of this output are alike; give each its own.",
        )
    return ard


def counts(prepared: Prepared, row: RowSpec) -> Iterator[pl.DataFrame]:
    """The results of a row entry that counts: n, pct, events, P values, and the records without a level."""
    table, source = prepared.output, prepared.source
    variable = SUBJECT if row.count == "subjects" else ""
    analysis = analysis_of(prepared, row.id, variable, row.by, row)
    counted = count_rows(row, table, source, prepared.columns, prepared.sizes)
    if row.by:
        counted = with_missing_subjects(counted, row, prepared)
    yield to_long(counted, analysis, count_statistics(row, source, worst=table.columns.worst))
    for one, pairs in _comparisons(prepared, row):
        wide = compared_counts(counted, one, pairs)
        of = replace(analysis, columns=tuple(p.column for p in pairs))
        yield to_long(wide, of, comparison_statistics(one, pairs))
    if row.hides_missing:
        yield note(analysis, MISSING, without_level(source, row))
    named = row.by[-1].missing if row.worst else table.columns.worst and table.columns.missing
    if named and (unknown_rank := outranked(row, table, source, prepared.columns)):
        yield note(analysis, OUTRANKED, unknown_rank)
    yield unjudged_rows(prepared, row)


def _comparisons(prepared: Prepared, row: RowSpec) -> Iterator[tuple[PlannedComparison, list[Pair]]]:
    """The comparisons of the table that are for a row, with their pairs of columns."""
    table = prepared.output
    for spec in table.compare:
        for one in chosen(planned_columns(spec), row):
            yield one, pairs_of(spec, table.columns, prepared.columns)


def summaries(prepared: Prepared, row: RowSpec) -> Iterator[pl.DataFrame]:
    """The results of a row entry that summarises, for each of its variables."""
    source = prepared.source
    records = source.rows(row.denominator_condition, source.rows(row.condition))
    records = with_levels(records, row, source)
    grid = grid_of(records, row, source, prepared.columns)
    for variable in row.summarise:
        bare = variable.removeprefix("ADSL.")
        name = f"{row.id}.{bare}" if len(row.summarise) > 1 else row.id
        analysis = analysis_of(prepared, name, bare, row.by, row)
        wide = summarise_rows(variable, records, grid, prepared.columns, source, row.at)
        yield to_long(wide, analysis, summary_statistics(source.study))
        if not source.names_no_subject:
            without = missing_rows(variable, records, grid, prepared, row)
            yield to_long(without, analysis, missing_statistics())
        for one, pairs in _comparisons(prepared, row):
            found = compared_means(variable, records, grid, one, pairs, prepared.columns, source)
            of = replace(analysis, columns=tuple(p.column for p in pairs))
            yield to_long(found, of, comparison_statistics(one, pairs))
        yield decimals_rows(analysis, collected_decimals(variable, records, row, source), row)
        yield note(analysis, REPEATED, repeated(variable, records, len(row.by), prepared.columns, source))
    if row.hides_missing:
        analysis = analysis_of(prepared, row.id, row.summarise[0], row.by, row)
        yield note(analysis, MISSING, without_level(source, row))
    yield unjudged_rows(prepared, row)
