"""The graph of a study: the names and entries of its analysis datasets, after those of its domains."""

from __future__ import annotations

from collections.abc import Mapping

from tlfgen.adam.elsewhere import elsewhere_names
from tlfgen.adam.parameter_names import check_parameters
from tlfgen.data.standards import adam_variable
from tlfgen.engine.graph import PARAMETER, Graph, compile_steps
from tlfgen.engine.groups import check_on_made
from tlfgen.engine.kinds import Kinds
from tlfgen.engine.plan import (
    Schema,
    check_lists,
    check_name,
    entries_of,
    entry_map,
    filled_names,
    made_names,
)
from tlfgen.engine.reads import Read
from tlfgen.engine.table import SUBJECT
from tlfgen.errors import SpecError, unknown
from tlfgen.sdtm.build import sdtm_graph
from tlfgen.spec.dataset import AdamSpec, VariableSpec
from tlfgen.spec.loader import Mapping_
from tlfgen.spec.specs import Specs


def compile_graph(specs: Specs) -> Graph:
    """The graph of every form, domain and dataset, before any data are read.

    Every name of sdtm/ and adam/ is resolved: what is misspelt, and what needs itself, is a SpecError.
    """
    sdtm = sdtm_graph(specs)
    there = {n: s for n, s in sdtm.schemas.items() if not n.startswith("form.")}
    schemas = {n: Schema(n, _finished(s), beside=s.beside, records=s.records) for n, s in there.items()}
    schemas |= {n: Schema(n, set(names)) for n, names in elsewhere_names(specs).items()}
    schemas |= {spec.name: Schema(spec.name, set(), at=spec.at) for spec in specs.datasets.values()}
    for spec in specs.datasets.values():
        _check_rows(spec, schemas)
        schemas[spec.name].entries = entry_map(_entries(spec, schemas))
    for spec in specs.datasets.values():
        _complete(schemas[spec.name], spec, schemas)
    for spec in specs.datasets.values():
        _check(schemas[spec.name], spec, schemas, specs)
    steps = compile_steps(schemas, specs.datasets, specs.study)
    own = {n: schemas[n] for n in (*specs.elsewhere, *specs.datasets)}
    return Graph({**sdtm.steps, **steps}, {**sdtm.schemas, **own})


def _finished(schema: Schema) -> set[str]:
    """The names that a finished domain has."""
    return {*schema.given, *(name for name, entry in schema.entries.items() if entry.keep)}


def kinds_of(specs: Specs, graph: Graph) -> Kinds:
    """What each variable of a study is, before any data are read."""
    return Kinds(specs, entries_of(graph.schemas))


def _check_rows(spec: AdamSpec, schemas: Mapping[str, Schema]) -> None:
    if not spec.from_ and not spec.records:
        raise SpecError(f"{spec.name} has neither 'from' nor 'records'.", place=spec.at)
    if spec.from_ and spec.from_ not in schemas:
        raise unknown("The dataset", spec.from_, schemas, spec.at)


def _complete(schema: Schema, spec: AdamSpec, schemas: Mapping[str, Schema]) -> None:
    """What the rows bring along, what choosing them reads, and the groups that rules add."""
    source = schemas[spec.from_] if spec.from_ else Schema("", set())
    brought = {*source.given, *source.entries, *(PARAMETER if spec.parameters else ())}
    schema.given = {SUBJECT, *brought, *made_names(spec)}
    schema.beside = source.beside
    schema.keys, schema.records = tuple(spec.keys), spec.records
    if spec.records:
        schema.made = _is_standard
    if spec.from_:
        schema.origins = (spec.from_,)
        conditions = [c for c in (spec.condition, *(p.condition for p in spec.parameters)) if c is not None]
        names = dict.fromkeys(n if "." in n else f"{spec.from_}.{n}" for c in conditions for n in c.columns)
        schema.row_reads = tuple(Read(n, spec.at, "condition") for n in names)


def _check(schema: Schema, spec: AdamSpec, schemas: Mapping[str, Schema], specs: Specs) -> None:
    for source, names in spec.copy_.items():
        for name in names if tuple(names) != ("all",) else ():
            check_name(f"{source}.{name}", spec.at_key(f"copy.{source}"), None, schemas)
    check_lists(schema, specs.codelists, ())
    check_on_made(spec)
    check_parameters(spec)


def _is_standard(name: str) -> bool:
    return adam_variable(name) is not None


def entries_in_order(
    spec: AdamSpec, graph: Graph, domains: Mapping[str, list[str]], order: Mapping[str, list[str]]
) -> dict[str, VariableSpec]:
    """The entries of a dataset in the order in which its variables stand. domains: the variables of each,
    supplemental qualifiers among them, which `copy: all` takes; order: those that stand in the domain, in its
    order."""
    schemas = dict(graph.schemas)
    for source in spec.copy_:
        if source in domains:
            schemas[source] = Schema(source, set(domains[source]) - graph.schemas[source].beside)
    entries = _entries(spec, schemas)
    copied = [e for e in entries if e not in spec.variables]
    if any(tuple(names) == ("all",) for names in spec.copy_.values()):
        rank = {n: i for i, n in enumerate(n for s in spec.copy_ for n in (order.get(s) or ()))}
        copied.sort(key=lambda e: rank.get(e.name, 10_000))
    return entry_map([*copied, *spec.variables])


def _entries(spec: AdamSpec, schemas: Mapping[str, Schema]) -> list[VariableSpec]:
    """Copied variables, then the parameters, then the spec's own."""
    entries = []
    own = {n for v in spec.variables for n in filled_names(v)}
    for source, names in spec.copy_.items():
        if source not in schemas:
            raise unknown("The dataset", source, schemas, spec.at_key(f"copy.{source}"))
        schema = schemas[source]
        wanted = sorted({*schema.given, *schema.entries} - {"DOMAIN"}) if tuple(names) == ("all",) else names
        for name in wanted:
            if name not in own:
                reference = name if source == spec.from_ else f"{source}.{name}"
                entry = _entry(spec, {"name": name, "from": reference})
                entry._place = spec.at_key(f"copy.{source}")
                entries.append(entry)
    if spec.parameters:
        entries += [_entry(spec, {"name": n, "from": n}) for n in PARAMETER]
    return [*entries, *spec.variables]


def _entry(spec: AdamSpec, given: dict[str, str]) -> VariableSpec:
    if not given["name"].strip():
        raise SpecError(f"{spec.name}: copy has a blank name.", place=spec.at_key("copy"))
    data = Mapping_(given)
    data.place = spec.at
    return VariableSpec.model_validate(data)
