"""A table from its results: headers, lines, cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.compare import chosen
from tlfgen.analysis.names import tokens
from tlfgen.analysis.pairs import compared_labels
from tlfgen.analysis.planned import planned
from tlfgen.analysis.population import POPULATION, RECORDS
from tlfgen.analysis.prepare import MISSING
from tlfgen.analysis.source import SUBJECTS
from tlfgen.display.across import heads_across, leaves_across, statistics_of
from tlfgen.display.cells import BLANK, Seen, fill
from tlfgen.display.footnotes import table_footnotes
from tlfgen.display.heads import Leaf, heads_of, leaves_of, pair_groups
from tlfgen.display.output import shared_of
from tlfgen.display.parts import Align, Cell, Row, Table
from tlfgen.display.results import Results
from tlfgen.spec.output import HeadingSpec, RowSpec, TableSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

Groups = tuple[tuple[str, str], ...]
DECIMAL: Align = "decimal"
NONE = Cell("0", (), ("0",))  # an entry without a level that occurs or is declared


@dataclass
class Lines:
    """The lines of a table as they are added. start: what the next begins, "block", "group" or nothing."""

    rows: list[Row] = field(default_factory=list)
    start: str = "block"

    def add(self, label: str, cells: tuple[Cell, ...], indent: int, start: str = "") -> None:
        """Add a line; without cells it is a heading. A block starts a group with a little space above."""
        begins = self.start or start
        last = self.rows[-1].group if self.rows else -1
        space = begins == "block" and bool(self.rows)
        group = last + 1 if begins else last
        self.rows.append(Row(label, cells, indent, "data" if cells else "heading", group, space))
        self.start = ""


@dataclass(frozen=True)
class Maker:
    """What every line needs: the table's spec, its results, its leaf columns."""

    table: TableSpec
    results: Results
    leaves: Sequence[Leaf]
    across: int
    data: Mapping[str, Dataset]
    seen: Seen

    def analysis(self, row: RowSpec, variable: str | None = None) -> str:
        name = self.table.analysis_of(row)
        return f"{name}.{variable.removeprefix('ADSL.')}" if variable and len(row.summarise) > 1 else name

    def label(self, variable: str) -> str:
        """What a variable is called: its label in the dataset, else in ADSL."""
        owner, _, bare = variable.rpartition(".")
        for dataset in dict.fromkeys((owner or self.table.from_, SUBJECTS)):
            for known in self.data[dataset].variables if dataset in self.data else ():
                if known.name == bare:
                    return known.label
        return bare

    def counted(self, row: RowSpec, line: Groups) -> tuple[Cell, ...]:
        """The cells of a line that counts: one a column, P values in theirs, in the first block only."""
        assert row.cell is not None
        analysis, spans = self.analysis(row), list(self.table.columns.spans.values())
        cells = []
        for leaf in self.leaves:
            if spans and leaf.variable != spans[0]:
                cells.append(BLANK)
            elif leaf.is_p_value:
                cells.append(self._compared(leaf, row, analysis, line))
            else:
                cells.append(fill(row.cell, self.results, analysis, (*leaf.groups, *line), self.seen))
        return tuple(cells)

    def summarised(self, row: RowSpec, form: str, line: Groups, variable: str | None) -> tuple[Cell, ...]:
        """The cells of a line that summarises `variable`, or with spans each block's own."""
        cells = []
        for leaf in self.leaves:
            wanted = variable or leaf.variable
            analysis = self.analysis(row, wanted)
            if leaf.is_p_value and form == next(iter(row.cells.values())):
                cells.append(self._compared(leaf, row, analysis, line))
                continue
            if leaf.is_p_value or wanted not in row.summarise:
                cells.append(BLANK)
                continue
            own = form if leaf.statistic is None else row.cells[leaf.statistic]
            cells.append(fill(own, self.results, analysis, (*leaf.groups, *line), self.seen))
        return tuple(cells)

    def _compared(self, leaf: Leaf, row: RowSpec, analysis: str, line: Groups) -> Cell:
        """The cell of a comparison; blank where it is not for such a row."""
        assert leaf.comparison is not None
        for one in chosen(leaf.methods, row):
            form = leaf.comparison.cell or one.rule.cell.replace("%", leaf.comparison.id)
            return fill(form, self.results, analysis, (*leaf.groups, *line), self.seen)
        return BLANK

    def _pairs(self, row: RowSpec, statistics: Sequence[str], leaf: Leaf) -> dict[str, Groups] | None:
        """The groups of the statistics that are of a comparison, in a column; None where one does not stand
        there."""
        levels = {x.label: x.groups[-1][1] for x in self.leaves if x.groups and not x.is_p_value}
        found: dict[str, Groups] = {}
        for one in planned(row).compares(statistics):
            each = compared_labels(one.spec, self.table.columns, levels)
            own = leaf.label if leaf.label in each else None
            if row.in_ and len(each) == 1:
                own = each[0] if leaf.label in row.in_ else None
            if own is None:
                return None
            groups = pair_groups(leaf.groups, levels[own], levels[one.spec.against])
            found |= dict.fromkeys(one.statistics, groups)
        return found

    def cells_of(self, row: RowSpec, form: str, line: Groups) -> tuple[Cell, ...]:
        """The cells of a line of an analysis; blank where it does not stand in a column."""
        analysis, first = self.analysis(row), tokens(form, row.at)
        spans = list(self.table.columns.spans.values())
        cells = []
        for leaf in self.leaves:
            groups = (*leaf.groups, *line)
            own = not leaf.is_p_value and (not spans or leaf.variable == spans[0])
            own = own and (not row.in_ or leaf.label in row.in_)
            pairs = self._pairs(row, first, leaf) if own else None
            of = {s: (*pair, *line) for s, pair in (pairs or {}).items()}
            there = pairs is not None and all(self.results.get(analysis, s, of.get(s, groups)) for s in first)
            cells.append(fill(form, self.results, analysis, groups, self.seen, of) if there else BLANK)
        return tuple(cells)


