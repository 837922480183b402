"""Records that makers make, with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from tlfgen.engine.bound import Bound
from tlfgen.engine.cast import suiting_types
from tlfgen.engine.registry import LATER, ROW, Made, Rule, find_rule
from tlfgen.engine.workspace import Workspace
from tlfgen.errors import Place
from tlfgen.spec.condition import Condition
from tlfgen.spec.dataset import RecordsSpec


@dataclass(frozen=True)
class Group:
    """The records of one entry of `records`: numbered by ROW, with the constants of `set`. sources: frame
    (row, source, source_row). made: the variables that the rule or `set` gives."""

    record: RecordsSpec
    frame: pl.DataFrame
    sources: pl.DataFrame

    @property
    def made(self) -> tuple[str, ...]:
        return tuple(c for c in self.frame.columns if c not in ("USUBJID", ROW))


def make_group(workspace: Workspace, dataset: str, record: RecordsSpec, *, after: int) -> Group:
    """Run one maker; its records are numbered from `after` + 1. Of its own dataset it reads the rows that are
    there."""
    rule = find_rule(record.derive, record.at, makes_records=True)
    typed = rule.read(record.params, record.at)
    arguments = workspace.handed_in(rule, typed, record.at) | _pairs(workspace, rule, typed, record.at)

    def fetch(*names: str, where: Condition | None = None) -> pl.DataFrame:
        return workspace.records(names, record.at, where)

    with suiting_types(f"{dataset}: {rule.name}", {}, record.at):
        made: Made = rule.function(fetch, **arguments)
    row = (pl.col("index").cast(pl.Int64) + after + 1).alias("row")
    sources = made.sources.select(row, "source", pl.col("source_row").cast(pl.Int64))
    workspace.findings += made.findings
    if made.decisions is not None and made.decisions.height:
        what = record.set.get("PARAMCD", record.derive)
        named = (pl.lit(dataset).alias("dataset"), row, pl.lit(what).alias("variable"))
        workspace.decisions.append(made.decisions.select(*named, *workspace.DECIDED))
    constants = (pl.lit(v).alias(k) for k, v in record.set.items())
    number = pl.int_range(after + 1, after + pl.len() + 1, dtype=pl.Int64).alias(ROW)
    return Group(record, made.frame.with_columns(*constants, number), sources)


def _pairs(workspace: Workspace, rule: Rule, typed: Mapping[str, Any], at: Place) -> dict[str, Bound]:
    """The conditions on two records, with what is known of the columns of both."""
    found = {}
    for name in (n for n, kind in rule.kinds.items() if kind == "other pair" and typed.get(n) is not None):
        owner = rule.names(typed, "other")[0].rpartition(".")[0]
        table, columns = workspace.table(owner, at), typed[name].columns
        dates = {c: "partial" for c in columns if c.removeprefix(LATER) in table.partial}
        found[name] = Bound(typed[name], dates, {c for c in columns if c.removeprefix(LATER) in table.flags})
    return found
