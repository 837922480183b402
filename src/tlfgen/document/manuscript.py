"""The manuscript: a publication's tables and figures as one PDF, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from tlfgen.display.parts import FrontMatter
from tlfgen.document import pdf
from tlfgen.document.running import stamp
from tlfgen.document.theme import Theme


def render_manuscript(
    outputs: Sequence[tuple[str, str, bytes]], theme: Theme, front: FrontMatter, title: str
) -> bytes:
    """Join outputs (id, caption, pages), with a bookmark each and the running header and footer."""
    parts = [pdf.Part(pages, {name: 0}, ((1, caption, name),)) for name, caption, pages in outputs]
    return stamp([pdf.join(parts, f"{front.study} {title}")], theme, front, title)[0]
