"""The results behind a figure of means over time: the summary at each x, and the limits."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tlfgen.analysis.forms import with_limits
from tlfgen.analysis.long import Statistic
from tlfgen.analysis.over_time import over_time, results_of
from tlfgen.analysis.prepare import Prepared
from tlfgen.analysis.summarise import summary_statistics
from tlfgen.spec.figure_mean_over_time import MeanOverTimeSpec

LOWER, UPPER = "mean_low", "mean_high"
DECLARED = with_limits("mean", "summary", "mean")


def analyse(prepared: Prepared) -> Iterator[pl.DataFrame]:
    """Summarise y at each x: the analysis `output.Y`, with its `mean_low`, `mean_high` and `x_value`."""
    figure: MeanOverTimeSpec = prepared.output
    limits: dict[str, Statistic] = {}
    if figure.limits != "none":
        half = pl.col(figure.limits)
        reason = summary_statistics(prepared.source.study)[figure.limits].reason
        method = f"mean and one {figure.limits.upper()} to each side"
        limits = {
            LOWER: Statistic(pl.col("mean") - half, reason, method=method, declared=DECLARED[LOWER]),
            UPPER: Statistic(pl.col("mean") + half, reason, method=method, declared=DECLARED[UPPER]),
        }
    yield from results_of(over_time(prepared), limits)
