"""SDTM domains to ADaM datasets.

A dataset has the rows of another one (`from`, with `where` and `parameters`) or rows that a maker makes
(`records`). Supplemental qualifiers stand beside their parent's variables. Variables stand in the order of
the spec, copied ones first; labels and types are the spec's, else the source variable's, else the
standard's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import polars as pl

from tlfgen.data.dataset import LEDGER, Dataset, Variable, stack
from tlfgen.data.limits import MOST_OF_A_LABEL
from tlfgen.data.long_text import whole_texts
from tlfgen.data.standards import adam_variable
from tlfgen.engine.finish import Finished, StageResult, collect, finish
from tlfgen.engine.groups import add_groups, check_on_made
from tlfgen.engine.judged import judged
from tlfgen.engine.kinds import Kinds
from tlfgen.engine.make import Group
from tlfgen.engine.partitions import SUBJECTS, Filled, belong, fill_partitions
from tlfgen.engine.plan import (
    Schema,
    check_entries,
    check_name,
    check_records,
    entries_of,
    entry_map,
    filled_names,
)
from tlfgen.engine.registry import ROW, find_rule
from tlfgen.engine.table import DTYPES, SUBJECT, Table
from tlfgen.engine.workspace import Workspace
from tlfgen.errors import LedgerError, SpecError, unknown
from tlfgen.sdtm.build import check_sdtm, supplemental, unread_variables
from tlfgen.sdtm.supplement import SUPPLEMENT
from tlfgen.spec.dataset import AdamSpec, VariableSpec
from tlfgen.spec.loader import Mapping_
from tlfgen.spec.specs import Specs
from tlfgen.spec.study import reason_name

STUDY = "STUDYID"
PARAMETER = ("PARAMCD", "PARAM", "PARAMN")


def run_adam(specs: Specs, sdtm: Mapping[str, Dataset], *, size: int = SUBJECTS) -> StageResult:
    """Derive every ADaM dataset; findings, lineage, decisions and ledger are the result's. size: the subjects
    of a partition; whatever it is, the result is the same."""
    merged = with_supplements(sdtm, specs)
    sources = {name: sdtm_table(name, dataset) for name, dataset in merged.items()}
    kinds = adam_kinds(specs)

    def fill(subjects: pl.Series | None) -> Filled:
        own = {n: _of_subjects(table, subjects) for n, table in sources.items()}
        return _fill(specs, sdtm, own, kinds)

    filled = fill_partitions((t.frame for t in sources.values()), specs.datasets, fill, size)
    workspace, finished = filled.workspace, dict[str, Finished]()
    for spec in specs.datasets.values():
        table = workspace.tables[spec.name]
        table.answered |= {n for n in table.entries if "N" in (kinds.kind(spec.name, n).values or ())}
        finished[spec.name] = _finish(spec, table, filled.lineage[spec.name], merged, specs)
    all_lineage, decisions, findings = collect(workspace, finished)
    datasets = {n: f.dataset for n, f in finished.items()}
    return StageResult(
        datasets, all_lineage, decisions, _ledger(datasets, all_lineage, filled.left), findings
    )


def _fill(specs: Specs, sdtm: Mapping[str, Dataset], sources: Mapping[str, Table], kinds: Kinds) -> Filled:
    """Every dataset of these tables' subjects, each variable filled."""
    workspace = Workspace("adam", specs.study, specs.codelists)
    for name, table in sources.items():
        domain = specs.domains.get(name)
        workspace.tables[name] = table
        table.collected = unread_variables(domain, specs.forms) if domain else {}
    filled = Filled(workspace)
    lineage, left = filled.lineage, filled.left
    for spec in specs.datasets.values():
        workspace.pending[spec.name] = lambda s=spec: _adam_table(s, workspace, sdtm, lineage, left, kinds)  # type: ignore[misc]
    for spec in specs.datasets.values():
        workspace.fill_all(workspace.table(spec.name, spec.at))
    return filled


def _of_subjects(table: Table, subjects: pl.Series | None) -> Table:
    """A source's records of these subjects; their numbers stay those of the whole dataset."""
    frame = table.frame if subjects is None else table.frame.filter(belong(table.frame, subjects))
    return replace(table, frame=frame, types=dict(table.types), partial=set(table.partial))


