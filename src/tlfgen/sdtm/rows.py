"""The rows of a domain from its forms: sources with conditions, wide to long, several forms into one domain.

Inside, a field F of the form stands in column ":F" (typed) and "::F" (as collected); a variable V that a
source or a melt sets stands in ":=V", with ":?V" true on the rows where it is set and, where it is mapped,
the text as collected in ":!V". A melted row's typed result is ":RESULT"."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tlfgen.engine.judged import judged
from tlfgen.engine.registry import ROW
from tlfgen.engine.table import OVERRIDDEN, OVERRIDE, SUBJECT
from tlfgen.engine.workspace import Workspace
from tlfgen.raw.forms import TypedForm
from tlfgen.spec.dataset import DomainSpec, MeltSpec, SourceSpec

FORM_ROW = "#form_row"
MAPPED = ":!"


def form_rows(
    domain: DomainSpec, workspace: Workspace, forms: Mapping[str, TypedForm]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The domain's rows in collected order, and their lineage (row, source, source_row)."""
    parts = []
    taken: dict[str, pl.Series] = {}
    for source in domain.from_:
        table = workspace.table(f"form.{source.form}", source.at)
        chosen = pl.Series([True]).new_from_index(0, table.frame.height)
        if source.condition is not None:
            chosen = judged(workspace, table, source.condition)
        before = taken.get(source.form)
        if source.else_ and before is not None:
            chosen = chosen & ~before
        taken[source.form] = chosen if before is None else before | chosen
        rows = _form_frame(forms[source.form], table.frame).filter(chosen)
        rows = rows.with_columns(pl.lit(f"form.{source.form}").alias("#source"), *_set(source))
        parts += [_melted(rows, m, domain, i) for i, m in enumerate(domain.melt)] or [
            rows.with_columns(pl.lit(0).alias("#melt"))
        ]
    frame = pl.concat(parts, how="diagonal_relaxed").sort("#source", FORM_ROW, "#melt", maintain_order=True)
    flags = [c for c in frame.columns if c.startswith(OVERRIDDEN)]
    frame = frame.with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW), *(pl.col(c).fill_null(False) for c in flags)
    )
    lineage = frame.select(
        pl.col(ROW).alias("row"), pl.col("#source").alias("source"), pl.col(FORM_ROW).alias("source_row")
    )
    return frame, lineage


def collected_columns(
    domain: DomainSpec, forms: Mapping[str, TypedForm], frame: pl.DataFrame
) -> tuple[dict[str, str], dict[str, str]]:
    """Field -> its typed column, and field -> its collected text for number fields."""
    fields = {c[1:]: c for c in frame.columns if c.startswith(":") and c[1:2] not in (":", "=", "?", "!")}
    numbers = {
        f.column for s in domain.from_ for f in forms[s.form].spec.fields if f.type in ("integer", "number")
    }
    return fields, {n: f"::{n}" for n in numbers if f"::{n}" in frame.columns}


def _form_frame(form: TypedForm, frame: pl.DataFrame) -> pl.DataFrame:
    own = [c for c in form.frame.columns if c not in (SUBJECT, ROW)]
    texts = [f.column for f in form.spec.fields if f.column in form.collected.columns]
    typed = frame.select(SUBJECT, pl.col(ROW).alias(FORM_ROW), *(pl.col(c).alias(f":{c}") for c in own))
    return typed.hstack(form.collected.select(pl.col(c).alias(f"::{c}") for c in texts))


def _set(part: SourceSpec | MeltSpec) -> list[pl.Expr]:
    found = []
    for name, value in part.set.items():
        found += [pl.lit(value).alias(OVERRIDE + name), pl.lit(True).alias(OVERRIDDEN + name)]
    for name, field in part.map.items():
        found += [
            pl.col(f":{field}").cast(pl.String).alias(OVERRIDE + name),
            pl.lit(True).alias(OVERRIDDEN + name),
            pl.col(f"::{field}").alias(MAPPED + name),
        ]
    return found


def _melted(rows: pl.DataFrame, melt: MeltSpec, domain: DomainSpec, position: int) -> pl.DataFrame:
    text = pl.col(f"::{melt.result}")
    rows = rows.filter(text.is_not_null() & (text.str.strip_chars() != ""))
    result = domain.result_variable
    return rows.with_columns(
        pl.lit(position).alias("#melt"), text.str.strip_chars().alias(OVERRIDE + result),
        pl.lit(True).alias(OVERRIDDEN + result), pl.col(f":{melt.result}").alias(":RESULT"), *_set(melt),
    )  # fmt: skip
