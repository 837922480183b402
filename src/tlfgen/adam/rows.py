"""The rows that a dataset takes from another one: chosen, with parameters, and counted."""

from __future__ import annotations

import polars as pl

from tlfgen.adam.parameter_names import parameter_numbers
from tlfgen.engine.judged import judged
from tlfgen.engine.registry import ROW
from tlfgen.engine.table import SOURCE_ROW, SUBJECT, Table
from tlfgen.engine.workspace import Workspace
from tlfgen.spec.dataset import AdamSpec

Left = list[dict[str, object]]  # what the ledger is told of rows that are left out


def copied_rows(spec: AdamSpec, workspace: Workspace, left: Left) -> tuple[Table, pl.DataFrame]:
    """The rows that a dataset takes from another one, and their sources.

    Of a finished dataset the rows bring all fields along; of one that is being made each is taken when it is
    asked for, so that two datasets may read each other's variables.
    """
    source = workspace.table(str(spec.from_), spec.at)
    rows = _select(spec, workspace, source, left)
    finished = source.stage == "sdtm"
    named = [c for c in rows.columns if c[0] not in "#:" and "." not in c]
    eager = [c for c in named if finished or c not in source.frame.columns]
    frame = rows.select(
        SUBJECT,
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW),
        pl.col(ROW).alias(SOURCE_ROW),
        *(pl.col(c).alias(f":{c}") for c in eager),
    )
    fields = {c: f":{c}" for c in dict.fromkeys([*named, *source.entries])}
    sources = frame.select(
        pl.col(ROW).alias("row"), pl.lit(source.name).alias("source"), pl.col(SOURCE_ROW).alias("source_row")
    )
    table = Table(
        spec.name, "adam", frame, fields, partial={n for n in fields if n.endswith("DTC")},
        origins=(source.name,), source=None if finished else source,
    )  # fmt: skip
    table.collected = {n: f":{t}" for n, t in source.collected.items() if f":{t}" in frame.columns}
    return table, sources


def _select(spec: AdamSpec, workspace: Workspace, source: Table, left: Left) -> pl.DataFrame:
    frame = source.frame
    keep = pl.Series([True]).new_from_index(0, frame.height)
    if spec.condition is not None:
        keep = judged(workspace, source, spec.condition)
        _leave(left, spec, source, int((~keep).sum()), f"not: {spec.where}")
    if not spec.parameters:
        if spec.condition is None:
            _leave(left, spec, source, 0, "")
        return source.frame.filter(keep)
    parts, taken, numbers = [], ~keep, parameter_numbers(spec)
    for parameter in spec.parameters:
        own = (
            ~taken
            if parameter.condition is None
            else (judged(workspace, source, parameter.condition) & ~taken)
        )
        taken = taken | own
        words = {"PARAMCD": parameter.PARAMCD, "PARAM": parameter.PARAM}
        chosen = source.frame.filter(own).with_columns(
            *(pl.lit(v).alias(k) for k, v in words.items()),
            pl.lit(numbers[parameter.PARAMCD], dtype=pl.Int64).alias("PARAMN"),
        )
        parts.append(chosen)
    _leave(left, spec, source, int((~taken).sum()), "no parameter takes it")
    return pl.concat(parts, how="diagonal").sort(ROW, maintain_order=True)


def _leave(left: Left, spec: AdamSpec, source: Table, count: int, reason: str) -> None:
    left.append(
        {
            "dataset": spec.name,
            "source": source.name,
            "left_out": count,
            "reason": reason,
            "read": source.frame.height,
        }
    )
