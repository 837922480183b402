"""The results behind a flow of subjects: the number in each box, at each side, by reason, and whether they
add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from tlfgen.analysis.columns import Column
from tlfgen.analysis.prepare import Prepared
from tlfgen.analysis.source import NUMBER, SUBJECT, SUBJECTS, text_of
from tlfgen.analysis.table import Groups, both, pairs, quoted, rows
from tlfgen.spec.figure_flow import AsideSpec, BoxSpec, FlowSpec

FLOW = "flow"  # the analysis: `output.flow`
BOX, ASIDE = "BOX", "ASIDE"
LOST, TWICE = "unaccounted", "counted_twice"


def analyse(prepared: Prepared) -> Iterator[pl.DataFrame]:
    """Count the subjects of each box and of those at its side.

    unaccounted: subjects of a box who are neither in the next nor at a side. counted_twice: subjects of the
    next box or a side who are not in the box, or in two of them. Both are 0 where the flow adds up."""
    figure: FlowSpec = prepared.output
    for i, box in enumerate(figure.boxes):
        for column in branches(prepared, box):
            yield rows(_box(prepared, i, column))


def branches(prepared: Prepared, box: BoxSpec) -> tuple[Column, ...]:
    """The columns in which a box stands."""
    return prepared.columns if box.each else (Column(),)


def _box(prepared: Prepared, i: int, column: Column) -> Iterator[dict[str, Any]]:
    figure: FlowSpec = prepared.output
    box = figure.boxes[i]
    own = _of(prepared, box, column)
    said = both(box.where, column.where)
    shared = _shared(prepared, column) | {"method": "count", "shown": "count"}
    place = (*column.groups, (BOX, box.id))
    yield shared | pairs(place) | _number("n", own.height) | {"where": both(figure.where, said)}
    sides = []
    for aside in box.aside:
        beside = _of(prepared, aside, column)
        sides += [] if aside.stays else [beside]
        at = (*place, (ASIDE, aside.text))
        where = both(figure.where, aside.where, column.where)
        yield shared | pairs(at) | _number("n", beside.height) | {"where": where}
        yield from _reasons(aside, beside, shared, at, where)
    if i + 1 < len(figure.boxes):
        following = figure.boxes[i + 1]
        inner = (column,) if box.each else branches(prepared, following)
        parts = [_of(prepared, following, c) for c in inner] + sides
        yield from _check(own, parts, shared | pairs(place) | {"where": both(figure.where, said)})


def _number(statistic: str, number: int) -> dict[str, Any]:
    return {"statistic": statistic, "stat_num": number}


def _check(
    own: pl.DataFrame, parts: Sequence[pl.DataFrame], shared: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    after = pl.concat([p.select(NUMBER) for p in parts])
    lost = own.join(after, on=NUMBER, how="anti")
    strange = after.join(own, on=NUMBER, how="anti").height
    twice = after.height - after[NUMBER].n_unique() + strange
    yield shared | _number(LOST, lost.height)
    yield shared | _number(TWICE, twice)


def _of(prepared: Prepared, box: BoxSpec | AsideSpec, column: Column) -> pl.DataFrame:
    """The subjects of a box, or at its side, in a column."""
    return prepared.source.rows(box.condition).filter(column.mask)


def _reasons(
    aside: AsideSpec, left: pl.DataFrame, shared: dict[str, Any], at: Groups, where: str
) -> Iterator[dict[str, Any]]:
    if not aside.reasons:
        return
    bare = aside.reasons.removeprefix(f"{SUBJECTS}.")
    texts = left.select(text_of(left, bare).alias("v"))["v"]
    counts = dict(texts.drop_nulls().value_counts().iter_rows())
    others = sorted((v for v in counts if v not in aside.levels), key=lambda v: (-counts[v], v))
    for level in (*aside.levels, *others):
        own = f"{aside.reasons} = {quoted(level)}"
        yield {
            **shared, **pairs([*at, (bare, level)]), **_number("n", counts.get(level, 0)),
            "where": both(where, own),
        }  # fmt: skip
    missing = texts.null_count()
    if missing:
        yield {
            **shared, **pairs([*at, (bare, aside.missing)]), **_number("n", missing),
            "where": both(where, f"{aside.reasons} IS NULL"),
        }  # fmt: skip


def _shared(prepared: Prepared, column: Column) -> dict[str, Any]:
    figure, source = prepared.output, prepared.source
    found: dict[str, Any] = {
        "output": figure.output, "analysis": f"{figure.output}.{FLOW}", "variable": SUBJECT,
        "dataset": source.dataset, "population": source.population,
    }  # fmt: skip
    return found | pairs(column.groups)
