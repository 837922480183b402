"""has_record: whether a subject has a record of another dataset."""

from __future__ import annotations

import polars as pl

from tlfgen.data.unread import unread
from tlfgen.engine.gives import flag
from tlfgen.engine.keyed import INDEX, SUBJECT, numbered
from tlfgen.engine.registry import ROW, Derived, Other, OtherWhere, derivation
from tlfgen.errors import Finding


@derivation(gives=flag)
def derive_has_record(
    rows: pl.DataFrame,
    records: pl.DataFrame,
    *,
    of: Other,
    where: OtherWhere = None,
    value: str = "Y",
    otherwise: str | None = "N",
    unsure: pl.DataFrame | None = None,
) -> Derived:
    """Flag subjects who have a record of another dataset.

    First case that applies:
      1. a record of the subject meets `where` and has a value of `of`   `value` ("Y")
      2. a record of which an unreadable value leaves open whether it
         meets `where`, or whose value of `of` cannot be read            null, and a warning
      3. otherwise                                                       `otherwise` ("N")

    Each record that meets it is a source. "N" says that none was collected, which is no proof that there was
    none.
    """
    bare = of.rpartition(".")[2]
    met = records.filter(pl.col(bare).is_not_null()).select(SUBJECT, ROW)
    open_ = records.filter(unread(records, bare)).select(SUBJECT, ROW)
    open_ = open_ if unsure is None else pl.concat([open_, unsure.select(SUBJECT, ROW)])
    base = numbered(rows).select(INDEX, SUBJECT)
    inside = base[SUBJECT].is_in(met[SUBJECT].unique().implode())
    frame = pl.DataFrame({"inside": inside, "open": base[SUBJECT].is_in(open_[SUBJECT].unique().implode())})
    no = pl.lit(otherwise, dtype=pl.String)
    flag = pl.when("inside").then(pl.lit(value)).when(~pl.col("open")).then(no)
    lost = frame.with_row_index(INDEX).filter(pl.col("open") & ~pl.col("inside"))[INDEX]
    used = base.join(met, on=SUBJECT).sort(INDEX, ROW)
    return Derived(
        frame.select(flag.alias("flag")).to_series(),
        sources=used.select(pl.col(INDEX).alias("index"), pl.col(ROW).alias("source_row")),
        findings=tuple(
            Finding(
                "warning",
                "",
                "",
                "has_record",
                f"a value that cannot be read leaves open whether a record of {of} counts",
                row=i,
            )
            for i in lost
        ),
    )
