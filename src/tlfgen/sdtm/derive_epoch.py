"""epoch: EPOCH by the subject's elements."""

from __future__ import annotations

import polars as pl

from tlfgen.data.known_date import earlier_moment, moment, possible_days
from tlfgen.engine.gives import epochs
from tlfgen.engine.keyed import INDEX, SUBJECT, last_by, numbered
from tlfgen.engine.registry import ROW, Column, Derived, Other, Others, derivation

FIRST, LAST, TIME = "#first", "#last", "#time"  # the days that a date can mean, its time
LOW, HIGH, BEGUN, ENDED, ENDED_AT = "#low", "#high", "#begun", "#ended", "#ended_at"  # the same of an element
SURE, PLACE = "#sure", "#place"


@derivation(gives=epochs)
def derive_epoch(
    rows: pl.DataFrame,
    records: pl.DataFrame,
    *,
    date: Column,
    start: Other = "SE.SESTDTC",
    end_and_epoch: Others = ("SE.SEENDTC", "SE.EPOCH"),
) -> Derived:
    """Name the epoch of the element in which a date lies.

    First case that applies:
      1. no date                                              null
      2. date before the subject's first element              null
      3. date after the last element's end, where it has one  null
      4. otherwise   the epoch of the latest element that has begun by then; null where the days that the date
                     or a start can mean leave several epochs open

    An element lasts from its start until the next one starts. On the day of a change, times are compared
    where both were collected; otherwise that day belongs to the element that begins. An element whose start
    is partial or not known begins after the one in front of it.

    Source: SDTMIG 3.4, 5.3 (an element ends where the next begins); for a date outside all elements the
    guide gives no epoch, and none is assumed.
    """
    names = [name.rpartition(".")[2] for name in (start, *end_and_epoch)]
    epoch = names[2]
    earliest, latest = possible_days(rows, date)
    base = numbered(rows).select(
        INDEX, SUBJECT, earliest.alias(FIRST), latest.alias(LAST), moment(rows, date).alias(TIME)
    )
    asked = base.filter(pl.col(FIRST).is_not_null())
    pairs = _possible(asked.join(_elements(records, *names), on=SUBJECT))
    latest_sure = last_by(pairs.filter(SURE), [INDEX], [PLACE])
    open_ = pairs.join(latest_sure.select(INDEX, pl.col(ROW).alias("#taken")), on=INDEX)
    later = (pl.col(ROW) > pl.col("#taken")) | (pl.col(LOW) == pl.col(HIGH))
    open_ = open_.filter((pl.col(ROW) == pl.col("#taken")) | (~pl.col(SURE) & later))
    one = open_.group_by(INDEX).agg(((pl.col(epoch).n_unique() == 1) & ~pl.col("#after").any()).alias("#one"))
    picked = latest_sure.join(one.filter("#one"), on=INDEX).sort(INDEX)
    return Derived(
        base.select(INDEX).join(picked, on=INDEX, how="left", maintain_order="left")[epoch],
        sources=picked.select(pl.col(INDEX).alias("index"), pl.col(ROW).alias("source_row")),
    )


def _elements(records: pl.DataFrame, start: str, end: str, epoch: str) -> pl.DataFrame:
    """The elements with the days on which each can begin; of a subject's last one also its end."""
    low, high = possible_days(records, start)
    _, ended = possible_days(records, end)
    found = records.select(
        SUBJECT, ROW, epoch, low.alias(LOW), high.alias(HIGH), moment(records, start).alias(BEGUN),
        ended.alias(ENDED), moment(records, end).alias(ENDED_AT),
    ).sort(SUBJECT, ROW)  # fmt: skip
    before = pl.col(LOW).cum_max().forward_fill().over(SUBJECT)
    whole = (pl.col(LOW) == pl.col(HIGH)).fill_null(False)
    found = found.with_columns(pl.when(whole).then(LOW).otherwise(before).alias(PLACE))
    found = found.with_columns(pl.when(pl.col(LOW).is_null()).then(LOW).otherwise(PLACE).alias(LOW))
    found = found.sort(SUBJECT, PLACE, ROW, nulls_last=False)
    is_last = pl.int_range(pl.len()).over(SUBJECT) == pl.len().over(SUBJECT) - 1
    return found.with_columns(pl.when(is_last).then(pl.col(c)).alias(c) for c in (ENDED, ENDED_AT))


def _possible(pairs: pl.DataFrame) -> pl.DataFrame:
    """Each date with the elements that may have begun by then: whether it is sure, and whether it may lie
    after the end."""
    one_day = pl.col(FIRST) == pl.col(LAST)
    before = one_day & (pl.col(FIRST) == pl.col(LOW)) & (pl.col(LOW) == pl.col(HIGH))
    before &= earlier_moment(pairs[TIME], pairs[BEGUN])
    past = one_day & (pl.col(LAST) == pl.col(ENDED)) & earlier_moment(pairs[ENDED_AT], pairs[TIME])
    not_before = ~before.fill_null(False)
    return pairs.with_columns(
        ((pl.col(HIGH) <= pl.col(FIRST)) & not_before).fill_null(False).alias(SURE),
        ((pl.col(LOW) <= pl.col(LAST)).fill_null(True) & not_before).alias("#may"),
        ((pl.col(LAST) > pl.col(ENDED)) | past).fill_null(False).alias("#after"),
    ).filter("#may")
