"""What a build publishes of its results, and run.json: what went in and came out, who ran it and when."""

from __future__ import annotations

import datetime
import getpass
import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tlfgen.run.cache import Result
from tlfgen.run.inputs import Inputs
from tlfgen.run.keys import hash_file, source_digest, versions
from tlfgen.run.publishing import is_published, publish

FRAME = ".frame.parquet"  # of a form: its typed records
RECORD = "run.json"
Tree = dict[str, tuple[Path, str]]


def publish_build(
    inputs: Inputs, results: Mapping[str, Result], beside: Path, log: Sequence[Mapping[str, object]]
) -> bool:
    """Publish what the results leave; False where it stands there already. beside: a folder for what is
    written on the way."""
    tree = _tree(inputs, results)
    has_record = (inputs.output / RECORD).is_file()
    if has_record and is_published(inputs.output, tree, inputs.links, frozenset({RECORD})):
        return False
    held = beside / RECORD
    held.write_text(json.dumps(_record(inputs, tree, log), indent=1, ensure_ascii=False), "utf-8")
    tree[RECORD] = (held, hash_file(held))
    publish(inputs.output, tree, inputs.links)
    held.unlink()
    return True


def _tree(inputs: Inputs, results: Mapping[str, Result]) -> Tree:
    """Each published file by its path, with where it stands and its hash."""
    tree: Tree = {}

    def take(step: str, inside: str = "", to: str = "", suffix: str = "") -> None:
        done = results.get(step)
        for name, digest in done.files.items() if done else ():
            if done and name.startswith(inside) and name.endswith(suffix) and (inside or "/" not in name):
                tree[to + name.removeprefix(inside)] = (done.folder / name, digest)

    if not inputs.manuscript:
        for stage in ("sdtm", "adam"):
            take(stage, "data/", f"{stage}/")
            take(stage, "lineage/", "lineage/")
            take(stage, "decisions/", "decisions/")
        take("raw", "quarantine/", "quarantine/")
        take("raw", "forms/", "forms/", FRAME)
        take("audit", "published/")
    for step in ("report", "manuscript", "ards"):
        take(step)
    take("files", to="outputs/")
    return tree


def _record(inputs: Inputs, tree: Tree, log: Sequence[Mapping[str, object]]) -> dict[str, Any]:
    """What went in and came out: the one file that differs from run to run."""
    from tlfgen.document.theme import font_digests

    outputs = {f"output/{inputs.output.name}/{n}": d for n, (_, d) in sorted(tree.items())}
    fonts = font_digests(inputs.theme)
    return {
        "study": inputs.specs.study.study,
        "build": inputs.id,
        "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "who": _user(),
        "made_elsewhere": {
            file: {"made_by": by, "sha256": inputs.elsewhere_digests[f"made elsewhere {file}"]}
            for file, by in sorted(inputs.specs.files_elsewhere.items())
        },
        "where": platform.platform(),
        "python": platform.python_version(),
        "versions": versions(),
        "source": source_digest(),
        "theme": {"name": inputs.theme_name, "digest": inputs.theme_digest, "fonts": fonts},
        "inputs": _of_files(inputs),
        "specs": _of_specs(inputs),
        "outputs": outputs,
        "steps": list(log),
    }


def changed_since(folder: Path, inputs: Inputs, *, files: bool) -> list[str]:
    """What is another than what a published build was made of, by name: specs, with `files` raw files and
    dictionaries too, and the theme; nothing where no build says what it was made of."""
    try:
        record = json.loads((folder / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return []
    pairs = [(record["specs"], _of_specs(inputs))]
    if files:
        pairs.append((record["inputs"], _of_files(inputs)))
    if record["theme"]["name"] == inputs.theme_name:
        pairs.append(({"the theme": record["theme"]["digest"]}, {"the theme": inputs.theme_digest}))
    return sorted({n for was, there in pairs for n in {**was, **there} if was.get(n) != there.get(n)})


def _of_specs(inputs: Inputs) -> dict[str, str]:
    return {n.removeprefix("spec "): d for n, d in inputs.texts("").items()}


def _of_files(inputs: Inputs) -> dict[str, str]:
    return {n.removeprefix("raw "): d for n, d in inputs.files.items()}


def _user() -> str:
    """The name of who runs the build; the number where the system knows no name, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
