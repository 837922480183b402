"""Tests of each column against one, line by line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tlfgen.analysis.columns import Column, label_of
from tlfgen.analysis.count import DENOMINATOR
from tlfgen.analysis.levels import LINE
from tlfgen.analysis.long import COLUMN, Statistic
from tlfgen.analysis.table import parameters_text
from tlfgen.errors import SpecError, unknown
from tlfgen.spec.output import CompareSpec
from tlfgen.spec.shell import ColumnsSpec
from tlfgen.stats import find_method

P_VALUE, NO_SUBJECT, NO_EVENT = "p_value", "no subject in a group", "nothing on either side"
NOTHING = "#nothing"


def compare_rows(
    counted: pl.DataFrame, compare: CompareSpec, spec: ColumnsSpec, columns: Sequence[Column]
) -> pl.DataFrame:
    """Test the counts of each column: a wide frame with LINE, COLUMN, the keys and P_VALUE.

    counted: as `count_rows` has it. Subjects with a record against subjects without one, of the denominators.
    Where neither side has a subject with a record there is nothing to compare, and no P value.
    """
    method = find_method(compare.method, "comparison", compare.at)
    against = counted.filter(pl.col(COLUMN) == column_at(compare.against, compare, spec, columns))
    against = against.select(LINE, pl.col("n").alias("m"), pl.col(DENOMINATOR).alias("of"))
    each = [column_at(label, compare, spec, columns) for label in compare.each]
    own = counted.filter(pl.col(COLUMN).is_in(each))
    both = own.join(against, on=LINE, how="left", maintain_order="left")
    if both[DENOMINATOR].null_count():
        raise SpecError("A comparison needs an analysis set, for its N.", place=compare.at)
    nothing = (both["n"] == 0) & (both["m"] == 0)
    possible = (both["n"] <= both[DENOMINATOR]) & (both["m"] <= both["of"]) & ~nothing
    n, of, m, against_of = (both[c].to_numpy() for c in ("n", DENOMINATOR, "m", "of"))
    there = possible.to_numpy()
    p = np.full(both.height, np.nan)
    p[there] = method.function(n[there], of[there], m[there], against_of[there]).p_value
    return both.with_columns(pl.Series(P_VALUE, p).fill_nan(None), nothing.alias(NOTHING))


def compare_statistics(compare: CompareSpec) -> dict[str, Statistic]:
    """The statistic of a comparison, as the table of results has it."""
    why = pl.when(pl.col(NOTHING)).then(pl.lit(NO_EVENT)).otherwise(pl.lit(NO_SUBJECT))
    reason = pl.when(pl.col(P_VALUE).is_null()).then(why)
    against = parameters_text({"against": compare.against})
    return {
        P_VALUE: Statistic(
            pl.col(P_VALUE), reason, pl.col(DENOMINATOR), compare.method, parameters=against, shown="p"
        )
    }


def column_at(label: str, compare: CompareSpec, spec: ColumnsSpec, columns: Sequence[Column]) -> int:
    """A column by its label; a SpecError with the nearest where there is none."""
    labels = [label_of(c, spec) for c in columns]
    if label not in labels:
        raise unknown("The column", label, labels, compare.at)
    return labels.index(label)
