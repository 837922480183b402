"""The names in a narrative's template, found before it is filled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from tlfgen.errors import Place, RenderError, SpecError, TlfgenError

# Filters that give a list of records again, and those that give one of them.
SAME, ONE = ("selectattr", "rejectattr", "sort", "reverse", "list", "unique"), ("first", "last")


FILLED = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)


@dataclass(frozen=True)
class Named:
    """A variable that a template reads of a record; `of` is where the record comes from."""

    of: str
    variable: str
    line: int


@dataclass(frozen=True)
class Called:
    """A function called with texts that are known before the template is filled."""

    function: str
    texts: tuple[str, ...]
    line: int


@dataclass
class TemplateNames:
    """variables: read of records. free: names that the template does not set itself, with their line. calls:
    of functions, with the texts given first."""

    variables: list[Named] = field(default_factory=list)
    free: dict[str, int] = field(default_factory=dict)
    calls: list[Called] = field(default_factory=list)


def template_names(
    text: str, at: str, *, records: Mapping[str, str], lists: Mapping[str, str], first: int = 0
) -> TemplateNames:
    """Find what a template names.

    records: name -> the dataset of the record that it holds; lists: name -> the dataset of its records. A
    record keeps its dataset through `for`, `set`, a number in brackets and the filters of SAME and ONE. A
    template that cannot be read is a SpecError with its line; `at` is the file as errors print it. first: the
    line of the file at which a text of a spec stands; the lines found are then that.
    """
    from jinja2 import Environment, meta, nodes

    read_template(text, at, first)
    tree = Environment().parse(text)
    found = TemplateNames()
    scope = {n: ("record", of) for n, of in records.items()} | {n: ("list", of) for n, of in lists.items()}
    _walk(tree, scope, found)
    missing = meta.find_undeclared_variables(tree) - {"range"}
    for name in tree.find_all(nodes.Name):
        if name.name in missing:
            found.free.setdefault(name.name, name.lineno)
    found.calls = [replace(c, line=first or c.line) for c in _calls(tree)]
    return found


def _calls(tree: Any) -> list[Called]:
    from jinja2 import nodes

    known = _constants(tree)
    found = []
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name):
            texts = []
            for arg in call.args:
                text = _text(arg, known)
                if text is None:
                    break
                texts.append(text)
            found.append(Called(call.node.name, tuple(texts), call.lineno))
    return found


def _constants(tree: Any) -> dict[str, str]:
    """The names that are set once, at the top of the template, to a text."""
    from jinja2 import nodes

    stored = [n.name for n in tree.find_all(nodes.Name) if n.ctx in ("store", "param")]
    known: dict[str, str] = {}
    for node in tree.body:
        if not isinstance(node, nodes.Assign):
            continue
        targets = node.target.items if isinstance(node.target, nodes.Tuple) else [node.target]
        values = node.node.items if isinstance(node.node, nodes.Tuple) else [node.node]
        for target, value in zip(targets, values, strict=False):
            text = _text(value, known)
            if not isinstance(target, nodes.Name) or stored.count(target.name) > 1:
                continue
            if text is not None and len(targets) == len(values):
                known[target.name] = text
    return known


def _text(node: Any, known: Mapping[str, str]) -> str | None:
    """A text that is known before the template is filled: in quotes, set to a name, or joined of those."""
    from jinja2 import nodes

    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        return node.value
    if isinstance(node, nodes.Name):
        return known.get(node.name)
    if isinstance(node, nodes.Concat):
        texts = [_text(n, known) for n in node.nodes]
        return "".join(t for t in texts if t is not None) if None not in texts else None
    return None


def read_template(text: str, at: str, first: int = 0) -> None:
    """Read a template as it will be filled: what is not allowed in one, or not known, is a SpecError."""
    from jinja2 import TemplateSyntaxError

    from tlfgen.spec.sandbox import Sandbox, said

    what = "text" if first else "narrative"
    try:
        Sandbox(functions={}).from_string(text)
    except TemplateSyntaxError as error:
        place = Place(at, first or error.lineno)
        raise SpecError(f"The {what} cannot be read: {error.message}", place=place) from None
    except (RecursionError, SyntaxError, ValueError) as error:
        raise SpecError(f"The {what} cannot be read: {said(error)}.", place=Place(at, first or 1)) from None


@contextmanager
def filled_at(place: Place, what: str) -> Iterator[None]:
    """Whatever goes wrong in a template as a RenderError at its place; the template's own line adds to it."""
    from tlfgen.spec.sandbox import line_of, said

    try:
        yield
    except Exception as error:
        message = error.message if isinstance(error, TlfgenError) else f"{said(error)}."
        at = place if place.line else Place(place.path, line_of(error, "<template>"))
        raise RenderError(
            f"The {what} cannot be filled: {message}", path=str(at), hint=getattr(error, "hint", None)
        ) from None


