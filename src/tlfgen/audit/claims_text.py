"""Verdicts on claims as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from tlfgen.audit.claims import Judged
from tlfgen.audit.consistency import Remark

MOST_NUMBERS = 4


def claims_text(judged: Sequence[Judged], remarks: Sequence[Remark]) -> str:
    """The verdicts as a table, place by place, what reproduces each interval, and what cannot hold."""
    lines: list[str] = []
    wide = [max((len(t) for t in texts), default=0) for texts in zip(*map(_cells, judged), strict=True)]
    for where, group in groupby(judged, key=lambda j: j.claim.where):
        lines += ["", where]
        for one in group:
            cells = "  ".join(t.ljust(w) for t, w in zip(_cells(one), wide, strict=True))
            lines.append(f"  {cells}  {_verdict(one)}".rstrip())
            lines += [f"      {line}" for line in _details(one)]
    if remarks:
        lines += ["", "What cannot hold among the printed numbers, whatever the data"]
        lines += [f"  {r.rule:<15} {', '.join(r.claims)}: {r.says}" for r in remarks]
    match = sum(j.verdict == "match" for j in judged)
    lines += ["", f"{match} of {len(judged)} claims match."]
    lines += [
        f"  {j.claim.id}: {j.claim.because}" for j in judged if j.verdict == "mismatch" and j.as_expected
    ]
    wrong = [j for j in judged if not j.as_expected]
    lines += [f"  {j.claim.id}: {j.verdict}, and {j.claim.expect} was expected." for j in wrong]
    return "\n".join(lines).lstrip("\n")


def _cells(one: Judged) -> tuple[str, str, str, str]:
    ours = "; ".join(one.ours)
    if len(one.ours) > MOST_NUMBERS:
        known = sorted(float(t) for t in one.ours if t.replace(".", "").isdigit())
        ours = f"{len(one.ours)} numbers, {known[0]} to {known[-1]}" if known else f"{len(one.ours)} numbers"
    return (one.claim.id, _cut(one.claim.label, 46), _cut(one.claim.printed, 34), ours)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3].rstrip() + "..."


def _verdict(one: Judged) -> str:
    if one.as_expected:
        return one.verdict if one.verdict == "match" else "mismatch, as expected"
    return f"{one.verdict.upper()} (expected: {one.claim.expect})"


def _details(one: Judged) -> Iterator[str]:
    if one.claim.method:
        yield f"method: {one.claim.method}"
    for name, given, reproduces in one.methods:
        yield f"{name}: {given}{'  reproduces the print' if reproduces else ''}"
    for name, given in one.apart:
        yield f"no such quantity, for comparison only: {name}: {given}"
