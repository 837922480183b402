"""No serious adverse event, dose or death is lost to a finding, whatever is in the cells."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tlfgen.engine.registry import ROW
from tlfgen.raw.set_aside import BLANK_KEY, BLANK_RECORD, NO_SUBJECT, REPEATED_KEY
from tlfgen.spec.characters import plain_text

from .conftest import Bench

WORDS = st.sampled_from(
    ["1-01", "1-02", "bad", "", " ", "Yes", "No", "Maybe", "05-Mar-2014", "31-Feb-2014", "2014", "-"]
)
CELL = st.none() | WORDS | st.text(max_size=4)
SUBJECTS = st.sampled_from(["1-01", "1-02", " 1-01"]) | CELL
ROWS = st.lists(
    st.fixed_dictionaries({"SUBJ": SUBJECTS, "AESER": CELL, "AESDTH": CELL, "DOSE": CELL, "DAT": CELL})
)


@pytest.mark.parametrize("key", [[], ["SUBJ", "DAT"]])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(rows=ROWS)
def test_no_serious_event_dose_or_death_is_lost(
    bench: Bench, key: list[str], rows: list[dict[str, Any]]
) -> None:
    """A record leaves only with an unusable subject, a blank required key field or a repeated key."""
    bench.form(f"""
        form: AE
        label: L
        files: [ae.parquet]
        key: {key}
        fields:
          - {{name: SUBJ, required: true}}
          - {{name: AESER, type: code, codelist: NY, required: true}}
          - {{name: AESDTH, type: code, codelist: NY}}
          - {{name: DOSE, type: number, min: 0, required: true}}
          - {{name: DAT, type: date, layouts: [DD-Mon-YYYY], required: true}}
        checks:
          - {{id: C, where: "AESER = 'Y'", says: serious, voids: [DOSE, AESER]}}
    """)  # fmt: skip
    columns = dict.fromkeys(["SUBJ", "AESER", "AESDTH", "DOSE", "DAT"], pl.String)
    pl.DataFrame(rows, schema=columns).write_parquet(bench.raw / "ae.parquet")
    form = bench.read()
    kept, aside = form.frame[ROW].to_list(), form.quarantined[ROW].to_list()
    assert sorted(kept + aside) == list(range(1, len(rows) + 1))
    assert form.read == len(rows)
    assert form.collected[ROW].to_list() == kept
    allowed = {BLANK_RECORD, NO_SUBJECT} | ({BLANK_KEY, REPEATED_KEY} if key else set())
    assert set(form.quarantined["kind"]) <= allowed
    errors = [f for f in form.findings if f.severity == "error"]
    blank = set(form.quarantined.filter(pl.col("kind") == BLANK_RECORD)[ROW])
    for n in aside:
        told = min(blank) if n in blank else n
        assert any(f.row == told for f in errors) or any("records: rows" in f.message for f in errors)
    assert kept == expected_rows(rows, key)


def expected_rows(rows: list[dict[str, Any]], key: list[str]) -> list[int]:
    """The rows that stay: those with a readable subject and, with a key, the first of each day."""
    blanks, seen, kept = " \t\r\n\x0b\x0c\u00a0\u3000", set(), []
    for n, row in enumerate(rows, 1):
        subject, date = (plain_text(row[c] or "").strip(blanks) for c in ("SUBJ", "DAT"))
        if subject not in ("1-01", "1-02") or (key and (not date or (subject, date) in seen)):
            continue
        seen |= {(subject, date)} if date == "05-Mar-2014" else set()
        kept.append(n)
    return kept