def adam_kinds(specs: Specs) -> Kinds:
    """What each variable of a study is, before any data are read."""
    sdtm = check_sdtm(specs)
    return Kinds(specs, entries_of(sdtm, check_adam(specs, sdtm)))


def check_adam(specs: Specs, schemas: dict[str, Schema]) -> dict[str, Schema]:
    """Check every name in the ADaM specs before data is read. schemas: those of the SDTM stage."""
    schemas = {
        n: Schema(n, {*s.given, *s.entries}, beside=s.beside)
        for n, s in schemas.items()
        if not n.startswith("form.")
    }
    for spec in specs.datasets.values():
        schemas[spec.name] = Schema(spec.name, set())
    for spec in specs.datasets.values():
        if not spec.from_ and not spec.records:
            raise SpecError(f"{spec.name} has neither 'from' nor 'records'.", place=spec.at)
        if spec.from_ and spec.from_ not in schemas:
            raise unknown("The dataset", spec.from_, schemas, spec.at)
        schemas[spec.name].entries = entry_map(_entries(spec, schemas))
        if spec.records:
            schemas[spec.name].made = _is_standard
    for spec in specs.datasets.values():
        schema = schemas[spec.name]
        source = schemas[spec.from_] if spec.from_ else Schema("", set())
        schema.given = {SUBJECT, *source.given, *source.entries, *(PARAMETER if spec.parameters else ())}
        schema.beside = source.beside
    for spec in specs.datasets.values():
        schema = schemas[spec.name]
        source = schemas[spec.from_] if spec.from_ else Schema("", set())
        schema.given |= check_records(spec, schemas)
        for source_name, names in spec.copy_.items():
            for name in names if tuple(names) != ("all",) else ():
                check_name(f"{source_name}.{name}", spec.at_key(f"copy.{source_name}"), None, schemas)
        check_entries(schema, schemas, specs.study, specs.codelists, ())
        check_on_made(spec)
        conditions = [spec.condition, *(p.condition for p in spec.parameters)]
        for condition in conditions:
            for name in condition.columns if condition else ():
                check_name(name, spec.at, source, schemas)
    return schemas


def _is_standard(name: str) -> bool:
    return adam_variable(name) is not None


def with_supplements(sdtm: Mapping[str, Dataset], specs: Specs) -> dict[str, Dataset]:
    """Each domain with its supplemental qualifiers as further variables, matched by --SEQ or by subject. The
    specs say which there are; one that no record has is null. A text that goes on in SUPP-- is whole."""
    found = {n: d for n, d in sdtm.items() if not n.startswith(SUPPLEMENT)}
    for name, parent in found.items():
        domain, supp = specs.domains.get(name), sdtm.get(SUPPLEMENT + name)
        frame = parent.frame
        if supp is not None and supp.frame.height:
            wide = supp.frame.pivot("QNAM", index=[SUBJECT, "IDVARVAL"], values="QVAL")
            sequence = supp.frame["IDVAR"].drop_nulls().unique().to_list()
            own = (pl.col("IDVARVAL").cast(frame.schema[s]).alias(s) for s in sequence)
            wide = wide.with_columns(*own).drop("IDVARVAL")
            frame = frame.join(
                wide, on=[SUBJECT, *sequence], how="left", maintain_order="left", validate="m:1"
            )
        added = supplemental(domain, specs.forms) if domain else ()
        frame = whole_texts(frame, [v.name for v in (*parent.variables, *added)])
        none = (pl.lit(None, dtype=pl.String).alias(v.name) for v in added if v.name not in frame.columns)
        frame = frame.with_columns(*none)
        found[name] = replace(parent, frame=frame, variables=(*parent.variables, *added))
    return found


def sdtm_table(name: str, dataset: Dataset) -> Table:
    """A finished dataset as a table that others can read."""
    frame = dataset.frame.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW))
    types = {v.name: v.type for v in dataset.variables}
    return Table(name, "sdtm", frame, types=types, partial={c for c in frame.columns if c.endswith("DTC")})


