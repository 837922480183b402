"""Typed records to SDTM domains.

A domain's rows come from forms (`from`, `melt`) or from a maker (`records`); its variables are filled by
need. STUDYID, DOMAIN and USUBJID are filled for every domain that has them. Variables stand in the order of
the standard, then in the order of the spec. A collected text that a date or code could not hold goes to
SUPP--."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from tlfgen.data.dataset import LEDGER, Dataset, Variable, stack
from tlfgen.data.standards import sdtm_domain, sdtm_variable
from tlfgen.engine.finish import Finished, StageResult, collect, finish
from tlfgen.engine.graph import Graph, Step, compile_steps
from tlfgen.engine.groups import carry_out, check_on_made, no_rows
from tlfgen.engine.make import Group
from tlfgen.engine.partitions import SUBJECTS, Filled, belong, fill_partitions
from tlfgen.engine.plan import Schema, check_lists, check_name, entry_map, made_names
from tlfgen.engine.reads import Read
from tlfgen.engine.registry import find_rule
from tlfgen.engine.table import SUBJECT, Table
from tlfgen.engine.workspace import Workspace
from tlfgen.errors import LedgerError, SpecError
from tlfgen.raw.forms import TypedForm
from tlfgen.sdtm.core import check_core
from tlfgen.sdtm.rows import collected_columns, form_rows
from tlfgen.sdtm.supplement import SUPPLEMENT, shortened, supplement, supplemental_variables
from tlfgen.sdtm.unmapped import REASON, check_unmapped, unmapped, unmapped_notes
from tlfgen.sdtm.unread import add_texts, strict_field, unread_names
from tlfgen.spec.dataset import DomainSpec, MeltSpec, SourceSpec, VariableSpec
from tlfgen.spec.form import FormSpec
from tlfgen.spec.loader import Mapping_
from tlfgen.spec.specs import Specs

AUTOMATIC = ("STUDYID", "DOMAIN", SUBJECT)


def run_sdtm(
    specs: Specs,
    forms: Mapping[str, TypedForm],
    dictionaries: Mapping[str, pl.DataFrame],
    *,
    size: int = SUBJECTS,
) -> StageResult:
    """Map every form to its domains; findings, lineage and ledger are the result's. size: the subjects of a
    partition; whatever it is, the result is the same."""

    graph = sdtm_graph(specs)

    def fill(subjects: pl.Series | None) -> Filled:
        own = {n: _of_subjects(f, subjects) for n, f in forms.items()}
        workspace = Workspace("sdtm", specs.study, specs.codelists, dictionaries=dictionaries)
        workspace.tables |= {f"form.{n}": form_table(n, f) for n, f in own.items()}
        making = _Making(specs, workspace, own)
        return Filled(
            workspace, carry_out(workspace, graph.order(specs.domains), making.start, making.complete)
        )

    filled = fill_partitions((f.frame for f in forms.values()), specs.domains, fill, size)
    workspace, finished = filled.workspace, dict[str, Finished]()
    for domain in specs.domains.values():
        for done in _finish_domain(domain, workspace.tables[domain.name], filled.lineage[domain.name], forms):
            finished[done.dataset.name] = done
    all_lineage, decisions, findings = collect(workspace, finished)
    datasets = {n: f.dataset for n, f in finished.items()}
    ledger = _ledger(specs, forms, datasets, all_lineage, workspace)
    findings += unmapped_notes(specs, forms)
    return StageResult(datasets, all_lineage, decisions, ledger, findings)


def _of_subjects(form: TypedForm, subjects: pl.Series | None) -> TypedForm:
    """A form's records of these subjects."""
    if subjects is None:
        return form
    own = belong(form.frame, subjects)
    return replace(form, frame=form.frame.filter(own), collected=form.collected.filter(own))


