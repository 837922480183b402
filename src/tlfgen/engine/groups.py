"""The rows of a dataset in ordered groups: its source's, then those of each entry of `records`.

A maker may read the groups above its own, with the variables that it names computed on them. What it has
read stands: further rows never change it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

import polars as pl

from tlfgen.data.dataset import LINEAGE
from tlfgen.data.standards import adam_variable
from tlfgen.engine.fill import fill
from tlfgen.engine.graph import PARAMETER, Step
from tlfgen.engine.make import Group, make_group
from tlfgen.engine.registry import ROW
from tlfgen.engine.table import BEHIND, DTYPES, GROUP, OVERRIDDEN, OVERRIDE, SUBJECT, Table
from tlfgen.engine.workspace import Workspace
from tlfgen.errors import Finding, SpecError
from tlfgen.spec.dataset import AdamSpec, DatasetSpec, VariableSpec

Way = Literal["copy", "entry", "null"]
Start = Callable[[str], tuple[Table, pl.DataFrame]]
Complete = Callable[[Step, Group], pl.DataFrame]


def carry_out(
    workspace: Workspace, steps: Iterable[Step], start: Start, complete: Complete
) -> dict[str, pl.DataFrame]:
    """Make the rows and fill the variables of a stage, step by step; give the sources of each dataset's rows.

    start: a dataset's table with the rows of its source, and their sources. complete: the records of a group
    with what the dataset gives of itself.
    """
    sources: dict[str, list[pl.DataFrame]] = {}
    for step in steps:
        name = step.node.dataset
        if step.node.variable:
            if step.node.variable in workspace.tables[name].entries:
                fill(workspace, workspace.tables[name], step.node.variable)
            continue
        workspace.filling = "its records"
        if step.record is None:
            workspace.tables[name], found = start(name)
            sources[name] = [found]
        else:
            sources[name].append(_add_group(workspace, step, complete))
    category = pl.col("source").cast(LINEAGE["source"])
    return {name: pl.concat(parts).with_columns(category) for name, parts in sources.items()}


def no_rows() -> tuple[pl.DataFrame, pl.DataFrame]:
    """A frame without records, and no sources."""
    schema = {"row": pl.Int64, "source": pl.String, "source_row": pl.Int64}
    return pl.DataFrame(schema={SUBJECT: pl.String, ROW: pl.Int64}), pl.DataFrame(schema=schema)


def _add_group(workspace: Workspace, step: Step, complete: Complete) -> pl.DataFrame:
    """Add the rows of an entry of `records`; give their sources."""
    table, record = workspace.tables[step.node.dataset], step.record
    assert record is not None
    group = make_group(workspace, table.name, record, after=table.frame.height)
    group = replace(group, frame=complete(step, group))
    filled = [*_own_columns(table, group), *_settled_on_made(workspace, table, group)]
    _settle(table)
    who = [c for c in (SUBJECT, ROW) if c in group.frame.columns]  # a record of the design is no subject's
    number = pl.lit(step.node.group, dtype=pl.Int64).alias(GROUP)
    whole = pl.concat([table.frame, group.frame.select(*who, number, *filled)], how="diagonal_relaxed")
    flags = [c for c in whole.columns if c.startswith(OVERRIDDEN)]
    table.frame = whole.with_columns(pl.col(c).fill_null(False) for c in flags)
    return group.sources


def check_on_made(spec: DatasetSpec) -> None:
    """`on_made` stands only where rows are made beside others."""
    for entry in spec.variables:
        if entry.on_made is not None and not (isinstance(spec, AdamSpec) and spec.records):
            raise SpecError(
                f"{spec.name}.{entry.name}: 'on_made' is of records that `records` of an ADaM dataset makes.",
                place=entry.at_key("on_made"),
                hint="Leave it out: the entry fills the variable.",
            )


def way_on_made(name: str, entry: VariableSpec, *, above: bool, read: bool, like: Sequence[str]) -> Way:
    """How a made record gets a variable that neither its rule nor `set` gives.

    First case that applies:
      1. the entry says `on_made`                                            that
      2. the record is made of rows above it, and the variable is a key,
         or says which parameter it is                                       copy
      3. the variable is a flag (--FL) that its group or one above has read,
         and no variable of ADSL                                             null
      4. otherwise                                                           entry

    above: the group is made of rows above it. read: a maker has read the variable. like: the keys and the
    variables of the parameter, where it is that of the rows above.
    """
    if entry.on_made is not None and entry.name == name:
        return entry.on_made
    if above and name in like:
        return "copy"
    if read and name.endswith("FL") and "." not in (entry.from_ or ""):
        return "null"
    return "entry"


def _own_columns(table: Table, group: Group) -> Iterator[pl.Series]:
    """What the rule and `set` give. It stands before what the entries say; a variable that no entry names is
    the dataset's as it is made."""
    for name in group.made:
        values = group.frame[name]
        if name in table.entries:
            yield from _override(name, values, pl.Series([True]).new_from_index(0, values.len()))
            table.fields.setdefault(name, OVERRIDE + name)
        elif table.stage == "sdtm":
            yield values
        else:
            table.types[name] = _made_type(name, values.dtype)
            yield values.cast(DTYPES[table.types[name]])


