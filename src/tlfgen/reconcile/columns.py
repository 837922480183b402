"""What checks ask of columns: texts, dates as precise as collected, and a dataset's own variables."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tlfgen.reconcile.registry import ROW, SUBJECT, Data

DATE = r"^(\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d)?)?)?)?)"
SUPPLEMENTAL = ("SUPP", "RELREC")
DESIGN = frozenset({"TA", "TE", "TV", "TI", "TS", "TD", "TM", "RELREC", "CO"})


def text(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A variable as text, blanks as null; null where the dataset does not have it."""
    if name not in frame.columns:
        return pl.lit(None, dtype=pl.String)
    moment = isinstance(frame.schema[name], pl.Datetime)
    written = pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S") if moment else pl.col(name).cast(pl.String)
    stripped = written.str.strip_chars()
    return pl.when(stripped != "").then(stripped)


def says(frame: pl.DataFrame, name: str, *values: str) -> pl.Expr:
    """Whether a variable is one of these words, in either case; never null."""
    return text(frame, name).str.to_uppercase().is_in(values).fill_null(value=False)


def date(frame: pl.DataFrame, name: str) -> pl.Expr:
    """The date and time of a variable as far as it is known from the year on: 2024-05 of a month."""
    return text(frame, name).str.extract(DATE)


def day(frame: pl.DataFrame, name: str) -> pl.Expr:
    """The day of a date as text; null where it is not known to the day."""
    known = date(frame, name).str.slice(0, 10)
    return pl.when(known.str.len_chars() == 10).then(known)


def later(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Whether one date is surely after another: by what is known of both; never null."""
    known = pl.min_horizontal(one.str.len_chars(), other.str.len_chars())
    return (one.str.slice(0, known) > other.str.slice(0, known)).fill_null(value=False)


def differ(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Whether two dates cannot be the same day: by what is known of both; never null."""
    known = pl.min_horizontal(one.str.len_chars(), other.str.len_chars(), pl.lit(10))
    return (one.str.slice(0, known) != other.str.slice(0, known)).fill_null(value=False)


def domains(data: Data) -> Iterator[tuple[str, pl.DataFrame]]:
    """The SDTM domains that hold records of subjects."""
    for name, frame in data.items():
        about_subjects = SUBJECT in frame.columns and name not in DESIGN
        if not is_adam(name) and about_subjects and not name.startswith(SUPPLEMENTAL):
            yield name, frame


def is_adam(name: str) -> bool:
    """Whether a dataset is an analysis dataset, by its name."""
    return name.startswith("AD")


def prefix(domain: str) -> str:
    """The letters before a domain's variables: LB of LB, and of a part as LBCH."""
    return domain[:2]


def flagged(frame: pl.DataFrame, flag: str) -> pl.Series:
    """The subjects whose flag is Y."""
    return frame.filter(says(frame, flag, "Y"))[SUBJECT].unique()


def first_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """One record a subject, the first."""
    return frame.unique(SUBJECT, keep="first", maintain_order=True).sort(ROW)


def absent_from(frame: pl.DataFrame, subjects: pl.Series) -> pl.Expr:
    """Whether a record's subject is none of these; false where it has none."""
    return (~pl.col(SUBJECT).is_in(subjects.implode())).fill_null(value=False)


def number(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A variable as a number; null where it is none or the dataset does not have it."""
    if name in frame.columns and frame.schema[name].is_numeric():
        return pl.col(name).cast(pl.Float64)
    return text(frame, name).cast(pl.Float64, strict=False)
