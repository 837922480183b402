"""Specs with one fault each, made from the spec models: every field of every entry of a study, given what it
does not expect. Whatever comes of it is a message or a build, never a traceback and never a hang.

The study is the base of tests/cases with the files of tests/mutation/study over it, so that every shape of
figure, every analysis and a narrative from data are there.
"""

from __future__ import annotations

import random
import shutil
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import yaml

from tlfgen.data.dataset import Dataset
from tlfgen.errors import SpecError, TlfgenError
from tlfgen.spec.claims import ClaimsSpec
from tlfgen.spec.dataset import AdamSpec, DomainSpec
from tlfgen.spec.form import CodelistSpec, FormSpec
from tlfgen.spec.loader import Entry, Mapping_, read_tree, validate
from tlfgen.spec.output import OutputSpec, ReportSpec
from tlfgen.spec.study import StudySpec
from tlfgen.study import Study

TESTS = Path(__file__).parents[1]
MODELS: dict[str, Any] = {
    "study.yaml": StudySpec, "report.yaml": ReportSpec, "claims.yaml": ClaimsSpec,
    "codelists.yaml": dict[str, CodelistSpec], "forms": FormSpec, "sdtm": DomainSpec, "adam": AdamSpec,
    "outputs": OutputSpec,
}  # fmt: skip
OF_DATA = ("forms", "sdtm", "adam", "study.yaml", "codelists.yaml")  # what the datasets depend on
MOST_SECONDS = 60
REMOVED = object()
Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Mutation:
    """One fault: in this file, the value at this path becomes another, or is taken away."""

    file: str
    path: Path_
    value: Any

    def __str__(self) -> str:
        what = "removed" if self.value is REMOVED else repr(self.value)[:60]
        return f"{self.file}: {'.'.join(map(str, self.path))} = {what}"


def make_study(folder: Path) -> Path:
    """Lay the study out below a folder; give the folder of its specs."""
    specs = folder / "specs" / "x"
    shutil.copytree(TESTS / "cases" / "studies" / "base", specs)
    shutil.copytree(TESTS / "mutation" / "study", specs, dirs_exist_ok=True)
    return specs


def mutations(specs: Path, number: int, seed: int) -> list[Mutation]:
    """Faults drawn from all there are, each file with the same chance of each of its fields."""
    every = sorted(_all(specs), key=lambda m: (m.file, str(m.path), repr(m.value)))
    return random.Random(seed).sample(every, min(number, len(every)))


def _all(specs: Path) -> Iterator[Mutation]:
    known = sorted({w for path in specs.rglob("*.yaml") for w in _words(_tree(path))})
    for path in sorted(specs.rglob("*.yaml")):
        file = path.relative_to(specs).as_posix()
        tree = read_tree(path, shown=file)
        validate(tree, MODELS.get(file, MODELS.get(file.split("/")[0])), shown=file)
        written = _tree(path)
        for at, node in _mappings(tree, ()):
            if not isinstance(_at(written, at), dict):
                continue  # a model made a mapping of a list
            for key in _keys(node):
                yield from (Mutation(file, (*at, key), v) for v in _values(_bare(node.get(key)), key, known))
                if key in node:
                    yield Mutation(file, (*at, key), REMOVED)
        yield Mutation(file, (), "x")
        yield Mutation(file, (), ["x"])


def _at(tree: Any, path: Path_) -> Any:
    for step in path:
        tree = tree[step] if isinstance(tree, dict | list) else None  # type: ignore[index]
    return tree


