"""One output to its pages: a table, a listing or a figure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from markupsafe import Markup

from tlfgen.display.parts import Figure, Laid, Listing, Pages, Part
from tlfgen.document import pdf
from tlfgen.document.fonts import with_printable_texts
from tlfgen.document.ink import ink, pages_of, ratio_of
from tlfgen.document.lay_listing import lay_listing
from tlfgen.document.lay_table import lay_table
from tlfgen.document.page import Sheet
from tlfgen.document.pdf import render_html
from tlfgen.document.theme import Theme

FIGURE = re.compile(r'src="(data:image/svg\+xml;base64,[^"]*)"')
NAMES = ("id", "results", "records", "keys")  # what a part holds and no page prints


def render_output(part: Laid, theme: Theme) -> bytes:
    """Set an output's pages, without running header and footer; split by page, with a bookmark for each.

    Raises RenderError: a column too wide, a row higher than its page.
    """
    if isinstance(part, Pages):
        return join_values(part, render_values(part, theme))
    part = with_printable_texts(part, theme.sans, NAMES)
    styles = Styles()
    sheet, pages = _pages(part, theme, styles)
    width, height, margin = theme.page(sheet.orientation)
    html = theme.fill(
        "output.html.j2", part=_head(part), sheet=_margins(sheet), pages=pages, rules=styles.rules(),
        paper=(width, height), margin=margin, height=sheet.height - 0.5,
        below=theme.spec.document == "manuscript",
    )  # fmt: skip
    drawn = frozenset(FIGURE.findall("".join(pages))) if isinstance(part, Figure) else frozenset()
    return render_html(html, theme, "output", figures=drawn)[0]


def render_values(output: Pages, theme: Theme) -> list[bytes]:
    """The pages of each value of an output that is split by page."""
    return [render_output(part, theme) for part in output.numbered]


def join_values(output: Pages, rendered: Sequence[bytes]) -> bytes:
    """The pages of all values as one, with a bookmark for each."""
    parts = [
        pdf.Part(pages, {f"{output.id}-{i}": 0}, ((1, label, f"{output.id}-{i}"),))
        for i, (pages, label) in enumerate(zip(rendered, output.bookmarks, strict=True))
    ]
    return pdf.join(parts, output.named)


class Styles:
    """The cells' own styles, each named once: the page engine reads a class faster than a style attribute."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def name(self, declarations: str) -> str:
        """The class that stands for these declarations."""
        return self._names.setdefault(declarations, f"c{len(self._names)}")

    def rules(self) -> str:
        return "".join(f"\n.sheet .{n}{{{d}}}" for d, n in self._names.items())


def _head(part: Part) -> dict[str, object]:
    """What a page says of its output."""
    return {n: getattr(part, n) for n in ("id", "kind_label", "number", "title", "population")}


def _margins(sheet: Sheet) -> dict[str, object]:
    """The lines above and below what a page shows."""
    names = ("title_lines", "continued_lines", "note_lines", "source_lines", "head_height")
    return {n: getattr(sheet, n) for n in names}


def _pages(part: Part, theme: Theme, styles: Styles) -> tuple[Sheet, list[Markup]]:
    if isinstance(part, Figure):
        return _figure(part, theme)
    if not part.rows:
        sheet = Sheet(part, theme, part.orientation)
        return sheet, [_empty(part)]
    if isinstance(part, Listing):
        listing = lay_listing(part, theme)
        laid = {n: getattr(listing, n) for n in ("widths", "heads", "aligns")}
        of_listing = partial(theme.fill, "listing.html.j2", laid=laid, functions={"style": styles.name})
        return listing.sheet, [of_listing(rows=rows) for rows in listing.pages]
    table = lay_table(part, theme)
    gap, functions = theme.spec.sizes.row_gap, {"style": styles.name}
    of_table = partial(theme.fill, "table.html.j2", gap=gap, functions=functions)
    placed = [{n: getattr(p, n) for n in ("widths", "stub", "heads", "rows")} for p in table.pages]
    return table.sheet, [of_table(laid=page) for page in placed]


def _empty(part: Part) -> Markup:
    return Markup('<p class="empty">{text}</p>').format(text=part.empty)


def _figure(part: Figure, theme: Theme) -> tuple[Sheet, list[Markup]]:
    import base64

    sheet = Sheet(part, theme, part.orientation)
    if part.blank:
        return sheet, [_empty(part)]
    image = Markup(
        '<figure><img alt="{alt}" style="width:{w}pt;height:{h}pt" '
        'src="data:image/svg+xml;base64,{svg}"></figure>'
    )
    found, pages = [], pages_of(part)
    for number, panels in enumerate(pages, 1):
        width, height = sheet.width, min(sheet.room - 6, sheet.width * ratio_of(panels, part.across))
        svg = base64.b64encode(ink(part, panels, theme, width, height)).decode()
        alt = part.alt if len(pages) == 1 else f"{part.alt} ({number} of {len(pages)})"
        found.append(image.format(alt=alt, w=width, h=height, svg=svg))
    return sheet, found
