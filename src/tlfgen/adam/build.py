"""SDTM domains to ADaM datasets.

A dataset has the rows of another one (`from`, with `where` and `parameters`) and rows that rules make
(`records`). Supplemental qualifiers stand beside their parent's variables. Variables stand in the order of
the spec, copied ones first; labels and types are the spec's, else the source variable's, else the
standard's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from tlfgen.adam.describe import finish_dataset, type_of
from tlfgen.adam.elsewhere import read_elsewhere, strangers
from tlfgen.adam.ledger import ledger_of
from tlfgen.adam.parameter_names import parameter_numbers
from tlfgen.adam.rows import Left, copied_rows
from tlfgen.adam.schemas import compile_graph, entries_in_order, kinds_of
from tlfgen.data.dataset import LINEAGE, Dataset, stack
from tlfgen.data.long_text import whole_texts
from tlfgen.engine.finish import Finished, StageResult, collect
from tlfgen.engine.graph import Graph, Step
from tlfgen.engine.groups import carry_out, no_rows
from tlfgen.engine.kinds import Kinds
from tlfgen.engine.make import Group
from tlfgen.engine.partitions import SUBJECTS, Filled, belong, fill_partitions
from tlfgen.engine.registry import ROW
from tlfgen.engine.table import SUBJECT, Table
from tlfgen.engine.workspace import Workspace
from tlfgen.sdtm.build import supplemental, unread_variables
from tlfgen.sdtm.supplement import SUPPLEMENT
from tlfgen.spec.specs import Specs

STUDY = "STUDYID"


def run_adam(specs: Specs, sdtm: Mapping[str, Dataset], *, size: int = SUBJECTS) -> StageResult:
    """Derive every ADaM dataset; findings, lineage, decisions and ledger are the result's. size: the subjects
    of a partition; whatever it is, the result is the same."""
    elsewhere = read_elsewhere(specs)
    merged = with_supplements(sdtm, specs) | {n: e.dataset for n, e in elsewhere.items()}
    sources = {name: sdtm_table(name, dataset) for name, dataset in merged.items()}
    graph = compile_graph(specs)
    kinds = kinds_of(specs, graph)

    def fill(subjects: pl.Series | None) -> Filled:
        workspace = Workspace("adam", specs.study, specs.codelists)
        for name, table in sources.items():
            domain = specs.domains.get(name)
            own = workspace.tables[name] = _of_subjects(table, subjects)
            own.collected = unread_variables(domain, specs.forms) if domain else {}
        making = _Making(specs, workspace, graph, kinds, sdtm, merged)
        lineage = carry_out(workspace, graph.order(specs.datasets), making.start, making.complete)
        return Filled(workspace, lineage, making.left)

    filled = fill_partitions((t.frame for t in sources.values()), specs.datasets, fill, size)
    workspace, finished = filled.workspace, dict[str, Finished]()
    for spec in specs.datasets.values():
        table = workspace.tables[spec.name]
        table.answered |= {n for n in table.entries if "N" in (kinds.kind(spec.name, n).values or ())}
        finished[spec.name] = finish_dataset(spec, table, filled.lineage[spec.name], merged, specs)
    all_lineage, decisions, findings = collect(workspace, finished)
    datasets = {n: f.dataset for n, f in finished.items()}
    ledger = ledger_of(datasets, all_lineage, filled.left)
    for name, made in elsewhere.items():
        datasets[name] = made.dataset
        findings += made.findings
        findings += strangers(made.dataset, datasets["ADSL"].frame[SUBJECT]) if "ADSL" in finished else ()
    all_lineage = stack([all_lineage, *(e.lineage for e in elsewhere.values())], LINEAGE)
    ledger = pl.concat([ledger, *(e.ledger for e in elsewhere.values())])
    return StageResult(datasets, all_lineage, decisions, ledger, findings)


def _of_subjects(table: Table, subjects: pl.Series | None) -> Table:
    """A source's records of these subjects; their numbers stay those of the whole dataset."""
    frame = table.frame if subjects is None else table.frame.filter(belong(table.frame, subjects))
    return replace(table, frame=frame, types=dict(table.types), partial=set(table.partial))


@dataclass
class _Making:
    """How the tables of the stage begin. domains: SDTM's; merged: with supplemental qualifiers. left: what is
    left out of each source, for the ledger."""

    specs: Specs
    workspace: Workspace
    graph: Graph
    kinds: Kinds
    domains: Mapping[str, Dataset]
    merged: Mapping[str, Dataset]
    left: Left = field(default_factory=list)

    def start(self, name: str) -> tuple[Table, pl.DataFrame]:
        """A dataset's table with the rows of its source."""
        spec = self.specs.datasets[name]
        if spec.from_:
            table, sources = copied_rows(spec, self.workspace, self.left)
        else:
            frame, sources = no_rows()
            table = Table(name, "adam", frame)
        table.keys = tuple(spec.keys)
        names, order = (
            {n: [v.name for v in d.variables] for n, d in part.items()}
            for part in (self.merged, self.domains)
        )
        table.entries = entries_in_order(spec, self.graph, names, order)
        table.types = {n: type_of(n, e, spec, self.kinds) for n, e in table.entries.items()}
        table.partial |= {n for n in table.entries if self.kinds.kind(name, n).type == "iso"}
        own = {n for n, e in table.entries.items() if e.from_ not in (n, f"{spec.from_}.{n}")}
        table.collected = {n: t for n, t in table.collected.items() if n not in own}
        return table, sources

    def complete(self, step: Step, group: Group) -> pl.DataFrame:
        """The records of a group with the study's name and the number of the parameter that `set` says."""
        spec, frame = self.specs.datasets[step.node.dataset], group.frame
        if STUDY in self.workspace.tables[spec.name].entries:
            frame = frame.with_columns(pl.lit(self.specs.study.study).alias(STUDY))
        if {"PARAMCD", "PARAMN"} <= {*frame.columns}:
            told = pl.col("PARAMCD").replace_strict(parameter_numbers(spec), default=None)
            frame = frame.with_columns(pl.coalesce(pl.col("PARAMN").cast(pl.Int64), told).alias("PARAMN"))
        elif "PARAMCD" in group.record.set:
            number = parameter_numbers(spec)[group.record.set["PARAMCD"]]
            frame = frame.with_columns(pl.lit(number, dtype=pl.Int64).alias("PARAMN"))
        return frame


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
