"""A part as JSON and back: equal, with the types that it had; what has no place in one is refused.

That every output of both studies comes back equal is tested where their data are (tests/handed.py)."""

from __future__ import annotations

import datetime
import json
import math
from pathlib import Path

import pytest

from tlfgen.display.parts import Cell, Head, Row, Table
from tlfgen.display.stored import read_part, write_part
from tlfgen.errors import DataError


def table(*rows: Row) -> Table:
    heads = ((Head(("Arm A", "(N=2)"), results=("t.population.N[TRT01A=A]",)),),)
    return Table(
        "t", "14.1", "A \u201ctitle\u201d, 恶", "Safety set", heads=heads, rows=rows, aligns=("decimal",)
    )


def test_a_part_comes_back_equal(tmp_path: Path) -> None:
    part = table(Row("Any", (Cell("1 (50.0)", ("t.any.n",), ("1", "50.0")),), indent=1), Row("None", group=2))
    write_part(part, tmp_path / "part.json")
    assert read_part(tmp_path / "part.json") == part
    stored = json.loads((tmp_path / "part.json").read_text("utf-8"))
    assert (stored["schema"], stored["version"], stored["part"]["is"]) == ("tlfgen part", 1, "parts.Table")
    assert "footnotes" not in stored["part"]  # at its default


@pytest.mark.parametrize(
    "value", [1, 1.0, 0.1 + 0.2, -0.0, math.inf, -math.inf, True, None, "", ("a", ("b",))]
)
def test_a_value_keeps_its_type(tmp_path: Path, value: object) -> None:
    """1 and 1.0 print differently; 0.1 + 0.2 has 17 digits."""
    write_part(table(Row("x", group=value)), tmp_path / "part.json")  # type: ignore[arg-type]
    found = read_part(tmp_path / "part.json")
    assert isinstance(found, Table)
    assert repr(found.rows[0].group) == repr(value)


def test_what_is_no_plain_value_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="date has no place in a part"):
        write_part(table(Row(datetime.date(2024, 1, 1))), tmp_path / "part.json")  # type: ignore[arg-type]
    assert not (tmp_path / "part.json").exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 2}, "no part of version 1"),
        ({"schema": "other"}, "no part of version 1"),
        ({"part": {"is": "parts.Nothing"}}, "names parts.Nothing"),
        ({"part": {"is": "stored.read_part"}}, "names stored.read_part"),
        ({"part": {"is": "parts.Cell", "text": "x"}}, "holds no output"),
    ],
)
def test_a_file_of_another_kind_or_version_is_refused(
    tmp_path: Path, change: dict[str, object], says: str
) -> None:
    path = tmp_path / "part.json"
    write_part(table(), path)
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | change), "utf-8")
    with pytest.raises(DataError, match=says):
        read_part(path)