def _made_type(name: str, dtype: pl.DataType) -> str:
    standard = adam_variable(name)
    if standard:
        return standard.type
    return next((t for t, d in DTYPES.items() if d == dtype), "text")


def _settled_on_made(workspace: Workspace, table: Table, group: Group) -> Iterator[pl.Series]:
    """The variables that no entry fills on the rows of a group: copied ones, and those that are null."""
    above = bool((group.sources["source"] == table.name).any())
    like = [*table.keys, *(() if "PARAMCD" in group.record.set else PARAMETER)]
    height = group.frame.height
    for name, entry in table.entries.items():
        if name in group.made or name == SUBJECT:
            continue
        way = way_on_made(name, entry, above=above, read=name in table.frame.columns, like=like)
        if way == "null":
            nothing = pl.Series([None], dtype=DTYPES[table.types[name]]).new_from_index(0, height)
            yield from _override(name, nothing, pl.Series([True]).new_from_index(0, height))
        elif way == "copy":
            values = _copied(workspace, table, group, name, entry)
            told = entry.on_made is not None
            known = pl.Series([True]).new_from_index(0, height) if told else values.is_not_null()
            yield from _override(name, values, known)


def _override(name: str, values: pl.Series, known: pl.Series) -> tuple[pl.Series, pl.Series]:
    return values.alias(OVERRIDE + name), known.alias(OVERRIDDEN + name)


def _copied(workspace: Workspace, table: Table, group: Group, name: str, entry: VariableSpec) -> pl.Series:
    """The value that all records which a record was made of have; null where they differ."""
    parts = []
    for source in group.sources["source"].unique(maintain_order=True).to_list():
        other = table if source == table.name else workspace.table(source, entry.at)
        if other is not table and name not in other.known():
            continue  # a source without that variable says nothing of it
        column = workspace.column(other, name, entry.at)
        there = other.frame.select(pl.col(ROW).alias("source_row"), pl.col(column).alias("value"))
        taken = group.sources.filter(pl.col("source") == source).unique()
        parts.append(taken.join(there, on="source_row", how="left").select("row", "value"))
    dtype = DTYPES[table.types[name]]
    empty = pl.DataFrame(schema={"row": pl.Int64, "value": dtype})
    values = pl.concat([empty, *(p.with_columns(pl.col("value").cast(dtype)) for p in parts)])
    agreed = values.group_by("row").agg(
        pl.col("value").first(), (pl.col("value").n_unique() > 1).alias("differ")
    )
    joined = group.frame.select(pl.col(ROW).alias("row")).join(
        agreed, on="row", how="left", maintain_order="left"
    )
    if entry.on_made == "copy":
        says = f"{{count}} of {{of}} made records are of records that differ in {name}: it is null"
        told = Finding("warning", workspace.stage, table.name, "on_made", says, field=name)
        workspace.findings.append(replace(told, count=int(joined["differ"].sum()), of=joined.height))
    return joined.select(pl.when(~pl.col("differ").fill_null(True)).then(pl.col("value"))).to_series()


def _settle(table: Table) -> None:
    """Fix what has been read on the rows so far; what is joined by subject is joined again when needed."""
    filled = [n for n in table.frame.columns if n in table.entries and n != SUBJECT]
    replaced = {p + n for n in filled for p in (OVERRIDE, OVERRIDDEN)}
    kept: list[pl.Expr] = []
    for name in table.frame.columns:
        if name in filled:
            kept += [pl.col(name).alias(OVERRIDE + name), pl.lit(True).alias(OVERRIDDEN + name)]
        elif "." in name or name == "cutoff":
            table.collected.pop(name.removeprefix(BEHIND), None)
        elif name not in replaced:
            kept.append(pl.col(name))
    table.frame = table.frame.select(kept)
