"""Unreadable is never no, partial is never absent, missing is never zero: the rules of SDTM and ADaM."""

from __future__ import annotations

from typing import Any

import pytest
from cases.conftest import Case, MakeCase

from tlfgen.errors import Finding, SpecError


def of(rows: list[dict[str, Any]], who: str) -> dict[str, Any]:
    """The one record of a subject."""
    (row,) = (r for r in rows if r["USUBJID"] == f"BASE-{who}")
    return row


def said(case: Case, rule: str) -> list[Finding]:
    return [f for f in case.stages[1] if f.rule == rule]


def test_a_partial_end_is_not_an_open_end(case: MakeCase) -> None:
    """Case 01: 42 + 32 days; 13 to 42 and 32; 42 and 11 to 41."""
    found = case("01-dosing-end-partial")
    rows = found.rows("ADSL")
    assert (of(rows, "1-01")["DOSDAYS"], of(rows, "1-01")["CUMDOSE"]) == (74, 740)
    for who in ("1-02", "1-03"):
        assert (of(rows, who)["DOSDAYS"], of(rows, who)["CUMDOSE"]) == (None, None)
    days = [f.message for f in said(found, "exposure_total") if f.field == "DOSDAYS"]
    assert [m.split(":")[1].split(";")[0] for m in days] == [" between 45 and 74", " between 53 and 83"]


@pytest.mark.parametrize(("bound", "days"), [("fewest", [45, 53]), ("most", [74, 83])])
def test_the_spec_can_name_an_imputation(case: MakeCase, bound: str, days: list[int]) -> None:
    """Case 01: the bounds of 45 to 74 and of 53 to 83 days, 10 mg each."""
    found = case("01-dosing-end-partial").replace(
        "adam/adsl.yaml", "open_until: TRTEDT,", f"open_until: TRTEDT, partial: {bound},"
    )
    rows = [of(found.rows("ADSL"), who) for who in ("1-02", "1-03")]
    assert [r["DOSDAYS"] for r in rows] == days
    assert [r["CUMDOSE"] for r in rows] == [10 * d for d in days]


def emergent(case: Case) -> list[tuple[str, str | None]]:
    """The first word of each term, and TRTEMFL."""
    return [(r["AETERM"].split()[0], r["TRTEMFL"]) for r in case.rows("ADAE")]


def test_worse_on_treatment_is_emergent_whoever_collects_it(case: MakeCase) -> None:
    """Case 16: by initial and worst severity W1 Y, W2 not; by episode M1 not, both rows, M2 the second."""
    found = emergent(case("16-worsening"))
    assert found == [("W1", "Y"), ("W2", "N"), ("M1", "N"), ("M1", "N"), ("M2", "N"), ("M2", "Y")]


def test_where_both_have_a_time_the_time_decides(case: MakeCase) -> None:
    """Case 17: dose at 09:00; T1 at 07:30, T2 at 10:15, T3 without a time."""
    assert emergent(case("17-same-day-earlier-time")) == [("T1", "N"), ("T2", "Y"), ("T3", "Y")]


def test_a_last_dose_known_to_the_month_decides(case: MakeCase) -> None:
    """Case 18: 2024-06-15 is 46 days after 30 April, the latest possible day."""
    found = case("18-last-dose-partial")
    assert emergent(found)[-1] == ("Dizziness", "N")
    assert of(found.rows("ADSL"), "2-08")["TRTEDT"] is None


def test_a_year_decides_where_the_month_is_unknown(case: MakeCase) -> None:
    """Case 19: 2022 lies before the first dose of 2024-03-20."""
    found = case("19-month-unknown")
    assert emergent(found) == [("K1", "N"), ("K2", "N"), ("K3", "N")]
    assert [r["AESTDTC"] for r in found.rows("AE")] == ["2022---10", "2022", "2022---10"]


def test_a_start_is_never_imputed_past_its_own_end(case: MakeCase) -> None:
    """Case 21: 2024-03-01 and 2024-01-01; the dose of 20 March is not among the possible days."""
    found = case("21-start-after-end")
    rows = [(str(r["ASTDT"]), r["ASTDTF"]) for r in found.rows("ADAE")]
    assert rows == [("2024-03-01", "D"), ("2024-01-01", "M")]
    assert emergent(found) == [("I1", "N"), ("I2", "N")]


