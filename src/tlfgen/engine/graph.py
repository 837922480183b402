"""The graph of variables: what fills each, from what, in which order; one value, known before any data.

A dataset's rows stand in groups: those of its source, then those of each entry of `records`. A node is a
variable of a dataset on the rows of its first groups, or those rows themselves. `compile_steps` walks from
every variable of every dataset to what it needs; a name that nothing fills and a circle are SpecErrors. The
order of the steps is the order of filling: each stands after what it needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from tlfgen.data.dataset import missing_variable
from tlfgen.engine.plan import Schema
from tlfgen.engine.reads import Read, Role, entry_reads, maker_reads
from tlfgen.engine.table import SUBJECT
from tlfgen.errors import NOWHERE, Place, SpecError, unknown
from tlfgen.spec.dataset import RecordsSpec, VariableSpec
from tlfgen.spec.study import StudySpec

PARAMETER = ("PARAMCD", "PARAM", "PARAMN")


@dataclass(frozen=True, order=True)
class Node:
    """A variable of a dataset on the rows of groups 0 to `group`; variable "": these rows themselves."""

    dataset: str
    variable: str
    group: int = 0


@dataclass(frozen=True)
class Need:
    """A node that another one reads, and for what."""

    node: Node
    role: Role


@dataclass(frozen=True)
class Step:
    """What makes a node: the entry of a variable, or the entry of `records` of a group's rows; neither, where
    the rows are the source's."""

    node: Node
    needs: tuple[Need, ...] = ()
    entry: VariableSpec | None = None
    record: RecordsSpec | None = None
    at: Place = NOWHERE

    @property
    def rule(self) -> str:
        """The name of the derivation or maker."""
        named = self.record or self.entry
        return (named.derive or "") if named is not None else ""


@dataclass(frozen=True)
class Graph:
    """Every step, each after what it needs, and the names of each form, domain and dataset."""

    steps: Mapping[Node, Step]
    schemas: Mapping[str, Schema] = field(default_factory=dict)

    def order(self, datasets: Collection[str]) -> tuple[Step, ...]:
        """The steps of these datasets in the order of filling."""
        return tuple(s for s in self.steps.values() if s.node.dataset in datasets)

    def upstream(self, node: Node) -> frozenset[Node]:
        """Everything that a node needs, however far away."""
        found: set[Node] = set()
        ahead = [node]
        while ahead:
            step = self.steps.get(ahead.pop())
            new = {n.node for n in step.needs} - found if step else set()
            found |= new
            ahead += new
        return frozenset(found)

    def reads(self, dataset: str) -> dict[str, tuple[str, ...]]:
        """The columns of other datasets and forms that the steps of a dataset read."""
        found: dict[str, set[str]] = {}
        for step in self.order({dataset}):
            for need in step.needs:
                if need.node.dataset != dataset:
                    found.setdefault(need.node.dataset, set()).add(need.node.variable or SUBJECT)
        return {name: tuple(sorted(columns)) for name, columns in sorted(found.items())}


def compile_steps(
    schemas: Mapping[str, Schema], datasets: Iterable[str], study: StudySpec
) -> dict[Node, Step]:
    """The steps that fill every variable of these datasets, each after what it needs.

    schemas: these, and those of the forms and datasets that are there before them. A name that is not there
    is a SpecError with its place, and so is a circle, with its chain.
    """
    return _Compiler(schemas, tuple(datasets), study).run()


