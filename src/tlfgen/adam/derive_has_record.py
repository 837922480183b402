"""has_record: whether a subject has a record of another dataset."""

from __future__ import annotations

import polars as pl

from tlfgen.data.keyed import INDEX, SUBJECT, numbered
from tlfgen.data.registry import ROW, Derived, Other, OtherWhere, derivation


@derivation
def derive_has_record(
    rows: pl.DataFrame,
    records: pl.DataFrame,
    *,
    of: Other,
    where: OtherWhere = None,
    value: str = "Y",
    otherwise: str | None = "N",
) -> Derived:
    """Flag subjects who have a record of another dataset.

    First case that applies:
      1. a record of the subject meets `where` and has a value of `of`   `value` ("Y")
      2. otherwise                                                       `otherwise` ("N")

    Each record that meets it is a source. "N" says that none was collected, which is no proof that there was
    none.
    """
    met = records.filter(pl.col(of.rpartition(".")[2]).is_not_null()).select(SUBJECT, ROW)
    base = numbered(rows).select(INDEX, SUBJECT)
    inside = base[SUBJECT].is_in(met[SUBJECT].unique().implode())
    flag = pl.when("inside").then(pl.lit(value)).otherwise(pl.lit(otherwise, dtype=pl.String))
    used = base.join(met, on=SUBJECT).sort(INDEX, ROW)
    return Derived(
        pl.DataFrame({"inside": inside}).select(flag.alias("flag")).to_series(),
        sources=used.select(pl.col(INDEX).alias("index"), pl.col(ROW).alias("source_row")),
    )
