"""Records as a narrative's template sees them: each value as it is displayed, by its variable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.check_narratives import named_of
from tlfgen.analysis.source import EVERYTHING, SUBJECT, Source, open_source
from tlfgen.display.as_collected import qualifier_of, sequence_of, with_collected
from tlfgen.display.listing import shown_value
from tlfgen.spec.narrative import COLLECTED, EachSpec, RecordsSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

Record = Mapping[str, str]


@dataclass(frozen=True)
class Told:
    """What one narrative tells: its record, why it stands, and the subject's other records by name."""

    record: Record
    reasons: tuple[str, ...]
    records: Mapping[str, tuple[Record, ...]]


def told_records(
    each: EachSpec,
    named: Mapping[str, Iterable[str]],
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> list[Told]:
    """Choose the records that have a narrative, in order, and what is told of each; a missing value is "".

    First case that applies:
      1. not in the population, or `where` not met     no narrative
      2. `because` is given and none of it holds       no narrative
      3. otherwise                                     a narrative, with the labels that hold
    named: the variables that the template reads of the record ("p") and of each list.
    """
    source = _open(each, each.population, (*each.heading, *named.get("p", ())), data, study)
    because = {label: _subjects(records, data, study) for label, records in each.because.items()}
    if because:
        chosen = pl.concat(because.values()).unique()
        source = replace(source, frame=source.frame.filter(pl.col(SUBJECT).is_in(chosen.implode())))
    source = _sorted(source, each)
    subjects = source.frame[SUBJECT]
    members = {label: set(found.to_list()) for label, found in because.items()}
    lists = {
        name: _by_subject(spec, named.get(name, ()), subjects, data, study, rules)
        for name, spec in each.records.items()
    }
    return [
        Told(
            record,
            tuple(label for label, found in members.items() if subject in found),
            {name: tuple(found.get(subject, ())) for name, found in lists.items()},
        )
        for subject, record in zip(subjects.to_list(), _shown(source, rules, each, data), strict=True)
    ]


def _open(
    records: RecordsSpec,
    population: str,
    named: Iterable[str],
    data: Mapping[str, Dataset],
    study: StudySpec,
) -> Source:
    asked = (n.removesuffix(COLLECTED) for n in named)
    names = [*dict.fromkeys((*(n for n, _ in named_of(records)), *asked))]
    sequence = sequence_of(data[records.from_]) if records.from_ in data else None
    if sequence and sequence not in names:
        names.append(sequence)
    source = open_source(
        name=records.from_, population=population, condition=records.condition, names=names, data=data,
        study=study, at=records.at,
    )  # fmt: skip
    source.needs([SUBJECT, *names], records.at)
    return source


def _sorted(source: Source, records: RecordsSpec) -> Source:
    if not records.order:
        return source
    names = [source.own(n.removeprefix("-")) for n in records.order]
    falling = [n.startswith("-") for n in records.order]
    return replace(
        source, frame=source.frame.sort(names, descending=falling, nulls_last=True, maintain_order=True)
    )


def _subjects(records: RecordsSpec, data: Mapping[str, Dataset], study: StudySpec) -> pl.Series:
    return _open(records, EVERYTHING, (), data, study).frame[SUBJECT].drop_nulls()


def _by_subject(
    records: RecordsSpec,
    named: Iterable[str],
    subjects: pl.Series,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> dict[str, list[Record]]:
    """The displayed records of these subjects, by subject, in order."""
    source = _sorted(_open(records, EVERYTHING, named, data, study), records)
    source = replace(source, frame=source.frame.filter(pl.col(SUBJECT).is_in(subjects.implode())))
    found: dict[str, list[Record]] = {}
    for subject, record in zip(
        source.frame[SUBJECT].to_list(), _shown(source, rules, records, data), strict=True
    ):
        found.setdefault(subject, []).append(record)
    return found


def _shown(
    source: Source, rules: NumberRules, records: RecordsSpec, data: Mapping[str, Dataset]
) -> list[Record]:
    """Every value as a listing shows it.

    First case that applies:
      1. the value is there                 its text; of a partial date what is known
      2. it was collected and not readable  "not known (31/02/2023 as collected)", and under the variable's
                                            name with _AS_COLLECTED what was collected
      3. it was blank                       ""
    """
    names = [n for n in source.frame.columns if not n.startswith("#")]
    sequence = sequence_of(data[records.from_])
    frame = with_collected(source.frame, sequence, names, data)
    shown = [shown_value(source, n, rules).fill_null("") for n in names]
    collected = [pl.col(qualifier_of(n)).fill_null("") for n in names]
    texts = (
        pl.when((text == "") & (was != ""))
        .then(pl.format("not known ({} as collected)", was))
        .otherwise(text)
        for text, was in zip(shown, collected, strict=True)
    )
    unread = (
        pl.when(text == "").then(was).otherwise(pl.lit("")).alias(f"{n}{COLLECTED}")
        for n, text, was in zip(names, shown, collected, strict=True)
    )
    named = (t.alias(n) for n, t in zip(names, texts, strict=True))
    return list(frame.select(*named, *unread).to_dicts())
