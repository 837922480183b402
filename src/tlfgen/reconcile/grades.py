"""Grades of toxicity against the limits of normal."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tlfgen.reconcile.columns import number, says, text
from tlfgen.reconcile.registry import ROW, SUBJECT, Data, Found, check
from tlfgen.spec.significant import significant


@check(
    "ADLB.PARAMCD", "ADLB.ATOXGR", "ADLB.ABLFL", "ADLB.ANRIND", "ADLB.BNRIND", "ADLB.AVAL", severity="error"
)
def check_baseline_grade(data: Data) -> Iterator[Found]:
    """A value beyond its limit of normal is graded as others beyond it are: a baseline, and what follows a
    normal one.

    A value of grade 0 that is HIGH or LOW is told where the same parameter has a value of a grade above 0 on
    that side, graded by the limit alone (its own baseline is normal or missing), that is no further beyond
    the limit (CTCAE 5.0: grade 1 of most values begins at the limit of normal).
    """
    labs = data["ADLB"]
    grade = number(labs, "ATOXGR").abs()
    limit = _beyond(labs)
    judged = labs.with_columns(grade.alias("grade"), limit.alias("beyond")).filter(
        significant(pl.col("beyond")) > 1
    )
    by_limit = ~(says(labs, "BNRIND", "HIGH", "LOW"))
    keys = ["PARAMCD", "ANRIND"]
    graded = (
        judged.filter(pl.col("grade") >= 1, by_limit)
        .group_by(keys)
        .agg(pl.col("beyond").min().alias("least"))
    )
    baseline = says(labs, "ABLFL", "Y")
    rows = judged.with_columns(baseline.alias("baseline")).filter(baseline | by_limit, pl.col("grade") == 0)
    rows = rows.join(graded, on=keys, how="inner", maintain_order="left")
    rows = rows.filter(significant(pl.col("beyond")) >= significant(pl.col("least"))).select(
        ROW, SUBJECT, "PARAMCD", "AVAL", "ANRIND", "ATOXGR", "baseline"
    )
    told = ("PARAMCD", "AVAL", "ANRIND", "ATOXGR")
    for message, own in (
        ("the baseline is beyond its limit and has grade 0", rows.filter("baseline")),
        ("the value is beyond its limit and has grade 0", rows.filter(~pl.col("baseline"))),
    ):
        yield Found("ADLB", message, own, told, "ATOXGR")


@check("ADLB.PARAMCD", "ADLB.ABLFL", severity="error")
def check_grade_of_baseline_record(data: Data) -> Iterator[Found]:
    """BTOXGR is the grade of the baseline record, and BNRIND its indicator."""
    labs = data["ADLB"]
    for carried, own in (("BTOXGR", "ATOXGR"), ("BNRIND", "ANRIND")):
        if not {carried, own} <= set(labs.columns):
            continue
        keys = [SUBJECT, "PARAMCD", *(("BASETYPE",) if "BASETYPE" in labs.columns else ())]
        base = labs.filter(says(labs, "ABLFL", "Y")).select(*keys, text(labs, own).alias("at baseline"))
        base = base.unique(keys, keep="first", maintain_order=True)
        rows = labs.join(base, on=keys, how="inner", nulls_equal=True, maintain_order="left")
        rows = rows.filter(text(rows, carried).ne_missing(pl.col("at baseline")))
        yield Found(
            "ADLB",
            f"{carried} is not that of the baseline",
            rows,
            ("PARAMCD", carried, "at baseline"),
            carried,
        )


def _beyond(labs: pl.DataFrame) -> pl.Expr:
    """How many times the limit a value is, on the side of its indicator; above 1 is beyond it."""
    value = number(labs, "AVAL")

    high = pl.when(says(labs, "ANRIND", "HIGH")).then(value / number(labs, "ANRHI"))
    return high.when(says(labs, "ANRIND", "LOW")).then(number(labs, "ANRLO") / value)
