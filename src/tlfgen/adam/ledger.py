"""The ledger of ADaM: each record has a source, each source record is used or left out for a reason."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tlfgen.data.dataset import LEDGER, Dataset, stack
from tlfgen.errors import LedgerError


def ledger_of(
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
