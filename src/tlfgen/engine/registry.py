"""The registry of derivations: named rules with typed parameters.

A derivation fills variables: `derive_<rule>(rows, [records,] *, parameters)` takes the rows in hand as a
frame with the columns that its parameters name and returns one value a row. A maker makes records:
`make_<rule>(fetch, *, parameters)`; `fetch("RS.RSSTRESC", "RS.RSDTC", where=...)` gives it the records of one
dataset or form: USUBJID, ROW and the named columns by their bare names. A parameter of a maker that is a
model of its own may have `names()`: the dotted names it reads, so that they are checked before any data.

The kinds of parameter, by annotation:

Column, Columns   variables in hand, or another dataset's by subject ("ADSL.TRTSDT"); present in `rows` by
that name;
                  Columns that are an order may say "-NAME" for descending
Where             a condition on the rows in hand
Other             a column of another dataset ("EX.EXSTDTC", "form.EC.ECSTDAT"), many a subject: present in
                  `records` by its bare name, beside USUBJID and the record's number ROW
OtherWhere        a condition on those records, already applied when the derivation sees them
Others, Further   further columns, or one, of the same other dataset
Fills             the name of a further variable that the derivation fills
Cuts              a group's name -> a condition on the rows in hand
OtherPair         a condition on two of those records, of which the later one's columns are `later.NAME`
OtherCuts         a name -> a condition on the records of the other dataset
Computed          an expression (spec/expression.py); what it names is the rule's own matter

`study`, `codelists` and `at` are handed in by the caller: study.yaml, codelists.yaml, and the entry's place.
So are `unsure`, the records of the other dataset of which an unreadable value leaves open whether they meet
the condition, and `look`, which gives another variable in hand by its name, or None.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal, Protocol, get_args, get_origin, get_type_hints

import polars as pl
from pydantic import BeforeValidator, Field, create_model

from tlfgen.engine.gives import Gives
from tlfgen.errors import Finding, Place, unknown
from tlfgen.spec.condition import Condition, parse_condition
from tlfgen.spec.expression import parse_expression
from tlfgen.spec.form import as_list
from tlfgen.spec.loader import Entry, validate
from tlfgen.spec.study import StudySpec

ROW = "#row"
LATER = "later."  # how a condition on two records names the columns of the later one
Scope = Literal["subject", "study"]
Reads = Callable[[Mapping[str, Any], StudySpec], Iterable[str]]  # of the typed parameters
HANDED_IN = frozenset({"study", "codelists", "at", "unsure", "look"})

Column = Annotated[str, "column"]
Columns = Annotated[tuple[str, ...], BeforeValidator(as_list), "columns"]
Where = Annotated[Condition | None, "where"]
Other = Annotated[str, "other"]
Others = Annotated[tuple[str, ...], BeforeValidator(as_list), "others"]
Further = Annotated[str, "others"]
OtherWhere = Annotated[Condition | None, "other where"]
Fills = Annotated[str | None, "fills"]
OtherPair = Annotated[Condition | None, "other pair"]
Cuts = Annotated[dict[str, Any], "cuts"]
OtherCuts = Annotated[dict[str, Any], "other cuts"]
Computed = Annotated[Any, "expression"]
KINDS = (
    "columns", "column", "other where", "other pair", "where", "others", "other", "fills", "cuts",
    "other cuts", "expression",
)  # fmt: skip


@dataclass(frozen=True)
class Derived:
    """What a derivation gives back when one column of values is not all.

    values: the column, or several by variable name (the entry's own under ""). sources: frame (index,
    source, source_row) for rows (from 0) whose value comes from another record. decisions: frame (index,
    candidate, value, rule, chosen, reason). findings: problems met; their `row` is the index. behind: of the
    entry's own variable, the text that each value was made of, or would have been: with its time, cut short,
    or one that cannot be read (data/known_date.py). null_is_no: the values flag what was chosen, so that a
    null says "not this one" and leaves no condition open."""

    values: pl.Series | Mapping[str, pl.Series]
    sources: pl.DataFrame | None = None
    decisions: pl.DataFrame | None = None
    findings: tuple[Finding, ...] = ()
    behind: pl.Series | None = None
    null_is_no: bool = False


@dataclass(frozen=True)
class Made:
    """Records that a maker made. sources: frame (index, source, source_row), one or more a record.
    decisions: as a derivation's."""

    frame: pl.DataFrame
    sources: pl.DataFrame
    findings: tuple[Finding, ...] = ()
    decisions: pl.DataFrame | None = None


