"""Cases of facts that several datasets tell: the build and `check` say where they disagree."""

from __future__ import annotations

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


def test_the_findings_of_a_build_hold_those_of_the_checks(case: MakeCase) -> None:
    """Case 05, built: findings.csv and the counts of the build hold what `check` finds."""
    made = case("05-death-in-one-form")
    done = made.build()
    assert done.findings["error"] == 3
    assert {f["RULE"] for f in made.findings()} >= {"check death_not_in_dm", "check alive_after_death"}


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
    with pytest.raises(SpecError, match="study.yaml, line 6") as error:
        made.check()
    assert says in str(error.value)


def test_a_parameter_of_a_check_counts(case: MakeCase) -> None:
    """1-01 of the base is 61 years old."""
    made = case("base")
    assert found(made, "age") == []
    made.replace("study.yaml", "arms:", "checks: {age: {most: 60}}\narms:")
    assert "BASE-1-01" in {f.subject for f in found(made, "age")}
