"""Cumulative dose, and days with a dose."""

from __future__ import annotations

from typing import Literal

import polars as pl

from tlfgen.data.dates import complete_day
from tlfgen.data.known_date import collected, possible_days
from tlfgen.engine.gives import FLOAT
from tlfgen.engine.keyed import INDEX, SUBJECT, numbered
from tlfgen.engine.registry import ROW, Column, Derived, Other, Others, OtherWhere, derivation
from tlfgen.errors import Finding

FIRST, LAST, DOSE, OVERLAP = "#first", "#last", "#dose", "#overlap"
UNSURE = "#unsure"
FEWEST, MOST = "fewest", "most"
BOUNDS = (FEWEST, MOST)
Partial = Literal["unknown", "fewest", "most"]


@derivation(gives=FLOAT)
def derive_exposure_total(
    rows: pl.DataFrame,
    records: pl.DataFrame,
    *,
    start: Column,
    of: Other,
    from_date: Others,
    to_date: Others,
    open_until: Column,
    by: Others = (),
    where: OtherWhere = None,
    doses_per_day: float = 1.0,
    days_only: bool = False,
    partial: Partial = "unknown",
    unsure: pl.DataFrame | None = None,
) -> Derived:
    """Sum dose times days over a subject's dosing records.

    A record gives dose x (end - start + 1) x doses_per_day, in the unit of the dose; a record without an end
    ends on `open_until`. With `days_only` it is the number of calendar days with a dose, each counted once.
    First case that applies:
      1. subject not treated (`start` null)                          null
      2. no record                                                   null
      3. a record whose dose or start is missing, or whose dose,
         start, end or values in `where` cannot be read; a dose
         below 0; an end before its own start                        null, and an error
      4. a calendar day in two records of the same `by`              null, and an error; not with days_only
      5. more days with a dose than from `start` to `open_until`     null, and an error
      6. a partial start or end                                      as `partial` says
      7. otherwise                                                   the total

    partial: a start or end known to the month or year bounds the total: within those of its days that lie
    from `start` to `open_until` and keep the record's start before its end. "unknown": null and a warning
    with both bounds, where they differ; "fewest" or "most" takes that bound, to which cases 4 and 5 apply.
    by: what tells records apart that may run on the same days, as EX.EXTRT. A dose of 0 is a dose, as of
    placebo: leave out with `where` the records that say that none was given.

    Both days of a record count (traps of durations: inclusive spans).
    """
    if unsure is not None and unsure.height:
        records = pl.concat(
            [
                records.with_columns(pl.lit(False).alias(UNSURE)),
                unsure.with_columns(pl.lit(True).alias(UNSURE)),
            ]
        )
    else:
        records = records.with_columns(pl.lit(False).alias(UNSURE))
    dosing = _records(rows, records, start, of, from_date[0], to_date[0], open_until)
    keys = [SUBJECT, *(name.rpartition(".")[2] for name in by)]
    totals = dosing.select(SUBJECT).unique()
    for bound in BOUNDS:
        days = (
            _added(dosing, [SUBJECT], bound)
            .group_by(SUBJECT)
            .agg(pl.col("#new").sum().alias(f"days {bound}"))
        )
        each = pl.col(DOSE) * (pl.col(f"{LAST}{bound}") - pl.col(f"{FIRST}{bound}") + 1) * doses_per_day
        dose = dosing.group_by(SUBJECT).agg(each.sum().alias(f"dose {bound}"))
        totals = totals.join(days, on=SUBJECT).join(dose, on=SUBJECT)
    taken = MOST if partial == "most" else FEWEST
    twice = _added(dosing, keys, taken).group_by(SUBJECT).agg(pl.col(OVERLAP).any())
    wrong = dosing.group_by(SUBJECT).agg(pl.col("#wrong").drop_nulls().first(), pl.col("#span").first())
    joined = (
        numbered(rows)
        .select(INDEX, SUBJECT, pl.col(start).is_not_null().alias("#treated"))
        .join(
            totals.join(twice, on=SUBJECT).join(wrong, on=SUBJECT),
            on=SUBJECT,
            how="left",
            maintain_order="left",
        )
    )
    judged = _judged(joined.filter("#treated"), "days" if days_only else "dose", partial)
    kept = judged.filter(pl.col("#total").is_not_null())
    sources = kept.select(INDEX, SUBJECT).join(dosing.select(SUBJECT, ROW), on=SUBJECT)
    return Derived(
        joined.join(judged.select(INDEX, "#total"), on=INDEX, how="left", maintain_order="left")["#total"],
        sources=sources.select(pl.col(INDEX).alias("index"), pl.col(ROW).alias("source_row")),
        findings=tuple(
            Finding(severity, "", "", "exposure_total", message, row=index)
            for index, severity, message in judged.drop_nulls("#says")
            .select(INDEX, "#severity", "#says")
            .iter_rows()
        ),
    )


