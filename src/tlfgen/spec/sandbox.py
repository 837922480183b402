"""What a template can do: read plain values, use the filters and functions that are listed, in bounded work.

A template may come with a study from somebody else. It sees texts, numbers, lists and mappings, never an
object of the program; what is not listed here is refused. docs/spec-report.md lists it too.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

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
MOST_TEXT = 200_000  # characters that an expression may make
CHARACTERS = 1_000  # of printed text that are a step
MOST_NUMBER = 1e15
FORMAT = re.compile(r"%(%|[-+ 0#]{0,3}\d{0,3}(\.\d{1,2})?[sdfgGeE])")
OPERATORS = frozenset(("+", "-", "*", "/", "//", "%", "**"))
REFUSED: dict[type[nodes.Node], str] = {
    nodes.Include: "include", nodes.Import: "import", nodes.FromImport: "from", nodes.Extends: "extends",
    nodes.Block: "block",
}  # fmt: skip
COUNTED, JOINED = "_counted", "_joined"


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
    ) -> None:
        super().__init__(
            undefined=StrictUndefined, autoescape=autoescape, trim_blocks=True, lstrip_blocks=lstrip_blocks,
            loader=loader, finalize=self._printed, cache_size=400 if loader else 0,
        )  # fmt: skip
        self.filters = {n: self._filter(filters.FILTERS[n]) for n in FILTERS}
        self.filters |= {"format": self._filter(_format), "join": self._filter(_join)}
        self.filters |= {"replace": self._filter(_replace), "round": self._filter(_round)}
        self.filters |= {COUNTED: self._counted, JOINED: self._joined}
        self.tests = {n: t for n, t in self.tests.items() if n in TESTS}
        self.globals.clear()
        self.globals.update({n: Function(n, f) for n, f in functions.items()})
        self.globals["range"] = Function("range", self._range)
        self._shown, self._steps, self.spent = shown, steps, 0

    def fill(self, template: Any, values: Mapping[str, object]) -> str:
        """Fill one template; each starts its own count of steps."""
        self.spent = 0
        return str(template.render(**values))

    def charge(self, steps: int) -> None:
        """Count work; a template that goes on for too long is refused."""
        self.spent += steps
        if self.spent > self._steps:
            raise SecurityError(f"it goes on for more than {self._steps:,} steps")

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
        return __context.call(__obj, *args, **kwargs)

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
            return super().call_binop(context, operator, left, right)
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
            if isinstance(node, nodes.For) and node.recursive:
                word = "recursive"
            if word:
                raise TemplateAssertionError(
                    f"'{word}' is not for templates here", node.lineno, name, filename
                )
        found: nodes.Template = _Bounded().visit(tree)
        return found

    def _filter(self, function: Callable[..., object]) -> Callable[..., object]:
        """A filter that counts what it takes, and is never run before the render."""
        takes = _PassArg.from_obj(function)

        @pass_context
        def counted(context: Context, value: object, *args: object, **named: object) -> object:
            given = {_PassArg.context: (context,), _PassArg.eval_context: (context.eval_ctx,)}
            first: tuple[object, ...] = given.get(takes, ()) if takes else ()
            if takes is _PassArg.environment:
                first = (self,)
            taken = self._items(value, 1) if isinstance(value, Iterator) else value
            self.charge(1 + (len(value) if isinstance(value, (list, tuple, Mapping)) else 0))
            made = function(*first, taken, *args, **named)
            if isinstance(made, (str, list)):
                self._within(len(made))
            return made

        return counted

    def _items(self, values: Iterable[object], steps: int) -> Iterator[object]:
        for value in values:
            self.charge(steps)
            yield value

    @pass_context
    def _counted(self, context: Context, values: Any, steps: int) -> Iterator[object]:
        """The items of a loop, each a turn that is counted."""
        if isinstance(values, Undefined):
            str(values)
        return self._items(values, steps)

    @pass_context
    def _joined(self, context: Context, values: list[object]) -> str:
        """Texts put together with ~."""
        self._within(sum(len(v) if isinstance(v, str) else 20 for v in values))
        if any(isinstance(v, bool) or not isinstance(v, (str, int, float, Undefined)) for v in values):
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
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise SecurityError(f"{_kind(value)} cannot be printed")
        self.charge(len(value) // CHARACTERS if isinstance(value, str) else 0)
        return value if isinstance(value, Markup) else self._shown(value)


class _Bounded(NodeTransformer):
    """The same template with its loops counted and its joined texts measured."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        text = sum(len(t.data) for b in node.body for t in b.find_all(nodes.TemplateData))
        steps = nodes.Const(1 + text // CHARACTERS, lineno=node.lineno)
        node.iter = nodes.Filter(node.iter, COUNTED, [steps], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, JOINED, [], [], None, None, lineno=node.lineno)


def _addable(left: object, right: object) -> bool:
    texts = isinstance(left, str) and isinstance(right, str)
    return texts or (isinstance(left, list) and isinstance(right, list))


def _format(value: str, *args: object) -> str:
    """`"%.2f" | format(x)`: the plain forms of C, of bounded width."""
    if "%" in FORMAT.sub("", value):
        raise SecurityError(f"the format {value!r} is not one such as '%.2f'")
    return value % args


@pass_eval_context
def _join(context: Any, value: Iterable[object], d: str = "", attribute: str | None = None) -> str:
    if attribute is not None:
        raise SecurityError("join takes texts: map(attribute=...) first")
    texts = list(value)
    length = sum(len(t) if isinstance(t, str) else 20 for t in texts) + len(d) * len(texts)
    if length > MOST_TEXT:
        raise SecurityError(f"it makes a text of {length:,}; {MOST_TEXT:,} are the most")
    for one in texts:
        if not isinstance(one, (str, int, float)) or isinstance(one, bool):
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
    own = getattr(error, "lineno", None)
    if isinstance(own, int) and own:
        return own
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(file)]
    return frames[-1].lineno or 0 if frames else 0


def said(error: Exception) -> str:
    """An error of a template in one line."""
    if isinstance(error, RecursionError):
        return "a macro calls itself without end"
    if isinstance(error, ZeroDivisionError):
        return "a number is divided by zero"
    return str(error).splitlines()[0] if str(error) else type(error).__name__