def _entries(spec: AdamSpec, schemas: Mapping[str, object] | Mapping[str, Schema]) -> list[VariableSpec]:
    """Copied variables, then the parameters, then the spec's own."""
    entries = []
    own = {n for v in spec.variables for n in filled_names(v)}
    for source, names in spec.copy_.items():
        if source not in schemas:
            raise unknown("The dataset", source, schemas, spec.at_key(f"copy.{source}"))
        schema = schemas[source]
        given = [*schema.given, *schema.entries] if isinstance(schema, Schema) else list(names)
        wanted = sorted(set(given) - {"DOMAIN"}) if tuple(names) == ("all",) else names
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


def _adam_table(
    spec: AdamSpec,
    workspace: Workspace,
    sdtm: Mapping[str, Dataset],
    lineage: dict[str, pl.DataFrame],
    left: list[dict[str, object]],
    kinds: Kinds,
) -> Table:
    if spec.from_:
        table, sources = _copied_rows(spec, workspace, sdtm, left)
    else:
        table, sources = (
            Table(spec.name, "adam", pl.DataFrame(schema={SUBJECT: pl.String, ROW: pl.Int64})),
            [],
        )
    order = {n: [v.name for v in d.variables] for n, d in sdtm.items()}
    entries = entry_map(_entries_in_order(spec, workspace, order))
    table.entries = entries
    for name, entry in entries.items():
        table.types[name] = _type(name, entry, table, workspace, kinds)
    table.partial |= {n for n in entries if kinds.kind(spec.name, n).type == "iso"}
    own = {n for n, e in entries.items() if e.from_ not in (n, f"{spec.from_}.{n}")}
    table.collected = {n: t for n, t in table.collected.items() if n not in own}
    sources += add_groups(
        workspace, table, spec.records, spec.keys, partial(_complete, spec, table, workspace)
    )
    lineage[spec.name] = pl.concat(sources)
    return table


def _copied_rows(
    spec: AdamSpec, workspace: Workspace, sdtm: Mapping[str, Dataset], left: list[dict[str, object]]
) -> tuple[Table, list[pl.DataFrame]]:
    """The rows that a dataset takes from another one, and their lineage."""
    source = workspace.table(str(spec.from_), spec.at)
    if source.name not in sdtm:
        workspace.fill_all(source)
    rows = _select(spec, workspace, source, left)
    frame = rows.select(
        SUBJECT,
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW),
        pl.col(ROW).alias("#source_row"),
        *(pl.col(c).alias(f":{c}") for c in rows.columns if c[0] not in "#:" and "." not in c),
    )
    fields = {c[1:]: c for c in frame.columns if c[0] == ":"}
    collected = {n: f":{t}" for n, t in source.collected.items() if f":{t}" in frame.columns}
    source_row = pl.col("#source_row").alias("source_row")
    lineage = frame.select(pl.col(ROW).alias("row"), pl.lit(source.name).alias("source"), source_row)
    partial = {n for n in fields if n.endswith("DTC")}
    table = Table(spec.name, "adam", frame, fields, partial=partial, origins=(source.name,))
    table.collected = collected
    return table, [lineage]


def _complete(spec: AdamSpec, table: Table, workspace: Workspace, number: int, group: Group) -> pl.DataFrame:
    """The records of a group with the study's name and the number of the parameter that `set` says: it
    counts on from the `parameters`."""
    frame = group.frame
    if STUDY in table.entries:
        frame = frame.with_columns(pl.lit(workspace.study.study).alias(STUDY))
    if "PARAMCD" in group.record.set and "PARAMN" not in frame.columns:
        count = len(spec.parameters) + number + 1
        frame = frame.with_columns(pl.lit(count, dtype=pl.Int64).alias("PARAMN"))
    return frame


