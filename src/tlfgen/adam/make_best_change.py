"""best_change: the best percentage change of the sum of diameters."""

from __future__ import annotations

import polars as pl

from tlfgen.adam.followed import END, START_ROW, followed, unplaced
from tlfgen.adam.tumour_sums import BASELINE, DAY, LATER, MISSING, SUM, VISIT, Measured, Sums, tumour_sums
from tlfgen.engine.keyed import SUBJECT, first_by
from tlfgen.engine.registry import ROW, Fetch, Made, Other, Others, OtherWhere, maker
from tlfgen.spec.study import StudySpec

CHANGE = "#change"


@maker
def make_best_change(
    fetch: Fetch,
    *,
    value: Other,
    lesion: Other,
    visit: Other,
    date: Other,
    start: Other,
    where: OtherWhere = None,
    population: Other | None = None,
    until: Others = (),
    study: StudySpec,
) -> Made:
    """Make a record of the best percentage change of each subject's sum of diameters.

    Sums are those of sum_of_diameters. The change of a visit is 100 * (sum - baseline) / baseline, not
    rounded. A visit counts if it is later than `start` and not later than the earliest `until` date and the
    data cut-off. AVAL, first case that applies:
      1. the subject has no baseline sum, or it is 0      null
      2. no visit that counts has a sum                   null
      3. otherwise                                        the smallest change; ADT is its day, the first of
                                                          several

    It is the largest decrease or, where the sum never fell, the smallest increase.

    Source: RECIST 1.1 (Eisenhauer et al., Eur J Cancer 2009;45:228-247), 4.3.1: the reference is the baseline
    sum.
    """
    people = followed(fetch, start, population, until, study.cutoff)
    measured = Measured(value, lesion, visit, date, where, None)
    sums = tumour_sums(fetch, measured, people, "best_change")
    base = sums.visits.filter(pl.col(BASELINE)).select(
        SUBJECT, pl.col(SUM).alias("#base"), pl.col(VISIT).alias("#base_visit")
    )
    percent = 100 * (pl.col(SUM) - pl.col("#base")) / pl.col("#base")
    later = sums.visits.filter(pl.col(LATER)).join(base, on=SUBJECT, how="left")
    counts = pl.col(DAY) <= pl.col(END)
    later = later.with_columns(pl.when(counts & (pl.col("#base") > 0)).then(percent).alias(CHANGE))
    best = first_by(later.filter(pl.col(CHANGE).is_not_null()), [SUBJECT], [CHANGE, DAY])
    subjects = people.join(
        best.select(SUBJECT, CHANGE, DAY, VISIT, "#base_visit"),
        on=SUBJECT,
        how="left",
        maintain_order="left",
    ).with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("index"))
    frame = subjects.select(SUBJECT, pl.col(CHANGE).alias("AVAL"), pl.col(DAY).alias("ADT"))
    return Made(
        frame,
        _sources(subjects, sums, measured.owner, start.rpartition(".")[0]),
        findings=unplaced(fetch, start, population, until, "best_change"),
        decisions=_decisions(subjects, later, measured.owner),
    )


def _sources(subjects: pl.DataFrame, sums: Sums, owner: str, start: str) -> pl.DataFrame:
    """The measurements of the baseline and of the best visit; where there is none, the record of the
    start."""
    visits = [subjects.select(SUBJECT, "index", VISIT)]
    visits.append(subjects.select(SUBJECT, "index", pl.col("#base_visit").alias(VISIT)))
    used = pl.concat(visits).join(sums.records.select(SUBJECT, VISIT, ROW), on=[SUBJECT, VISIT])
    none = subjects.filter(pl.col(CHANGE).is_null())
    return pl.concat(
        [
            used.select("index", pl.lit(owner).alias("source"), pl.col(ROW).alias("source_row")),
            none.select("index", pl.lit(start).alias("source"), pl.col(START_ROW).alias("source_row")),
        ]
    ).sort("index", "source_row")


def _decisions(subjects: pl.DataFrame, later: pl.DataFrame, owner: str) -> pl.DataFrame:
    """Every visit after the start with its change, and why it is taken or not."""
    of = subjects.select(SUBJECT, "index", pl.col(VISIT).alias("#taken"))
    found = later.join(of, on=SUBJECT)
    chosen = (pl.col(VISIT) == pl.col("#taken")).fill_null(False)
    reason = (
        pl.when(chosen)
        .then(pl.lit("the smallest change"))
        .when(pl.col(DAY) > pl.col(END))
        .then(pl.lit("after what ends observation"))
        .when(pl.col(MISSING).is_not_null())
        .then(pl.lit("no sum: ") + pl.col(MISSING) + pl.lit(" without one value"))
        .when(pl.col(CHANGE).is_null())
        .then(pl.lit("no change: there is no baseline sum above 0"))
        .otherwise(pl.lit("another is smaller, or as small and earlier"))
    )
    day = pl.col(DAY).cast(pl.String).fill_null("no date")
    return found.select(
        "index",
        pl.format("{} {} {}", pl.lit(owner), VISIT, day).alias("candidate"),
        pl.col(CHANGE).round(1).cast(pl.String).alias("value"),
        pl.lit("best_change").alias("rule"),
        chosen.alias("chosen"),
        reason.alias("reason"),
    ).sort("index", "candidate")
