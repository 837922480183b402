"""Checks across fields and forms: rows where a condition holds are findings.

A condition names the form's own fields, `form.DS.DEATHDT` for another form's value of the same subject (it
holds where it holds for any of that subject's rows), `USUBJID`, the subject's parts, and `cutoff`, the data
cut-off. Partial dates compare by what they can mean, so that a finding is certain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from tlfgen.data.dataset import missing_variable
from tlfgen.engine.registry import ROW
from tlfgen.errors import Finding, SpecError, unknown
from tlfgen.raw.forms import TypedForm
from tlfgen.raw.subjects import SUBJECT
from tlfgen.spec.form import CheckSpec, FormSpec
from tlfgen.spec.specs import Specs
from tlfgen.spec.study import StudySpec

CUTOFF = "cutoff"
MOST_PAIRS = 2_000_000  # rows joined at a time to another form's rows of the same subject


def check_forms(forms: Mapping[str, TypedForm], specs: Specs) -> tuple[dict[str, TypedForm], list[Finding]]:
    """Run every check of every form; give the forms, with the values null that a check voids, and the
    findings.

    All checks see the values as they were before any was voided.
    """
    findings: list[Finding] = []
    voided: dict[str, dict[str, list[int]]] = {}
    for name, form in forms.items():
        for check in form.spec.checks:
            found = _rows(form, check, forms, specs.study)
            findings += _findings(form, check, found)
            for column in check.voids:
                voided.setdefault(name, {}).setdefault(column, []).extend(found[ROW])
    checked = {n: _void(f, voided[n]) if n in voided else f for n, f in forms.items()}
    return checked, findings


def check_subjects(forms: Mapping[str, TypedForm], reference: str) -> list[Finding]:
    """An error for each subject of another form that is missing in the form `reference`; its rows stay."""
    known = forms[reference].frame[SUBJECT].unique()
    findings = []
    for name, form in forms.items():
        strange = form.frame.select(SUBJECT, ROW).filter(~pl.col(SUBJECT).is_in(known.implode()))
        counts = strange.group_by(SUBJECT, maintain_order=True).agg(pl.col(ROW).first(), pl.len())
        for subject, row, number in counts.iter_rows():
            rows = "1 row" if number == 1 else f"{number} rows"
            message = f"the subject has {rows} here and none in form {reference}"
            findings.append(Finding("error", "raw", name, "subjects", message, row, subject))
    return findings


def check_checks(form: FormSpec, specs: Specs) -> None:
    """Refuse a check that names a field that does not exist, or an id that stands twice."""
    own = {*form.columns, *specs.study.subject.groups, SUBJECT, CUTOFF}
    seen: set[str] = set()
    for check in form.checks:
        if check.id in seen:
            raise SpecError(f"Form {form.form} has two checks '{check.id}'.", place=check.at)
        seen.add(check.id)
        for column in check.voids:
            if column not in form.columns:
                raise missing_variable(f"Form {form.form}", column, form.columns, check.at)
        for name in check.condition.columns:
            if "." in name:
                _check_foreign(name, check, specs)
            elif name not in own:
                raise missing_variable(f"Form {form.form}", name, own, check.at)


def _check_foreign(name: str, check: CheckSpec, specs: Specs) -> None:
    other, column = _split(name, check)
    if other not in specs.forms:
        raise unknown("The form", other, specs.forms, check.at)
    known = {*specs.forms[other].columns, SUBJECT}
    if column not in known:
        raise missing_variable(f"Form {other}", column, known, check.at)


def _split(name: str, check: CheckSpec) -> tuple[str, str]:
    parts = name.split(".")
    if len(parts) != 3 or parts[0] != "form":
        hint = "A form's check names its own fields, and other forms' as form.DS.DEATHDT."
        raise SpecError(f"'{name}' is no field of a form.", place=check.at, hint=hint)
    return parts[1], parts[2]


def _rows(
    form: TypedForm, check: CheckSpec, forms: Mapping[str, TypedForm], study: StudySpec
) -> pl.DataFrame:
    """The rows where a check holds: USUBJID, ROW and the values of its columns, those of the first match."""
    names = check.condition.columns
    own = form.frame.select(SUBJECT, ROW, *(c for c in names if c in form.frame.columns and c != SUBJECT))
    if CUTOFF in names and CUTOFF not in own.columns:
        own = own.with_columns(pl.lit(study.cutoff).alias(CUTOFF))
    others = [
        _other(name, names, forms, check)
        for name in dict.fromkeys(n.rpartition(".")[0] for n in names if "." in n)
    ]
    dates = {n: "partial" for n in names if _is_date(n, form, forms, check)}
    fan_out = 1
    for other in others:
        fan_out *= -(-other.height // max(1, other[SUBJECT].n_unique()))
    step = max(1, MOST_PAIRS // max(1, fan_out))
    found = [_holding(own.slice(at, step), others, check, dates) for at in range(0, own.height, step)]
    return pl.concat(found) if found else own


def _holding(
    rows: pl.DataFrame, others: list[pl.DataFrame], check: CheckSpec, dates: Mapping[str, str]
) -> pl.DataFrame:
    for other in others:
        rows = rows.join(other, on=SUBJECT, how="left", maintain_order="left_right")
    holds = check.condition.rows(rows, dates)
    found = rows.filter(holds)
    return found.unique(ROW, keep="first", maintain_order=True) if others else found


def _other(
    table: str, names: tuple[str, ...], forms: Mapping[str, TypedForm], check: CheckSpec
) -> pl.DataFrame:
    columns = [n.rpartition(".")[2] for n in names if n.startswith(f"{table}.")]
    frame = forms[_split(f"{table}.x", check)[0]].frame
    chosen = frame.select(SUBJECT, *(pl.col(c).alias(f"{table}.{c}") for c in columns))
    return chosen.unique(maintain_order=True)


def _is_date(name: str, form: TypedForm, forms: Mapping[str, TypedForm], check: CheckSpec) -> bool:
    if "." in name:
        other, name = _split(name, check)
        form = forms[other]
    field = form.spec.field(name)
    return field is not None and field.type == "date"


def _findings(form: TypedForm, check: CheckSpec, found: pl.DataFrame) -> list[Finding]:
    if not found.height:
        return []
    names = sorted(check.condition.columns, key=check.where.find)
    own = [n for n in names if n in form.collected.columns and n != ROW]
    field = next((v for v in (*check.voids, *own)), None)
    kept = " and ".join(check.voids)
    ending = f"; {kept} kept as collected, the value is null" if kept else ""
    values = form.collected.select(ROW, *([pl.col(field).alias("#value")] if field else []))
    rows = found.join(values, on=ROW, how="left", maintain_order="left")
    findings = []
    for row in rows.iter_rows(named=True):
        said = ", ".join(f"{n} {'blank' if row[n] is None else row[n]}" for n in names if n in row)
        message = f"{check.says} ({said}){ending}"
        rule, value = f"check {check.id}", row.get("#value")
        findings.append(
            Finding(
                check.severity, "raw", form.spec.form, rule, message, row[ROW], row[SUBJECT], field, value
            )
        )
    return findings


def _void(form: TypedForm, voided: Mapping[str, list[int]]) -> TypedForm:
    columns = [
        pl.when(pl.col(ROW).is_in(rows)).then(None).otherwise(pl.col(c)).alias(c)
        for c, rows in voided.items()
    ]
    return replace(form, frame=form.frame.with_columns(columns))
