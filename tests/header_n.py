"""Every N of a report's headers, counted again by SQLite from ADSL and from the output's own YAML."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from tlfgen.display.parts import Part, Table

SUBJECTS = "SELECT COUNT(DISTINCT USUBJID) FROM ADSL WHERE "


def database(frames: Mapping[str, pl.DataFrame]) -> sqlite3.Connection:
    """The datasets as tables of texts."""
    found = sqlite3.connect(":memory:")
    for name, frame in frames.items():
        texts = frame.select(pl.all().cast(pl.String))
        names = ", ".join(f'"{c}" TEXT' for c in texts.columns)
        found.execute(f"CREATE TABLE {name} ({names})")
        found.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * texts.width)})", texts.rows())
    return found


def printed(part: Part) -> Iterator[tuple[str, int]]:
    """(label, N) of each header that has one."""
    for head in (h for line in part.heads for h in line) if isinstance(part, Table) else ():
        *label, last = head.lines
        if last.startswith("(N="):
            yield " ".join(label), int(last[3:-1].replace(",", ""))


def counted(output: Mapping[str, Any], label: str, data: sqlite3.Connection, also: str = "") -> int:
    """The subjects whom a header names: of its set, of the population's level, group or total; also: SQL that
    these subjects meet besides."""
    columns = output["columns"]
    sets = {text: flag for flag, text in columns.get("sets", {}).items()}
    condition = f"{sets.get(label, output['population'])} = 'Y'"
    by = columns.get("by", "").removeprefix("ADSL.")
    if by and label != columns.get("total"):
        level = {text: value for value, text in columns.get("levels", {}).items()}.get(label, label)
        group = columns.get("groups", {}).get(label, [level])
        condition += f" AND {by} IN ({', '.join(repr(v) for v in group)})"
    return int(data.execute(SUBJECTS + condition + also).fetchone()[0])
