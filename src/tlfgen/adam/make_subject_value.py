"""subject_value: a parameter whose value is a variable of another dataset, one record a subject."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.registry import ROW, Fetch, Made, Other, OtherWhere, maker

SUBJECT = "USUBJID"


@maker
def make_subject_value(fetch: Fetch, *, of: Other, where: OtherWhere = None) -> Made:
    """Make a record for each subject with a value of a variable, as of an exposure summary in ADSL.

    A number is the record's AVAL, a text its AVALC. A record without a value makes none. where: the records
    that count. The record read is the source.

    Source: ADaMIG 1.3, section 3.3: a BDS parameter has one record a subject and analysis time point.
    """
    owner, _, bare = of.rpartition(".")
    found = fetch(of, where=where).filter(pl.col(bare).is_not_null())
    value = "AVAL" if found.schema[bare].is_numeric() else "AVALC"
    dtype = pl.Float64 if value == "AVAL" else pl.String
    frame = found.select(SUBJECT, pl.col(bare).cast(dtype).alias(value))
    index = pl.int_range(pl.len(), dtype=pl.Int64).alias("index")
    return Made(frame, found.select(index, pl.lit(owner).alias("source"), pl.col(ROW).alias("source_row")))
