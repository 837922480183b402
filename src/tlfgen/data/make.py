"""Records that makers make, with their sources."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tlfgen.data.registry import ROW, Made, find_rule
from tlfgen.data.workspace import Workspace
from tlfgen.spec.dataset import RecordsSpec


def make_records(workspace: Workspace, records: Sequence[RecordsSpec]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Run every maker of a dataset: the records numbered from 1 by ROW, and (row, source, source_row)."""
    frames, sources, at = [], [], 0
    for record in records:
        rule = find_rule(record.derive, record.at, makes_records=True)
        arguments = workspace.handed_in(rule, rule.read(record.params, record.at), record.at)

        def fetch(dotted: str, record: RecordsSpec = record) -> pl.DataFrame:
            return workspace.records([dotted], record.at)

        made: Made = rule.function(fetch, **arguments)
        frames.append(made.frame)
        index = pl.col("index").cast(pl.Int64) + at + 1
        sources.append(made.sources.select(index.alias("row"), "source", pl.col("source_row").cast(pl.Int64)))
        workspace.findings += made.findings
        at += made.frame.height
    frame = pl.concat(frames, how="diagonal")
    return frame.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW)), pl.concat(sources)
