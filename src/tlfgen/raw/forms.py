"""A form as collected to typed records: what is set aside, what is null, and a finding for each.

Set aside (quarantined) is a record that is blank, whose subject cannot be read, whose required key field is
blank, or that repeats the key of an earlier one. Nothing else removes a record: a value that breaks a rule is
null in `frame` and stands as collected in `collected`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from tlfgen.data.alike import gathered, said_rows
from tlfgen.engine.registry import ROW
from tlfgen.errors import Finding
from tlfgen.raw.as_seen import as_seen, remark_findings
from tlfgen.raw.fields import Form, compile_form
from tlfgen.raw.files import Collected, read_files
from tlfgen.raw.remarks import date_remarks, form_remarks, repeated_rows, value_problems
from tlfgen.raw.set_aside import BLANK_RECORD, KIND, REASON, RULE, set_aside
from tlfgen.raw.subjects import SUBJECT
from tlfgen.raw.types import FreeText
from tlfgen.spec.form import CodelistSpec, FormSpec
from tlfgen.spec.study import StudySpec


@dataclass(frozen=True)
class TypedForm:
    """A form's accepted records, typed, and those that were set aside.

    frame: USUBJID, ROW, the parts of the subject and one column a field: text, whole numbers, numbers,
      submission values of codes, ISO 8601 text of dates (as precise as collected) and of times. collected:
      ROW and the collected text of the same records, by the same names. quarantined: ROW, file, kind, reason
      and every column of the files as text. read: the number of records collected.
    """

    spec: FormSpec
    frame: pl.DataFrame
    collected: pl.DataFrame
    quarantined: pl.DataFrame
    read: int
    findings: tuple[Finding, ...]


def read_form(
    form: FormSpec, study: StudySpec, codelists: Mapping[str, CodelistSpec], folder: Path
) -> TypedForm:
    """Read a form's files, type every record, and say what is wrong.

    Raises SpecError for a spec that cannot be carried out and DataError for files that cannot be read.
    """
    return type_form(compile_form(form, study, codelists), folder)


def type_form(form: Form, folder: Path) -> TypedForm:
    """Read a compiled form; see `read_form`."""
    found = read_files(form, folder)
    text, remarks = as_seen(form, found.text)
    found = replace(found, text=text)
    frame = _typed(form, text)
    aside = set_aside(form, found, frame)
    quarantined = _quarantined(found, aside)
    findings = [*found.findings, *remark_findings(form, frame, remarks)]
    if aside.height:
        findings += _aside_findings(form, frame, aside)
        accepted = pl.Series([True]).new_from_index(0, frame.height).scatter(aside["index"], False)
        frame, text = frame.filter(accepted), text.filter(accepted)
    about = value_problems(form, text, frame) + form_remarks(form, text, frame)
    about += date_remarks(form, text, frame)
    about += repeated_rows(form, text, frame)
    about = sorted(gathered(about), key=lambda f: f.row or 0)
    return TypedForm(form.spec, frame, text, quarantined, found.read, (*findings, *about))


def no_records(form: Form) -> TypedForm:
    """A form of which no record is collected yet."""
    text = pl.DataFrame(schema={c: pl.String for c in form.spec.columns} | {ROW: pl.Int64})
    return TypedForm(form.spec, _typed(form, text), text, text.clear(), 0, ())


def _typed(form: Form, text: pl.DataFrame) -> pl.DataFrame:
    number = form.subjects.column
    who = form.subjects.columns(text[number])
    typed = {f.column: f.typed(text[f.column]) for f in form.fields}
    if isinstance(form.field(number).kind, FreeText):
        # Without blanks, as USUBJID was made; null where the field's own rules refuse it.
        typed[number] = who[number].set(typed[number].is_null(), None)
    parts = [who[p] for p in form.subjects.parts if p not in typed]
    return pl.DataFrame([who[SUBJECT], text[ROW], *parts, *typed.values()])


def _quarantined(found: Collected, aside: pl.DataFrame) -> pl.DataFrame:
    index = aside["index"]
    own = pl.DataFrame([found.text[ROW].gather(index), found.file.gather(index), aside[KIND], aside[REASON]])
    clashes = {c: f"{c} (collected)" for c in found.columns.columns if c in own.columns}
    return own.hstack(found.columns[index.to_list()].rename(clashes))


def _aside_findings(form: Form, frame: pl.DataFrame, aside: pl.DataFrame) -> list[Finding]:
    subjects, rows = frame[SUBJECT].gather(aside["index"]), frame[ROW].gather(aside["index"])
    blank = rows.filter(aside[KIND] == BLANK_RECORD).to_list()
    found = []
    if blank:
        says = "the record is blank" if len(blank) == 1 else f"{len(blank)} records are blank"
        says += f" ({said_rows(blank)}); set aside"
        found.append(Finding("error", "raw", form.spec.form, "record", says, blank[0]))
    found += [
        Finding(
            "error",
            "raw",
            form.spec.form,
            rule,
            f"{says}; the record is set aside",
            row,
            subject,
            field,
            value,
        )
        for rule, says, field, value, subject, row in zip(
            aside[RULE], aside[REASON], aside["field"], aside["value"], subjects, rows, strict=True
        )
        if rule != "record"
    ]
    return gathered(found)
