"""Findings and ledger as written: frames, datasets and CSV files that open safely in a spreadsheet."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from tlfgen.analysis.table import result_name
from tlfgen.data.dataset import LEDGER, Dataset, Variable
from tlfgen.data.safe_csv import safe
from tlfgen.data.store import write_dataset
from tlfgen.display.parts import Laid, Listing, Pages, Part, Table
from tlfgen.display.told import drawn
from tlfgen.errors import Finding

FINDINGS = {
    "SEVERITY": pl.String, "STAGE": pl.String, "DATASET": pl.String, "ROW": pl.Int64, "USUBJID": pl.String,
    "FIELD": pl.String, "VALUE": pl.String, "RULE": pl.String, "MESSAGE": pl.String,
}  # fmt: skip
LABELS = {
    "SEVERITY": "Severity", "STAGE": "Stage", "DATASET": "Form or Dataset", "ROW": "Row Number",
    "USUBJID": "Unique Subject Identifier", "FIELD": "Field or Variable", "VALUE": "Value as Collected",
    "RULE": "Rule", "MESSAGE": "What Was Found",
}  # fmt: skip
Printed = tuple[int, str, int, str, str]
RANK = {"error": 0, "warning": 1, "note": 2}


def findings_frame(findings: Iterable[Finding]) -> pl.DataFrame:
    """Findings as a frame, the severest first, then by stage, dataset, rule and row."""
    rows = [
        (f.severity, f.stage, f.dataset, f.row, f.subject, f.field, f.value, f.rule, f.message)
        for f in findings
    ]
    return pl.DataFrame(rows, schema=FINDINGS, orient="row")


def write_audit(stages: Sequence[Path], checks: Sequence[Path], folder: Path) -> None:
    """Join the findings of stages and checks and the ledgers of the stages: FINDINGS as a dataset, published
    CSV files, counts."""
    findings = pl.concat([pl.read_parquet(s / "findings.parquet") for s in (*stages, *checks)])
    findings = findings.sort(
        pl.col("SEVERITY").replace_strict(RANK, return_dtype=pl.Int64), "STAGE", "DATASET", "RULE", "ROW",
        nulls_last=True, maintain_order=True,
    )  # fmt: skip
    ledger = pl.concat([pl.read_parquet(s / "ledger.parquet").select(list(LEDGER)) for s in stages])
    types = {"ROW": "integer"}
    variables = tuple(Variable(n, LABELS[n], types.get(n, "text")) for n in FINDINGS)
    write_dataset(Dataset("FINDINGS", "Findings about the Data", findings, variables), folder / "data")
    shown = folder / "published"
    shown.mkdir()
    safe(findings).write_csv(shown / "findings.csv")
    safe(ledger).write_csv(shown / "ledger.csv")
    counts = dict(findings.group_by("SEVERITY").len().sort("SEVERITY").iter_rows())
    (folder / "counts.json").write_text(json.dumps({"findings": counts}, sort_keys=True), "utf-8")


def made_elsewhere(ard: pl.DataFrame, told: Mapping[str, str]) -> Callable[[str], str | None]:
    """What is said of printed results: the files behind them that were made elsewhere, with who made them.

    ard: the results. told: of each such dataset and analysis, its file and maker. A result that was computed
    here is of its dataset; a cell of a listing of that of its record, `ADAE[row=17].AETERM`.
    """
    own = ard.filter(pl.col("dataset").is_in(list(told))) if told else ard.clear()
    of = {result_name(row): told[row["dataset"]] for row in own.iter_rows(named=True)}

    def say(results: str) -> str | None:
        names = results.split("; ")
        heads = [re.split(r"[.\[]", name, maxsplit=1)[0] for name in names]
        found = [told.get(head) or of.get(name, "") for name, head in zip(names, heads, strict=True)]
        return "; ".join(dict.fromkeys(x for x in found if x)) or None

    return say


def nothing_elsewhere(results: str) -> None:
    """What is said where all was made here."""


def write_cells(part: Laid, path: Path, elsewhere: Callable[[str], str | None] = nothing_elsewhere) -> None:
    """Write what an output prints, cell by cell, with what is behind it: a CSV file with the columns row
    (from 1, on through all pages; 0 is a header with its N), label, column (from 1), text, results (names,
    parted by semicolons), made_elsewhere (the files behind it that were made elsewhere, with who made them).

    The results of a listing's cell are its record and variables: `ADAE[row=17].AETERM`.
    """
    parts = part.parts if isinstance(part, Pages) else (part,)
    rows: list[Printed] = []
    for one in parts:
        above = max((row[0] for row in rows), default=0)
        rows += [(r[0] + above if r[0] else 0, *r[1:]) for r in _printed(one)]
    schema = {
        "row": pl.Int64,
        "label": pl.String,
        "column": pl.Int64,
        "text": pl.String,
        "results": pl.String,
        "made_elsewhere": pl.String,
    }
    told = [(*row, elsewhere(row[-1])) for row in rows]
    safe(pl.DataFrame(told, schema=schema, orient="row")).write_csv(path)


def _printed(part: Part) -> list[Printed]:
    if isinstance(part, Table):
        return [*_headers(part), *_table_cells(part)]
    if isinstance(part, Listing):
        return list(_listing_cells(part))
    return [(n, label, 1, text, results) for n, (label, text, results) in enumerate(drawn(part), 1)]


def _headers(table: Table) -> Iterator[Printed]:
    for heads in table.heads:
        place = 1
        for head in heads:
            if head.results:
                label = " ".join(head.lines[:-1])
                yield 0, label, place, head.lines[-1], "; ".join(head.results)
            place += head.span


def _table_cells(table: Table) -> Iterator[Printed]:
    for number, row in enumerate(table.rows, 1):
        for place, cell in enumerate(row.cells, 1):
            if cell.text:
                yield number, row.label, place, cell.text, "; ".join(cell.results)


def _listing_cells(listing: Listing) -> Iterator[Printed]:
    """label: the column's, without line feeds."""
    for number, (row, record) in enumerate(zip(listing.rows, listing.keys, strict=True), 1):
        for place, (text, column) in enumerate(zip(row, listing.columns, strict=True), 1):
            if text:
                behind = "; ".join(f"{record}.{v}" for v in column.variables)
                yield number, column.label.replace("\n", " "), place, text, behind


def write_numbers(
    numbers: Iterable[tuple[str, str, str]],
    path: Path,
    elsewhere: Callable[[str], str | None] = nothing_elsewhere,
) -> None:
    """Write every number that the text of the report draws: section, result, displayed value, and the file
    behind it where it was made elsewhere."""
    names = ("section", "result", "text", "made_elsewhere")
    told = [(*one, elsewhere(one[1])) for one in numbers]
    safe(pl.DataFrame(told, schema=dict.fromkeys(names, pl.String), orient="row")).write_csv(path)
