"""The results behind a swimmer plot: subjects shown and not shown, those ongoing, and its marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from tlfgen.analysis.prepare import Prepared
from tlfgen.analysis.source import NUMBER, SUBJECT, SUBJECTS, meets
from tlfgen.analysis.subjects import (
    GROUP,
    REASON,
    WHO,
    Marked,
    date_of,
    mark_rows,
    marks_of,
    population_of,
    shown_rows,
    time_since,
    unit_days,
    with_group,
)
from tlfgen.analysis.table import both, rows
from tlfgen.spec.figure_swimmer import SwimmerSpec

LENGTH, ONGOING, START = "#length", "#ongoing", "#start"


@dataclass(frozen=True)
class Swim:
    """bars: a row a subject shown, the longest first, with LENGTH, ONGOING and GROUP. reasons: why others are
    not shown."""

    bars: pl.DataFrame
    reasons: pl.DataFrame
    marked: Marked


def analyse(prepared: Prepared) -> Iterator[pl.DataFrame]:
    """Count the bars (`output.subjects`), those ongoing among them, and the marks (`output.marks`)."""
    figure: SwimmerSpec = prepared.output
    swim = select_swim(prepared)
    dated = f"{figure.start} IS NOT NULL"
    yield from shown_rows(prepared, swim.bars.select(NUMBER, GROUP), swim.reasons, both(figure.where, dated))
    if figure.ongoing:
        ongoing = {
            "output": figure.output, "analysis": f"{figure.output}.{WHO}", "variable": SUBJECT,
            "dataset": SUBJECTS, "population": prepared.source.population,
            "method": "count", "shown": "count", "statistic": "ongoing", "stat_num": swim.bars[ONGOING].sum(),
            "denominator": swim.bars.height, "where": both(figure.where, dated, figure.ongoing),
        }  # fmt: skip
        yield rows([ongoing])
    yield mark_rows(prepared, figure.marks, swim.marked)


def select_swim(prepared: Prepared) -> Swim:
    """The bars and marks.

    First case that applies to a subject:
      1. no first day, or one after the data cut-off           not shown
      2. ongoing                                               to the cut-off, with an arrow
      3. no last day                                           not shown
      4. the last day is before the first                      not shown
      5. otherwise                                             to the last day, at most to the cut-off
    """
    figure: SwimmerSpec = prepared.output
    source = prepared.source
    population_of(figure, source)
    source.needs([n for n, _ in figure.named()], figure.at)
    frame, cutoff = source.frame, source.study.cutoff
    condition = figure.ongoing_condition
    ongoing = pl.lit(False) if condition is None else pl.lit(meets(condition, frame))
    frame = with_group(frame, prepared).with_columns(
        date_of(frame, source.own(figure.start), figure.at_key("start")).alias(START),
        date_of(frame, source.own(figure.end), figure.at_key("end")).alias("#last"),
        ongoing.alias(ONGOING),
    )
    start, last = pl.col(START), pl.col("#last")
    why = (
        pl.when(start.is_null()).then(pl.lit("no first day"))
        .when(start > cutoff).then(pl.lit("first day after the data cut-off"))
        .when(pl.col(ONGOING)).then(None)
        .when(last.is_null()).then(pl.lit("no last day"))
        .when(last < start).then(pl.lit("last day before the first"))
    )  # fmt: skip
    frame = frame.with_columns(why.alias(REASON))
    until = pl.when(pl.col(ONGOING)).then(pl.lit(cutoff)).otherwise(pl.min_horizontal(last, pl.lit(cutoff)))
    days = unit_days(figure.unit, source)
    bars = frame.filter(pl.col(REASON).is_null()).with_columns(
        time_since(until, start, days).cast(pl.Float64).alias(LENGTH)
    )
    bars = bars.sort(LENGTH, SUBJECT, descending=[True, False])
    reasons = frame.filter(pl.col(REASON).is_not_null()).select(NUMBER, REASON)
    return Swim(bars, reasons, marks_of(prepared, figure.marks, bars.select(NUMBER, START), figure.unit))
