"""Narratives: Markdown with Jinja, numbers drawn by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from tlfgen.errors import Place
from tlfgen.spec.template import filled_at

# Markdown's own marks in a value are text.
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|])")


def render_narrative(
    template: str, *, name: str, functions: Mapping[str, Callable[..., object]], context: Mapping[str, object]
) -> str:
    """Fill a narrative with the values and functions that it may use. Gives Markdown.

    Whatever goes wrong in it is a RenderError with the narrative's name and line.
    """
    from tlfgen.spec.sandbox import Sandbox

    with filled_at(Place(name), "narrative"):
        sandbox = Sandbox(functions=functions)
        return sandbox.fill(sandbox.from_string(template), context)


def render_each(
    template: str,
    *,
    name: str,
    functions: Mapping[str, Callable[..., object]],
    contexts: Iterable[Mapping[str, object]],
) -> list[str]:
    """Fill one narrative many times, each with its own context. What a value holds is text: Markdown sees no
    marks in it, but in what `ref` gives."""
    from tlfgen.spec.sandbox import Sandbox

    def linked(output: str) -> Markup:
        return Markup(functions["ref"](output))

    with filled_at(Place(name), "narrative"):
        sandbox = Sandbox(
            functions={**functions, "ref": linked},
            shown=lambda value: Markup(plain(str(value))),
            autoescape=True,
            lstrip_blocks=True,
        )
        filled = sandbox.from_string(template)
        return [sandbox.fill(filled, context) for context in contexts]


def plain(text: str) -> str:
    """A text in which Markdown sees no marks."""
    return _MARKS.sub(r"\\\1", text)


def to_html(markdown: str) -> str:
    """Markdown to HTML: tables, no raw HTML, links within the report only."""
    html: str = _parser().render(markdown)
    return html


@lru_cache(maxsize=1)
def _parser() -> Any:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    vars(parser)["validateLink"] = lambda url: url.startswith("tlfgen:")
    return parser
