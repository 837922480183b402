"""Narratives: Markdown with Jinja, numbers drawn by name."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from tlfgen.errors import RenderError, TlfgenError

# Markdown's own marks in a value are text.
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|])")


def render_narrative(
    template: str,
    *,
    name: str,
    number: Callable[[str], str],
    population: Callable[[str], str],
    reference: Callable[[str], str],
    context: Mapping[str, object],
) -> str:
    """Fill a narrative: `n` a displayed number, `N` a population's size, `ref` a link. Gives Markdown.

    A name that does not resolve is a RenderError with the narrative's name and line.
    """
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)
    environment.globals.update(n=number, N=population, ref=reference)
    with _named(name):
        return str(environment.from_string(template).render(**context))


def render_each(
    template: str,
    *,
    name: str,
    number: Callable[[str], str],
    population: Callable[[str], str],
    reference: Callable[[str], str],
    contexts: Iterable[Mapping[str, object]],
) -> list[str]:
    """Fill one narrative many times, each with its own context. What a value holds is text: Markdown sees no
    marks in it, but in what `ref` gives."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=True,
        finalize=lambda value: value if isinstance(value, Markup) else Markup(plain(str(value))),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(n=number, N=population, ref=lambda output: Markup(reference(output)))
    with _named(name):
        filled = environment.from_string(template)
        return [str(filled.render(**context)) for context in contexts]


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Errors of a narrative as RenderErrors with its name and line."""
    from jinja2 import TemplateError

    try:
        yield
    except (TemplateError, TlfgenError) as error:
        line = getattr(error, "lineno", None) or _line(error)
        message = error.message if isinstance(error, TlfgenError) else str(error)
        hint = getattr(error, "hint", None)
        raise RenderError(
            f"The narrative cannot be filled: {message}", path=f"{name}, line {line}", hint=hint
        ) from None


def _line(error: BaseException) -> int:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == "<template>"]
    return frames[-1].lineno or 0 if frames else 0


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
