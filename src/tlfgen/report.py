"""The report's sections: narratives with displayed values, in-text tables, outputs by number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from tlfgen.analysis.check_narratives import read_template, read_text
from tlfgen.analysis.population import check_big_n
from tlfgen.display.parts import FrontMatter, Laid, Table
from tlfgen.display.quote import Quotes
from tlfgen.display.records import told_records
from tlfgen.document.each import listed, narrative_sections
from tlfgen.document.narrative import render_narrative
from tlfgen.document.report import RenderedOutput, ReportInput, Section, render_report
from tlfgen.document.theme import Theme
from tlfgen.errors import LedgerError, SpecError
from tlfgen.spec.plain_values import plain_value
from tlfgen.spec.specs import Specs

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

Drawn = tuple[str, str, str]  # section, result, displayed value


@dataclass(frozen=True)
class Material:
    """What the report is made from: the results of every output, the output as it was laid out, its pages;
    the data, the ledger of the forms."""

    specs: Specs
    theme: Theme
    front: FrontMatter
    placed: list[tuple[Any, tuple[str, ...]]]
    results: Mapping[str, pl.DataFrame]
    parts: Mapping[str, Laid]
    pages: Mapping[str, bytes]
    data: Mapping[str, Dataset]
    ledger: tuple[Mapping[str, Any], ...]


def assemble(material: Material) -> tuple[bytes, list[Drawn]]:
    """Lay the sections out in the order of report.yaml and render the report; give it and the numbers in
    its text."""
    differing = check_big_n(material.results.values())
    if differing:
        raise LedgerError("Outputs disagree on the size of a population.", hint=" ".join(differing))
    rendered = {
        i: RenderedOutput(material.parts[i], material.pages[i]) for _, ids in material.placed for i in ids
    }
    drawn: list[Drawn] = []
    sections = tuple(s for section, ids in material.placed for s in _sections(material, section, ids, drawn))
    report = ReportInput(material.specs.report.report, material.front, sections, rendered)
    return render_report(report, material.theme), drawn


def _sections(material: Material, section: Any, ids: tuple[str, ...], drawn: list[Drawn]) -> list[Section]:
    """A section and, where it has narratives from data, one below it for each."""
    own = _section(material, section, ids, drawn)
    if section.each is None:
        return [own]
    specs = material.specs
    template, names = read_template(section.each, specs)
    named: dict[str, list[str]] = {}
    for found in names.variables:
        named.setdefault(found.of, []).append(found.variable)
    told = told_records(section.each, named, material.data, specs.study, material.theme.numbers)
    below = narrative_sections(
        section.each,
        told,
        number=section.number,
        template=template,
        name=specs.shown(f"report/{section.each.text}"),
        functions=_functions(material, section.number, drawn),
        study=plain_value(specs.study),
    )
    body = "\n\n".join(b for b in (own.body, listed(section.each, told, below)) if b)
    return [replace(own, body=body), *below]


def _section(material: Material, section: Any, ids: tuple[str, ...], drawn: list[Drawn]) -> Section:
    body = filled_text(material, section, drawn) if section.text else ""
    in_text = tuple(p for i in section.in_text if isinstance(p := material.parts[i], Table))
    return Section(
        section.number, section.title, body, in_text, ids, section.contents, new_page=section.new_page
    )


def filled_text(material: Material, section: Any, drawn: list[Drawn]) -> str:
    """A section's narrative, filled; the numbers that it shows are added to `drawn`."""
    return render_narrative(
        read_text(section.text, material.specs, section.at_key("text")),
        name=material.specs.shown(f"report/{section.text}"),
        functions=_functions(material, section.number, drawn),
        context=context(material),
    )


def _functions(material: Material, section: str, drawn: list[Drawn]) -> dict[str, Callable[..., object]]:
    specs = material.specs
    quotes = Quotes(
        material.results, specs.outputs, material.data, specs.study, material.theme.numbers,
        keep=lambda result, text: drawn.append((section, result, text)),
    )  # fmt: skip
    return {**quotes.functions, "ref": _reference(material)}


def _reference(material: Material) -> Callable[[str], str]:
    def reference(output: object) -> str:
        if not isinstance(output, str):
            raise SpecError(f"A name is a text in quotes, not {output!r}.", hint='As in ref("output").')
        if output not in material.specs.outputs:
            from tlfgen.errors import unknown

            raise unknown("The output", output, material.specs.outputs)
        spec = material.specs.outputs[output]
        return f"[{spec.kind.capitalize()} {spec.number}](tlfgen:{output})"

    return reference


def context(material: Material) -> dict[str, object]:
    """What a narrative can name beside its functions."""
    raw = [r for r in material.ledger if r["stage"] == "raw"]

    def total(column: str) -> int:
        return sum(int(r[column]) for r in raw)

    lines = ["| Form | Records read | Accepted | Quarantined |", "|---|---:|---:|---:|"]
    lines += [f"| {r['dataset']} | {r['read']} | {r['used']} | {r['left_out']} |" for r in raw]
    lines.append(f"| All | {total('read')} | {total('used')} | {total('left_out')} |")
    return {
        "study": plain_value(material.specs.study),
        "not_collected": list(material.specs.study.not_collected.values()),
        "forms": len(raw),
        "read": total("read"),
        "accepted": total("used"),
        "quarantined": total("left_out"),
        "ledger_table": "\n".join(lines),
    }
