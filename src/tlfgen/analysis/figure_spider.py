"""The results behind a spider plot: subjects shown and not shown, their groups, and its marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from tlfgen.analysis.prepare import Prepared
from tlfgen.analysis.source import NUMBER, SUBJECT
from tlfgen.analysis.subjects import (
    GROUP,
    REASON,
    TIME,
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
from tlfgen.errors import SpecError
from tlfgen.spec.figure_spider import SpiderSpec

VALUE, START = "#value", "#start"
POINTS = "points"  # the analysis: `output.points`, the values that are not drawn


@dataclass(frozen=True)
class Threads:
    """points: NUMBER, TIME, VALUE, GROUP and the records' variables, by subject and time."""

    points: pl.DataFrame
    reasons: pl.DataFrame
    marked: Marked
    left_out: Mapping[str, int]


def analyse(prepared: Prepared) -> Iterator[pl.DataFrame]:
    """Count the lines (`output.subjects`) and the marks (`output.marks`)."""
    figure: SpiderSpec = prepared.output
    threads = select_threads(prepared)
    shown = threads.points.select(NUMBER, GROUP).unique(NUMBER, keep="last", maintain_order=True)
    where = both(figure.where, f"{figure.y} IS NOT NULL", f"{figure.date} IS NOT NULL")
    yield from shown_rows(prepared, shown, threads.reasons, where)
    yield rows(
        {
            "output": figure.output, "analysis": f"{figure.output}.{POINTS}", "variable": figure.y,
            "dataset": figure.from_, "population": prepared.source.population, "method": "count",
            "shown": "count", "statistic": statistic, "stat_num": count, "where": both(figure.where),
        }
        for statistic, count in threads.left_out.items()
    )  # fmt: skip
    yield mark_rows(prepared, figure.marks, threads.marked)


def select_threads(prepared: Prepared) -> Threads:
    """The points of the lines.

    First case that applies to a record:
      1. no value                                        no point
      2. no full date                                    no point, and counted
      3. its subject has no first day                    no point
      4. on or before the first day                      no point: lines begin at 0
      5. after the data cut-off                          no point, and counted
      6. otherwise                                       a point
    """
    figure: SpiderSpec = prepared.output
    source = prepared.source
    population_of(figure, source)
    source.needs([n for n, _ in figure.named()], figure.at)
    column, frame = source.own(figure.y), source.frame
    if not frame.schema[column].is_numeric():
        raise SpecError(f"{source.dataset}.{figure.y} is no number.", place=figure.at_key("y"))
    frame = with_group(frame, prepared).with_columns(
        pl.col(column).cast(pl.Float64).alias(VALUE),
        date_of(frame, source.own(figure.date), figure.at_key("date")).alias("#date"),
        date_of(frame, source.own(figure.start), figure.at_key("start")).alias(START),
    )
    date, start = pl.col("#date"), pl.col(START)
    drawn = pl.col(VALUE).is_not_null() & (date > start) & (date <= source.study.cutoff)
    points = frame.filter(drawn.fill_null(False)).with_columns(
        time_since(date, start, unit_days(figure.unit, source)).cast(pl.Float64).alias(TIME)
    )
    points = points.sort(SUBJECT, TIME, maintain_order=True)
    _check(points, figure)
    valued = frame.filter(pl.col(VALUE).is_not_null()).join(points, on=NUMBER, how="anti")
    no_point = valued.select(
        NUMBER, pl.lit("no value with a date after the first day").alias(REASON)
    ).unique()
    starts = points.select(NUMBER, START).unique(NUMBER, keep="first", maintain_order=True)
    valued = frame.filter(pl.col(VALUE).is_not_null())
    left_out = {
        "undated": valued.filter(date.is_null()).height,
        "after_cutoff": valued.filter((date > start) & (date > source.study.cutoff)).height,
    }
    return Threads(points, no_point, marks_of(prepared, figure.marks, starts, figure.unit), left_out)


def _check(points: pl.DataFrame, figure: SpiderSpec) -> None:
    """One value a subject and day, one group a subject."""
    twice = points.filter(pl.struct(NUMBER, "#date").is_duplicated())
    if twice.height:
        who, day = twice[SUBJECT][0], twice["#date"][0]
        raise SpecError(
            f"{figure.from_} has more than one value of subject {who} on {day}.",
            place=figure.at_key("where"),
            hint="Narrow where: to one record a subject and day.",
        )
    several = points.group_by(NUMBER, maintain_order=True).agg(
        pl.col(SUBJECT).first(), pl.col(GROUP).n_unique()
    )
    several = several.filter(pl.col(GROUP) > 1)
    if several.height and figure.colour:
        raise SpecError(
            f"{figure.colour.by} has more than one value in the records of subject {several[SUBJECT][0]}.",
            place=figure.colour.at,
            hint="Colour lines by a variable that a subject has one value of, as one of ADSL.",
        )
