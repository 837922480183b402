"""Type, label, origin and method of the variables of an analysis dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from tlfgen.data.dataset import Dataset, Variable
from tlfgen.data.limits import MOST_OF_A_LABEL
from tlfgen.data.standards import adam_variable
from tlfgen.engine.finish import Finished, finish
from tlfgen.engine.kinds import Kinds
from tlfgen.engine.plan import filled_names
from tlfgen.engine.registry import find_rule
from tlfgen.engine.table import DTYPES, Table
from tlfgen.errors import SpecError
from tlfgen.spec.dataset import AdamSpec, VariableSpec
from tlfgen.spec.specs import Specs
from tlfgen.spec.study import reason_name


def _source_variable(entry: VariableSpec, spec: AdamSpec, sdtm: Mapping[str, Dataset]) -> Variable | None:
    if not entry.from_:
        return None
    owner, _, bare = entry.from_.rpartition(".")
    dataset = sdtm.get(owner or str(spec.from_))
    return next((v for v in dataset.variables if v.name == bare), None) if dataset else None


def type_of(name: str, entry: VariableSpec, spec: AdamSpec, kinds: Kinds) -> str:
    """The type of a variable, known before data.

    First case that applies:
      1. the entry says `type`                     that
      2. it is taken `from` a variable             that variable's
      3. the standard names the variable           the standard's
      4. it is derived or computed                 what the rule or the expression gives
      5. otherwise                                 text
    """
    if entry.type is not None and entry.name == name:
        return entry.type
    if entry.from_:
        owner, _, bare = entry.from_.rpartition(".")
        given = kinds.kind(owner or str(spec.from_), bare).type
        if given in DTYPES:
            return "text" if given == "iso" else given
        if bare == "PARAMN":
            return "integer"
    standard = adam_variable(name)
    if standard is None and (entry.derive is not None or entry.compute):
        given = kinds.kind(spec.name, name).type
        return given if given in DTYPES and given != "iso" else "text"
    return standard.type if standard else "text"


def finish_dataset(
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
