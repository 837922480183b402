"""A table on pages: column widths from its content, page breaks from fixed metrics.

Breaks, in this order: a heading and a parent stay with the row below; a group that fits a page stays whole
where that wastes no more than a third of the page; else two rows at least stand on each side. A group that
is split repeats its labels with "(continued)"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tlfgen.display.parts import Cell, Head, Row, Table
from tlfgen.document.page import RULES, Sheet
from tlfgen.document.side_by_side import columns_of, split_columns
from tlfgen.document.theme import Theme
from tlfgen.document.wrap import pieces, wrap
from tlfgen.errors import RenderError

GUTTER, LABEL_LEAST, LABEL_SHARE, LABEL_SIDE = 9.0, 96.0, 0.46, 0.3
LABEL_USUAL, LABEL_ROOM = 190.0, 24.0
FIGURE_SPACE = "\u2007"
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class PlacedCell:
    """A cell's text with the blank on its left that puts its decimal point in the column's line."""

    text: str
    pad: float


@dataclass(frozen=True)
class PlacedRow:
    lines: tuple[str, ...]
    cells: tuple[PlacedCell, ...]
    indent: float
    height: float
    heading: bool
    space: float


@dataclass(frozen=True)
class PlacedHead:
    lines: tuple[str, ...]
    span: int


@dataclass(frozen=True)
class TablePage:
    """What stands on one page: widths of label and columns, header rows, and rows."""

    widths: tuple[float, ...]
    stub: tuple[str, ...]
    heads: tuple[tuple[PlacedHead, ...], ...]
    rows: tuple[PlacedRow, ...]


@dataclass(frozen=True)
class TablePages:
    """A table laid out."""

    sheet: Sheet
    pages: tuple[TablePage, ...]


def lay_table(table: Table, theme: Theme) -> TablePages:
    """Lay a table out.

    First case that applies:
      1. its columns fit its page             as it is
      2. the spec names no orientation        landscape, where they fit that
      3. otherwise                            side by side: the columns go on over pages that follow each
                                              other, each with the labels of the same rows
    A single column that leaves no room for the labels is a RenderError.
    """
    turned = ("landscape",) if table.turns else ()
    for orientation in dict.fromkeys((table.orientation, *turned)):
        sheet = Sheet(table, theme, orientation)
        needs = _needs(table, _pad_slots(table), sheet)
        if sheet.width - sum(needs) >= LABEL_LEAST or not needs:
            return _lay([table], [needs], sheet)
    label = max(LABEL_LEAST, min(_natural(table, sheet), sheet.width * LABEL_SIDE))
    bounds = split_columns(table, needs, sheet.width - label, sheet.width - LABEL_LEAST)
    return _lay([columns_of(table, *b) for b in bounds], [needs[slice(*b)] for b in bounds], sheet)


def fits(table: Table, theme: Theme, orientation: str) -> bool:
    """Say whether the columns of a table fit one page, with room for the labels."""
    sheet = Sheet(table, theme, orientation)
    return sheet.width - sum(_needs(table, _pad_slots(table), sheet)) >= LABEL_LEAST


def _pad_slots(table: Table) -> list[list[str]]:
    """Texts by column; a later number's bracket gets figure spaces before it, never inside, so that numbers
    align within one format."""
    columns = []
    for c in range(len(table.aligns)):
        cells = [row.cells[c] if c < len(row.cells) else Cell("") for row in table.rows]
        widest: dict[tuple[str, int], int] = {}
        for cell in cells:
            for i, digits in _later_numbers(cell.text):
                key = (_shape(cell.text), i)
                widest[key] = max(widest.get(key, 0), len(digits))
        columns.append([_padded(cell.text, widest) for cell in cells])
    return columns


def _shape(text: str) -> str:
    """A text's format: each number by its decimals."""
    return re.sub(r"\d+([.\u00b7]\d+)?", lambda m: f"#{len(m.group(1) or '')}", text)


def _later_numbers(text: str) -> list[tuple[int, str]]:
    """The whole parts of a count's later numbers, in brackets; a mean's SD is not aligned."""
    if not re.match(r"\d+ [(\[]", text):
        return []
    found = list(re.finditer(r"\d+(?:[.\u00b7]\d+)?", text))
    return [(i, re.split(r"[.\u00b7]", m.group())[0]) for i, m in enumerate(found) if i > 0]


def _padded(text: str, widest: dict[tuple[str, int], int]) -> str:
    later = dict(_later_numbers(text))
    if not later:
        return text
    shape, parts, at = _shape(text), [], 0
    for i, m in enumerate(re.finditer(r"\d+(?:[.\u00b7]\d+)?", text)):
        before = text[at : m.start()]
        if i in later and before[-1:] in "([":
            pad = FIGURE_SPACE * (widest[(shape, i)] - len(later[i]))
            before = before[:-1] + pad + before[-1]
        parts += [before, m.group()]
        at = m.end()
    return "".join([*parts, text[at:]])


