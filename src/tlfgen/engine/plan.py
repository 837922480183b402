"""What each variable needs, known before any data is read.

A misspelt variable, derivation, parameter, codelist or dataset is found here, with file, line and nearest
name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from tlfgen.data.dataset import missing_variable
from tlfgen.engine.registry import find_rule
from tlfgen.engine.table import SUBJECT
from tlfgen.errors import Place, SpecError, unknown
from tlfgen.spec.dataset import DatasetSpec, VariableSpec
from tlfgen.spec.joined_text import joined_names
from tlfgen.spec.study import StudySpec, reason_name

OF_OTHER = (
    "others",
    "other where",
    "other cuts",
)  # kinds of parameters whose bare names are of `Other`'s dataset


@dataclass
class Schema:
    """The names of a dataset: given ones (fields, read columns) and those that entries fill. made: further
    names that rules which make records may give. beside: names that `copy: all` leaves out, the texts that no
    type could hold."""

    name: str
    given: set[str]
    entries: Mapping[str, VariableSpec] = field(default_factory=dict)
    made: Callable[[str], bool] = lambda name: False
    beside: frozenset[str] = frozenset()

    def has(self, name: str) -> bool:
        known = name in self.given or name in self.entries or name in self.beside
        return known or name == SUBJECT or self.made(name)


def check_records(spec: DatasetSpec, schemas: Mapping[str, Schema]) -> set[str]:
    """Check what the rules that make a dataset's records read; give the names that they say they make."""
    made: set[str] = set()
    for record in spec.records:
        rule = find_rule(record.derive, record.at, makes_records=True)
        typed = rule.read(record.params, record.at)
        others = rule.names(typed, "other")
        owner = others[0].rpartition(".")[0] if others else ""
        named = [*others, *rule.nested(typed)]
        named += [n if "." in n else f"{owner}.{n}" for n in rule.names(typed, *OF_OTHER)]
        for name in named:
            check_name(name, record.at, None, schemas, foreign=True)
        made |= {*rule.makes, *record.set}
    return made


def filled_names(entry: VariableSpec) -> tuple[str, ...]:
    """The variables that an entry fills, its own first."""
    if entry.sets:
        return tuple(n for flag in entry.sets for n in (flag, reason_name(flag)))
    if entry.derive is None:
        return (entry.name,)
    rule = find_rule(entry.derive, entry.at)
    return (entry.name, *rule.names(rule.read(entry.params, entry.at), "fills"))


def entry_map(variables: Iterable[VariableSpec]) -> dict[str, VariableSpec]:
    """Variable -> the entry that fills it, in the order of the spec; a variable filled twice is a
    SpecError."""
    found: dict[str, VariableSpec] = {}
    for entry in variables:
        parts = [entry.model_copy(update={"sets": (f,), "name": f}) for f in entry.sets] or [entry]
        for part in parts:
            part._place = entry.at
            for name in filled_names(part):
                if name in found:
                    raise SpecError(
                        f"{name} is filled twice.", place=entry.at, hint=f"First by {found[name].at}."
                    )
                found[name] = part
    return found


def needed_names(entry: VariableSpec, study: StudySpec) -> list[tuple[str, Place, bool]]:
    """(name, place, of another dataset only) for everything an entry reads."""
    found: list[tuple[str, Place, bool]] = []
    plain = [entry.from_, entry.date, entry.time, *(c.from_ for c in entry.cases)]
    found += [(n, entry.at, False) for n in plain if n]
    texts = [(entry.text, entry.at), *((c.text, c.at) for c in entry.cases)]
    found += [(n, at, False) for text, at in texts if text for n in joined_names(text, at)]
    if entry.expression is not None:
        found += [(n, entry.expression.place, False) for n in entry.expression.columns]
    conditions = [entry.condition, *(c.condition for c in entry.cases)]
    for flag in entry.sets:
        if flag not in study.analysis_sets:
            raise unknown("The analysis set", flag, study.analysis_sets, entry.at)
        spec = study.analysis_sets[flag]
        conditions += [spec.condition, *(r.condition for r in spec.reason if not isinstance(r, str))]
    found += [(n, c.place, False) for c in conditions if c is not None for n in c.columns]
    if entry.derive is not None:
        rule = find_rule(entry.derive, entry.at)
        typed = rule.read(entry.params, entry.at)
        found += [(n, entry.at, False) for n in rule.names(typed, "column", "columns", "where", "cuts")]
        others = rule.names(typed, "other")
        found += [(n, entry.at, True) for n in others]
        owner = others[0].rpartition(".")[0] if others else ""
        for n in rule.names(typed, *OF_OTHER):
            found.append((n if "." in n else f"{owner}.{n}", entry.at, True))
    return found


def check_entries(
    schema: Schema,
    schemas: Mapping[str, Schema],
    study: StudySpec,
    codelists: Iterable[str],
    dictionaries: Iterable[str],
) -> None:
    """Check that everything the entries of a dataset name exists."""
    for entry in {id(e): e for e in schema.entries.values()}.values():
        for name, at, foreign in needed_names(entry, study):
            check_name(name, at, schema, schemas, foreign=foreign)
        if entry.codelist and entry.codelist not in set(codelists):
            raise unknown("The codelist", entry.codelist, codelists, entry.at)
        if entry.dictionary and entry.dictionary not in set(dictionaries):
            raise unknown("The dictionary", entry.dictionary, dictionaries, entry.at)


def check_name(
    name: str, at: Place, schema: Schema | None, schemas: Mapping[str, Schema], *, foreign: bool = False
) -> None:
    """Check one name: bare of the dataset in hand, or dotted of another."""
    if name == "cutoff":
        return
    owner, _, bare = name.rpartition(".")
    if not owner:
        if foreign or schema is None:
            raise SpecError(
                f"'{name}' names no dataset.", place=at, hint=f"Write DATASET.{name}, as in EX.EXSTDTC."
            )
        owner_schema = schema
    elif owner in schemas:
        owner_schema = schemas[owner]
    else:
        raise unknown("The dataset or form", owner, schemas, at)
    if not owner_schema.has(bare):
        raise missing_variable(
            owner_schema.name, bare, sorted({*owner_schema.given, *owner_schema.entries}), at
        )


def entries_of(*stages: Mapping[str, Schema]) -> dict[str, Mapping[str, VariableSpec]]:
    """For each form, domain and dataset, variable -> the entry that fills it."""
    return {name: s.entries for stage in stages for name, s in stage.items() if s.entries}
