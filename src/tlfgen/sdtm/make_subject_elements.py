"""subject_elements: the records of SE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from tlfgen.data.dates import complete_day
from tlfgen.data.known_date import earlier_moment, text_behind
from tlfgen.data.unread import unread
from tlfgen.engine.keyed import SUBJECT, first_by, last_by
from tlfgen.engine.registry import ROW, Fetch, Made, maker
from tlfgen.errors import NOWHERE, Finding, Place, SpecError
from tlfgen.spec.iso_date import date_bounds
from tlfgen.spec.study import ElementSpec, StudySpec

DATE, KEY, ARM = "date", "#key", "ACTARMCD"


def _dates_of(typed: Mapping[str, Any], study: StudySpec) -> list[str]:
    """The arm and the dates of the elements of study.yaml."""
    arm = [f"DM.{ARM}"] if any(e.arms for e in study.elements) else []
    return [*arm, *(n for e in study.elements for n in (*e.starts, *e.ends))]


@maker(reads=_dates_of)
def make_subject_elements(fetch: Fetch, *, study: StudySpec, at: Place = NOWHERE) -> Made:
    """Make a record for each element of the design that a subject began.

    An element belongs to a subject if it names no arm, or names the subject's actual arm (DM.ACTARMCD). Its
    start is the earliest of its `starts` in study.yaml; an element without one was not begun and has no
    record. One with `days_after` begins that many days later, if the subject was seen until then. It ends
    where the next begins. The last one ends at the latest of its `ends`; where it names none, of every
    element's `ends`. Dates that the data do not give stay null; an element that begins before the one in
    front of it is a warning.

    TAETORD is the element's place in the subject's arm; for a subject without an arm, in the first arm that
    has it. A start that was collected and cannot be read is an error, and the element has no SESTDTC: any day
    may be its first. So is such an end; the last element then has no SEENDTC.

    Source: SDTMIG 3.4, 5.3.
    """
    if not study.elements:
        raise SpecError("study.yaml describes no elements.", place=at, hint="Describe them under elements:.")
    begun = _begun(fetch, study)
    begun = begun.sort(SUBJECT, "TAETORD").with_columns(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("index"),
        *(pl.col(c).shift(-1).over(SUBJECT).alias(f"next_{c}") for c in (DATE, "source", "source_row")),
    )
    last = begun.filter(pl.col("TAETORD") == pl.col("TAETORD").max().over(SUBJECT)).select(
        SUBJECT, "index", "ETCD"
    )
    ends = _ends(fetch, study, last)
    made = begun.join(ends, on="index", how="left", maintain_order="left")
    frame = made.select(
        SUBJECT,
        "ETCD",
        "ELEMENT",
        "EPOCH",
        "TAETORD",
        pl.col(DATE).alias("SESTDTC"),
        pl.coalesce(f"next_{DATE}", "end").alias("SEENDTC"),
    )
    columns = [("source", "source_row"), ("next_source", "next_source_row"), ("end_source", "end_source_row")]
    sources = pl.concat(
        made.select("index", pl.col(s).alias("source"), pl.col(r).alias("source_row")) for s, r in columns
    )
    return Made(
        frame,
        sources.drop_nulls().unique().sort("index", "source", "source_row"),
        (*_disorder(made), *_unread(fetch, study)),
    )


def _unread(fetch: Fetch, study: StudySpec) -> list[Finding]:
    """The starts and ends that were collected and cannot be read."""
    found = []
    starts = [n for element in study.elements for n in element.starts]
    for name in dict.fromkeys([*starts, *(n for element in study.elements for n in element.ends)]):
        records, (owner, _, bare) = fetch(name), name.rpartition(".")
        lost = records.filter(unread(records, bare))
        what = "when its element begins" if name in starts else "when the last element ends"
        for who, row, text in zip(lost[SUBJECT], lost[ROW], text_behind(lost, bare), strict=True):
            says = f"'{text}' cannot be read: {what} is not known"
            found.append(Finding("error", "sdtm", owner, "subject_elements", says, row, who, bare, text))
    return found


def _begun(fetch: Fetch, study: StudySpec) -> pl.DataFrame:
    """The elements that each subject began: when, and the record that says so."""
    arms = _arms(fetch, study)
    parts = []
    for element in study.elements:
        starts = pl.concat([_shifted(fetch, study, element), dated(fetch, element.starts, lost=True)])
        starts = starts.with_columns(pl.col(DATE).fill_null("").alias(KEY))
        place = {arm: _place(study, element, arm) for arm in (a.ARMCD for a in study.arms)}
        usual = next((p for p in place.values() if p is not None), 1)
        first = first_by(starts, [SUBJECT], [KEY, "source"]).join(arms, on=SUBJECT, how="left")
        if element.arms:
            first = first.filter(pl.col(ARM).is_in(element.arms))
        order = pl.col(ARM).replace_strict(place, default=usual, return_dtype=pl.Int64).fill_null(usual)
        named = (
            pl.lit(v).alias(k)
            for k, v in (("ETCD", element.ETCD), ("ELEMENT", element.ELEMENT), ("EPOCH", element.EPOCH))
        )
        parts.append(
            first.select(
                SUBJECT, DATE, "source", pl.col(ROW).alias("source_row"), order.alias("TAETORD"), *named
            )
        )
    return pl.concat(parts)


def _shifted(fetch: Fetch, study: StudySpec, element: ElementSpec) -> pl.DataFrame:
    """The dates that begin an element, `days_after` later; then only where the subject was seen until
    then."""
    starts = dated(fetch, element.starts)
    if not element.days_after:
        return starts
    day = complete_day(starts[DATE]).dt.offset_by(f"{element.days_after}d")
    ends = dated(fetch, [name for e in study.elements for name in e.ends])
    seen = ends.group_by(SUBJECT).agg(pl.col(DATE).str.slice(0, 10).max().alias("seen"))
    later = starts.with_columns(day.cast(pl.String).alias(DATE)).join(seen, on=SUBJECT, how="inner")
    return later.filter(pl.col(DATE) <= pl.col("seen")).drop("seen")


def _arms(fetch: Fetch, study: StudySpec) -> pl.DataFrame:
    if not any(e.arms for e in study.elements):
        return pl.DataFrame(schema={SUBJECT: pl.String, ARM: pl.String})
    return fetch(f"DM.{ARM}").select(SUBJECT, ARM)


def _place(study: StudySpec, element: ElementSpec, arm: str) -> int | None:
    path = [e.ETCD for e in study.elements if not e.arms or arm in e.arms]
    return path.index(element.ETCD) + 1 if element.ETCD in path else None


def dated(fetch: Fetch, names: Iterable[str], *, lost: bool = False) -> pl.DataFrame:
    """Records with a date in any of these columns: USUBJID, date, source, ROW. lost: those whose date cannot
    be read."""
    parts = [pl.DataFrame(schema={SUBJECT: pl.String, DATE: pl.String, "source": pl.String, ROW: pl.Int64})]
    for name in dict.fromkeys(names):
        owner, _, bare = name.rpartition(".")
        date = pl.col(bare).cast(pl.String).alias(DATE)
        records = fetch(name)
        kept = records.filter(unread(records, bare) if lost else pl.col(bare).is_not_null())
        parts.append(kept.select(SUBJECT, date, pl.lit(owner).alias("source"), pl.col(ROW).cast(pl.Int64)))
    return pl.concat(parts)


def _ends(fetch: Fetch, study: StudySpec, last: pl.DataFrame) -> pl.DataFrame:
    """For each subject's last element: its end, and the record that says so."""
    everyone = [name for element in study.elements for name in element.ends]
    parts = [
        pl.DataFrame(
            schema={"index": pl.Int64, "end": pl.String, "end_source": pl.String, "end_source_row": pl.Int64}
        )
    ]
    for element in study.elements:
        ends = element.ends or everyone
        dates = dated(fetch, ends).with_columns((pl.col(DATE) + "~").alias(KEY))
        dates = dates.join(dated(fetch, ends, lost=True), on=SUBJECT, how="anti")
        ended = last.filter(pl.col("ETCD") == element.ETCD).join(
            last_by(dates, [SUBJECT], [KEY, "-source"]), on=SUBJECT
        )
        parts.append(
            ended.select(
                "index",
                pl.col(DATE).alias("end"),
                pl.col("source").alias("end_source"),
                pl.col(ROW).alias("end_source_row"),
            )
        )
    return pl.concat(parts)


def _disorder(made: pl.DataFrame) -> tuple[Finding, ...]:
    low, _ = date_bounds(pl.col(DATE), "partial")
    _, high = date_bounds(pl.col(f"next_{DATE}"), "partial")
    wrong = made.filter((high < low) | earlier_moment(made[f"next_{DATE}"], made[DATE]) & (high == low))
    return tuple(
        Finding(
            "warning",
            "sdtm",
            "SE",
            "subject_elements",
            f"element {code} begins on {start}, and the next one already on {then}",
            subject=who,
            field="SESTDTC",
            value=start,
        )
        for who, code, start, then in wrong.select(SUBJECT, "ETCD", DATE, f"next_{DATE}").iter_rows()
    )
