"""first_date: the earliest date of another dataset's records."""

from __future__ import annotations

import polars as pl

from tlfgen.data.keyed import INDEX, SUBJECT, first_by, numbered, trail
from tlfgen.data.registry import ROW, Derived, Other, OtherWhere, derivation
from tlfgen.errors import Finding

KEY, CHOSEN = "#key", "#chosen"
COMPLETE = len("2014-01-02")


@derivation
def derive_first_date(
    rows: pl.DataFrame, records: pl.DataFrame, *, of: Other, where: OtherWhere = None
) -> Derived:
    """Take the earliest date of another dataset's records.

    First case that applies:
      1. no record with a date   null
      2. otherwise               the date of the record that may be the earliest

    A partial date stands for all the days it can mean: 2014-03 is earlier than 2014-03-05, because it may be
    1 March, and the answer is then 2014-03, which is what is known. Such an answer is a warning; where it
    fills a date, the date stays null (impute_date makes one from the text). A day without a time is earlier
    than one with a time.

    where: the records that count.
    """
    date = of.rpartition(".")[2]
    pairs = numbered(rows).select(INDEX, SUBJECT).join(records, on=SUBJECT).filter(pl.col(date).is_not_null())
    pairs = pairs.with_columns(pl.col(date).cast(pl.String).alias(KEY))
    chosen = first_by(pairs, [INDEX], [KEY])
    return taken(rows, pairs, chosen, date, "first_date", ("the earliest", "later"))


def taken(
    rows: pl.DataFrame,
    pairs: pl.DataFrame,
    chosen: pl.DataFrame,
    column: str,
    rule: str,
    reasons: tuple[str, str],
) -> Derived:
    """Fill each row with a column of its chosen record.

    pairs: a row's INDEX with each record that could be taken; chosen: those that are, at most one a row.
    """
    values = (
        numbered(rows)
        .select(INDEX)
        .join(chosen.select(INDEX, column), on=INDEX, how="left", maintain_order="left")
    )
    marked = pairs.join(chosen.select(INDEX, pl.col(ROW).alias(CHOSEN)), on=INDEX)
    text = pl.col(column).cast(pl.String)
    partial = chosen.filter(text.str.len_chars() < COMPLETE).sort(INDEX).select(INDEX, text)
    return Derived(
        values[column],
        sources=chosen.select(pl.col(INDEX).alias("index"), pl.col(ROW).alias("source_row")).sort("index"),
        decisions=trail(
            marked,
            [INDEX],
            pl.col(ROW) == pl.col(CHOSEN),
            candidate=pl.col(column),
            value=pl.col(column),
            rule=rule,
            reasons=reasons,
        ),
        findings=tuple(
            Finding("warning", "", "", rule, f"the day of '{value}' is not known", row=index, value=value)
            for index, value in partial.iter_rows()
        ),
    )