class Fetch(Protocol):
    """Records of one dataset or form, those that meet a condition."""

    def __call__(self, *names: str, where: Condition | None = None) -> pl.DataFrame: ...


@dataclass(frozen=True)
class Rule:
    """A registered derivation or maker. scope: "subject", what it gives a subject's rows depends on no other
    subject, or "study". reads: what it reads besides the names that parameters of a kind hold."""

    name: str
    function: Callable[..., Any]
    parameters: type[Entry]
    kinds: Mapping[str, str]
    handed_in: frozenset[str]
    takes_records: bool
    makes_records: bool
    summary: str = field(default="")
    makes: tuple[str, ...] = ()
    gives: Gives | None = None
    fills: Mapping[str, Gives] = field(default_factory=dict)
    scope: Scope = "subject"
    reads: Reads | None = None

    def read(self, params: Mapping[str, Any], at: Place) -> dict[str, Any]:
        """Type the parameters of an entry; a SpecError names the line."""
        known = set(self.parameters.model_fields)
        written = {name.rstrip("_") for name in known}
        for key in params:
            if key not in written:
                places = getattr(params, "key_places", {})
                raise unknown(f"The parameter of '{self.name}'", key, written, places.get(key, at))
        model: Any = validate(params, self.parameters, shown=at.path)
        typed = {name: getattr(model, name) for name in known}
        places = getattr(params, "key_places", {})
        for name, kind in self.kinds.items():
            if kind in ("where", "other where", "other pair") and typed.get(name) is not None:
                typed[name] = parse_condition(str(typed[name]), places.get(name, at))
            elif kind == "expression" and typed.get(name) is not None:
                typed[name] = parse_expression(str(typed[name]), places.get(name, at))
            elif kind in ("cuts", "other cuts"):
                lines = getattr(params.get(name), "key_places", {})
                typed[name] = {
                    group: parse_condition(str(text), lines.get(group, places.get(name, at)))
                    for group, text in typed[name].items()
                }
        return typed

    def conditions(self, typed: Mapping[str, Any], *kinds: str) -> tuple[Condition, ...]:
        """The conditions that parameters of these kinds hold."""
        found: list[Condition] = []
        for name, kind in self.kinds.items():
            if kind in kinds and (value := typed.get(name)) is not None:
                found += value.values() if kind in ("cuts", "other cuts") else [value]
        return tuple(found)

    def names(self, typed: Mapping[str, Any], *kinds: str) -> tuple[str, ...]:
        """The names that parameters of these kinds hold, conditions' columns included."""
        found: list[str] = []
        for name, kind in self.kinds.items():
            value = typed.get(name)
            if kind not in kinds or value is None:
                continue
            if isinstance(value, Condition):
                found += [n.removeprefix(LATER) for n in value.columns]
            elif kind in ("cuts", "other cuts"):
                found += [name for condition in value.values() for name in condition.columns]
            else:
                named = [value] if isinstance(value, str) else list(value)
                # "-NAME" in a list of variables is a descending order, not another name
                found += [n.removeprefix("-") for n in named] if kind in ("columns", "others") else named
        return tuple(dict.fromkeys(found))

    def parameters_said(self, typed: Mapping[str, Any]) -> list[Any]:
        """The parameters of a BDS dataset that an entry of a maker says one by one."""
        parts = (p for value in typed.values() if isinstance(value, tuple) for p in value)
        return [p for p in parts if isinstance(p, Entry) and hasattr(p, "PARAMCD")]

    def nested(self, typed: Mapping[str, Any]) -> tuple[str, ...]:
        """The dotted names that parameters which are models of their own read."""
        found: list[str] = []
        for value in typed.values():
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, Entry) and hasattr(part, "names"):
                    found += part.names()
        return tuple(dict.fromkeys(found))


_RULES: dict[str, Rule] = {}
_PACKAGES = ("tlfgen.sdtm", "tlfgen.adam")


