"""Every condition of the specs of data, with the records that it is asked of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from tlfgen.engine.registry import LATER, find_rule
from tlfgen.spec.condition import Condition, parse_condition
from tlfgen.spec.dataset import AdamSpec, DomainSpec, VariableSpec
from tlfgen.spec.loader import Entry
from tlfgen.spec.specs import Specs

SUBJECTS = "ADSL"


@dataclass(frozen=True)
class Used:
    """A condition in use. owner: the dataset or form ("form.AE") that bare names are of; beside: where a name
    is looked for next. filling: the variable that it helps to fill; its bare name is the collected field.
    role: "records" chooses records, "event" says which of them are events. within, population: what the
    records of an event meet besides. case_of: the `cases`, `cuts` or
    `parameters` of which it is one."""

    condition: Condition
    stage: Literal["raw", "sdtm", "adam", "analysis"]
    owner: str
    says: str
    beside: str = ""
    filling: str = ""
    role: Literal["records", "event"] = "records"
    within: tuple[Condition, ...] = ()
    population: str = ""
    case_of: str = ""


def data_conditions(specs: Specs) -> Iterator[Used]:
    """The conditions of forms, domains, datasets and analysis sets."""
    for form in specs.forms.values():
        for check in form.checks:
            yield Used(check.condition, "raw", f"form.{form.form}", f"check {check.id}")
    for domain in specs.domains.values():
        yield from _of_domain(domain)
    for dataset in specs.datasets.values():
        yield from _of_dataset(dataset, specs)


def _of_domain(domain: DomainSpec) -> Iterator[Used]:
    for source in domain.from_:
        if source.condition is not None:
            yield Used(source.condition, "sdtm", f"form.{source.form}", f"rows of {domain.domain}")
    for record in domain.records:
        yield from _of_rule(record.derive, record.params, record, "sdtm", domain.domain, makes=True)
    for entry in domain.variables:
        yield from _of_entry(entry, "sdtm", domain.domain)


def _of_dataset(dataset: AdamSpec, specs: Specs) -> Iterator[Used]:
    name, source = dataset.dataset, str(dataset.from_)
    if dataset.condition is not None:
        yield Used(dataset.condition, "adam", source, f"rows of {name}")
    for parameter in dataset.parameters:
        if parameter.condition is not None:
            says = f"parameter {parameter.PARAMCD} of {name}"
            yield Used(parameter.condition, "adam", source, says, case_of=f"parameters of {name}")
    for record in dataset.records:
        yield from _of_rule(record.derive, record.params, record, "adam", name, makes=True)
    for entry in dataset.variables:
        yield from _of_entry(entry, "adam", name)
        for flag in (f for f in entry.sets if f in specs.study.analysis_sets):
            spec = specs.study.analysis_sets[flag]
            yield Used(spec.condition, "adam", name, f"analysis set {flag}")
            reasons = () if isinstance(spec.reason, str) else spec.reason
            yield from (Used(r.condition, "adam", name, f"reason of {flag}") for r in reasons)


def _of_entry(entry: VariableSpec, stage: Literal["sdtm", "adam"], owner: str) -> Iterator[Used]:
    says = f"{owner}.{entry.name}"
    if entry.condition is not None:
        yield Used(entry.condition, stage, owner, says, filling=entry.name)
    for condition in entry.expression.conditions if entry.expression is not None else ():
        yield Used(condition, stage, owner, says, filling=entry.name, case_of=says)
    for case in entry.cases:
        if case.condition is not None:
            yield Used(case.condition, stage, owner, says, filling=entry.name, case_of=says)
    if entry.derive is not None:
        yield from _of_rule(entry.derive, entry.params, entry, stage, owner, filling=entry.name)


def _of_rule(
    derive: str, params: Any, entry: Entry, stage: Literal["sdtm", "adam"], owner: str, *,
    makes: bool = False, filling: str = "",
) -> Iterator[Used]:  # fmt: skip
    rule = find_rule(derive, entry.at, makes_records=makes)
    typed = rule.read(params, entry.at)
    says = f"{owner}.{filling}" if filling else f"records of {owner}"
    for condition in rule.conditions(typed, "where"):
        yield Used(condition, stage, owner, says, filling=filling)
    for condition in rule.conditions(typed, "cuts"):
        yield Used(condition, stage, owner, says, filling=filling, case_of=says)
    others = (*rule.names(typed, "other"), *rule.nested(typed))
    for condition in rule.conditions(typed, "other where", "other cuts"):
        yield Used(condition, stage, others[0].rpartition(".")[0], says)
    for n, kind in rule.kinds.items():
        for condition in typed[n].conditions if kind == "expression" and typed.get(n) else ():
            yield Used(condition, stage, others[0].rpartition(".")[0], says, case_of=says)
    for condition in rule.conditions(typed, "other pair"):
        yield Used(_of_one(condition), stage, others[0].rpartition(".")[0], says)
    for found, of in nested_conditions(typed.values(), SUBJECTS):
        yield Used(found, stage, of, says)


def _of_one(pair: Condition) -> Condition:
    """A condition on two records as one on the columns that both have."""
    alone = re.sub(rf"('[^']*')|\b{re.escape(LATER)}", lambda found: found[1] or "", pair.text)
    return parse_condition(alone, pair.place)


def nested_conditions(values: Iterable[Any], owner: str) -> Iterator[tuple[Condition, str]]:
    """The conditions of models inside parameters, each with the dataset of its `from`."""
    for value in values:
        if isinstance(value, Entry):
            of = getattr(value, "from_", None) or owner
            if isinstance(condition := getattr(value, "condition", None), Condition):
                yield condition, of
            yield from nested_conditions((getattr(value, f) for f in type(value).model_fields), of)
        elif isinstance(value, (tuple, list)):
            yield from nested_conditions(value, owner)
        elif isinstance(value, dict):
            yield from nested_conditions(value.values(), owner)
