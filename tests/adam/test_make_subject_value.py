"""subject_value: one record a subject with a value."""

from __future__ import annotations

import polars as pl

from tlfgen.adam.make_subject_value import make_subject_value
from tlfgen.engine.registry import ROW
from tlfgen.spec.condition import Condition, parse_condition

ADSL = pl.DataFrame(
    {"USUBJID": ["1", "2", "3"], ROW: [1, 2, 3], "DURD": [10, None, 30], "ARM": ["A", "B", None]}
)


def fetch(*names: str, where: Condition | None = None) -> pl.DataFrame:
    columns = [n.rpartition(".")[2] for n in names]
    kept = ADSL if where is None else ADSL.filter(where.rows(ADSL))
    return kept.select("USUBJID", ROW, *columns)


def test_a_number_is_aval_and_a_subject_without_it_has_no_record() -> None:
    made = make_subject_value(fetch, of="ADSL.DURD")
    assert made.frame.rows() == [("1", 10.0), ("3", 30.0)]
    assert made.frame.columns == ["USUBJID", "AVAL"]
    assert made.sources.rows() == [(0, "ADSL", 1), (1, "ADSL", 3)]


def test_a_text_is_avalc() -> None:
    made = make_subject_value(fetch, of="ADSL.ARM")
    assert made.frame.to_dicts() == [{"USUBJID": "1", "AVALC": "A"}, {"USUBJID": "2", "AVALC": "B"}]


def test_only_records_that_meet_the_condition_count() -> None:
    made = make_subject_value(fetch, of="ADSL.DURD", where=parse_condition("DURD > 20"))
    assert made.frame.rows() == [("3", 30.0)]
