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
    share theirs whatever they repeat, and notes theirs whatever value they quote.
    """
    causes: dict[tuple[str, ...], list[Finding]] = {}
    for f in findings:
        words = re.sub(r"row \d+( \(.*\))?", "an earlier record", f.message)
        if f.severity == "note":
            words = re.sub(r"(?s)^'.*?'(\.\.\.)? |; (read|kept) as [^;]*$", "", words)
        causes.setdefault((f.severity, f.stage, f.dataset, f.rule, f.field or "", words), []).append(f)
    found: list[Finding] = []
    for (severity, *_, words), alike in causes.items():
        most = MOST_NOTES if severity == "note" else MOST_ALIKE
        found += alike if len(alike) <= most else [_one(alike, words)]
    return found


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