def _needs(table: Table, texts: list[list[str]], sheet: Sheet) -> list[float]:
    needs = []
    for c, column in enumerate(texts):
        left, right = _halves(column, sheet)
        words = [w for head in _leaf_heads(table)[c].lines for w in head.split()]
        header = max((sheet.bold.width(w) for w in words), default=0)
        needs.append(max(left + right, header) + GUTTER)
    return _under_heads(table, needs, sheet)


def _under_heads(table: Table, needs: list[float], sheet: Sheet) -> list[float]:
    """The widths with as much more, in equal parts, as the longest word of a header above several columns
    needs: no word breaks inside."""
    wide = list(needs)
    for row in table.heads[:-1]:
        at = 0
        for head in row:
            own = slice(at, at + head.span)
            longest = max((sheet.bold.width(w) for line in head.lines for w in pieces(line)), default=0.0)
            lacking = longest + GUTTER - sum(wide[own])
            if lacking > 0:
                wide[own] = [n + lacking / head.span for n in wide[own]]
            at += head.span
    return wide


def _leaf_heads(table: Table) -> tuple[Head, ...]:
    return table.heads[-1] if table.heads else tuple(Head(("",)) for _ in table.aligns)


def _halves(column: Sequence[str], sheet: Sheet) -> tuple[float, float]:
    """The widest part before the decimal point of the first number, and the widest from it on."""
    lefts, rights = [0.0], [0.0]
    for text in column:
        before = _before_point(text)
        lefts.append(sheet.setting.width(before))
        rights.append(sheet.setting.width(text[len(before) :]))
    return max(lefts), max(rights)


def _before_point(text: str) -> str:
    m = _NUMBER.search(text)
    return text[: m.end()] if m else ""


def _natural(table: Table, sheet: Sheet) -> float:
    """The width that the labels have without a break."""
    indent = sheet.theme.spec.sizes.indent
    return max((sheet.setting.width(r.label) + r.indent * indent for r in table.rows), default=0) + GUTTER


def _widths(table: Table, needs: list[float], sheet: Sheet) -> tuple[float, ...]:
    natural = _natural(table, sheet)
    wide = [
        max(n, max((sheet.bold.width(line) for line in h.lines), default=0) + GUTTER)
        for n, h in zip(needs, _leaf_heads(table), strict=True)
    ]
    label = max(LABEL_LEAST, min(natural, sheet.width * LABEL_SHARE))
    if label + sum(wide) <= sheet.width:
        needs = wide
    label = max(LABEL_LEAST, min(natural, sheet.width - sum(needs)))
    spare = sheet.width - label - sum(needs)
    each = min(spare / len(needs), 46.0) if needs else 0
    columns = [n + each for n in needs]
    return (min(sheet.width - sum(columns), max(natural + LABEL_ROOM, LABEL_USUAL)), *columns)


def _lay(tables: list[Table], needs: list[list[float]], sheet: Sheet) -> TablePages:
    """Lay out what stands side by side: one width of the labels, so that all break at the same rows."""
    own = [_widths(t, n, sheet) for t, n in zip(tables, needs, strict=True)]
    widths = [(min(w[0] for w in own), *w[1:]) for w in own]
    whole = min(map(sum, widths))
    stub = wrap(tables[0].stub, widths[0][0] - GUTTER, sheet.bold) if tables[0].stub else ("",)
    heads = [
        tuple(_place_heads(row, w, sheet) for row in t.heads) for t, w in zip(tables, widths, strict=True)
    ]
    placed = [_placed(t, w, whole, sheet) for t, w in zip(tables, widths, strict=True)]
    lines = max(sum(max(len(h.lines) for h in row) for row in h) for h in heads)
    leading = sheet.theme.spec.sizes.table_leading
    room = sheet.room - max(lines, len(stub)) * leading - RULES - 5 * len(heads[0])
    rows = [_pages(t.rows, p, room, sheet, whole) for t, p in zip(tables, placed, strict=True)]
    pages = (
        TablePage(w, stub, h, r)
        for across in zip(*rows, strict=True)
        for w, h, r in zip(widths, heads, across, strict=True)
    )
    return TablePages(sheet, tuple(pages))


def _placed(table: Table, widths: tuple[float, ...], whole: float, sheet: Sheet) -> list[PlacedRow]:
    texts = _pad_slots(table)
    halves = [_halves(column, sheet) for column in texts]
    return [
        _place(row, [t[i] for t in texts], widths, halves, whole, sheet, i)
        for i, row in enumerate(table.rows)
    ]


