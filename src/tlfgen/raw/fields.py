"""A form spec compiled: one reading a field, for columns and for pydantic, and what a spec can get wrong.

The columnar reading types every row; the pydantic model, made of the same fields, runs on the rows that fail,
and its messages become findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError, create_model
from pydantic import Field as ModelField

from tlfgen.engine.registry import ROW
from tlfgen.errors import SpecError, unknown
from tlfgen.raw.dates import Dated, dated, plausible_years
from tlfgen.raw.subjects import SUBJECT, Subjects, compile_subjects
from tlfgen.raw.types import BLANKS, Code, DecimalNumber, FreeText, Scalar, WholeNumber, refused, trimmed
from tlfgen.spec.form import CodelistSpec, FieldSpec, FormSpec
from tlfgen.spec.pattern import whole_pattern
from tlfgen.spec.study import StudySpec


@dataclass(frozen=True)
class Field:
    """A field of a form with the type of its values and the limits that its spec sets.

    missing: the texts that say that nothing is there.
    """

    spec: FieldSpec
    kind: Scalar
    missing: tuple[str, ...] = ()

    @property
    def column(self) -> str:
        return self.spec.column

    def judge(self, text: Any) -> Any:
        """Type one text, None where it is blank. Raises PydanticCustomError by the first rule broken.

        A pattern and a length are rules about how a value is written: they flag it and never take it away
        (`remarks.form_remarks`).
        """
        value = None if text is None else self.kind.read(text)
        if value is None:
            if self.spec.required:
                raise refused("required", "required")
            return None
        low, high = self.spec.min, self.spec.max
        if (low is not None and float(value) < low) or (high is not None and float(value) > high):
            raise refused("range", f"is outside {_range(low, high)}")
        return value

    def typed(self, text: pl.Series) -> pl.Series:
        """Type a column: null where a text is blank or breaks a rule."""
        value = self.kind.column(text)
        breaks = []
        if self.spec.min is not None:
            breaks.append(value.cast(pl.Float64) < self.spec.min)
        if self.spec.max is not None:
            breaks.append(value.cast(pl.Float64) > self.spec.max)
        for broken in breaks:
            value = value.set(broken.fill_null(False), None)
        return value

    def failing(self, text: pl.Series, value: pl.Series) -> pl.Series:
        """Mark the rows that `judge` refuses, given what `typed` made of them."""
        if self.spec.required:
            return value.is_null()
        lost = value.is_null() & text.is_not_null()
        at = lost.arg_true()
        if len(at):
            lost = lost.scatter(at, trimmed(text.gather(at)).is_not_null())
        return lost


@dataclass(frozen=True)
class Form:
    """A compiled form. unique: the fields of its key."""

    spec: FormSpec
    fields: tuple[Field, ...]
    subjects: Subjects

    def field(self, column: str) -> Field:
        return next(f for f in self.fields if f.column == column)

    @cached_property
    def unique(self) -> tuple[Field, ...]:
        return tuple(self.field(k) for k in self.spec.key)

    @cached_property
    def needed(self) -> frozenset[str]:
        """The columns without which the form cannot be read: subject, key and required fields."""
        required = {f.column for f in self.fields if f.spec.required}
        return frozenset({self.subjects.column, *self.spec.key, *required})

    @cached_property
    def model(self) -> type[BaseModel]:
        """The form as a pydantic model of one row, by the names of its columns."""
        members: dict[str, Any] = {
            # Named by number: a column's own name may be one that pydantic keeps for itself.
            f"field_{n}": (Annotated[Any, PlainValidator(f.judge)], ModelField(alias=f.column))
            for n, f in enumerate(self.fields)
        }
        return create_model(self.spec.form, __config__=ConfigDict(frozen=True, extra="ignore"), **members)

    def problems(self, row: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """What is wrong with a row: column, rule, words."""
        try:
            self.model.model_validate(row)
        except ValidationError as error:
            return [
                (str(e["loc"][0]), e["type"], e["msg"])
                for e in error.errors(include_url=False, include_context=False, include_input=False)
            ]
        return []


def compile_form(form: FormSpec, study: StudySpec, codelists: Mapping[str, CodelistSpec]) -> Form:
    """Compile a form; everything that its spec can get wrong is a SpecError here, before data is read."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", form.form):
        hint = "Conditions name it (form.AE.AETERM), so it is letters, digits and _."
        raise SpecError(f"'{form.form}' cannot be the name of a form.", place=form.at, hint=hint)
    if not form.files:
        raise SpecError(f"Form {form.form} names no file.", place=form.at, hint="files: [ae.csv]")
    if len(set(form.files)) < len(form.files):
        hint = "Its records would count twice."
        raise SpecError(f"Form {form.form} names a file twice.", place=form.at, hint=hint)
    _check_columns(form)
    if form.subject is None and study.subject.from_ not in form.columns:
        hint = "Declare it, or name the form's own with subject:."
        raise unknown("The subject's field", study.subject.from_, form.columns, form.at, more=hint)
    for name, what in [*((k, "key") for k in form.key), *((s, "subject") for s in [form.subject] if s)]:
        if name not in form.columns:
            raise unknown(f"Form {form.form}: the {what} field", name, form.columns, form.at)
    years = plausible_years(study.cutoff)
    fields = tuple(_field(f, form, study, codelists, years) for f in form.fields)
    for f in fields:
        _check_limits(f.spec, study)
    return Form(form, fields, compile_subjects(form.subject or study.subject.from_, study.subject))


