"""SUPP--: what was collected and has no place in the domain, and texts that a date or a code could not
hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from tlfgen.data.dataset import Dataset, Variable
from tlfgen.data.limits import check_written
from tlfgen.data.long_text import long_texts, piece_name, pieces
from tlfgen.data.standards import sdtm_variable
from tlfgen.engine.finish import Finished
from tlfgen.engine.registry import ROW
from tlfgen.engine.table import SUBJECT, Table
from tlfgen.errors import Finding, SpecError
from tlfgen.sdtm.unread import unread_rows
from tlfgen.spec.dataset import DomainSpec, VariableSpec

SUPPLEMENT = "SUPP"
COLUMNS = ("STUDYID", "RDOMAIN", SUBJECT, "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL", "QORIG", "QEVAL")


def supplement(
    domain: DomainSpec, table: Table, done: Finished, lineage: pl.DataFrame, unread: Mapping[str, str]
) -> Finished | None:
    """The domain's supplemental qualifiers; None where there are none.

    A record a value: for each variable with `supp: true`, and for each date or code whose collected text
    has no typed value, under the variable's name with O for "as collected" at its end (sdtm/unread.py)."""
    sequence = next((c for c in done.dataset.frame.columns if c == f"{domain.domain}SEQ"), None)
    parts = []
    variables = supplemental_variables(table.entries, unread)
    check_written(domain, done.dataset.label, variables, {n: e.at for n, e in table.entries.items()})
    for v in variables:
        parent = next((n for n, text in unread.items() if text == v.name), None)
        rows = unread_rows(table, parent) if parent else table.frame
        parts.append(
            _records(rows, table.collected[parent] if parent else v.name, v, sequence, domain.domain)
        )
    parts = [_in_pieces(p) for p in parts]
    parts += _rest_of_long_texts(table, done.dataset, sequence)
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
    dataset = Dataset(
        name,
        f"Supplemental Qualifiers for {domain.domain}",
        frame.select(COLUMNS),
        tuple(Variable(c, _label(c), "text", "Assigned") for c in COLUMNS),
        ("STUDYID", "RDOMAIN", SUBJECT, "IDVAR", "IDVARVAL", "QNAM"),
        "RELATIONSHIP",
        "One record per supplemental qualifier per related parent domain record",
    )
    return Finished(dataset, own, pl.DataFrame(schema={"row": pl.Int64, "number": pl.Int64}))


def shortened(done: Finished) -> Finished:
    """A domain with the first piece of each long text; the rest stands in SUPP--."""
    frame = done.dataset.frame
    if SUBJECT not in frame.columns:
        return done
    first = {n: [r[0] if r else None for r in rows] for n, rows in long_texts(frame, frame.columns).items()}
    cut = frame.with_columns(pl.Series(n, values, dtype=pl.String) for n, values in first.items())
    notes = (_note(done.dataset.name, n) for n in first)
    return replace(done, dataset=done.dataset.with_frame(cut), findings=(*done.findings, *notes))


def _note(domain: str, name: str) -> Finding:
    says = f"texts over 200 characters go on in {SUPPLEMENT}{domain} as {piece_name(name, 1)}"
    return Finding("note", "sdtm", domain, "length", says, field=name)


def _rest_of_long_texts(table: Table, dataset: Dataset, sequence: str | None) -> list[pl.DataFrame]:
    """What stands behind the first piece of the domain's long texts."""
    if SUBJECT not in dataset.frame.columns:
        return []
    found = []
    for name in long_texts(dataset.frame, dataset.frame.columns):
        variable = dataset.variable(name)
        pieces_of = _in_pieces(_records(table.frame, name, variable, sequence, dataset.name))
        found.append(pieces_of.filter(pl.col("QNAM") != name))
        taken = sorted(set(found[-1]["QNAM"]) & {*table.entries, *dataset.frame.columns})
        if taken:
            says = f"{name} goes on in {taken[0]}, which is a variable of its own."
            raise SpecError(says, place=table.entries[taken[0]].at, hint=f"Rename {taken[0]}.")
    return found


def _in_pieces(records: pl.DataFrame) -> pl.DataFrame:
    """A record for each piece of a value that is too long for one."""
    if "QVAL" not in long_texts(records, ["QVAL"]):
        return records
    whole = pl.Series("QVAL", [pieces(v) for v in records["QVAL"]])
    split = records.with_columns(whole, pl.int_range(pl.len()).alias("#of")).explode("QVAL")
    number = pl.int_range(pl.len()).over("#of")
    split = split.with_columns(number.alias("#piece")).with_columns(
        pl.struct("QNAM", "#piece")
        .map_elements(lambda r: piece_name(r["QNAM"], r["#piece"]) if r["#piece"] else r["QNAM"], pl.String)
        .alias("name"),
    )
    label = pl.when(pl.col("#piece") > 0).then(pl.format("{} Continued {}", "QNAM", "#piece"))
    split = split.with_columns(label.otherwise("QLABEL").alias("QLABEL"), pl.col("name").alias("QNAM"))
    return split.select(records.columns)


def _label(name: str) -> str:
    standard = sdtm_variable("SUPPQUAL", name) or sdtm_variable("SUPP--", name)
    return standard.label if standard else name


def supplemental_variables(
    entries: Mapping[str, VariableSpec], unread: Mapping[str, str]
) -> tuple[Variable, ...]:
    """What a domain has in SUPP-- by its spec, whatever the data hold; all of it is text."""
    told = [
        Variable(n, e.label or n, "text", e.origin or ("Derived" if e.derive else "Collected"))
        for n, e in entries.items()
        if e.supp and e.name == n
    ]
    texts = [Variable(t, f"{n} as Collected", "text", "Collected") for n, t in unread.items()]
    return (*told, *texts)


def _records(
    rows: pl.DataFrame, column: str, variable: Variable, sequence: str | None, domain: str
) -> pl.DataFrame:
    text = pl.col(column).cast(pl.String)
    identity = pl.col(sequence).cast(pl.String) if sequence else pl.lit(None, dtype=pl.String)
    return rows.filter(text != "").select(
        ROW,
        "STUDYID",
        pl.lit(domain).alias("RDOMAIN"),
        SUBJECT,
        pl.lit(sequence, dtype=pl.String).alias("IDVAR"),
        identity.alias("IDVARVAL"),
        pl.lit(variable.name).alias("QNAM"),
        pl.lit(variable.label).alias("QLABEL"),
        text.alias("QVAL"),
        pl.lit(variable.origin).alias("QORIG"),
        pl.lit(None, dtype=pl.String).alias("QEVAL"),
    )