def _place_heads(row: tuple[Head, ...], widths: tuple[float, ...], sheet: Sheet) -> tuple[PlacedHead, ...]:
    found, at = [], 1
    for head in row:
        width = sum(widths[at : at + head.span]) - GUTTER / 2
        lines = [line for text in head.lines for line in wrap(text, width, sheet.bold)]
        found.append(PlacedHead(tuple(lines), head.span))
        at += head.span
    return tuple(found)


def _place(
    row: Row,
    texts: list[str],
    widths: tuple[float, ...],
    halves: list[tuple[float, float]],
    whole: float,
    sheet: Sheet,
    index: int,
) -> PlacedRow:
    sizes = sheet.theme.spec.sizes
    indent = row.indent * sizes.indent
    room = (whole if row.kind == "heading" and not row.cells else widths[0]) - indent - GUTTER / 2
    lines = wrap(row.label, max(room, 20), sheet.setting)
    cells = []
    for c, text in enumerate(texts):
        left, right = halves[c]
        own = sheet.setting.width(_before_point(text))
        pad = max(0.0, (widths[c + 1] - left - right) / 2) + left - own if text else 0.0
        cells.append(PlacedCell(text, pad))
    space = sizes.group_gap if row.space_before and index else 0.0
    height = len(lines) * sizes.table_leading + sizes.row_gap + space
    return PlacedRow(lines, tuple(cells), indent, height, row.kind == "heading", space)


def _pages(
    rows: Sequence[Row], placed: list[PlacedRow], room: float, sheet: Sheet, whole: float
) -> list[tuple[PlacedRow, ...]]:
    if not rows:
        return [()]
    pages, start = [], 0
    while start < len(rows):
        above = (
            [_continued(rows[i], placed[i], sheet, whole) for i in _ancestors(rows, start)] if start else []
        )
        left = room - sum(r.height for r in above)
        end = start
        while end < len(rows) and left >= placed[end].height - (placed[end].space if end == start else 0):
            left -= placed[end].height
            end += 1
        if end == start:
            raise RenderError(
                f"A row of {sheet.output.kind_label} {sheet.output.number} is higher than its page.",
                hint=rows[start].label[:80],
            )
        if end < len(rows):
            end = _break(rows, start, end)
        first = replace(placed[start], space=0.0)
        pages.append((*above, first, *placed[start + 1 : end]))
        start = end
    return pages


def _ancestors(rows: Sequence[Row], at: int) -> list[int]:
    """The rows above that `at` is indented under, and the heading of its group that stands as far out as the
    rows below it; outermost first."""
    found, indent = [], rows[at].indent
    for i in range(at - 1, -1, -1):
        if rows[i].indent < indent or (rows[i].indent == indent and _heads(rows, i, rows[at].group)):
            found.append(i)
            indent = rows[i].indent
        if rows[i].indent == 0 and rows[i].group != rows[at].group:
            break
    return found[::-1]


def _heads(rows: Sequence[Row], at: int, group: int) -> bool:
    """Whether a row is a heading of a group whose rows are not indented under it."""
    row = rows[at]
    return row.kind == "heading" and row.group == group and rows[at + 1].indent == row.indent


def _continued(row: Row, placed: PlacedRow, sheet: Sheet, whole: float) -> PlacedRow:
    label = sheet.theme.words.say("row_continued", label=row.label)
    lines = wrap(label, whole - placed.indent, sheet.setting)
    sizes = sheet.theme.spec.sizes
    return PlacedRow(lines, (), placed.indent, len(lines) * sizes.table_leading + sizes.row_gap, True, 0.0)


def _break(rows: Sequence[Row], start: int, end: int) -> int:
    """Where to break at or above `end`, the first row that does not fit."""
    allowed = [e for e in range(end, start, -1) if not _splits(rows, e)]
    whole = [e for e in allowed if rows[e].group != rows[e - 1].group]
    if whole and whole[0] - start >= (end - start) * 2 / 3:
        return whole[0]
    pairs = [e for e in allowed if _both_sides(rows, e)]
    return (pairs or allowed or [end])[0]


def _splits(rows: Sequence[Row], at: int) -> bool:
    """Whether a break above `at` parts a heading, or a parent, from its first row."""
    above = rows[at - 1]
    return above.kind == "heading" or rows[at].indent > above.indent


def _both_sides(rows: Sequence[Row], at: int) -> bool:
    """Whether two rows of a split group stand on each side of a break above `at`."""
    group = rows[at].group
    if rows[at - 1].group != group:
        return True
    before = at >= 2 and rows[at - 2].group == group and rows[at - 2].indent == rows[at].indent
    after = at + 1 < len(rows) and rows[at + 1].group == group
    return before and after
