"""Models of forms/*.yaml and codelists.yaml: what was collected, and what the collected words mean."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from tlfgen.errors import Severity
from tlfgen.spec.characters import plain_text
from tlfgen.spec.condition import Condition, parse_condition
from tlfgen.spec.loader import Entry, FileName, Named

FieldType = Literal["text", "integer", "number", "date", "time", "code"]


def as_list(value: Any) -> Any:
    """Let a single entry stand for a list of one."""
    return value if value is None or isinstance(value, (list, tuple)) else [value]


Texts = Annotated[tuple[str, ...], BeforeValidator(as_list)]
Names = Annotated[tuple[Named, ...], BeforeValidator(as_list)]


class FieldSpec(Entry):
    """One column of a form. `as` renames it at once; every later reference uses that name.

    layouts: how a date or time is written, the form's own first (tokens YYYY, MM, DD, Mon, HH, mm, SS;
    month names in English, any case). partial: a layout that lacks the day or month is a valid partial
    date. min, max: inclusive limits of a number, beyond which a value is impossible. missing: texts that say
    that nothing is there; the form's where it is not given.
    """

    filled = frozenset({"name"})  # the column as it stands in the file

    name: str
    as_: str | None = Field(default=None, alias="as")
    type: FieldType = "text"
    label: str | None = None
    required: bool = False
    pattern: str | None = None
    max_length: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    min: float | None = None
    max: float | None = None
    codelist: str | None = None
    layouts: Texts = ()
    partial: bool = False
    dictionary: str | None = None
    missing: Texts | None = None

    @property
    def column(self) -> str:
        return self.as_ or self.name


class CheckSpec(Entry):
    """A rule across fields: rows where the condition holds are findings.

    voids: fields whose typed value is null on those rows (impossible values); the collected text stays.
    """

    id: str
    where: str
    says: str
    severity: Severity = "error"
    voids: Texts = ()

    @cached_property
    def condition(self) -> Condition:
        return parse_condition(self.where, self.at_key("where"))


class FormSpec(Entry):
    """One raw form. files: relative to the raw folder. key: fields that identify a row; empty for none.

    sheet: of a workbook; the first visible one where it is not given. catalog: the SAS catalogue of formats,
    relative to the raw folder; one beside the file, of its name or `formats`, where it is not given.
    missing: texts of the files that say that nothing is there; the study's where it is not given.
    """

    form: FileName
    label: str
    files: Texts
    encoding: str | None = None
    sheet: str | None = None
    catalog: str | None = None
    subject: str | None = None
    key: Texts = ()
    fields: tuple[FieldSpec, ...]
    ignore: Texts = ()
    missing: Texts | None = None
    checks: tuple[CheckSpec, ...] = ()

    def field(self, column: str) -> FieldSpec | None:
        return next((f for f in self.fields if f.column == column), None)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f.column for f in self.fields)


class TermSpec(Entry):
    """A submission value: its C-code, what it decodes to, and what the forms say for it."""

    code: str | None = None
    decode: str | None = None
    collected: Texts = ()


class CodelistSpec(Entry):
    """code: the CDISC codelist's C-code, where it is one. groups: named sets of values ("related")."""

    code: str | None = None
    label: str | None = None
    terms: dict[str, TermSpec]
    groups: dict[str, Texts] = {}

    @field_validator("terms", mode="before")
    @classmethod
    def _bare_terms(cls, value: Any) -> Any:
        if isinstance(value, list):
            return {str(v): {} for v in value}
        if isinstance(value, dict):
            for key in value:
                value[key] = {} if value[key] is None else value[key]
        return value

    @cached_property
    def lookup(self) -> dict[str, str]:
        """Collected word, case folded -> submission value."""
        found: dict[str, str] = {}
        for value, term in self.terms.items():
            for word in (value, *term.collected):
                found[plain_text(word).casefold()] = value
        return found
