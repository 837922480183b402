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


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"AEOUT": ["FATAL"], "AESER": ["N"]}, ["the event is fatal, and not serious"]),
        ({"AETOXGR": [5.0], "AESER": ["U"]}, ["the event is fatal, and not serious"]),
        (
            {"AESER": ["U"], "AESHOSP": ["Y"]},
            ["a criterion of seriousness is met, and the event is not serious"],
        ),
        (
            {"AESER": ["N"], "AESDTH": ["Y"], "AEOUT": ["FATAL"]},
            ["a criterion of seriousness is met, and the event is not serious"],
        ),
        ({"AEOUT": ["FATAL"], "AESER": ["Y"]}, []),
    ],
)
def test_a_fatal_event_is_serious(event: dict[str, list[Any]], words: list[str]) -> None:
    """ICH E2A, II.B: an event that results in death is serious; it is told once."""
    assert [f[4] for f in told("seriousness", {"AE": {"USUBJID": ["1"], **event}})] == words


def test_one_in_the_safety_set_has_a_dose() -> None:
    """ICH E9, 6.3. A dose of zero counts, so that no placebo is told; a dose that was not done does not."""
    adsl = {"USUBJID": ["1", "2", "3"], "SAFFL": ["Y", "Y", "Y"]}
    ec = {"USUBJID": ["1", "2"], "ECTRT": ["A", "A"], "ECDOSE": [0, None], "ECSTAT": [None, "NOT DONE"]}
    assert where("safety_set_without_dose", {"ADSL": adsl, "EC": ec}) == [
        ("ADSL", 2, "SAFFL"), ("ADSL", 3, "SAFFL"),
    ]  # fmt: skip
    assert told("safety_set_without_dose", {"ADSL": adsl}) == []


def test_doses_of_a_study_without_ex_are_checked_too() -> None:
    ec = {
        "USUBJID": ["1", "1", "1", "1"], "ECTRT": ["A"] * 4, "ECDOSE": [10.0, None, 10.0, -10.0],
        "ECDOSU": ["mg", "mg", None, "mg"], "ECSTDTC": [None, "2024-01-02", "2024-01-03", "2024-01-04"],
    }  # fmt: skip
    assert where("dose_without_date", {"EC": ec}) == [("EC", 1, "ECSTDTC")]
    assert where("dose_without_amount", {"EC": ec}) == [("EC", 2, "ECDOSE"), ("EC", 4, "ECDOSE")]
    assert where("dose_without_unit", {"EC": ec}) == [("EC", 3, "ECDOSU")]


def test_times_of_one_day_are_compared_as_date_times_too() -> None:
    """15:00 to 09:00 of one day, and 09:00 to 15:00."""
    adae = pl.DataFrame(
        {"USUBJID": ["1", "1"], "ASTDTM": ["2024-01-01T15:00", "2024-01-01T09:00"],
         "AENDTM": ["2024-01-01T09:00", "2024-01-01T15:00"]}
    ).with_columns(pl.col("ASTDTM", "AENDTM").str.to_datetime())  # fmt: skip
    assert where("start_after_end", {"ADAE": adae}) == [("ADAE", 1, "AENDTM")]


def test_an_indicator_of_a_range_is_that_of_the_limits() -> None:
    """Limits 10 to 50. Missing beyond a limit, HIGH HIGH within: told. 3 * 16.8 is 50.400000000000006."""
    lb = {
        "USUBJID": ["1"] * 6, "LBSEQ": [1, 2, 3, 4, 5, 6], "LBTESTCD": ["ALT"] * 6,
        "LBSTRESN": [20.0, 500.0, 20.0, 5.0, 50.0, 3 * 16.8],
        "LBSTNRLO": [10.0] * 6, "LBSTNRHI": [50.0] * 5 + [50.4],
        "LBNRIND": ["NORMAL", None, "HIGH HIGH", "LOW LOW", None, "NORMAL"],
    }  # fmt: skip
    assert where("range_indicator", {"LB": lb}) == [("LB", 2, "LBNRIND"), ("LB", 3, "LBNRIND")]
    none = {**lb, "LBNRIND": pl.Series([None] * 6, dtype=pl.String)}
    assert told("range_indicator", {"LB": none}) == []


