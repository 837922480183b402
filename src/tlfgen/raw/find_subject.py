"""Which column of collected files names the subject: a guess that is tested on the data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

SUBJECT_NAMES = (
    "USUBJID", "SUBJID", "SUBJECT", "SUBJECTID", "SUBJECT_ID", "PATNUM", "PATIENT", "PATIENTID", "PATNO",
    "PATID", "SUBJNO", "SUBNO", "SUBJ", "PT", "PTNO",
)  # fmt: skip
OF_DEMOGRAPHY = frozenset({"SEX", "AGE", "GENDER", "RACE", "BRTHDAT", "BRTHDTC", "DOB", "ETHNIC"})


@dataclass(frozen=True)
class Subject:
    """The column that names the subject; notes: why it is doubtful, in words for people."""

    column: str | None
    notes: tuple[str, ...] = ()


def find_subject(frames: Sequence[pl.DataFrame]) -> Subject:
    """Find the column that names the subject.

    Candidates stand in every file, are filled in at least half of the rows, and vary or bear a usual name.
    First case that applies:
      1. a candidate is unique in demography: the first of a usual name, else the one with most values
      2. there is no demography: the first of a usual name, else the one with most values
      3. no candidate is unique in demography: as 2, with a note: two subjects would become one

    Demography is a file with sex, age, birth or race among its columns.
    """
    shared = [c for c in frames[0].columns if all(c in f.columns for f in frames)]
    varied = [c for c in shared if any(f[c].n_unique() > 1 for f in frames) or c.upper() in SUBJECT_NAMES]
    filled = [c for c in varied if all(2 * f[c].null_count() <= f.height for f in frames)]
    demography = [f for f in frames if OF_DEMOGRAPHY & {c.rpartition(".")[2].upper() for c in f.columns}]
    unique = [c for c in filled if any(f[c].n_unique() == f.height for f in demography)]
    if demography and unique:
        return Subject(_best(unique, frames))
    column = _best(filled, frames)
    if column is None or not demography:
        return Subject(column)
    counts = ", ".join(f"{f[column].n_unique()} different in {f.height} records" for f in demography)
    return Subject(
        column,
        (
            f"No column is unique in demography. '{column}' is taken for the subject, with {counts}: "
            "two subjects may become one. Correct it before anything else.",
        ),
    )


def own_subjects(frames: Sequence[pl.DataFrame], shared: str | None) -> list[str | None]:
    """The column of each file that names the subject: the shared one; else one of a usual name, or one that
    holds a subject of the others. None where there is no such column."""
    own = [shared if shared in f.columns else find_subject([f]).column for f in frames]
    sure = [c is not None and (c == shared or c.upper() in SUBJECT_NAMES) for c in own]
    known = {v for f, c, ok in zip(frames, own, sure, strict=True) if ok and c for v in f[c].drop_nulls()}
    if not known:
        return own
    return [
        c if ok or (c is not None and known & set(f[c].drop_nulls())) else None
        for f, c, ok in zip(frames, own, sure, strict=True)
    ]


def _best(candidates: Iterable[str], frames: Sequence[pl.DataFrame]) -> str | None:
    known = [c for c in candidates if c.upper() in SUBJECT_NAMES]
    if known:
        return min(known, key=lambda c: SUBJECT_NAMES.index(c.upper()))
    rows_of_own = [c for c in candidates if any(f.height and f[c].n_unique() == f.height for f in frames)]
    return max(rows_of_own, key=lambda c: max(f[c].n_unique() for f in frames), default=None)
