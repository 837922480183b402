"""Digests that keys are made of: texts, files, the program's source, the versions of what it uses."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from tlfgen.spec.words import WORDS, shipped_templates


def hash_texts(texts: Mapping[str, str]) -> str:
    """Hash named texts in the order of their names."""
    total = hashlib.sha256()
    for name in sorted(texts):
        total.update(f"{len(name)}:{name}={len(texts[name])}:{texts[name]}\n".encode())
    return total.hexdigest()


def hash_file(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@lru_cache(maxsize=1)
def source_digest() -> str:
    """Hash of every source file of tlfgen, and of its words, by which results name their methods."""
    root = Path(__file__).resolve().parents[1]
    kept = [
        p
        for p in root.rglob("*")
        if p.is_file() and p.suffix in (".py", ".yaml") and "templates" not in p.relative_to(root).parts
    ]
    digests = {p.relative_to(root).as_posix(): hash_file(p) for p in kept}
    return hash_texts(digests | {WORDS: hash_file(shipped_templates()[0] / WORDS)})


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """The versions of tlfgen and of what it needs, by name."""
    found = {}
    for requirement in ["tlfgen", *(importlib.metadata.requires("tlfgen") or [])]:
        if "extra ==" in requirement:
            continue
        name = requirement.split(";")[0].split("[")[0]
        for mark in "<>=!~ ":
            name = name.split(mark)[0]
        found[name] = importlib.metadata.version(name)
    return dict(sorted(found.items()))


def versions_digest() -> str:
    return hash_texts(versions())
