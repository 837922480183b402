"""Models of sdtm/*.yaml and adam/*.yaml: how records are made and what fills each variable."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, SkipValidation, model_validator

from tlfgen.errors import SpecError
from tlfgen.spec.condition import Condition, parse_condition
from tlfgen.spec.expression import Expression, parse_expression
from tlfgen.spec.form import Names, Texts
from tlfgen.spec.loader import (
    Decimals,
    Entry,
    FileName,
    Mapping_,
    Named,
    Number,
    split_params,
    without_params,
)

VariableType = Literal["text", "integer", "float", "date", "datetime"]


class _Conditional(Entry):
    where: str | None = None

    @cached_property
    def condition(self) -> Condition | None:
        return parse_condition(self.where, self.at_key("where")) if self.where else None


class CaseSpec(_Conditional):
    """value, text or from where the condition holds; without a condition: in every other case."""

    filled = frozenset({"text"})

    value: str | None = None
    text: str | None = None
    from_: str | None = Field(default=None, alias="from")


class DerivedEntry(Entry):
    """An entry that names a registered derivation; every key it does not know is a parameter of that
    derivation."""

    params: Annotated[dict[str, Any], SkipValidation] = {}  # as read: its keys know their lines

    @model_validator(mode="before")
    @classmethod
    def _split_params(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "derive" not in data:
            return without_params(data)
        return split_params(data, cls.own_keys())

    @classmethod
    def own_keys(cls) -> frozenset[str]:
        return frozenset({"derive"})


class VariableSpec(DerivedEntry):
    """What fills one variable; exactly one of:

    from       a field of the form, a variable in hand, or another dataset's by subject (`ADSL.TRTSDT`)
    value      a constant
    text       a text joined of variables, `{BNRIND} to {ANRIND}`
    compute    an expression, `(SYSBP + 2 * DIABP) / 3` (spec/expression.py)
    date       a collected date, with `time:` a collected time
    cases      the first case that applies
    derive     a registered derivation with its parameters
    sets       flags of study.yaml's analysis sets, with the reasons for exclusion (ADSL)

    where: fill only rows that meet it. codelist: translate the words by codelists.yaml. dictionary, take:
    look the value up and take that column. supp: write it to SUPP--. label, type, origin override the
    standard's. on_made: how a record that a rule of `records` makes gets the variable (ADaM): copied of the
    records that it is made of, by this entry, or null. keep: false for a variable that only others read: it
    is computed, and stands in no finished dataset."""

    filled = frozenset({"text"})

    name: str = ""
    label: str | None = None
    type: VariableType | None = None
    origin: str | None = None
    supp: bool = False
    from_: str | None = Field(default=None, alias="from")
    value: str | None = None
    text: str | None = None
    compute: str | None = None
    date: str | None = None
    time: str | None = None
    cases: tuple[CaseSpec, ...] = ()
    derive: str | None = None
    sets: Texts = ()
    where: str | None = None
    codelist: str | None = None
    dictionary: str | None = None
    take: str | None = None
    on_made: Literal["copy", "entry", "null"] | None = None
    keep: bool = True

    @classmethod
    def own_keys(cls) -> frozenset[str]:
        return frozenset({"name", "label", "type", "origin", "supp", "derive", "on_made", "keep"})

    @cached_property
    def condition(self) -> Condition | None:
        return parse_condition(self.where, self.at_key("where")) if self.where else None

    @cached_property
    def expression(self) -> Expression | None:
        return parse_expression(self.compute, self.at_key("compute")) if self.compute else None

    @model_validator(mode="after")
    def _one_source(self) -> VariableSpec:
        ways = ("from_", "value", "text", "compute", "date", "cases", "derive", "sets")
        given = [w.rstrip("_") for w in ways if getattr(self, w) not in (None, ())]
        if len(given) != 1:
            raise ValueError(
                "say one of from, value, text, compute, date, cases, derive or sets; "
                f"here are {given or 'none'}"
            )
        if not self.name and not self.sets:
            raise ValueError("the key 'name' is missing")
        return self


class SourceSpec(_Conditional):
    """Rows of a form (or dataset). else: rows that no earlier source took. set: constants; map: variable ->
    field."""

    form: str
    else_: bool = Field(default=False, alias="else")
    set: dict[Named, str] = {}
    map: dict[Named, Named] = {}


class MeltSpec(Entry):
    """One record for each non-blank result field. set: constants of the record; map: variable -> field."""

    result: str
    set: dict[Named, str] = {}
    map: dict[Named, Named] = {}


class RecordsSpec(DerivedEntry):
    """Records made by a rule instead of taken from rows. set: constants of each record. decimals: of a
    parameter's values, as collected. keys: those of the dataset's that these records have, where some are not
    theirs, as the lesion of a sum of lesions."""

    derive: str
    set: dict[Named, str] = {}
    decimals: Decimals | None = None
    keys: Texts = ()

    @classmethod
    def own_keys(cls) -> frozenset[str]:
        return frozenset({"derive", "set", "decimals", "keys"})


class DatasetSpec(Entry):
    """What SDTM domains and ADaM datasets have in common.

    order: the variables by which records are sorted. keys: unique, or it is an error.
    """

    label: str | None = None
    structure: str | None = None
    keys: Texts = ()
    order: Texts = ()
    records: tuple[RecordsSpec, ...] = ()
    variables: tuple[VariableSpec, ...] = ()

    @property
    def name(self) -> str:
        raise NotImplementedError


class DomainSpec(DatasetSpec):
    """An SDTM domain."""

    domain: FileName
    from_: tuple[SourceSpec, ...] = Field(default=(), alias="from")
    melt: tuple[MeltSpec, ...] = ()
    result: str | None = None

    @property
    def name(self) -> str:
        return self.domain

    @property
    def result_variable(self) -> str:
        """Where melted results go."""
        return self.result or f"{self.domain}ORRES"

    @model_validator(mode="before")
    @classmethod
    def _bare_form(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("from"), str):
            source = Mapping_({"form": data["from"]})
            source.place = data.key_places["from"] if isinstance(data, Mapping_) else source.place
            source.key_places = {"form": source.place}
            data["from"] = [source]
        return data


class ParameterSpec(_Conditional):
    """A parameter of a BDS dataset and the rows that belong to it."""

    PARAMCD: str = Field(max_length=8)
    PARAM: str
    PARAMN: Number | None = None
    decimals: Decimals | None = None


class AdamSpec(DatasetSpec, _Conditional):
    """An ADaM dataset. from: the dataset whose rows it has; records: further records that rules make. copy:
    variables taken over, by dataset ("all" or names)."""

    dataset: FileName
    class_: str = Field(default="", alias="class")
    subclass: str = ""
    from_: str | None = Field(default=None, alias="from")
    copy_: dict[str, Names] = Field(default={}, alias="copy")
    parameters: tuple[ParameterSpec, ...] = ()

    @property
    def name(self) -> str:
        return self.dataset

    def check_rows(self) -> None:
        """A dataset needs rows from somewhere."""
        if not self.from_ and not self.records:
            raise SpecError(f"{self.dataset} has neither 'from' nor 'records'.", place=self.at)
