"""The lines of a row entry: which combinations of `by` levels it has, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from tlfgen.analysis.columns import Column, arms_first, in_order, ranks
from tlfgen.analysis.source import Source, text_of
from tlfgen.errors import SpecError
from tlfgen.spec.level import LevelSpec
from tlfgen.spec.output import RowSpec

LINE, DEPTH = "#line", "#depth"
NO_FREQUENCIES: Mapping[int, pl.DataFrame] = {}


def key(i: int) -> str:
    """The column with the text levels of the i-th `by` variable, from 0."""
    return f"#by{i}"


def keys(depth: int) -> list[str]:
    return [key(i) for i in range(depth)]


def depths(row: RowSpec) -> tuple[int, ...]:
    """How many `by` variables the lines of an entry are split by: a nested count also has its outer lines."""
    whole = len(row.by)
    return tuple(range(1, whole + 1)) if row.nested and row.count and whole else (whole,)


def with_levels(records: pl.DataFrame, row: RowSpec, source: Source) -> pl.DataFrame:
    """Add the text levels of the `by` variables; nulls become the `missing` label where there is one."""
    source.needs(row.by_names, row.at)
    texts = []
    for i, level in enumerate(row.by):
        text = text_of(records, source.own(level.name))
        if level.missing is not None:
            _check_label(records, text, row, level)
            text = text.fill_null(level.missing)
        texts.append(text.alias(key(i)))
    return records.with_columns(texts)


def _check_label(records: pl.DataFrame, text: pl.Expr, row: RowSpec, level: LevelSpec) -> None:
    if records.select((text == level.missing).any()).item():
        raise SpecError(
            f"row '{row.id}': missing: '{level.missing}' is also a value of {level.name}.",
            place=level.at_key("missing"),
            hint="Choose another label for the records without a value.",
        )


@dataclass(frozen=True)
class Grid:
    """frame: LINE (from 0, in order), DEPTH and the keys, null below a line's depth. order: levels by key."""

    frame: pl.DataFrame
    order: tuple[tuple[str, ...], ...]


def grid_of(
    records: pl.DataFrame,
    row: RowSpec,
    source: Source,
    columns: Sequence[Column],
    frequencies: Mapping[int, pl.DataFrame] = NO_FREQUENCIES,
) -> Grid:
    """Lay out the lines of an entry.

    records: with keys. The combinations are those of records in some column, and every declared level of a
    variable within those of the outer ones. frequencies: for variables, from 0, a frame (keys, count) to sort
    their levels by.
    """
    whole = len(row.by)
    if not whole:
        return Grid(pl.DataFrame({LINE: [0], DEPTH: [0]}, schema={LINE: pl.Int64, DEPTH: pl.Int64}), ())
    shown = records.filter(pl.any_horizontal(pl.lit(False), *(c.mask for c in columns)))
    there = shown.select(keys(whole)).drop_nulls().unique()
    found = [_combinations(there, row.by[:d]) for d in range(1, whole + 1)]
    order = tuple(
        _order(found[i][key(i)].unique().to_list(), level, records, source) for i, level in enumerate(row.by)
    )
    lines = (found[d - 1].with_columns(pl.lit(d, pl.Int64).alias(DEPTH)) for d in depths(row))
    return Grid(_sorted(pl.concat(lines, how="diagonal"), order, frequencies), order)


def _combinations(there: pl.DataFrame, by: Sequence[LevelSpec]) -> pl.DataFrame:
    """The combinations of the levels of the first variables: those that occur, and every declared level
    within each combination of the outer ones."""
    depth = len(by)
    found = there.select(keys(depth)).unique()
    declared = [*by[-1].levels, *([by[-1].missing] if by[-1].missing is not None else [])]
    if depth == 1 and not declared:
        return found
    last = pl.DataFrame({key(depth - 1): declared}, schema={key(depth - 1): pl.String})
    every = last if depth == 1 else _combinations(there, by[:-1]).join(last, how="cross")
    return pl.concat([found, every.select(found.columns)]).unique()


def _order(values: list[str], level: LevelSpec, records: pl.DataFrame, source: Source) -> tuple[str, ...]:
    others = [v for v in values if v != level.missing]
    twin = source.twin(level.name)
    if level.sort:
        found = sorted(others)
    elif twin:
        found = in_order(others, ranks(records, source.own(level.name), twin))
    else:
        found = arms_first(others, source.study) or in_order(others, {})
    listed = [v for v in level.levels if v != level.missing]
    return (*listed, *(v for v in found if v not in level.levels), *(v for v in values if v == level.missing))


def _sorted(
    frame: pl.DataFrame, order: Sequence[Sequence[str]], frequencies: Mapping[int, pl.DataFrame]
) -> pl.DataFrame:
    """Sort lines: outer levels first, an outer line before its inner ones; by frequency, then by level."""
    by: list[str] = []
    for i, levels in enumerate(order):
        place = {v: n for n, v in enumerate(levels)}
        rank = pl.col(key(i)).replace_strict(place, default=None, return_dtype=pl.Int64)
        frame = frame.with_columns(rank.alias(f"#rank{i}"))
        count = frequencies.get(i)
        if count is not None:
            frame = frame.join(count.rename({"count": f"#count{i}"}), on=keys(i + 1), how="left")
            there = pl.col(key(i)).is_not_null()
            falling = pl.when(there).then(-pl.col(f"#count{i}").fill_null(0).cast(pl.Int64))
            frame = frame.with_columns(falling.alias(f"#count{i}"))
            by.append(f"#count{i}")
        by.append(f"#rank{i}")
    scaffold = [c for c in frame.columns if c.startswith(("#rank", "#count"))]
    frame = frame.sort(by, nulls_last=False).drop(scaffold)
    return frame.with_columns(pl.int_range(0, pl.len(), dtype=pl.Int64).alias(LINE))
