"""Each field of the specs of sdtm/ and adam/ misspelt, dropped or of a wrong kind: check says so with its
place, or the data are made. Nothing ends in a traceback."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from cases.conftest import STUDIES, Case, MakeCase

from tlfgen.errors import TlfgenError

FILES = tuple(
    sorted(f"{p.parent.name}/{p.name}" for s in ("sdtm", "adam") for p in (STUDIES / "base" / s).glob("*"))
)
Path_ = tuple[Any, ...]
WRONG: tuple[Any, ...] = ("", "x y", "-1", [], ["x"], {"x": "y"})


def places(tree: Any, at: Path_ = ()) -> Iterator[Path_]:
    """The path of every entry of a file."""
    for key in tree if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ():
        yield (*at, key)
        yield from places(tree[key], (*at, key))


def mutants(file: str, chance: random.Random) -> Iterator[tuple[str, Any]]:
    """What was changed, and the file with the change: three for each entry."""
    tree = yaml.load((STUDIES / "base" / file).read_text("utf-8"), yaml.BaseLoader)
    for path in places(tree):
        changed = copy.deepcopy(tree)
        holder = changed
        for step in path[:-1]:
            holder = holder[step]
        last, value = path[-1], holder[path[-1]]
        if isinstance(value, str):
            cut = chance.randrange(len(value) + 1)
            holder[last] = value[:cut] + chance.choice("XQ7.'{-") + value[cut + 1 :]
            yield f"{file} {path}: {value!r} is {holder[last]!r}", copy.deepcopy(changed)
        holder[last] = wrong = chance.choice(WRONG)
        yield f"{file} {path}: {wrong!r}", copy.deepcopy(changed)
        del holder[last]
        yield f"{file} {path}: dropped", changed


def wrong_with(study: Case, what: str, file: str, tree: Any) -> str | None:
    """None where the mutant is refused with its place or its data are made; else what went wrong."""
    mutant = Case(study.root).write(file, yaml.safe_dump(tree, sort_keys=False, allow_unicode=True))
    try:
        _ = mutant.data
    except TlfgenError as error:
        return None if "specs/x/" in str(error) else f"{what}: {error}"
    except Exception as error:
        return f"{what}: {type(error).__name__}: {error}"
    return None


@pytest.mark.parametrize("file", FILES)
def test_a_changed_spec_is_refused_with_its_place_or_gives_data(case: MakeCase, file: str) -> None:
    chance, study = random.Random(file), case("base")
    some = chance.sample(list(mutants(file, chance)), 3)
    assert [w for what, tree in some if (w := wrong_with(study, what, file, tree))] == []
