"""Findings about accepted records: values that break a rule, remarkable dates, repeated records."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.registry import ROW
from tlfgen.errors import Finding, Severity, TlfgenError
from tlfgen.raw.dates import Dated
from tlfgen.raw.fields import Field, Form, dated_fields
from tlfgen.raw.subjects import SUBJECT
from tlfgen.raw.types import BLANKS
from tlfgen.spec.pattern import whole_pattern

MOST_SHOWN = 80  # characters of a value in a message; the finding holds it whole


def shown(text: str) -> str:
    """A value as messages quote it."""
    return f"'{text}'" if len(text) <= MOST_SHOWN else f"'{text[:MOST_SHOWN]}...'"


def value_problems(form: Form, text: pl.DataFrame, frame: pl.DataFrame) -> list[Finding]:
    """One error for each value that breaks a rule: the columns say which rows fail, pydantic says why."""
    marks = [f.failing(text[f.column], frame[f.column]) for f in form.fields]
    failing = pl.DataFrame([m.alias(f.column) for m, f in zip(marks, form.fields, strict=True)])
    failing = failing.select(c for c in failing.columns if failing[c].any())
    if not failing.width:
        return []
    mask = failing.select(pl.any_horizontal(pl.all())).to_series()
    expected = sum(int(failing[c].sum()) for c in failing.columns)
    findings = []
    subjects = frame[SUBJECT].filter(mask)
    for subject, row in zip(subjects, text.filter(mask).iter_rows(named=True), strict=True):
        for column, rule, says in form.problems(row):
            value = row[column]
            message = "blank, but required" if rule == "required" else _message(value, says)
            finding = Finding("error", "raw", form.spec.form, rule, message, row[ROW], subject, column, value)
            findings.append(finding)
    if len(findings) != expected:
        raise TlfgenError(
            f"Form {form.spec.form}: {expected} values fail, but {len(findings)} of them are explained.",
            hint="The two readings of a value disagree: this is a fault of tlfgen, please report it.",
        )
    return findings


def _message(value: str, says: str) -> str:
    return f"{shown(value)} {says}; kept as collected, the value is null"


def form_remarks(form: Form, text: pl.DataFrame, frame: pl.DataFrame) -> list[Finding]:
    """One error for each value longer than `max_length` or unlike its `pattern`; the value stays."""
    findings = []
    for field in form.fields:
        column, spec = text[field.column], field.spec
        marks: list[tuple[str, pl.Series, str]] = []
        if spec.max_length is not None:
            long = frame[field.column].str.len_chars() > spec.max_length
            marks.append(("length", long, f"more than {spec.max_length} characters"))
        if spec.pattern is not None:
            unfit = ~column.str.strip_chars(BLANKS).str.contains(whole_pattern(spec.pattern))
            unfit &= frame[field.column].is_not_null()
            marks.append(("pattern", unfit, f"does not fit the pattern {spec.pattern}"))
        for rule, mark, says in marks:
            at = mark.fill_null(False)
            rows = zip(text[ROW].filter(at), frame[SUBJECT].filter(at), column.filter(at), strict=True)
            for row, subject, value in rows:
                has = f"has {len(value.rstrip(BLANKS))}, {says}" if rule == "length" else says
                message = f"{shown(value)} {has}; the value is kept"
                findings.append(
                    Finding("error", "raw", form.spec.form, rule, message, row, subject, field.column, value)
                )
    return findings


def date_remarks(form: Form, text: pl.DataFrame, frame: pl.DataFrame) -> list[Finding]:
    """Partial dates and dates in another layout than the form's own.

    First case that applies to a value:
      1. the form's own (first declared) layout                      nothing
      2. a partial date, where the field says `partial: true`        note
      3. a partial date elsewhere                                    warning
      4. another declared layout, or ISO 8601                        note
    """
    findings = []
    for field, kind in dated_fields(form.fields):
        column = text[field.column]
        remarks = _remarks(field, kind, column.filter(frame[field.column].is_not_null()))
        if not remarks:
            continue
        at = column.is_in(list(remarks)).fill_null(False)
        rows = zip(text[ROW].filter(at), frame[SUBJECT].filter(at), column.filter(at), strict=True)
        for row, subject, value in rows:
            severity, rule, says = remarks[value]
            findings.append(
                Finding(severity, "raw", form.spec.form, rule, says, row, subject, field.column, value)
            )
    return findings


def _remarks(field: Field, kind: Dated, text: pl.Series) -> dict[str, tuple[Severity, str, str]]:
    """Severity, rule and message by the text of each value that calls for one."""
    distinct = text.unique(maintain_order=True).alias("t").to_frame()
    own = [way.expr(pl.col("t")) for way in kind.ways[: kind.usual]]
    remarkable = distinct.filter(pl.coalesce(own).is_null())["t"]
    remarks: dict[str, tuple[Severity, str, str]] = {}
    for value in remarkable:
        bare = value.strip(BLANKS)
        way = kind.way(bare)
        if way is None or way in kind.ways[: kind.usual]:
            continue  # the form's own, with blanks around it
        read = way.read(bare)
        if kind.kind == "date" and not way.complete:
            month = bool(way.tokens & {"MM", "Mon"})
            lacks = "day" if month else "month" if "DD" in way.tokens else "month and day"
            severity: Severity = "note" if field.spec.partial else "warning"
            declared = "" if field.spec.partial else ", where the form expects a whole date"
            remarks[value] = (
                severity,
                "partial date",
                f"{shown(value)} has no {lacks}{declared}; kept as {read}",
            )
        else:
            says = f"{shown(value)} is written as {way.text}, not as {kind.ways[0].text}; read as {read}"
            remarks[value] = ("note", "layout", says)
    return remarks


def repeated_rows(form: Form, text: pl.DataFrame, frame: pl.DataFrame) -> list[Finding]:
    """A warning for each record that equals an earlier one in every declared field."""
    columns = [f.column for f in form.fields]
    # Hashes only choose whom to compare: equal records have equal hashes.
    candidates = text.select(columns).hash_rows().is_duplicated()
    if not candidates.any():
        return []
    some = text.with_columns(frame[SUBJECT]).filter(candidates)
    again = some.with_columns(pl.col(ROW).first().over(columns).alias("#first")).filter(
        pl.col(ROW) != pl.col("#first")
    )
    return [
        Finding(
            "warning", "raw", form.spec.form, "duplicate",
            f"equal to row {first} in every declared field; both are kept", row, subject,
        )
        for row, subject, first in again.select(ROW, SUBJECT, "#first").iter_rows()
    ]  # fmt: skip
