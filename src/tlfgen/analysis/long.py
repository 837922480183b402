"""From a wide frame, with a row for each line and column and a column for each statistic, to results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from tlfgen.analysis.columns import Column
from tlfgen.analysis.forms import Declared
from tlfgen.analysis.levels import LINE, key
from tlfgen.analysis.source import Source
from tlfgen.analysis.table import both, group_at, in_shape, level_at, pairs

COLUMN = "#column"
WHERE = "#where"


@dataclass(frozen=True)
class Statistic:
    """How a statistic stands in the wide frame: its value, how it is declared, why it is null, its
    denominator, its method with the parameters as JSON, its own decimals; where its records are not all of
    the analysis, what only they meet. shown: its form, where records decide."""

    value: pl.Expr
    declared: Declared = field(kw_only=True)
    shown: pl.Expr | None = field(default=None, kw_only=True)
    reason: pl.Expr | None = None
    denominator: pl.Expr | None = None
    method: str | pl.Expr = ""
    where: str = ""
    parameters: str = ""
    decimals: pl.Expr | None = None


@dataclass(frozen=True)
class Analysis:
    """What all rows of one analysis share. by: the names of its `by` variables; missing: what each calls the
    records without a value, where it has a line for them; where: on the records."""

    output: str
    name: str
    variable: str
    source: Source
    columns: Sequence[Column]
    by: Sequence[str]
    missing: Sequence[str | None]
    where: str


def to_long(wide: pl.DataFrame, analysis: Analysis, statistics: Mapping[str, Statistic]) -> pl.DataFrame:
    """Lay a wide frame (LINE, COLUMN, keys) out as results, line by line, column by column."""
    columns, by = analysis.columns, analysis.by
    across = len(columns[0].members)
    placed = wide.sort(LINE, COLUMN).join(_groups(columns), on=COLUMN, how="left", maintain_order="left")
    names = [n.removeprefix("ADSL.") for n in by]
    inner = [
        pl.when(pl.col(key(i)).is_not_null()).then(pl.lit(n)).alias(group_at(across + i))
        for i, n in enumerate(names)
    ]
    levels = [pl.col(key(i)).alias(level_at(across + i)) for i in range(len(by))]
    placed = placed.with_columns(*inner, *levels)
    groups = [name(i) for i in range(across + len(by)) for name in (group_at, level_at)]
    parts = [
        placed.select(
            pl.col(LINE), pl.col(COLUMN), pl.lit(i).alias("#statistic"), _where(analysis, s).alias("where"),
            *groups,
            pl.lit(name).alias("statistic"),
            s.value.cast(pl.Float64).alias("stat_num"),
            (pl.lit(None, pl.String) if s.reason is None else s.reason).alias("reason"),
            (pl.lit(None) if s.denominator is None else s.denominator).cast(pl.Float64).alias("denominator"),
            (pl.lit(s.method) if isinstance(s.method, str) else s.method).alias("method"),
            pl.lit(s.parameters or None, pl.String).alias("parameters"),
            (pl.lit(s.declared.shown) if s.shown is None else s.shown).alias("shown"),
            pl.lit(s.declared.label).alias("label"),
            pl.lit(s.declared.of or None, pl.String).alias("limit_of"),
            pl.lit(s.declared.side or None, pl.String).alias("side"),
            (pl.lit(None) if s.decimals is None else s.decimals).cast(pl.Int64).alias("decimals"),
        )
        for i, (name, s) in enumerate(statistics.items())
    ]  # fmt: skip
    long = pl.concat(parts).sort(LINE, COLUMN, "#statistic")
    return complete(long, analysis)


def complete(frame: pl.DataFrame, analysis: Analysis) -> pl.DataFrame:
    """Add what all rows of an analysis share, and bring them into the table's shape."""
    shared = {
        "output": analysis.output, "analysis": analysis.name, "variable": analysis.variable,
        "dataset": analysis.source.dataset, "population": analysis.source.population,
    }  # fmt: skip
    return in_shape(frame.with_columns(pl.lit(v).alias(k) for k, v in shared.items()))


def _groups(columns: Sequence[Column]) -> pl.DataFrame:
    """For each column its groups, levels and condition."""
    rows: list[dict[str, object]] = [
        {COLUMN: i, WHERE: column.where or None, **pairs(column.groups)} for i, column in enumerate(columns)
    ]
    texts = {c: pl.String for c in rows[0] if c != COLUMN}
    return pl.DataFrame(rows, schema={COLUMN: pl.Int64, **texts}, orient="row")


def _where(analysis: Analysis, statistic: Statistic) -> pl.Expr:
    """The condition that brings a result's records back, within the population."""
    own = both(analysis.where, statistic.where) if statistic.where else analysis.where
    source, parts = analysis.source, [pl.lit(own or None, pl.String), pl.col(WHERE)]
    for i, name in enumerate(analysis.by):
        level = pl.col(key(i))
        if source.frame.schema[source.own(name)].is_numeric():
            text = level
        else:
            text = pl.lit("'") + level.str.replace_all("'", "''", literal=True) + "'"
        equal = pl.lit(f"{name} = ") + text
        if analysis.missing[i] is not None:
            equal = pl.when(level == analysis.missing[i]).then(pl.lit(f"{name} IS NULL")).otherwise(equal)
        parts.append(equal)
    return pl.concat_str(parts, separator=" AND ", ignore_nulls=True)
