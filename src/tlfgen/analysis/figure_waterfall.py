"""The results behind a waterfall: how many subjects it shows, in which groups, and who is not shown."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tlfgen.analysis.prepare import Prepared
from tlfgen.analysis.source import NUMBER, SUBJECT
from tlfgen.analysis.subjects import GROUP, REASON, check_one_each, shown_rows, with_group
from tlfgen.analysis.table import both
from tlfgen.errors import SpecError
from tlfgen.spec.figure_waterfall import WaterfallSpec
from tlfgen.spec.significant import significant

VALUE = "#value"


def analyse(prepared: Prepared) -> Iterator[pl.DataFrame]:
    """Count the bars: `output.subjects`, shown and not shown, and n of each group."""
    figure: WaterfallSpec = prepared.output
    bars = select_bars(prepared)
    nobody = pl.DataFrame(schema={NUMBER: pl.UInt32, REASON: pl.String})
    yield from shown_rows(
        prepared, bars.select(NUMBER, GROUP), nobody, both(figure.where, f"{figure.y} IS NOT NULL")
    )


def select_bars(prepared: Prepared) -> pl.DataFrame:
    """The records with a value, one a subject, from the highest to the lowest value, ties by subject: with
    VALUE and GROUP."""
    figure: WaterfallSpec = prepared.output
    source = prepared.source
    source.needs([figure.y], figure.at_key("y"))
    column = source.own(figure.y)
    if not source.frame.schema[column].is_numeric():
        raise SpecError(f"{source.dataset}.{figure.y} is no number.", place=figure.at_key("y"))
    frame = source.frame.filter(pl.col(column).is_not_null())
    check_one_each(frame, source, figure.at_key("where"))
    bars = with_group(frame, prepared).with_columns(pl.col(column).cast(pl.Float64).alias(VALUE))
    return bars.sort(significant(pl.col(VALUE)), SUBJECT, descending=[True, False])
