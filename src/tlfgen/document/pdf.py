"""HTML to PDF, and PDF parts to one PDF with outline, destinations, tags and stamps."""

from __future__ import annotations

import atexit
import functools
import gc
import hashlib
import io
import logging
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tlfgen.document.theme import Pages, Theme
from tlfgen.errors import RenderError

PRIVATE = "tlfgen:"
IMAGES = ("data:image/png", "data:image/jpeg")
POINTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")  # how such a file begins


@dataclass(frozen=True)
class Part:
    """Pages to be joined. targets: name -> page of the part, from 0. entries: (level, title, target) of the
    outline."""

    pdf: bytes
    targets: Mapping[str, int]
    entries: tuple[tuple[int, str, str], ...] = ()


def render_html(
    html: str, theme: Theme, pages: Pages, *, figures: Collection[str] = ()
) -> tuple[bytes, dict[str, int]]:
    """Set an HTML document by the theme's CSS for an output's pages or for text; give its PDF and the page,
    from 0, of each id that it has. figures: the `data:` URIs of what was drawn for it."""
    css = theme.css(pages)
    placeless = functools.reduce(
        lambda t, f: t.replace(f.path.as_uri(), f.path.name), theme.faces, css + html
    )
    identifier = hashlib.sha256(placeless.encode()).hexdigest()[:16].encode()
    with _without_collector(), _strict(), _as_errors_of(theme):
        return _set(html, css, theme, figures, identifier)


def _set(
    html: str, css: str, theme: Theme, figures: Collection[str], identifier: bytes
) -> tuple[bytes, dict[str, int]]:
    """The document in a frame of its own: its pages are gone before garbage is looked for again."""
    document = _layout(html, css, theme, figures)
    anchors: dict[str, int] = {}
    for number, page in enumerate(document.pages):
        for name in page.anchors:
            anchors.setdefault(name, number)
    return document.write_pdf(pdf_identifier=identifier, pdf_tags=True), anchors


