"""one_value: the value that all of a subject's records agree on."""

from __future__ import annotations

import polars as pl

from tlfgen.data.known_date import text_behind
from tlfgen.engine.gives import same_as
from tlfgen.engine.keyed import INDEX, SUBJECT, first_by, numbered
from tlfgen.engine.registry import ROW, Derived, Other, OtherWhere, derivation
from tlfgen.errors import Finding
from tlfgen.spec.iso_date import iso_text
from tlfgen.spec.significant import comparable


@derivation(gives=same_as("of"))
def derive_one_value(
    rows: pl.DataFrame, records: pl.DataFrame, *, of: Other, where: OtherWhere = None
) -> Derived:
    """Take the one value that a subject's records in another dataset have.

    First case that applies:
      1. no record with a value           null
      2. two or more values               null, and an error finding that shows them
      3. otherwise                        the value that all records with one have

    where: the records that count. Records without a value say nothing. One that cannot be read leaves the
    answer null where no other record has a value; a date was then collected, though it is null.
    """
    column = of.rpartition(".")[2]
    given = records.filter(pl.col(column).is_not_null())
    several = comparable(pl.col(column), given.schema[column]).n_unique().over(SUBJECT) > 1
    agreed = first_by(given.filter(~several), [SUBJECT], [])
    base = numbered(rows).select(INDEX, SUBJECT)
    filled = base.join(agreed, on=SUBJECT, how="left", maintain_order="left")
    told = records.select(SUBJECT, ROW, text_behind(records, column).alias("#told")).drop_nulls("#told")
    behind = base.join(first_by(told, [SUBJECT], []), on=SUBJECT, how="left", maintain_order="left")["#told"]
    own = iso_text(pl.lit(filled[column]), filled[column].dtype)
    return Derived(
        filled[column],
        sources=filled.filter(pl.col(ROW).is_not_null()).select(
            pl.col(INDEX).alias("index"), pl.col(ROW).alias("source_row")
        ),
        findings=_disagreements(base, given.filter(several), column, of),
        behind=pl.select(pl.coalesce(own, behind).alias("behind")).to_series(),
    )


def _disagreements(base: pl.DataFrame, records: pl.DataFrame, column: str, of: str) -> tuple[Finding, ...]:
    """One finding a subject, at the first of its rows."""
    if not records.height:
        return ()
    text = iso_text(pl.col(column), records.schema[column])
    shown = records.group_by(SUBJECT).agg(text.unique().sort().str.join(", ").alias("shown"))
    first = base.unique(subset=SUBJECT, keep="first", maintain_order=True).join(shown, on=SUBJECT).sort(INDEX)
    return tuple(
        Finding(
            "error",
            "",
            "",
            "one_value",
            f"{of} has different values for one subject: {values}",
            row=index,
            value=values,
        )
        for index, values in first.select(INDEX, "shown").iter_rows()
    )
