"""A table wider than its page, cut into columns that stand side by side on pages that follow each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from tlfgen.display.parts import Head, Table
from tlfgen.errors import RenderError

Bounds = tuple[int, int]


def split_columns(table: Table, needs: Sequence[float], room: float, most: float) -> list[Bounds]:
    """Where each page's columns begin and end.

    What a header spans stays whole where it fits a page, else its label is repeated; a column that follows
    another stays with it. As few pages as can be, filled about alike.

    needs: the width of each column; room: what a page has for columns; most: with the labels at their
    narrowest. Points. A RenderError names a column that is wider.
    """
    atoms = _atoms(table, needs, room, 0, (0, len(needs)))
    sizes = [sum(needs[slice(*a)]) for a in atoms]
    widest = max(range(len(atoms)), key=sizes.__getitem__)
    if sizes[widest] > most:
        heads = table.heads[-1][slice(*atoms[widest])] if table.heads else ()
        named = ", ".join(" ".join(h.lines) for h in heads)
        raise RenderError(
            f"{table.kind_label} {table.number} ({table.id}) is too wide: the column '{named}' needs "
            f"{sizes[widest]:.0f} pt and leaves no room for the labels.",
            hint="Shorten the formats of its cells.",
        )
    groups = _packed(sizes, max(room, sizes[widest]))
    return [(atoms[first][0], atoms[last - 1][1]) for first, last in groups]


def columns_of(table: Table, first: int, last: int) -> Table:
    """The table with the columns from `first` up to `last`; a header cut by it keeps its label."""
    return replace(
        table,
        heads=tuple(_heads_of(row, first, last) for row in table.heads),
        aligns=table.aligns[first:last],
        rows=tuple(replace(r, cells=r.cells[first:last]) for r in table.rows),
    )


def _heads_of(row: Sequence[Head], first: int, last: int) -> tuple[Head, ...]:
    ends = list(accumulate(h.span for h in row))
    spans = [min(e, last) - max(e - h.span, first) for h, e in zip(row, ends, strict=True)]
    return tuple(replace(h, span=n) for h, n in zip(row, spans, strict=True) if n > 0)


def _atoms(table: Table, needs: Sequence[float], room: float, depth: int, bounds: Bounds) -> list[Bounds]:
    """What is not cut: what a header of this depth spans, where it fits, else what those below it span."""
    first, last = bounds
    if depth >= len(table.heads) - 1:
        leaves = table.heads[-1] if table.heads else (Head(("",)),) * len(needs)
        starts = [i for i in range(first, last) if i == first or not leaves[i].follows]
        return list(zip(starts, [*starts[1:], last], strict=True))
    found, at = [], first
    for head in _heads_of(table.heads[depth], first, last):
        own = (at, at + head.span)
        whole = sum(needs[slice(*own)]) <= room
        found += [own] if whole else _atoms(table, needs, room, depth + 1, own)
        at += head.span
    return found


def _packed(sizes: Sequence[float], room: float) -> list[Bounds]:
    """The atoms of each page: as few pages as fit, then the narrowest page with which as many do."""
    fewest = len(_filled(sizes, room))
    ends = range(1, len(sizes) + 1)
    widths = sorted({sum(sizes[i:j]) for j in ends for i in range(j)})
    narrow = (w for w in widths if max(sizes) <= w <= room)
    return next(g for g in (_filled(sizes, w) for w in (*narrow, room)) if len(g) == fewest)


def _filled(sizes: Sequence[float], room: float) -> list[Bounds]:
    groups, first, used = [], 0, 0.0
    for i, size in enumerate(sizes):
        if used + size > room + 1e-9 and i > first:
            groups.append((first, i))
            first, used = i, 0.0
        used += size
    return [*groups, (first, len(sizes))]
