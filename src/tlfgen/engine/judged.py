"""Records by a condition that an unreadable value may leave open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tlfgen.data.unread import unread
from tlfgen.engine.registry import ROW
from tlfgen.errors import Finding
from tlfgen.spec.condition import Condition

if TYPE_CHECKING:
    from tlfgen.engine.table import Table
    from tlfgen.engine.workspace import Workspace


def judged(workspace: Workspace, table: Table, condition: Condition) -> pl.Series:
    """The rows of a table that are known to meet a condition.

    A row of which a value that cannot be read leaves that open is a warning, so that it is not left out
    unseen.
    """
    met = workspace.truth(table, condition)
    if not table.collected or not met.null_count():
        return met.fill_null(False)
    rows = workspace.rows(table, condition.columns, condition.place)
    lost = pl.any_horizontal(pl.lit(False), *(pl.lit(unread(rows, n)) for n in condition.columns))
    says = f"whether it meets {condition.text} cannot be read: it is taken as not"
    found = [
        Finding("warning", workspace.stage, table.name, "condition", says, row, who)
        for who, row in rows.filter(pl.lit(met).is_null() & lost).select("USUBJID", ROW).iter_rows()
    ]
    workspace.findings += [f for f in found if f not in workspace.findings]
    return met.fill_null(False)
