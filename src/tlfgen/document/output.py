"""One output to its pages: a table, a listing or a figure."""

from __future__ import annotations

import importlib
from typing import Any

from tlfgen.display.parts import Cell, Figure, Listing, Part, Table
from tlfgen.document.fonts import check_characters
from tlfgen.document.lay_listing import lay_listing
from tlfgen.document.lay_table import lay_table
from tlfgen.document.page import Sheet
from tlfgen.document.pdf import render_html
from tlfgen.document.theme import Theme


def render_output(part: Part, theme: Theme) -> bytes:
    """Set an output's pages, without running header and footer.

    Raises RenderError: a character that no font has, a table too wide, a row higher than its page.
    """
    check_characters(_texts(part), theme.sans, f"{part.kind_label} {part.number} ({part.id})")
    styles = Styles()
    sheet, pages = _pages(part, theme, styles)
    width, height, margin = theme.page(sheet.orientation)
    html = theme.templates.get_template("output.html.j2").render(
        part=part, sheet=sheet, pages=pages, styles=styles, paper=(width, height), margin=margin,
        height=sheet.height - 0.5, below=theme.spec.document == "manuscript",
    )  # fmt: skip
    return render_html(html, theme, "output")[0]


class Styles:
    """The cells' own styles, each named once: the page engine reads a class faster than a style attribute."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def name(self, declarations: str) -> str:
        """The class that stands for these declarations."""
        return self._names.setdefault(declarations, f"c{len(self._names)}")

    def rules(self) -> str:
        return "".join(f"\n.sheet .{n}{{{d}}}" for d, n in self._names.items())


def _safe(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)


def _pages(part: Part, theme: Theme, styles: Styles) -> tuple[Sheet, list[Any]]:
    if isinstance(part, Figure):
        return _figure(part, theme)
    if not part.rows:
        sheet = Sheet(part, theme, part.orientation)
        return sheet, [_empty(part, theme)]
    if isinstance(part, Listing):
        listing = lay_listing(part, theme)
        template = theme.templates.get_template("listing.html.j2")
        pages = [template.render(laid=listing, rows=rows, styles=styles) for rows in listing.pages]
        return listing.sheet, [_safe(page) for page in pages]
    table = lay_table(part, theme)
    template = theme.templates.get_template("table.html.j2")
    gap = theme.spec.sizes.row_gap
    pages = [template.render(laid=table, rows=rows, gap=gap, styles=styles) for rows in table.pages]
    return table.sheet, [_safe(page) for page in pages]


def _empty(part: Part, theme: Theme) -> Any:
    return _safe(theme.templates.from_string('<p class="empty">{{ text }}</p>').render(text=part.empty))


def _figure(part: Figure, theme: Theme) -> tuple[Sheet, list[Any]]:
    import base64

    sheet = Sheet(part, theme, part.orientation)
    if part.blank:
        return sheet, [_empty(part, theme)]
    draw = getattr(importlib.import_module(f"tlfgen.document.draw_{part.shape}"), f"draw_{part.shape}")
    width, height = sheet.width, min(sheet.room - 6, sheet.width * part.ratio)
    svg = base64.b64encode(draw(part, theme, width, height)).decode()
    image = (
        '<figure><img alt="{{ alt }}" style="width:{{ w }}pt;height:{{ h }}pt" '
        'src="data:image/svg+xml;base64,{{ svg }}"></figure>'
    )
    return sheet, [_safe(theme.templates.from_string(image).render(alt=part.alt, w=width, h=height, svg=svg))]


def _texts(part: Part) -> list[str]:
    texts = [part.title, part.subtitle, part.population, part.source, *part.footnotes]
    if isinstance(part, Table):
        texts += [part.stub, part.empty, *(line for row in part.heads for h in row for line in h.lines)]
        texts += [t for row in part.rows for t in (row.label, *(_text(c) for c in row.cells))]
    elif isinstance(part, Listing):
        texts += [c.label for c in part.columns] + [t for row in part.rows for t in row] + [part.empty]
    else:
        texts += [part.x_label, part.y_label, part.alt, part.empty, *part.texts()]
    return texts


def _text(cell: Cell) -> str:
    return cell.text
