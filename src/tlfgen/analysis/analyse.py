"""The results of a row entry that asks for a registered analysis, with its comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import polars as pl

from tlfgen.analysis.asked import Asked
from tlfgen.analysis.columns import Column, label_of
from tlfgen.analysis.compared import Sides, compared, without_stratum
from tlfgen.analysis.comparisons import STRATA
from tlfgen.analysis.levels import LINE, Grid, grid_of, keys, with_levels
from tlfgen.analysis.long import COLUMN, Statistic, to_long
from tlfgen.analysis.pairs import Pair, pairs_of
from tlfgen.analysis.planned import Planned, PlannedComparison, planned
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
from tlfgen.analysis.registry import METHOD, AnalysedCell, Value
from tlfgen.analysis.source import NUMBER
from tlfgen.analysis.table import pairs as by_columns
from tlfgen.analysis.table import parameters_text
from tlfgen.errors import SpecError, unknown
from tlfgen.spec.condition import Condition
from tlfgen.spec.output import RowSpec
from tlfgen.spec.words import default_words

REASON = "REASON"
PARTS = {"value": pl.Float64, "reason": pl.String, "of": pl.Float64, "shown": pl.String, "decimals": pl.Int64}


@dataclass(frozen=True)
class Entry:
    """An entry with its plan and its records; wanted: the statistics that are asked for."""

    prepared: Prepared
    row: RowSpec
    plan: Planned
    wanted: tuple[str, ...]
    records: pl.DataFrame

    @cached_property
    def grid(self) -> Grid:
        return grid_of(self.records, self.row, self.prepared.source, self.prepared.columns)

    @property
    def by(self) -> list[str]:
        return [c for c in self.grid.frame.columns if c in keys(len(self.row.by))]

    @cached_property
    def there(self) -> list[int]:
        """The columns where the analysis stands."""
        labels = [label_of(column, self.prepared.output.columns) for column in self.prepared.columns]
        for label in self.row.in_:
            if label not in labels:
                raise unknown("The column", label, labels, self.row.at_key("in"))
        return [i for i, label in enumerate(labels) if not self.row.in_ or label in self.row.in_]

    @cached_property
    def pairs(self) -> list[tuple[PlannedComparison, list[Pair]]]:
        """The comparisons that are asked for, with their pairs of columns."""
        spec, columns = self.prepared.output.columns, self.prepared.columns
        return [(c, pairs_of(c.spec, spec, columns)) for c in self.plan.compares(self.wanted)]

    def lines(self) -> Iterator[tuple[Mapping[str, Any], pl.DataFrame]]:
        """Each line of the grid with its records."""
        for line in self.grid.frame.iter_rows(named=True):
            own = self.records
            for name in self.by:
                own = own.filter(pl.col(name) == line[name])
            yield {LINE: line[LINE], **{k: line[k] for k in self.by}}, own

    def cell(self, own: pl.DataFrame, columns: Iterable[int]) -> AnalysedCell:
        """The records of some columns; its size is that of the only one."""
        chosen, source, row = list(columns), self.prepared.source, self.row
        masks = (self.prepared.columns[i].mask for i in chosen)
        inside = own.filter(pl.any_horizontal(pl.lit(False), *masks))
        if row.denominator_condition is not None:
            of = source.rows(row.denominator_condition, inside)
            inside = inside.join(of, on=NUMBER, how="semi", maintain_order="left")
        size = self._size(inside, chosen[0]) if len(chosen) == 1 else None
        return AnalysedCell(inside, size, source, row.at, frozenset(self.wanted))

    def sides(self, own: pl.DataFrame, pair: Pair) -> Sides:
        """The records of a pair of columns."""
        each, against = self.cell(own, [pair.each]), self.cell(own, [pair.against])
        return Sides(each, against, self.cell(own, [pair.each, pair.against]), pair)

    def _size(self, inside: pl.DataFrame, column: int) -> float | None:
        is_own = bool(self.row.by) or self.row.denominator_condition is not None
        return inside[NUMBER].drop_nulls().n_unique() if is_own else self.prepared.sizes[column]


def analysed(prepared: Prepared, row: RowSpec, asked: Asked) -> Iterator[pl.DataFrame]:
    """Analyse the records of each cell: the statistics of the registered analysis, line by line.

    A percentage is of the column's N; within a level of `by`, and in the population "all", of the subjects
    with a record there; with `denominator`, of those of them with a record that meets it. A comparison sees
    the records of both its columns. A SpecError names the row where the analysis cannot take its records, or
    stands in a column that is not there. Only what a cell, a text or a claim asks for is a result.
    """
    source, plan = prepared.source, planned(row)
    wanted = asked.of_row(prepared.output.output, row, plan.statistics)
    entry = Entry(prepared, row, plan, wanted, with_levels(source.rows(row.condition), row, source))
    analysis = analysis_of(prepared, row.id, "", row.by, row)
    if set(plan.own) & set(wanted):
        yield _own(entry)
    for comparison, pairs in entry.pairs:
        yield _between(entry, comparison, pairs)
    if isinstance(row.decimals, int):
        yield note(analysis, DECIMALS, row.decimals)
    if row.hides_missing:
        yield note(analysis, MISSING, without_level(source, row))
    conditions = (c for c in plan.typed.values() if isinstance(c, Condition))
    yield unjudged_rows(prepared, row, *(() if plan.rule.left_out else conditions))
    yield from _left_out(entry)


def _own(entry: Entry) -> pl.DataFrame:
    """The results of each column."""
    plan, wanted = entry.plan, [s for s in entry.plan.own if s in entry.wanted]
    wide: list[dict[str, Any]] = []
    wheres: dict[str, str] = {}
    for line, own in entry.lines():
        for i in entry.there:
            with _naming(entry.row):
                found = plan.rule.function(entry.cell(own, [i]), **plan.typed)
            wheres |= {s: found[s].where for s in wanted if found[s].where}
            values = {f"{part}:{s}": v for s in wanted for part, v in _parts(plan, s, found[s])}
            wide.append({COLUMN: i, **line, **values})
    notes = plan.rule.notes(**plan.typed)
    told = {s: f": {default_words().tell(note)}" for s, note in notes.items() if s in wanted}
    said = {s: METHOD + plan.rule.name + told.get(s, "") for s in wanted}
    return _long(entry, wide, entry.prepared.columns, said, plan.rule.text(plan.typed), wheres)


def _between(entry: Entry, comparison: PlannedComparison, pairs: list[Pair]) -> pl.DataFrame:
    """The results of each pair of columns that a comparison is of."""
    plan, row = entry.plan, entry.row
    given = bool(comparison.typed.get(STRATA))
    wanted = [
        s for s, end in comparison.statistics.items()
        if s in entry.wanted or (given and end.endswith(STRATA))
    ]  # fmt: skip
    wide = []
    for line, own in entry.lines():
        for i, pair in enumerate(pairs):
            with _naming(row):
                found = compared(plan, comparison, entry.sides(own, pair))
            parts = {s: found[comparison.statistics[s]] for s in wanted}
            values = {f"{part}:{s}": v for s in wanted for part, v in _parts(plan, s, parts[s])}
            wide.append({COLUMN: i, **line, **values})
    note_ = plan.note(comparison, [p.labels[0] for p in pairs], list(comparison.rule.forms), default_words())
    said = dict.fromkeys(wanted, f"{METHOD}{comparison.rule.name}: {note_}")
    how = {"each": [p.labels[0] for p in pairs], "against": comparison.spec.against}
    how |= {k: v.text if isinstance(v, Condition) else v for k, v in plan.typed.items()}
    text = parameters_text(how | dict(comparison.typed))
    return _long(entry, wide, [p.column for p in pairs], said, text, {})


def _long(
    entry: Entry, wide: list[dict[str, Any]], columns: Iterable[Column], methods: Mapping[str, str],
    parameters: str, wheres: Mapping[str, str],
) -> pl.DataFrame:  # fmt: skip
    """Lay values out as results. methods: what each statistic is by."""
    prepared, row = entry.prepared, entry.row
    schema: dict[str, Any] = {LINE: pl.Int64, COLUMN: pl.Int64, **dict.fromkeys(entry.by, pl.String)}
    schema |= {f"{part}:{s}": kind for s in methods for part, kind in PARTS.items()}
    frame = pl.DataFrame(wide, schema=schema, orient="row")
    analysis = replace(analysis_of(prepared, row.id, "", row.by, row), columns=tuple(columns))
    return to_long(frame, analysis, {
        s: Statistic(
            pl.col(f"value:{s}"), reason=pl.col(f"reason:{s}"), denominator=pl.col(f"of:{s}"),
            method=method, parameters=parameters,
            where=wheres.get(s, ""), declared=entry.plan.declared(s), shown=pl.col(f"shown:{s}"),
            decimals=pl.col(f"decimals:{s}"),
        )
        for s, method in methods.items()
    })  # fmt: skip


@contextmanager
def _naming(row: RowSpec) -> Iterator[None]:
    """A ValueError of a statistic as an error that names the row."""
    try:
        yield
    except ValueError as error:
        raise SpecError(f"row '{row.id}': {error}.", place=row.at) from error


def _parts(plan: Planned, statistic: str, value: Value) -> Iterator[tuple[str, Any]]:
    """What a value gives to the wide frame, by the part of PARTS."""
    shown = plan.declared(statistic).shown
    yield "value", value.value
    yield "reason", value.reason
    yield "of", value.denominator
    yield "shown", "censored" if value.censored else shown
    yield "decimals", value.decimals


def _left_out(entry: Entry) -> Iterator[pl.DataFrame]:
    """The records of the row's columns that take no part in the analysis, by reason."""
    plan, found = entry.plan, dict[str, int]()
    if plan.rule.left_out is not None:
        compared_ = {i for _, pairs in entry.pairs for p in pairs for i in (p.each, p.against)}
        inside = entry.cell(entry.records, sorted({*entry.there, *compared_}))
        found |= plan.rule.left_out(inside, **plan.typed)
    every = [(c, entry.sides(own, p)) for c, pairs in entry.pairs for _, own in entry.lines() for p in pairs]
    found |= dict(without_stratum(plan, every))
    analysis = analysis_of(entry.prepared, entry.row.id, "", entry.row.by, entry.row)
    for why, count in found.items():
        yield note(analysis, LEFT_OUT, count, by_columns([(REASON, why)]))
