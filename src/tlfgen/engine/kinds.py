"""What each variable is, known before any data is read: its type, and its values where they are closed.

Values are closed where a field of a form is a code, where an entry translates by a codelist, where the spec
itself gives them (`value`, `cases`, groups, flags, arms, visits, parameters), or where the standard's
codelist may not be extended. Anything else is open: only data can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

from tlfgen.data.standards import adam_variable, codelist, sdtm_variable, type_of_file
from tlfgen.engine.gives import Type
from tlfgen.engine.registry import find_rule
from tlfgen.engine.table import SUBJECT
from tlfgen.errors import Severity
from tlfgen.spec.dataset import AdamSpec, DomainSpec, RecordsSpec, VariableSpec
from tlfgen.spec.expression_types import closed_texts, type_of
from tlfgen.spec.form import FieldSpec
from tlfgen.spec.specs import Specs
from tlfgen.spec.study import reason_name

FIELD_TYPES: dict[str, Type] = {"integer": "integer", "number": "float", "date": "iso"}
PARAMETER = {"PARAMCD": "text", "PARAM": "text", "PARAMN": "integer"}


@dataclass(frozen=True)
class Kind:
    """type: "" where it is not known. values: all there can be, None where data decide; of: where they come
    from; words: other words for them, in small letters. named: values that the spec names, though others may
    come."""

    type: Type | str = ""
    values: tuple[str, ...] | None = None
    of: str = ""
    named: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict, compare=False)


UNKNOWN = Kind()
OPEN_TEXT = Kind("text")


def union(kinds: Iterable[Kind]) -> Kind:
    """A variable that is filled in several ways: the wider number of two, all values of all."""
    found = list(dict.fromkeys(kinds))
    if not found:
        return UNKNOWN
    types = {k.type for k in found}
    type_ = types.pop() if len(types) == 1 else "float" if types <= {"integer", "float"} else ""
    values: tuple[str, ...] | None = None
    if all(k.values is not None for k in found):
        values = tuple(dict.fromkeys(v for k in found for v in k.values or ()))
    words = {w: v for k in found for w, v in k.words.items()}
    named = tuple(dict.fromkeys(v for k in found for v in (*k.named, *(k.values or ()))))
    return Kind(type_, values, " and ".join(dict.fromkeys(k.of for k in found if k.of)), named, words)


def made_values(record: RecordsSpec, name: str) -> tuple[str, ...] | None:
    """The values of PARAMCD, PARAM or PARAMN that an entry of `records` gives; None where only data can tell.

    First case that applies:
      1. `set` gives it                                        that
      2. the rule's `parameters` are said one by one           theirs
      3. the rule's records are by PARAMCD, as those above it  none that is new
      4. otherwise                                             None
    """
    if name in record.set:
        return (record.set[name],)
    rule = find_rule(record.derive, record.at, makes_records=True)
    typed = rule.read(record.params, record.at)
    if named := rule.parameters_said(typed):
        return tuple(str(getattr(p, name)) for p in named)
    return () if any(n.rpartition(".")[2] == "PARAMCD" for n in typed.get("by", ())) else None


@dataclass
class Kinds:
    """The kinds of all variables of a study. entries: for each domain and dataset, variable -> its entry."""

    specs: Specs
    entries: Mapping[str, Mapping[str, VariableSpec]]
    _known: dict[tuple[str, str, str], Kind] = field(default_factory=dict)

    def kind(self, owner: str, name: str, filling: str = "") -> Kind:
        """What a variable of a form, domain or dataset is. filling: the variable whose entry asks; its own
        name is then the source's."""
        prefix, _, bare = name.rpartition(".")
        if prefix:
            return self.kind(prefix, bare)
        if name == "cutoff":
            return Kind("date")
        key = (owner, name, filling if name == filling else "")
        if key not in self._known:
            self._known[key] = UNKNOWN  # a circle of variables is an error of its own
            self._known[key] = self._found(owner, name, filling)
        return self._known[key]

    def foresees(self, owner: str, name: str, values: Iterable[str | float]) -> bool:
        """Whether a variable's values are closed, or the spec itself names one of these."""
        kind = self.kind(owner, name)
        return kind.values is not None or any(str(v) in kind.named for v in values)

    def _found(self, owner: str, name: str, filling: str) -> Kind:
        if name == SUBJECT:
            return OPEN_TEXT
        if owner == "FINDINGS" and name == "SEVERITY":
            return Kind("text", get_args(Severity), "severities of findings")
        if owner.startswith("form."):
            return self._of_form(owner.removeprefix("form."), name)
        entry = self.entries.get(owner, {}).get(name)
        if owner in self.specs.domains:
            domain = self.specs.domains[owner]
            return self._of_domain(domain, name, entry if name != filling else None)
        if owner in self.specs.datasets:
            return self._of_dataset(self.specs.datasets[owner], name, entry if name != filling else None)
        if owner in self.specs.elsewhere:
            return Kind(type_of_file(name, self.specs.elsewhere[owner].type_said(name)))
        return UNKNOWN

    def _of_form(self, form: str, name: str) -> Kind:
        spec = self.specs.forms.get(form)
        found = spec.field(name) if spec else None
        if found is not None:
            return self._of_field(found)
        return OPEN_TEXT if name in self.specs.study.subject.groups else UNKNOWN

    def _of_field(self, found: FieldSpec) -> Kind:
        if found.type == "code" and found.codelist in self.specs.codelists:
            return self._of_codelist(str(found.codelist))
        return Kind(FIELD_TYPES.get(found.type, "text"))

    def _of_codelist(self, name: str) -> Kind:
        spec = self.specs.codelists[name]
        return Kind("text", tuple(spec.terms), f"codelist {name}", words=spec.lookup)

    def _of_domain(self, domain: DomainSpec, name: str, entry: VariableSpec | None) -> Kind:
        standard = sdtm_variable(domain.domain, name)
        if entry is None:
            fields = [self._of_form(s.form, name) for s in domain.from_ if self._has_field(s.form, name)]
            if fields:
                return union(fields)
            if name == "RESULT":
                return union(self._of_form(s.form, m.result) for s in domain.from_ for m in domain.melt)
            if name in ("STUDYID", "DOMAIN", *self.specs.study.subject.groups):
                return OPEN_TEXT
            if standard is None or not domain.records:
                return UNKNOWN
            type_ = standard.type
            return Kind("iso" if name.endswith("DTC") else type_ if type_ in ("integer", "float") else "text")
        declared = entry.type if entry.name == name else None
        numeric = standard.type if standard and standard.type in ("integer", "float") else None
        type_ = "iso" if name.endswith("DTC") else declared or numeric or "text"
        ways = [*self._ways(domain.domain, name, entry), *self._set_by_sources(domain, name)]
        kind = replace(union(ways), type=type_)
        if kind.values is None and standard is not None:
            return self._standardised(kind, standard.codelist)
        return kind

    def _has_field(self, form: str, name: str) -> bool:
        return form in self.specs.forms and self.specs.forms[form].field(name) is not None

    def _set_by_sources(self, domain: DomainSpec, name: str) -> Iterator[Kind]:
        for source in domain.from_:
            if name in source.set:
                yield Kind("text", (source.set[name],))
            if name in source.map:
                yield self._of_form(source.form, source.map[name])
            for melt in domain.melt:
                if name in melt.map:
                    yield self._of_form(source.form, melt.map[name])
        constants = [m.set for m in domain.melt] + [r.set for r in domain.records]
        for constant in constants:
            if name in constant:
                yield Kind("text", (constant[name],))
        if domain.records or (domain.melt and name == domain.result_variable):
            yield OPEN_TEXT

    def _standardised(self, kind: Kind, codes: Iterable[str]) -> Kind:
        lists = [codelist(code) for code in codes]
        if not lists or any(c is None or c.extensible or c.excerpt for c in lists):
            return kind
        terms = tuple(t.value for c in lists if c for t in c.terms)
        words = {w.lower(): t.value for c in lists if c for t in c.terms for w in (t.decode, *t.synonyms)}
        return replace(
            kind, values=terms, of=f"codelist {', '.join(c.name for c in lists if c)}", words=words
        )

    def _of_dataset(self, spec: AdamSpec, name: str, entry: VariableSpec | None) -> Kind:
        standard = adam_variable(name)
        if entry is None:
            return self._given(spec, name)
        kind = union(self._ways(spec.dataset, name, entry))
        if spec.records and self._may_be_made(spec, name, entry):
            kind = replace(kind, values=None)
        return replace(kind, type=self._adam_type(name, entry, kind, standard.type if standard else None))

    def _adam_type(self, name: str, entry: VariableSpec, kind: Kind, standard: str | None) -> str:
        if entry.type is not None and entry.name == name:
            return entry.type
        if name.endswith("DTC"):
            return "iso"
        if entry.from_ and kind.type:
            return kind.type
        derived = kind.type if entry.derive is not None or entry.compute else None
        return (
            (standard if standard in ("integer", "float", "date", "datetime") else None) or derived or "text"
        )

    def _may_be_made(self, spec: AdamSpec, name: str, entry: VariableSpec) -> bool:
        """Whether a rule that makes records may give a variable other values than its entry."""
        if entry.sets or (entry.derive is not None and name.endswith("FL")):
            return False
        return name not in PARAMETER or any(made_values(r, name) is None for r in spec.records)

    def _given(self, spec: AdamSpec, name: str) -> Kind:
        """A variable that the rows of a dataset bring along."""
        made = [made_values(r, name) for r in spec.records] if name in PARAMETER else []
        if name in PARAMETER and (spec.parameters or any(made)):
            values = [str(getattr(p, name)) for p in spec.parameters] + [v for m in made for v in m or ()]
            whole = name != "PARAMN" and None not in made
            return Kind(PARAMETER[name], tuple(values) if whole else None, f"{spec.dataset}'s parameters")
        standard = adam_variable(name)
        if spec.from_:
            source = self.kind(spec.from_, name)
            return source if not spec.records else replace(source, values=None)
        return Kind(standard.type) if spec.records and standard else UNKNOWN

    def _ways(self, owner: str, name: str, entry: VariableSpec) -> Iterator[Kind]:
        """What each way to fill a variable gives."""
        if entry.sets:
            yield self._of_set(name, entry)
        elif entry.codelist in self.specs.codelists:
            yield self._of_codelist(str(entry.codelist))
        elif entry.dictionary:
            yield OPEN_TEXT
        elif entry.derive is not None:
            yield self._derived(owner, name, entry)
        elif entry.value:
            yield Kind("text", (entry.value,))
        elif entry.text:
            yield OPEN_TEXT
        elif entry.expression is not None:
            tree = entry.expression.tree
            of_column = self.type_of_column(owner, entry.name)
            yield Kind(type_of(tree, of_column), closed_texts(tree), f"{owner}.{name}")
        elif entry.date:
            yield Kind("iso")
        elif entry.from_:
            yield self.kind(owner, entry.from_, entry.name)
        for case in entry.cases:
            if case.from_:
                yield self.kind(owner, case.from_, entry.name)
            elif case.value:
                yield Kind("text", (case.value,))
            elif case.text:
                yield OPEN_TEXT

    def type_of_column(self, owner: str, filling: str) -> Callable[[str], str]:
        """The type of a variable by its name, as an entry that fills another one sees it."""
        return lambda name: self.kind(owner, name, filling).type

    def _of_set(self, name: str, entry: VariableSpec) -> Kind:
        flag = next((f for f in entry.sets if name in (f, reason_name(f))), "")
        spec = self.specs.study.analysis_sets.get(flag)
        if spec is None or name == flag:
            return Kind("text", ("Y", "N"), "an analysis set's flag")
        reasons = (spec.reason,) if isinstance(spec.reason, str) else tuple(r.says for r in spec.reason)
        return Kind("text", reasons, f"the reasons of {flag}")

    def _derived(self, owner: str, name: str, entry: VariableSpec) -> Kind:
        rule = find_rule(str(entry.derive), entry.at)
        typed = rule.read(entry.params, entry.at)
        parameter = "" if name == entry.name else next(p for p in rule.kinds if typed.get(p) == name)
        gives = rule.fills.get(parameter) if parameter else rule.gives
        if gives is None:
            return UNKNOWN
        given = gives(typed, self.specs.study)
        if given.like:
            return self.kind(owner, str(typed[given.like]), entry.name)
        return Kind(given.type, given.values, f"{entry.derive} of {owner}.{entry.name}")