def _entries_in_order(
    spec: AdamSpec, workspace: Workspace, order: Mapping[str, list[str]]
) -> list[VariableSpec]:
    schemas = {n: Schema(n, set()) for n in (*workspace.tables, *workspace.pending, spec.name)}
    for source, names in spec.copy_.items():
        if tuple(names) == ("all",):
            table = workspace.tables[source]
            known = [
                *order.get(source, []),
                *(c for c in table.frame.columns if c[0] not in "#:" and "." not in c),
            ]
            schemas[source].given = set(known) - set(table.collected.values())
        else:
            schemas[source].given = set(names)
    entries = _entries(spec, schemas)
    rank = {n: i for i, n in enumerate(n for s in spec.copy_ for n in (order.get(s) or ()))}
    copied = [e for e in entries if e not in spec.variables]
    whole = {s for s, n in spec.copy_.items() if tuple(n) == ("all",)}
    if whole:
        copied.sort(key=lambda e: rank.get(e.name, 10_000))
    return [*copied, *spec.variables]


def _select(
    spec: AdamSpec, workspace: Workspace, source: Table, left: list[dict[str, object]]
) -> pl.DataFrame:
    frame = source.frame
    keep = pl.Series([True]).new_from_index(0, frame.height)
    if spec.condition is not None:
        keep = judged(workspace, source, spec.condition)
        _leave(left, spec, source, int((~keep).sum()), f"not: {spec.where}")
    if not spec.parameters:
        if spec.condition is None:
            _leave(left, spec, source, 0, "")
        return source.frame.filter(keep)
    parts, taken = [], ~keep
    for number, parameter in enumerate(spec.parameters, 1):
        own = (
            ~taken
            if parameter.condition is None
            else (judged(workspace, source, parameter.condition) & ~taken)
        )
        taken = taken | own
        words = {"PARAMCD": parameter.PARAMCD, "PARAM": parameter.PARAM}
        chosen = source.frame.filter(own).with_columns(
            *(pl.lit(v).alias(k) for k, v in words.items()),
            pl.lit(parameter.PARAMN or number, dtype=pl.Int64).alias("PARAMN"),
        )
        parts.append(chosen)
    _leave(left, spec, source, int((~taken).sum()), "no parameter takes it")
    return pl.concat(parts, how="diagonal").sort(ROW, maintain_order=True)


def _leave(left: list[dict[str, object]], spec: AdamSpec, source: Table, count: int, reason: str) -> None:
    left.append(
        {
            "dataset": spec.name,
            "source": source.name,
            "left_out": count,
            "reason": reason,
            "read": source.frame.height,
        }
    )


def _source_variable(entry: VariableSpec, spec: AdamSpec, sdtm: Mapping[str, Dataset]) -> Variable | None:
    if not entry.from_:
        return None
    owner, _, bare = entry.from_.rpartition(".")
    dataset = sdtm.get(owner or str(spec.from_))
    return next((v for v in dataset.variables if v.name == bare), None) if dataset else None


def _type(name: str, entry: VariableSpec, table: Table, workspace: Workspace, kinds: Kinds) -> str:
    if entry.type is not None and entry.name == name:
        return entry.type
    standard = adam_variable(name)
    if entry.from_:
        owner, _, bare = entry.from_.rpartition(".")
        source = workspace.tables.get(owner or "".join(table.origins)) or (
            workspace.table(owner, entry.at) if owner else None
        )
        if source is not None and bare in source.types:
            return source.types[bare]
        if bare == "PARAMN":
            return "integer"
    if standard is None and (entry.derive is not None or entry.compute):
        given = kinds.kind(table.name, name).type
        return given if given in DTYPES and given != "iso" else "text"
    return standard.type if standard else "text"


