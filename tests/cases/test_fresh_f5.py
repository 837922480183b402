"""Facts that several datasets tell, planted in a few records: what the built-in checks say of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from cases.conftest import MakeCase

from tlfgen.data.dataset import Dataset
from tlfgen.reconcile.run import check_data
from tlfgen.spec.study import StudySpec

STUDY = StudySpec.model_validate(
    {
        "study": "X", "title": "X", "cutoff": "2024-12-31", "arms": [],
        "subject": {"from": "SUBJ", "USUBJID": "{SUBJ}"},
    }
)  # fmt: skip
Frames = Mapping[str, Any]


def told(check: str, frames: Frames) -> list[tuple[str, str, int | None, str | None, str]]:
    """What a check says: severity, dataset, row, variable and the words before the bracket."""
    data = {
        n: Dataset(n, n, f if isinstance(f, pl.DataFrame) else pl.DataFrame(f), ()) for n, f in frames.items()
    }
    found = [f for f in check_data(data, STUDY) if f.rule == f"check {check}"]
    return [(f.severity, f.dataset, f.row, f.field, f.message.split(" (")[0]) for f in found]


def where(check: str, frames: Frames) -> list[tuple[str, int | None, str | None]]:
    return [(dataset, row, field) for _, dataset, row, field, _ in told(check, frames)]


DM = {"USUBJID": ["1", "2"], "DTHFL": ["Y", None], "DTHDTC": ["2024-05-02", None]}


@pytest.mark.parametrize(
    ("term", "dead"),
    [
        ("Patient died of sepsis", True), ("DEATH DUE TO DISEASE PROGRESSION", True), ("Died", True),
        ("Death - unknown cause", True), ("Adverse event leading to death", True),
        ("The subject's death", True), ("Screen failure - patient died", True),
        ("Death in the family", False), ("Death of patient's wife", False), ("Wife of patient died", False),
        ("Fear of death", False), ("Left for the dead of winter", False),
    ],
)  # fmt: skip
def test_a_death_in_the_words_of_a_disposition_is_told(term: str, dead: bool) -> None:
    """Whatever its standard term: OTHER here."""
    ds = {"USUBJID": ["2"], "DSDECOD": ["OTHER"], "DSTERM": [term], "DSSTDTC": ["2024-05-02"]}
    assert where("death_not_in_dm", {"DM": DM, "DS": ds}) == ([("DM", 2, "DTHDTC")] if dead else [])


@pytest.mark.parametrize("grade", [5.0, 5, "5", "Grade 5", "GRADE 5"])
def test_grade_5_is_a_death_in_each_way_of_writing_it(grade: object) -> None:
    """CTCAE 5.0: grade 5 is death related to the adverse event."""
    ae = {"USUBJID": ["2"], "AETOXGR": [grade], "AEOUT": ["FATAL"]}
    assert where("death_not_in_dm", {"DM": DM, "AE": ae}) == [("DM", 2, "DTHDTC")]
    assert where("fatal_event", {"DM": DM, "AE": ae}) == []


@pytest.mark.parametrize("ss", [{"SSORRES": ["Dead"]}, {"SSSTRESC": ["DEATH"]}])
def test_a_survival_status_tells_a_death_in_either_variable(ss: dict[str, list[str]]) -> None:
    assert where("death_not_in_dm", {"DM": DM, "SS": {"USUBJID": ["2"], **ss}}) == [("DM", 2, "DTHDTC")]


@pytest.mark.parametrize(
    ("adsl", "field"),
    [
        ({"DTHFL": [None], "DTHDT": ["2024-05-02"]}, "DTHFL"),
        ({"DTHFL": ["N"], "DTHDT": ["2024-05-02"]}, "DTHFL"),
        ({"DTHFL": ["Y"], "DTHDT": [None]}, "DTHDT"),
        ({"DTHFL": [None]}, "DTHFL"),
        ({"AGE": [60]}, None),
    ],
)
def test_half_a_death_in_adsl_is_an_error(adsl: dict[str, list[Any]], field: str | None) -> None:
    """A table that counts the flag, or a time to the date, would miss it; so would all where neither is."""
    (one,) = told("death_not_in_adsl", {"DM": DM, "ADSL": {"USUBJID": ["1"], **adsl}})
    assert one[:4] == ("error", "ADSL", 1, field)


def test_a_death_known_to_the_month_needs_no_date_in_adsl() -> None:
    dm = {"USUBJID": ["1"], "DTHFL": ["Y"], "DTHDTC": ["2024-05"]}
    adsl = pl.DataFrame({"USUBJID": ["1"], "DTHFL": ["Y"], "DTHDT": [None]})
    assert told("death_not_in_adsl", {"DM": dm, "ADSL": adsl}) == []


@pytest.mark.parametrize("words", ["Ongoing", "Lost to follow-up", None])
def test_overall_survival_of_the_dead_is_not_censored(words: str | None) -> None:
    """Whatever the words; a duration of response may be (the death came after a progression)."""
    adtte = {
        "USUBJID": ["1", "1", "2"], "PARAMCD": ["OS", "DOR", "OS"], "CNSR": [1, 1, 1],
        "EVNTDESC": [words, words, words],
    }  # fmt: skip
    assert where("alive_after_death", {"DM": DM, "ADTTE": adtte}) == [("ADTTE", 1, "CNSR")]
    assert where("alive_after_death", {"DM": DM, "ADTTEOS": adtte}) == [("ADTTEOS", 1, "CNSR")]


def test_a_death_after_the_cutoff_may_be_censored() -> None:
    dm = {"USUBJID": ["1"], "DTHFL": ["Y"], "DTHDTC": ["2025-01-02"]}
    adtte = {"USUBJID": ["1"], "PARAMCD": ["OS"], "CNSR": [1], "EVNTDESC": ["Alive at cut-off"]}
    assert told("alive_after_death", {"DM": dm, "ADTTE": adtte}) == []


def test_a_dose_and_an_event_do_not_end_after_the_death() -> None:
    """Exposure would count the days: 2024-04-20 to 2024-06-01 of a death on 2024-05-02."""
    span = {"USUBJID": ["1", "1"], "EXSTDTC": ["2024-04-20"] * 2, "EXENDTC": ["2024-05-02", "2024-06-01"]}
    ae = {"USUBJID": ["1", "1"], "AESTDTC": ["2024-04-20"] * 2, "AEENDTC": ["2024-05", "2024-06"]}
    found = [f[:4] for f in told("after_death", {"DM": DM, "EX": span, "AE": ae})]
    assert found == [("error", "EX", 2, "EXENDTC"), ("warning", "AE", 2, "AEENDTC")]


def test_a_fatal_event_ends_with_the_death() -> None:
    ae = {
        "USUBJID": ["1", "1", "1"], "AEOUT": ["FATAL", "FATAL", "RECOVERED/RESOLVED"],
        "AEENDTC": ["2024-05-02", "2024-05-01", "2024-05-01"],
    }  # fmt: skip
    assert where("fatal_event", {"DM": DM, "AE": ae}) == [("AE", 2, "AEENDTC")]


def test_numbers_of_records_are_compared_whatever_their_type() -> None:
    """AESEQ as an integer and as a float; subjects as numbers: no traceback, and no event is missed."""
    ae = {"USUBJID": ["1", "1", "2"], "AESEQ": [1, 2, 1], "AESER": ["Y", "Y", "Y"], "AETERM": ["a", "b", "c"]}
    adae = {"USUBJID": ["1", "2"], "AESEQ": [1.0, 1.0], "AESER": ["Y", "N"]}
    found = told("serious_event_outside", {"AE": ae, "ADAE": adae})
    assert found == [
        ("error", "AE", 2, "AESER", "a serious event that ADAE does not hold"),
        ("error", "AE", 3, "AESER", "a serious event that ADAE does not call serious"),
    ]
    numbered = {"USUBJID": [1, 2], "DTHFL": ["Y", None]}
    assert where("death_not_in_adsl", {"DM": DM, "ADSL": numbered}) == []


def test_a_death_that_reaches_nothing_stops_no_build_in_silence(case: MakeCase) -> None:
    """2-08 of the base left for another reason; the words say that the patient died."""
    made = case("base").replace("raw/ds.csv", "2-08,LOST TO FOLLOW-UP", "2-08,PATIENT DIED AT HOME")
    rules = {f.rule for f in made.check() if f.severity == "error" and f.subject == "BASE-2-08"}
    assert {"check death_not_in_dm", "check death_not_in_adsl"} <= rules
