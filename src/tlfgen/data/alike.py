"""Findings that say the same are one finding with a count: a list that nobody can read hides what matters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tlfgen.errors import Finding

MOST_NOTES, MOST_ALIKE = 20, 100  # notes, and errors or warnings, of one cause that stand as a line each
MOST_ROWS = 10  # stretches of rows in a message


def gathered(findings: Iterable[Finding]) -> list[Finding]:
    """Give one finding, with their count and rows, for each cause that many share.

    Many are more than 20 notes, or more than 100 errors or warnings: up to then each has its own query.
    A cause is all but row and subject: severity, dataset, rule, field and words. Records that repeat others
    share theirs whatever they repeat, and notes theirs whatever value they quote. Counts are added up first.
    """
    causes: dict[tuple[str, ...], list[Finding]] = {}
    for f in counted(findings):
        words = re.sub(r"row \d+( \(.*\))?", "an earlier record", f.message)
        if f.severity == "note":
            words = re.sub(r"(?s)^'.*?'(\.\.\.)? |; (read|kept) as [^;]*$", "", words)
        causes.setdefault((f.severity, f.stage, f.dataset, f.rule, f.field or "", words), []).append(f)
    found: list[Finding] = []
    for (severity, *_, words), alike in causes.items():
        most = MOST_NOTES if severity == "note" else MOST_ALIKE
        found += alike if len(alike) <= most else [_one(alike, words)]
    return found


def counted(findings: Iterable[Finding]) -> list[Finding]:
    """Findings with their counts added up and written into their message, each at the first of its records;
    without those that count none.

    >>> part = Finding("note", "adam", "ADLB", "groups", "{count} of {of} records", count=1, of=4)
    >>> [f.message for f in counted([part, replace(part, count=2)])]
    ['3 of 8 records']
    """
    found: list[Finding] = []
    places: dict[Finding, int] = {}
    for f in findings:
        if f.count is not None:
            cause = replace(f, row=None, subject=None, count=None, of=0)
            if cause in places:
                first = found[places[cause]]
                found[places[cause]] = replace(first, count=(first.count or 0) + f.count, of=first.of + f.of)
                continue
            places[cause] = len(found)
        found.append(f)
    return [_written(f) for f in found if f.count != 0]


def _written(f: Finding) -> Finding:
    if f.count is None:
        return f
    message = f.message.replace("{count}", str(f.count)).replace("{of}", str(f.of))
    value = str(f.count) if f.value == "{count}" else f.value
    return replace(f, message=message, value=value, count=None, of=0)


def _one(alike: Sequence[Finding], words: str) -> Finding:
    rows = [f.row for f in alike if f.row is not None]
    same = len({f.value for f in alike}) == 1
    said = f": {said_rows(rows)}" if rows else ""
    message = f"{words} ({len(alike)} records{said})"
    return replace(alike[0], message=message, value=alike[0].value if same else None)


def said_rows(rows: Sequence[int]) -> str:
    """Say row numbers: row 3; rows 3, 5 to 9 and 21; at most ten stretches, then how many more rows.

    >>> said_rows([3, 5, 6, 7, 21])
    'rows 3, 5 to 7, 21'
    """
    stretches: list[list[int]] = []
    for row in sorted(set(rows)):
        if stretches and row == stretches[-1][1] + 1:
            stretches[-1][1] = row
        else:
            stretches.append([row, row])
    shown = [str(a) if a == b else f"{a} to {b}" for a, b in stretches[:MOST_ROWS]]
    rest = sum(b - a + 1 for a, b in stretches[MOST_ROWS:])
    more = f" and {rest} more" if rest else ""
    return f"row{'' if len(set(rows)) == 1 else 's'} {', '.join(shown)}{more}"
