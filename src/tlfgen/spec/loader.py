"""YAML read as text until a model types it; every entry remembers its file and line.

YAML's own typing is off: NO stays "NO", 010 stays "010", 1:30 stays "1:30". A key that stands twice in one
mapping, an unknown key and a value of the wrong kind are SpecErrors with file and line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from tlfgen.errors import NOWHERE, DataError, Place, SpecError, nearest, unknown
from tlfgen.spec.characters import changed_characters, is_blank
from tlfgen.spec.yaml_words import said_of

T = TypeVar("T")
MOST_DEPTH = 100
MOST_NODES, MOST_REPEATED = 100_000, 100  # of a file with aliases: entries, and entries for each it writes
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)


def _file_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", value):
        raise ValueError("a name that becomes a file's is letters, digits, - and _, 64 at most")
    return value


FileName = Annotated[str, AfterValidator(_file_name)]
Named = Annotated[str, Field(min_length=1)]
Decimals = Annotated[int, Field(ge=0, le=9)]
Number = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]  # of days, an order, a parameter


class Mapping_(dict[str, Any]):
    """A YAML mapping that knows where it and each of its keys stand."""

    place: Place = NOWHERE
    key_places: dict[str, Place]

    def __init__(self, *values: Any) -> None:
        super().__init__(*values)
        self.models: list[type[Entry]] = []

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: the models that it was read as only help an error message here."""
        return {**self.__dict__, "models": []}


class Sequence_(list[Any]):
    """A YAML sequence that knows where its items stand."""

    item_places: list[Place]


