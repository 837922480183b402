"""A flow of subjects: boxes with their numbers, what stands at their side, and what does not add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.figure_flow import ASIDE, BOX, FLOW, LOST, TWICE
from tlfgen.analysis.table import groups_of
from tlfgen.display.figure import Groups, figure_of
from tlfgen.display.panels import Aside, Box, Diagram, Panel
from tlfgen.display.parts import Figure
from tlfgen.display.results import Result, Results, require
from tlfgen.spec.figure_flow import AsideSpec, BoxSpec, FlowSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset


def lay_out_figure(
    figure: FlowSpec,
    ard: pl.DataFrame,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> Figure:
    """Lay out the boxes from their results; numbers that do not add up stand in a box of their own, and in a
    footnote."""
    results = Results(ard, study, rules)
    columns = [g for g, _ in results.columns(figure.output)]
    trunk = tuple(_box(figure, results, b, ()) for b in figure.boxes if not b.each)
    each = [b for b in figure.boxes if b.each]
    lanes = tuple(tuple(_box(figure, results, b, g) for b in each) for g in columns) if each else ()
    ratio = 1.15 if figure.page.orientation == "portrait" else 0.55
    return figure_of(figure, study, _footnotes(figure, results), Panel((Diagram(trunk, lanes),), ratio=ratio))


def _box(figure: FlowSpec, results: Results, box: BoxSpec, groups: Groups) -> Box:
    analysis = f"{figure.output}.{FLOW}"
    at = (*groups, (BOX, box.id))
    name, row = require(results.get(analysis, "n", at), f"{analysis}.n")
    label = ""
    if groups:
        label = figure.columns.levels.get(groups[-1][1], groups[-1][1])
    text = box.text.replace("{column}", label)
    sides = [_side(results, analysis, aside, at) for aside in box.aside]
    return Box(_with_n(text, row, results), (*sides, *_wrong(results, analysis, at)), (name,))


def _side(results: Results, analysis: str, aside: AsideSpec, at: Groups) -> Aside:
    here = (*at, (ASIDE, aside.text))
    name, row = require(results.get(analysis, "n", here), f"{analysis}.n")
    own = [
        r
        for r in results.of(analysis, "n")
        if groups_of(r)[: len(here)] == here and len(groups_of(r)) > len(here)
    ]
    lines, names = [], [name]
    for reason in own:
        if reason["stat_num"] or groups_of(reason)[-1][1] in aside.levels:
            level = groups_of(reason)[-1][1]
            lines.append(_with_n(aside.levels.get(level, _sentence(level)), reason, results))
            names.append(require(results.get(analysis, "n", groups_of(reason)), "n")[0])
    return Aside(_with_n(aside.text, row, results), tuple(lines), tuple(names), aside.stays)


def _sentence(text: str) -> str:
    """A coded term in capitals as a sentence has it."""
    return text.capitalize() if text.isupper() else text


def _wrong(results: Results, analysis: str, at: Groups) -> Iterator[Aside]:
    for statistic in (LOST, TWICE):
        found = results.get(analysis, statistic, at)
        if found and found[1]["stat_num"]:
            said = results.rules.words.say(f"flow_{statistic}")
            yield Aside(_with_n(said, found[1], results), (), (found[0],), wrong=True)


def _with_n(text: str, row: Result, results: Results) -> str:
    return results.rules.words.say("flow_box", text=text, number=results.text(row))


def _footnotes(figure: FlowSpec, results: Results) -> Iterator[str]:
    texts = {b.id: b.text.replace("{column}", "").strip() for b in figure.boxes}
    say = results.rules.words.say
    for statistic in (LOST, TWICE):
        for row in results.of(f"{figure.output}.{FLOW}", statistic):
            if row["stat_num"]:
                number, box = row["stat_num"], texts[dict(groups_of(row))[BOX]]
                yield say(f"flow_is_{statistic}", number, box=box, who=say("subject", number))