class _Compiler:
    def __init__(self, schemas: Mapping[str, Schema], datasets: tuple[str, ...], study: StudySpec) -> None:
        self.schemas, self.datasets, self.study = schemas, datasets, study
        self.steps: dict[Node, Step] = {}

    def run(self) -> dict[Node, Step]:
        for name in self.datasets:
            schema = self.schemas[name]
            for variable in ("", *schema.entries):
                self._visit(Node(name, variable, schema.last_group))
        return self.steps

    def _visit(self, root: Node) -> None:
        """Add the steps of a node, depth first, so that what it needs comes before it."""
        if root in self.steps:
            return
        path = {root: self._step(root)}
        ahead = {root: iter(path[root].needs)}
        while path:
            node = next(reversed(path))
            need = next(ahead[node], None)
            if need is None:
                self.steps[node] = path.pop(node)
            elif need.node in path:
                raise self._circle([*path], need.node)
            elif need.node not in self.steps and need.node.dataset in self.datasets:
                path[need.node] = self._step(need.node)
                ahead[need.node] = iter(path[need.node].needs)

    def _circle(self, path: list[Node], node: Node) -> SpecError:
        chain = [*path[path.index(node) :], node]
        told = chain if all(n.variable for n in chain) else self._shortened(chain)
        return SpecError(
            f"{self._said(node)} needs itself: {' -> '.join(self._said(n) for n in told)}.",
            place=self._step(node).at,
        )

    def _shortened(self, chain: list[Node]) -> list[Node]:
        """A chain without rows that only lead to the rows above them."""
        return [a for a, b in pairwise(chain) if a.variable or b.variable or a.dataset != b.dataset] + chain[
            -1:
        ]

    def _said(self, node: Node) -> str:
        schema = self.schemas[node.dataset]
        if node.variable and node.group == schema.last_group:
            return f"{node.dataset}.{node.variable}"
        if node.variable:
            return f"{node.dataset}.{node.variable} (above {schema.group_name(node.group + 1)})"
        return f"records {schema.group_name(node.group)} of {node.dataset}".replace("  ", " ")

    def _step(self, node: Node) -> Step:
        schema = self.schemas[node.dataset]
        if not node.variable:
            return self._rows(schema, node)
        entry = schema.entries[node.variable]
        needs = [Need(Node(schema.name, "", node.group), "rows")]
        for read in entry_reads(entry, self.study):
            needs += self._resolve(schema, node.group, read, entry)
        return Step(node, tuple(dict.fromkeys(needs)), entry=entry, at=entry.at)

    def _rows(self, schema: Schema, node: Node) -> Step:
        if node.group == 0:
            needs = [Need(self._last(name), "rows") for name in schema.origins]
            for read in schema.row_reads:
                needs += self._elsewhere(read)
            return Step(node, tuple(dict.fromkeys(needs)), at=schema.at)
        record = schema.records[node.group - 1]
        above = Node(schema.name, "", node.group - 1)
        needs, own = [Need(above, "rows")], False
        for read in maker_reads(record, self.study):
            owner, _, bare = read.name.rpartition(".")
            if owner == schema.name:
                own = True
                needs += self._resolve(schema, above.group, Read(bare, read.at, "records"), None)
            else:
                needs += self._elsewhere(read)
        needs += self._copied(schema, record, above.group, needs, own=own)
        return Step(node, tuple(dict.fromkeys(needs)), record=record, at=record.at)

    def _copied(
        self, schema: Schema, record: RecordsSpec, group: int, read: list[Need], *, own: bool
    ) -> Iterator[Need]:
        """What is copied to made records: of rows above, and of the other records that they are made of."""
        like = {*schema.keys, *(() if "PARAMCD" in record.set else PARAMETER)} if own else set()
        others = dict.fromkeys(n.node.dataset for n in read if n.node.dataset != schema.name)
        for name, entry in schema.entries.items():
            told = entry.on_made == "copy" and entry.name == name
            if name in record.set or not (told or (name in like and entry.on_made is None)):
                continue
            if own:
                yield Need(Node(schema.name, name, group), "copy")
            if told:
                for other in others:
                    if name in self.schemas[other].entries:
                        yield Need(self._last(other, name), "copy")

    def _last(self, dataset: str, variable: str = "") -> Node:
        return Node(dataset, variable, self.schemas[dataset].last_group)

    def _elsewhere(self, read: Read) -> Iterator[Need]:
        """The node of a dotted name: the variable on all records of its dataset."""
        owner, _, bare = read.name.rpartition(".")
        if read.name == "cutoff":
            return
        if not owner:
            raise SpecError(
                f"'{read.name}' names no dataset.", place=read.at,
                hint=f"Write DATASET.{read.name}, as in EX.EXSTDTC.",
            )  # fmt: skip
        if owner not in self.schemas:
            raise unknown("The dataset or form", owner, self.schemas, read.at)
        schema = self.schemas[owner]
        if not schema.has(bare):
            raise missing_variable(owner, bare, schema.names(), read.at)
        form = owner not in self.datasets and not schema.entries
        yield Need(self._last(owner, bare if bare in schema.entries or form else ""), read.role)

    def _resolve(self, schema: Schema, group: int, read: Read, entry: VariableSpec | None) -> Iterator[Need]:
        """The nodes of a name in hand: a variable, or a field that the rows bring along."""
        owner, _, bare = read.name.rpartition(".")
        if read.name == "cutoff" or (read.if_there and not schema.has(bare)):
            return
        if owner and not (owner in schema.origins and bare in schema.given) or read.elsewhere and not owner:
            yield from self._elsewhere(read)
        elif not owner and bare in schema.entries and schema.entries[bare] is not entry:
            yield Need(Node(schema.name, bare, group), read.role)
        elif bare in schema.given or bare == SUBJECT or schema.made(bare):
            yield Need(Node(schema.name, "", group), read.role)
            for origin in schema.origins:
                if bare in self.schemas[origin].entries or (
                    not self.schemas[origin].entries and self.schemas[origin].has(bare)
                ):
                    yield Need(self._last(origin, bare), read.role)
        elif bare in schema.entries:
            raise SpecError(f"{schema.name}.{bare} needs itself.", place=read.at)
        else:
            raise missing_variable(schema.name, bare, schema.names(), read.at)
