"""The shape of the program: who may import whom, what is loaded when, no study in the code, no file too long.

The order of the modules is the architecture's: each one imports only from those before it, so that the data
have one direction, raw -> sdtm -> adam -> analysis -> display -> document. Each rule is shown to fail on a
made-up tree.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "src" / "tlfgen"

ORDER = (
    "errors", "spec", "data", "engine", "raw", "sdtm", "adam", "stats", "analysis", "reconcile", "display",
    "document", "submission", "audit", "report", "checks", "run", "study", "listing", "scaffold",
    "upgrade", "faults", "cli",
)  # fmt: skip
PUBLIC = ("__init__", "__main__")  # the surface: comes after all of them
FRAMES = {"narwhals", "pandas", "polars", "pyarrow"}
# lifelines is the second opinion on survival statistics: it may check them, never make them.
NOT_IN_STATS = FRAMES | {"lifelines"}
HEAVY = NOT_IN_STATS | {"matplotlib", "numpy", "pikepdf", "pyreadstat", "scipy", "weasyprint"}
MOST_LINES = 500


def sources(package: Path) -> list[Path]:
    return sorted(package.rglob("*.py"))


def layer_of(path: Path, package: Path) -> str:
    """The module of ORDER or PUBLIC that a file belongs to."""
    return path.relative_to(package).with_suffix("").parts[0]


def imported(path: Path, package: Path) -> Iterator[tuple[int, str]]:
    """Each import of a file, also inside functions and for type checking: line and absolute dotted name."""
    here = (package.name, *path.relative_to(package).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parent = here[: len(here) - node.level + 1] if node.level else ()
            base = ".".join((*parent, *([node.module] if node.module else [])))
            # `from tlfgen import stats` imports tlfgen.stats.
            names = [f"{base}.{alias.name}" for alias in node.names] if base == package.name else [base]
            yield from ((node.lineno, name) for name in names)
        elif isinstance(node, ast.Call) and isinstance(name := leading_text(node), str):
            yield node.lineno, name


def leading_text(call: ast.Call) -> str | None:
    """The module that `import_module` or `__import__` is called with, as far as it is written out."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called not in ("import_module", "__import__") or not call.args:
        return None
    argument = call.args[0]
    if isinstance(argument, ast.JoinedStr) and argument.values:
        argument = argument.values[0]
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def order_problems(package: Path) -> list[str]:
    """Imports against the order, and modules that have no place in it."""
    problems = []
    for path in sources(package):
        own, place = layer_of(path, package), path.relative_to(package)
        if own in PUBLIC:
            continue
        if own not in ORDER:
            problems.append(f"{place}: '{own}' has no place in the order of modules")
            continue
        for line, name in imported(path, package):
            first, _, rest = name.partition(".")
            target = rest.split(".")[0]
            if first != package.name or target == "__version__":
                continue
            if target not in ORDER:
                problems.append(f"{place}, line {line}: imports {name}; name the module that defines it")
            elif ORDER.index(target) > ORDER.index(own):
                problems.append(f"{place}, line {line}: {own} imports {target}, which comes after it")
    return problems


def stats_problems(package: Path) -> list[str]:
    """Frames in the statistics, which see arrays only."""
    return [
        f"{path.relative_to(package)}, line {line}: statistics see arrays, and this imports {name}"
        for path in sources(package)
        if layer_of(path, package) == "stats"
        for line, name in imported(path, package)
        if name.split(".")[0] in NOT_IN_STATS
    ]


