"""Values planted in the public trial are found, and no more than one subject in fifty is told without them.

The trial: 254 subjects with vital signs and laboratory values (shared data of CDISC's pilot).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tlfgen.reconcile.course import check_own_course
from tlfgen.reconcile.registry import ROW

POUNDS = 2.20462


def domain(reference: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(reference / "data/sdtm" / f"{name.lower()}.parquet").with_row_index(ROW, offset=1)


def told(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    (found,) = check_own_course({name: frame})
    return found.rows


def test_one_subject_in_fifty_at_most_is_told(reference: Path) -> None:
    subjects: set[str] = set()
    for name in ("VS", "LB"):
        subjects |= set(told(domain(reference, name), name)["USUBJID"])
    assert len(subjects) <= 254 / 50


@pytest.mark.parametrize(
    ("name", "test", "factor", "share"),
    [
        pytest.param("VS", "WEIGHT", POUNDS, 0.95, id="a weight in pounds"),
        pytest.param("VS", "WEIGHT", 0.1, 0.95, id="a weight without its last digit"),
        pytest.param("VS", "TEMP", 1.8 + 32 / 36.6, 0.95, id="a temperature in Fahrenheit"),
        pytest.param("VS", "SYSBP", 0.1, 0.95, id="a pressure without its last digit"),
        pytest.param("LB", "HGB", 1.61, 0.85, id="haemoglobin in g/dL for mmol/L"),
        pytest.param("LB", "SODIUM", 0.1, 0.95, id="sodium without its last digit"),
        pytest.param("LB", "CREAT", 1 / 88.4, 0.95, id="creatinine in mg/dL for umol/L"),
    ],
)
def test_planted_errors_are_found(reference: Path, name: str, test: str, factor: float, share: float) -> None:
    """One value in every tenth subject with five or more, the third in order."""
    frame = domain(reference, name)
    number = f"{name}STRESN"
    of_test = pl.col(f"{name}TESTCD") == test
    own = frame.filter(of_test, pl.col(number).is_not_null()).sort(f"{name}DTC", ROW)
    counts = own.group_by("USUBJID", maintain_order=True).agg(pl.col(ROW).get(2, null_on_oob=True), pl.len())
    rows = counts.filter(pl.col("len") >= 5).gather_every(10)[ROW].to_list()
    assert len(rows) >= 10
    changed = pl.when(pl.col(ROW).is_in(rows)).then(pl.col(number) * factor).otherwise(pl.col(number))
    found = set(told(frame.with_columns(changed.alias(number)), name)[ROW])
    assert len(found & set(rows)) >= share * len(rows)
