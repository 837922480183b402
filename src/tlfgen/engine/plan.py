"""The names of each form, domain and dataset, known before any data is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from tlfgen.data.dataset import missing_variable
from tlfgen.engine.reads import Read
from tlfgen.engine.registry import find_rule
from tlfgen.engine.table import SUBJECT
from tlfgen.errors import NOWHERE, Place, SpecError, unknown
from tlfgen.spec.dataset import DatasetSpec, RecordsSpec, VariableSpec
from tlfgen.spec.study import reason_name


def _none(name: str) -> bool:
    return False


@dataclass
class Schema:
    """The names of a dataset: given ones (fields, read columns) and those that entries fill. made: further
    names that rules which make records may give. beside: names that `copy: all` leaves out, the texts that no
    type could hold. helpers: names filled with keep: false, which the finished dataset does not have.
    origins: the forms or the dataset whose rows it has; row_reads: what choosing them reads; records: the
    entries that make further ones."""

    name: str
    given: set[str]
    entries: Mapping[str, VariableSpec] = field(default_factory=dict)
    made: Callable[[str], bool] = _none
    beside: frozenset[str] = frozenset()
    helpers: frozenset[str] = frozenset()
    origins: tuple[str, ...] = ()
    row_reads: tuple[Read, ...] = ()
    records: tuple[RecordsSpec, ...] = ()
    keys: tuple[str, ...] = ()
    at: Place = NOWHERE

    @property
    def last_group(self) -> int:
        """The number of the last group of rows; 0 is the source's."""
        return len(self.records)

    def has(self, name: str) -> bool:
        known = name in self.given or name in self.entries or name in self.beside
        return known or name == SUBJECT or self.made(name)

    def names(self) -> list[str]:
        return sorted({*self.given, *self.entries})

    def missing(self, name: str, at: Place) -> SpecError:
        """The error for a name that it does not have."""
        if name in self.helpers:
            hint = (
                "Its entry says keep: false, so that it only helps to fill others; leave that out to use it."
            )
            return SpecError(f"{self.name} has no variable '{name}'.", place=at, hint=hint)
        return missing_variable(self.name, name, self.names(), at)

    def group_name(self, group: int) -> str:
        """What messages call the rows of a group: the parameter, else the rule, of its entry."""
        if group == 0:
            return ""
        record = self.records[group - 1]
        return record.set.get("PARAMCD", record.derive)


def made_names(spec: DatasetSpec) -> set[str]:
    """The variables that the rules which make a dataset's records say they make."""
    made: set[str] = set()
    for record in spec.records:
        made |= {*find_rule(record.derive, record.at, makes_records=True).makes, *record.set}
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


def check_lists(schema: Schema, codelists: Collection[str], dictionaries: Collection[str]) -> None:
    """Check that the codelists and dictionaries that the entries of a dataset name exist."""
    for entry in {id(e): e for e in schema.entries.values()}.values():
        if entry.codelist and entry.codelist not in codelists:
            raise unknown("The codelist", entry.codelist, codelists, entry.at)
        if entry.dictionary and entry.dictionary not in dictionaries:
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
        raise missing_variable(owner_schema.name, bare, owner_schema.names(), at)


def entries_of(*stages: Mapping[str, Schema]) -> dict[str, Mapping[str, VariableSpec]]:
    """For each form, domain and dataset, variable -> the entry that fills it."""
    return {name: s.entries for stage in stages for name, s in stage.items() if s.entries}
