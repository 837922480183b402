"""What no column shows and no filter could judge, as results: nothing leaves an output unseen.

unlisted[AESEV=level]      subjects (of `by`) or records (of `of`) whose level has no column of its own;
                           the level is null for those without one
not_judged[VARIABLE=name]  records that a condition could not judge, for want of that variable
strangers                  records of subjects who are not in ADSL; stranger_subjects: how many these are
n_not_judged[VARIABLE=name]  subjects of whom the N's condition could not be judged, and who are not in it
not_within[SET=flag]       subjects of a set of the columns who are not in the output's population
open[SET=flag]             subjects of whom it cannot be judged whether they are in the set: they are not
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from tlfgen.analysis.columns import Column, Member
from tlfgen.analysis.source import EVERYTHING, NUMBER, SUBJECT, SUBJECTS, Source, text_of
from tlfgen.analysis.table import both, pairs, quoted
from tlfgen.engine.analysis_set import UNJUDGED
from tlfgen.spec.study import reason_name

UNLISTED, NOT_JUDGED, NOT_WITHIN, OPEN = "unlisted", "not_judged", "not_within", "open"
N_NOT_JUDGED = "n_not_judged"
STRANGERS, STRANGER_SUBJECTS = "strangers", "stranger_subjects"
VARIABLE, SET = "VARIABLE", "SET"
Found = dict[str, Any]


def unseen(
    columns: Sequence[Column], source: Source, sets: Sequence[str], where: str | None
) -> Iterator[Found]:
    """Give the rows of what an output leaves out; none where it leaves out nothing."""
    yield from _open(source, sets or (source.population,))
    if sets:
        yield from _not_within(source, sets)
    else:
        yield from _unlisted([c.by for c in columns if c.by], source, by=True)
    yield from _unlisted([c.of for c in columns if c.of], source, by=False)
    yield from not_judged(source.unjudged, where)
    for found in not_judged(source.unknown, source.narrowed):
        yield found | {"statistic": N_NOT_JUDGED, "dataset": SUBJECTS}
    if source.strangers.height:
        who = source.strangers[SUBJECT].drop_nulls().unique().sort()
        named = f"{SUBJECT} IN ({', '.join(map(quoted, who))})" if len(who) else f"{SUBJECT} IS NULL"
        yield {"statistic": STRANGERS, "stat_num": source.strangers.height, "where": both(named)}
        yield {"statistic": STRANGER_SUBJECTS, "stat_num": len(who), "where": both(named)}


def not_judged(found: Mapping[str, int], where: str | None) -> Iterator[Found]:
    """The rows of what a condition could not judge, by variable."""
    for name, count in found.items():
        level = pairs([(VARIABLE, name)])
        yield level | {"statistic": NOT_JUDGED, "stat_num": count, "where": where}


def _open(source: Source, sets: Sequence[str]) -> Iterator[Found]:
    for flag in sets:
        reason = reason_name(flag)
        if reason in source.everyone.columns:
            left = source.everyone.filter(pl.col(reason).str.starts_with(UNJUDGED))
            if left.height:
                where = f"{reason} LIKE {quoted(UNJUDGED + '%')}"
                level = {**pairs([(SET, flag)]), "dataset": SUBJECTS, "where": where}
                yield level | {"statistic": OPEN, "stat_num": left.height}


def _not_within(source: Source, sets: Sequence[str]) -> Iterator[Found]:
    if source.population == EVERYTHING:
        return
    for flag in sets:
        inside = source.everyone.filter(pl.col(flag) == "Y")
        left = inside.filter(pl.col(source.population).ne_missing("Y"))
        if left.height:
            where = f"{SUBJECT} IN ({', '.join(map(quoted, left[SUBJECT].sort()))})"
            level = {**pairs([(SET, flag)]), "dataset": SUBJECTS, "where": where}
            yield level | {"statistic": NOT_WITHIN, "stat_num": left.height}


def _unlisted(members: Sequence[Member], source: Source, *, by: bool) -> Iterator[Found]:
    """Levels that occur and are in no column, the total apart; null is one, without a column for missing."""
    if not members:
        return
    name, is_text = members[0].variable, members[0].is_text
    listed = {v for m in members for v in m.values or ()}
    of_subjects = by and source.subjects is not None
    frame = source.subjects if of_subjects and source.subjects is not None else source.frame
    level = text_of(frame, name.removeprefix(f"{SUBJECTS}.") if of_subjects else source.own(name))
    found = frame.select(level.alias("level"), pl.col(NUMBER))
    found = found.filter(~pl.col("level").is_in(listed).fill_null(any(m.missing for m in members)))
    counted = pl.col(NUMBER).drop_nulls().n_unique() if by and not source.names_no_subject else pl.len()
    for value, count in found.group_by("level").agg(counted).sort("level", nulls_last=True).iter_rows():
        text = None if value is None else quoted(value) if is_text else value
        yield {
            **pairs([(name.removeprefix(f"{SUBJECTS}."), value)]), "statistic": UNLISTED,
            "stat_num": count, "where": f"{name} IS NULL" if text is None else f"{name} = {text}",
            "dataset": SUBJECTS if of_subjects else source.dataset,
        }  # fmt: skip