class Entry(BaseModel):
    """The base of every spec model: frozen, closed, and it knows its place. filled: the keys whose text is
    filled, `{NAME}`; bears_marks: those whose text may bear the mark of a footnote, `{^a}`; in every other
    text a brace is an error."""

    filled: ClassVar[frozenset[str]] = frozenset()
    bears_marks: ClassVar[frozenset[str]] = frozenset()

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)
    _place: Place = PrivateAttr(default=NOWHERE)
    _keys: dict[str, Place] = PrivateAttr(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _remember_place(cls, data: Any, handler: Any) -> Any:
        if isinstance(data, Mapping_):
            data.models.append(cls)
        model = handler(data)
        place = getattr(data, "place", None)
        if place is not None:
            model._place = place
            model._keys = dict(getattr(data, "key_places", {})) | _inner_places(data)
        return model

    @property
    def at(self) -> Place:
        return self._place

    def at_key(self, key: str) -> Place:
        """Where one of its keys stands; "copy.DM" is the key DM in what stands under copy."""
        return self._keys.get(key, self._place)


def _inner_places(data: Any) -> dict[str, Place]:
    """The places of the keys one level down."""
    inner = ((k, v.key_places) for k, v in data.items() if isinstance(v, Mapping_))
    return {f"{k}.{name}": place for k, places in inner for name, place in places.items()}


def load_yaml(path: Path, model: type[T] | Any, *, shown: str | None = None) -> T:
    """Read a YAML file into a model. `shown` is the path as errors print it."""
    typed: T = validate(read_tree(path, shown=shown or str(path)), model, shown=shown or str(path))
    return typed


def validate(tree: Any, model: type[T] | Any, *, shown: str) -> T:
    """Type a tree by a model; every error names the line."""
    try:
        typed: T = _adapter(model).validate_python(tree)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        misspelt = [p for p in problems if p["type"] == "extra_forbidden"]
        raise _spec_error((misspelt or problems)[0], tree, shown) from None
    return typed


def read_tree(path: Path, *, shown: str) -> Any:
    """Read a YAML file into mappings, sequences and texts; an empty scalar is None."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SpecError("The file is not UTF-8.", place=Place(shown), hint=str(error)) from None
    except OSError as error:
        raise DataError(f"The file cannot be read: {error.strerror}.", path=shown) from None
    try:
        _check_depth(text, shown)
        node = yaml.compose(text, Loader=_Loader)
        _check_size(node, shown)
        _check_characters(text, shown)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(shown, mark.line + 1 if mark else 0)
        what, remedy = said_of(error, text)
        raise SpecError(f"The file is not YAML. {what}", place=place, hint=remedy) from None
    return _plain(node, shown, ()) if node is not None else Mapping_()


def _check_characters(text: str, shown: str) -> None:
    """Refuse a character that nobody sees: a word with one in it matches nothing, and looks as if it did."""
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        unseen = [name for name in changed_characters(line) if not is_blank(name)]
        if unseen:
            raise SpecError(
                f"A character that nobody sees stands on this line: {unseen[0]}.",
                place=Place(shown, number),
                hint="Delete it, and type the word anew.",
            )


def _check_depth(text: str, shown: str) -> None:
    """Refuse a file nested deeper than MOST_DEPTH: what reads it goes down as deep as it is nested.

    Counting brackets, blanks and dashes is cheap and never too low; the exact depth is asked only where that
    is over the limit."""
    brackets, most = 0, 0
    for bracket in re.finditer(r"[\[\]{}]", text):
        brackets += 1 if bracket[0] in "[{" else -1
        most = max(most, brackets)
    indent = max((len(m) for m in re.findall(r"^[ ?:-]+", text, re.MULTILINE)), default=0)
    if most + indent <= MOST_DEPTH:
        return
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
            if depth > MOST_DEPTH:
                place = Place(shown, event.start_mark.line + 1 if event.start_mark else 0)
                raise SpecError(f"The file is nested deeper than {MOST_DEPTH} levels.", place=place)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1


def _check_size(root: yaml.Node | None, shown: str) -> None:
    """Refuse a file whose aliases multiply its entries."""
    sizes: dict[int, int] = {}
    written = 1

    def size(node: yaml.Node | None) -> int:
        nonlocal written
        if not isinstance(node, yaml.CollectionNode):
            return 1
        if id(node) not in sizes:
            sizes[id(node)] = 1  # of an alias to an entry that holds it, which is refused later
            pairs = isinstance(node, yaml.MappingNode)
            parts = [p for pair in node.value for p in pair] if pairs else node.value
            written += len(parts)
            sizes[id(node)] = 1 + sum(size(p) for p in parts)
        return sizes[id(node)]

    whole = size(root)
    if whole > MOST_REPEATED * written + MOST_NODES:
        raise SpecError(
            f"The file's aliases make {whole:,} entries.",
            place=Place(shown),
            hint="Write the entries out, or use fewer aliases within aliases.",
        )


def _plain(node: yaml.Node, shown: str, above: tuple[int, ...]) -> Any:
    place = Place(shown, node.start_mark.line + 1)
    if id(node) in above:
        raise SpecError("An alias refers to the entry that holds it.", place=place)
    above = (*above, id(node))
    if isinstance(node, yaml.MappingNode):
        mapping = Mapping_()
        mapping.place, mapping.key_places = place, {}
        for key_node, value in node.value:
            key, at = str(key_node.value), Place(shown, key_node.start_mark.line + 1)
            if key in mapping:
                first = mapping.key_places[key].line
                raise SpecError(f"The key '{key}' stands twice (first on line {first}).", place=at)
            mapping[key], mapping.key_places[key] = _plain(value, shown, above), at
        return mapping
    if isinstance(node, yaml.SequenceNode):
        items = Sequence_(_plain(item, shown, above) for item in node.value)
        items.item_places = [Place(shown, item.start_mark.line + 1) for item in node.value]
        return items
    quoted = getattr(node, "style", None) in ("'", '"')
    return None if node.value == "" and not quoted else str(node.value)


def _spec_error(error: ErrorDetails, tree: Any, shown: str) -> SpecError:
    place, here, holder, walked = Place(shown, 1), tree, tree, []
    for step in error["loc"]:
        if isinstance(here, Mapping_) and step in here:
            holder, place, here = here, here.key_places[str(step)], here[str(step)]
            walked.append(str(step))
        elif isinstance(here, Sequence_) and isinstance(step, int) and step < len(here):
            place, here = here.item_places[step], here[step]
    name = str(error["loc"][-1]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return SpecError(f"The key '{name}' is not known here.", place=place, hint=_key_hint(holder, name))
    if error["type"] == "missing":
        return SpecError(f"The key '{name}' is missing.", place=_inside(here, place))
    if error["type"] == "union_tag_invalid":
        return _unknown_tag(error, here, place)
    given = f", not {here!r}" if isinstance(here, str) else ""
    message = error["msg"].removeprefix("Value error, ")
    return SpecError(f"{'.'.join(walked) or name}: {message}{given}.", place=place)


def _unknown_tag(error: ErrorDetails, here: Any, place: Place) -> SpecError:
    """The error for a value that chooses between models, as `kind` does, and is none of them."""
    key = error["ctx"]["discriminator"].strip("'")
    known = re.findall(r"'([^']*)'", error["ctx"]["expected_tags"])
    at = here.key_places.get(key, place) if isinstance(here, Mapping_) else place
    return unknown(f"The {key}", error["ctx"]["tag"], known, at)


def _inside(here: Any, place: Place) -> Place:
    return here.place if isinstance(here, Mapping_) else place


def _key_hint(here: Any, name: str) -> str | None:
    """The nearest key of the models that the mapping was read as."""
    models = here.models if isinstance(here, Mapping_) else []
    known = {field.alias or key for model in models for key, field in model.model_fields.items()}
    near = nearest(name, known)
    return f"Did you mean '{near}'?" if near else None


class _Params(Mapping_):
    """The keys of an entry that are parameters."""


def without_params(data: Any) -> Any:
    """An entry that takes no parameters, as it is; `params` is no key that a spec can write."""
    if isinstance(data, dict) and "params" in data and not isinstance(data["params"], _Params):
        raise ValueError("the key 'params' is not known here")
    return data


def split_params(data: dict[str, Any], own: Collection[str]) -> dict[str, Any]:
    """An entry's own keys, and under `params` every other one, each with its place; what is split already
    stays so."""
    if isinstance(data.get("params"), _Params):
        return data
    split = Mapping_({k: v for k, v in data.items() if k in own and k != "params"})
    params = _Params({k: v for k, v in data.items() if k not in own or k == "params"})
    for part in (split, params):
        part.place = getattr(data, "place", part.place)
        part.key_places = getattr(data, "key_places", {})
    split["params"] = params
    return split
