"""Every condition of every spec of a study, with the records that it is asked of."""

from __future__ import annotations

from collections.abc import Iterator

from tlfgen.analysis.planned import planned
from tlfgen.analysis.registry import find_analysis
from tlfgen.analysis.source import SUBJECTS
from tlfgen.engine.used import Used, data_conditions
from tlfgen.spec.analysis import AnalysisSpec, entry_of
from tlfgen.spec.condition import Condition
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.figure_forest import ForestSpec
from tlfgen.spec.narrative import EachSpec
from tlfgen.spec.output import OutputSpec, RowSpec, TableSpec
from tlfgen.spec.specs import Specs

EVENTS = ("event", "response")


def conditions_of(specs: Specs) -> list[Used]:
    """The conditions of forms, domains, datasets, analysis sets, outputs and narratives."""
    found = list(data_conditions(specs))
    for analysis in specs.analyses.values():
        found += _of_analysis(analysis)
    for output in specs.outputs.values():
        found += _of_output(output)
    for section in specs.report.sections:
        if section.each is not None:
            found += _of_narratives(section.each)
    return found


def _of_analysis(analysis: AnalysisSpec) -> Iterator[Used]:
    """The conditions of an analysis on its own."""
    for condition in (analysis.condition, analysis.row.denominator_condition):
        if condition is not None:
            yield Used(condition, "analysis", analysis.from_, analysis.analysis, SUBJECTS)
    within = (analysis.condition,) if analysis.condition is not None else ()
    for name, value in planned(analysis.row).typed.items():
        if isinstance(value, Condition):
            is_event = name in EVENTS
            yield Used(
                value, "analysis", analysis.from_, analysis.analysis, SUBJECTS,
                role="event" if is_event else "records", within=within if is_event else (),
                population=analysis.population,
            )  # fmt: skip


def _of_output(output: OutputSpec) -> Iterator[Used]:
    def used(condition: Condition, says: str, owner: str = output.from_) -> Used:
        return Used(condition, "analysis", owner, f"{output.output}{says}", SUBJECTS)

    if output.condition is not None:
        yield used(output.condition, "")
    if isinstance(output, TableSpec):
        for row in output.rows:
            if isinstance(row, RowSpec):
                yield from _of_row(row, output)
    for figure in output.figures() if isinstance(output, FigureSpec) else ():
        if figure is not output and figure.condition is not None:
            yield used(figure.condition, "", figure.from_)
        for condition, owner in figure.conditions():
            yield used(condition, "", owner)
        for condition in figure.events():
            yield _event(figure, condition, "")
        if isinstance(figure, ForestSpec) and figure.analysis is None:
            yield from _of_row(entry_of("estimate", figure, figure.params), figure)


def _event(output: OutputSpec, condition: Condition, says: str, *within: Condition) -> Used:
    known = (output.condition,) if output.condition is not None else ()
    return Used(
        condition, "analysis", output.from_, f"{output.output}{says}", SUBJECTS, role="event",
        within=(*known, *within), population=output.population,
    )  # fmt: skip


def _of_row(row: RowSpec, table: TableSpec | ForestSpec) -> Iterator[Used]:
    says = f", row {row.id}"
    for condition in (row.condition, row.denominator_condition):
        if condition is not None:
            yield Used(condition, "analysis", table.from_, f"{table.output}{says}", SUBJECTS)
    if not row.do or row.analysis:
        return
    within = (row.condition,) if row.condition is not None else ()
    for name, value in find_analysis(row.do, row.at).read(row.params, row.at).items():
        if isinstance(value, Condition) and name in EVENTS:
            yield _event(table, value, says, *within)
        elif isinstance(value, Condition):
            yield Used(value, "analysis", table.from_, f"{table.output}{says}", SUBJECTS)


def _of_narratives(each: EachSpec) -> Iterator[Used]:
    for records in (each, *each.because.values(), *each.records.values()):
        if records.condition is not None:
            yield Used(records.condition, "analysis", records.from_, f"narratives {each.text}", SUBJECTS)
