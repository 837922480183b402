"""Results made visible: one folder switched at once, so that a reader sees one build, never two.

`output/<study>` holds everything that a build leaves, its datasets under `sdtm/` and `adam/`; the folders
`sdtm/<study>` and `adam/<study>` are links into it. A build fills a folder beside and exchanges the two in
one step of the file system. A file system that cannot exchange gets two renames; `restore` puts back what a
build killed between them left aside.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from tlfgen.errors import UsageError
from tlfgen.run.keys import hash_file

Files = Mapping[str, tuple[Path, str]]
AT_FDCWD, RENAME_EXCHANGE = -100, 2
CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EXDEV})


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
    folder: Path, files: Files, links: Mapping[Path, str], besides: frozenset[str] = frozenset()
) -> bool:
    """Whether the folder holds exactly these files (path -> source and SHA-256), `besides` apart, and each
    link leads to its part of it."""
    there = (
        {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
        if folder.is_dir()
        else set()
    )
    if there - besides != set(files):
        return False
    whole = all(hash_file(folder / name) == digest for name, (_, digest) in files.items())
    return whole and all(_leads(link, folder / part) for link, part in links.items())


def check_places(folder: Path, links: Mapping[Path, str]) -> None:
    """Refuse, before anything is computed, a place that a build cannot switch: a file, or a link of the
    user's where a link of ours has to stand."""
    for place in (folder, *links):
        if place.exists() and not place.is_dir():
            raise UsageError(f"{place} is a file, where a build writes a folder.", hint="Move it away.")
    for link, part in links.items():
        if link.is_symlink() and link.is_dir() and not _leads(link, folder / part):
            raise UsageError(
                f"{link} is a link to {os.readlink(link)}, which no build of this study made.",
                hint=f"Remove it: the datasets stand in {folder / part}. "
                f"To keep builds on another disk, make {folder.parent} or {folder} a link to it.",
            )


def publish(folder: Path, files: Files, links: Mapping[Path, str]) -> None:
    """Fill the folder with its files and nothing else, in one switch; then see that the links lead into it.

    A folder that is a link keeps it: what it leads to is switched, on the disk where that stands.
    """
    place = folder.resolve()
    fresh = _fresh(place)
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, (source, _) in files.items():
        target = fresh / name
        if fresh not in Path(os.path.normpath(target)).parents:
            raise ValueError(f"{name} leaves the folder that is published")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    for part in links.values():
        (fresh / part).mkdir(exist_ok=True)
    _switch(fresh, place)
    for link, part in links.items():
        _point(link, folder / part)
    shutil.rmtree(fresh, ignore_errors=True)


def restore(folder: Path) -> None:
    """Put back what a killed build had moved aside, and remove what it left half filled."""
    place = folder.resolve()
    if _old(place).exists() and not place.exists():
        os.replace(_old(place), place)
    for left in (_fresh(place), _old(place)):
        shutil.rmtree(left, ignore_errors=True)


def _switch(fresh: Path, place: Path) -> None:
    if not place.exists():
        os.replace(fresh, place)
    elif not _exchange(fresh, place):
        os.replace(place, _old(place))
        os.replace(fresh, place)
        shutil.rmtree(_old(place), ignore_errors=True)


def _point(link: Path, target: Path) -> None:
    """Make `link` a relative link to a folder; a folder that an earlier version filled gives way."""
    if _leads(link, target):
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    beside = link.with_name(f".{link.name}.new")
    beside.unlink(missing_ok=True)
    beside.symlink_to(os.path.relpath(target, link.parent.resolve()), target_is_directory=True)
    if link.is_dir() and not link.is_symlink():
        _switch(beside, link)
        shutil.rmtree(beside, ignore_errors=True)
    else:
        os.replace(beside, link)


def _leads(link: Path, target: Path) -> bool:
    """Whether a link leads, through what stands on disk, to the target."""
    if not link.is_symlink():
        return False
    return (link.parent.resolve() / os.readlink(link)).resolve() == target.resolve()


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two paths in one step; False where the system cannot."""
    rename = _renameat2()
    if rename is None:
        return False
    if rename(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(other))


@lru_cache(maxsize=1)
def _renameat2() -> Any:
    return getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)


def _fresh(place: Path) -> Path:
    return place.with_name(f".{place.name}.new")


def _old(place: Path) -> Path:
    return place.with_name(f".{place.name}.old")
