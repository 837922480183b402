"""What a figure says: every text that it sets, its content as plain text, and what the audit keeps of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tlfgen.display.panels import Axes, Bar, Box, Columns, Diagram, Label, Panel, Rule, Strip
from tlfgen.display.parts import Figure

Told = tuple[str, str, str]


def texts_of(figure: Figure) -> tuple[str, ...]:
    """Every text that the drawing sets where there is room for it."""
    return tuple(t for panel in figure.panels for t in _texts(panel) if t)


def _texts(panel: Panel) -> Iterator[str]:
    yield from (panel.letter, panel.title, panel.empty)
    for legend in panel.legend:
        yield from (legend.title, *(panel.looks[i].shown for i in legend.looks))
    for part in panel.parts:
        if isinstance(part, Diagram):
            for box in _boxes(part):
                yield from (box.text, *(t for a in box.asides for t in (a.text, *a.lines)))
        elif isinstance(part, Columns):
            yield from (part.head, *(t.text for t in part.texts))
        else:
            yield from _texts_of_axes(part)


def _texts_of_axes(axes: Axes) -> Iterator[str]:
    yield from (axes.title, axes.x.label, axes.y.label, *((axes.below or (0, "", ""))[1:]))
    yield from (t for _, t in (*axes.x.ticks, *axes.y.ticks))
    for mark in axes.marks:
        if isinstance(mark, Bar):
            yield from (mark.inside, mark.end, mark.cut)
        elif isinstance(mark, Rule | Label):
            yield mark.said
    for strip in axes.strips:
        yield from (strip.label, *strip.texts)
    if axes.corner:
        one = len(axes.corner.rows) == 1
        yield from axes.corner.heads
        yield from (t for r in axes.corner.rows for t in ("" if one else r.label, *(x.text for x in r.texts)))
        yield from (n.text for n in axes.corner.notes)


def plain(figure: Figure) -> list[str]:
    """What is drawn as lines of text, for the terminal and for those who cannot see the figure."""
    return [line for panel in figure.panels for line in _plain(panel)]


def _plain(panel: Panel) -> Iterator[str]:
    heading = "  ".join(t for t in (panel.letter, panel.title) if t)
    yield from (t for t in (heading, panel.empty) if t)
    plots = [p for p in panel.parts if isinstance(p, Axes)]
    if plots:
        names = (plots[0].y.label, plots[0].x.label)
        yield from (t for t in [" by ".join(n for n in names if n)] if t)
    numbered = (panel.looks[i] for legend in panel.legend for i in legend.looks)
    yield from (look.shown for look in numbered if look.text)
    yield from _plain_columns([p for p in panel.parts if isinstance(p, Columns)])
    for part in panel.parts:
        if isinstance(part, Diagram):
            for box in _boxes(part):
                yield box.text
                for aside in box.asides:
                    yield from (f"  - {aside.text}", *(f"      {line}" for line in aside.lines))
        elif isinstance(part, Axes):
            yield from _plain_axes(part)


def _plain_columns(columns: Sequence[Columns]) -> Iterator[str]:
    """The rows of a table beside a plot; labels without a header are said by the marks."""
    if not any(c.head for c in columns):
        return
    yield "  ".join(c.head for c in columns)
    for row in zip(*(c.texts for c in columns), strict=True):
        yield "  " * row[0].indent + "  ".join(t.text for t in row if t.text)


def _plain_axes(axes: Axes) -> Iterator[str]:
    if axes.corner:
        for row in axes.corner.rows:
            pairs = zip(axes.corner.heads, row.texts, strict=True)
            said = ", ".join(f"{head} {text.text}" for head, text in pairs)
            yield ": ".join(t for t in (row.label, said) if t)
        yield from (n.text for n in axes.corner.notes)
    for mark in axes.marks:
        yield from mark.words
    if axes.strips:
        yield f"{axes.x.label or 'At'}: " + "  ".join(t for _, t in axes.x.ticks)
    yield from (f"{name}: " + "  ".join(strip.texts) for name, strip in _named(axes.strips))


def _named(strips: Iterable[Strip]) -> Iterator[tuple[str, Strip]]:
    """The strips with numbers, each with its full name."""
    heading = ""
    for strip in strips:
        heading = strip.label if strip.heading else heading
        if strip.texts:
            yield (heading if strip.heading else ", ".join(t for t in (heading, strip.label) if t)), strip


def drawn(figure: Figure) -> list[Told]:
    """What is drawn with the results or records behind it, for the audit: (label, text, their names parted by
    "; ")."""
    found: list[Told] = []
    for panel in figure.panels:
        before = f"{panel.letter}: " if panel.letter else ""
        found += [(before + label, text, names) for label, text, names in _drawn(panel) if text]
    return found


def _drawn(panel: Panel) -> Iterator[Told]:
    for look in (panel.looks[i] for legend in panel.legend for i in legend.looks):
        if look.results:
            yield look.label, look.text, "; ".join(look.results)
    columns = [p for p in panel.parts if isinstance(p, Columns)]
    for row in zip(*(c.texts for c in columns), strict=True):
        yield from ((row[0].text, t.text, "; ".join(t.results)) for t in row if t.results)
    for part in panel.parts:
        if isinstance(part, Diagram):
            yield from ((b.text, b.text, "; ".join(b.results)) for b in _boxes(part))
            yield from ((a.text, a.text, "; ".join(a.results)) for b in _boxes(part) for a in b.asides)
        elif isinstance(part, Axes):
            yield from _drawn_axes(part)


def _drawn_axes(axes: Axes) -> Iterator[Told]:
    for mark in axes.marks:
        names = (*mark.results, *mark.records)
        if mark.text:
            yield mark.label, mark.text, "; ".join(names)
        else:
            yield from ((mark.label, name, name) for name in names)
    if axes.corner:
        for row in axes.corner.rows:
            yield from ((row.label, t.text, "; ".join(t.results)) for t in row.texts if t.results)
        yield from ((n.text, n.text, "; ".join(n.results)) for n in axes.corner.notes if n.results)
    for name, strip in _named(axes.strips):
        if strip.results:
            yield name, "  ".join(strip.texts), "; ".join(strip.results)


def _boxes(diagram: Diagram) -> tuple[Box, ...]:
    return (*diagram.trunk, *(b for lane in diagram.lanes for b in lane))


def points_words(points: Iterable[tuple[float, float]]) -> str:
    """Points as plain text."""
    return " ".join(f"({x:.6g}, {y:.4g})" for x, y in points)
