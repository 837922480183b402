"""Checks of narratives from data before any is read: datasets, variables, the names in the templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tlfgen.ard.source import EVERYTHING, SUBJECTS
from tlfgen.data.dataset import missing_variable
from tlfgen.data.plan import Schema
from tlfgen.errors import Place, SpecError, nearest, unknown
from tlfgen.spec.narrative import GIVEN, RECORD, EachSpec, RecordsSpec
from tlfgen.spec.specs import Specs, inside
from tlfgen.spec.template import TemplateNames, template_names


def check_narratives(specs: Specs, schemas: Mapping[str, Schema]) -> None:
    """Check every section of narratives; the first thing wrong is a SpecError with file and line."""
    for section in specs.report.sections:
        if section.each is not None:
            _check_each(section.each, specs, schemas)


def read_template(each: EachSpec, specs: Specs) -> tuple[str, TemplateNames]:
    """A narrative's template and what it names."""
    path = inside(specs.folder / "report", each.text, each.at)
    if not path.is_file():
        there = [p.name for p in Path(specs.folder / "report").glob("*.md.j2")]
        raise unknown("The narrative", each.text, there, each.at_key("text"))
    text = path.read_text("utf-8")
    lists = {name: name for name in each.records}
    return text, template_names(
        text, specs.shown(f"report/{each.text}"), records={RECORD: RECORD}, lists=lists
    )


def named_of(records: RecordsSpec) -> list[tuple[str, Place]]:
    """(variable, place) of what the choice and the order of records read."""
    found = [(n, records.at_key("where")) for n in (records.condition.columns if records.condition else ())]
    return found + [(n.removeprefix("-"), records.at_key("order")) for n in records.order]


def _check_each(each: EachSpec, specs: Specs, schemas: Mapping[str, Schema]) -> None:
    sets = [*specs.study.analysis_sets, EVERYTHING]
    if each.population not in sets:
        raise unknown("The analysis set", each.population, sets, each.at_key("population"))
    heading = [(n, each.at_key("heading")) for n in each.heading]
    _check_records(each, [*named_of(each), *heading], schemas)
    for records in (*each.because.values(), *each.records.values()):
        _check_records(records, named_of(records), schemas)
    _, names = read_template(each, specs)
    shown = specs.shown(f"report/{each.text}")
    known = {*GIVEN, *each.records}
    for name, line in names.free.items():
        if name not in known:
            raise unknown("The name", name, known, Place(shown, line))
    owners = {RECORD: each.from_} | {n: r.from_ for n, r in each.records.items()}
    for named in names.variables:
        _check_variable(owners[named.of], named.variable, Place(shown, named.line), schemas)


def _check_records(
    records: RecordsSpec, named: Iterable[tuple[str, Place]], schemas: Mapping[str, Schema]
) -> None:
    if records.from_ not in schemas:
        raise unknown("The dataset", records.from_, schemas, records.at_key("from"))
    for name, place in named:
        _check_variable(records.from_, name, place, schemas)


def _check_variable(dataset: str, name: str, place: Place, schemas: Mapping[str, Schema]) -> None:
    owner, _, bare = name.rpartition(".")
    if owner not in ("", SUBJECTS):
        raise SpecError(f"'{name}' cannot be read here.", place=place, hint=f"Its own: {dataset} and ADSL.")
    schema, beside = schemas[owner or dataset], schemas.get(SUBJECTS)
    if schema.has(bare) or (beside is not None and beside.has(bare)):
        return
    known = {*schema.given, *schema.entries}
    near = nearest(bare, known)
    if near or beside is None:
        raise missing_variable(schema.name, bare, sorted(known), place)
    raise missing_variable(schema.name, bare, sorted(known | set(beside.entries)), place)