def sdtm_graph(specs: Specs) -> Graph:
    """The graph of forms and domains; every name in sdtm/ is checked before data are read."""
    schemas: dict[str, Schema] = {}
    for name, form in specs.forms.items():
        parts = set(specs.study.subject.groups)
        schemas[f"form.{name}"] = Schema(f"form.{name}", {*form.columns, *parts})
    for name, domain in specs.domains.items():
        schemas[name] = _schema(domain, specs)
    for name, domain in specs.domains.items():
        _check_sources(domain, specs, schemas)
        check_lists(schemas[name], specs.codelists, specs.study.dictionaries)
        check_on_made(domain)
        for variable, entry in schemas[name].entries.items():
            if entry.supp and not entry.keep:
                raise SpecError(
                    f"{name}.{variable} is of SUPP{name} and is not kept.", place=entry.at_key("keep"),
                    hint="Leave out supp: or keep:.",
                )  # fmt: skip
            if entry.keep:
                describe(domain, variable, schemas[name].entries)
    for element in specs.study.elements:
        for source in (*element.starts, *element.ends):
            check_name(source, element.at, None, schemas, foreign=True)
    steps = compile_steps(schemas, specs.domains, specs.study)
    for name, domain in specs.domains.items():
        if domain.from_:
            schemas[name].given = {*AUTOMATIC}
        schemas[name].beside = frozenset(unread_variables(domain, specs.forms).values())
    check_unmapped(specs)
    return Graph(steps, schemas)


def _schema(domain: DomainSpec, specs: Specs) -> Schema:
    """The names of a domain while it is made: the columns of its forms are fields."""
    reads = [Read(n, s.at, "condition") for s in domain.from_ if s.condition for n in s.condition.columns]
    return Schema(
        domain.name, _given(domain, specs) | made_names(domain), entry_map(_entries(domain)),
        origins=tuple(dict.fromkeys(f"form.{s.form}" for s in domain.from_)),
        row_reads=tuple(r for r in reads if "." in r.name),
        records=domain.records, keys=tuple(domain.keys), at=domain.at,
    )  # fmt: skip


def unread_variables(domain: DomainSpec, forms: Mapping[str, FormSpec]) -> dict[str, str]:
    """Variable -> the supplemental variable of its text where its type cannot hold what was collected."""
    entries = entry_map(_entries(domain))
    types = {n: variable_type(domain, n, entries) for n in entries}
    return unread_names(domain, entries, types, forms)


def supplemental(domain: DomainSpec, forms: Mapping[str, FormSpec]) -> tuple[Variable, ...]:
    """The variables that a domain has in SUPP--, by the specs."""
    return supplemental_variables(entry_map(_entries(domain)), unread_variables(domain, forms))


def _given(domain: DomainSpec, specs: Specs) -> set[str]:
    given = {*AUTOMATIC}
    for source in domain.from_:
        form = specs.forms.get(source.form)
        given |= {*(form.columns if form else ()), *specs.study.subject.groups}
    if domain.melt:
        given.add("RESULT")
    if domain.records:
        standard = sdtm_domain(domain.domain)
        given |= {v.name for v in standard.variables} if standard else set()
    return given


def _check_sources(domain: DomainSpec, specs: Specs, schemas: Mapping[str, Schema]) -> None:
    if not domain.from_ and not domain.records:
        raise SpecError(f"{domain.domain} has neither 'from' nor 'records'.", place=domain.at)
    for source in domain.from_:
        check_name(f"form.{source.form}.{SUBJECT}", source.at, None, schemas)
        form = schemas[f"form.{source.form}"]
        for name in (*source.map.values(), *(source.condition.columns if source.condition else ())):
            check_name(name, source.at, form, schemas)
        for melt in domain.melt:
            for name in (melt.result, *melt.map.values()):
                check_name(name, melt.at, form, schemas)


def form_table(name: str, form: TypedForm) -> Table:
    """A form as a table that conditions and derivations can name."""
    partial = {f.column for f in form.spec.fields if f.type in ("date", "datetime")}
    types = {f.column: "text" for f in form.spec.fields}
    texts = [f.column for f in form.spec.fields if f.column in form.collected.columns]
    frame = form.frame.hstack(form.collected.select(pl.col(c).alias(f"::{c}") for c in texts))
    collected = {c: f"::{c}" for c in texts if strict_field(form.spec, c)}
    return Table(f"form.{name}", "raw", frame, types=types, partial=partial, collected=collected)


