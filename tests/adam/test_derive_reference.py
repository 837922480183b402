"""The rules of adverse events on a whole public trial, against analysis data that others derived.

Source: pharmaverse's public ADSL and ADAE (pharmaverseadam) from its SDTM (pharmaversesdtm): 306 subjects,
1,191 events. Its parameters: first days for missing parts, not before the first dose where the partial date
can mean that; emergent up to 30 days after the last dose; the most severe, then the earliest event flagged.
"""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from tlfgen.adam.derive_duration import derive_duration
from tlfgen.adam.derive_impute_date import Missing, derive_impute_date
from tlfgen.adam.derive_number_of import derive_number_of
from tlfgen.adam.derive_occurrence_flag import derive_occurrence_flag
from tlfgen.adam.derive_treatment_emergent import derive_treatment_emergent
from tlfgen.engine.registry import ROW, Derived
from tlfgen.sdtm.derive_first_date import derive_first_date
from tlfgen.sdtm.derive_last_date import derive_last_date
from tlfgen.sdtm.derive_study_day import derive_study_day
from tlfgen.spec.condition import parse_condition
from tlfgen.spec.study import StudySpec

FOLDER = os.environ.get("TLFGEN_REFERENCE", "")
pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(not FOLDER, reason="TLFGEN_REFERENCE names no folder of reference data"),
]
STUDY = StudySpec.model_validate(
    {
        "study": "X",
        "title": "X",
        "cutoff": "2015-03-05",
        "arms": [],
        "subject": {"from": "PT", "USUBJID": "{PT}"},
    }
)
FIRST, LAST = Missing(day="first", month="first"), Missing(day="last", month="last")


def read(name: str) -> pl.DataFrame:
    return pl.read_parquet(Path(FOLDER) / "data" / name).with_row_index(ROW)


def own(found: Derived) -> pl.Series:
    return found.values if isinstance(found.values, pl.Series) else found.values[""]


def equal(one: pl.Series, other: pl.Series) -> int:
    """How many values agree, nulls with nulls."""
    if other.dtype == pl.Float64:
        one = one.cast(pl.Float64)
    return int(one.eq_missing(other).sum())


def test_first_and_last_dose() -> None:
    """The reference ignores open doses: so does last_date without open_until."""
    adsl, ex = read("adam_reference/adsl.parquet"), read("sdtm/ex.parquet")
    counted = ex.filter(parse_condition("EXDOSE > 0 OR EXTRT = 'PLACEBO'").rows(ex))
    first = own(derive_first_date(adsl, counted, of="EX.EXSTDTC")).str.to_date()
    last = own(derive_last_date(adsl, counted, of="EX.EXENDTC")).str.to_date()
    assert (equal(first, adsl["TRTSDT"]), equal(last, adsl["TRTEDT"])) == (306, 306)


def test_open_doses_are_six() -> None:
    adsl, ex = read("adam_reference/adsl.parquet"), read("sdtm/ex.parquet")
    counted = ex.filter(parse_condition("EXDOSE > 0 OR EXTRT = 'PLACEBO'").rows(ex))
    found = derive_last_date(adsl, counted, of="EX.EXENDTC", open_until=("EOSDT", "DTHDT"))
    assert len([f for f in found.findings if f.severity == "note"]) == 6
    assert own(found).drop_nulls().len() == 254


@pytest.fixture(scope="module")
def events() -> pl.DataFrame:
    subjects = read("adam_reference/adsl.parquet").select("USUBJID", "TRTSDT", "TRTEDT", "DTHDT", "EOSDT")
    ae = read("sdtm/ae.parquet").join(subjects, on="USUBJID", how="left", maintain_order="left")
    start = derive_impute_date(ae, of="AESTDTC", missing=FIRST, not_before="TRTSDT", flag="ASTDTF").values
    end = derive_impute_date(ae, of="AEENDTC", missing=LAST, not_after=("DTHDT", "EOSDT"))
    ae = ae.with_columns(start[""].alias("ASTDT"), start["ASTDTF"].alias("ASTDTF"), own(end).alias("AENDT"))
    severity = derive_number_of(ae, of="AESEV", levels={"MILD": 1, "MODERATE": 2, "SEVERE": 3})
    ae = ae.with_columns(
        derive_study_day(ae, date="ASTDT", reference="TRTSDT").alias("ASTDY"),
        derive_study_day(ae, date="AENDT", reference="TRTSDT").alias("AENDY"),
        own(derive_duration(ae, start="ASTDT", end="AENDT", study=STUDY)).alias("ADURN"),
        own(derive_treatment_emergent(ae, end_window_days=30)).alias("TRTEMFL"),
        own(severity).alias("ASEVN"),
    )
    flag = derive_occurrence_flag(
        ae, where=parse_condition("TRTEMFL = 'Y'"), first=("-ASEVN", "ASTDT", "AESEQ")
    )
    return ae.with_columns(own(flag).alias("AOCCIFL"))


@pytest.mark.parametrize(
    "name", ["ASTDT", "ASTDTF", "ASTDY", "AENDT", "AENDY", "ADURN", "TRTEMFL", "AOCCIFL"]
)
def test_every_event_agrees(events: pl.DataFrame, name: str) -> None:
    reference = read("adam_reference/adae.parquet").select("USUBJID", "AESEQ", pl.col(name).alias("theirs"))
    both = events.join(reference, on=["USUBJID", "AESEQ"], validate="1:1")
    assert both.height == 1191
    assert equal(both[name], both["theirs"]) == 1191


def test_what_is_imputed_and_what_is_emergent(events: pl.DataFrame) -> None:
    assert events["ASTDTF"].value_counts().sort("ASTDTF").rows() == [(None, 1165), ("D", 15), ("M", 11)]
    assert events["TRTEMFL"].drop_nulls().len() == 1122