def test_the_indicator_of_the_analysis_is_told_once() -> None:
    """Record 1 is wrong in LB already; record 2 was made wrong by the analysis."""
    lb = {
        "USUBJID": ["1", "1"], "LBSEQ": [1, 2], "LBTESTCD": ["ALT"] * 2, "LBSTRESN": [500.0, 500.0],
        "LBSTNRLO": [10.0] * 2, "LBSTNRHI": [50.0] * 2, "LBNRIND": ["NORMAL", "HIGH"],
    }  # fmt: skip
    adlb = {
        "USUBJID": ["1", "1"], "LBSEQ": [1.0, 2.0], "PARAMCD": ["ALT"] * 2, "AVAL": [500.0, 500.0],
        "ANRLO": [10.0] * 2, "ANRHI": [50.0] * 2, "ANRIND": ["NORMAL", "NORMAL"],
    }  # fmt: skip
    assert where("range_indicator", {"LB": lb, "ADLB": adlb}) == [
        ("LB", 1, "LBNRIND"), ("ADLB", 2, "ANRIND"),
    ]  # fmt: skip


def test_a_value_far_beyond_its_limit_is_not_of_grade_0_after_a_normal_baseline() -> None:
    """ALT, limit 40: 60 is of grade 1 (CTCAE 5.0: above the limit to 3 times), so 500 is not of grade 0."""
    adlb = {
        "USUBJID": ["1", "1", "2"], "PARAMCD": ["ALT"] * 3, "ABLFL": ["Y", None, None],
        "AVAL": [20.0, 60.0, 500.0], "ANRHI": [40.0] * 3, "ANRLO": [5.0] * 3,
        "ANRIND": ["NORMAL", "HIGH", "HIGH"], "BNRIND": ["NORMAL"] * 3, "ATOXGR": ["0", "1", "0"],
    }  # fmt: skip
    assert where("baseline_grade", {"ADLB": adlb}) == [("ADLB", 3, "ATOXGR")]


def test_each_type_of_baseline_has_its_own_grade() -> None:
    adlb = {
        "USUBJID": ["1", "1"], "PARAMCD": ["ALT"] * 2, "BASETYPE": ["RUN-IN", "TREATMENT"],
        "ABLFL": ["Y", "Y"], "ATOXGR": ["0", "2"], "BTOXGR": ["0", "2"],
    }  # fmt: skip
    assert told("grade_of_baseline_record", {"ADLB": adlb}) == []


def test_a_test_of_urine_is_not_held_against_that_of_serum() -> None:
    """Protein of 70 g/L in serum and 0.1 g/L in urine; the fourth serum value lacks its last digit."""
    lb = {
        "USUBJID": ["1"] * 10, "LBTESTCD": ["PROT"] * 10, "LBSPEC": ["SERUM"] * 6 + ["URINE"] * 4,
        "LBSTRESN": [70.0, 71.0, 69.0, 7.0, 70.0, 71.0, 0.10, 0.11, 0.10, 0.10],
        "LBDTC": [f"2024-01-{d:02d}" for d in (1, 2, 3, 4, 5, 6, 1, 2, 3, 4)],
    }  # fmt: skip
    assert where("own_course", {"LB": lb}) == [("LB", 4, "LBSTRESN")]


def test_a_value_below_zero_is_told_where_its_test_has_none() -> None:
    """Haemoglobin of -140; a base excess of -2 is one of many."""
    lb = {
        "USUBJID": ["1"] * 60, "LBTESTCD": ["HGB"] * 30 + ["BASEEXCS"] * 30,
        "LBSTRESN": [140.0] * 29 + [-140.0] + [2.0, -2.0] * 15,
    }  # fmt: skip
    assert where("below_zero", {"LB": lb}) == [("LB", 30, "LBSTRESN")]


