"""One variable filled by its entry."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from tlfgen.data.dates import join_date_time
from tlfgen.engine.analysis_set import judge_set, reasons_of
from tlfgen.engine.cases import first_case
from tlfgen.engine.cast import cast_values
from tlfgen.engine.compute import computed
from tlfgen.engine.derive import derived_values
from tlfgen.engine.join_text import constant, join_text
from tlfgen.engine.look_up import looked_up, translated
from tlfgen.engine.table import BEHIND, DTYPES, OVERRIDDEN, OVERRIDE, Table
from tlfgen.engine.workspace import Workspace
from tlfgen.errors import Finding, unknown
from tlfgen.spec.dataset import CaseSpec, VariableSpec
from tlfgen.spec.joined_text import joined_names
from tlfgen.spec.study import reason_name


def fill(workspace: Workspace, table: Table, name: str) -> None:
    """Fill a variable on the rows that are there; what it reads is filled already.

    Rows on which a rule of `records`, a form or a maker's reading has given the value keep it.
    """
    if name in table.frame.columns:
        return
    entry = table.entries[name]
    workspace.filling = f"{table.name}.{name}"
    if table.frame.height and table.asked(name).is_empty():
        dtype = DTYPES[table.types.get(name, "text")]
        given = cast_values(table.frame[OVERRIDE + name], dtype, workspace.filling, entry.at)
        table.frame = table.frame.with_columns(given.alias(name))
        return
    filled = {v or entry.name: values for v, values in _values(workspace, table, entry, name).items()}
    _typed(table, entry, filled)
    for variable in [v for v in filled if OVERRIDE + v in table.frame.columns]:
        override = pl.col(OVERRIDE + variable).cast(table.frame.schema[variable])
        chosen = pl.when(pl.col(OVERRIDDEN + variable)).then(override).otherwise(pl.col(variable))
        table.frame = table.frame.with_columns(chosen.alias(variable))


def _typed(table: Table, entry: VariableSpec, filled: dict[str, pl.Series]) -> None:
    """Add filled variables as what they are; the text that a date was made of stands behind it."""
    columns = []
    for variable, values in filled.items():
        dtype = DTYPES[table.types.get(variable, "text")]
        as_text = dtype in (pl.Date, pl.Datetime) and values.dtype == pl.String
        if as_text and variable not in table.collected:
            columns.append(values.alias(BEHIND + variable))
            table.collected[variable] = BEHIND + variable
        columns.append(cast_values(values, dtype, f"{table.name}.{variable}", entry.at).alias(variable))
        table.types.setdefault(variable, "text")
    table.frame = table.frame.with_columns(columns)


def _values(workspace: Workspace, table: Table, entry: VariableSpec, name: str) -> dict[str, pl.Series]:
    if entry.derive is not None:
        return derived_values(workspace, table, entry)
    if entry.sets:
        return _sets(workspace, table, entry)
    series = _plain(workspace, table, entry)
    if entry.codelist:
        series = translated(workspace, table, entry, series)
    if entry.dictionary:
        series = looked_up(workspace, table, entry, series)
    if entry.condition is not None:
        holds = workspace.holds(table, entry.condition, filling=name)
        series = pl.select(pl.when(holds).then(series).otherwise(None).alias(name)).to_series()
    return {entry.name: series}


def _plain(workspace: Workspace, table: Table, entry: VariableSpec) -> pl.Series:
    if entry.compute is not None:
        return computed(workspace, table, entry)
    if entry.value is not None or entry.text is not None or entry.from_ is not None:
        return _one(workspace, table, entry, entry)
    if entry.date is not None:
        date = _source(workspace, table, entry, entry.date)
        time = _source(workspace, table, entry, entry.time) if entry.time else None
        return join_date_time(date, time)
    met = [
        None if c.condition is None else workspace.truth(table, c.condition, filling=entry.name)
        for c in entry.cases
    ]
    values = [_one(workspace, table, entry, c) for c in entry.cases]
    result, unsure = first_case(met, values, table.frame.height)
    says = f"{{count}} of {{of}} records: no case is known to apply, {entry.name} is null"
    told = Finding("note", workspace.stage, table.name, "cases", says, field=entry.name)
    workspace.findings.append(replace(told, count=unsure, of=table.frame.height))
    return result


def _one(workspace: Workspace, table: Table, entry: VariableSpec, says: VariableSpec | CaseSpec) -> pl.Series:
    """A variable, a text joined of several, or a constant."""
    if says.from_:
        return _source(workspace, table, entry, says.from_)
    if says.text:
        names = joined_names(says.text, entry.at)
        return join_text(says.text, {n: _source(workspace, table, entry, n) for n in names})
    return constant(says.value, table.frame.height)


def _source(workspace: Workspace, table: Table, entry: VariableSpec, name: str) -> pl.Series:
    column = workspace.column(table, name, entry.at, filling=entry.name)
    if table.types.get(entry.name, "text") == "text" and table.fields.get(name) == column:
        column = table.texts.get(name, column)
    return table.frame[column]


def _sets(workspace: Workspace, table: Table, entry: VariableSpec) -> dict[str, pl.Series]:
    flag, sets = entry.sets[0], workspace.study.analysis_sets
    if flag not in sets:
        raise unknown("The analysis set", flag, sets, entry.at)
    spec = sets[flag]
    inside = workspace.truth(table, spec.condition, filling=flag)
    met = [
        None if c is None or not c.columns else workspace.holds(table, c, filling=flag)
        for c, _ in reasons_of(spec)
    ]
    asked = workspace.rows(table, spec.condition.columns, spec.condition.place, filling=flag)
    frame = judge_set(spec, inside, met, asked)
    message = f"whether the subject is in the {spec.label.lower()} cannot be judged; {flag} is N"
    workspace.note(table, "error", "analysis set", message, frame.filter("open"), "reason", flag)
    return {flag: frame["flag"], reason_name(flag): frame["reason"]}
