"""The page on adding a statistic shows an analysis that a row can ask for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from tlfgen.analysis import registry
from tlfgen.analysis.check import check_outputs
from tlfgen.engine.plan import Schema
from tlfgen.errors import SpecError
from tlfgen.spec.words import Words, default_words

PAGE = Path(__file__).parents[2] / "docs" / "how-to-statistic.md"
TABLE = """kind: table
population: SAFFL
from: ADAE
columns: {total: All}
rows:
"""


@pytest.fixture
def row(monkeypatch: pytest.MonkeyPatch) -> str:
    """The page's row; its Python is run, in a registry of its own."""
    text = PAGE.read_text("utf-8")
    registry.analyses()
    monkeypatch.setattr(registry, "_ANALYSES", dict(registry._ANALYSES))
    (code,) = re.findall(r"```py\n(.*?)```", text, re.DOTALL)
    words = "".join(re.findall(r"```words\n(.*?)```", text, re.DOTALL))
    said = {key: {"one": text, "many": text} for key, text in yaml.safe_load(words).items()}
    every = Words({**default_words().sentences, **said})
    monkeypatch.setattr("tlfgen.analysis.analyse.default_words", lambda: every)
    exec(compile(code, str(PAGE), "exec", dont_inherit=True), {"__name__": "page"})
    rows: list[str] = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    return "  " + rows[-1]


def test_the_page_s_analysis_is_computed(desk: Any, row: str) -> None:
    """Nausea befell 1, twice, and 3, of five treated subjects; the days are 1 to 8 as the records stand."""
    days = pl.int_range(1, pl.len() + 1).cast(pl.Float64).alias("ASTDY")
    desk.put("ADAE", desk.data["ADAE"].frame.with_columns(days))
    found = desk.results(TABLE + row.replace("'Rash'", "'Nausea'"), "n", "pct", "latest")
    assert found == {"rash.n": 2, "rash.pct": pytest.approx(2 / 5), "rash.latest": 5}
    methods = {r["statistic"]: r["method"] for r in desk.ard(TABLE + row).iter_rows(named=True)}
    assert methods["latest"] == "analyse share: Latest: the highest ASTDY of an event."
    where = {r["statistic"]: r["where"] for r in desk.ard(TABLE + row).iter_rows(named=True)}
    assert where["n"] == "AEDECOD = 'Rash'"


def test_the_page_s_row_is_checked_before_data_are_read(desk: Any, row: str) -> None:
    with pytest.raises(SpecError, match="(?s)no variable 'ASTDY'.*line 9"):
        check_outputs(
            {"x": desk.spec(TABLE + row)},
            desk.study,
            {n: Schema(n, set(desk.data[n].frame.columns)) for n in ("ADSL", "ADAE")},
        )
