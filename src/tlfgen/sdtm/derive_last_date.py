"""last_date: the latest date of another dataset's records, open ones included."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tlfgen.data.dates import complete_day
from tlfgen.data.keyed import INDEX, SUBJECT, last_by, numbered
from tlfgen.data.registry import Columns, Derived, Fills, Other, OtherWhere, derivation
from tlfgen.errors import Finding
from tlfgen.sdtm.derive_first_date import KEY, taken

OPEN, UNTIL, WHICH = "#open", "#until", "#which"


@derivation
def derive_last_date(
    rows: pl.DataFrame,
    records: pl.DataFrame,
    *,
    of: Other,
    where: OtherWhere = None,
    open_until: Columns = (),
    flag: Fills = None,
) -> Derived:
    """Take the latest date of another dataset's records.

    First case that applies:
      1. no record with a date, its own or an assumed one   null
      2. otherwise                                          the date of the record that may be the latest

    open_until: the dates at which a record without a date of its own ends, at the earliest of them that is known
    (`[EOSDT, DTHDT, cutoff]`); a partial one does not count. Where none is given, a record without a date does not
    count. An assumed date that is the answer is a note, and the variable named by `flag` is "Y" there; a record for
    which none of the dates is known is a warning, and does not count.

    A partial date stands for all the days it can mean: 2014-03 is later than 2014-03-05, because it may be 31 March.
    Such an answer is a warning; where it fills a date, the date stays null. Of equal dates a record's own comes
    before an assumed one.

    where: the records that count.
    """
    date, owner = of.rpartition(".")[2], of.rpartition(".")[0]
    pairs = _with_assumed(rows, records, date, open_until)
    known = pairs.filter(pl.col(date).is_not_null())
    # "~" sorts behind every digit and mark of a date, so a date cut short comes behind all that it may mean
    known = known.with_columns((pl.col(date).cast(pl.String) + "~").alias(KEY))
    chosen = last_by(known, [INDEX], [KEY, "-" + OPEN])
    found = taken(rows, known, chosen, date, "last_date", ("the latest", "earlier"))
    assumed = chosen.filter(OPEN).sort(INDEX)
    unknown = pairs.filter(pl.col(date).is_null() & pl.lit(bool(open_until)))[INDEX].unique().sort()
    among = ", ".join(open_until)
    notes = [
        Finding("note", "", "", "last_date", f"a record of {owner} has no {date}: {until} is taken, {which}, the earliest of {among}", row=index, value=until)
        for index, until, which in assumed.select(INDEX, pl.col(UNTIL).cast(pl.String), WHICH).iter_rows()
    ] + [
        Finding("warning", "", "", "last_date", f"a record of {owner} has no {date}, and none of {among} is known: it does not count", row=index)
        for index in unknown
    ]  # fmt: skip
    values: Mapping[str, pl.Series] = found.values if isinstance(found.values, Mapping) else {"": found.values}
    if flag is not None:
        marked = numbered(rows).select(pl.when(pl.col(INDEX).is_in(assumed[INDEX].implode())).then(pl.lit("Y")).alias(flag))
        values = {**values, flag: marked.to_series()}
    return Derived(values, found.sources, found.decisions, (*found.findings, *notes))


def _with_assumed(rows: pl.DataFrame, records: pl.DataFrame, date: str, open_until: tuple[str, ...]) -> pl.DataFrame:
    """Each row with each record; open ones with the date at which they are taken to end, and its name."""
    ends = rows.select(complete_day(rows[name]).alias(name) for name in dict.fromkeys(open_until))
    until = ends.select(pl.min_horizontal(open_until)).to_series() if open_until else pl.Series([None], dtype=pl.Date).new_from_index(0, rows.height)
    which = ends.with_columns(until.alias(UNTIL)).select(
        pl.coalesce([*(pl.when(pl.col(name) == pl.col(UNTIL)).then(pl.lit(name)) for name in ends.columns), pl.lit(None, dtype=pl.String)])
    )  # fmt: skip
    base = numbered(rows).select(INDEX, SUBJECT, until.alias(UNTIL), which.to_series().alias(WHICH))
    pairs = base.join(records, on=SUBJECT).with_columns((pl.col(date).is_null() & pl.lit(bool(open_until))).alias(OPEN))
    assumed = pl.col(UNTIL) if records.schema[date] == pl.Date else pl.col(UNTIL).cast(pl.String)
    return pairs.with_columns(pl.when(OPEN).then(assumed).otherwise(pl.col(date)).alias(date))