def _entries(domain: DomainSpec) -> list[VariableSpec]:
    """The entries of a domain: automatic ones, the spec's, and those that only sources or melts set."""
    own = Mapping_({"name": "DOMAIN", "value": domain.domain})
    own.place = domain.at
    entries = [VariableSpec.model_validate(own)] if domain.from_ else []
    spoken = {e.name for e in domain.variables} | {"DOMAIN"}
    entries += list(domain.variables)
    extra: dict[str, None] = {}
    parts: list[SourceSpec | MeltSpec] = [*domain.from_, *domain.melt]
    for part in parts:
        extra |= dict.fromkeys((*part.set, *part.map))
    if domain.melt:
        extra[domain.result_variable] = None
    for name in extra:
        if not name.strip():
            raise SpecError(f"{domain.domain}: set or map has a blank name.", place=domain.at)
        if name not in spoken:
            data = Mapping_({"name": name, "value": ""})
            data.place = domain.at
            entries.append(VariableSpec.model_validate(data))
    return entries


@dataclass(frozen=True)
class _Making:
    """How the tables of the stage begin."""

    specs: Specs
    workspace: Workspace
    forms: Mapping[str, TypedForm]

    def start(self, name: str) -> tuple[Table, pl.DataFrame]:
        """A domain's table with the rows of its forms."""
        domain = self.specs.domains[name]
        if domain.from_:
            frame, sources = form_rows(domain, self.workspace, self.forms)
            table = Table(name, "sdtm", frame, *collected_columns(domain, self.forms, frame))
            table.origins = tuple(dict.fromkeys(f"form.{s.form}" for s in domain.from_))
        else:
            frame, sources = no_rows()
            table = Table(name, "sdtm", frame.drop(SUBJECT))
        table.frame = table.frame.with_columns(pl.lit(self.specs.study.study).alias("STUDYID"))
        table.entries, table.keys = entry_map(_entries(domain)), tuple(domain.keys)
        table.types = {n: variable_type(domain, n, table.entries) for n in table.entries}
        table.partial = {n for n in table.entries if n.endswith("DTC")} | {
            f.column
            for s in domain.from_
            for f in self.forms[s.form].spec.fields
            if f.type in ("date", "datetime")
        }
        form_specs = {n: f.spec for n, f in self.forms.items()}
        add_texts(table, unread_variables(domain, form_specs), form_specs)
        return table, sources

    def complete(self, step: Step, group: Group) -> pl.DataFrame:
        """The records of a group with what every record of the domain has."""
        name = step.node.dataset
        self.workspace.tables[name].partial |= {c for c in group.frame.columns if c.endswith("DTC")}
        given = {"STUDYID": self.specs.study.study, "DOMAIN": name}
        return group.frame.with_columns(pl.lit(v).alias(k) for k, v in given.items())


def variable_type(domain: DomainSpec, name: str, entries: Mapping[str, VariableSpec]) -> str:
    """text, integer, float, by the spec or the standard; supplemental ones are text."""
    entry = entries.get(name)
    if entry is not None and entry.type is not None:
        return entry.type
    standard = sdtm_variable(domain.domain, name)
    kind = standard.type if standard else "text"
    return kind if kind in ("integer", "float") else "text"


def describe(domain: DomainSpec, name: str, entries: Mapping[str, VariableSpec]) -> Variable:
    """The metadata of a variable: the spec's words over the standard's."""
    entry, standard = entries.get(name), sdtm_variable(domain.domain, name)
    label = (entry.label if entry and entry.name == name else None) or (standard.label if standard else None)
    if not label:
        at = entry.at if entry else domain.at
        raise SpecError(
            f"{domain.domain} has no standard variable '{name}', and the spec gives no label.", place=at,
            hint="Correct the name, or give label: and supp: true.",
        )  # fmt: skip
    codelist = (standard.codelist if standard else "") or ""
    codelist = codelist if isinstance(codelist, str) else ";".join(codelist)
    origin = (entry.origin if entry else None) or _origin(entry)
    return Variable(name, label, variable_type(domain, name, entries), origin, codelist, _method(entry))


def _origin(entry: VariableSpec | None) -> str:
    if entry is None or entry.value is not None:
        return "Assigned"
    return "Derived" if entry.derive or entry.text or entry.compute else "Collected"


