"""The results of a row entry that asks for a registered analysis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from tlfgen.analysis.asked import Asked
from tlfgen.analysis.columns import label_of
from tlfgen.analysis.levels import LINE, grid_of, keys, with_levels
from tlfgen.analysis.long import COLUMN, Statistic, to_long
from tlfgen.analysis.prepare import (
    DECIMALS,
    LEFT_OUT,
    MISSING,
    Prepared,
    analysis_of,
    note,
    unjudged_rows,
    without_level,
)
from tlfgen.analysis.registry import METHOD, AnalysedCell, AnalysisRule, Value, find_analysis
from tlfgen.analysis.source import NUMBER
from tlfgen.analysis.table import pairs
from tlfgen.errors import SpecError, unknown
from tlfgen.spec.condition import Condition
from tlfgen.spec.output import RowSpec

REASON = "REASON"
PARTS = {"value": pl.Float64, "reason": pl.String, "of": pl.Float64, "shown": pl.String, "decimals": pl.Int64}


def analysed(prepared: Prepared, row: RowSpec, asked: Asked) -> Iterator[pl.DataFrame]:
    """Analyse the records of each cell: the statistics of the registered analysis, line by line.

    A percentage is of the column's N; within a level of `by`, and in the population "all", of the subjects
    with a record there; with `denominator`, of those of them with a record that meets it. A SpecError names
    the row where the analysis cannot take its records, or stands in a column that is not there. Only what a
    cell, a text or a claim asks for is a result.
    """
    source = prepared.source
    rule = find_analysis(str(row.do), row.at)
    typed = rule.read(row.params, row.at)
    wanted = asked.of_row(prepared.output.output, row, rule.statistics(**typed))
    records = with_levels(source.rows(row.condition), row, source)
    grid = grid_of(records, row, source, prepared.columns)
    by = [c for c in grid.frame.columns if c in keys(len(row.by))]
    wide: list[dict[str, Any]] = []
    wheres: dict[str, str] = {}
    there = _columns_in(row, prepared)
    for line in grid.frame.iter_rows(named=True):
        own = records
        for name in by:
            own = own.filter(pl.col(name) == line[name])
        for i in there:
            inside = own.filter(prepared.columns[i].mask)
            if row.denominator_condition is not None:
                of = source.rows(row.denominator_condition, inside)
                inside = inside.join(of, on=NUMBER, how="semi", maintain_order="left")
            cell = AnalysedCell(inside, _size(inside, row, prepared, i), source, row.at, frozenset(wanted))
            found = _computed(rule, cell, typed, row)
            wheres |= {s: found[s].where for s in wanted if found[s].where}
            values = {f"{part}:{s}": v for s in wanted for part, v in _parts(rule, s, found[s])}
            wide.append({LINE: line[LINE], COLUMN: i, **{k: line[k] for k in by}, **values})
    schema: dict[str, Any] = {LINE: pl.Int64, COLUMN: pl.Int64, **dict.fromkeys(by, pl.String)}
    schema |= {f"{part}:{s}": kind for s in wanted for part, kind in PARTS.items()}
    frame = pl.DataFrame(wide, schema=schema, orient="row")
    analysis = analysis_of(prepared, row.id, "", row.by, row)
    notes, parameters = rule.notes(**typed), rule.text(typed)
    yield to_long(frame, analysis, {
        s: Statistic(
            pl.col(f"value:{s}"), reason=pl.col(f"reason:{s}"), denominator=pl.col(f"of:{s}"),
            method=METHOD + rule.name + (f": {notes[s]}" if s in notes else ""), parameters=parameters,
            where=wheres.get(s, ""), shown=pl.col(f"shown:{s}"), decimals=pl.col(f"decimals:{s}"),
        )
        for s in wanted
    })  # fmt: skip
    if isinstance(row.decimals, int):
        yield note(analysis, DECIMALS, row.decimals)
    if row.hides_missing:
        yield note(analysis, MISSING, without_level(source, row))
    events = () if rule.left_out else (c for c in typed.values() if isinstance(c, Condition))
    yield unjudged_rows(prepared, row, *events)
    yield from _left_out(rule, typed, prepared, row, records, there)


def _computed(
    rule: AnalysisRule, cell: AnalysedCell, typed: Mapping[str, Any], row: RowSpec
) -> Mapping[str, Value]:
    try:
        return rule.function(cell, **typed)
    except ValueError as error:
        raise SpecError(f"row '{row.id}': {error}.", place=row.at) from error


def _parts(rule: AnalysisRule, statistic: str, value: Value) -> Iterator[tuple[str, Any]]:
    """What a value gives to the wide frame, by the part of PARTS."""
    shown = rule.form(statistic)
    yield "value", value.value
    yield "reason", value.reason
    yield "of", value.denominator
    yield "shown", "censored" if value.censored else shown
    yield "decimals", value.decimals


def _left_out(
    rule: AnalysisRule,
    typed: Mapping[str, Any],
    prepared: Prepared,
    row: RowSpec,
    records: pl.DataFrame,
    there: Sequence[int],
) -> Iterator[pl.DataFrame]:
    """The records of the row's columns that take no part in the analysis, by reason."""
    if rule.left_out is None:
        return
    inside = records.filter(pl.any_horizontal(pl.lit(False), *(prepared.columns[i].mask for i in there)))
    if row.denominator_condition is not None:
        of = prepared.source.rows(row.denominator_condition, inside)
        inside = inside.join(of, on=NUMBER, how="semi", maintain_order="left")
    analysis = analysis_of(prepared, row.id, "", row.by, row)
    for why, count in rule.left_out(AnalysedCell(inside, None, prepared.source, row.at), **typed).items():
        yield note(analysis, LEFT_OUT, count, pairs([(REASON, why)]))


def _columns_in(row: RowSpec, prepared: Prepared) -> list[int]:
    """The columns where the analysis stands."""
    labels = [label_of(column, prepared.output.columns) for column in prepared.columns]
    for label in row.in_:
        if label not in labels:
            raise unknown("The column", label, labels, row.at_key("in"))
    return [i for i, label in enumerate(labels) if not row.in_ or label in row.in_]


def _size(inside: pl.DataFrame, row: RowSpec, prepared: Prepared, column: int) -> float | None:
    is_own = bool(row.by) or row.denominator_condition is not None
    return inside[NUMBER].drop_nulls().n_unique() if is_own else prepared.sizes[column]