def lay_out_table(
    table: TableSpec, ard: pl.DataFrame, data: Mapping[str, Dataset], study: StudySpec, rules: NumberRules
) -> Table:
    """Lay out a table; where no record of the population meets its condition, it has no rows."""
    results, seen = Results(ard, study, rules), Seen()
    columns = results.columns(table.output)
    base, statistics = leaves_of(table, columns, study), statistics_of(table)
    leaves = leaves_across(base, statistics)
    maker = Maker(table, results, leaves, len(columns[0][0]), data, seen)
    rows: tuple[Row, ...] = ()
    if results.number(f"{table.output}.{POPULATION}", RECORDS):
        rows = _rows(table, maker)
    return Table(
        **shared_of(table, study, table_footnotes(table, results, rows, seen, maker.label)),
        heads=heads_across(heads_of(table, base, study, rules), statistics),
        stub=table.stub,
        rows=rows,
        aligns=tuple(DECIMAL for _ in leaves),
        empty=table.empty,
        turns="orientation" not in table.page.model_fields_set,
    )


def _rows(table: TableSpec, maker: Maker) -> tuple[Row, ...]:
    """The lines of every entry.

    An entry begins a block, unless it follows a heading, is a plain line after a plain line, or is indented:
    then it belongs to what stands above it.
    """
    lines, before = Lines(), ""
    for entry in table.rows:
        if isinstance(entry, HeadingSpec):
            lines.start = "block"
            lines.add(entry.heading, (), 0)
            before = "heading"
            continue
        kind = "plain" if entry.count and not entry.nested and not (entry.by and entry.label) else "block"
        below = entry.indent > 0 and bool(lines.rows)
        if before != "heading" and not below and not (before == kind == "plain"):
            lines.start = "block"
        elif below and not entry.count and before != "heading":
            lines.start = "group"
        add = _counts if entry.count else _analysed if entry.analyses else _summaries
        add(entry, maker, lines)
        before = "plain" if below and entry.count else kind
    return tuple(lines.rows)


def _counts(row: RowSpec, maker: Maker, lines: Lines) -> None:
    if not row.by:
        lines.add(row.label, maker.counted(row, ()), row.indent)
        return
    printed = _printed(row, maker)
    indent = row.indent
    if row.label and not printed and not _left_out(row, maker):
        lines.add(row.label, tuple(NONE if not leaf.is_p_value else BLANK for leaf in maker.leaves), indent)
    elif row.label:
        lines.add(row.label, (), indent)
        indent += 1
    for i, line in enumerate(printed):
        names = _labels(row, line)
        label = names[-1] if row.nested else ", ".join(names)
        deep = len(line) - 1 if row.nested else 0
        first = not i and bool(lines.rows) and lines.rows[-1].kind == "heading"
        begins = "block" if row.nested and not deep and not first else ""
        lines.add(label, maker.counted(row, line), indent + deep, begins)


def _labels(row: RowSpec, line: Groups) -> list[str]:
    """What the levels of a line are called, outermost first."""
    return [level.label(value) for level, (_, value) in zip(row.by, line, strict=False)]


def _left_out(row: RowSpec, maker: Maker) -> bool:
    """Say whether an entry without lines has records: below `at_least`, or without a level. It is not 0."""
    analysis, results = maker.analysis(row), maker.results
    main = "n" if row.count == "subjects" else "events"
    counted = any(r["stat_num"] for r in results.of(analysis, main))
    return counted or bool(results.number(analysis, MISSING))


