"""Datetimes in a study: first dose, start of an event, conditions, text, finished datasets."""

from __future__ import annotations

from datetime import datetime as at

import polars as pl
import pytest
from cases.conftest import Case, MakeCase

from tlfgen.errors import SpecError

ADSL = """variables:
  - {name: TRTSDTM, derive: impute_datetime, of: TRTSDT, time: first, time_flag: TRTSTMF,
     seconds: not_collected}
"""
ADAE = """variables:
  - {name: ASTDTM, derive: impute_datetime, of: AESTDTC, time: first, missing: {day: first, month: first},
     not_before: ADSL.TRTSDTM, date_flag: ASTDTF, time_flag: ASTTMF}
  - {name: BEFORE, label: Before the First Dose, derive: flag_where, where: "ASTDTM < ADSL.TRTSDTM"}
  - {name: SAYS, label: In Words, text: "from {ASTDTM}"}
  - {name: STARTED, label: Start as Collected, type: datetime, from: AESTDTC}
"""


def with_times(case: MakeCase) -> Case:
    study = case("17-same-day-earlier-time").replace("adam/adsl.yaml", "variables:\n", ADSL)
    text = (study.folder / "adam/adae.yaml").read_text("utf-8")
    own = "\n".join(line for line in text.splitlines() if "name: ASTDTF" not in line or "impute_date" in line)
    study.write("adam/adae.yaml", own.replace("variables:\n", ADAE, 1).replace(", flag: ASTDTF", ""))
    return study


def test_the_first_dose_has_its_time(case: MakeCase) -> None:
    """All were dosed first on 2024-03-20 at 09:00; seconds are not collected."""
    study = with_times(case)
    assert {(r["TRTSDTM"], r["TRTSTMF"]) for r in study.rows("ADSL")} == {(at(2024, 3, 20, 9), None)}
    assert study.data["ADSL"].frame.schema["TRTSDTM"] == pl.Datetime("us")
    assert study.data["ADSL"].variable("TRTSDTM").type == "datetime"


def test_events_have_the_moment_of_their_start(case: MakeCase) -> None:
    """Of a day without a time: 00:00, or 09:00 on the day of the first dose; else what was collected."""
    study = with_times(case)
    rows = study.rows("ADAE")
    assert {len(r["AESTDTC"]) for r in rows} == {10, 16} and "Y" in {r["BEFORE"] for r in rows}
    for row in rows:
        collected, moment = row["AESTDTC"], row["ASTDTM"]
        assert moment.isoformat().startswith(collected[:10])
        if len(collected) == 10:
            assert row["ASTTMF"] == "H"
            assert (moment.hour, moment.minute) == ((9, 0) if collected == "2024-03-20" else (0, 0))
            assert row["STARTED"] is None
        else:
            assert row["ASTTMF"] == "S" and row["STARTED"] == moment
        assert row["BEFORE"] == ("Y" if moment < at(2024, 3, 20, 9) else None)
        assert row["SAYS"] == f"from {moment.isoformat()}"


def test_what_is_no_time_is_refused_before_data(case: MakeCase) -> None:
    study = case("base").replace("adam/adsl.yaml", "variables:\n", ADSL.replace("time: first", "time: noon"))
    with pytest.raises(SpecError, match="'noon' is no time") as refused:
        study.check()
    assert refused.value.place.line