def study_names(specs: Path) -> set[str]:
    """What the studies under a folder are called: the folder's name and the identifier in study.yaml."""
    identifier = re.compile(r"^study:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)
    files = list(specs.glob("*/study.yaml"))
    names = {found for file in files for found in identifier.findall(file.read_text(encoding="utf-8"))}
    return names | {file.parent.name for file in files}


def study_problems(folder: Path, specs: Path) -> list[str]:
    """Places of the program that know a study."""
    problems = []
    for name in sorted(study_names(specs)):
        word = re.compile(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", re.IGNORECASE)
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            problems += [
                f"{path.relative_to(folder)}, line {line}: names the study {name}"
                for line, text in enumerate(lines, start=1)
                if word.search(text)
            ]
    return problems


def length_problems(package: Path) -> list[str]:
    """Files that ask to be two."""
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources(package)}
    return [f"{path.relative_to(package)}: {n} lines" for path, n in lengths.items() if n > MOST_LINES]


def loaded_by(code: str, *paths: Path) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after running `code`."""
    paths_first = os.pathsep.join([*map(str, paths), *filter(None, [os.environ.get("PYTHONPATH")])])
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport json, sys\nprint()\nprint(json.dumps(list(sys.modules)))"],
        env={**os.environ, "PYTHONPATH": paths_first}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return {name.split(".")[0] for name in json.loads(run.stdout.splitlines()[-1])}


HELP = """
import sys
sys.argv = ["tlfgen", "--help"]
from tlfgen.cli import main
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
"""
ALL_STATISTICS = """
import pkgutil, tlfgen.stats
for module in pkgutil.walk_packages(tlfgen.stats.__path__, "tlfgen.stats."):
    __import__(module.name)
"""


def written(module: str) -> bool:
    return (PACKAGE / f"{module}.py").exists() or (PACKAGE / module).is_dir()


def test_modules_import_only_those_before_them() -> None:
    assert order_problems(PACKAGE) == []


def test_statistics_import_no_frames() -> None:
    assert stats_problems(PACKAGE) == []


@pytest.mark.parametrize("folder", ["src", "templates"])
def test_the_program_knows_no_study(folder: str) -> None:
    assert study_problems(PROJECT / folder, PROJECT / "specs") == []


def test_no_file_is_too_long() -> None:
    assert length_problems(PACKAGE) == []


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        pytest.param("import tlfgen", HEAVY, id="import tlfgen"),
        *([pytest.param(HELP, HEAVY, id="tlfgen --help")] if written("cli") else []),
        *([pytest.param(ALL_STATISTICS, NOT_IN_STATS, id="all of tlfgen.stats")] if written("stats") else []),
    ],
)
def test_what_is_not_needed_is_not_loaded(code: str, unwanted: set[str]) -> None:
    assert loaded_by(code) & unwanted == set()


# Each rule can fail.


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root / "tlfgen"


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        ("raw/read.py", "import tlfgen.adam.dose\n", "line 1: raw imports adam, which comes after it"),
        ("raw/read.py", "\nfrom tlfgen.adam.dose import x\n", "line 2: raw imports adam, which"),
        ("raw/read.py", "from tlfgen import adam\n", "line 1: raw imports adam, which comes after it"),
        ("raw/read.py", "from ..adam import dose\n", "line 1: raw imports adam, which comes after it"),
        ("raw/read.py", "from .. import adam\n", "line 1: raw imports adam, which comes after it"),
        ("errors.py", "from .spec import x\n", "line 1: errors imports spec, which comes after it"),
        ("raw/read.py", "def f():\n    import tlfgen.cli\n", "line 2: raw imports cli, which comes after it"),
        (
            "raw/read.py",
            "import_module('tlfgen.analysis')\n",
            "line 1: raw imports analysis, which comes after it",
        ),
        (
            "raw/read.py",
            "importlib.import_module(f'tlfgen.analysis.{x}')\n",
            "line 1: raw imports analysis, which",
        ),
        ("raw/read.py", "from tlfgen import Study\n", "line 1: imports tlfgen.Study; name the module"),
        ("raw/read.py", "import tlfgen\n", "line 1: imports tlfgen; name the module"),
        ("utils.py", "", "'utils' has no place in the order of modules"),
    ],
)
def test_an_import_against_the_order_is_found(tmp_path: Path, file: str, text: str, problem: str) -> None:
    (found,) = order_problems(tree(tmp_path, {f"tlfgen/{file}": text}))
    assert found.startswith(file)
    assert problem in found


def test_imports_in_the_order_are_let_through(tmp_path: Path) -> None:
    files = {
        "tlfgen/__init__.py": "from tlfgen.study import Study\n",
        "tlfgen/analysis/run.py": "import polars\nfrom tlfgen import stats\nfrom . import table\n",
        "tlfgen/analysis/table.py": "from ..data import x\nfrom .run import y\n",
        "tlfgen/stats/exact.py": "import numpy as np\nfrom tlfgen.errors import DataError\n",
    }
    package = tree(tmp_path, files)
    assert order_problems(package) == []
    assert stats_problems(package) == []


@pytest.mark.parametrize("text", ["import polars as pl\n", "from pandas import NA\n", "import lifelines\n"])
def test_a_frame_in_the_statistics_is_found(tmp_path: Path, text: str) -> None:
    package = tree(tmp_path, {"tlfgen/stats/exact.py": text, "tlfgen/analysis/run.py": text})
    (found,) = stats_problems(package)
    assert found.startswith("stats/exact.py, line 1:")


def test_a_study_in_the_program_is_found(tmp_path: Path) -> None:
    files = {
        "specs/demo-01/study.yaml": "# a study\nstudy: DEMO01SIM   # simulated\n",
        "tlfgen/raw/read.py": '"""Reads forms."""\n\nif name == "demo-01":\n    pass\n',
        "tlfgen/sdtm/terms.yaml": "of: [demo01sim]\n",
        "tlfgen/sdtm/other.yaml": "of: [xdemo-01, DEMO01SIMPLE]\n",
    }
    package = tree(tmp_path, files)
    assert study_problems(package, tmp_path / "specs") == [
        "sdtm/terms.yaml, line 1: names the study DEMO01SIM",
        "raw/read.py, line 3: names the study demo-01",
    ]


def test_a_file_too_long_is_found(tmp_path: Path) -> None:
    files = {"tlfgen/errors.py": "x = 1\n" * (MOST_LINES + 1), "tlfgen/cli.py": "x = 1\n" * MOST_LINES}
    assert length_problems(tree(tmp_path, files)) == [f"errors.py: {MOST_LINES + 1} lines"]


def test_a_heavy_import_is_found(tmp_path: Path) -> None:
    files = {
        "polars.py": "",
        "tlfgen/__init__.py": "from tlfgen import study\n",
        "tlfgen/study.py": "import polars\n",
        "tlfgen/cli.py": "def main(): pass\n",
    }
    tree(tmp_path, files)
    assert loaded_by("import tlfgen", tmp_path) & HEAVY == {"polars"}
    assert loaded_by(HELP, tmp_path) & HEAVY == {"polars"}