def test_whose_dose_date_cannot_be_read_was_treated(case: MakeCase) -> None:
    """Case 06: 2-08 is in the safety set, and its serious event is counted."""
    found = case("06-dose-date-unreadable")
    row = of(found.rows("ADSL"), "2-08")
    assert (row["TRTSDT"], row["SAFFL"], row["SAFRSN"], row["CUMDOSE"]) == (None, "Y", None, None)
    (event,) = (r for r in found.rows("ADAE") if r["USUBJID"] == "BASE-2-08")
    assert (event["AESER"], event["TRTEMFL"]) == ("Y", "Y")
    errors = {f.field for f in said(found, "first_date") if f.severity == "error"}
    assert errors == {"RFSTDTC", "RFXSTDTC", "TRTSDT"}
    assert [f.severity for f in said(found, "treatment_emergent")] == ["warning"]


def test_whose_dose_cannot_be_read_was_treated(case: MakeCase) -> None:
    """As case 06, with the dose: it is never "not taken", and what depends on it is null."""
    found = case("base").replace("raw/ec.csv", "2-08,20,", "2-08,2O,")
    found.replace("adam/adsl.yaml", "of: EX.EXSTDTC}", 'of: EX.EXSTDTC, where: "EXDOSE > 0"}')
    row = of(found.rows("ADSL"), "2-08")
    assert (row["TRTSDT"], row["SAFFL"], row["CUMDOSE"], row["DOSDAYS"]) == (None, "Y", None, None)
    assert [f.subject for f in said(found, "first_date")] == ["BASE-2-08"]


def test_a_set_that_cannot_be_judged_says_so(case: MakeCase) -> None:
    """A missing age is not known to be below 75: N, with its own reason and an error."""
    found = case("base").replace("study.yaml", "TRTSDT IS NOT NULL", "TRTSDT IS NOT NULL AND AGE < 75")
    found.replace("raw/dm.csv", "2-08,Female,63,B", "2-08,Female,,B")
    row = of(found.rows("ADSL"), "2-08")
    assert (row["SAFFL"], row["SAFRSN"]) == ("N", "Cannot be judged: AGE not known")
    assert [(f.severity, f.subject) for f in said(found, "analysis set")] == [("error", "BASE-2-08")]


def test_related_to_either_holds_related_to_each(case: MakeCase) -> None:
    """Case 08: 2 / 1 / 3; drug 1 blank, drug 2 possibly related."""
    found = case("08-related-to-either-drug")
    (event,) = (r for r in found.rows("ADAE") if r["USUBJID"] == "BASE-2-06")
    assert (event["REL1FL"], event["REL2FL"], event["RELFL"]) == (None, "Y", "Y")
    line = next(n for n in found.shown("ae-by-term").splitlines() if "either drug" in n)
    assert [cell.split()[0] for cell in line.split("  ") if "(" in cell] == ["2", "1", "3"]


def test_an_unknown_causality_is_counted_or_by_the_plan_related(case: MakeCase) -> None:
    """Case 08: a causality that is missing altogether is counted apart or as related, by the plan."""
    found = case("08-related-to-either-drug").replace("raw/ae.csv", ",,POSSIBLY RELATED,", ",,,")
    row = next(r for r in found.rows("ADAE") if r["USUBJID"] == "BASE-2-06")
    assert row["RELFL"] is None
    assert "1 of 6 records" in next(f.message for f in said(found, "in_group") if f.field == "RELFL")


def test_the_plan_may_take_an_unknown_causality_as_related(case: MakeCase) -> None:
    found = case("08-related-to-either-drug").replace("raw/ae.csv", ",,POSSIBLY RELATED,", ",,,")
    found.replace("adam/adae.yaml", "label: Related to Either", "unknown_as: Y, label: Related to Either")
    assert next(r for r in found.rows("ADAE") if r["USUBJID"] == "BASE-2-06")["RELFL"] == "Y"


def test_a_flag_says_no_only_where_no_is_known(case: MakeCase) -> None:
    """Case 04: `Y?` for seriousness is unknown; with the stay in hospital, the event is serious."""
    found = case("04-seriousness-unreadable")
    text = (found.folder / "adam/adae.yaml").read_text("utf-8")
    found.write(
        "adam/adae.yaml",
        text
        + """
  - {name: SERFL, derive: flag_where, where: "AESER = 'Y'", otherwise: "N", label: Serious Flag}
  - {name: SERFL2, derive: flag_where, where: "AESER = 'Y'", otherwise: "N", unknown_as: "Y", label: Careful}
  - {name: SERHFL, derive: flag_where, where: "AESER = 'Y' OR AESHOSP = 'Y'", otherwise: "N", label: Stay}
  - name: SERTXT
    label: Serious by Cases
    cases: [{where: "AESER = 'Y'", value: "YES"}, {value: "NO"}]
""",
    )
    rows = {r["USUBJID"]: r for r in found.rows("ADAE")}
    shown = [rows["BASE-2-05"][n] for n in ("AESER", "SERFL", "SERFL2", "SERHFL", "SERTXT")]
    assert shown == [None, None, "Y", "Y", None]
    assert [rows["BASE-2-06"][n] for n in ("SERFL", "SERFL2", "SERHFL", "SERTXT")] == ["N", "N", "N", "NO"]
    assert [f.value for f in said(found, "flag_where")] == ["1", "1"]


