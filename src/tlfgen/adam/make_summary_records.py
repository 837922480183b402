"""summary_records: a mean, or another statistic, of a group of records as a record."""

from __future__ import annotations

from typing import Literal

import polars as pl

from tlfgen.adam.records_of_records import (
    LOST,
    PARAMETER,
    as_value,
    bares,
    check_shown,
    indexed,
    owner_of,
    told,
    used_rows,
    valued,
)
from tlfgen.engine.keyed import group_keys
from tlfgen.engine.registry import ROW, Fetch, Made, Other, Others, OtherWhere, maker
from tlfgen.errors import NOWHERE, Place, SpecError

RULE = "summary_records"
TYPES = {
    "mean": "AVERAGE", "max": "MAXIMUM", "min": "MINIMUM", "median": "MEDIAN", "sum": "TOTAL",
    "count": "COUNT",
}  # fmt: skip


@maker
def make_summary_records(
    fetch: Fetch,
    *,
    of: Other,
    by: Others,
    statistic: Literal["mean", "median", "min", "max", "sum", "count"],
    where: OtherWhere = None,
    at: Place = NOWHERE,
) -> Made:
    """Make a record of a statistic over the records of each group.

    A group is a subject and the values of `by`, a null being a value of its own. First case that applies:
      1. no record of the group has a value             no record
      2. a value of the group cannot be read            null, and a warning
      3. count                                          the number of records with a value
      4. mean, median, min, max, sum                    that of the values, not rounded

    where: the records that count. The variables of `by` stand on the record. Where PARAMCD is one of them,
    the parameter also has the records that were summarised, and DTYPE tells them apart: AVERAGE, MAXIMUM,
    MINIMUM, and, beyond CDISC's terms, MEDIAN, TOTAL, COUNT; `set` may say another.

    Source: ADaMIG 1.3, 3.3.5 (DTYPE: the value is derived otherwise than the others of its parameter).
    """
    value, keys = bares([of])[0], group_keys(bares(by))
    records = valued(fetch(of, *by, where=where), value).sort(ROW)
    if statistic != "count":
        check_shown(value, keys, keys, at)
        _check_number(value, records.schema[value], statistic, at)
    column = pl.col(value)
    how = {
        "mean": column.mean(), "median": column.median(), "min": column.min(), "max": column.max(),
        "sum": column.sum(), "count": column.len(),
    }  # fmt: skip
    groups = records.group_by(keys, maintain_order=True).agg(
        how[statistic].cast(pl.Float64).alias("#value"), pl.col(ROW).first(), pl.col(LOST).any()
    )
    made = indexed(groups).with_columns(pl.when(~pl.col(LOST)).then(pl.col("#value")).alias("#value"))
    kind = [pl.lit(TYPES[statistic]).alias("DTYPE")] if PARAMETER in keys else []
    owner = owner_of(of)
    open_ = made.filter(LOST)
    return Made(
        made.select(*keys, as_value("AVAL", made, "#value"), *kind),
        used_rows(made, records, keys, owner),
        told(
            "warning", owner, RULE, f"a value that cannot be read leaves the {statistic} open", open_, value
        ),
    )


def _check_number(value: str, dtype: pl.DataType, statistic: str, at: Place) -> None:
    """A date has no mean that AVAL could hold, and a text none at all."""
    if dtype.is_numeric() or dtype == pl.Null:
        return
    what = "a date" if dtype.is_temporal() else "text"
    raise SpecError(
        f"{value} is {what}; {statistic} is of numbers.", place=at,
        hint="The first or last date: derive: extreme_records. How many: statistic: count.",
    )  # fmt: skip