def derivation(
    *,
    gives: Gives,
    fills: Mapping[str, Gives] | None = None,
    scope: Scope = "subject",
    reads: Reads | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register `derive_<rule>`. gives: the type of its values, and all of them where they are known before
    data; fills: the same for each parameter of kind Fills; scope: "study" where a value depends on other
    subjects; reads: the variables in hand that it asks `look` for."""
    told = _Told(gives=gives, fills=fills or {}, scope=scope, reads=reads)
    return lambda f: _register(f, "derive_", told, makes_records=False)


def maker(
    function: Callable[..., Any] | None = None,
    *,
    makes: tuple[str, ...] = (),
    scope: Scope = "subject",
    reads: Reads | None = None,
) -> Callable[..., Any]:
    """Register `make_<rule>`, which makes records. makes: the variables of its records that no standard
    names; those of a standard need not be told. scope: "study" where a record is no subject's, or depends on
    other subjects. reads: the dotted names that it fetches, where no parameter of kind Other holds them."""
    told = _Told(makes=makes, scope=scope, reads=reads)
    if function is None:
        return lambda f: _register(f, "make_", told, makes_records=True)
    return _register(function, "make_", told, makes_records=True)


@dataclass(frozen=True)
class _Told:
    """What a decorator says of its function."""

    makes: tuple[str, ...] = ()
    gives: Gives | None = None
    fills: Mapping[str, Gives] = field(default_factory=dict)
    scope: Scope = "subject"
    reads: Reads | None = None


def _register(
    function: Callable[..., Any], prefix: str, told: _Told, *, makes_records: bool
) -> Callable[..., Any]:
    name = function.__name__.removeprefix(prefix)
    hints = get_type_hints(function, include_extras=True)
    signature = inspect.signature(function)
    fields: dict[str, Any] = {}
    kinds: dict[str, str] = {}
    positional = [p for p in signature.parameters.values() if p.kind is not p.KEYWORD_ONLY]
    for p in signature.parameters.values():
        if p.kind is not p.KEYWORD_ONLY or p.name in HANDED_IN:
            continue
        kind = kind_of(hints[p.name])
        if kind:
            kinds[p.name] = kind
        read_later = kind in ("where", "other where", "other pair", "expression")
        hint = hints[p.name]
        if read_later:
            hint = str | None if p.default is not p.empty else str
        default = ... if p.default is p.empty else p.default
        # A name that Python keeps for itself ends in an underscore: `else_` is `else` in a spec.
        fields[p.name] = (hint, Field(default, alias=p.name.rstrip("_")) if p.name.endswith("_") else default)
    model = create_model(f"{name}_parameters", __base__=Entry, **fields)
    summary = (inspect.getdoc(function) or "").split("\n", 1)[0]
    handed = frozenset(HANDED_IN & set(signature.parameters))
    takes_records = len(positional) > 1
    if not makes_records and set(told.fills) != {p for p, kind in kinds.items() if kind == "fills"}:
        raise TypeError(f"{name}: fills tells what each parameter of kind Fills gives")
    _RULES[name] = Rule(
        name, function, model, kinds, handed, takes_records, makes_records, summary,
        told.makes, told.gives, told.fills, told.scope, told.reads,
    )  # fmt: skip
    return function


def kind_of(hint: Any) -> str:
    """The kind of parameter that an annotation says; "" for a plain one."""
    stack = [hint]
    while stack:
        here = stack.pop()
        if get_origin(here) is Annotated:
            base, *marks = get_args(here)
            for mark in marks:
                if isinstance(mark, str) and mark in KINDS:
                    return mark
            stack.append(base)
        else:
            stack += list(get_args(here))
    return ""


@cache
def _import_rules() -> None:
    for package in _PACKAGES:
        folder = importlib.import_module(package)
        for module in pkgutil.iter_modules(folder.__path__):
            if module.name.startswith(("derive_", "make_")):
                importlib.import_module(f"{package}.{module.name}")


def rules() -> dict[str, Rule]:
    """Every registered rule, by name; the modules `sdtm/derive_*`, `adam/derive_*` and `*/make_*` are
    imported."""
    _import_rules()
    return dict(sorted(_RULES.items()))


def find_rule(name: str, at: Place, *, makes_records: bool = False) -> Rule:
    """Find a rule; a SpecError with the nearest name where there is none."""
    there = {n: r for n, r in rules().items() if r.makes_records == makes_records}
    if name not in there:
        what = "The maker of records" if makes_records else "The derivation"
        raise unknown(what, name, there, at, more=f"`tlfgen list derivations` shows all {len(there)}.")
    return there[name]
