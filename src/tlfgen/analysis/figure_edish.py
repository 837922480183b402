"""The results behind eDISH: subjects by quadrant, and who and what is not drawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from tlfgen.analysis.prepare import Prepared
from tlfgen.analysis.source import EVERYTHING, NUMBER, ROW, SUBJECT
from tlfgen.analysis.table import both, pairs, rows
from tlfgen.errors import SpecError
from tlfgen.spec.figure_edish import EdishSpec, PeakSpec

QUADRANTS, X, Y, QUADRANT, RATIO = "quadrants", "#x", "#y", "#quadrant", "#ratio"
NOT_SHOWN, UNREADABLE = "not_shown", "without_ratio"


def analyse(prepared: Prepared) -> Iterator[pl.DataFrame]:
    """Count the analysis `output.quadrants`: n of each quadrant and column; the subjects of the population
    without a point, and the records without a ratio above 0."""
    figure: EdishSpec = prepared.output
    points, source = select_points(prepared), prepared.source
    shared: dict[str, Any] = {
        "output": figure.output, "analysis": f"{figure.output}.{QUADRANTS}", "variable": SUBJECT,
        "dataset": source.dataset, "population": source.population, "method": "count", "shown": "count",
    }  # fmt: skip
    found = []
    for column in prepared.columns:
        own = points.filter(column.by_mask)
        where = both(figure.where, f"({figure.x.where} OR {figure.y.where})", column.where)
        for quadrant in figure.quadrants:
            at = pairs((*column.groups, ("QUADRANT", quadrant)))
            number = own.filter(pl.col(QUADRANT) == quadrant).height
            count = {"statistic": "n", "stat_num": number, "denominator": own.height, "where": where}
            found.append(shared | at | count)
    left = prepared.subjects.height - points.height
    found.append(shared | {"statistic": NOT_SHOWN, "stat_num": left, "where": both(figure.where)})
    for axis in (figure.x, figure.y):
        records = source.rows(axis.condition, _with_ratio(prepared))
        lost = records.filter(pl.col(RATIO).is_null()).height
        at = pairs([("RECORDS", axis.where)])
        found.append(
            shared | at | {"statistic": UNREADABLE, "stat_num": lost, "where": both(figure.where, axis.where)}
        )
    yield rows(found)


def select_points(prepared: Prepared) -> pl.DataFrame:
    """The subjects with a ratio on both axes, with X, Y, QUADRANT and the columns' texts, by subject; of
    numbered records the number of each axis's own (X + ROW, Y + ROW).

    First case that applies to a record:
      1. no value, or no upper limit of normal above 0     no ratio, and counted
      2. a ratio of 0 or below                             no ratio, and counted: it has no logarithm
      3. otherwise                                         value / upper limit
    Of each subject the highest ratio on each axis counts, each by itself.
    """
    figure: EdishSpec = prepared.output
    if prepared.source.subjects is None:
        raise SpecError(
            "eDISH says who is not shown, and needs an analysis set for that.",
            place=figure.at_key("population"),
            hint=f"Name one of study.yaml instead of '{EVERYTHING}'.",
        )
    frame = _with_ratio(prepared)
    found = prepared.subjects.with_columns(pl.col(NUMBER).cast(pl.UInt32))
    for axis, name in ((figure.x, X), (figure.y, Y)):
        found = found.join(_peaks(prepared, frame, axis, name), on=NUMBER, how="inner", maintain_order="left")
    over_x, over_y = _reached(X, figure.x.limit, equal=True), _reached(Y, figure.y.limit, equal=False)
    neither, x_alone, y_alone, each = figure.quadrants
    quadrant = (
        pl.when(over_x & over_y).then(pl.lit(each))
        .when(over_x).then(pl.lit(x_alone))
        .when(over_y).then(pl.lit(y_alone))
        .otherwise(pl.lit(neither))
    )  # fmt: skip
    return found.with_columns(quadrant.alias(QUADRANT)).sort(SUBJECT)


def _with_ratio(prepared: Prepared) -> pl.DataFrame:
    figure, source = prepared.output, prepared.source
    columns = []
    for key in ("value", "upper"):
        source.needs([getattr(figure, key)], figure.at_key(key))
        columns.append(source.own(getattr(figure, key)))
        if not source.frame.schema[columns[-1]].is_numeric():
            raise SpecError(f"{source.dataset}.{columns[-1]} is no number.", place=figure.at_key(key))
    value, upper = (pl.col(c).cast(pl.Float64) for c in columns)
    ratio = pl.when((upper > 0) & (value > 0)).then(value / upper)
    return source.frame.with_columns(ratio.alias(RATIO), pl.col(NUMBER).cast(pl.UInt32))


def _peaks(prepared: Prepared, frame: pl.DataFrame, axis: PeakSpec, name: str) -> pl.DataFrame:
    own = prepared.source.rows(axis.condition, frame).filter(pl.col(RATIO).is_not_null())
    highest = pl.col(RATIO).arg_max()
    rows = [pl.col(ROW).get(highest).alias(name + ROW)] if ROW in own.columns else []
    return own.group_by(NUMBER).agg(pl.col(RATIO).get(highest).alias(name), *rows)


def _reached(column: str, limit: float, *, equal: bool) -> pl.Expr:
    """Whether a ratio reaches a limit, at 12 significant digits."""
    ratio = pl.col(column).round_sig_figs(12)
    return ratio >= limit if equal else ratio > limit
