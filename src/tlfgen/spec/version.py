"""The version of the grammar that a study's specs are written in."""

from __future__ import annotations

from typing import Any

from tlfgen.errors import Place, SpecError

VERSION = 2
FIRST = 1  # of a study.yaml that names none


def version_of(tree: Any, shown: str) -> int:
    """The version that a study.yaml says; a SpecError where it is no whole number.

    >>> version_of({"study": "X"}, "study.yaml"), version_of({"version": "2"}, "study.yaml")
    (1, 2)
    """
    said = tree.get("version") if isinstance(tree, dict) else None
    if said is None:
        return FIRST
    if not str(said).isdigit() or int(said) < FIRST:
        at = getattr(tree, "key_places", {}).get("version", Place(shown))
        says = f"version: '{said}' is no version of the specs' grammar."
        raise SpecError(says, place=at, hint=f"This is version {VERSION}.")
    return int(said)


def check_version(tree: Any, shown: str, study: str) -> None:
    """Refuse specs of another version: keys may mean other things there."""
    version = version_of(tree, shown)
    at = getattr(tree, "key_places", {}).get("version", Place(shown, 1))
    if version < VERSION:
        said = "names no version, which is version 1" if "version" not in tree else f"is of version {version}"
        raise SpecError(
            f"The study {said} of the specs' grammar; this tlfgen reads version {VERSION}.",
            place=at,
            hint=f"Run `tlfgen upgrade {study}`, which rewrites what has changed; --dry-run shows it first.",
        )
    if version > VERSION:
        raise newer(version, at)


def newer(version: int, at: Place) -> SpecError:
    """The error for specs that a later tlfgen has written."""
    return SpecError(
        f"The study is of version {version} of the specs' grammar; this tlfgen is older: it knows {VERSION}.",
        place=at,
        hint="Install a later tlfgen.",
    )