def _printed(row: RowSpec, maker: Maker) -> list[Groups]:
    """The lines of a count: without those below `at_least`, and without an empty `missing`."""
    analysis, results = maker.analysis(row), maker.results
    main = "n" if row.count == "subjects" else "events"
    lines = results.lines(analysis, main, maker.across)
    groups = [leaf.groups for leaf in maker.leaves if not leaf.is_p_value]

    def highest(line: Groups, statistic: str) -> float:
        return max((results.number(analysis, statistic, (*g, *line)) for g in groups), default=0.0)

    def is_empty_missing(line: Groups) -> bool:
        missing = [i for i, (_, value) in enumerate(line) if value == row.by[i].missing]
        return any(not highest(line[: i + 1] if row.nested else line, main) for i in missing)

    whole = len(row.by)
    lines = [x for x in lines if not is_empty_missing(x)]
    if row.at_least is not None:
        least = row.at_least / 100 - 1e-12
        kept = {x for x in lines if len(x) == whole and highest(x, "pct") >= least}
        outer = {x[:d] for x in kept for d in range(1, whole)}
        lines = [x for x in lines if x in kept or x in outer]
    return lines


def _summaries(row: RowSpec, maker: Maker, lines: Lines) -> None:
    """A line a format below each level; a single format without a label, and statistics that are columns,
    stand on the level's own line."""
    alone = _is_alone(row, maker)
    variable = None if maker.table.columns.spans else row.summarise[0]
    indent = row.indent
    if row.label and (row.by or not alone):
        lines.add(row.label, (), indent)
        indent += 1
    if not row.by:
        _statistics(row, maker, lines, (), indent)
        return
    before: Groups = ()
    for line in maker.results.lines(maker.analysis(row, row.summarise[0]), "n", maker.across):
        changed = next((i for i, g in enumerate(line) if i >= len(before) or before[i] != g), len(line))
        tight = changed if maker.table.statistics == "rows" else not row.nested or changed == len(line) - 1
        if not lines.start and not (alone and tight) and (before or lines.rows[-1].kind == "data"):
            lines.start = "block" if changed == 0 or not row.nested else "group"
        for i in range(changed if row.nested else len(line) - 1, len(line)):
            names = _labels(row, line)
            own = alone and i == len(line) - 1
            cells = maker.summarised(row, next(iter(row.cells.values())), line, variable) if own else ()
            deep = i if row.nested else 0
            lines.add(names[i] if row.nested else ", ".join(names), cells, indent + deep)
        if not alone:
            _statistics(row, maker, lines, line, indent + (len(line) if row.nested else 1))
        before = line


def _is_alone(row: RowSpec, maker: Maker) -> bool:
    one = list(row.cells) == [""] or maker.table.statistics == "columns"
    return one and (bool(maker.table.columns.spans) or len(row.summarise) == 1)


def _analysed(row: RowSpec, maker: Maker, lines: Lines) -> None:
    """One line a format; with `by` and a single format, one a level."""
    indent = row.indent
    if row.label and not (len(row.cells) == 1 and not row.by and "" in row.cells):
        lines.add(row.label, (), indent)
        indent += 1
    if not row.by:
        for label, form in row.cells.items():
            lines.add(label or row.label, maker.cells_of(row, form, ()), indent)
        return
    analysis = maker.analysis(row)
    some = next(name for form in row.cells.values() for name in tokens(form, row.at))
    for line in maker.results.lines(analysis, some, maker.across):
        named = ", ".join(_labels(row, line))
        if len(row.cells) == 1:
            lines.add(named, maker.cells_of(row, next(iter(row.cells.values())), line), indent)
            continue
        lines.add(named, (), indent)
        for label, form in row.cells.items():
            lines.add(label, maker.cells_of(row, form, line), indent + 1)


def _statistics(row: RowSpec, maker: Maker, lines: Lines, line: Groups, indent: int) -> None:
    """One line a format; several variables, where no spans split them, one below the other with a label."""
    spans = bool(maker.table.columns.spans)
    several = len(row.summarise) > 1 and not spans
    if maker.table.statistics == "columns":
        for variable in (None,) if spans else row.summarise:
            label = maker.label(variable) if several and variable else row.label
            lines.add(label, maker.summarised(row, "", line, variable), indent)
        return
    for variable in (None,) if spans else row.summarise:
        if several and variable:
            lines.add(maker.label(variable), (), indent)
        for label, form in row.cells.items():
            lines.add(label or row.label, maker.summarised(row, form, line, variable), indent + several)
