"""subject_visits: the records of SV."""

from __future__ import annotations

import polars as pl

from tlfgen.data.keyed import SUBJECT
from tlfgen.data.registry import ROW, Fetch, Made, maker
from tlfgen.errors import Finding
from tlfgen.sdtm.derive_visit import visits_by_name
from tlfgen.spec.loader import Entry
from tlfgen.spec.study import StudySpec

EMPTY = {SUBJECT: pl.String, "name": pl.String, "date": pl.String, "source": pl.String, "source_row": pl.Int64}


class VisitSource(Entry):
    """The columns of one form that say which visit it was and when: `{visit: form.VS.INSTANCE, date: form.VS.VTLD}`."""

    visit: str
    date: str


@maker
def make_subject_visits(fetch: Fetch, *, of: tuple[VisitSource, ...], study: StudySpec) -> Made:
    """Make a record for each visit that a subject made.

    of: pairs of a visit's name as collected and a date, each pair of one form. A visit begins at the earliest and
    ends at the latest of its dates (a partial date counting by the first, and by the last, day it can mean). Names
    become VISITNUM, VISIT and VISITDY as in the derivation `visit`; unscheduled visits have records too. Records
    without a visit or without a date make none; a name that is no visit is an error finding, once for each form.

    Every record of a visit is a source of its line.

    Source: SDTMIG 3.4, 5.5.
    """
    collected = pl.concat([pl.DataFrame(schema=EMPTY), *(_collected(fetch, pair) for pair in of)])
    names = visits_by_name(collected["name"], study)
    made = collected.join(names, on="name").filter(pl.col("known") & pl.col("date").is_not_null())
    keys = [SUBJECT, "VISITNUM", "VISIT", "VISITDY"]
    latest = pl.col("date").sort_by(pl.col("date") + "~").last()
    frame = made.group_by(keys).agg(pl.col("date").min().alias("SVSTDTC"), latest.alias("SVENDTC")).sort(keys)
    numbers = frame.select(*keys, pl.int_range(pl.len(), dtype=pl.Int64).alias("index"))
    sources = made.join(numbers, on=keys, nulls_equal=True).select("index", "source", "source_row").unique()
    unknown = collected.join(names.filter(~pl.col("known")), on="name").select("source", "name").unique().sort("source", "name")
    return Made(
        frame, sources.sort("index", "source", "source_row"),
        tuple(
            Finding("error", "sdtm", source, "subject_visits", f"'{name}' is no visit of the study; its records make no visit", value=name)
            for source, name in unknown.iter_rows()
        ),
    )  # fmt: skip


def _collected(fetch: Fetch, pair: VisitSource) -> pl.DataFrame:
    (owner, _, visit), date = pair.visit.rpartition("."), pair.date.rpartition(".")[2]
    dates = fetch(pair.date).select(ROW, pl.col(date).cast(pl.String).alias("date"))
    named = fetch(pair.visit).select(SUBJECT, pl.col(visit).alias("name"), ROW).filter(pl.col("name").is_not_null())
    both = named.join(dates, on=ROW, how="left")
    return both.select(SUBJECT, "name", "date", pl.lit(owner).alias("source"), pl.col(ROW).cast(pl.Int64).alias("source_row"))
