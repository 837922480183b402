"""The running header and footer: study, report, notice, cut-off, build, page x of y.

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
from tlfgen.document.theme import Theme

PAGE, OF = "Page ", " of "
PIECES = (PAGE, OF, *"0123456789")
SIZE, LINE, MILLIMETRE, BOTTOM = 8.0, 10.0, 72 / 25.4, 10.0
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
    over, _ = render_html(_html(papers, theme, front, report), theme, "text")
    stamped = []
    with pikepdf.open(io.BytesIO(over)) as source:
        frames = dict(zip(papers, source.pages, strict=False))
        pieces = dict(zip(PIECES, list(source.pages)[len(papers) :], strict=True))
        for pdf in documents:
            with pikepdf.open(io.BytesIO(pdf)) as document:
                _stamp_pages(document, frames, pieces, theme, skip)
                stamped.append(to_bytes(document))
    return stamped


def _paper(size: Size) -> Size:
    return round(size[0], 2), round(size[1], 2)


def _html(papers: Sequence[Size], theme: Theme, front: FrontMatter, report: str) -> str:
    margins = [theme.page("landscape" if w > h else "portrait")[2] for w, h in papers]
    return theme.fill(
        "stamp.html.j2",
        papers=[(w, h, m.left, m.right) for (w, h), m in zip(papers, margins, strict=True)],
        pieces=[(piece, theme.sans.width(piece, SIZE) + 1) for piece in PIECES],
        foot=" \u00b7 ".join((f"Data cut-off {front.cutoff}", f"Build {front.build}")),
        study=front.study,
        report=report,
        notice=front.notice,
    )


def _stamp_pages(
    document: Any, frames: Mapping[Size, Any], pieces: Mapping[str, Any], theme: Theme, skip: int
) -> None:
    import pikepdf

    pages = list(document.pages)
    forms = {key: document.copy_foreign(page.as_form_xobject()) for key, page in frames.items()}
    parts = {key: document.copy_foreign(page.as_form_xobject()) for key, page in pieces.items()}
    for number, page in enumerate(pages[skip:], skip + 1):
        size = _paper((float(page.mediabox[2]), float(page.mediabox[3])))
        frame = page.add_resource(forms[size], pikepdf.Name.XObject, pikepdf.Name("/RunningFrame"))
        drawn = [f"q {frame} Do Q"]
        named = {}
        right = size[0] - theme.page("landscape" if size[0] > size[1] else "portrait")[2].right * MILLIMETRE
        for piece, x in _placed((PAGE, *str(number), OF, *str(len(pages))), right, theme):
            if piece not in named:
                name = pikepdf.Name(f"/Running{PIECES.index(piece)}")
                named[piece] = page.add_resource(parts[piece], pikepdf.Name.XObject, name)
            drawn.append(f"q 1 0 0 1 {x:.3f} {BOTTOM * MILLIMETRE:.3f} cm {named[piece]} Do Q")
        page.contents_add(b"q", prepend=True)
        page.contents_add(f"Q /Artifact BMC {' '.join(drawn)} EMC".encode())


def _placed(texts: Sequence[str], right: float, theme: Theme) -> list[tuple[str, float]]:
    """Each piece with where it begins, so that the last ends at `right`."""
    widths = [theme.sans.width(t, SIZE) for t in texts]
    starts = [right - sum(widths[i:]) for i in range(len(widths))]
    return list(zip(texts, starts, strict=True))
