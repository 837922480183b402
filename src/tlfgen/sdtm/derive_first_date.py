"""first_date and last_date: the earliest and the latest date of another dataset's records."""

from __future__ import annotations

import polars as pl

from tlfgen.data.dates import complete_day
from tlfgen.data.keyed import INDEX, SUBJECT, first_by, last_by, numbered, trail
from tlfgen.data.registry import ROW, Columns, Derived, Fills, Other, OtherWhere, derivation
from tlfgen.errors import Finding

KEY, UNTIL, WHICH = "#key", "#until", "#which"


@derivation
def derive_first_date(rows: pl.DataFrame, records: pl.DataFrame, *, of: Other, where: OtherWhere = None) -> Derived:
    """Take the earliest date of another dataset's records.

    First case that applies:
      1. no record with a date   null
      2. otherwise               the date of the record that may be the earliest

    A partial date stands for all the days it can mean: 2014-03 is earlier than 2014-03-05, because it may be 1 March,
    and the answer is then 2014-03, which is what is known. Such an answer is a warning; where it fills a date it
    leaves the date null (impute it from the text with impute_date). Without a time a day is earlier than with one.

    where: the records that count.
    """
    date = of.rpartition(".")[2]
    dated = records.filter(pl.col(date).is_not_null()).with_columns(pl.col(date).cast(pl.String).alias(KEY))
    chosen = first_by(dated, [SUBJECT], [KEY])
    pairs = numbered(rows).select(INDEX, SUBJECT).join(dated, on=SUBJECT)
    return _taken(rows, pairs, chosen, date, ("first_date", "the earliest date", "a later date"))


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

    open_until: dates at which a record without a date of its own ends, at the earliest of them that is known
    (`[EOSDT, DTHDT, cutoff]`); without it such records do not count. An end so assumed is a note where it is the
    answer, and `flag` (a variable) is "Y" there; a record for which none of them is known is a warning and not used.

    First case that applies:
      1. no record with a date, its own or assumed   null
      2. otherwise                                   the date of the record that may be the latest

    A partial date stands for all the days it can mean: 2014-03 is later than 2014-03-05, because it may be 31 March.
    Of equal dates a record's own is taken before an assumed one.

    where: the records that count.
    """
    date = of.rpartition(".")[2]
    pairs = _with_open(numbered(rows), records, date, open_until)
    lost = pairs.filter(pl.col(date).is_null() & pl.col("open"))
    # "~" sorts after every digit and mark of a date: a cut-off date comes after those it may mean
    dated = pairs.filter(pl.col(date).is_not_null()).with_columns((pl.col(date).cast(pl.String) + "~").alias(KEY))
    chosen = last_by(dated, [INDEX], [KEY, "-open"])
    owner = of.rpartition(".")[0]
    taken = _taken(rows, dated, chosen, date, ("last_date", "the latest date", "an earlier date"), per_row=True)
    assumed = chosen.filter("open").sort(INDEX)
    names = " and ".join([", ".join(open_until[:-1]), open_until[-1]] if len(open_until) > 1 else open_until)
    findings = [
        Finding("note", "", "", "last_date", f"a record of {owner} has no {date}; taken as {until}, {which}, the earliest of {names}", row=i, value=until)
        for i, until, which in assumed.select(INDEX, UNTIL, WHICH).iter_rows()
    ]  # fmt: skip
    findings += [
        Finding("warning", "", "", "last_date", f"a record of {owner} has no {date}, and none of {names} is known; it is not used", row=i)
        for i in lost[INDEX].unique().sort()
    ]  # fmt: skip
    values = dict(taken.values) if isinstance(taken.values, dict) else {"": taken.values}
    if flag is not None:
        is_open = pl.int_range(rows.height, dtype=pl.Int64, eager=True).is_in(assumed[INDEX].implode())
        values[flag] = pl.select(pl.when(is_open).then(pl.lit("Y")).alias(flag)).to_series()
    return Derived(values, taken.sources, taken.decisions, (*taken.findings, *findings))