def _field(
    field: FieldSpec,
    form: FormSpec,
    study: StudySpec,
    codelists: Mapping[str, CodelistSpec],
    years: tuple[int, int],
) -> Field:
    kind = _kind(field, codelists, years)
    if field.missing is not None:
        return Field(field, kind, field.missing)
    of_form = study.missing if form.missing is None else form.missing
    # A word of the field's own codelist is a value, unless the field itself says otherwise.
    words = kind.codelist.lookup if isinstance(kind, Code) else {}
    return Field(field, kind, tuple(t for t in of_form if t.casefold() not in words))


def _check_columns(form: FormSpec) -> None:
    seen: set[str] = set()
    for f in form.fields:
        if f.column in (SUBJECT, ROW) or not f.column.isidentifier():
            why = "is made by tlfgen" if f.column in (SUBJECT, ROW) else "cannot stand in a condition"
            hint = "Give the field another name with as: (letters, digits and _)."
            raise SpecError(f"The name '{f.column}' {why}.", place=f.at, hint=hint)
        if f.column in seen:
            raise SpecError(
                f"Form {form.form} has two fields '{f.column}'.", place=f.at, hint="Rename one with as:."
            )
        if f.name in form.ignore:
            raise SpecError(f"The column '{f.name}' is declared and ignored.", place=f.at)
        seen.add(f.column)


def _kind(field: FieldSpec, codelists: Mapping[str, CodelistSpec], years: tuple[int, int]) -> Scalar:
    if field.codelist is not None and field.type != "code":
        hint = "Say type: code."
        raise SpecError(f"{field.column} has a codelist, but is {field.type}.", place=field.at, hint=hint)
    if (field.layouts or field.partial) and field.type not in ("date", "time"):
        raise SpecError(
            f"{field.column} has layouts, but is {field.type}.", place=field.at, hint="Say type: date."
        )
    if field.type == "code":
        if field.codelist is None:
            raise SpecError(f"{field.column} is a code without codelist:.", place=field.at)
        if field.codelist not in codelists:
            raise unknown("The codelist", field.codelist, codelists, field.at)
        codelist = codelists[field.codelist]
        _check_words(field.codelist, codelist)
        return Code(field.codelist, codelist)
    if field.type in ("date", "time"):
        kind: Literal["date", "time"] = "date" if field.type == "date" else "time"
        return dated(kind, field.layouts, field.at, years=years)
    return {"integer": WholeNumber, "number": DecimalNumber}.get(field.type, FreeText)()


def _check_words(name: str, codelist: CodelistSpec) -> None:
    means: dict[str, str] = {}
    for value, term in codelist.terms.items():
        for word in (value, *term.collected):
            other = means.setdefault(word.strip(BLANKS).casefold(), value)
            if other != value:
                says = f"In the codelist {name}, '{word}' means both {other} and {value}."
                raise SpecError(says, place=codelist.at, hint="A word stands for one value.")


def _check_limits(field: FieldSpec, study: StudySpec) -> None:
    allowed = {"max_length": ("text",), "min": ("integer", "number"), "max": ("integer", "number")}
    for limit, types in allowed.items():
        if getattr(field, limit) is not None and field.type not in types:
            raise SpecError(f"{field.column} has {limit}, but is {field.type}.", place=field.at)
    if field.pattern is not None:
        whole_pattern(field.pattern, field.at)
    if field.dictionary is not None and field.dictionary not in study.dictionaries:
        raise unknown("The dictionary", field.dictionary, study.dictionaries, field.at)


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"the range of at least {low:g}" if high is None else f"the range of at most {high:g}"
    return f"the range {low:g} to {high:g}"


def dated_fields(fields: Iterable[Field]) -> list[tuple[Field, Dated]]:
    """The fields that hold dates or times, with their type."""
    return [(f, f.kind) for f in fields if isinstance(f.kind, Dated)]
