"""Sums of diameters of target lesions, by subject and visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tlfgen.adam.followed import END, START
from tlfgen.data.dates import complete_day
from tlfgen.engine.keyed import SUBJECT, last_by
from tlfgen.engine.registry import ROW, Fetch
from tlfgen.errors import Finding
from tlfgen.spec.condition import Condition
from tlfgen.spec.significant import significant

VISIT, LESION, VALUE, DAY = "#visit", "#lesion", "#value", "#day"
SUM, BASELINE, MISSING, LATER = "#sum", "#baseline", "#missing", "#later"
NODE_GONE_BELOW = 10.0  # mm of short axis: RECIST 1.1, 4.3.1


@dataclass(frozen=True)
class Measured:
    """Where target lesions' diameters stand: dotted names of one dataset, and conditions on its records."""

    value: str
    lesion: str
    visit: str
    date: str
    where: Condition | None
    nodes: Condition | None
    keep: Sequence[str] = ()

    @property
    def owner(self) -> str:
        return self.value.rpartition(".")[0]


@dataclass(frozen=True)
class Sums:
    """visits: a row for each subject and visit; records: the measurements behind it, with USUBJID and
    VISIT."""

    visits: pl.DataFrame
    records: pl.DataFrame
    findings: tuple[Finding, ...]


def tumour_sums(fetch: Fetch, measured: Measured, people: pl.DataFrame, rule: str) -> Sums:
    """Add up the diameters of each visit.

    A visit has its latest day of measurement: only then all that the sum needs is known. The baseline is the
    last visit that is over on or before the start; its lesions are the targets. First case that applies, in
    a visit:
      1. the subject has no baseline visit                                  no sum
      2. a target without a value, or with two different values             no sum, and a finding
      3. otherwise                                                          the sum; a lesion that is gone is
         0, and a part of a target that split, which has its own name, adds to it

    Measurements without a visit or a lesion's name are left out, with a warning. Millimetres throughout.
    """
    records, findings = _records(fetch, measured, people, rule)
    once = records.group_by(SUBJECT, VISIT, LESION).agg(
        pl.col(VALUE).drop_nulls().first(),
        (significant(pl.col(VALUE)).drop_nulls().n_unique() > 1).alias("#twice"),
        pl.col("#node").any(),
    )
    days = records.group_by(SUBJECT, VISIT).agg(
        pl.col(DAY).max(), pl.col(START).first(), pl.col(END).first(), pl.col(ROW).min()
    )
    before = days.filter(pl.col(DAY) <= pl.col(START))
    base = last_by(before, [SUBJECT], [DAY]).select(SUBJECT, VISIT)
    targets = once.join(base, on=[SUBJECT, VISIT], how="semi").select(SUBJECT, LESION)
    wanted = days.select(SUBJECT, VISIT).join(targets, on=SUBJECT)
    found = wanted.join(once, on=[SUBJECT, VISIT, LESION], how="left")
    bad = pl.col(VALUE).is_null() | pl.col("#twice")
    missing = (
        found.filter(bad).group_by(SUBJECT, VISIT).agg(pl.col(LESION).sort().str.join(", ").alias(MISSING))
    )
    left = (pl.col("#node") & (significant(pl.col(VALUE)) >= NODE_GONE_BELOW)) | (
        ~pl.col("#node") & (pl.col(VALUE) > 0)
    )
    sure = once.filter(~pl.col("#twice"))
    totals = sure.group_by(SUBJECT, VISIT).agg(
        pl.col(VALUE).sum().round(6).alias("MEASURED"),
        pl.col(VALUE).count().cast(pl.Int64).alias("NLESION"),
        left.sum().cast(pl.Int64).alias("NLEFT"),
    )
    both = [SUBJECT, VISIT]
    visits = days.join(totals, on=both, how="left").join(missing, on=both, how="left")
    visits = visits.join(base.with_columns(pl.lit(True).alias(BASELINE)), on=both, how="left")
    visits = visits.join(base.select(SUBJECT, pl.lit(True).alias("#has")), on=SUBJECT, how="left")
    whole = pl.col("#has").fill_null(False) & pl.col(MISSING).is_null()
    visits = visits.with_columns(
        pl.when(whole).then("MEASURED").alias(SUM),
        pl.when(whole).then("NLEFT").alias("NLEFT"),
        pl.col(BASELINE).fill_null(False),
        (pl.col(DAY) > pl.col(START)).fill_null(False).alias(LATER),
    )
    visits = visits.sort(SUBJECT, DAY, VISIT, nulls_last=True)
    return Sums(visits, records, (*findings, *_gaps(visits, measured, rule)))


def _records(
    fetch: Fetch, measured: Measured, people: pl.DataFrame, rule: str
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """The measurements of these subjects, and what cannot be used of them."""
    names = (measured.value, measured.lesion, measured.visit, measured.date)
    value, lesion, visit, date = (n.rpartition(".")[2] for n in names)
    found = fetch(*names, *measured.keep, where=measured.where)
    nodes = fetch(measured.value, where=measured.nodes)[ROW] if measured.nodes is not None else None
    node = pl.lit(False) if nodes is None else pl.col(ROW).is_in(nodes.implode())
    kept = [n.rpartition(".")[2] for n in measured.keep]
    records = found.select(
        SUBJECT,
        pl.col(ROW).cast(pl.Int64),
        pl.col(visit).alias(VISIT),
        pl.col(lesion).cast(pl.String).alias(LESION),
        pl.col(value).cast(pl.Float64).alias(VALUE),
        complete_day(found[date]).alias(DAY),
        node.alias("#node"),
        *dict.fromkeys((visit, *kept)),
    ).join(people.select(SUBJECT, START, END), on=SUBJECT, how="inner")
    unnamed = records.filter(pl.col(VISIT).is_null() | pl.col(LESION).is_null())
    findings = tuple(
        Finding(
            "warning",
            "adam",
            measured.owner,
            rule,
            f"without {visit} or {lesion}: left out of the sum of diameters",
            row=row,
            subject=who,
            field=value,
        )
        for who, row in unnamed.select(SUBJECT, ROW).iter_rows()
    )
    usable = records.filter(pl.col(VISIT).is_not_null() & pl.col(LESION).is_not_null())
    return usable.sort(SUBJECT, VISIT, LESION, ROW), findings


def _gaps(visits: pl.DataFrame, measured: Measured, rule: str) -> tuple[Finding, ...]:
    """A warning for each visit without a sum, with the reason, and for each without a day."""
    what = measured.value.rpartition(".")[2]
    undated = visits.filter(pl.col(DAY).is_null()).select(SUBJECT, ROW, VISIT)
    says = "is not known: it is neither baseline nor later, and counts for no response"
    field = measured.date.rpartition(".")[2]
    placeless = tuple(
        Finding(
            "warning", "adam", measured.owner, rule, f"the day of {visit} {says}", row, who, field
        )
        for who, row, visit in undated.iter_rows()
    )  # fmt: skip
    none = visits.filter(pl.col(SUM).is_null()).select(SUBJECT, ROW, VISIT, MISSING)
    return placeless + tuple(
        Finding(
            "warning",
            "adam",
            measured.owner,
            rule,
            f"no sum of diameters at {visit}: "
            + ("the subject has no baseline" if lesions is None else f"{lesions} without one value"),
            row=row,
            subject=who,
            field=what,
        )
        for who, row, visit, lesions in none.iter_rows()
    )
