"""Cases of facts that several datasets tell: the build and `check` say where they disagree."""

from __future__ import annotations

from collections import Counter

import pytest
from cases.conftest import Case, MakeCase

from tlfgen.errors import Finding, SpecError


def found(case: Case, rule: str) -> list[Finding]:
    return [f for f in case.check() if f.rule == f"check {rule}"]


def test_a_death_in_one_form_alone_is_told(case: MakeCase) -> None:
    """Case 05: 2-06 died on 2024-07-15 by DD, and DS says ONGOING; or the build says that they contradict."""
    findings = case("05-death-in-one-form").check()
    errors = {(f.rule, f.dataset, f.subject) for f in findings if f.severity == "error"}
    assert ("check death_not_in_dm", "DM", "BASE-2-06") in errors
    assert ("check death_not_in_adsl", "ADSL", "BASE-2-06") in errors
    assert ("check alive_after_death", "ADTTE", "BASE-2-06") in errors
    assert {s for _, _, s in errors} == {"BASE-2-06"}


def test_a_treated_subject_outside_the_safety_set_is_told(case: MakeCase) -> None:
    """Case 06: 2-08 has a dose that can be read and a start that cannot; the safety set is of one dose or
    more (ICH E9, 6.3)."""
    made = case("06-dose-date-unreadable")
    safe = {r["USUBJID"] for r in made.rows("ADSL") if r["SAFFL"] == "Y"}
    (dose,) = found(made, "dose_without_date")
    assert (dose.subject, dose.row, dose.severity) == ("BASE-2-08", 8, "error")
    outside = [f.subject for f in found(made, "dose_outside_safety_set")]
    assert outside == ([] if "BASE-2-08" in safe else ["BASE-2-08"])


def test_records_after_the_cutoff_are_told_once_a_dataset(case: MakeCase) -> None:
    """Case 22: cut on 2024-04-11; of 12 events of the base 3 begin later (2024-04-12, -20 and -22)."""
    findings = found(case("22-cutoff-of-times-only"), "after_cutoff")
    (events,) = [f for f in findings if f.dataset == "ADAE"]
    assert events.message.startswith("ASTDT is after the cut-off of 2024-04-11")
    assert "3 records of 3 subjects" in events.message
    assert len({(f.dataset, f.field) for f in findings}) == len(findings)
    assert found(case("base"), "after_cutoff") == []


def test_check_finds_an_arm_that_is_misspelt(case: MakeCase) -> None:
    """Case 23: 1-03 has the arm `Arm-A`, which study.yaml does not know."""
    findings = case("23-arm-misspelt").check()
    (arm,) = [f for f in findings if f.rule == "arm"]
    assert (arm.severity, arm.subject, arm.value) == ("error", "BASE-1-03", "Arm-A")
    columns = [f for f in findings if f.rule == "check set_without_treatment"]
    assert [(f.dataset, f.subject, f.field) for f in columns] == [
        ("ADSL", "BASE-1-03", "TRT01P"), ("ADSL", "BASE-1-03", "TRT01A"),
    ]  # fmt: skip


def test_a_treated_subject_who_is_not_randomised_is_named(case: MakeCase) -> None:
    """Case 91: 2-08 is treated and has no row of disposition yet."""
    (one,) = found(case("91-set-not-within-set"), "treated_not_in_set")
    assert (one.severity, one.dataset, one.subject, one.field) == ("error", "ADSL", "BASE-2-08", "RANDFL")
    assert "treated and not randomised" in one.message


def test_a_serious_event_of_nobody_is_told(case: MakeCase) -> None:
    """Case 07: the Pneumonia, the only serious event of Arm A, belongs to 2-50, who is not in demography."""
    findings = case("07-subject-not-enrolled").check()
    told = {(f.rule, f.dataset, f.subject) for f in findings if f.rule.startswith("check ")}
    assert ("check serious_event_outside", "AE", "BASE-2-50") in told
    assert ("check subject_not_in_adsl", "ADAE", "BASE-2-50") in told
    assert {s for _, _, s in told} == {"BASE-2-50"}


def test_a_high_baseline_of_grade_0_is_told(case: MakeCase) -> None:
    """Case 20: ALT of 1-01 is 88 at baseline, 2.2 times its limit: CTCAE 5.0 grade 1."""
    made = case("20-baseline-grade")
    (row,) = [r for r in made.rows("ADLB") if r["USUBJID"] == "BASE-1-01" and r["ABLFL"] == "Y"]
    told = [(f.subject, f.row, f.severity) for f in found(made, "baseline_grade")]
    assert told == ([("BASE-1-01", 1, "error")] if row["ATOXGR"] == "0" else [])
    assert row["ANRIND"] == "HIGH"


def test_a_weight_that_jumps_is_told_with_its_row(case: MakeCase) -> None:
    """Case 32: 1-02 weighs 82.0, then 181.5, then 81.0."""
    made = case("32-weight-jump")
    (jump,) = found(made, "own_course")
    assert (jump.severity, jump.dataset, jump.subject, jump.value) == ("warning", "VS", "BASE-1-02", "181.5")
    assert jump.row and made.rows("VS")[jump.row - 1]["VSSTRESN"] == 181.5
    made.replace("study.yaml", "arms:", "checks: {own_course: {not_for: [WEIGHT]}}\narms:")
    assert found(made, "own_course") == []


def test_a_required_value_that_is_missing_is_told(case: MakeCase) -> None:
    """Case 46, of the data: DSTERM is Req in the SDTMIG 3.4; 1-01 has no reason."""
    made = case("base").replace("raw/ds.csv", "1-01,COMPLETED", "1-01,")
    told = [(f.dataset, f.field, f.subject) for f in found(made, "required_variable")]
    assert ("DS", "DSTERM", "BASE-1-01") in told


@pytest.mark.parametrize("name", ["05-death-in-one-form", "70-cjk-in-a-term"])
def test_check_finds_what_a_build_finds(case: MakeCase, name: str) -> None:
    made = case(name)
    found = Counter((f.severity, f.stage, f.dataset, f.rule, str(f.row or "")) for f in made.check())
    made.build()
    built = Counter((f["SEVERITY"], f["STAGE"], f["DATASET"], f["RULE"], f["ROW"]) for f in made.findings())
    assert found == built


def test_a_check_is_set_off_with_a_reason(case: MakeCase) -> None:
    made = case("05-death-in-one-form").replace(
        "study.yaml", "arms:", "checks: {death_not_in_dm: {off: DS is not updated yet}}\narms:"
    )
    (note,) = found(made, "death_not_in_dm")
    assert (note.severity, note.message) == (
        "note", "the check is set off in study.yaml: DS is not updated yet",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("checks", "says"),
    [
        ("{deth_not_in_dm: {off: x}}", "Did you mean 'death_not_in_dm'?"),
        ("{age: {mots: 90}}", "Did you mean 'most'?"),
        ("{age: {}}", "a check takes parameters"),
        ("{age: {most: old}}", "valid number"),
    ],
)
def test_settings_of_checks_are_checked(case: MakeCase, checks: str, says: str) -> None:
    made = case("base").replace("study.yaml", "arms:", f"checks: {checks}\narms:")
    with pytest.raises(SpecError, match="study.yaml, line 7") as error:
        made.check()
    assert says in str(error.value)


def test_a_parameter_of_a_check_counts(case: MakeCase) -> None:
    """1-01 of the base is 61 years old."""
    made = case("base")
    assert found(made, "age") == []
    made.replace("study.yaml", "arms:", "checks: {age: {most: 60}}\narms:")
    assert "BASE-1-01" in {f.subject for f in found(made, "age")}
