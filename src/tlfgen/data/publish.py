"""Results made visible: whole folders swapped at once, so that the last good ones stay until then."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tlfgen.data.cache import hash_file
from tlfgen.errors import UsageError


@contextmanager
def only_build(root: Path, study: str) -> Iterator[None]:
    """Hold the study's lock; a second build of it is refused."""
    place = root / "output" / f".{study}.lock"
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(
                f"Another build of {study} is running.", hint="Wait for it, or stop it."
            ) from None
        yield


def is_published(
    folder: Path, files: Mapping[str, tuple[Path, str]], besides: frozenset[str] = frozenset()
) -> bool:
    """Whether the folder holds exactly these files (path -> source and SHA-256), `besides` apart."""
    there = (
        {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
        if folder.is_dir()
        else set()
    )
    if there - besides != set(files):
        return False
    return all(hash_file(folder / name) == digest for name, (_, digest) in files.items())


def publish(folders: Mapping[Path, Mapping[str, tuple[Path, str]]]) -> None:
    """Fill each folder with its files and nothing else: filled beside, then renamed.

    A build killed between two renames leaves `.<name>.old`, which the next one puts back first (`restore`).
    """
    beside = {}
    for folder, files in folders.items():
        fresh = folder.with_name(f".{folder.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        for name, (source, _) in files.items():
            target = fresh / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        fresh.mkdir(parents=True, exist_ok=True)
        beside[folder] = fresh
    for folder in beside:
        if folder.exists():
            os.replace(folder, _old(folder))
    for folder, fresh in beside.items():
        os.replace(fresh, folder)
    for folder in beside:
        shutil.rmtree(_old(folder), ignore_errors=True)


def restore(folders: list[Path]) -> None:
    """Put back what a killed build had moved aside, and remove what it left half filled."""
    for folder in folders:
        shutil.rmtree(folder.with_name(f".{folder.name}.new"), ignore_errors=True)
    if any(_old(f).exists() for f in folders) and not all(f.exists() for f in folders):
        for folder in folders:
            if _old(folder).exists():
                shutil.rmtree(folder, ignore_errors=True)
                os.replace(_old(folder), folder)
    for folder in folders:
        shutil.rmtree(_old(folder), ignore_errors=True)


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")
