"""What can go wrong, and how it is said.

TlfgenError
  SpecError        a spec is wrong: file, line, and what to write instead          exit code 2
  UsageError       the command line or the surroundings are wrong                  exit code 2
  DataError        data that cannot be read at all                                 exit code 3
  LedgerError      records that neither arrived nor were accounted for             exit code 3
  RenderError      a page that cannot be set: a missing glyph, a broken link       exit code 2

A problem inside readable data is no exception: it is a `Finding`, collected and reported.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Place:
    """Where a spec entry stands: the file as the user knows it and the line, from 1."""

    path: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}" if self.line else self.path


NOWHERE = Place()


class TlfgenError(Exception):
    """Any error that tlfgen raises on purpose."""

    exit_code = 2

    def __init__(self, message: str, *, path: str | None = None, hint: str | None = None) -> None:
        self.message, self.path, self.hint = message, path, hint
        super().__init__("\n  ".join(line for line in (message, path, hint) if line))


class SpecError(TlfgenError):
    """A spec entry that cannot be carried out."""

    def __init__(self, message: str, *, place: Place = NOWHERE, hint: str | None = None) -> None:
        self.place = place
        super().__init__(message, path=str(place) or None, hint=hint)


class UsageError(TlfgenError):
    """A command that cannot be carried out as asked."""


class DataError(TlfgenError):
    """Data that cannot be read."""

    exit_code = 3


class LedgerError(TlfgenError):
    """Records that were lost on the way; the build stops."""

    exit_code = 3


class RenderError(TlfgenError):
    """A page that cannot be set as it should be."""


@dataclass(frozen=True)
class Finding:
    """One problem in the data.

    stage: raw, sdtm, adam or results; dataset: the form, dataset or output; row: its row number, from 1, in
    the file as collected. count, of: what {count} and {of} in its message stand for; they are added up over
    the findings that are the same otherwise, so that a count is the whole study's; none of 0 stays."""

    severity: Severity
    stage: str
    dataset: str
    rule: str
    message: str
    row: int | None = None
    subject: str | None = None
    field: str | None = None
    value: str | None = None
    count: int | None = None
    of: int = 0


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Find the known name that a misspelt one most probably stands for."""
    names = {k.casefold(): k for k in known}
    found = difflib.get_close_matches(name.casefold(), names, n=1, cutoff=0.6)
    return names[found[0]] if found else None


def unknown(what: str, name: str, known: Iterable[str], place: Place = NOWHERE, more: str = "") -> SpecError:
    """Build the error for a name that does not exist, with the nearest one that does."""
    known = sorted(set(known))
    near = nearest(name, known)
    if near:
        hint = f"Did you mean '{near}'?"
    elif known and len(known) <= 12:
        hint = "Known: " + ", ".join(known) + "."
    else:
        hint = None
    return SpecError(
        f"{what} '{name}' does not exist.", place=place, hint=" ".join(h for h in (hint, more) if h) or None
    )
