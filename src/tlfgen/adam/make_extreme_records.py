"""extreme_records: the first, last, highest or lowest record of a group as a record of its own."""

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
    read_row,
    told,
    valued,
)
from tlfgen.engine.keyed import INDEX, first_by, group_keys, last_by, trail
from tlfgen.engine.registry import ROW, Fetch, Made, Other, Others, OtherWhere, maker
from tlfgen.errors import NOWHERE, Place

RULE = "extreme_records"
SAYS = "a value of its group cannot be read, so that the value taken is not known: null"


@maker
def make_extreme_records(
    fetch: Fetch,
    *,
    of: Other,
    by: Others,
    order: Others,
    take: Literal["first", "last"],
    keep: Others = (),
    where: OtherWhere = None,
    at: Place = NOWHERE,
) -> Made:
    """Make a copy of one record of each group, as the worst value or the last one on treatment.

    A group is a subject and the values of `by`, a null being a value of its own. Of its records with a value
    of `of` one is taken: the first or the last by `order` ("-NAME" is descending; a null is never taken
    before a value; ties go to the record that came first, or last). `order: AVAL` gives the lowest, or the
    highest, value. A group without a value has no record; one with a value that cannot be read has a null
    value, and a warning.

    where: the records that count. The variables of `by`, `order` and `keep` stand on the record. Where
    PARAMCD is one of `by`, the parameter also has the record that was taken, and DTYPE tells them apart:
    MAXIMUM and MINIMUM of the highest and lowest value, LOV of the last by another order, and, beyond CDISC's
    terms, FIRST; `set` may say another, as WOV for the worst.

    Source: ADaMIG 1.3, 3.3.5 (DTYPE), and 4.2 on rows that are copies for analysis.
    """
    value, keys = bares([of])[0], group_keys(bares(by))
    names = list(dict.fromkeys([*keys, *bares(order), *bares(keep)]))
    check_shown(value, keys, names, at)
    records = fetch(of, *by, *(n.removeprefix("-") for n in order), *keep, where=where)
    given = valued(records, value).with_columns(pl.col(LOST).any().over(keys))
    ways = tuple(("-" if n.startswith("-") else "") + bares([n])[0] for n in order)
    taken = (first_by if take == "first" else last_by)(given, keys, ways).sort(ROW)
    made = indexed(taken).with_columns(pl.when(~pl.col(LOST)).then(pl.col(value)).alias(value))
    frame = made.select(*(n for n in names if n != value), as_value(value, made, value))
    if PARAMETER in keys:
        frame = frame.with_columns(pl.lit(_type(value, ways, take)).alias("DTYPE"))
    number = made.select(*keys, pl.col("index").alias(INDEX), pl.col(ROW).alias("#taken"))
    return Made(
        frame,
        read_row(made, owner_of(of)),
        told("warning", owner_of(of), RULE, SAYS, made.filter(LOST), value),
        decisions=trail(
            given.join(number, on=keys, nulls_equal=True),
            [INDEX],
            pl.col(ROW) == pl.col("#taken"),
            candidate=_told([n for n in bares((*order, *keep)) if n != value] or [value]),
            value=pl.col(value),
            rule=RULE,
            reasons=(f"the {take} by {', '.join(ways)}", "another is taken"),
        ),
    )


def _told(names: list[str]) -> pl.Expr:
    """A record by what it is known of: `ADT 2024-04-03, VISITNUM 2`."""
    parts = (pl.format("{} {}", pl.lit(n), pl.col(n).cast(pl.String).fill_null("none")) for n in names)
    return pl.concat_str(*parts, separator=", ")


def _type(value: str, order: tuple[str, ...], take: str) -> str:
    """The derivation type of the record that is taken."""
    first, descending = order[0].removeprefix("-"), order[0].startswith("-")
    if first == value:
        return "MAXIMUM" if (take == "last") != descending else "MINIMUM"
    return "LOV" if (take == "last") != descending else "FIRST"
