"""Records that makers make, with their sources."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tlfgen.engine.cast import suiting_types
from tlfgen.engine.registry import ROW, Made, find_rule
from tlfgen.engine.workspace import Workspace
from tlfgen.spec.condition import Condition
from tlfgen.spec.dataset import RecordsSpec


def make_records(
    workspace: Workspace, dataset: str, records: Sequence[RecordsSpec], *, after: int = 0
) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """Run every maker of a dataset: its records, a frame a maker, numbered by ROW from `after` + 1, and
    (row, source, source_row).

    The constants of `set:` stand on each record."""
    frames, sources, at = [], [], after
    for record in records:
        rule = find_rule(record.derive, record.at, makes_records=True)
        arguments = workspace.handed_in(rule, rule.read(record.params, record.at), record.at)

        def fetch(*names: str, where: Condition | None = None, record: RecordsSpec = record) -> pl.DataFrame:
            return workspace.records(names, record.at, where)

        with suiting_types(f"{dataset}: {rule.name}", {}, record.at):
            made: Made = rule.function(fetch, **arguments)
        row = (pl.col("index").cast(pl.Int64) + at + 1).alias("row")
        sources.append(made.sources.select(row, "source", pl.col("source_row").cast(pl.Int64)))
        workspace.findings += made.findings
        if made.decisions is not None and made.decisions.height:
            what = record.set.get("PARAMCD", record.derive)
            named = (pl.lit(dataset).alias("dataset"), row, pl.lit(what).alias("variable"))
            workspace.decisions.append(made.decisions.select(*named, *workspace.DECIDED))
        constants = (pl.lit(v).alias(k) for k, v in record.set.items())
        number = pl.int_range(at + 1, at + pl.len() + 1, dtype=pl.Int64).alias(ROW)
        frames.append(made.frame.with_columns(*constants, number))
        at += made.frame.height
    return frames, pl.concat(sources)
