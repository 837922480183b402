"""SUPP--: what was collected and has no place in the domain, and texts that a date or a code could not
hold."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tlfgen.data.dataset import Dataset, Variable
from tlfgen.data.finish import Finished
from tlfgen.data.registry import ROW
from tlfgen.data.standards import sdtm_variable
from tlfgen.data.workspace import SUBJECT, Table
from tlfgen.raw.forms import TypedForm
from tlfgen.spec.dataset import DomainSpec

SUPPLEMENT = "SUPP"
COLUMNS = ("STUDYID", "RDOMAIN", SUBJECT, "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL", "QORIG", "QEVAL")


def supplement(
    domain: DomainSpec, table: Table, done: Finished, lineage: pl.DataFrame, forms: Mapping[str, TypedForm]
) -> Finished | None:
    """The domain's supplemental qualifiers; None where there are none.

    A record a value: for each variable with `supp: true`, and for each date or code whose collected text
    has no typed value, under the variable's name with O for "as collected" at its end (at most 8
    characters)."""
    sequence = next((c for c in done.dataset.frame.columns if c == f"{domain.domain}SEQ"), None)
    parts = [_records(table, n, n, sequence, "", domain) for n in table.entries if table.entries[n].supp]
    parts += _unheld(domain, table, forms, sequence)
    parts = [p for p in parts if p.height]
    if not parts:
        return None
    frame = (
        pl.concat(parts)
        .join(done.numbers, left_on=ROW, right_on="row")
        .sort("number", "QNAM", maintain_order=True)
    )
    frame = frame.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("#n"))
    name = SUPPLEMENT + domain.domain
    own = (
        frame.select(pl.col(ROW).alias("row"), "#n")
        .join(lineage, on="row")
        .select(
            pl.lit(name).alias("dataset"),
            pl.col("#n").alias("row"),
            "source",
            "source_row",
            pl.lit("record").alias("role"),
        )
    )
    variables = tuple(Variable(c, _label(c), "text", "Assigned") for c in COLUMNS)
    dataset = Dataset(
        name,
        f"Supplemental Qualifiers for {domain.domain}",
        frame.select(COLUMNS),
        variables,
        ("STUDYID", "RDOMAIN", SUBJECT, "IDVAR", "IDVARVAL", "QNAM"),
        "RELATIONSHIP",
        "One record per supplemental qualifier per related parent domain record",
    )
    return Finished(dataset, own, pl.DataFrame(schema={"row": pl.Int64, "number": pl.Int64}))


def _label(name: str) -> str:
    standard = sdtm_variable("SUPPQUAL", name) or sdtm_variable("SUPP--", name)
    return standard.label if standard else name


def _records(
    table: Table, column: str, qnam: str, sequence: str | None, label: str, domain: DomainSpec
) -> pl.DataFrame:
    spec = table.entries.get(qnam)
    text = label or (spec.label if spec and spec.label else qnam)
    origin = (spec.origin if spec and spec.origin else None) or (
        "Derived" if spec and spec.derive else "Collected"
    )
    rows = table.frame.filter(pl.col(column).is_not_null() & (pl.col(column).cast(pl.String) != ""))
    identity = pl.col(sequence).cast(pl.String) if sequence else pl.lit(None, dtype=pl.String)
    return rows.select(
        ROW,
        "STUDYID",
        pl.lit(domain.domain).alias("RDOMAIN"),
        SUBJECT,
        pl.lit(sequence, dtype=pl.String).alias("IDVAR"),
        identity.alias("IDVARVAL"),
        pl.lit(qnam).alias("QNAM"),
        pl.lit(text[:40]).alias("QLABEL"),
        pl.col(column).cast(pl.String).alias("QVAL"),
        pl.lit(origin).alias("QORIG"),
        pl.lit(None, dtype=pl.String).alias("QEVAL"),
    )


def _unheld(
    domain: DomainSpec, table: Table, forms: Mapping[str, TypedForm], sequence: str | None
) -> list[pl.DataFrame]:
    typed = {
        f.column
        for s in domain.from_
        for f in forms[s.form].spec.fields
        if f.type not in ("integer", "number")
    }
    parts = []
    for name, entry in table.entries.items():
        source = entry.from_ or entry.date
        if source not in typed or entry.name != name or f"::{source}" not in table.frame.columns:
            continue
        lost = pl.when(pl.col(f":{source}").is_null() & pl.col(name).is_null()).then(
            pl.col(f"::{source}").str.strip_chars()
        )
        frame = table.frame.with_columns(lost.alias("#lost"))
        if frame["#lost"].null_count() == frame.height:
            continue
        holder = Table(table.name, table.stage, frame, entries={})
        standard = sdtm_variable(domain.domain, name)
        label = f"{(entry.label or (standard.label if standard else name))[:27]}, collected"
        parts.append(_records(holder, "#lost", name[:7] + "O", sequence, label, domain))
    return parts
