"""Subjects in partitions: a stage's tables are filled for each partition apart and joined as the whole gives
them, so that memory is bounded and subjects can be spread over machines.

A partition's size is fixed and never depends on how many work at once. A record's identity while tables are
filled is its subject and its number within subject and dataset: joined records are renumbered, and whoever
names them (lineage, decisions, findings) with them. Records of no subject (trial design, relations of
datasets) are the study's: every partition makes the same ones, and they are taken once. A stage with a rule
of scope "study" that gives values of subjects is filled as one, and so is one that reads a dataset with
records of subjects and others of none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from tlfgen.data.dataset import DECISIONS, LINEAGE, stack
from tlfgen.engine.registry import ROW, find_rule
from tlfgen.engine.table import BEHIND, SUBJECT, Table
from tlfgen.engine.workspace import Workspace
from tlfgen.errors import LedgerError
from tlfgen.spec.dataset import DatasetSpec

SUBJECTS = 800  # of a partition


@dataclass
class Filled:
    """A stage's tables with every variable filled. lineage: dataset -> (row, source, source_row) of its rows.
    left: what each dataset left out of its source, and why."""

    workspace: Workspace
    lineage: dict[str, pl.DataFrame] = field(default_factory=dict)
    left: list[dict[str, object]] = field(default_factory=list)


def fill_partitions(
    frames: Iterable[pl.DataFrame],
    specs: Mapping[str, DatasetSpec],
    fill: Callable[[pl.Series | None], Filled],
    size: int,
) -> Filled:
    """Fill the tables of each partition of the subjects in these frames, and join them.

    fill: given the partition's subjects; None where one partition holds all of them.
    """
    named = [f[SUBJECT].unique() for f in frames if SUBJECT in f.columns]
    everyone = pl.concat(named).drop_nulls().unique().sort() if named else pl.Series(dtype=pl.String)
    mixed = any(n.null_count() and n.len() > 1 for n in named)
    if everyone.len() <= size or mixed:
        return fill(None)
    parts: list[Filled] = []
    for start in range(0, everyone.len(), size):
        parts.append(fill(everyone.slice(start, size)))
        if start == 0 and any(_looks_beyond(s, parts[0].workspace.tables[n]) for n, s in specs.items()):
            return fill(None)
        _trim(parts[-1], specs)
    return _joined(parts, specs)


def _looks_beyond(spec: DatasetSpec, table: Table) -> bool:
    """Whether a rule of scope "study" gives values or records of subjects: it is to see all of them."""
    rules = [find_rule(v.derive, v.at) for v in spec.variables if v.derive is not None]
    makers = [find_rule(r.derive, r.at, makes_records=True) for r in spec.records]
    makers = [] if _of_no_subject(table) else makers
    return any(rule.scope == "study" for rule in (*rules, *makers))


def belong(frame: pl.DataFrame, subjects: pl.Series) -> pl.Series:
    """Mark the records of these subjects, and those of no subject."""
    if SUBJECT not in frame.columns:
        return pl.Series([True]).new_from_index(0, frame.height)
    return frame.select(pl.col(SUBJECT).is_in(subjects.implode()) | pl.col(SUBJECT).is_null()).to_series()


def _trim(part: Filled, specs: Mapping[str, DatasetSpec]) -> None:
    """Keep of a partition what finishing its datasets needs, and no more."""
    work = part.workspace
    work.sources[:] = [stack(work.sources, LINEAGE)]
    work.decisions[:] = [stack(work.decisions, DECISIONS)]
    for name in [n for n in work.tables if n not in specs]:
        del work.tables[name]
    for name, table in work.tables.items():
        texts = {t for n in (*table.entries, *table.frame.columns) if (t := table.text_of(n))}
        needed = {ROW, SUBJECT, *texts, *specs[name].order}
        kept = [c for c in table.frame.columns if c in needed or not (c[0] == ":" or "." in c)]
        table.frame = table.frame.select(c for c in kept if c in needed or not c.startswith(BEHIND))


def _joined(parts: Sequence[Filled], specs: Mapping[str, DatasetSpec]) -> Filled:
    """Partitions below each other; row numbers of a later one begin after those of the one before."""
    first = parts[0]
    shared = {n for n in specs if _of_no_subject(first.workspace.tables[n])}
    after = dict.fromkeys(specs, 0)
    numbered = [first]
    for before, part in zip(parts, parts[1:], strict=False):
        height = {n: t.frame.height for n, t in before.workspace.tables.items()}
        after = {n: rows + (0 if n in shared else height[n]) for n, rows in after.items()}
        again = {n: _repeated(n, first.workspace, part.workspace) for n in specs}
        numbered.append(_numbered(part, again, after))
    whole = first.workspace
    for name, table in whole.tables.items():
        others = [p.workspace.tables[name] for p in numbered]
        table.frame = pl.concat([t.frame for t in others], how="diagonal_relaxed")
        for other in others:
            table.collected |= other.collected
            table.partial |= other.partial
            table.flags |= other.flags
            table.answered |= other.answered
    for part in numbered[1:]:
        whole.sources += part.workspace.sources
        whole.decisions += part.workspace.decisions
        whole.findings += part.workspace.findings
        for name, readers in part.workspace.consulted.items():
            whole.consulted.setdefault(name, set()).update(readers)
    lineage = {n: pl.concat([p.lineage[n] for p in numbered]) for n in specs}
    return Filled(whole, lineage, _left([p.left for p in numbered]))


def _of_no_subject(table: Table) -> bool:
    """Whether no record of a table is of a subject: it is the study's."""
    if SUBJECT not in table.frame.columns:
        return True
    return table.frame.height > 0 and table.frame[SUBJECT].null_count() == table.frame.height


