"""One output's analyses, whole: from the datasets to the table of results."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from tlfgen.ard.columns import Column, columns_of, with_texts
from tlfgen.ard.compare import compare_rows, compare_statistics
from tlfgen.ard.count import count_rows, count_statistics
from tlfgen.ard.decimals import collected_decimals, parameter_keys
from tlfgen.ard.levels import grid_of, key, keys, with_levels
from tlfgen.ard.long import Analysis, complete, to_long
from tlfgen.ard.names import names_of, shapes
from tlfgen.ard.population import population_rows, sizes_of
from tlfgen.ard.source import NUMBER, Source, open_source
from tlfgen.ard.summarise import repeated, summarise_rows, summary_statistics
from tlfgen.ard.table import GROUPS, LEVELS, both, rows
from tlfgen.errors import unknown
from tlfgen.spec.output import ColumnsSpec, FigureSpec, ListingSpec, OutputSpec, RowSpec, TableSpec

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset
    from tlfgen.spec.study import StudySpec

MISSING, REPEATED, DECIMALS = "missing", "repeated", "decimals"


@dataclass(frozen=True)
class Prepared:
    """An output ready for its analyses: the records with the columns' texts, the columns and their N."""

    output: Any
    source: Source
    columns: tuple[Column, ...]
    sizes: list[int | None]


def run_analysis(
    output: OutputSpec, data: Mapping[str, Dataset], study: StudySpec
) -> pl.DataFrame:
    """Compute every result of an output: a frame with the columns ARD.

    A result that cannot be computed is a row with a null and its reason. A SpecError names a dataset, variable,
    column or method that is not there, with file and line.
    """
    prepared = prepare(output, data, study)
    parts = [population_rows(output.output, prepared.columns, prepared.source, prepared.sizes, output.where)]
    if isinstance(output, TableSpec):
        for row in output.rows:
            if isinstance(row, RowSpec):
                parts += counts(prepared, row) if row.count else summaries(prepared, row)
    elif isinstance(output, FigureSpec):
        if output.shape not in shapes():
            raise unknown("The figure", output.shape, shapes(), output.at)
        module = importlib.import_module(f"tlfgen.ard.figure_{output.shape}")
        parts += module.analyse(prepared)
    return pl.concat(parts)


def prepare(output: OutputSpec, data: Mapping[str, Dataset], study: StudySpec) -> Prepared:
    """Open an output's records and lay out its columns."""
    source = open_source(
        name=output.from_, population=output.population, condition=output.condition,
        names=[n for n, _ in names_of(output)], data=data, study=study, at=output.at,
    )  # fmt: skip
    spec = ColumnsSpec() if isinstance(output, ListingSpec) else output.columns
    columns = () if isinstance(output, ListingSpec) else columns_of(spec, source)
    subjects = None if source.subjects is None else _with_subject_texts(source.subjects, columns)
    source = replace(source, frame=with_texts(source.frame, columns, source))
    return Prepared(output, source, columns, sizes_of(columns, source, subjects))


def _with_subject_texts(subjects: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    from tlfgen.ard.source import text_of

    variables = dict.fromkeys(c.by.variable for c in columns if c.by)
    return subjects.with_columns(
        text_of(subjects, v.removeprefix("ADSL.")).alias(f"#text:{v}") for v in variables
    )


def analysis_of(
    prepared: Prepared, name: str, variable: str, by: Sequence[str], row: RowSpec | None = None
) -> Analysis:
    """What the rows of one analysis share; `name` without the output's."""
    output = prepared.output
    where = both(output.where, row.where if row else None, row.denominator if row and row.summarise else None)
    return Analysis(
        output.output, f"{output.output}.{name}", variable, prepared.source, prepared.columns, by, where,
        row.missing if row else None, row.at if row else output.at,
    )  # fmt: skip


def counts(prepared: Prepared, row: RowSpec) -> Iterator[pl.DataFrame]:
    """The results of a row entry that counts: n, pct, events, P values, and the records without a level."""
    table, source = prepared.output, prepared.source
    variable = "USUBJID" if row.count == "subjects" else ""
    analysis = analysis_of(prepared, row.id, variable, row.by, row)
    counted = count_rows(row, table, source, prepared.columns, prepared.sizes)
    yield to_long(counted, analysis, count_statistics(row, source))
    if table.compare and row.count == "subjects":
        compared = compare_rows(counted, table.compare, table.columns, prepared.columns)
        yield to_long(compared, analysis, compare_statistics(table.compare))
    if row.by and not row.missing:
        yield _note(analysis, MISSING, _without_level(source, row))


def summaries(prepared: Prepared, row: RowSpec) -> Iterator[pl.DataFrame]:
    """The results of a row entry that summarises, for each of its variables."""
    source = prepared.source
    records = source.rows(row.denominator_condition, source.rows(row.condition))
    records = with_levels(records, row, source)
    grid = grid_of(records, row, source, prepared.columns)
    for variable in row.summarise:
        several = len(row.summarise) > 1
        bare = variable.removeprefix("ADSL.")
        name = f"{row.id}.{bare}" if several else row.id
        analysis = analysis_of(prepared, name, bare, row.by, row)
        wide = summarise_rows(variable, records, grid, prepared.columns, source, row.at)
        yield to_long(wide, analysis, summary_statistics(source.study))
        yield _decimals(analysis, collected_decimals(variable, records, row, source), row)
        yield _note(analysis, REPEATED, repeated(variable, records, len(row.by), source))
    if row.by and not row.missing:
        analysis = analysis_of(prepared, row.id, row.summarise[0], row.by, row)
        yield _note(analysis, MISSING, _without_level(source, row))


def _without_level(source: Source, row: RowSpec) -> int:
    """Subjects (records, where events are counted) that stand in no line because a `by` variable is null."""
    records = with_levels(source.rows(row.condition), row, source)
    left = records.filter(pl.any_horizontal(pl.col(k).is_null() for k in keys(len(row.by))))
    if row.count == "events" or source.names_no_subject:
        return left.height
    return left[NUMBER].drop_nulls().n_unique()


def _note(analysis: Analysis, statistic: str, number: int) -> pl.DataFrame:
    found = rows([{"statistic": statistic, "stat_num": float(number), "method": "count", "where": analysis.where}])
    return complete(found.drop("output", "analysis", "variable", "dataset", "population"), analysis)


def _decimals(analysis: Analysis, found: pl.DataFrame, row: RowSpec) -> pl.DataFrame:
    """The collected decimals as results, by parameter where the lines are."""
    method = "collected" if row.decimals == "collected" else "as specified"
    at = parameter_keys(row.by)
    renamed = found.select(
        pl.col("decimals").alias("stat_num"),
        pl.lit(DECIMALS).alias("statistic"), pl.lit(method).alias("method"), pl.lit(analysis.where).alias("where"),
        *(pl.lit(row.by[i]).alias(GROUPS[n]) for n, i in enumerate(at)),
        *(pl.col(key(i)).alias(LEVELS[n]) for n, i in enumerate(at)),
    )  # fmt: skip
    return complete(renamed, analysis)