def _mappings(node: Any, at: Path_) -> Iterator[tuple[Path_, Mapping_]]:
    if isinstance(node, Mapping_):
        yield at, node
        for key, value in node.items():
            yield from _mappings(value, (*at, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _mappings(value, (*at, i))


def _bare(node: Any) -> Any:
    if isinstance(node, dict):
        return {k: _bare(v) for k, v in node.items()}
    return [_bare(v) for v in node] if isinstance(node, list) else node


def _keys(node: Mapping_) -> list[str]:
    """The keys that a mapping has, and those that the models it was read as know."""
    models: list[type[Entry]] = node.models
    return sorted({*node, *(f.alias or name for m in models for name, f in m.model_fields.items())})


def _values(old: Any, key: str, known: list[str]) -> Iterator[Any]:
    yield from ("", "x", "-1", "0", "1e999", "9" * 30, [], {}, ["x"], {"a": "b"}, [[]], {"": ""})
    yield from ("{n}", "{", "{{ 1/0 }}", "{% for x in", "'", "a' OR '1' = '1", "(", "NOT", "AGE >", "= 1")
    yield from ("../../x", "/etc/passwd", "\u202eabc", "\u4e2d", "\x07", "a" * 5_000, "**", "A.B.C", ".")
    place = random.Random(key).randrange(len(known))
    yield from (known[place], known[(place * 7 + 3) % len(known)])
    if isinstance(old, str) and len(old) > 2:
        yield from (old[1] + old[0] + old[2:], old + old, old.upper() + "_", old.lower(), [old, old])
        yield {old: old}
        at = len(old) // 2
        yield from (old[:at] + c + old[at + 1 :] for c in "XQ7.'{-")
    if isinstance(old, list) and old:
        yield from ([*old, old[0]], old[::-1], old[:1], [[*old]], [None], dict.fromkeys(map(str, old), "x"))
    if isinstance(old, dict) and old:
        yield from ([old], {**old, "x": "y"}, dict.fromkeys(old, ""), dict.fromkeys(old, {}))
        yield dict.fromkeys([*old, "x"], "x")


def _words(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _words(value)
    elif isinstance(node, list):
        for value in node:
            yield from _words(value)
    elif isinstance(node, str) and len(node) < 40:
        yield node


def _tree(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)


def apply(mutation: Mutation, specs: Path) -> str:
    """Write the fault into its file; give what stood there."""
    path = specs / mutation.file
    before = path.read_text("utf-8")
    tree = _tree(path)
    if not mutation.path:
        tree = mutation.value
    else:
        *above, last = mutation.path
        node = tree
        for step in above:
            node = node[step]
        if mutation.value is REMOVED:
            del node[last]
        else:
            node[last] = mutation.value
    path.write_text(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False), "utf-8")
    return before


@dataclass(frozen=True)
class Outcome:
    """What came of a fault: refused, its message with a place; built; no place; traceback; hang."""

    mutation: Mutation
    kind: str
    says: str = ""


def outcome(mutation: Mutation, specs: Path) -> Outcome:
    """Run a fault through check, data, results, outputs as text, narratives and claims."""
    before = apply(mutation, specs)
    try:
        with _in_time():
            run(specs, data=mutation.file.split("/")[0] in OF_DATA)
    except TlfgenError as error:
        placed = not isinstance(error, SpecError) or f"specs/{specs.name}/" in str(error)
        return Outcome(mutation, "refused" if error.message and placed else "no place", str(error))
    except TimeoutError:
        return Outcome(mutation, "hang")
    except BaseException:
        return Outcome(mutation, "traceback", traceback.format_exc())
    finally:
        (specs / mutation.file).write_text(before, "utf-8")
    return Outcome(mutation, "built")


def run(specs: Path, *, data: bool) -> None:
    """Do in memory what a build does short of setting pages. data: whether the datasets must be made anew."""
    from tlfgen.checks import check_specs, place_outputs

    study = Study.open("x", root=specs.parents[1])
    check_specs(study.specs)
    wanted: tuple[str, ...]
    if data:
        datasets = _datasets(study)
        wanted = ("demography", "ae-by-term", "os", "rates", "changes", "ae-listing")
    else:
        datasets = _usual_datasets(specs)
        wanted = tuple(study.specs.outputs)
    results = _shown(study, datasets, [w for w in wanted if w in study.specs.outputs])
    if not data:
        _told(study, datasets, results, place_outputs(study.specs))
        _claimed(study, datasets)


def _datasets(study: Study) -> dict[str, Dataset]:
    from tlfgen.adam.build import run_adam
    from tlfgen.data.dictionary import read_dictionaries
    from tlfgen.raw.stage import run_raw
    from tlfgen.sdtm.build import run_sdtm

    raw = run_raw(study.specs, study.specs.folder / "raw")
    sdtm = run_sdtm(study.specs, raw.forms, read_dictionaries(study.specs))
    return {**sdtm.datasets, **run_adam(study.specs, sdtm.datasets).datasets}


@cache
def _usual_datasets(specs: Path) -> dict[str, Dataset]:
    """The datasets of the study as it is: an output's fault does not touch them."""
    with _elsewhere() as folder:
        make_study(folder)
        return _datasets(Study.open("x", root=folder))


@contextmanager
def _elsewhere() -> Iterator[Path]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _shown(study: Study, datasets: dict[str, Dataset], wanted: list[str]) -> dict[str, Any]:
    from tlfgen.analysis.run import run_analysis
    from tlfgen.display.lay_out import lay_out
    from tlfgen.display.text import as_text
    from tlfgen.spec.theme import NumberRules

    results = {}
    for name in wanted:
        spec = study.specs.outputs[name]
        results[name] = run_analysis(spec, datasets, study.specs.study)
        as_text(lay_out(spec, results[name], datasets, study.specs.study, NumberRules()))
    return results


def _told(study: Study, datasets: dict[str, Dataset], results: dict[str, Any], placed: Any) -> None:
    from tlfgen.display.lay_out import lay_out
    from tlfgen.display.parts import FrontMatter
    from tlfgen.document.theme import load_theme
    from tlfgen.report import Material, _sections
    from tlfgen.run.inputs import theme_folders

    front = FrontMatter("BASE", "", (), "", "", "", ())
    theme = load_theme("house", theme_folders(study.root, study.specs.folder))
    facts, rules = study.specs.study, theme.numbers
    parts = {
        i: lay_out(study.specs.outputs[i], results[i], datasets, facts, rules)
        for s, _ in placed
        for i in s.in_text
    }
    material = Material(study.specs, theme, front, placed, results, parts, {}, datasets, ())
    for section, ids in placed:
        _sections(material, section, ids, [])


def _claimed(study: Study, datasets: dict[str, Dataset]) -> None:
    from tlfgen.audit.claims import Judge
    from tlfgen.audit.consistency import remarks

    if study.specs.claims is not None:
        Judge(study.specs.outputs, datasets, study.specs.study).judge(study.specs.claims)
        remarks(study.specs.claims)


@contextmanager
def _in_time() -> Iterator[None]:
    def late(signum: int, frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(MOST_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
