"""The running header and footer on every page: what the theme lays out, and page x of y.

One page is set for each paper, and one for each piece of a page number; every page of a document then shows
its paper's frame and the pieces of its own number. Setting a page for each page took a tenth of a build.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from tlfgen.display.parts import FrontMatter
from tlfgen.document.fonts import printable, with_printable_texts
from tlfgen.document.pdf import page_sizes, render_html, to_bytes
from tlfgen.document.running_slots import EDGE, SIZE, Number, number_of, slots_of, values_of
from tlfgen.document.theme import MM, Theme

DIGITS, LINE = "0123456789", 10.0
Size = tuple[float, float]


def stamp(
    documents: Sequence[bytes], theme: Theme, front: FrontMatter, report: str, skip: int = 0
) -> list[bytes]:
    """Add the running header and footer to documents, from page `skip` of each on; each counts its own
    pages."""
    import pikepdf

    front, report = with_printable_texts(front, theme.sans), printable(report, theme.sans)
    papers = list(dict.fromkeys(_paper(s) for d in documents for s in page_sizes(d)[skip:]))
    if not papers:
        return list(documents)
    number = number_of(theme)
    pieces = (*number.literals, *DIGITS) if number is not None else ()
    over, _ = render_html(_html(papers, pieces, theme, values_of(front, report)), theme, "text")
    stamped = []
    with pikepdf.open(io.BytesIO(over)) as source:
        frames = dict(zip(papers, source.pages, strict=False))
        drawn = dict(zip(pieces, list(source.pages)[len(papers) :], strict=True))
        for pdf in documents:
            with pikepdf.open(io.BytesIO(pdf)) as document:
                _stamp_pages(document, frames, drawn, theme, skip)
                stamped.append(to_bytes(document))
    return stamped


def _paper(size: Size) -> Size:
    return round(size[0], 2), round(size[1], 2)


def _html(papers: Sequence[Size], pieces: Sequence[str], theme: Theme, values: Mapping[str, str]) -> str:
    slots = [slots_of(theme, values, size) for size in papers]
    return theme.fill(
        "stamp.html.j2",
        papers=[(w, h, own) for (w, h), own in zip(papers, slots, strict=True)],
        pieces=[(piece, theme.sans.width(piece, SIZE) + 1) for piece in pieces],
    )


def _stamp_pages(
    document: Any, frames: Mapping[Size, Any], pieces: Mapping[str, Any], theme: Theme, skip: int
) -> None:
    import pikepdf

    number, pages = number_of(theme), list(document.pages)
    forms = {key: document.copy_foreign(page.as_form_xobject()) for key, page in frames.items()}
    parts = {key: document.copy_foreign(page.as_form_xobject()) for key, page in pieces.items()}
    names = {piece: pikepdf.Name(f"/Running{i}") for i, piece in enumerate(pieces)}
    for at, page in enumerate(pages[skip:], skip + 1):
        size = _paper((float(page.mediabox[2]), float(page.mediabox[3])))
        frame = page.add_resource(forms[size], pikepdf.Name.XObject, pikepdf.Name("/RunningFrame"))
        drawn, added = [f"q {frame} Do Q"], {}
        texts = number.texts(at, len(pages)) if number is not None else []
        for piece, x, y in _placed(texts, number, size, theme):
            if piece not in added:
                added[piece] = page.add_resource(parts[piece], pikepdf.Name.XObject, names[piece])
            drawn.append(f"q 1 0 0 1 {x:.3f} {y:.3f} cm {added[piece]} Do Q")
        page.contents_add(b"q", prepend=True)
        page.contents_add(f"Q /Artifact BMC {' '.join(drawn)} EMC".encode())


def _placed(
    texts: Sequence[str], number: Number | None, size: Size, theme: Theme
) -> list[tuple[str, float, float]]:
    """Each piece with where it begins, in points: at the place that the theme gives the page's number."""
    if number is None:
        return []
    margin = theme.page("landscape" if size[0] > size[1] else "portrait")[2]
    widths = [theme.sans.width(t, SIZE) for t in texts]
    left, right = margin.left * MM, size[0] - margin.right * MM - sum(widths)
    start = {"left": left, "centre": (left + right) / 2, "right": right}[number.place]
    edge = EDGE[number.line] * MM
    y = edge if number.line == "footer" else size[1] - edge - LINE
    return [(t, start + sum(widths[:i]), y) for i, t in enumerate(texts)]
