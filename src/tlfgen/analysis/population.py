"""The N of each column, and what the records of an output leave out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from tlfgen.analysis.columns import Column
from tlfgen.analysis.source import EVERYTHING, NUMBER, SUBJECT, SUBJECTS, Source
from tlfgen.analysis.table import both, pairs, rows, stack
from tlfgen.analysis.unseen import unseen
from tlfgen.spec.shell import ColumnsSpec

POPULATION = "population"  # the name of the analysis: `output.population`
SIZE, RECORDS, OUTSIDE = "N", "records", "outside"


NARROWED = "narrowed"


def sizes_of(
    columns: Sequence[Column], subjects: pl.DataFrame | None, records: pl.DataFrame | None = None
) -> list[int | None]:
    """The N of each column, from ADSL; null in the population "all". subjects: with the columns' texts.

    records: where N is of the subjects with a record, the records.
    """
    if subjects is None:
        return [None] * len(columns)
    if records is not None:
        return [records.filter(c.by_mask)[NUMBER].drop_nulls().n_unique() for c in columns]
    return [subjects.filter(c.by_mask).height for c in columns]


def population_rows(
    output: str,
    columns: Sequence[Column],
    source: Source,
    sizes: Sequence[int | None],
    output_where: str | None,
    spec: ColumnsSpec | None = None,
) -> pl.DataFrame:
    """The results of `output.population`: N of each column, the records there are, and those in no column.

    N and its condition are of ADSL, with `n: records` of the records; `narrowed` are the subjects of whom the
    output is, where its condition is about subjects; `records` are those that meet that condition, in the
    population; `outside` are the subjects (with `of`: the records) that no column holds, the total counting
    as one. What else is left out is that of `unseen`.
    """
    shared = {"output": output, "analysis": f"{output}.{POPULATION}", "population": source.population}
    of_records, where = bool(spec and spec.n == "records"), both(output_where)
    found: list[dict[str, Any]] = []
    for column, size in zip(columns, sizes, strict=True):
        reason = "no population" if size is None else None
        row = shared | {"variable": SUBJECT, "statistic": SIZE, "stat_num": size, "reason": reason}
        whose = (source.dataset, where) if of_records else (SUBJECTS, source.narrowed)
        row |= {"method": "count", "shown": "count", "dataset": whose[0]}
        row |= {"where": both(whose[1], column.by.where if column.by else "")}
        found.append(row | pairs(column.groups))
    about = shared | {"method": "count", "shown": "count", "dataset": source.dataset, "where": where}
    records = about | {"statistic": RECORDS, "stat_num": source.frame.height}
    outside = about | {"statistic": OUTSIDE, "stat_num": _outside(columns, source)}
    left = [about | row for row in unseen(columns, source, tuple(spec.sets) if spec else (), where)]
    if source.narrowed and source.subjects is not None:
        own: dict[str, Any] = {
            "statistic": NARROWED,
            "stat_num": source.subjects.height,
            "where": source.narrowed,
        }
        left.append(about | {"dataset": SUBJECTS} | own)
    return rows([*found, records, outside, *left])


def _outside(columns: Sequence[Column], source: Source) -> int:
    if not columns:
        return 0
    held = pl.any_horizontal(pl.lit(False), *(c.mask for c in columns))
    left = source.frame.filter(~held)
    by_subject = columns[0].of is None and not source.names_no_subject
    return left[NUMBER].drop_nulls().n_unique() if by_subject else left.height


def check_big_n(ards: Iterable[pl.DataFrame]) -> list[str]:
    """Say where the N of one population and one column differs between outputs; empty where they agree."""
    sizes = stack(a.filter((pl.col("statistic") == SIZE) & pl.col("stat_num").is_not_null()) for a in ards)
    problems = []
    keys = ["population", "where"]
    for (population, where), own in sizes.group_by(keys, maintain_order=True):
        if population == EVERYTHING or own["stat_num"].n_unique() == 1:
            continue
        by_size = own.group_by("stat_num").agg(pl.col("output").unique().sort()).sort("stat_num")
        said = "; ".join(f"{n:.0f} in {', '.join(outputs)}" for n, outputs in by_size.iter_rows())
        problems.append(f"The N of {population}{f' where {where}' if where else ''} differs: {said}.")
    return problems
