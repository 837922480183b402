"""From a table in the making to a dataset: order, numbers, metadata, lineage, keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from tlfgen.data.alike import gathered
from tlfgen.data.dataset import DECISIONS, LINEAGE, Dataset, Variable, stack
from tlfgen.data.limits import check_written
from tlfgen.engine.plan import Schema, filled_names
from tlfgen.engine.registry import ROW
from tlfgen.engine.table import GROUP, SUBJECT, Table
from tlfgen.engine.workspace import Workspace
from tlfgen.errors import DataError, Finding, Place, SpecError, unknown
from tlfgen.spec.dataset import DatasetSpec

SOURCE, SOURCE_ROW = "#source", "#source_row"


@dataclass
class StageResult:
    """What a stage made. lineage, decisions and ledger as in data/dataset.py."""

    datasets: dict[str, Dataset]
    lineage: pl.DataFrame
    decisions: pl.DataFrame
    ledger: pl.DataFrame
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Finished:
    dataset: Dataset
    lineage: pl.DataFrame
    numbers: pl.DataFrame
    findings: tuple[Finding, ...] = ()


def finish(
    table: Table,
    spec: DatasetSpec,
    names: Iterable[str],
    describe: Callable[[str], Variable],
    *,
    label: str,
    keys: tuple[str, ...],
    structure: str,
    class_: str,
    lineage: pl.DataFrame,
) -> Finished:
    """Sort by `order` (else the keys; nulls last, ties by subject, then as they came), number the rows from
    1, check the keys.

    lineage: frame (row, source, source_row) of the rows by their provisional numbers.
    """
    names = [n for n in names if n not in table.entries or table.entries[n].keep]
    variables = tuple(describe(n) for n in names)
    check_written(spec, label, variables, {n: e.at for n, e in table.entries.items()})
    _check_names("keys", keys, spec, names)
    check_made_keys(spec, keys)
    order = list(spec.order or keys)
    _check_names("order", order, spec, [c for c in table.frame.columns if c[0] not in "#:"])
    ties = [SUBJECT] if SUBJECT in table.frame.columns and SUBJECT not in order else []
    by = [*order, *ties]
    frame = _sorted(table, by)
    numbers = frame.select(
        pl.col(ROW).alias("row"), pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("number")
    )
    kept = frame.select(names)
    check_keys(spec.name, kept, keys, spec.at_key("keys"))
    for group, record in enumerate(spec.records, 1):
        if record.keys:
            made = kept.filter(frame[GROUP] == group)
            check_keys(spec.name, made, record.keys, record.at_key("keys"))
    dataset = Dataset(
        spec.name, label, kept, variables, keys, class_, structure,
        unread=_unread(table, frame, names), answered=tuple(n for n in names if n in table.answered),
    )  # fmt: skip
    own = lineage.join(numbers, on="row").select(
        pl.lit(spec.name).cast(LINEAGE["dataset"]).alias("dataset"),
        pl.col("number").alias("row"),
        "source",
        "source_row",
        pl.lit("record").cast(LINEAGE["role"]).alias("role"),
    )
    return Finished(dataset, own, numbers, tuple(_null_keys(table, spec, frame, keys)))


def _sorted(table: Table, by: Sequence[str]) -> pl.DataFrame:
    """Sort a table's rows, nulls last and ties as they came; column by column, so that it never stands in
    memory twice."""
    if by:
        place = table.frame.select(*by).with_row_index("#place")
        order = place.sort(by, nulls_last=True, maintain_order=True)["#place"]
        if not order.is_sorted():
            columns = table.frame.columns
            table.frame = pl.DataFrame([table.frame.drop_in_place(c).gather(order) for c in columns])
    return table.frame


def _unread(table: Table, frame: pl.DataFrame, names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Where a variable is null although a text was collected for it: variable -> positions."""
    found = {}
    for name in names:
        text = table.text_of(name)
        if text is not None and text in frame.columns:
            there = (pl.col(text).str.strip_chars() != "").fill_null(False)
            found[name] = tuple(frame.select(pl.col(name).is_null() & there).to_series().arg_true())
    return {name: at for name, at in found.items() if at}


def _check_names(what: str, names: Iterable[str], spec: DatasetSpec, there: Sequence[str]) -> None:
    """Every variable by which records are known or sorted is the dataset's, and stands once."""
    seen: set[str] = set()
    for name in names:
        if name not in there:
            helpers = frozenset(n for e in spec.variables if not e.keep for n in filled_names(e))
            schema = Schema(spec.name, set(there), helpers=helpers)
            raise schema.missing(name, spec.at_key(what))
        if name in seen:
            raise SpecError(f"{spec.name}: {what} names {name} twice.", place=spec.at_key(what))
        seen.add(name)


def check_made_keys(spec: DatasetSpec, keys: Sequence[str]) -> None:
    """The keys of made records are some of the dataset's."""
    for record in spec.records:
        for name in record.keys:
            if name not in keys:
                raise unknown(f"The key of {spec.name}", name, keys, record.at_key("keys"))