def test_pressures_are_compared_as_numbers_whatever_their_type() -> None:
    """As texts, 120 comes before 80."""
    vs = {
        "USUBJID": ["1", "1"], "VSTESTCD": ["SYSBP", "DIABP"], "VSDTC": ["2024-01-01"] * 2,
        "VSSTRESN": ["120", "80"],
    }  # fmt: skip
    assert told("blood_pressure", {"VS": vs}) == []


def test_dates_of_dm_after_the_cutoff_are_told_without_an_adsl() -> None:
    dm = {"USUBJID": ["1"], "DTHDTC": ["2025-01-02"]}
    assert where("after_cutoff", {"DM": dm}) == [("DM", None, "DTHDTC")]


@pytest.mark.parametrize("link", [None, "A"])
def test_non_target_states_belong_to_the_response_of_their_assessment(link: str | None) -> None:
    """RECIST 1.1, 4.3.3. At visit 1 one lesion is present, at visit 2 all are absent: NON-CR/NON-PD, then CR.
    With links in TR alone the visit ties them, as a whole number or not."""
    tr = {
        "USUBJID": ["1"] * 4, "TRTESTCD": ["TUMSTATE"] * 4, "TRGRPID": ["NON-TARGET"] * 4,
        "TRSTRESC": ["PRESENT", "ABSENT", "ABSENT", "ABSENT"], "VISITNUM": [1, 1, 2, 2],
        "TRLNKGRP": [link] * 2 + [link and "B"] * 2,
    }  # fmt: skip
    rs = {
        "USUBJID": ["1"] * 2, "RSTESTCD": ["NTRGRESP"] * 2, "VISITNUM": [1.0, 2.0],
        "RSLNKGRP": pl.Series([None, None], dtype=pl.String), "RSSTRESC": ["NON-CR/NON-PD", "CR"],
    }  # fmt: skip
    assert told("non_target_response", {"TR": tr, "RS": rs}) == []
    wrong = {**rs, "RSSTRESC": ["CR", "NON-CR/NON-PD"]}
    assert where("non_target_response", {"TR": tr, "RS": wrong}) == [
        ("RS", 1, "RSSTRESC"), ("RS", 2, "RSSTRESC"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("target", "other", "right"),
    [
        ("CR", "CR", "CR"), ("CR", None, "CR"), ("CR", "NON-CR/NON-PD", "PR"), ("CR", "NE", "PR"),
        ("PR", "NON-CR/NON-PD", "PR"), ("PR", "NE", "PR"), ("SD", "NON-CR/NON-PD", "SD"), ("SD", "NE", "SD"),
        ("NE", "NON-CR/NON-PD", "NE"), ("PD", "CR", "PD"), ("CR", "PD", "PD"), (None, "PD", "PD"),
    ],
)  # fmt: skip
def test_the_overall_response_is_that_of_the_lesions(
    target: str | None, other: str | None, right: str
) -> None:
    """RECIST 1.1, table 1 (no new lesion). An overall PD may be of a new lesion, and is not told."""
    for said in ("CR", "PR", "SD", "NE", "PD"):
        rs = pl.DataFrame(
            {"USUBJID": ["1"] * 3, "VISITNUM": [2.0] * 3, "RSTESTCD": ["TRGRESP", "NTRGRESP", "OVRLRESP"],
             "RSSTRESC": [target, other, said]}
        )  # fmt: skip
        expected = [] if said in (right, "PD") else [("RS", 3, "RSSTRESC")]
        assert where("overall_response", {"RS": rs}) == expected


def test_a_finding_of_seriousness_names_the_event_and_the_criteria_that_are_met() -> None:
    """As a query to the site needs them."""
    ae = {
        "USUBJID": ["1"], "AETERM": ["Fall"], "AESTDTC": ["2024-01-02"], "AESER": ["N"], "AESHOSP": ["Y"],
        "AESLIFE": ["N"],
    }  # fmt: skip
    (one,) = check_data({"AE": Dataset("AE", "AE", pl.DataFrame(ae), ())}, STUDY)[-1:]
    assert one.message == (
        "a criterion of seriousness is met, and the event is not serious "
        "(AETERM Fall, AESTDTC 2024-01-02, AESER N, criteria AESHOSP)"
    )
