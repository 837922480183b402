"""A listing on pages: texts wrapped at words by the fonts' widths, subjects repeated at the top of a page."""

from __future__ import annotations

from dataclasses import dataclass

from tlfgen.display.parts import Listing
from tlfgen.document.page import RULES, Sheet
from tlfgen.document.theme import Theme
from tlfgen.document.wrap import pieces, wrap
from tlfgen.errors import RenderError

GUTTER, ROW_GAP = 6.0, 2.6


@dataclass(frozen=True)
class ListingRow:
    cells: tuple[tuple[str, ...], ...]
    height: float


@dataclass(frozen=True)
class ListingPages:
    """A listing laid out: widths, header lines and the rows of each page."""

    sheet: Sheet
    widths: tuple[float, ...]
    heads: tuple[tuple[str, ...], ...]
    aligns: tuple[str, ...]
    pages: tuple[tuple[ListingRow, ...], ...]


def lay_listing(listing: Listing, theme: Theme) -> ListingPages:
    """Lay a listing out; widths are percentages of the page and share what they leave or exceed."""
    sheet = Sheet(listing, theme, listing.orientation)
    total = sum(c.width for c in listing.columns)
    widths = _widths(listing, [sheet.width * c.width / total for c in listing.columns], sheet)
    heads = tuple(wrap(c.label, w - GUTTER, sheet.bold) for c, w in zip(listing.columns, widths, strict=True))
    sizes = theme.spec.sizes
    room = sheet.room - max(len(h) for h in heads) * sizes.table_leading - RULES
    pages = _pages(listing, widths, room, sheet)
    return ListingPages(sheet, widths, heads, tuple(c.align for c in listing.columns), tuple(pages))


def _widths(listing: Listing, asked: list[float], sheet: Sheet) -> tuple[float, ...]:
    """The widths asked for; a column too narrow for its longest word takes room from the others."""
    needs = []
    for i, column in enumerate(listing.columns):
        words = {word for row in listing.rows for word in pieces(row[i])}
        widest = max((sheet.setting.width(word) for word in words), default=0.0)
        header = max((sheet.bold.width(word) for word in pieces(column.label)), default=0.0)
        needs.append(max(widest, header) + GUTTER + 0.5)
    lacking = sum(max(0.0, n - w) for n, w in zip(needs, asked, strict=True))
    spare = sum(max(0.0, w - n) for n, w in zip(needs, asked, strict=True))
    if not lacking or lacking > spare:
        return tuple(asked)
    return tuple(max(n, w - max(0.0, w - n) * lacking / spare) for n, w in zip(needs, asked, strict=True))


def _pages(
    listing: Listing, widths: tuple[float, ...], room: float, sheet: Sheet
) -> list[tuple[ListingRow, ...]]:
    repeated = [i for i, c in enumerate(listing.columns) if c.repeat == "page"]
    pages: list[tuple[ListingRow, ...]] = []
    here: list[ListingRow] = []
    left = room
    before: tuple[str, ...] = ()
    for texts in listing.rows:
        key = tuple(texts[i] for i in repeated)
        same = next(
            (n for n, (new, old) in enumerate(zip(key, before, strict=False)) if new != old), len(before)
        )
        row = _row(texts, widths, sheet, set(repeated[:same]) if here else set())
        if row.height > left and here:
            pages.append(tuple(here))
            here, left = [], room
            row = _row(texts, widths, sheet, set())
        if row.height > room:
            raise RenderError(
                f"A record of Listing {listing.number} is higher than its page.", hint=" | ".join(texts)[:120]
            )
        here.append(row)
        left -= row.height
        before = key
    return [*pages, tuple(here)] if here or not pages else pages


def _row(texts: tuple[str, ...], widths: tuple[float, ...], sheet: Sheet, hidden: set[int]) -> ListingRow:
    cells = tuple(
        () if i in hidden else wrap(t, w - GUTTER, sheet.setting)
        for i, (t, w) in enumerate(zip(texts, widths, strict=True))
    )
    lines = max(1, max(map(len, cells), default=1))
    return ListingRow(cells, lines * sheet.theme.spec.sizes.table_leading + ROW_GAP)