def _null_keys(
    table: Table, spec: DatasetSpec, frame: pl.DataFrame, keys: Sequence[str]
) -> Iterator[Finding]:
    """A record that has no value for one of its keys is an error. Its keys are the dataset's; of a record
    that a rule made those of its entry of `records`, where it says some."""
    groups = pl.lit(None, dtype=pl.Int64) if GROUP not in frame.columns else pl.col(GROUP)
    for key in keys:
        others = [n for n, record in enumerate(spec.records, 1) if record.keys and key not in record.keys]
        asked = ~groups.is_in(others).fill_null(False)
        for record in frame.filter(pl.col(key).is_null() & asked).iter_rows(named=True):
            message = f"the key {key} is null; the keys identify a record"
            at, who = record[ROW], record.get(SUBJECT)
            yield Finding("error", table.stage, spec.name, "keys", message, at, who, key)


def check_keys(name: str, frame: pl.DataFrame, keys: tuple[str, ...], at: Place) -> None:
    """Keys are unique, or the dataset is not built: a join on them would multiply records."""
    if not keys:
        return
    twice = frame.filter(pl.struct(keys).is_duplicated())
    if twice.height:
        first = ", ".join(f"{k}={twice[k][0]}" for k in keys)
        raise DataError(
            f"{name}: {twice.height} records share their keys ({', '.join(keys)}); the first is {first}.",
            path=str(at),
            hint="Correct the keys, or declare the key in the form so that repeats are quarantined.",
        )


def collect(
    workspace: Workspace, finished: dict[str, Finished]
) -> tuple[pl.DataFrame, pl.DataFrame, list[Finding]]:
    """Lineage, decisions and findings of a stage, by final row numbers, in an order of their own: by dataset
    and record, whichever was filled first."""
    final = _Numbers(finished)
    picked = final.of(stack(workspace.sources, LINEAGE), "dataset", "row")
    workspace.sources.clear()
    parts = []
    for name in sorted(finished):
        own = stack([finished[name].lineage, picked.filter(dataset=name)], LINEAGE)
        parts.append(_in_order(final.of(own, "source", "source_row")))
    decisions = final.of(stack(workspace.decisions, DECISIONS), "dataset", "row")
    decisions = decisions.sort("dataset", "row", "variable", maintain_order=True)
    findings = [
        f if f.row is None else replace(f, row=final.number(f.dataset, f.row))
        for f in (*workspace.findings, *(f for done in finished.values() for f in done.findings))
    ]
    return stack(parts, LINEAGE), decisions, gathered(sorted(findings, key=_place_of))


def _in_order(lineage: pl.DataFrame) -> pl.DataFrame:
    """A dataset's lineage by record, each line once: first where the record comes from."""
    words = pl.Enum(sorted({*lineage["role"].unique(), *lineage["source"].unique()}))
    by = ["row", "#n", "role", "source", "source_row"]
    whole = lineage.select(
        "row",
        (pl.col("role") != "record").alias("#n"),
        pl.col("role", "source").cast(words),
        "source_row",
        "dataset",
    ).sort(by)
    again = pl.all_horizontal(pl.col(c).eq_missing(pl.col(c).shift()) for c in by)
    return whole.filter(~again.fill_null(False)).select(pl.col(c).cast(t) for c, t in LINEAGE.items())


class _Numbers:
    """The final number of each record by its dataset and provisional one."""

    def __init__(self, finished: Mapping[str, Finished]) -> None:
        self.start: dict[str, int] = {}
        parts, end = [pl.DataFrame(schema={"row": pl.Int64, "number": pl.Int64})], 0
        for name, done in finished.items():
            if done.numbers.height:
                self.start[name] = end
                parts.append(done.numbers.select(pl.col("row") + end, "number"))
                end += int(done.numbers.select(pl.col("row").max()).item()) + 1
        rows = pl.concat(parts)
        none = pl.Series("number", [None], dtype=pl.Int64).new_from_index(0, end)
        self.numbers = none.scatter(rows["row"], rows["number"])

    def of(self, frame: pl.DataFrame, dataset: str, row: str) -> pl.DataFrame:
        """A frame with final numbers in the column `row`; those of other datasets and of forms stay."""
        start = pl.col(dataset).replace_strict(self.start, default=None, return_dtype=pl.Int64)
        final = self.numbers.gather(frame.select((start + pl.col(row)).cast(pl.UInt32)).to_series())
        return frame.with_columns(pl.coalesce(pl.lit(final), row).alias(row))

    def number(self, dataset: str, row: int) -> int:
        place = self.start[dataset] + row if dataset in self.start else len(self.numbers)
        final = self.numbers[place] if place < len(self.numbers) else None
        return row if final is None else int(final)


def _place_of(finding: Finding) -> tuple[str, bool, int, str]:
    """Where a finding stands among others: by dataset, record and subject, whichever was judged first."""
    return (finding.dataset, finding.row is None, finding.row or 0, finding.subject or "")