def _finish(
    spec: AdamSpec, table: Table, lineage: pl.DataFrame, merged: Mapping[str, Dataset], specs: Specs
) -> Finished:
    made = [
        c
        for c in table.frame.columns
        if spec.records and c not in (*table.entries, "cutoff") and c[0] not in "#:" and "." not in c
    ]
    names = [*made, *table.entries]

    def describe(name: str) -> Variable:
        entry = table.entries.get(name)
        source = _source_variable(entry, spec, merged) if entry else None
        upstream = specs.datasets.get((entry.from_ or "").rpartition(".")[0]) if entry else None
        standard = adam_variable(name)
        label = entry.label if entry and entry.name == name else None
        label = label or (source.label if source and source.name == name else None)
        label = label or (standard.label if standard else None) or (source.label if source else None)
        label = label or _set_label(name, entry, specs) or _upstream_label(name, upstream, specs)
        if not label:
            raise SpecError(
                f"{spec.name}.{name} has no label.",
                place=entry.at if entry else spec.at,
                hint="Give label: in its entry.",
            )
        method = ""
        if entry is not None and entry.derive:
            params = ", ".join(f"{k}: {v}" for k, v in entry.params.items())
            method = f"{find_rule(entry.derive, entry.at).summary} ({params})"
        elif entry is not None:
            method = entry.compute or entry.text or ""
        origin = (entry.origin if entry else None) or ("Predecessor" if source else "Derived")
        return Variable(
            name, label, table.types.get(name, "text"), origin, source.codelist if source else "", method
        )

    finished = finish(
        table,
        spec,
        names,
        describe,
        label=spec.label or spec.name,
        keys=tuple(spec.keys),
        structure=spec.structure or "",
        class_=spec.class_,
        lineage=lineage,
    )
    decimals = {p.PARAMCD: p.decimals for p in spec.parameters if p.decimals is not None}
    decimals |= {r.set["PARAMCD"]: r.decimals for r in spec.records if r.decimals is not None}
    for record in spec.records:
        rule = find_rule(record.derive, record.at, makes_records=True)
        said = rule.parameters_said(rule.read(record.params, record.at))
        decimals |= {p.PARAMCD: p.decimals for p in said if getattr(p, "decimals", None) is not None}
    return replace(finished, dataset=replace(finished.dataset, decimals=decimals))


def _set_label(name: str, entry: VariableSpec | None, specs: Specs) -> str | None:
    if entry is None or not entry.sets:
        return None
    flag = entry.sets[0]
    standard, set_ = adam_variable(flag), specs.study.analysis_sets[flag].label
    if name == flag:
        label = f"{set_} Flag"
        return label if len(label) <= MOST_OF_A_LABEL or standard is None else standard.label
    label = f"Reason Excluded from {set_}"
    return label if len(label) <= MOST_OF_A_LABEL else f"Reason Excluded from {flag}"


def _upstream_label(name: str, upstream: AdamSpec | None, specs: Specs) -> str | None:
    if upstream is None:
        return None
    for entry in upstream.variables:
        if entry.sets and name in filled_names(entry):
            flag = next(f for f in entry.sets if name in (f, reason_name(f)))
            return _set_label(name, entry.model_copy(update={"sets": (flag,)}), specs)
        if entry.name == name and entry.label:
            return entry.label
    return None


def _ledger(
    datasets: Mapping[str, Dataset], lineage: pl.DataFrame, left: list[dict[str, object]]
) -> pl.DataFrame:
    """Each record has a source; each source record is used or left out for a stated reason."""
    rows: list[dict[str, object]] = []
    for name, dataset in datasets.items():
        own = lineage.filter((pl.col("dataset") == name) & (pl.col("role") == "record"))
        if own["row"].unique().len() != dataset.frame.height:
            raise LedgerError(
                f"{name}: {dataset.frame.height - own['row'].unique().len()} records have no source."
            )
        for source in own["source"].unique(maintain_order=True).to_list():
            used = own.filter(pl.col("source") == source)["source_row"].unique().len()
            out = [r for r in left if r["dataset"] == name and r["source"] == source]
            lost = sum(int(str(r["left_out"])) for r in out)
            read = int(str(out[0]["read"])) if out else used
            lost = min(lost, read - used)  # a rule that makes records may use what the rows leave out
            if out and read != used + lost:
                raise LedgerError(
                    f"{name}: of {read} records of {source}, {used} are used and {lost} left out."
                )
            reason = "; ".join(f"{r['left_out']} {r['reason']}" for r in out if r["left_out"])
            rows.append(
                {
                    "stage": "adam",
                    "dataset": name,
                    "source": source,
                    "read": read,
                    "used": used,
                    "left_out": lost,
                    "reason": reason,
                    "made": dataset.frame.height,
                }
            )
    return stack([pl.DataFrame(rows, schema=LEDGER)], LEDGER)