def _repeated(name: str, first: Workspace, work: Workspace) -> pl.Series:
    """The numbers of a partition's records of no subject, which the first partition gave; a LedgerError
    where it gave others."""
    own, known = (_study_rows(w.tables[name].frame) for w in (work, first))
    if not own.drop(ROW).equals(known.drop(ROW)):
        raise LedgerError(
            f"{name}: its records of no subject differ with the subjects that are read.",
            hint='A rule that reads all subjects at once is registered with scope="study".',
        )
    return own[ROW]


def _study_rows(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col(SUBJECT).is_null()) if SUBJECT in frame.columns else frame


def _numbered(part: Filled, again: Mapping[str, pl.Series], after: Mapping[str, int]) -> Filled:
    """A partition without the study's records, its others numbered on from `after`."""
    work = part.workspace
    for name, table in work.tables.items():
        table.frame = table.frame.filter(~pl.col(ROW).is_in(again[name].implode()))
        table.frame = table.frame.with_columns(pl.col(ROW) + after[name])
    for name, rows in part.lineage.items():
        kept = rows.filter(~pl.col("row").is_in(again[name].implode()))
        part.lineage[name] = _later(kept.with_columns(pl.col("row") + after[name]), "source", after)
    twice = pl.concat(
        [pl.DataFrame({"dataset": n, "row": r}, schema=_ROWS) for n, r in again.items()]
        or [pl.DataFrame(schema=_ROWS)]
    )
    for told in (work.sources, work.decisions):
        own = [_without(f, twice) for f in told]
        told[:] = [_later(f, "dataset", after) for f in own]
    work.sources[:] = [_later(f, "source", after) for f in work.sources]
    work.findings[:] = [
        f if f.row is None else replace(f, row=f.row + after.get(f.dataset, 0)) for f in work.findings
    ]
    return part


def _without(frame: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """A frame without its lines of these rows of datasets."""
    if rows.is_empty():
        return frame
    rows = rows.with_columns(pl.col("dataset").cast(frame.schema["dataset"]))
    return frame.join(rows, on=["dataset", "row"], how="anti", maintain_order="left")


_ROWS = {"dataset": pl.String, "row": pl.Int64}
_NUMBER = {"dataset": "row", "source": "source_row"}


def _later(frame: pl.DataFrame, owner: str, after: Mapping[str, int]) -> pl.DataFrame:
    """Row numbers of the datasets in `owner`, numbered on; those of forms and source datasets stay."""
    number = _NUMBER[owner]
    more = pl.col(owner).replace_strict(after, default=0, return_dtype=pl.Int64)
    return frame.with_columns(pl.col(number) + more)


def _left(parts: Iterable[list[dict[str, object]]]) -> list[dict[str, object]]:
    """What was left out of each source for each reason, added up over the partitions."""
    whole: dict[tuple[object, ...], dict[str, object]] = {}
    for line in (line for part in parts for line in part):
        key = (line["dataset"], line["source"], line["reason"])
        if key in whole:
            for count in ("left_out", "read"):
                line = line | {count: int(str(line[count])) + int(str(whole[key][count]))}
        whole[key] = line
    return list(whole.values())
