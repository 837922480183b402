"""epoch: EPOCH by the subject's elements."""

from __future__ import annotations

import polars as pl

from tlfgen.data.dates import complete_day
from tlfgen.data.gives import epochs
from tlfgen.data.keyed import INDEX, SUBJECT, numbered
from tlfgen.data.registry import ROW, Column, Derived, Other, Others, derivation
from tlfgen.spec.iso_date import date_bounds

BEGIN, END = "#begin", "#end"


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
      4. complete date     the epoch of the latest element that has begun by that day
      5. partial date      that epoch, where its first and last possible day lie in one epoch; else null

    An element lasts from its start until the next one starts: the day of a change belongs to the element
    that begins. Days are compared, times are not. Elements whose start is partial or missing do not count.

    Source: SDTMIG 3.4, 5.3 (an element ends where the next begins); for a date outside all elements the
    guide gives no epoch, and none is assumed.
    """
    names = [name.rpartition(".")[2] for name in (start, *end_and_epoch)]
    elements = _elements(records, *names)
    kind = "date" if rows.schema[date] == pl.Date else "partial"
    earliest, latest = date_bounds(pl.col(date), kind)
    base = numbered(rows).select(INDEX, SUBJECT, earliest.alias(BEGIN), latest.alias(END))
    epoch = names[2]
    first = _at(base, BEGIN, elements, epoch)
    last = _at(base, END, elements, epoch)
    agreed = first.join(
        last.select(INDEX, pl.col(epoch).alias("#last")), on=INDEX, how="left", maintain_order="left"
    )
    agreed = agreed.with_columns(
        pl.when(pl.col(epoch) == pl.col("#last")).then(pl.col(epoch)).alias(epoch)
    ).sort(INDEX)
    picked = agreed.filter(pl.col(epoch).is_not_null())
    return Derived(
        base.select(INDEX).join(agreed, on=INDEX, how="left", maintain_order="left")[epoch],
        sources=picked.select(pl.col(INDEX).alias("index"), pl.col(ROW).alias("source_row")),
    )


def _elements(records: pl.DataFrame, start: str, end: str, epoch: str) -> pl.DataFrame:
    """The elements by their first day; of a subject's last one also the last day."""
    days = records.select(
        SUBJECT, ROW, epoch, complete_day(records[start]).alias(BEGIN), complete_day(records[end]).alias(END)
    )
    days = days.filter(pl.col(BEGIN).is_not_null()).sort(SUBJECT, BEGIN, ROW)
    is_last = pl.int_range(pl.len()).over(SUBJECT) == pl.len().over(SUBJECT) - 1
    return days.with_columns(pl.when(is_last).then(pl.col(END)).alias(END)).sort(BEGIN, SUBJECT, ROW)


def _at(base: pl.DataFrame, day: str, elements: pl.DataFrame, epoch: str) -> pl.DataFrame:
    """The element that holds each row's day."""
    asked = (
        base.filter(pl.col(day).is_not_null()).select(INDEX, SUBJECT, pl.col(day).alias("#day")).sort("#day")
    )
    found = asked.join_asof(
        elements, left_on="#day", right_on=BEGIN, by=SUBJECT, strategy="backward", check_sortedness=False
    )
    return found.filter(pl.col(END).is_null() | (pl.col("#day") <= pl.col(END))).select(INDEX, ROW, epoch)
