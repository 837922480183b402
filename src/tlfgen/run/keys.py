"""Digests that keys are made of: texts, files, the program's source, the versions of what it uses."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from tlfgen.spec.words import WORDS, shipped_templates

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")  # of a package, where a requirement begins


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


def hash_bytes(content: bytes) -> str:
    """SHA-256 of a content."""
    return hashlib.sha256(content).hexdigest()


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
    """The versions of Python, of tlfgen, of what it needs and of what that needs, by name."""
    found, ahead = {"python": platform.python_version()}, ["tlfgen"]
    while ahead:
        name = ahead.pop()
        try:
            package = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # needed on another system, or by another Python
        found[name] = package.version
        needed = (NAME.match(r) for r in package.requires or () if "extra ==" not in r)
        ahead += sorted({n for m in needed if m and (n := _normal(m[0])) not in found})
    return dict(sorted(found.items()))


def _normal(name: str) -> str:
    """A package's name as all its spellings: PyYAML, pyyaml."""
    return re.sub(r"[-_.]+", "-", name).lower()


def versions_digest() -> str:
    return hash_texts(versions())
