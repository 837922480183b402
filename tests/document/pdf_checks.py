"""What is wrong with a report's pages, read back by libraries that had no part in making it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pdfplumber
import pikepdf

HEADING_COLOURS = {(0.12156862745, 0.20784313725, 0.32156862745)}
HEADING_SIZE = 10.9


def check_pdf(path: Path, *, stamped: bool = True) -> list[str]:
    """Every fault of a PDF: text outside its page or over its neighbour, a heading last on its page, a link
    or a bookmark that leads nowhere, a font that is not embedded, a wrong page number."""
    with pikepdf.open(path) as document:
        faults = [*_links(document), *_fonts(document)]
    with pdfplumber.open(path) as pages:
        total = len(pages.pages)
        for number, page in enumerate(pages.pages, 1):
            words = page.extract_words(
                extra_attrs=["size", "fontname"], keep_blank_chars=False, x_tolerance=1.2
            )
            faults += [
                f"page {number}: {f}"
                for f in (*_outside(page, words), *_overlaps(words), *_heading_last(page))
            ]
            if stamped and number > 1 and f"Page {number} of {total}" not in (page.extract_text() or ""):
                faults.append(f"page {number}: no 'Page {number} of {total}'")
    return faults


def _outside(page: Any, words: list[dict[str, Any]]) -> Iterator[str]:
    edge = 20.0
    for w in words:
        if (
            w["x0"] < edge
            or w["x1"] > page.width - edge
            or w["top"] < edge
            or w["bottom"] > page.height - edge
        ):
            yield f"'{w['text']}' stands outside the page's margins"


def _overlaps(words: list[dict[str, Any]]) -> Iterator[str]:
    lines: dict[int, list[dict[str, Any]]] = {}
    for w in words:
        lines.setdefault(round(w["bottom"] * 2), []).append(w)
    for line in lines.values():
        line.sort(key=lambda w: float(w["x0"]))
        for left, right in zip(line, line[1:], strict=False):
            if right["x0"] < left["x1"] - 0.6:
                yield f"'{left['text']}' runs into '{right['text']}'"


def _heading_last(page: Any) -> Iterator[str]:
    body = [c for c in page.chars if 50 < c["top"] < page.height - 50 and c["text"].strip()]
    if not body:
        return
    lowest = max(c["bottom"] for c in body)
    last = [c for c in body if c["bottom"] > lowest - 2]
    colour = last[0]["non_stroking_color"]
    blue = isinstance(colour, tuple) and len(colour) == 3 and colour[2] > colour[0] + 0.15
    if blue and all(c["size"] >= HEADING_SIZE for c in last):
        yield "the heading '" + "".join(c["text"] for c in last)[:40] + "' stands last"


def _links(document: Any) -> Iterator[str]:
    names = (
        {str(n) for n in list(document.Root.Names.Dests.Names)[::2]} if "/Names" in document.Root else set()
    )
    pages = {p.obj.objgen for p in document.pages}
    for number, page in enumerate(document.pages, 1):
        for annotation in page.obj.get("/Annots", []):
            action = annotation.get("/A")
            if action is None:
                continue
            if "/URI" in action:
                yield f"page {number}: a link leaves the report: {action.URI}"
            elif str(action.D) not in names:
                yield f"page {number}: a link leads to '{action.D}', which is nowhere"
    with document.open_outline() as outline:
        stack = list(outline.root)
        while stack:
            item = stack.pop()
            stack += item.children
            target = item.destination
            if target is None or target[0].objgen not in pages:
                yield f"the bookmark '{item.title}' leads nowhere"


def _fonts(document: Any) -> Iterator[str]:
    for item in document.objects:
        if (
            isinstance(item, pikepdf.Dictionary)
            and item.get("/Type") == "/Font"
            and item.get("/Subtype") != "/Type0"
        ):
            descriptor = item.get("/FontDescriptor")
            if descriptor is None or not any(
                k in descriptor for k in ("/FontFile", "/FontFile2", "/FontFile3")
            ):
                yield f"the font {item.get('/BaseFont')} is not embedded"


def font_names(path: Path) -> set[str]:
    """The families of a PDF, without their subset marks."""
    with pikepdf.open(path) as document:
        found = {
            str(i.BaseFont)
            for i in document.objects
            if isinstance(i, pikepdf.Dictionary) and i.get("/Type") == "/Font"
        }
    return {re.sub(r"^/([A-Z]{6}\+)?", "", n) for n in found}
