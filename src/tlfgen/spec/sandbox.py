"""What a template can do: read plain values, use the filters and functions that are listed, in bounded work.

A template may come with a study from somebody else. It sees texts, numbers, lists and mappings, never an
object of the program; what is not listed here is refused. docs/spec-report.md lists it too.
"""

from __future__ import annotations

import math
import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeGuard, cast

from jinja2 import BaseLoader, StrictUndefined, TemplateAssertionError, Undefined, filters, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import BlockReference, Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import _PassArg, pass_context, pass_eval_context
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

FILTERS = (
    "abs", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "float", "format",
    "groupby", "int", "items", "join", "last", "length", "list", "lower", "map", "max", "min", "reject",
    "rejectattr", "replace", "reverse", "round", "select", "selectattr", "sort", "string", "sum", "title",
    "trim", "truncate", "unique", "upper", "wordcount",
)  # fmt: skip
TESTS = (
    "defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "true", "false",
    "mapping", "sequence", "iterable", "odd", "even", "divisibleby", "in", "lower", "upper",
    "eq", "equalto", "==", "ne", "!=", "gt", "greaterthan", ">", "ge", ">=",
    "lt", "lessthan", "<", "le", "<=",
)  # fmt: skip
LOOP = frozenset(
    ("index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "previtem", "nextitem")
)
STEPS = 300_000  # of one narrative: turns of loops, items that filters take, calls
THEME_STEPS = 20_000_000
CALL = 10  # steps that a call counts for
MOST_WRITTEN = 1_000_000  # characters of one narrative, some 300 pages
THEME_WRITTEN = 50_000_000
MOST_TEXT = 200_000  # characters that an expression may make
CHARACTERS = 1_000  # of printed text that are a step
MOST_NUMBER = 1e15
FORMAT = re.compile(r"%(%|[-+ 0#]{0,3}\d{0,3}(\.\d{1,2})?[sdfgGeE])")
OPERATORS = frozenset(("+", "-", "*", "/", "//", "%", "**"))
REFUSED: dict[type[nodes.Node], str] = {
    nodes.Include: "include", nodes.Import: "import", nodes.FromImport: "from", nodes.Extends: "extends",
    nodes.Block: "block",
}  # fmt: skip
MOST_ITEMS = 1_000_000  # items and characters in a list, with all that is within it
ITEMS = 100  # of a list, or characters of a text, that are a step where they are compared
TEXTUAL = frozenset(
    ("capitalize", "e", "escape", "format", "lower", "replace", "string", "title", "trim", "truncate",
     "upper", "wordcount")
)  # fmt: skip
# What the sandbox itself puts into a template; no template can write these names as filters.
COUNTED, JOINED, WEIGHED, COMPARED = "turns of a loop", "joined texts", "weighed list", "compared value"
OWN = (COUNTED, JOINED, WEIGHED, COMPARED)


class Function:
    """A function that a template may call."""

    def __init__(self, name: str, function: Callable[..., object]) -> None:
        self.name, self._function = name, function

    def __call__(self, *args: object, **named: object) -> object:
        for value in (*args, *named.values()):
            if isinstance(value, Undefined):
                str(value)  # a strict one says what is missing
        return self._function(*args, **named)


class Sandbox(ImmutableSandboxedEnvironment):
    """A Jinja environment that is closed: no attribute but a mapping's key, no call but of a Function.

    shown: what becomes of a printed value, a text or a number. steps: how much work one render may be.
    """

    intercepted_binops = OPERATORS

    def __init__(
        self,
        *,
        functions: Mapping[str, Callable[..., object]],
        shown: Callable[[str | int | float], object] = str,
        autoescape: bool = False,
        lstrip_blocks: bool = False,
        loader: BaseLoader | None = None,
        steps: int = STEPS,
        characters: int = MOST_WRITTEN,
    ) -> None:
        super().__init__(
            undefined=StrictUndefined, autoescape=autoescape, trim_blocks=True, lstrip_blocks=lstrip_blocks,
            loader=loader, finalize=self._printed, cache_size=400 if loader else 0,
        )  # fmt: skip
        own = {"format": _format, "join": _join, "replace": _replace, "round": _round}
        own |= {"int": _int, "float": _float}
        self.filters = {n: self._filter(own.get(n, filters.FILTERS[n]), n in TEXTUAL) for n in FILTERS}
        self.filters |= {COUNTED: self._counted, JOINED: self._joined}
        self.filters |= {WEIGHED: self._weighed, COMPARED: self._compared}
        self.tests = {
            n: self._test(cast("Callable[..., bool]", t)) for n, t in self.tests.items() if n in TESTS
        }
        self.globals.clear()
        self.globals.update({n: Function(n, f) for n, f in functions.items()})
        self.globals["range"] = Function("range", self._range)
        self._shown, self._steps, self.spent = shown, steps, 0
        self._characters, self.written = characters, 0

    def fill(self, template: Any, values: Mapping[str, object]) -> str:
        """Fill one template; each starts its own count of steps."""
        self.spent = self.written = 0
        return str(template.render(**values))

    def charge(self, steps: int) -> None:
        """Count work; a template that goes on for too long is refused."""
        self.spent += steps
        if self.spent > self._steps:
            raise SecurityError(f"it goes on for more than {self._steps:,} steps")

    def write(self, characters: int) -> None:
        """Count printed text; a template that prints without end is refused."""
        self.written += characters
        if self.written > self._characters:
            raise SecurityError(f"it prints more than {self._characters:,} characters")
        self.charge(characters // CHARACTERS)

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """A key of a mapping, an item of a list by its number, what a loop knows of itself; nothing else."""
        if isinstance(obj, Undefined):
            str(obj)
        if isinstance(obj, Mapping):
            return obj[argument] if argument in obj else self.undefined(obj=obj, name=str(argument))
        if isinstance(obj, LoopContext) and argument in LOOP:
            return getattr(obj, argument)
        if isinstance(obj, tuple) and argument in ("grouper", "list") and hasattr(obj, "grouper"):
            return obj[0 if argument == "grouper" else 1]
        if isinstance(obj, (list, tuple, str)) and isinstance(argument, int):
            within = -len(obj) <= argument < len(obj)
            return obj[argument] if within else self.undefined(obj=obj, name=str(argument))
        raise SecurityError(f"'{argument}' cannot be read of {_kind(obj)}")

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(__obj, Undefined):
            str(__obj)
        if not isinstance(__obj, (Function, Macro, BlockReference)):
            raise SecurityError(f"{_kind(__obj)} cannot be called")
        __self.charge(CALL)
        made = __context.call(__obj, *args, **kwargs)
        __self.charge(len(made) // CHARACTERS if isinstance(made, str) else 0)
        return made

    def call_filter(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """A filter that another names, as in `map("upper")`; what counts the work is not for templates."""
        if name in OWN:
            raise SecurityError(f"there is no filter '{name}'")
        return super().call_filter(name, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Numbers of a sensible size; texts and lists can be added to each other, within limits."""
        if operator == "**":
            raise SecurityError("a template has no powers")
        if isinstance(left, (int, float)) and isinstance(right, (int, float)):
            value = super().call_binop(context, operator, left, right)
            if abs(value) > MOST_NUMBER:
                raise SecurityError("a number is too large")
            return value
        if operator == "+" and _addable(left, right):
            self._within(len(left) + len(right))
            made = super().call_binop(context, operator, left, right)
            return self._weigh(made) if isinstance(made, list) else made
        for value in (left, right):
            if isinstance(value, Undefined):
                str(value)
        raise SecurityError(f"'{operator}' is not for {_kind(left)} and {_kind(right)}")

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.find_all(nodes.Stmt):
            word = REFUSED.get(type(node)) if self.loader is None else None
            if isinstance(node, nodes.ScopedEvalContextModifier):
                word = "autoescape"
            if isinstance(node, nodes.CallBlock):
                word = "call"
            if isinstance(node, nodes.For) and node.recursive:
                word = "recursive"
            if word:
                raise TemplateAssertionError(
                    f"'{word}' is not for templates here", node.lineno, name, filename
                )
        found: nodes.Template = _Bounded().visit(tree)
        return found

    def _filter(self, function: Callable[..., object], textual: bool) -> Callable[..., object]:
        """A filter that counts what it takes, and is never run before the render; one of texts takes no
        other value, whose name in Python would be printed."""
        takes = _PassArg.from_obj(function)

        @pass_context
        def counted(context: Context, value: object, *args: object, **named: object) -> object:
            given = {_PassArg.context: (context,), _PassArg.eval_context: (context.eval_ctx,)}
            first: tuple[object, ...] = given.get(takes, ()) if takes else ()
            if takes is _PassArg.environment:
                first = (self,)
            taken = self._items(value, 1) if isinstance(value, Iterator) else value
            if textual and not isinstance(value, Undefined) and not _is_plain(value):
                raise SecurityError(f"the filter takes a text or a number, not {_kind(value)}")
            self.charge(1 + (len(value) if isinstance(value, (list, tuple, Mapping)) else 0))
            self.charge(len(value) // CHARACTERS if isinstance(value, str) else 0)
            made = function(*first, taken, *args, **named)
            if isinstance(made, (str, list)):
                self._within(len(made))
                self.charge(len(made) if isinstance(made, list) else 0)
            return made

        return counted

    def _test(self, function: Callable[..., bool]) -> Callable[..., bool]:
        """A test that counts what it compares."""

        def counted(*values: object) -> bool:
            for value in values:
                self._compare(value)
            return function(*values)

        return counted

    @pass_context
    def _weighed(self, context: Context, values: object) -> object:
        """A list or a mapping as the template writes it: of bounded size with all that is within it."""
        return self._weigh(values)

    @pass_context
    def _compared(self, context: Context, value: object) -> object:
        """A side of a comparison, counted by its size."""
        self._compare(value)
        return value

    def _compare(self, value: object) -> None:
        if isinstance(value, (str, list, tuple, Mapping)):
            self.charge(_weight(value, MOST_ITEMS) // ITEMS)

    def _weigh(self, values: Any) -> Any:
        weight = _weight(values, MOST_ITEMS)
        if weight > MOST_ITEMS:
            raise SecurityError(f"it makes a list of more than {MOST_ITEMS:,} items, with those within it")
        self.charge(weight // ITEMS)
        return values

    def _items(self, values: Iterable[object], steps: int) -> Iterator[object]:
        for value in values:
            self.charge(steps)
            yield value

    @pass_context
    def _counted(self, context: Context, values: Any, text: int) -> Iterator[object]:
        """The items of a loop, each a turn that is counted, with the text that a turn prints."""
        if isinstance(values, Undefined):
            str(values)
        for value in self._items(values, 1):
            self.write(text)
            yield value

    @pass_context
    def _joined(self, context: Context, values: list[object]) -> str:
        """Texts put together with ~."""
        self._within(sum(len(v) if isinstance(v, str) else 20 for v in values))
        if not all(_is_plain(v) or isinstance(v, Undefined) for v in values):
            raise SecurityError("~ joins texts and numbers only")
        if context.eval_ctx.autoescape and any(isinstance(v, Markup) for v in values):
            return Markup("").join(v if isinstance(v, str) else str(v) for v in values)
        return "".join(str(v) for v in values)

    def _range(self, *limits: object) -> range:
        if not all(isinstance(n, int) for n in limits):
            raise SecurityError("range takes whole numbers")
        found = range(*limits)  # type: ignore[call-overload]
        self.charge(len(found))
        return range(found.start, found.stop, found.step)

    def _within(self, length: int) -> None:
        if length > MOST_TEXT:
            raise SecurityError(f"it makes a text or list of {length:,}; {MOST_TEXT:,} are the most")
        self.charge(1 + length // CHARACTERS)

    def _printed(self, value: object) -> object:
        """A printed value: a text or a number, and nothing else by chance."""
        if isinstance(value, Undefined):
            return str(value)
        if not _is_plain(value):
            raise SecurityError(f"{_kind(value)} cannot be printed")
        if isinstance(value, float) and not math.isfinite(value):
            raise SecurityError(f"{value} is no number to print")
        self.write(len(value) if isinstance(value, str) else 0)
        return value if isinstance(value, Markup) else self._shown(value)


class _Bounded(NodeTransformer):
    """The same template with its loops counted and its joined texts measured."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        text = sum(len(t.data) for b in node.body for t in b.find_all(nodes.TemplateData))
        each = nodes.Const(text, lineno=node.lineno)
        node.iter = nodes.Filter(node.iter, COUNTED, [each], [], None, None, lineno=node.lineno)
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        self.generic_visit(node)
        node.expr = nodes.Filter(node.expr, COMPARED, [], [], None, None, lineno=node.lineno)
        for side in node.ops:
            side.expr = nodes.Filter(side.expr, COMPARED, [], [], None, None, lineno=node.lineno)
        return node

    def visit_List(self, node: nodes.List) -> nodes.Node:
        self.generic_visit(node)
        return nodes.Filter(node, WEIGHED, [], [], None, None, lineno=node.lineno)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:
        self.generic_visit(node)
        return nodes.Filter(node, WEIGHED, [], [], None, None, lineno=node.lineno)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        self.generic_visit(node)
        if node.ctx != "load":
            return node
        return nodes.Filter(node, WEIGHED, [], [], None, None, lineno=node.lineno)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, JOINED, [], [], None, None, lineno=node.lineno)


def _is_plain(value: object) -> TypeGuard[str | int | float]:
    """A text or a number; a yes or no is none."""
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def _weight(value: object, most: int) -> int:
    """The items and characters of a value with all that is within it; counting stops above `most`."""
    if isinstance(value, str):
        return len(value)
    weight, waiting = 0, [value]
    while waiting and weight <= most:
        one = waiting.pop()
        if isinstance(one, str):
            weight += len(one)
        elif isinstance(one, (list, tuple)):
            weight += len(one)
            waiting += one
        elif isinstance(one, Mapping):
            weight += len(one)
            waiting += one.values()
    return weight


def _addable(left: object, right: object) -> bool:
    texts = isinstance(left, str) and isinstance(right, str)
    return texts or (isinstance(left, list) and isinstance(right, list))


def _format(value: str, *args: object) -> str:
    """`"%.2f" | format(x)`: the plain forms of C, of bounded width."""
    if "%" in FORMAT.sub("", value):
        raise SecurityError(f"the format {value!r} is not one such as '%.2f'")
    for one in args:
        if not _is_plain(one):
            raise SecurityError(f"format takes texts and numbers, not {_kind(one)}")
    return value % args


def _int(value: object, default: object = None, base: int = 10) -> object:
    """What is no number is an error, or the default that is given: never zero by itself."""
    made = filters.do_int(value, default, base)  # type: ignore[arg-type]
    return _number(made, value) if default is None else made


def _float(value: object, default: object = None) -> object:
    made = filters.do_float(value, default)  # type: ignore[arg-type]
    return _number(made, value) if default is None else made


def _number(made: object, value: object) -> object:
    if made is None:
        raise SecurityError(
            f"{value!r} is no number" if isinstance(value, str) else f"{_kind(value)} is no number"
        )
    return made


@pass_eval_context
def _join(context: Any, value: Iterable[object], d: str = "", attribute: str | None = None) -> str:
    if attribute is not None:
        raise SecurityError("join takes texts: map(attribute=...) first")
    texts = list(value)
    length = sum(len(t) if isinstance(t, str) else 20 for t in texts) + len(d) * len(texts)
    if length > MOST_TEXT:
        raise SecurityError(f"it makes a text of {length:,}; {MOST_TEXT:,} are the most")
    for one in texts:
        if not _is_plain(one):
            raise SecurityError(f"join takes texts and numbers, not {_kind(one)}")
    return filters.sync_do_join(context, texts, d)


@pass_eval_context
def _replace(context: Any, value: str, old: str, new: str) -> str:
    if not old or len(value) + value.count(old) * len(new) > MOST_TEXT:
        raise SecurityError("replace makes too long a text")
    return filters.do_replace(context, value, old, new)


def _round(value: float, precision: int = 0) -> float:
    if not 0 <= precision <= 15:
        raise SecurityError("round takes 0 to 15 decimals")
    return round(value, precision)


def _kind(value: object) -> str:
    """What a value is, in the words of a template's writer."""
    if value is None:
        return "'none'"
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "a yes or no"), (str, "a text"), ((int, float), "a number"), (Mapping, "a mapping"),
        ((list, tuple, range, Iterator), "a list"), (Function, "a function"), (Macro, "a macro"),
        (Undefined, "what is not there"),
    )  # fmt: skip
    return next((word for kind, word in kinds if isinstance(value, kind)), "an object")


def line_of(error: BaseException, file: str) -> int:
    """The line of a template at which an error came up; 0 where it cannot be told."""
    own = getattr(error, "lineno", None) if not isinstance(error, SyntaxError) else None
    if isinstance(own, int) and own:
        return own
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(file)]
    return frames[-1].lineno or 0 if frames else 0


def said(error: Exception) -> str:
    """An error of a template in one line."""
    if isinstance(error, RecursionError):
        return "a macro calls itself without end, or an expression is nested too deeply"
    if isinstance(error, SyntaxError):
        return "its loops or conditions are nested too deeply"
    if isinstance(error, ValueError) and "digits" in str(error):
        return "a number is too large"
    if isinstance(error, ZeroDivisionError):
        return "a number is divided by zero"
    return str(error).splitlines()[0] if str(error) else type(error).__name__
