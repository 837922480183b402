"""The comparisons of a table: in every row of their kind, line by line, each column against one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from tlfgen.analysis.columns import Column
from tlfgen.analysis.comparisons import NO_SUBJECT, ComparisonRule
from tlfgen.analysis.count import DENOMINATOR
from tlfgen.analysis.levels import LINE, Grid, keys
from tlfgen.analysis.long import COLUMN, Statistic
from tlfgen.analysis.pairs import Pair
from tlfgen.analysis.planned import PlannedComparison
from tlfgen.analysis.registry import Compared, Value
from tlfgen.analysis.source import NUMBER, Source
from tlfgen.analysis.table import parameters_text
from tlfgen.errors import SpecError
from tlfgen.spec.output import RowSpec

NO_EVENT = "nothing on either side"
SEVERAL = "a subject has several values"
REASON = "#why"


def kind_of_row(row: RowSpec) -> Compared | None:
    """What the comparisons of a table can be of in a row."""
    return "proportions" if row.count == "subjects" else "means" if row.summarise else None


def compared_counts(counted: pl.DataFrame, planned: PlannedComparison, pairs: Sequence[Pair]) -> pl.DataFrame:
    """Compare the counts of pairs of columns: a wide frame with LINE, COLUMN, the keys and the statistics.

    counted: as `count_rows` has it. Subjects with a record against subjects without one, of the denominators.
    COLUMN is the place of the pair.
    """
    sides = [_pair_of_counts(counted, i, pair) for i, pair in enumerate(pairs)]
    both = pl.concat(sides)
    if both[DENOMINATOR].null_count():
        raise SpecError("A comparison needs an analysis set, for its N.", place=planned.spec.at)
    nothing = (both["n"] == 0) & (both["m"] == 0) & planned.rule.needs_event
    possible = (both["n"] <= both[DENOMINATOR]) & (both["m"] <= both["of"]) & ~nothing
    there = possible.to_numpy()
    given = [both[c].to_numpy()[there] for c in ("n", DENOMINATOR, "m", "of")]
    values = planned.rule.function(*given, **planned.typed)
    for statistic, end in planned.statistics.items():
        whole = np.full(both.height, np.nan)
        whole[there] = values[end]
        both = both.with_columns(pl.Series(statistic, whole).fill_nan(None))
    empty = (both[DENOMINATOR] == 0) | (both["of"] == 0) | ~possible
    why = pl.when(empty).then(pl.lit(NO_SUBJECT)).otherwise(pl.lit(planned.rule.without))
    why = pl.when(nothing).then(pl.lit(NO_EVENT)).otherwise(why)
    return both.with_columns(why.alias(REASON))


def _pair_of_counts(counted: pl.DataFrame, place: int, pair: Pair) -> pl.DataFrame:
    against = counted.filter(pl.col(COLUMN) == pair.against)
    against = against.select(LINE, pl.col("n").alias("m"), pl.col(DENOMINATOR).alias("of"))
    own = counted.filter(pl.col(COLUMN) == pair.each)
    joined = own.join(against, on=LINE, how="left", maintain_order="left")
    return joined.with_columns(pl.lit(place).cast(pl.Int64).alias(COLUMN))


def compared_means(
    variable: str, records: pl.DataFrame, grid: Grid, planned: PlannedComparison, pairs: Sequence[Pair],
    columns: Sequence[Column], source: Source,
) -> pl.DataFrame:  # fmt: skip
    """Compare the values of pairs of columns in each line: a wide frame as `compared_counts` gives it.

    A line in which a subject has several values is not compared: a test takes each subject once.
    """
    column = source.own(variable)
    by = [c for c in grid.frame.columns if c in keys(len(grid.order))]
    valued = records.filter(pl.col(column).is_not_null())
    found: list[dict[str, Any]] = []
    for line in grid.frame.iter_rows(named=True):
        own = valued.filter(pl.all_horizontal(pl.lit(True), *(pl.col(k) == line[k] for k in by)))
        for i, pair in enumerate(pairs):
            sides = [own.filter(columns[c].mask) for c in (pair.each, pair.against)]
            values = _means(sides, column, planned.rule, planned.typed)
            n = sum(side.height for side in sides)
            shared = {LINE: line[LINE], COLUMN: i, DENOMINATOR: n, **{k: line[k] for k in by}}
            shared[REASON] = next((v.reason for v in values.values() if v.reason), None)
            found.append(shared | {s: values[end].value for s, end in planned.statistics.items()})
    schema = {LINE: pl.Int64, COLUMN: pl.Int64, DENOMINATOR: pl.Int64, **dict.fromkeys(by, pl.String)}
    schema |= {REASON: pl.String, **dict.fromkeys(planned.statistics, pl.Float64)}
    return pl.DataFrame(found, schema=schema, orient="row")


def _means(
    sides: Sequence[pl.DataFrame], column: str, rule: ComparisonRule, typed: Mapping[str, Any]
) -> Mapping[str, Value]:
    if any(side[NUMBER].drop_nulls().is_duplicated().any() for side in sides):
        return dict.fromkeys(rule.forms, Value(None, SEVERAL))
    found: Mapping[str, Value] = rule.function(
        *(side[column].cast(pl.Float64).to_numpy() for side in sides), **typed
    )
    return found


def comparison_statistics(planned: PlannedComparison, pairs: Sequence[Pair]) -> dict[str, Statistic]:
    """The statistics of a comparison, as the table of results has them."""
    said = {"each": [p.labels[0] for p in pairs], "against": planned.spec.against, **planned.typed}
    return {
        s: Statistic(
            pl.col(s), pl.when(pl.col(s).is_null()).then(pl.col(REASON)), pl.col(DENOMINATOR),
            planned.rule.name, parameters=parameters_text(said), declared=planned.declared(s),
        )
        for s in planned.statistics
    }  # fmt: skip


def chosen(planned: Sequence[PlannedComparison], row: RowSpec) -> Iterator[PlannedComparison]:
    """The comparisons of a table that are for a row."""
    yield from (p for p in planned if p.rule.kind == kind_of_row(row))
