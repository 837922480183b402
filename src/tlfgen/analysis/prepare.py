"""An output made ready for its analyses, and what the rows of each analysis share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from tlfgen.analysis.columns import Column, columns_of, with_texts
from tlfgen.analysis.decimals import parameter_keys
from tlfgen.analysis.levels import key, keys, with_levels
from tlfgen.analysis.long import Analysis, complete
from tlfgen.analysis.names import names_of
from tlfgen.analysis.population import sizes_of
from tlfgen.analysis.source import NUMBER, SUBJECTS, Source, open_source, text_of
from tlfgen.analysis.table import both, group_at, level_at, rows
from tlfgen.analysis.unjudged import unjudged
from tlfgen.analysis.unseen import not_judged
from tlfgen.spec.analysis import AnalysisSpec
from tlfgen.spec.condition import Condition
from tlfgen.spec.level import LevelSpec
from tlfgen.spec.output import ListingSpec, OutputSpec, RowSpec

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset
    from tlfgen.spec.study import StudySpec

MISSING, REPEATED, DECIMALS, LEFT_OUT = "missing", "repeated", "decimals", "left_out"
OUTRANKED = "outranked"  # records without a rank, of subjects who are counted at that of others


@dataclass(frozen=True)
class Prepared:
    """The records with the columns' texts, the columns and their N (null in the population "all"); data: all
    datasets, for figures that read more than their own; subjects: those of the population, with the texts."""

    output: Any
    source: Source
    columns: tuple[Column, ...]
    sizes: list[int | None]
    data: Mapping[str, Dataset] = field(default_factory=dict, repr=False)
    subjects: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False)


def prepare(output: OutputSpec | AnalysisSpec, data: Mapping[str, Dataset], study: StudySpec) -> Prepared:
    """Open an output's records and lay out its columns."""
    source = open_source(
        name=output.from_, population=output.population, condition=output.condition,
        names=[n for n, _ in names_of(output)], data=data, study=study, at=output.at,
        sets=() if isinstance(output, ListingSpec) else tuple(output.columns.sets),
    )  # fmt: skip
    columns = () if isinstance(output, ListingSpec) else columns_of(output.columns, source)
    subjects = None if source.subjects is None else _with_texts(source.subjects, columns)
    source = replace(source, frame=with_texts(source.frame, columns, source))
    of_records = not isinstance(output, ListingSpec) and output.columns.n == "records"
    sizes = sizes_of(columns, subjects, source.frame if of_records else None)
    everyone = pl.DataFrame() if subjects is None else subjects
    return Prepared(output, source, columns, sizes, data, everyone)


def _with_texts(subjects: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    members = {c.by.variable: c.by for c in columns if c.by}
    return subjects.with_columns(
        text_of(subjects, v.removeprefix(f"{SUBJECTS}.")).alias(m.at) for v, m in members.items()
    )


def analysis_of(
    prepared: Prepared, name: str, variable: str, by: Sequence[LevelSpec], row: RowSpec | None = None
) -> Analysis:
    """What the rows of one analysis share; `name` without the output's."""
    output = prepared.output
    restricted = row.denominator if row is not None and row.summarise else None
    return Analysis(
        output=output.output,
        name=f"{output.output}.{name}" if name else output.output,
        variable=variable,
        source=prepared.source,
        columns=prepared.columns,
        by=tuple(level.name for level in by),
        missing=tuple(level.missing for level in by),
        where=both(output.where, row.where if row else None, restricted),
    )


def note(
    analysis: Analysis, statistic: str, number: int, groups: Mapping[str, str | None] | None = None
) -> pl.DataFrame:
    """A result about the analysis as a whole, or about some `groups` of it."""
    found = {
        "statistic": statistic,
        "stat_num": float(number),
        "method": "count",
        "shown": "count",
        "where": analysis.where,
        **(groups or {}),
    }
    return complete(pl.DataFrame([found]), analysis)


def unjudged_rows(prepared: Prepared, row: RowSpec, *events: Condition) -> pl.DataFrame:
    """What the conditions of a row entry could not judge, by variable, as results of `output.row`.

    events: further conditions, on the records that meet the row's own. Of a row with a denominator only its
    subjects are looked at.
    """
    source, frame = prepared.source, prepared.source.frame
    found = dict(unjudged(row.denominator_condition, source, frame))
    if row.denominator_condition is not None:
        of = source.rows(row.denominator_condition)
        frame = frame.join(of, on=NUMBER, how="semi", maintain_order="left")
    for condition in (row.condition, *events):
        found |= unjudged(condition, source, frame)
        frame = source.rows(condition, frame) if condition is row.condition else frame
    analysis = analysis_of(prepared, row.id, "", row.by, row)
    shared = {"output": analysis.output, "analysis": analysis.name, "population": source.population}
    shared |= {"method": "count", "shown": "count", "dataset": source.dataset}
    return rows(shared | own for own in not_judged(found, analysis.where))


def without_level(source: Source, row: RowSpec) -> int:
    """Records that stand in no line because they have no level of some `by` variable."""
    records = with_levels(source.rows(row.condition), row, source)
    return records.filter(pl.any_horizontal(pl.col(k).is_null() for k in keys(len(row.by)))).height


def decimals_rows(analysis: Analysis, found: pl.DataFrame, row: RowSpec) -> pl.DataFrame:
    """The collected decimals as results, by parameter where the lines are split by it."""
    at = parameter_keys(row.by_names)
    shared = {
        "statistic": DECIMALS,
        "method": "collected" if row.decimals == "collected" else "as specified",
        "shown": "count",
        "where": analysis.where,
    }
    renamed = found.select(
        pl.col("decimals").alias("stat_num"),
        *(pl.col(key(i)).alias(level_at(n)) for n, i in enumerate(at)),
        *(pl.lit(row.by_names[i]).alias(group_at(n)) for n, i in enumerate(at)),
        *(pl.lit(v).alias(k) for k, v in shared.items()),
    )
    return complete(renamed, analysis)
