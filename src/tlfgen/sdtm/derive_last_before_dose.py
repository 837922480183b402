"""last_before_dose: --LOBXFL."""

from __future__ import annotations

from typing import Literal

import polars as pl

from tlfgen.data.known_date import earlier_moment, moment, possible_days
from tlfgen.engine.gives import YES
from tlfgen.engine.keyed import INDEX, flagged, group_keys, last_by, numbered, trail
from tlfgen.engine.registry import Column, Columns, Derived, derivation

SameDay = Literal["before", "after"]
DAY, TIME = "#day", "#time"


@derivation(gives=YES)
def derive_last_before_dose(
    rows: pl.DataFrame,
    *,
    by: Columns,
    date: Column,
    value: Column,
    reference: Column = "DM.RFXSTDTC",
    same_day: SameDay = "before",
    order: Columns = (),
) -> Derived:
    """Flag the last result before the first dose.

    A result can be the last before the dose by the first case that applies:
      1. no result, no date, or no dose                          it cannot
      2. every day that its date can mean lies before the dose   it can
      3. a partial date that may lie on or after the dose        it cannot
      4. on the day of the dose, both with a time                if its time is earlier; if later, it cannot
      5. on the day of the dose otherwise, or at the same time   as `same_day` says
      6. later                                                   it cannot

    Of a group's candidates (a subject and `by`) the one with the latest date is flagged "Y", a partial date
    counting by its first possible day; of one day, the latest time, where all have one; of those, the last by
    `order` ("-NAME" is descending, nulls come first), then the last as collected.

    same_day: "before" takes a result of the day of the dose as before it, "after" as after it.

    Source: SDTMIG 3.4, --LOBXFL (last non-missing value before RFXSTDTC).
    """
    return flag_last_before(rows, "last_before_dose", by, date, value, reference, same_day, order)


def flag_last_before(
    rows: pl.DataFrame,
    rule: str,
    by: tuple[str, ...],
    date: str,
    value: str,
    reference: str,
    same_day: SameDay,
    order: tuple[str, ...],
) -> Derived:
    """Flag the last value of each group by the rule of last_before_dose."""
    keys = group_keys(by)
    earliest, _ = possible_days(rows, date)
    timed = numbered(rows).with_columns(earliest.alias(DAY), moment(rows, date).alias(TIME))
    candidates = timed.filter(_before(rows, date, value, reference, same_day))
    all_timed = pl.col(TIME).is_not_null().all().over([*keys, DAY])
    candidates = candidates.with_columns(pl.when(all_timed).then(TIME).alias(TIME))
    chosen = last_by(candidates, keys, [DAY, TIME, *order])[INDEX]
    day = pl.col(reference).cast(pl.String)
    decisions = trail(
        candidates,
        keys,
        pl.col(INDEX).is_in(chosen.implode()),
        candidate=pl.concat_str(pl.col(date).cast(pl.String), pl.lit(" before "), day),
        value=pl.col(value),
        rule=rule,
        reasons=("the last before the reference", "a later one is taken"),
    )
    return Derived(flagged(rows.height, chosen), decisions=decisions, null_is_no=True)


def _before(rows: pl.DataFrame, date: str, value: str, reference: str, same_day: SameDay) -> pl.Series:
    earliest, latest = possible_days(rows, date)
    dose, last_dose = possible_days(rows, reference)
    there = pl.col(value).is_not_null()
    if rows.schema[value] == pl.String:
        there &= pl.col(value).str.strip_chars() != ""
    days = pl.DataFrame({"earliest": earliest, "latest": latest, "dose": dose, "last": last_dose})
    days = days.with_columns(earlier_moment(moment(rows, date), moment(rows, reference)).alias("earlier"))
    whole = (pl.col("earliest") == pl.col("latest")) & (pl.col("dose") == pl.col("last"))
    on_day = whole & (pl.col("earliest") == pl.col("dose"))
    timed = pl.coalesce("earlier", pl.lit(same_day == "before"))
    before = days.select(((pl.col("latest") < pl.col("dose")) | (on_day & timed)).alias("before")).to_series()
    return rows.select((there & pl.lit(before)).fill_null(False).alias("before")).to_series()