Scope = dict[str, tuple[str, str]]


def _walk(node: Any, scope: Scope, found: TemplateNames) -> None:
    from jinja2 import nodes

    if isinstance(node, nodes.For):
        _walk(node.iter, scope, found)
        inner, kind = dict(scope), _kind(node.iter, scope)
        _bind(node.target, ("record", kind[1]) if kind and kind[0] == "list" else None, inner)
        for child in (*([node.test] if node.test else []), *node.body):
            _walk(child, inner, found)
        for child in node.else_:
            _walk(child, scope, found)
        return
    if isinstance(node, nodes.Macro):
        inner = {n: k for n, k in scope.items() if n not in {a.name for a in node.args}}
        for child in (*node.defaults, *node.body):
            _walk(child, inner, found)
        return
    if isinstance(node, nodes.Assign):
        _walk(node.node, scope, found)
        _bind(node.target, _kind(node.node, scope), scope)
        return
    if isinstance(node, nodes.Getattr):
        _read(node.node, node.attr, node.lineno, "record", scope, found)
    elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        if isinstance(node.arg.value, str):
            _read(node.node, node.arg.value, node.lineno, "record", scope, found)
    elif isinstance(node, nodes.Filter) and node.node is not None:
        for name in _attributes(node):
            _read(node.node, name, node.lineno, "list", scope, found)
    for child in node.iter_child_nodes():
        _walk(child, scope, found)


def _read(node: Any, name: str, line: int, wanted: str, scope: Scope, found: TemplateNames) -> None:
    kind = _kind(node, scope)
    if kind and kind[0] == wanted:
        found.variables.append(Named(kind[1], name, line))


def _bind(target: Any, kind: tuple[str, str] | None, scope: Scope) -> None:
    from jinja2 import nodes

    if isinstance(target, nodes.Name):
        scope.pop(target.name, None)
        if kind:
            scope[target.name] = kind


def _kind(node: Any, scope: Scope) -> tuple[str, str] | None:
    """Whether an expression gives a record or a list of records, and of which dataset."""
    from jinja2 import nodes

    if isinstance(node, nodes.Name):
        return scope.get(node.name)
    if isinstance(node, nodes.Filter) and node.node is not None:
        kind = _kind(node.node, scope)
        if kind and kind[0] == "list" and node.name in (*SAME, *ONE):
            return ("record", kind[1]) if node.name in ONE else kind
    if isinstance(node, nodes.Getitem):
        kind = _kind(node.node, scope)
        if kind and kind[0] == "list":
            return kind if isinstance(node.arg, nodes.Slice) else ("record", kind[1])
    return None


def _attributes(node: Any) -> list[str]:
    """The variables that a filter names: the first argument of some, `attribute` of others."""
    from jinja2 import nodes

    given = [k.value for k in node.kwargs if k.key == "attribute"]
    if node.name in ("selectattr", "rejectattr", "groupby") and node.args:
        given.append(node.args[0])
    texts = [g.value for g in given if isinstance(g, nodes.Const) and isinstance(g.value, str)]
    return [name for text in texts for name in text.split(",")]
