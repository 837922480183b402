"""Collected words translated by a codelist, or looked up in a dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tlfgen.data.dataset import missing_variable
from tlfgen.engine.registry import ROW
from tlfgen.errors import unknown
from tlfgen.spec.dataset import VariableSpec

if TYPE_CHECKING:
    from tlfgen.engine.table import Table
    from tlfgen.engine.workspace import Workspace

SUBJECT = "USUBJID"


def translated(workspace: Workspace, table: Table, entry: VariableSpec, series: pl.Series) -> pl.Series:
    """Translate the words of an entry by its codelist; one that is not in it is null, and an error."""
    if entry.codelist not in workspace.codelists:
        raise unknown("The codelist", str(entry.codelist), workspace.codelists, entry.at)
    lookup = workspace.codelists[str(entry.codelist)].lookup
    found = series.str.to_lowercase().replace_strict(
        {k.lower(): v for k, v in lookup.items()}, default=None, return_dtype=pl.String
    )
    bad = table.frame.select(SUBJECT, ROW).with_columns(series.alias("value"), found.alias("found"))
    bad = bad.filter(pl.col("value").is_not_null() & pl.col("found").is_null())
    workspace.note(
        table,
        "error",
        f"codelist {entry.codelist}",
        f"'{{value}}' is not in the codelist {entry.codelist}; {entry.name} is null",
        bad,
        "value",
        entry.name,
    )
    return found


def looked_up(workspace: Workspace, table: Table, entry: VariableSpec, series: pl.Series) -> pl.Series:
    """Look the words up in a dictionary; one that is not in it is null, and a warning."""
    if entry.dictionary not in workspace.dictionaries:
        raise unknown("The dictionary", str(entry.dictionary), workspace.dictionaries, entry.at)
    terms = workspace.dictionaries[str(entry.dictionary)]
    take = entry.take or entry.name
    if take not in terms.columns:
        raise missing_variable(f"The dictionary '{entry.dictionary}'", take, terms.columns, entry.at)
    key = terms.columns[0]
    wanted = pl.DataFrame({key: series.str.to_uppercase().str.strip_chars().str.replace_all(r"\s+", " ")})
    found = wanted.join(terms.select(key, take), on=key, how="left", maintain_order="left")[take]
    bad = table.frame.select(SUBJECT, ROW).with_columns(series.alias("value"), found.alias("found"))
    bad = bad.filter(pl.col("value").is_not_null() & pl.col("found").is_null())
    workspace.note(
        table,
        "warning",
        f"dictionary {entry.dictionary}",
        f"'{{value}}' is not in the dictionary; {entry.name} is null",
        bad,
        "value",
        entry.name,
    )
    return found
