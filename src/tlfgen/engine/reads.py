"""What an entry reads and what a rule that makes records reads, by name, before any data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tlfgen.engine.registry import find_rule
from tlfgen.errors import Place, unknown
from tlfgen.spec.condition import Condition
from tlfgen.spec.dataset import RecordsSpec, VariableSpec
from tlfgen.spec.joined_text import joined_names
from tlfgen.spec.study import StudySpec

# kinds whose bare names are of `Other`'s dataset
OF_OTHER = ("others", "other where", "other pair", "other cuts")
Role = Literal["rows", "value", "condition", "parameter", "records", "copy"]


@dataclass(frozen=True)
class Read:
    """A name with what it is read for. elsewhere: it is another dataset's. if_there: it is read only where
    the dataset in hand has it."""

    name: str
    at: Place
    role: Role
    elsewhere: bool = False
    if_there: bool = False


def entry_reads(entry: VariableSpec, study: StudySpec) -> Iterator[Read]:
    """Everything that an entry reads, in the order in which filling asks for it."""
    plain = [entry.from_, entry.date, entry.time, *(c.from_ for c in entry.cases)]
    yield from (Read(n, entry.at, "value") for n in plain if n)
    texts = [(entry.text, entry.at), *((c.text, c.at) for c in entry.cases)]
    yield from (Read(n, at, "value") for text, at in texts if text for n in joined_names(text, at))
    if entry.expression is not None:
        yield from (Read(n, entry.expression.place, "value") for n in entry.expression.columns)
    conditions: list[Condition | None] = [c.condition for c in entry.cases]
    for flag in entry.sets:
        conditions += _of_set(flag, entry, study)
    yield from (Read(n, c.place, "condition") for c in (*conditions, entry.condition) if c for n in c.columns)
    if entry.derive is not None:
        yield from _rule_reads(entry, study)


def _of_set(flag: str, entry: VariableSpec, study: StudySpec) -> list[Condition | None]:
    if flag not in study.analysis_sets:
        raise unknown("The analysis set", flag, study.analysis_sets, entry.at)
    spec = study.analysis_sets[flag]
    reasons = () if isinstance(spec.reason, str) else spec.reason
    return [spec.condition, *(r.condition for r in reasons)]


def _rule_reads(entry: VariableSpec, study: StudySpec) -> Iterator[Read]:
    rule = find_rule(str(entry.derive), entry.at)
    typed = rule.read(entry.params, entry.at)
    plain = rule.names(typed, "column", "columns")
    for n in rule.names(typed, "column", "columns", "where", "cuts"):
        yield Read(n, entry.at, "parameter" if n in plain else "condition")
    if rule.reads is not None:
        yield from (Read(n, entry.at, "parameter", if_there=True) for n in rule.reads(typed, study))
    others = rule.names(typed, "other")
    yield from (Read(n, entry.at, "records", elsewhere=True) for n in others)
    owner = others[0].rpartition(".")[0] if others else ""
    for n in rule.names(typed, *OF_OTHER):
        yield Read(n if "." in n else f"{owner}.{n}", entry.at, "records", elsewhere=True)


def maker_reads(record: RecordsSpec, study: StudySpec) -> Iterator[Read]:
    """Everything that the rule of an entry of `records` reads."""
    rule = find_rule(record.derive, record.at, makes_records=True)
    typed = rule.read(record.params, record.at)
    named = [*rule.names(typed, "other"), *rule.nested(typed)]
    owner = named[0].rpartition(".")[0] if named else ""
    named += [n if "." in n else f"{owner}.{n}" for n in rule.names(typed, *OF_OTHER)]
    if rule.reads is not None:
        named += rule.reads(typed, study)
    yield from (Read(n, record.at, "records", elsewhere=True) for n in dict.fromkeys(named))