def test_a_baseline_is_graded_on_its_own_value(case: MakeCase) -> None:
    """Case 20: 88 is 2.2 x 40, grade 1; 100 is 1.1 x the baseline, below 1.5 x: grade 0."""
    rows = [r for r in case("20-baseline-grade").rows("ADLB") if r["USUBJID"] == "BASE-1-01"]
    assert [(r["AVAL"], r["ATOXGR"], r["BTOXGR"]) for r in rows] == [
        (88, "1", "1"),
        (100, "0", "1"),
        (30, "0", "1"),
    ]


def test_a_value_without_its_limit_has_no_grade(case: MakeCase) -> None:
    """As case 20: whether 60 is above a limit that is missing is not known, so it is not grade 0."""
    found = case("20-baseline-grade").replace(
        "raw/lb.csv", "1-02,Week 2,2024-04-03,ALT,60,U/L,40", "1-02,Week 2,2024-04-03,ALT,60,U/L,"
    )
    (row,) = (r for r in found.rows("ADLB") if r["USUBJID"] == "BASE-1-02" and r["AVAL"] == 60)
    assert row["ATOXGR"] is None
    assert [f.value for f in said(found, "groups")] == ["1"]


def test_the_makers_text_says_what_the_date_of_censoring_is(case: MakeCase) -> None:
    """Case 29: Last dose."""
    rows = case("29-own-censoring-text").rows("ADTTE")
    assert {r["CNSDTDSC"] for r in rows if r["CNSR"] == 1} == {"Last dose"}


def test_a_date_of_censoring_that_cannot_be_read_leaves_the_time_null(case: MakeCase) -> None:
    """As case 29: where the last dose was collected and cannot be read, nobody is censored on day 1."""
    found = case("29-own-censoring-text").replace(
        "raw/ec.csv", "2-08,20,2024-03-20,09:00,2024-05-31", "2-08,20,2024-03-20,09:00,31-Mai-24"
    )
    row = of(found.rows("ADTTE"), "2-08")
    assert (row["AVAL"], row["CNSR"], row["ADT"]) == (None, None, None)
    assert [(f.severity, f.subject) for f in said(found, "time_to_event")] == [("error", "BASE-2-08")]


def test_a_death_whose_day_cannot_be_read_is_no_life(case: MakeCase) -> None:
    """Known dead, day not known: an event without a date, never "Alive"."""
    found = case("base").replace("raw/ds.csv", "2024-07-15,2024-07-15", "2024-07-15,15-Juli-24")
    row = of(found.rows("ADTTE"), "2-06")
    assert (row["AVAL"], row["CNSR"], row["EVNTDESC"]) == (None, None, "Death")
    assert [(f.severity, f.subject) for f in said(found, "time_to_event")] == [("error", "BASE-2-06")]


NEW_THERAPY = """  - name: NACTDT
    derive: first_date
    of: DS.DSSTDTC
    where: "DSDECOD = 'NEW THERAPY'"
    type: date
    label: New Therapy
"""
BEFORE_EVENT = "{if: new_therapy_before_event, date: ADSL.NACTDT, at: last_known, CNSR: 2, EVNTDESC: Other}"


def test_new_therapy_on_a_day_not_known_leaves_the_time_null(case: MakeCase) -> None:
    """New therapy in June, death on 28 June: which came first is not known."""
    found = case("base").replace("raw/ds.csv", "1-03,COMPL", "1-02,NEW THERAPY,2024-06,\n1-03,COMPL")
    found.replace("forms/ds.yaml", "key: [SUBJ]", "key: [SUBJ, REASON]")
    found.replace("adam/adsl.yaml", "  - {sets:", f"{NEW_THERAPY}  - {{sets:")
    found.replace("adam/adsl.yaml", "of: DS.DSDECOD}", "of: DS.DSDECOD, where: \"DSDECOD <> 'NEW THERAPY'\"}")
    found.replace("adam/adtte.yaml", "    rules: [", f"    rules: [{BEFORE_EVENT}, ")
    row = of(found.rows("ADTTE"), "1-02")
    assert (row["AVAL"], row["CNSR"]) == (None, None)
    assert [(f.severity, f.subject) for f in said(found, "time_to_event")] == [("error", "BASE-1-02")]


