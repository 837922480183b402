"""`compute:` of an entry: an expression over the variables in hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tlfgen.engine.registry import ROW
from tlfgen.errors import SpecError
from tlfgen.spec.dataset import VariableSpec

if TYPE_CHECKING:
    from tlfgen.engine.table import Table
    from tlfgen.engine.workspace import Workspace

SUBJECT = "USUBJID"
FITS = {
    "text": {"text", "iso"}, "iso": {"text", "iso"}, "integer": {"integer"}, "float": {"integer", "float"},
    "date": {"date", "iso"}, "datetime": {"datetime"},
}  # fmt: skip
SAYS = {"text": "text", "iso": "text", "integer": "a whole number", "float": "a number with decimals",
        "date": "a date", "datetime": "a date with a time"}  # fmt: skip


def computed(workspace: Workspace, table: Table, entry: VariableSpec) -> pl.Series:
    """Evaluate an entry's expression; warn of each record for which arithmetic has no value.

    A record that does not meet the entry's `where:` is not computed, so nothing is said of it.
    """
    expression = entry.expression
    assert expression is not None
    rows = workspace.rows(table, expression.columns, expression.place, filling=entry.name)
    dates = workspace.partial_of(table, expression.columns)
    value, undefined = expression.evaluate(rows, dates, table.flags)
    if entry.condition is not None:
        undefined &= workspace.holds(table, entry.condition, filling=entry.name)
    says = f"{expression.text} has no value (a division by 0, say); {entry.name} is null"
    lost = table.frame.select(SUBJECT, ROW).filter(undefined)
    workspace.note(table, "warning", "compute", says.replace("{", "{{"), lost, None, entry.name)
    return value


def check_fits(entry: VariableSpec, type_: str, given: str) -> None:
    """An expression gives what its variable holds; a float never ends in a whole number by itself."""
    if not given or given in FITS.get(type_, {given}):
        return
    hint = "Write round(X), floor(X) or ceil(X)." if (type_, given) == ("integer", "float") else (
        f"Give the variable type: {given if given != 'iso' else 'text'}, or write another expression."
    )  # fmt: skip
    raise SpecError(
        f"{entry.name} is {SAYS[type_]}, and its expression gives {SAYS[given]}.",
        place=entry.at_key("compute"), hint=hint,
    )  # fmt: skip