class _Complaints(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


@contextmanager
def _strict() -> Iterator[None]:
    """Raise what the page engine only logs: an unreadable font, a rule that it does not know."""
    logger = logging.getLogger("weasyprint")
    complaints, own, level, up = _Complaints(), logger.handlers, logger.level, logger.propagate
    logger.handlers, logger.propagate = [complaints], False
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.handlers, logger.propagate = own, up
        logger.setLevel(level)
    if complaints.texts:
        _SHEETS.clear()  # one with a wrong rule complains again
        raise RenderError("The page cannot be set as its theme says.", hint=complaints.texts[0])


@contextmanager
def _as_errors_of(theme: Theme) -> Iterator[None]:
    """What a theme's CSS asks of the page engine and cannot have, as a RenderError."""
    load_engine()
    from weasyprint.urls import FatalURLFetchingError

    try:
        yield
    except FatalURLFetchingError as error:
        raise RenderError(
            f"The theme '{theme.name}' asks for what it does not hold: {str(error)[:200]}.",
            hint="Pages are set from its CSS, fonts and `data:` images; no other file or address is read.",
        ) from None
    except (ArithmeticError, RecursionError) as error:
        raise RenderError(
            f"The pages cannot be set by the theme '{theme.name}': {error}.",
            hint="Look for a size out of all measure, or values nested without end, in its CSS.",
        ) from None


@contextmanager
def _without_collector() -> Iterator[None]:
    """A page tree is millions of live objects; searching them for garbage costs a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@lru_cache(maxsize=1)
def load_engine() -> None:
    """Import the page engine without its search for libraries by compilers.

    It tries each library under the names of several systems, and for each that Linux does not know Python
    starts a compiler and a linker: thirty processes, and more than a second. The name with the version is
    among those tried and needs no search.
    """
    import ctypes.util

    usual = ctypes.util.find_library
    if sys.platform == "linux":
        ctypes.util.find_library = lambda name: None
    try:
        import weasyprint.text.fonts  # noqa: F401
    finally:
        ctypes.util.find_library = usual


def _layout(html: str, css: str, theme: Theme, figures: Collection[str]) -> Any:
    theme.use_fonts()
    load_engine()
    from weasyprint import HTML

    document = HTML(string=html, url_fetcher=_fetcher(theme, figures))
    return document.render(stylesheets=[_stylesheet(css, theme)], font_config=_font_configuration())


_SHEETS: dict[str, Any] = {}
atexit.register(_SHEETS.clear)  # before the interpreter takes apart what fonts are freed with


def _stylesheet(css: str, theme: Theme) -> Any:
    """The theme's CSS, parsed once: for each document it would be a twentieth of a build."""
    from weasyprint import CSS

    if css not in _SHEETS:
        _SHEETS[css] = CSS(string=css, font_config=_font_configuration(), url_fetcher=_fetcher(theme, ()))
    return _SHEETS[css]


@lru_cache(maxsize=1)
def _font_configuration() -> Any:
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


def _fetcher(theme: Theme, figures: Collection[str]) -> Any:
    """Refuse every resource but the theme's own font files, figures and images inside the page.

    An image of a theme is made of points: one of few lines that draws itself a billion times (SVG) would
    never end."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    allowed = {face.path.as_uri() for face in theme.faces}

    class OnlyTheme(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url in allowed or url in figures:
                return super().fetch(url, headers)
            if url.startswith(IMAGES):
                found = super().fetch(url, headers)
                if found.read(16).startswith(POINTS):
                    return super().fetch(url, headers)
                raise FatalURLFetchingError("an image that is neither PNG nor JPEG")
            raise FatalURLFetchingError(f"{url} is outside the theme")

    return OnlyTheme(allowed_protocols={"file", "data"}, allow_redirects=False)


def join(parts: Sequence[Part], title: str) -> bytes:
    """Join parts: pages, tags, named destinations, private links, outline. A link to nowhere is a
    RenderError."""
    import pikepdf
    from pikepdf import Dictionary, Name

    joined = pikepdf.new()
    targets: dict[str, int] = {}
    tags = _Tags(joined)
    for part in parts:
        with pikepdf.open(io.BytesIO(part.pdf)) as source:
            at = len(joined.pages)
            joined.pages.extend(source.pages)
            tags.take(source, at)
            targets |= {name: at + page for name, page in part.targets.items()}
    _links(joined, targets)
    _outline(joined, [e for p in parts for e in p.entries], targets)
    tags.write()
    names = [
        x
        for t in sorted(targets)
        for x in (pikepdf.String(t), joined.make_indirect(_destination(joined, targets[t])))
    ]
    joined.Root.Names = Dictionary(Dests=Dictionary(Names=pikepdf.Array(names)))
    joined.Root.PageMode = Name.UseOutlines
    joined.Root.Lang = pikepdf.String("en")
    joined.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    joined.docinfo["/Title"] = title
    return to_bytes(joined)


def outline_of(part: bytes) -> list[tuple[str, int]]:
    """The bookmarks of a part of its own, each with its page, from 0: the values that it is split by."""
    import pikepdf

    with pikepdf.open(io.BytesIO(part)) as document:
        places = {page.obj.objgen: i for i, page in enumerate(document.pages)}
        with document.open_outline() as outline:
            found: list[tuple[str, Any]] = [(item.title, item.destination) for item in outline.root]
            return [(title, places[place[0].objgen]) for title, place in found]


@lru_cache(maxsize=256)
def page_sizes(pdf: bytes) -> tuple[tuple[float, float], ...]:
    """Width and height of each page, in points."""
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        return tuple((float(p.mediabox[2]), float(p.mediabox[3])) for p in document.pages)


def to_bytes(document: Any) -> bytes:
    """A document as a file: the same content gives the same bytes."""
    import pikepdf

    out = io.BytesIO()
    document.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _destination(document: Any, page: int) -> Any:
    from pikepdf import Array, Name

    return Array([document.pages[page].obj, Name.XYZ, None, None, None])


def _links(document: Any, targets: Mapping[str, int]) -> None:
    from pikepdf import Dictionary, Name, String

    for page in document.pages:
        for annotation in page.obj.get("/Annots", []):
            action = annotation.get("/A")
            uri = str(action.get("/URI", "")) if action is not None else ""
            if not uri.startswith(PRIVATE):
                continue
            name = uri.removeprefix(PRIVATE)
            if name not in targets:
                raise RenderError(
                    f"A link leads to '{name}', which is not in the report.",
                    hint="Place the output in report.yaml.",
                )
            annotation.A = Dictionary(S=Name.GoTo, D=String(name))


def _outline(document: Any, entries: Sequence[tuple[int, str, str]], targets: Mapping[str, int]) -> None:
    from pikepdf import OutlineItem

    with document.open_outline() as outline:
        stack: list[tuple[int, Any]] = []
        for level, title, target in entries:
            item = OutlineItem(title, _destination(document, targets[target]))
            while stack and stack[-1][0] >= level:
                stack.pop()
            (stack[-1][1].children if stack else outline.root).append(item)
            stack.append((level, item))


class _Tags:
    """The parts' structure trees under one document element."""

    def __init__(self, document: Any) -> None:
        from pikepdf import Dictionary, Name

        self.document = document
        self.root = document.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        self.top = document.make_indirect(Dictionary(S=Name.Document, P=self.root))
        self.kids: list[Any] = []
        self.numbers: list[Any] = []
        self.key = 0

    def take(self, source: Any, first: int) -> None:
        """Take over the tree of a part whose pages begin at `first`."""
        from pikepdf import Array

        tree = source.Root.get("/StructTreeRoot")
        if tree is None:
            return
        tree = self.document.copy_foreign(tree)
        for kid in tree.K if isinstance(tree.K, Array) else [tree.K]:
            kid.P = self.top
            self.kids.append(kid)
        pairs, highest = list(tree.ParentTree.Nums), 0
        for number, value in zip(pairs[::2], pairs[1::2], strict=True):
            self.numbers += [int(number) + self.key, value]
            highest = max(highest, int(number) + 1)
        for page in list(self.document.pages)[first:]:
            if "/StructParents" in page.obj:
                page.obj.StructParents = int(page.obj.StructParents) + self.key
            for annotation in page.obj.get("/Annots", []):
                if "/StructParent" in annotation:
                    annotation.StructParent = int(annotation.StructParent) + self.key
        self.key += highest

    def write(self) -> None:
        from pikepdf import Array, Dictionary

        if not self.kids:
            return
        self.top.K, self.root.K = Array(self.kids), Array([self.top])
        self.root.ParentTree = self.document.make_indirect(Dictionary(Nums=Array(self.numbers)))
        self.root.ParentTreeNextKey = self.key
        self.document.Root.StructTreeRoot = self.root
        self.document.Root.MarkInfo = Dictionary(Marked=True)
