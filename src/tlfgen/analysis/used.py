"""Every condition of every spec of a study, with the records that it is asked of."""

from __future__ import annotations

from collections.abc import Iterator

from tlfgen.analysis.registry import find_analysis
from tlfgen.analysis.source import SUBJECTS
from tlfgen.engine.used import Used, data_conditions
from tlfgen.spec.condition import Condition
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.figure_flow import FlowSpec
from tlfgen.spec.figure_forest import ForestSpec
from tlfgen.spec.figure_grade_bars import GradeBarsSpec
from tlfgen.spec.figure_kaplan_meier import KaplanMeierSpec
from tlfgen.spec.figure_swimmer import SwimmerSpec
from tlfgen.spec.narrative import EachSpec
from tlfgen.spec.output import OutputSpec, RowSpec, TableSpec
from tlfgen.spec.specs import Specs
from tlfgen.spec.subject_figure import SubjectFigureSpec

EVENTS = ("event", "response")


def conditions_of(specs: Specs) -> list[Used]:
    """The conditions of forms, domains, datasets, analysis sets, outputs and narratives."""
    found = list(data_conditions(specs))
    for output in specs.outputs.values():
        found += _of_output(output)
    for section in specs.report.sections:
        if section.each is not None:
            found += _of_narratives(section.each)
    return found


def _of_output(output: OutputSpec) -> Iterator[Used]:
    def used(condition: Condition, says: str, owner: str = output.from_) -> Used:
        return Used(condition, "analysis", owner, f"{output.output}{says}", SUBJECTS)

    if output.condition is not None:
        yield used(output.condition, "")
    if isinstance(output, TableSpec):
        for row in output.rows:
            if isinstance(row, RowSpec):
                yield from _of_row(row, output)
    if isinstance(output, FigureSpec):
        for condition, owner in _of_figure(output):
            yield used(condition, "", owner)
    if isinstance(output, KaplanMeierSpec):
        yield _event(output, output.event_condition, "")
    elif isinstance(output, ForestSpec):
        yield _event(output, output.estimate.event_condition, "")


def _event(output: OutputSpec, condition: Condition, says: str, *within: Condition) -> Used:
    known = (output.condition,) if output.condition is not None else ()
    return Used(
        condition, "analysis", output.from_, f"{output.output}{says}", SUBJECTS, role="event",
        within=(*known, *within), population=output.population,
    )  # fmt: skip


def _of_row(row: RowSpec, table: TableSpec) -> Iterator[Used]:
    says = f", row {row.id}"
    for condition in (row.condition, row.denominator_condition):
        if condition is not None:
            yield Used(condition, "analysis", table.from_, f"{table.output}{says}", SUBJECTS)
    if not row.do:
        return
    within = (row.condition,) if row.condition is not None else ()
    for name, value in find_analysis(row.do, row.at).read(row.params, row.at).items():
        if isinstance(value, Condition) and name in EVENTS:
            yield _event(table, value, says, *within)
        elif isinstance(value, Condition):
            yield Used(value, "analysis", table.from_, f"{table.output}{says}", SUBJECTS)


def _of_figure(figure: FigureSpec) -> Iterator[tuple[Condition, str]]:
    """The further conditions of a figure, with the dataset of each."""
    if isinstance(figure, SubjectFigureSpec):
        for mark in figure.marked():
            if mark.condition is not None:
                yield mark.condition, mark.from_ or figure.from_
        if figure.colour is not None and figure.colour.condition is not None:
            yield figure.colour.condition, figure.colour.from_ or figure.from_
    if isinstance(figure, SwimmerSpec) and figure.ongoing_condition is not None:
        yield figure.ongoing_condition, SUBJECTS
    parts: tuple[object, ...] = ()
    if isinstance(figure, GradeBarsSpec):
        parts = figure.sides
    elif isinstance(figure, FlowSpec):
        parts = tuple(p for box in figure.boxes for p in (box, *box.aside))
    for part in parts:
        if (condition := getattr(part, "condition", None)) is not None:
            yield condition, figure.from_


def _of_narratives(each: EachSpec) -> Iterator[Used]:
    for records in (each, *each.because.values(), *each.records.values()):
        if records.condition is not None:
            yield Used(records.condition, "analysis", records.from_, f"narratives {each.text}", SUBJECTS)
