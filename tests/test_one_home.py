"""Each default and each declaration of a statistic stands in one place. Each rule is shown to fail on a
planted duplicate."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tlfgen.analysis.comparisons import comparisons
from tlfgen.analysis.registry import analyses
from tlfgen.analysis.summarise import STATISTICS

PACKAGE = Path(__file__).parents[1] / "src" / "tlfgen"
STAGES = ("spec", "stats", "analysis")
# Parameters by which a statistic is made: what they are where nothing is said stands in spec/survival.py or
# spec/usual.py, as a constant.
SHARED = {
    "level", "limits", "transform", "rule", "quantile_rule", "quantile_limits", "ties", "hazard_ratio",
    "percentile",
}  # fmt: skip
HOMES = ("survival.py", "usual.py")
# `limits` of a figure of means are what its bars reach to, `ties` of a sort what stands first of equals.
OTHERS = {("figure_mean_over_time.py", "limits"), ("level.py", "ties")}
SHOWN = ("display", "document", "report.py")


def sources(package: Path, stages: tuple[str, ...]) -> Iterator[tuple[Path, ast.Module]]:
    for stage in stages:
        for path in sorted([package / stage] if stage.endswith(".py") else (package / stage).glob("*.py")):
            yield path, ast.parse(path.read_text("utf-8"))


def defaults_of(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """(name, default) of the parameters of a function, or of the fields of a class."""
    if isinstance(node, ast.FunctionDef):
        given = [*node.args.posonlyargs, *node.args.args]
        yield from (
            (a.arg, d)
            for a, d in zip(given[len(given) - len(node.args.defaults) :], node.args.defaults, strict=True)
        )
        yield from ((a.arg, d) for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d)
    elif isinstance(node, ast.ClassDef):
        for line in node.body:
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.value:
                yield line.target.id, line.value


def typed_defaults(package: Path) -> list[str]:
    """The defaults of shared parameters that are written out instead of named."""
    found = []
    for path, tree in sources(package, STAGES):
        for node in ast.walk(tree):
            for name, default in defaults_of(node):
                written = [
                    n for n in ast.walk(default) if isinstance(n, ast.Constant) and n.value is not None
                ]
                bounds = isinstance(default, ast.Call) and any(k.arg == "default" for k in default.keywords)
                if name in SHARED and written and not bounds and (path.name, name) not in OTHERS:
                    found.append(f"{path.parent.name}/{path.name}: {name} = {ast.unparse(default)}")
    return found


def constants(package: Path, stages: tuple[str, ...]) -> Iterator[tuple[Path, str, object]]:
    """(module, name, value) of the constants of modules."""
    for path, tree in sources(package, stages):
        for node in tree.body:
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Constant):
                yield path, ast.unparse(node).split("=")[0].split(":")[0].strip(), node.value.value


def constants_twice(package: Path) -> list[str]:
    """Constants of other modules with the value of a default, whatever they are called."""
    homes = {
        v for path, _, v in constants(package, ("spec",)) if path.name in HOMES and not isinstance(v, int)
    }
    every = constants(package, (*STAGES, *SHOWN))
    return [f"{path.name}: {name}" for path, name, v in every if path.name not in HOMES and v in homes]


def tables_by_name(package: Path) -> list[str]:
    """Mappings of a display by three names of statistics or more: a second declaration of them."""
    names = {s for rule in analyses().values() for s in rule.forms} | set(STATISTICS)
    found = []
    for path, tree in sources(package, SHOWN):
        for node in ast.walk(tree):
            keys = node.keys if isinstance(node, ast.Dict) else node.elts if isinstance(node, ast.Set) else []
            if len({k.value for k in keys if isinstance(k, ast.Constant)} & names) > 2:
                found.append(f"{path.parent.name}/{path.name}, line {node.lineno}")  # type: ignore[attr-defined]
    return found


def keys_twice(package: Path) -> list[str]:
    """Statistics that one mapping of declarations has twice."""
    found = []
    for path, tree in sources(package, ("analysis",)):
        for node in ast.walk(tree):
            keys = (
                [k.value for k in node.keys if isinstance(k, ast.Constant)]
                if isinstance(node, ast.Dict)
                else []
            )
            found += [f"{path.name}: {k!r}" for i, k in enumerate(keys) if k in keys[:i]]
    return found


def computed_twice(package: Path) -> list[str]:
    """Functions of stats/ that two modules of analysis/ call: a statistic is computed in one place."""
    callers: dict[str, set[str]] = {}
    for path, tree in sources(package, ("analysis",)):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tlfgen.stats."):
                for alias in node.names:
                    if alias.name.islower():
                        callers.setdefault(alias.name, set()).add(path.name)
    return [f"{name}: {', '.join(sorted(own))}" for name, own in sorted(callers.items()) if len(own) > 1]


RULES = [computed_twice, typed_defaults, constants_twice, tables_by_name, keys_twice]


@pytest.mark.parametrize("rule", RULES)
def test_nothing_stands_twice(rule: object) -> None:
    assert rule(PACKAGE) == []  # type: ignore[operator]


@pytest.mark.parametrize(
    ("rule", "path", "planted"),
    [
        (computed_twice, "analysis/x.py", "from tlfgen.stats.cox import cox, NOTHING\n"),
        (typed_defaults, "stats/x.py", "def f(*, level: float = 0.95) -> None: ...\n"),
        (typed_defaults, "analysis/x.py", "def f(rule: str = 'first') -> None: ...\n"),
        (typed_defaults, "spec/x.py", "class S(Entry):\n    ties: str = 'efron'\n"),
        (constants_twice, "analysis/x.py", "CONFIDENCE = 0.95\n"),
        (tables_by_name, "display/x.py", "D = {'mean': 1, 'sd': 2, 'median': 1}\n"),
        (keys_twice, "analysis/x.py", "FORMS = {'n': COUNT, 'events': EVENTS, 'n': PERCENT}\n"),
    ],
)
def test_a_planted_duplicate_is_found(rule: object, path: str, planted: str, tmp_path: Path) -> None:
    for stage in (*STAGES, "display", "document"):
        (tmp_path / stage).mkdir()
    there = "from tlfgen.stats.cox import NOTHING, cox\n"
    home, once = ("spec/survival.py", "LEVEL = 0.95\n"), ("analysis/compare_survival.py", there)
    for name, text in (home, once, ("report.py", ""), (path, planted)):
        (tmp_path / name).write_text(text, "utf-8")
    assert len(rule(tmp_path)) == 1  # type: ignore[operator]


def test_every_statistic_is_declared_with_a_label_and_its_limits_exist() -> None:
    """A limit is of a statistic of the same analysis, and has the other side."""
    for name, rule in analyses().items():
        sides = [(d.of, d.side) for d in rule.forms.values() if d.side and d.shown != "proportion"]
        assert len(set(sides)) == len(sides), name
        for of, side in sides:
            assert of in rule.forms or of == "range", (name, of)
            assert (of, {"low": "high", "high": "low"}[side]) in sides, (name, of)
    for name, compared in comparisons().items():
        for end, declared in compared.forms.items():
            assert declared.side == {"_low": "low", "_high": "high"}.get(end, ""), (name, end)
