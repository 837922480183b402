"""subject_visits: the records of SV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from tlfgen.engine.keyed import SUBJECT
from tlfgen.engine.registry import ROW, Fetch, Made, maker
from tlfgen.errors import NOWHERE, Finding, Place, SpecError
from tlfgen.sdtm.derive_visit import visits_by_name
from tlfgen.spec.study import StudySpec

EMPTY = {
    SUBJECT: pl.String,
    "name": pl.String,
    "date": pl.String,
    "source": pl.String,
    "source_row": pl.Int64,
}


def _visits_of(typed: Mapping[str, Any], study: StudySpec) -> list[str]:
    pairs = {**typed["visits"], **(typed["otherwise"] or {})}
    return [*pairs, *pairs.values()]


@maker(reads=_visits_of)
def make_subject_visits(
    fetch: Fetch,
    *,
    visits: dict[str, str],
    otherwise: dict[str, str] | None = None,
    study: StudySpec,
    at: Place = NOWHERE,
) -> Made:
    """Make a record for each visit that a subject made.

    visits: the column that names the visit as collected -> the date's column of the same form, as
    `{form.VS.INSTANCE: form.VS.VTLD}`. A visit begins at the earliest and ends at the latest of its dates (a
    partial date counting by the first, and by the last, day it can mean). Names become VISITNUM, VISIT and
    VISITDY as in the derivation `visit`; unscheduled visits have records too. Records without a visit or
    without a date make none; a name that is no visit is an error finding, once for each form. SVPRESP and
    SVOCCUR are "Y" for planned visits and null for unscheduled ones; a planned visit that no record shows
    has no line, for the forms do not say that it was missed.

    otherwise: the same of forms whose date is not the visit's own, as of a disposition: they make a visit
    where no record of `visits` shows it, and never widen one.

    Every record of a visit is a source of its line.

    Source: SDTMIG 3.4, Subject Visits (SV).
    """
    collected = pl.concat(
        [pl.DataFrame(schema=EMPTY), *(_collected(fetch, visit, date, at) for visit, date in visits.items())]
    )
    others = [_collected(fetch, visit, date, at) for visit, date in (otherwise or {}).items()]
    shown = collected.filter(pl.col("date").is_not_null())
    others = [other.join(shown, on=[SUBJECT, "name"], how="anti", maintain_order="left") for other in others]
    collected = pl.concat([collected, *others])
    names = visits_by_name(collected["name"], study)
    made = collected.join(names, on="name").filter(pl.col("known") & pl.col("date").is_not_null())
    made = made.with_columns(pl.when("planned").then(pl.lit("Y")).alias("SVPRESP"))
    keys = [SUBJECT, "VISITNUM", "VISIT", "VISITDY", "SVPRESP"]
    latest = pl.col("date").sort_by(pl.col("date") + "~").last()
    frame = made.group_by(keys).agg(pl.col("date").min().alias("SVSTDTC"), latest.alias("SVENDTC")).sort(keys)
    frame = frame.with_columns(pl.col("SVPRESP").alias("SVOCCUR"))
    numbers = frame.select(*keys, pl.int_range(pl.len(), dtype=pl.Int64).alias("index"))
    sources = made.join(numbers, on=keys, nulls_equal=True).select("index", "source", "source_row").unique()
    unknown = (
        collected.join(names.filter(~pl.col("known")), on="name")
        .select("source", "name")
        .unique()
        .sort("source", "name")
    )
    return Made(
        frame,
        sources.sort("index", "source", "source_row"),
        tuple(
            Finding(
                "error",
                "sdtm",
                source,
                "subject_visits",
                f"'{name}' is no visit of the study; its records make no visit",
                value=name,
            )
            for source, name in unknown.iter_rows()
        ),
    )


def _collected(fetch: Fetch, visit: str, date: str, at: Place) -> pl.DataFrame:
    (owner, _, name), (date_owner, _, day) = visit.rpartition("."), date.rpartition(".")
    if owner != date_owner:
        raise SpecError(
            f"{visit} and {date} are of different forms.",
            place=at,
            hint="A visit and its date stand in one form.",
        )
    dates = fetch(date).select(ROW, pl.col(day).cast(pl.String).alias("date"))
    named = fetch(visit).select(SUBJECT, pl.col(name).alias("name"), ROW).filter(pl.col("name").is_not_null())
    both = named.join(dates, on=ROW, how="left")
    return both.select(
        SUBJECT, "name", "date", pl.lit(owner).alias("source"), pl.col(ROW).cast(pl.Int64).alias("source_row")
    )
