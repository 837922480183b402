"""The files of a form, joined to one table of text with a number for each record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from tlfgen.data.formats import RawTable, read_raw
from tlfgen.engine.registry import ROW
from tlfgen.errors import DataError, Finding, nearest
from tlfgen.raw.fields import Form
from tlfgen.spec.catalog import catalog_of
from tlfgen.spec.characters import plain_text, visible
from tlfgen.spec.specs import inside

MOST_NAMES = 20  # of files or columns in a message


@dataclass(frozen=True)
class Collected:
    """A form as collected.

    text: ROW (from 1, the files in their order) and one text column a field, by the field's name in the spec.
    columns: every column of the files under its own name. file: the file of each record.
    """

    text: pl.DataFrame
    columns: pl.DataFrame
    file: pl.Series
    findings: tuple[Finding, ...]

    @property
    def read(self) -> int:
        return self.text.height


def read_files(form: Form, folder: Path) -> Collected:
    """Read the files of a form.

    A column that is neither declared nor ignored is a warning; a declared one that is missing an error, and
    all its values are null. Raises DataError: a missing file, or a missing column without which the form
    cannot be read (its subject, a key, a required field); and whatever the file's reader cannot read.
    """
    tables = [_read(form, name, folder) for name in form.spec.files]
    findings: list[Finding] = []
    for name, table in zip(form.spec.files, tables, strict=True):
        findings += _notes(form, name, table)
        findings += _missing(form, name, table, folder)
    findings += _undeclared(form, tables)
    frames = [t.frame for t in tables]
    columns = frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal")
    names = [pl.Series("file", [n], dtype=pl.String) for n in form.spec.files]
    file = pl.concat([n.new_from_index(0, f.height) for n, f in zip(names, frames, strict=True)])
    text = columns.select(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW),
        *(_column(f.spec.name, columns).alias(f.column) for f in form.fields),
    )
    return Collected(text, columns, file, tuple(findings))


def _column(name: str, frame: pl.DataFrame) -> pl.Expr:
    return pl.col(name) if name in frame.columns else pl.lit(None, dtype=pl.String)


def _read(form: Form, name: str, folder: Path) -> RawTable:
    path = inside(folder, name, form.spec.at)
    if path.is_file():
        catalog = catalog_of(form.spec, path, folder)
        table = read_raw(path, encoding=form.spec.encoding, sheet=form.spec.sheet, catalog=catalog)
        return _with_plain_names(form, table)
    around = path.parent if path.parent.is_dir() else folder
    there = sorted(p.name for p in around.iterdir() if p.is_file()) if around.is_dir() else []
    near = nearest(path.name, there)
    holds = f"{around} holds {_names(there)}." if there else f"{around} holds no file."
    raise DataError(
        f"Form {form.spec.form}: its file {name} is not there.",
        path=str(path),
        hint=f"Did you mean '{near}'? {holds}" if near else holds,
    )


def _with_plain_names(form: Form, table: RawTable) -> RawTable:
    """Read the names of columns as a reader sees them, but for one that the spec has as it stands."""
    known = {f.spec.name for f in form.fields} | set(form.spec.ignore)
    there = set(table.frame.columns)
    renamed = {c: plain_text(c).strip() for c in table.frame.columns if c not in known}
    renamed = {c: new for c, new in renamed.items() if new != c and new and new not in there}
    notes = [f"The column '{visible(c)}' is read as '{new}'." for c, new in renamed.items()]
    return replace(table, frame=table.frame.rename(renamed), notes=(*table.notes, *notes))


def _notes(form: Form, name: str, table: RawTable) -> list[Finding]:
    notes = [Finding("note", "raw", form.spec.form, "file", f"{name}: {note}") for note in table.notes]
    for doubt in table.doubts:
        notes.append(Finding("warning", "raw", form.spec.form, "file", f"{name}: {doubt}"))
    if not table.frame.height:
        message = f"{name} holds a header and no record"
        notes.append(Finding("warning", "raw", form.spec.form, "file", message))
    return notes


def _missing(form: Form, name: str, table: RawTable, folder: Path) -> list[Finding]:
    there = table.frame.columns
    findings = []
    for field in form.fields:
        if field.spec.name in there:
            continue
        near = nearest(field.spec.name, set(there) - {f.spec.name for f in form.fields})
        near_text = f"Did you mean '{near}'? " if near else ""
        if field.column in form.needed:
            raise DataError(
                f"Form {form.spec.form}: {name} has no column '{field.spec.name}', which the form needs.",
                path=str(inside(folder, name, form.spec.at)),
                hint=f"{near_text}It has {_names(there)}.",
            )
        message = f"{name} has no column '{field.spec.name}'; all its values are null"
        message += f". The nearest is '{near}'" if near else ""
        findings.append(
            Finding("error", "raw", form.spec.form, "missing column", message, field=field.column)
        )
    return findings


def _undeclared(form: Form, tables: Sequence[RawTable]) -> list[Finding]:
    known = {f.spec.name for f in form.fields} | set(form.spec.ignore)
    findings = []
    for column in dict.fromkeys(c for t in tables for c in t.frame.columns if c not in known):
        files = [n for n, t in zip(form.spec.files, tables, strict=True) if column in t.frame.columns]
        message = (
            f"{', '.join(files)} has a column '{column}' that is neither declared nor ignored; it is not used"
        )
        findings.append(Finding("warning", "raw", form.spec.form, "undeclared column", message, field=column))
    return findings


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more
