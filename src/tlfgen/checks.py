"""Every spec of a study checked before data are read, and the outputs placed in the report."""

from __future__ import annotations

from typing import Any

from tlfgen.errors import SpecError, unknown
from tlfgen.spec.joined_text import check_plain_texts
from tlfgen.spec.specs import Specs, inside
from tlfgen.spec.unique import check_unique


def check_specs(specs: Specs) -> None:
    """Check every name in every spec before data is read."""
    from tlfgen.adam.rehearse import rehearse
    from tlfgen.adam.schemas import compile_graph, kinds_of
    from tlfgen.analysis.check import check_outputs
    from tlfgen.analysis.check_analyses import check_analyses, check_shown
    from tlfgen.analysis.check_levels import check_levels
    from tlfgen.analysis.check_narratives import check_narratives
    from tlfgen.analysis.elsewhere import check_results
    from tlfgen.analysis.used import conditions_of
    from tlfgen.audit.claims import check_claims
    from tlfgen.audit.record import FINDINGS
    from tlfgen.engine.plan import Schema
    from tlfgen.engine.typed import check_types
    from tlfgen.engine.typed_constants import check_constants
    from tlfgen.engine.typed_expression import check_expressions
    from tlfgen.raw.stage import check_form_specs
    from tlfgen.reconcile.run import check_settings

    check_settings(specs.study)
    check_unique(specs.study)
    check_form_specs(specs)
    for entry in specs.entries:
        check_plain_texts(entry)
    kinds = kinds_of(specs, compile_graph(specs))
    check_types(conditions_of(specs), kinds)
    check_expressions(kinds)
    check_constants(specs, kinds)
    finished = rehearse(specs)
    finished["FINDINGS"] = Schema("FINDINGS", set(FINDINGS))
    check_analyses(specs.analyses, specs.study, finished)
    check_outputs(specs.outputs, specs.study, finished)
    check_shown(specs.outputs, specs.analyses)
    check_results(specs.results_elsewhere, specs.folder)
    check_levels(specs.analyses, kinds)
    check_levels(specs.outputs, kinds)
    check_narratives(specs, finished)
    if specs.claims is not None:
        check_claims(specs.claims, {**specs.outputs, **specs.analyses})
    place_outputs(specs)
    number_manuscript(specs)


def place_outputs(specs: Specs) -> list[tuple[Any, tuple[str, ...]]]:
    """The report's sections with the ids of the outputs that stand in each, by number."""
    placed = []
    for section in specs.report.sections:
        ids: list[str] = []
        for wanted in section.outputs:
            matching = [o for o in specs.outputs.values() if _matches(o, wanted)]
            if not matching and "*" not in wanted:
                raise unknown("The output", wanted, specs.outputs, section.at)
            ids += [o.output for o in sorted(matching, key=lambda o: o.place_in_order)]
        for wanted in section.in_text:
            if wanted not in specs.outputs:
                raise unknown("The output", wanted, specs.outputs, section.at)
            if specs.outputs[wanted].page_by:
                raise SpecError(
                    f"'{wanted}' is split by page, and cannot stand within a text.",
                    place=section.at,
                    hint="Write an output of one page for the text, or refer to it.",
                )
        if section.text:
            path = inside(specs.folder / "report", section.text, section.at)
            if not path.is_file():
                there = [p.name for p in (specs.folder / "report").glob("*.md.j2")]
                raise unknown("The narrative", section.text, there, section.at)
        placed.append((section, tuple(dict.fromkeys(ids))))
    return placed


def number_manuscript(specs: Specs) -> dict[str, str]:
    """The outputs of the manuscript in order, each with its number: tables from 1, figures from 1."""
    counted: dict[str, int] = {}
    numbers = {}
    for wanted in specs.report.manuscript:
        if wanted not in specs.outputs:
            raise unknown("The output", wanted, specs.outputs, specs.report.at_key("manuscript"))
        kind = specs.outputs[wanted].kind
        if kind == "listing" or wanted in numbers:
            raise SpecError(
                f"The output '{wanted}' stands twice in the manuscript."
                if wanted in numbers
                else f"The listing '{wanted}' cannot stand in a manuscript: it shows single patients.",
                place=specs.report.at_key("manuscript"),
            )
        counted[kind] = counted.get(kind, 0) + 1
        numbers[wanted] = str(counted[kind])
    return numbers


def _matches(output: Any, wanted: str) -> bool:
    if wanted.endswith("*"):
        number, family = (text.replace("-", ".") for text in (output.number, wanted[:-1]))
        return number.startswith(family)
    return wanted in (output.output, output.number)
