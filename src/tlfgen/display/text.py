"""A part as plain text: for the terminal, and for tests that show what a part holds."""

from __future__ import annotations

from tlfgen.display.parts import Figure, Head, Laid, Listing, Pages, Table
from tlfgen.display.told import plain

GAP, INDENT = 2, 2


def as_text(part: Laid, width: int | None = None) -> str:
    """Show a part as plain text; lines longer than `width` characters are cut, with an ellipsis."""
    if isinstance(part, Pages):
        return "\n".join(as_text(page, width) for page in part.numbered)
    if isinstance(part, Table):
        body = _table(part)
    else:
        body = _listing(part) if isinstance(part, Listing) else _figure(part)
    top = [f"{part.kind_label} {part.number}  {part.title}", *part.subtitle.splitlines(), part.population]
    bottom = [*part.footnotes, *([f"Source: {part.source}"] if part.source else [])]
    lines = [line.rstrip() for line in (*top, "", *body, "", *bottom)]
    if width:
        lines = [line if len(line) <= width else line[: width - 3] + "..." for line in lines]
    return "\n".join(lines).rstrip() + "\n"


def _table(table: Table) -> list[str]:
    labels = [[" " * INDENT * row.indent + t for t in row.label.split("\n")] for row in table.rows]
    stubs = table.stub.split("\n")
    stub = max((len(t) for texts in (*labels, stubs) for t in texts), default=0)
    widths = _widths(table)
    lines = []
    depth = sum(max((len(h.lines) for h in row), default=0) for row in table.heads)
    height = max(depth, len(stubs))
    left = [""] * (height - len(stubs)) + stubs
    head = [line for row in table.heads for line in _head_lines(row, widths)]
    right = [""] * (height - len(head)) + head
    lines += [name.ljust(stub) + line for name, line in zip(left, right, strict=True)]
    lines.append("-" * (stub + sum(w + GAP for w in widths)))
    if not table.rows:
        lines.append(table.empty)
    for (label, *below), row in zip(labels, table.rows, strict=True):
        if row.space_before:
            lines.append("")
        cells = "".join(" " * GAP + c.text.ljust(w) for c, w in zip(row.cells, widths, strict=False))
        lines += [label.ljust(stub) + cells, *below]
    return lines


def _widths(table: Table) -> list[int]:
    count = len(table.aligns)
    widths = [0] * count
    for row in table.rows:
        for i, cell in enumerate(row.cells):
            widths[i] = max(widths[i], len(cell.text))
    for heads in table.heads[::-1]:
        at = 0
        for head in heads:
            need = max(len(line) for line in head.lines)
            have = sum(widths[at : at + head.span]) + GAP * (head.span - 1)
            if need > have:
                widths[at + head.span - 1] += need - have
            at += head.span
    return widths


def _head_lines(heads: tuple[Head, ...], widths: list[int]) -> list[str]:
    height = max(len(h.lines) for h in heads)
    lines = []
    for i in range(height):
        line, at = "", 0
        for head in heads:
            wide = sum(widths[at : at + head.span]) + GAP * (head.span - 1)
            offset = i - (height - len(head.lines))
            line += " " * GAP + (head.lines[offset] if offset >= 0 else "").ljust(wide)
            at += head.span
        lines.append(line)
    return lines


def _listing(listing: Listing) -> list[str]:
    heads = [c.label.split("\n") for c in listing.columns]
    cells = [[text.split("\n") for text in row] for row in listing.rows]
    widths = [max(len(t) for row in (heads, *cells) for t in row[i]) for i in range(len(heads))]

    def block(row: list[list[str]], *, below: bool) -> list[str]:
        height = max(len(texts) for texts in row)
        padded = [[""] * (height - len(t)) + t if below else t + [""] * (height - len(t)) for t in row]
        gap = " " * GAP
        return [gap.join(p[i].ljust(w) for p, w in zip(padded, widths, strict=True)) for i in range(height)]

    lines = [*block(heads, below=True), "-" * (sum(widths) + GAP * (len(widths) - 1))]
    if not cells:
        lines.append(listing.empty)
    for row in cells:
        lines += block(row, below=False)
    return lines


def _figure(figure: Figure) -> list[str]:
    return [figure.empty] if figure.blank else plain(figure)