def test_a_result_after_the_dose_is_no_baseline(case: MakeCase) -> None:
    """Case 17: one rule for events and baselines. Dose at 09:00; a result of 10:15 that day is after it."""
    found = case("base")
    found.replace(
        "forms/vs.yaml", "YYYY-MM-DD]}", 'YYYY-MM-DD]}\n  - {name: VSTIM, type: time, layouts: ["HH:mm"]}'
    )
    found.replace("sdtm/vs.yaml", "from: VSDAT}", "date: VSDAT, time: VSTIM}")
    lines = (found.folder / "raw/vs.csv").read_text("utf-8").splitlines()
    timed = [f"{lines[0]},VSTIM", *(f"{n},{'10:15' if n.startswith('1-01,Base') else ''}" for n in lines[1:])]
    found.write("raw/vs.csv", "\n".join(timed) + "\n")
    flags = {r["USUBJID"]: r["ABLFL"] for r in found.rows("ADVS") if r["VISIT"] == "BASELINE"}
    assert (flags["BASE-1-01"], flags["BASE-1-02"]) == (None, "Y")


def test_a_record_that_cannot_be_judged_is_not_left_out_unseen(case: MakeCase) -> None:
    """A source whose condition meets an unreadable value warns of the record."""
    found = case("04-seriousness-unreadable").replace(
        "adam/adae.yaml", "from: AE\n", "from: AE\nwhere: \"AESER = 'Y'\"\n"
    )
    assert found.rows("ADAE") == []
    assert [(f.severity, f.subject) for f in said(found, "condition")] == [("warning", "BASE-2-05")]


def test_an_expression_fills_a_variable_and_tells_what_it_cannot(case: MakeCase) -> None:
    """(120 - 110) / (120 - 120): a division by 0 is null, and a warning of its record; a null is no fault."""
    study = case("base").replace(
        "adam/advs.yaml",
        "variables:\n",
        "variables:\n"
        '  - {name: OVER, label: Over, type: float, compute: "AVAL / (VISITNUM - 2)"}\n'
        "  - {name: HIGH, label: High, compute: \"CASE WHEN AVAL >= 70 THEN 'Y' ELSE 'N' END\"}\n"
        '  - {name: SAYS, label: Says, text: "{PARAMCD} of visit {VISITNUM}"}\n',
    )
    rows = study.rows("ADVS")
    for row in rows:
        over = None if row["VISITNUM"] == 2 else row["AVAL"] / (row["VISITNUM"] - 2)
        assert row["OVER"] == over and row["HIGH"] == ("Y" if row["AVAL"] >= 70 else "N")
        assert row["SAYS"] == f"{row['PARAMCD']} of visit {row['VISITNUM']:g}"
    lost = [f for f in study.stages[1] if f.rule == "compute"]
    at_two = [i for i, row in enumerate(rows, 1) if row["VISITNUM"] == 2]
    assert at_two and sorted(f.row or 0 for f in lost) == at_two
    assert {f.severity for f in lost} == {"warning"} and {f.field for f in lost} == {"OVER"}


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('{name: X, label: X, type: integer, compute: "AVAL / 2"}', "X is a whole number"),
        ('{name: X, label: X, type: float, compute: "PARAMCD"}', "X is a number with decimals"),
        ('{name: X, label: X, compute: "AVAL + PARAMCD"}', "PARAMCD is text"),
        ('{name: X, label: X, compute: "AVALL + 1"}', "no variable 'AVALL'"),
        (
            "{name: X, label: X, compute: \"CASE WHEN ADSL.SEX = 'G' THEN 1 END\"}",
            "'G' is no value of ADSL.SEX",
        ),
        ("{name: X, label: X, compute: \"CASE WHEN AVAL = '1' THEN 1 END\"}", "AVAL is a number"),
        ('{name: X, label: X, text: "no name"}', "names no variable"),
        ('{name: X, label: X, value: "{AVAL}"}', "has a brace"),
    ],
)
def test_an_expression_is_typed_before_data(case: MakeCase, entry: str, says: str) -> None:
    study = case("base").replace("adam/advs.yaml", "variables:\n", f"variables:\n  - {entry}\n")
    with pytest.raises(SpecError) as refused:
        study.check()
    assert says in f"{refused.value} {refused.value.hint}" and refused.value.place.line
