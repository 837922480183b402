"""The comparisons of an entry that asks for an analysis: each sees the records of both groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from tlfgen.analysis.comparisons import NO_SUBJECT, STRATA
from tlfgen.analysis.pairs import Pair as Columns
from tlfgen.analysis.planned import Planned, PlannedComparison
from tlfgen.analysis.registry import AnalysedCell, Value, known
from tlfgen.analysis.source import NUMBER, Source, text_of
from tlfgen.analysis.survival import NO_EVENT, Pair
from tlfgen.analysis.times import Times

STRATUM = "#stratum"


@dataclass(frozen=True)
class Sides:
    """The records of one line, those of the two columns as cells."""

    each: AnalysedCell
    against: AnalysedCell
    both: AnalysedCell
    pair: Columns


def compared(plan: Planned, comparison: PlannedComparison, sides: Sides) -> Mapping[str, Value]:
    """The statistics of one comparison of two groups, by the end of their names."""
    if plan.rule.compares == "survival":
        return _survival(plan, comparison, sides)
    return _proportions(plan, comparison, sides)


def _survival(plan: Planned, comparison: PlannedComparison, sides: Sides) -> Mapping[str, Value]:
    pair, _ = survival_pair(plan, comparison, sides)
    found: dict[str, Value] = {**comparison.rule.function(pair, **comparison.typed)}
    if STRATA in comparison.typed:
        silent, strata = pair.silent_strata()
        found |= {"_strata": Value(float(strata)), "_silent_strata": Value(float(silent))}
    return {end: replace(value, denominator=float(len(pair.time))) for end, value in found.items()}


def survival_pair(plan: Planned, comparison: PlannedComparison, sides: Sides) -> tuple[Pair, frozenset[int]]:
    """The times of both groups, and the subjects without a stratum, where there are some: they take no part
    in this comparison."""
    assert plan.rule.sides is not None
    times: Times = plan.rule.sides(sides.both, **plan.typed)
    names, source = comparison.typed.get(STRATA, ()), sides.both.source
    read, lost = times.frame, frozenset[int]()
    if names:
        source.needs(names, comparison.spec.at_key(STRATA))
        read = _with_strata(read, names, source)
        lost = frozenset(read.filter(pl.col(STRATUM).is_null())[NUMBER])
        read = read.filter(pl.col(STRATUM).is_not_null())
    first = read[NUMBER].is_in(sides.each.records[NUMBER].implode()).cast(pl.Int64).to_numpy()
    kept = replace(times, frame=read)
    strata = read[STRATUM].rank("dense").cast(pl.Int64).to_numpy() if names else None
    return Pair(kept.time, kept.event, first, *sides.pair.labels, strata), lost


def _with_strata(frame: pl.DataFrame, names: Sequence[str], source: Source) -> pl.DataFrame:
    """Add the stratum: the levels of all its variables as one text, null where one has none."""
    texts = [text_of(frame, source.own(n)).str.replace_all("|", "||", literal=True) for n in names]
    return frame.with_columns(pl.concat_str(texts, separator=" | ").alias(STRATUM))


def _proportions(plan: Planned, comparison: PlannedComparison, sides: Sides) -> Mapping[str, Value]:
    assert plan.rule.sides is not None
    (x, n), (y, m) = (plan.rule.sides(cell, **plan.typed) for cell in (sides.each, sides.against))
    if not n or not m or x > n or y > m:
        return dict.fromkeys(comparison.rule.forms, Value(None, NO_SUBJECT))
    given = [np.array([v]) for v in (x, n, y, m)]
    found = comparison.rule.function(*given, **comparison.typed)
    why = NO_EVENT if not x and not y else comparison.rule.without
    return {end: known(values[0], why, n + m) for end, values in found.items()}


def without_stratum(
    plan: Planned, sides: Sequence[tuple[PlannedComparison, Sides]]
) -> Iterator[tuple[str, int]]:
    """Which subjects stratified comparisons leave out, and how many."""
    found: dict[str, set[int]] = {}
    for comparison, one in sides:
        names = comparison.typed.get(STRATA, ())
        if names:
            said = ", ".join(n.removeprefix("ADSL.") for n in names)
            why = f"of the stratified comparison without {said}"
            found.setdefault(why, set()).update(survival_pair(plan, comparison, one)[1])
    yield from ((why, len(who)) for why, who in found.items())
