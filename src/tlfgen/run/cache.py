"""Steps' results on disk: nothing is computed twice, nothing old is left standing.

A step's key is the hash of its inputs, the whole source of tlfgen and the versions of what it uses. Its
result is a folder with a manifest of its files' SHA-256. A result is made beside and renamed, so that a
killed build leaves no half of one."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tlfgen.errors import TlfgenError
from tlfgen.run.keys import hash_file, hash_texts, source_digest, versions_digest

MANIFEST = "manifest.json"
OS_ERROR = re.compile(r"\(os error (\d+)\)")


@dataclass(frozen=True)
class Result:
    """The result of a step: its folder, its key, and the SHA-256 of each file by its path in the folder."""

    name: str
    key: str
    folder: Path
    files: Mapping[str, str]

    @property
    def digest(self) -> str:
        return hash_texts(dict(self.files))


@dataclass(frozen=True)
class Spot:
    """Where the result of a step for certain inputs stands, or will."""

    name: str
    key: str
    folder: Path

    def load(self) -> Result | None:
        """The result, each of its files hashed again; None where it is not there, not whole, or has a file
        that the step did not leave."""
        try:
            files = json.loads((self.folder / MANIFEST).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        there = files_in(self.folder)
        whole = isinstance(files, dict) and there.keys() - {MANIFEST} == files.keys()
        if whole and all(hash_file(there[p]) == digest for p, digest in files.items()):
            return Result(self.name, self.key, self.folder, files)
        return None


def files_in(folder: Path) -> dict[str, Path]:
    """Every file below a folder, by its path in it."""
    return {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}


@dataclass
class Cache:
    """Step results below one folder. making: where those that this build makes stand, or will."""

    folder: Path
    used: set[str] = field(default_factory=set)
    making: set[Path] = field(default_factory=set)

    @contextmanager
    def kept_where(self, unchanged: Callable[[], None]) -> Iterator[None]:
        """Keep what is made here only where `unchanged` raises nothing: a key is the hash of what was there
        before, and a result of what is there now must never stand under it."""
        failed = True
        try:
            yield
            failed = False
        finally:
            if self.making:
                self._keep(unchanged, failed=failed)

    def _keep(self, unchanged: Callable[[], None], *, failed: bool) -> None:
        try:
            unchanged()
        except (TlfgenError, OSError):
            for place in self.making:
                shutil.rmtree(place, ignore_errors=True)
            if not failed:  # else its own error is told
                raise

    def spot(self, name: str, inputs: Mapping[str, str]) -> Spot:
        """Where the result for these inputs stands."""
        key = hash_texts({**inputs, "step": name, "source": source_digest(), "versions": versions_digest()})
        found = Spot(name, key, self.folder / f"{name}-{key[:24]}")
        self.used.add(found.folder.name)
        return found

    def sweep(self) -> None:
        """Remove results that the last build did not ask for."""
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.name not in self.used:
                shutil.rmtree(path, ignore_errors=True)


def fill(place: Path, run: Callable[[Path], None]) -> None:
    """Run a step into an empty folder, and let that stand at its place when it is whole."""
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        _run_on_disk(run, beside)
        files = {name: hash_file(path) for name, path in files_in(beside).items()}
        (beside / MANIFEST).write_text(json.dumps(files, indent=1, sort_keys=True), "utf-8")
        shutil.rmtree(place, ignore_errors=True)
        os.replace(beside, place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _run_on_disk(run: Callable[[Path], None], folder: Path) -> None:
    """Run a step; what the disk refuses is an OSError that names the folder, whichever library met it."""
    try:
        run(folder)
    except OSError as error:
        if error.filename is None and error.errno is not None:
            raise OSError(error.errno, os.strerror(error.errno), str(folder)) from error
        raise
    except Exception as error:
        found = OS_ERROR.search(str(error))  # polars tells of the disk in words
        if found is None:
            raise
        raise OSError(int(found[1]), os.strerror(int(found[1])), str(folder)) from error
