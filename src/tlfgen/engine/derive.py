"""A variable filled by a registered derivation, and what the derivation says beside its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from tlfgen.engine.bound import Bound
from tlfgen.engine.cast import suiting_types
from tlfgen.engine.registry import ROW, Derived, Rule, find_rule
from tlfgen.engine.table import BEHIND, SUBJECT, Table
from tlfgen.engine.workspace import Workspace
from tlfgen.errors import Finding, Place, SpecError
from tlfgen.spec.condition import Condition
from tlfgen.spec.dataset import VariableSpec


def derived_values(workspace: Workspace, table: Table, entry: VariableSpec) -> dict[str, pl.Series]:
    """Run the derivation of an entry: the variables that it fills, its own among them.

    Sources, decisions and findings go to the workspace; the text behind a date and what a null means to the
    table.
    """
    rule = find_rule(str(entry.derive), entry.at)
    typed = rule.read(entry.params, entry.at)
    names = rule.names(typed, "column", "columns", "where", "cuts")
    rows = workspace.rows(table, names, entry.at, filling=entry.name)
    arguments = _arguments(workspace, table, entry, rule, typed)
    others = [_other_records(workspace, rule, typed, entry.at)] if rule.takes_records else []
    given = {n: rows.schema[n] for n in names if n in rows.columns}
    with suiting_types(f"{table.name}.{entry.name}: {rule.name}", given, entry.at):
        result = rule.function(rows, *others, **arguments)
    derived = result if isinstance(result, Derived) else Derived(result)
    other = str(rule.names(typed, "other")[0]) if rule.takes_records else ""
    _collect(workspace, table, entry, derived, other.rpartition(".")[0])
    if derived.null_is_no:
        table.flags.add(entry.name)
    if rule.gives is not None and set(rule.gives(typed, workspace.study).values or ()) > {"Y"}:
        table.answered.add(entry.name)
    if derived.behind is not None:
        table.frame = table.frame.with_columns(derived.behind.alias(BEHIND + entry.name))
        table.collected[entry.name] = BEHIND + entry.name
    values = derived.values if isinstance(derived.values, Mapping) else {"": derived.values}
    wanted = {"", *rule.names(typed, "fills")}
    return {k or entry.name: v for k, v in values.items() if k in wanted}


def _arguments(
    workspace: Workspace, table: Table, entry: VariableSpec, rule: Rule, typed: Mapping[str, Any]
) -> dict[str, Any]:
    """The parameters, conditions with what is known of their columns, and what is handed in."""
    arguments = workspace.handed_in(rule, typed, entry.at)
    if "look" in rule.handed_in:
        arguments["look"] = lambda name: _look(workspace, table, name, entry)
    if "unsure" in rule.handed_in:
        arguments["unsure"] = _other_records(workspace, rule, typed, entry.at, unsure=True)
    for parameter, kind in rule.kinds.items():
        given = typed.get(parameter)
        if kind == "where" and isinstance(given, Condition):
            arguments[parameter] = _bound(workspace, table, given)
        elif kind == "cuts" and given is not None:
            arguments[parameter] = {group: _bound(workspace, table, cut) for group, cut in given.items()}
    return arguments


def _bound(workspace: Workspace, table: Table, condition: Condition) -> Bound:
    return Bound(condition, workspace.partial_of(table, condition.columns), table.flags)


def _look(workspace: Workspace, table: Table, name: str, entry: VariableSpec) -> pl.Series | None:
    """Another variable in hand, where the table has it."""
    if name not in (*table.entries, *table.fields):
        return None
    return workspace.rows(table, [name], entry.at, filling=entry.name)[name]


def _other_records(
    workspace: Workspace, rule: Rule, typed: Mapping[str, Any], at: Place, *, unsure: bool = False
) -> pl.DataFrame:
    where = [c for n, k in rule.kinds.items() if k == "other where" and (c := typed.get(n)) is not None]
    if len(where) > 1:
        raise SpecError(f"'{rule.name}' has two conditions on its records.", place=at)
    names = rule.names(typed, "other", "others")
    if not unsure:
        return workspace.records(names, at, *where, quiet="unsure" in rule.handed_in)
    if where:
        return workspace.unsure_records(names, at, where[0])
    return workspace.records(names, at).clear()


def _collect(workspace: Workspace, table: Table, entry: VariableSpec, derived: Derived, other: str) -> None:
    """Keep what a derivation says of the rows that its entry fills; of a variable that no dataset keeps the
    findings alone."""
    numbers = table.frame[ROW]
    filled = numbers.is_in(table.asked(entry.name).implode())
    at = pl.col("index")
    asked = pl.lit(filled).gather(at)
    dataset, row = pl.lit(table.name).alias("dataset"), pl.lit(numbers).gather(at).alias("row")
    found = derived.sources
    if found is not None and found.height:
        source = (
            pl.col("source") if "source" in found.columns else pl.lit(other or table.name).alias("source")
        )
        source_row, role = pl.col("source_row").cast(pl.Int64), pl.lit(entry.name).alias("role")
        workspace.sources.append(found.filter(asked).select(dataset, row, source, source_row, role))
    made = derived.decisions
    if made is not None and made.height and entry.keep:
        variable = pl.lit(entry.name).alias("variable")
        workspace.decisions.append(made.filter(asked).select(dataset, row, variable, *workspace.DECIDED))
    for f in derived.findings:
        if f.row is None or filled[f.row]:
            workspace.findings.append(_placed(workspace.stage, table, entry, f))


def _placed(stage: str, table: Table, entry: VariableSpec, found: Finding) -> Finding:
    """A finding of a derivation with the row and subject at its index."""
    row, who = None, found.subject
    if found.row is not None:
        row, who = int(table.frame[ROW][found.row]), str(table.frame[SUBJECT][found.row])
    placed = replace(found, stage=stage, dataset=table.name, row=row, subject=who)
    return replace(placed, field=found.field or entry.name)
