"""Study days, visits and standard results on a whole public trial, against the SDTM that others made of it.

Source: pharmaverse's public raw forms and SDTM (pharmaverseraw, pharmaversesdtm).
"""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from tlfgen.engine.registry import ROW
from tlfgen.sdtm.derive_last_before_dose import derive_last_before_dose
from tlfgen.sdtm.derive_standard_result import StandardUnit, derive_standard_result
from tlfgen.sdtm.derive_study_day import derive_study_day

FOLDER = os.environ.get("TLFGEN_REFERENCE", "")
pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(not FOLDER, reason="TLFGEN_REFERENCE names no folder of reference data"),
]
# One event of the reference has day 366, though by its own dates it began on the reference day.
WRONG_DAY = ("01-716-1063", "2013-05-09", 366.0)


def read(name: str) -> pl.DataFrame:
    return pl.read_parquet(Path(FOLDER) / "data" / "sdtm" / f"{name}.parquet").with_row_index(ROW)


def with_subject(name: str) -> pl.DataFrame:
    dates = read("dm").select("USUBJID", *(pl.col(c).alias(f"DM.{c}") for c in ("RFSTDTC", "RFXSTDTC")))
    return read(name).join(dates, on="USUBJID", how="left", maintain_order="left")


@pytest.mark.parametrize(
    ("domain", "date", "day"),
    [
        ("ae", "AESTDTC", "AESTDY"),
        ("ae", "AEENDTC", "AEENDY"),
        ("vs", "VSDTC", "VSDY"),
        ("lb", "LBDTC", "LBDY"),
        ("ex", "EXSTDTC", "EXSTDY"),
        ("ex", "EXENDTC", "EXENDY"),
        ("ds", "DSSTDTC", "DSSTDY"),
    ],
)
def test_study_days(domain: str, date: str, day: str) -> None:
    rows = with_subject(domain)
    found = derive_study_day(rows, date=date).cast(pl.Float64)
    other = rows.filter(~found.eq_missing(rows[day].cast(pl.Float64)))
    assert other.select("USUBJID", date, day).rows() == ([WRONG_DAY] if day == "AESTDY" else [])


def test_standard_results() -> None:
    """All 29,643 agree but 232 weights, which the reference converted by 0.4536 kg instead of 0.45359237."""
    rows = read("vs")
    standards = {
        "TEMP": StandardUnit(unit="C", decimals=2),
        "WEIGHT": StandardUnit(unit="kg", decimals=2),
        "HEIGHT": StandardUnit(unit="cm", decimals=2),
    }
    found = derive_standard_result(
        rows,
        result="VSORRES",
        unit="VSORRESU",
        test="VSTESTCD",
        standards=standards,
        text_to="C",
        unit_to="U",
    )
    assert found.findings == ()
    assert isinstance(found.values, dict)
    assert found.values["U"].eq_missing(rows["VSSTRESU"]).all()
    number, text = found.values[""], found.values["C"]
    assert number.eq_missing(rows["VSSTRESN"]).to_list() == text.eq_missing(rows["VSSTRESC"]).to_list()
    other = rows.filter(~number.eq_missing(rows["VSSTRESN"]))
    assert other.height == 232
    assert set(other["VSORRESU"]) == {"LB"}
    by_rough_factor = other["VSORRES"].cast(pl.Float64) * 0.4536
    assert ((by_rough_factor - other["VSSTRESN"]).abs() < 0.0051).all()


def test_every_baseline_of_the_reference_is_the_last_before_dose() -> None:
    """Theirs is the baseline visit's reading; ours has 265 besides, of groups without one."""
    rows = with_subject("vs")
    found = derive_last_before_dose(
        rows, by=("VSTESTCD", "VSPOS", "VSTPT"), date="VSDTC", value="VSSTRESN", order=("VISITNUM",)
    )
    assert isinstance(found.values, pl.Series)
    both = pl.DataFrame({"ours": found.values, "theirs": rows["VSBLFL"]}).group_by("ours", "theirs").len()
    assert set(both.rows()) == {(None, None, 26595), ("Y", "Y", 2783), ("Y", None, 265)}