def _method(entry: VariableSpec | None) -> str:
    if entry is None:
        return ""
    if entry.derive is None:
        return entry.compute or entry.text or ""
    params = ", ".join(f"{k}: {v}" for k, v in entry.params.items())
    return (
        f"{find_rule(entry.derive, entry.at).summary} ({params})"
        if params
        else find_rule(entry.derive, entry.at).summary
    )


def _finish_domain(
    domain: DomainSpec, table: Table, lineage: pl.DataFrame, forms: Mapping[str, TypedForm]
) -> list[Finished]:
    standard = sdtm_domain(domain.domain)
    entries = table.entries
    main = [n for n in dict.fromkeys([*AUTOMATIC, *table.frame.columns]) if _belongs(n, table, domain)]
    place = {v.name: i for i, v in enumerate(standard.variables)} if standard else {}
    spoken = {n: i for i, n in enumerate(entries)}
    main.sort(key=lambda n: (place.get(n, 999), spoken.get(n, 0)))
    core = check_core(domain, standard, main)
    keys = tuple(domain.keys) or tuple(k for k in (standard.keys if standard else ()) if k in main)
    done = finish(
        table, domain, main, lambda n: describe(domain, n, entries),
        label=domain.label or (standard.label if standard else domain.domain), keys=keys,
        structure=domain.structure or (standard.structure if standard else ""),
        class_=standard.class_ if standard else "", lineage=lineage,
    )  # fmt: skip
    unread = unread_variables(domain, {n: f.spec for n, f in forms.items()})
    done = replace(done, findings=(*done.findings, *core))
    extra = supplement(domain, table, done, lineage, unread)
    return [shortened(done), extra] if extra else [done]


def _belongs(name: str, table: Table, domain: DomainSpec) -> bool:
    if name not in table.frame.columns or name[0] in "#:" or "." in name or name == "cutoff":
        return False
    entry = table.entries.get(name)
    if entry is not None and ((entry.supp and entry.name == name) or not entry.keep):
        return False
    return entry is not None or sdtm_variable(domain.domain, name) is not None


def _ledger(
    specs: Specs,
    forms: Mapping[str, TypedForm],
    datasets: Mapping[str, Dataset],
    lineage: pl.DataFrame,
    workspace: Workspace,
) -> pl.DataFrame:
    """Each form's accepted rows are used or left out for a stated reason; each record has a source."""
    rows = []
    without = unmapped(specs)
    for name, form in forms.items():
        table = f"form.{name}"
        own = (pl.col("source") == table) & ~pl.col("dataset").cat.starts_with(SUPPLEMENT)
        used_by = lineage.filter(own)
        used = used_by["source_row"].unique()
        left = form.frame.height - used.len()
        readers = sorted(workspace.consulted.get(table, set()))
        takers = sorted(d.domain for d in specs.domains.values() for s in d.from_ if s.form == name)
        reason = ""
        if name in without:
            reason = REASON
        elif left and not readers and not takers:
            raise LedgerError(f"Form {name}: {left} accepted records reach no domain.")
        elif left:
            reason = (
                f"no result or condition of {', '.join(dict.fromkeys(takers))}"
                if takers
                else f"read for {', '.join(readers)}; another record was chosen"
            )
        made = used_by.filter(pl.col("role") == "record").select("dataset", "row").unique().height
        rows.append(
            {
                "stage": "sdtm",
                "dataset": ", ".join(dict.fromkeys(takers)) or ("" if name in without else "by value"),
                "source": table,
                "read": form.frame.height,
                "used": used.len(),
                "left_out": left,
                "reason": reason,
                "made": made,
            }
        )
    for name, dataset in datasets.items():
        with_source = (
            lineage.filter((pl.col("dataset") == name) & (pl.col("role") == "record"))["row"].unique().len()
        )
        if with_source != dataset.frame.height:
            raise LedgerError(
                f"{name}: {dataset.frame.height - with_source} of {dataset.frame.height} "
                "records have no source."
            )
        rows.append(
            {
                "stage": "sdtm",
                "dataset": name,
                "source": "",
                "read": with_source,
                "used": with_source,
                "left_out": 0,
                "reason": "",
                "made": dataset.frame.height,
            }
        )
    return stack([pl.DataFrame(rows, schema=LEDGER)], LEDGER)
