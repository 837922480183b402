"""Checks of narratives from data before any is read: datasets, variables, the names in the templates."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Mapping

from tlfgen.analysis.check_quotes import check_calls
from tlfgen.analysis.source import EVERYTHING, SUBJECTS
from tlfgen.data.dataset import missing_variable
from tlfgen.engine.plan import Schema
from tlfgen.errors import Place, SpecError, nearest, unknown
from tlfgen.spec.marks import without_marks
from tlfgen.spec.narrative import COLLECTED, FUNCTIONS, GIVEN, QUOTING, RECORD, SECTION, EachSpec, RecordsSpec
from tlfgen.spec.output import OutputSpec, SectionSpec
from tlfgen.spec.own_texts import is_template, texts_of
from tlfgen.spec.specs import Specs, inside
from tlfgen.spec.template import FILLED, TemplateNames, template_names


def check_narratives(specs: Specs, schemas: Mapping[str, Schema]) -> None:
    """Check every section of narratives; the first thing wrong is a SpecError with file and line."""
    placed = _placed(specs)
    for output in specs.outputs.values():
        _check_own_texts(output, specs, schemas)
    for section in specs.report.sections:
        if section.text:
            _check_section(section, specs, schemas, placed)
        if section.each is not None:
            _check_each(section.each, specs, schemas, placed)


def _check_own_texts(output: OutputSpec, specs: Specs, schemas: Mapping[str, Schema]) -> None:
    """An output's title and footnotes quote its own results."""
    for key, text in texts_of(output):
        at = output.at_key(key)
        plain = FILLED.sub("", text)
        stray = re.search(r"[{}]", without_marks(plain) if key in type(output).bears_marks else plain)
        if stray:
            raise SpecError(
                f"{key}: nothing fills the brace in '{text[:60]}'.",
                place=at,
                hint='A result is quoted as {{ n("output.row.n[GROUP=level]") }}.',
            )
        if not is_template(text):
            continue
        names = template_names(text, at.path, records={}, lists={}, first=at.line)
        for name in names.free:
            if name not in FUNCTIONS:
                raise unknown(f"{key}: the name", name, FUNCTIONS, at)
        for call in names.calls:
            for quoted in call.texts if call.function in QUOTING else ():
                if "." in quoted and quoted.split(".", 1)[0] != output.output:
                    message = f"{key}: '{quoted}' is a result of another output."
                    raise SpecError(message, place=at, hint=f"Quote results of {output.output}.")
        check_calls(names.calls, specs, schemas, at.path, ())


def _placed(specs: Specs) -> set[str]:
    """The outputs that stand in the report."""
    return {
        o.output
        for section in specs.report.sections
        for wanted in section.outputs
        for o in specs.outputs.values()
        if wanted in (o.output, o.number) or (wanted.endswith("*") and o.number.startswith(wanted[:-1]))
    }


def _check_section(
    section: SectionSpec, specs: Specs, schemas: Mapping[str, Schema], placed: Collection[str]
) -> None:
    assert section.text is not None
    shown = specs.shown(f"report/{section.text}")
    text = read_text(section.text, specs, section.at_key("text"))
    names = template_names(text, shown, records={}, lists={})
    for name, line in names.free.items():
        if name not in SECTION:
            raise unknown("The name", name, SECTION, Place(shown, line))
    check_calls(names.calls, specs, schemas, shown, placed)


def read_template(each: EachSpec, specs: Specs) -> tuple[str, TemplateNames]:
    """A narrative's template and what it names."""
    text = read_text(each.text, specs, each.at_key("text"))
    lists = {name: name for name in each.records}
    return text, template_names(
        text, specs.shown(f"report/{each.text}"), records={RECORD: RECORD}, lists=lists
    )


def read_text(name: str, specs: Specs, at: Place) -> str:
    """A template of report/; a SpecError where it is not there or not UTF-8."""
    inside(specs.folder / "report", name, at)
    raw = specs.texts.get(posixpath.normpath(f"report/{name}"))
    if raw is None:
        there = [n.removeprefix("report/") for n in specs.texts if n.startswith("report/")]
        raise unknown("The narrative", name, there, at)
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise SpecError(
            f"The narrative is not UTF-8: byte {raw[error.start]:#04x} stands there.",
            place=Place(specs.shown(f"report/{name}"), line),
            hint="Save the file as UTF-8.",
        ) from None


def named_of(records: RecordsSpec) -> list[tuple[str, Place]]:
    """(variable, place) of what the choice and the order of records read."""
    found = [(n, records.at_key("where")) for n in (records.condition.columns if records.condition else ())]
    return found + [(n.removeprefix("-"), records.at_key("order")) for n in records.order]


def _check_each(each: EachSpec, specs: Specs, schemas: Mapping[str, Schema], placed: Collection[str]) -> None:
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
        variable = named.variable.removesuffix(COLLECTED)
        _check_variable(owners[named.of], variable, Place(shown, named.line), schemas)
    check_calls(names.calls, specs, schemas, shown, placed)


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
    if near or beside is None or bare in schema.helpers:
        raise schema.missing(bare, place)
    raise missing_variable(schema.name, bare, sorted(known | set(beside.entries)), place)