def _records(
    rows: pl.DataFrame, records: pl.DataFrame, start: str, of: str, from_date: str, to_date: str, until: str
) -> pl.DataFrame:
    """The dosing records with their first and last possible days as numbers, and what is wrong with them."""
    owner, _, dose = of.rpartition(".")
    begin, end = from_date.rpartition(".")[2], to_date.rpartition(".")[2]
    treated = rows.select(
        SUBJECT, complete_day(rows[start]).alias("#start"), complete_day(rows[until]).alias("#until")
    ).unique(SUBJECT)
    (a, b), (c, d) = possible_days(records, begin), possible_days(records, end)
    found = records.with_columns(
        *(s.alias(n) for n, s in zip("abcd", (a, b, c, d), strict=True)),
        collected(records, begin).alias("#begins"),
        collected(records, end).alias("#ends"),
        collected(records, dose).alias("#dosed"),
        pl.col(dose).cast(pl.Float64).alias(DOSE),
    ).join(treated, on=SUBJECT, how="left", maintain_order="left")
    found = _bounded(found)
    wrong = _fault(dose, begin, end, until)
    number = {name: pl.col(name).cast(pl.Int32).cast(pl.Int64) for name in "abcd"}
    return found.with_columns(
        pl.when(wrong.is_not_null())
        .then(pl.format("record {} of {}: {}", pl.col(ROW), pl.lit(owner), wrong))
        .alias("#wrong"),
        ((pl.col("#until") - pl.col("#start")).dt.total_days() + 1).alias("#span"),
        number["a"].alias(FIRST + MOST),
        number["d"].alias(LAST + MOST),
        number["b"].alias(FIRST + FEWEST),
        pl.max_horizontal(number["b"], number["c"]).alias(LAST + FEWEST),
    )


def _bounded(found: pl.DataFrame) -> pl.DataFrame:
    """Close open records, and keep of a partial date the days that the rest of the record allows: a to b of
    the start, c to d of the end."""
    found = found.with_columns(
        pl.when("#ends").then(pl.col(name)).otherwise("#until").alias(name) for name in "cd"
    )
    open_begin, open_end = pl.col("a") < pl.col("b"), pl.col("c") < pl.col("d")
    found = found.with_columns(
        pl.when(open_begin).then(pl.max_horizontal("a", "#start")).otherwise("a").alias("a"),
        pl.when(open_end).then(pl.min_horizontal("d", "#until")).otherwise("d").alias("d"),
        open_begin.alias("#open_begin"),
        open_end.alias("#open_end"),
    )
    return found.with_columns(
        pl.when("#open_begin").then(pl.min_horizontal("b", "d")).otherwise("b").alias("b"),
        pl.when("#open_end").then(pl.max_horizontal("a", "c")).otherwise("c").alias("c"),
    )


def _fault(dose: str, begin: str, end: str, until: str) -> pl.Expr:
    """Case 3: what is wrong with a record."""
    impossible = (pl.col("d") < pl.col("a")) | (pl.col("b") < pl.col("a")) | (pl.col("d") < pl.col("c"))
    return (
        pl.when(UNSURE)
        .then(pl.lit("whether it counts cannot be read"))
        .when(pl.col(DOSE).is_null() & pl.col("#dosed"))
        .then(pl.lit(f"{dose} cannot be read"))
        .when(pl.col(DOSE).is_null())
        .then(pl.lit(f"{dose} is missing"))
        .when(pl.col(DOSE) < 0)
        .then(pl.lit(f"{dose} is below 0"))
        .when(~pl.col("#begins"))
        .then(pl.lit(f"{begin} is missing"))
        .when(pl.col("a").is_null())
        .then(pl.lit(f"{begin} cannot be read"))
        .when(pl.col("#ends") & pl.col("d").is_null())
        .then(pl.lit(f"{end} cannot be read"))
        .when(pl.col("d").is_null())
        .then(pl.lit(f"{end} is missing, and {until} too"))
        .when(impossible)
        .then(pl.lit(f"{end} lies before {begin}, or both outside the days of treatment"))
    )


def _added(dosing: pl.DataFrame, keys: list[str], bound: str) -> pl.DataFrame:
    """The days that each record adds to those of the records before it, and whether it repeats one."""
    first, last = FIRST + bound, LAST + bound
    ordered = dosing.sort(*keys, first, last)
    before = pl.col(last).cum_max().shift(1).over(keys)
    new = pl.col(last) - pl.max_horizontal(pl.col(first), before + 1) + 1
    return ordered.with_columns(
        new.clip(lower_bound=0).alias("#new"), (pl.col(first) <= before).fill_null(False).alias(OVERLAP)
    )


def _judged(joined: pl.DataFrame, what: str, partial: Partial) -> pl.DataFrame:
    """Cases 3 to 7: the total, or what is wrong with it."""
    fewest, most = pl.col(f"{what} {FEWEST}"), pl.col(f"{what} {MOST}")
    days = f"days {MOST if partial == 'most' else FEWEST}"
    error = (
        pl.when(pl.col("#wrong").is_not_null())
        .then(pl.col("#wrong"))
        .when(pl.col(OVERLAP) & pl.lit(what == "dose"))
        .then(pl.lit("a calendar day stands in two dosing records"))
        .when(pl.col(days) > pl.col("#span"))
        .then(pl.format("{} days with a dose in {} days of treatment", days, "#span"))
    )
    unsure = (fewest != most) & pl.lit(partial == "unknown")
    bounds = pl.format("a partial date: between {} and {}; the total is null", fewest, most)
    total = fewest if partial == "fewest" else most
    return joined.with_columns(
        pl.when(error.is_null() & ~unsure).then(total).alias("#total"),
        pl.coalesce(error + "; the total is null", pl.when(unsure).then(bounds)).alias("#says"),
        pl.when(error.is_not_null()).then(pl.lit("error")).otherwise(pl.lit("warning")).alias("#severity"),
    )
