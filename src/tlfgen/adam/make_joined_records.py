"""joined_records: a record that another one of the same subject bears out, as a confirmed response."""

from __future__ import annotations

import polars as pl

from tlfgen.adam.records_of_records import as_value, bares, check_shown, indexed, owner_of, told
from tlfgen.data.dates import complete_day
from tlfgen.engine.keyed import INDEX, SUBJECT, first_by, group_keys, trail
from tlfgen.engine.registry import (
    LATER,
    ROW,
    Fetch,
    Further,
    Made,
    Other,
    OtherPair,
    Others,
    OtherWhere,
    maker,
)
from tlfgen.errors import NOWHERE, Place

RULE = "joined_records"
UNDATED = "its day is not known: it cannot be borne out"
UNDATED_LATER = "its day is not known: it bears out no other"
DAYS = "#days"


@maker
def make_joined_records(
    fetch: Fetch,
    *,
    of: Other,
    date: Further,
    first: OtherWhere = None,
    later: OtherWhere = None,
    between: OtherPair = None,
    min_days: int = 1,
    max_days: int | None = None,
    by: Others = (),
    keep: Others = (),
    at: Place = NOWHERE,
) -> Made:
    """Make a record of the first record that a later one bears out, as a confirmed response.

    A group is a subject and the values of `by`. Of its records that meet `first`, one is borne out if another
    record of the group meets `later`, its date lies `min_days` to `max_days` after, and the two meet
    `between`. First case that applies:
      1. a date of either is missing or partial    the two are no pair; a warning of each
      2. no record is borne out                    no record
      3. otherwise                                 the earliest that is; of one day the first as it came. Its
                                                   value, its date, `by` and `keep` stand on the record

    between: a condition on both; `later.NAME` is the other record's (`later.AVAL >= AVAL`). Both records are
    sources; of several that bear it out the earliest.

    Source: the study's analysis plan; as RECIST 1.1, 4.6 (confirmation no less than 4 weeks after).
    """
    value, day, keys = bares([of])[0], bares([date])[0], group_keys(bares(by))
    check_shown(value, keys, [*keys, *bares(keep)], at)
    asked = [] if between is None else [n.removeprefix(LATER) for n in between.columns]
    names = dict.fromkeys((of, date, *by, *keep, *(f"{owner_of(of)}.{n}" for n in asked)))
    one, other = fetch(*names, where=first), fetch(*names, where=later)
    pairs = _pairs(_dated(one, day), _dated(other, day), keys)
    undated, others = (_undated(records, day) for records in (one, other))
    others = others.join(one, on=keys, how="semi", nulls_equal=True).join(undated, on=ROW, how="anti")
    within = pl.col(DAYS) >= min_days
    pairs = pairs.filter(within if max_days is None else within & (pl.col(DAYS) <= max_days))
    if between is not None:
        pairs = pairs.filter(between.rows(pairs))
    chosen = indexed(first_by(pairs, keys, ["#day", DAYS, ROW, LATER + ROW]).sort(ROW))
    kept = [n for n in dict.fromkeys((*keys, *bares(keep))) if n not in (value, day, "ADT")]
    frame = chosen.select(*kept, pl.col("#day").alias("ADT"), as_value(value, chosen, value))
    source = pl.lit(owner_of(of)).alias("source")
    used = [chosen.select("index", source, pl.col(c).alias("source_row")) for c in (ROW, LATER + ROW)]
    number = chosen.select(*keys, pl.col("index").alias(INDEX), pl.col(ROW).alias("#one"),
                           pl.col(LATER + ROW).alias("#other"))  # fmt: skip
    return Made(
        frame,
        pl.concat(used).unique().sort("index", "source_row"),
        (
            *told("warning", owner_of(of), RULE, UNDATED, undated, day),
            *told("warning", owner_of(of), RULE, UNDATED_LATER, others, day),
        ),
        trail(
            pairs.join(number, on=keys, nulls_equal=True),
            [INDEX],
            (pl.col(ROW) == pl.col("#one")) & (pl.col(LATER + ROW) == pl.col("#other")),
            candidate=pl.format("{}, borne out on {}", "#day", f"{LATER}#day"),
            value=pl.col(value),
            rule=RULE,
            reasons=("the earliest that is borne out", "another is earlier"),
        ),
    )


def _undated(records: pl.DataFrame, day: str) -> pl.DataFrame:
    return records.filter(complete_day(records[day]).is_null())


def _dated(records: pl.DataFrame, day: str) -> pl.DataFrame:
    return records.with_columns(complete_day(records[day]).alias("#day")).filter(pl.col("#day").is_not_null())


def _pairs(one: pl.DataFrame, other: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Each record with each other one of its group: the other's columns as later.NAME, and the days
    between."""
    renamed = other.rename({c: LATER + c for c in other.columns if c not in keys})
    pairs = one.join(renamed, on=keys, nulls_equal=True).filter(pl.col(ROW) != pl.col(LATER + ROW))
    for key in (k for k in keys if k != SUBJECT):
        pairs = pairs.with_columns(pl.col(key).alias(LATER + key))
    return pairs.with_columns((pl.col(f"{LATER}#day") - pl.col("#day")).dt.total_days().alias(DAYS))
