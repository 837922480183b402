"""The lines of a row entry: which combinations of `by` levels it has, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tlfgen.analysis.columns import Column, arms_first, in_order, ranks
from tlfgen.analysis.source import Source, text_of
from tlfgen.errors import SpecError
from tlfgen.spec.output import RowSpec

LINE, DEPTH = "#line", "#depth"


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
    source.needs(row.by, row.at)
    texts = []
    for i, name in enumerate(row.by):
        text = text_of(records, source.own(name))
        if row.missing:
            _check_label(records, text, row, name)
            text = text.fill_null(row.missing)
        texts.append(text.alias(key(i)))
    return records.with_columns(texts)


def _check_label(records: pl.DataFrame, text: pl.Expr, row: RowSpec, name: str) -> None:
    if records.select((text == row.missing).any()).item():
        raise SpecError(
            f"row '{row.id}': missing: '{row.missing}' is also a value of {name}.",
            place=row.at,
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
    frequencies: Sequence[pl.DataFrame] = (),
) -> Grid:
    """Lay out the lines of an entry.

    records: with keys. The combinations are those of records in some column, and every declared level of the
    last variable within them. frequencies: for each depth a frame (keys, count), to sort the lines by.
    """
    whole = len(row.by)
    if not whole:
        return Grid(pl.DataFrame({LINE: [0], DEPTH: [0]}, schema={LINE: pl.Int64, DEPTH: pl.Int64}), ())
    shown = records.filter(pl.any_horizontal(pl.lit(False), *(c.mask for c in columns)))
    found = shown.select(keys(whole)).drop_nulls().unique()
    if row.levels or row.missing:
        declared = [*row.levels, *([row.missing] if row.missing else [])]
        last = pl.DataFrame({key(whole - 1): declared}, schema={key(whole - 1): pl.String})
        outer = found.select(keys(whole - 1)).unique() if whole > 1 else None
        every = last if outer is None else outer.join(last, how="cross")
        found = pl.concat([found, every.select(found.columns)]).unique()
    order = tuple(_order(found[key(i)].unique().to_list(), i, records, row, source) for i in range(whole))
    lines = ((found.select(keys(d)).unique(), pl.lit(d, pl.Int64).alias(DEPTH)) for d in depths(row))
    frame = pl.concat((line.with_columns(depth) for line, depth in lines), how="diagonal")
    return Grid(_sorted(frame, order, frequencies), order)


def _order(values: list[str], i: int, records: pl.DataFrame, row: RowSpec, source: Source) -> tuple[str, ...]:
    name, last = row.by[i], i == len(row.by) - 1
    others = [v for v in values if v != row.missing]
    twin = source.twin(name)
    if row.sort:
        found = sorted(others)
    elif twin:
        found = in_order(others, ranks(records, source.own(name), twin))
    else:
        found = arms_first(others, source.study) or in_order(others, {})
    if last and not row.sort:
        found = [*row.levels, *(v for v in found if v not in row.levels)]
    return (*found, *(v for v in values if v == row.missing))


def _sorted(
    frame: pl.DataFrame, order: Sequence[Sequence[str]], frequencies: Sequence[pl.DataFrame]
) -> pl.DataFrame:
    """Sort lines: outer levels first, an outer line before its inner ones; by frequency, then by level."""
    by: list[str] = []
    for i, levels in enumerate(order):
        place = {v: n for n, v in enumerate(levels)}
        rank = pl.col(key(i)).replace_strict(place, default=None, return_dtype=pl.Int64)
        frame = frame.with_columns(rank.alias(f"#rank{i}"))
        count = frequencies[i] if i < len(frequencies) else None
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
