"""Records of records in a study: layers of one dataset, by spec alone."""

from __future__ import annotations

import pytest
from cases.conftest import Case, MakeCase

from tlfgen.adam.schemas import compile_graph, kinds_of
from tlfgen.analysis.used import conditions_of
from tlfgen.engine.occurs import never_met
from tlfgen.errors import SpecError

MAP = """records:
  - derive: computed_parameter
    set: {PARAMCD: MAP, PARAM: Mean arterial pressure (mmHg)}
    of: ADVS.AVAL
    parts: {SYSBP: "PARAMCD = 'SYSBP'", DIABP: "PARAMCD = 'DIABP'"}
    compute: "(SYSBP + 2 * DIABP) / 3"
    by: [VISITNUM, VISIT, ADT]
"""
WORST = """  - {derive: extreme_records, of: ADVS.AVAL, by: PARAMCD, order: [AVAL], take: last,
     keep: [VISITNUM, ADT], where: "AVISITN > 1", set: {DTYPE: WC, AVISIT: Worst}}
"""
MEAN = """  - {derive: summary_records, of: ADVS.AVAL, by: [PARAMCD], statistic: mean, where: "DTYPE IS NULL"}
"""


def values(study: Case, who: str, **known: object) -> list[float]:
    rows = [r for r in study.rows("ADVS") if r["USUBJID"] == f"BASE-{who}"]
    rows = [r for r in rows if all(r.get(k) == v for k, v in known.items())]
    return [r["AVAL"] for r in sorted(rows, key=lambda r: r["VISITNUM"] or 0)]


def test_a_parameter_is_made_of_parameters(case: MakeCase) -> None:
    """Case 76: 24 records; (systolic + 2 x diastolic) / 3."""
    study = case("76-parameter-from-parameters")
    assert sum(r["PARAMCD"] == "MAP" for r in study.rows("ADVS")) == 24
    assert values(study, "1-01", PARAMCD="MAP") == [90.0, 92.0, 88.0]
    assert values(study, "2-05", PARAMCD="MAP") == [110.0, 108.0, 112.0]


def test_layers_stand_on_each_other(case: MakeCase) -> None:
    """MAP 90, 92, 88; its worst after baseline is 92; the mean of those measured is 90."""
    study = case("base").replace("adam/advs.yaml", "variables:\n", f"{MAP}{WORST}{MEAN}variables:\n")
    study.replace("adam/advs.yaml", "ADT, VSSEQ]", "ADT, VSSEQ, DTYPE]")
    assert values(study, "1-01", PARAMCD="MAP", DTYPE="WC", AVISIT="Worst") == [92.0]
    assert values(study, "1-01", PARAMCD="MAP", DTYPE="AVERAGE") == [90.0]
    assert values(study, "1-01", PARAMCD="MAP", DTYPE=None) == [90.0, 92.0, 88.0]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("2 * DIABP", "2 * DIAPB", "Did you mean 'DIABP'"),
        ("PARAMCD = 'DIABP'", "PARAMCD = 'DIAPB'", "no value of PARAMCD"),
        ("by: [VISITNUM", "by: [VISITNOM", "Did you mean 'VISITNUM'"),
        ("of: ADVS.AVAL", "of: ADVS.AVALL", "Did you mean 'AVAL'"),
        ("PARAMCD: MAP,", "PARAMCD: MAP, AVISITN: last,", "AVISITN is a number, and `set` gives it 'last'"),
        ("PARAMCD: MAP,", "PARAMCD: MAP, ADT: 2024-02-30,", "ADT is a date"),
    ],
)
def test_what_a_rule_names_is_checked_before_data(case: MakeCase, old: str, new: str, says: str) -> None:
    study = case("76-parameter-from-parameters").replace("adam/advs.yaml", old, new)
    with pytest.raises(SpecError) as refused:
        study.check()
    assert says in f"{refused.value} {refused.value.hint}"
    assert refused.value.place.path == "specs/x/adam/advs.yaml" and refused.value.place.line


EGFR = """records:
  - derive: computed_parameter                   # CKD-EPI 2021, creatinine in mg/dL
    set: {PARAMCD: EGFR, PARAM: Estimated glomerular filtration rate (mL/min/1.73 m2)}
    decimals: 0
    of: ADLB.AVAL
    parts: {CREAT: "PARAMCD = 'CREAT'"}
    compute: "142 * power(least(CREAT / CASE WHEN SEX = 'F' THEN 0.7 ELSE 0.9 END, 1),
      CASE WHEN SEX = 'F' THEN -0.241 ELSE -0.302 END)
      * power(greatest(CREAT / CASE WHEN SEX = 'F' THEN 0.7 ELSE 0.9 END, 1), -1.2)
      * power(0.9938, AGE) * CASE WHEN SEX = 'F' THEN 1.012 ELSE 1 END"
    by: [VISITNUM, VISIT, ADT, SEX, AGE]
  - {derive: carried_forward, of: ADLB.AVAL, by: PARAMCD, visit: AVISIT, number: AVISITN,
     keep: [ADT, SEX, AGE], where: "PARAMCD = 'EGFR' AND AVISITN > 1"}
  - {derive: extreme_records, of: ADLB.AVAL, by: PARAMCD, order: AVAL, take: first, keep: [ADT, SEX, AGE],
     where: "PARAMCD = 'EGFR' AND DTYPE IS NULL", set: {AVISIT: Lowest, AVISITN: "98"}}
"""
CREATININE = """1-01,Baseline,2024-03-20,CREAT,0.7,mg/dL,1.2
1-01,Week 2,2024-04-03,CREAT,0.8,mg/dL,1.2
1-02,Baseline,2024-03-20,CREAT,1.2,mg/dL,1.2
1-02,Week 2,2024-04-03,CREAT,<0.5,mg/dL,1.2
1-03,Week 2,2024-04-03,CREAT,0,mg/dL,1.2
"""


def test_a_filtration_rate_of_the_creatinine_of_the_same_dataset(case: MakeCase) -> None:
    """Inker et al., N Engl J Med 2021;385:1737, for a woman of 61 and a man of 57.

    0.9938 ** 61 = 0.684288, ** 57 = 0.701520. 0.7: 142 x 0.684288 x 1.012 = 98.335. 0.8: times (0.8 / 0.7) **
    -1.2 = 0.851942: 83.776. 1.2: 142 x 0.701520 x (1.2 / 0.9) ** -1.2 = 0.708058: 70.534. Week 4 was not
    measured: Week 2 is carried. "<0.5" is no number: a note counts it. That of 0 gives none.
    """
    study = case("base").replace("adam/adlb.yaml", "variables:\n", f"{EGFR}variables:\n")
    study.replace("adam/adlb.yaml", "ADSL: [TRT01A,", "ADSL: [SEX, AGE, TRT01A,")
    study.replace("adam/adlb.yaml", "ADT, LBSEQ]", "ADT, LBSEQ, DTYPE]")
    study.write("raw/lb.csv", (study.folder / "raw/lb.csv").read_text("utf-8") + CREATININE)
    rows = [r for r in study.rows("ADLB") if r["PARAMCD"] == "EGFR"]
    found = {(r["USUBJID"][5:], r["AVISIT"], r["DTYPE"]): r["AVAL"] for r in rows}
    assert found == {
        ("1-01", "Baseline", None): pytest.approx(98.335, abs=0.001),
        ("1-01", "Week 2", None): pytest.approx(83.776, abs=0.001),
        ("1-01", "Week 4", "LOCF"): pytest.approx(83.776, abs=0.001),
        ("1-01", "Lowest", "MINIMUM"): pytest.approx(83.776, abs=0.001),
        ("1-02", "Baseline", None): pytest.approx(70.534, abs=0.001),
        ("1-02", "Lowest", "MINIMUM"): pytest.approx(70.534, abs=0.001),
        ("1-03", "Week 2", None): None,
    }
    told = [(f.severity, f.subject, f.message) for f in study.stages[1] if f.rule == "computed_parameter"]
    assert [(s, who) for s, who, _ in told] == [("warning", "BASE-1-03"), ("note", None)]
    assert told[1][2].startswith("1 time points have no CREAT")


RISEN = """records:
  - {derive: joined_records, set: {PARAMCD: RISE, PARAM: Rise of systolic pressure borne out}, of: ADVS.AVAL,
     date: ADT, first: "PARAMCD = 'SYSBP' AND VISITNUM > 1",
     later: "PARAMCD = 'SYSBP'",
     between: "later.AVAL >= AVAL AND later.VISITNUM = VISITNUM + 1", min_days: 7, keep: [VISITNUM]}
"""


def test_a_record_that_a_later_one_bears_out(case: MakeCase) -> None:
    """Systolic pressure of week 2 that is not lower in week 4, 14 days after."""
    study = case("base").replace("adam/advs.yaml", "variables:\n", f"{RISEN}variables:\n")
    rows = study.rows("ADVS")
    two, four = (
        {r["USUBJID"]: r["AVAL"] for r in rows if (r["PARAMCD"], r["VISITNUM"]) == ("SYSBP", n)}
        for n in (2, 3)
    )
    wanted = {who: value for who, value in two.items() if four[who] >= value}
    assert {r["USUBJID"]: r["AVAL"] for r in rows if r["PARAMCD"] == "RISE"} == wanted
    assert 0 < len(wanted) < len(two)


def test_a_name_of_a_pair_is_checked_before_data(case: MakeCase) -> None:
    wrong = RISEN.replace("later.VISITNUM", "later.VISITNOM")
    study = case("base").replace("adam/advs.yaml", "variables:\n", f"{wrong}variables:\n")
    with pytest.raises(SpecError, match="VISITNOM"):
        study.check()


@pytest.mark.parametrize(
    ("between", "says"),
    [
        ("later.ABLFL = 'N'", "'N' is no value of ABLFL"),
        ("later.PARAMCD = 'SYSBB'", "'SYSBB' is no value of PARAMCD"),
    ],
)
def test_a_condition_on_two_records_is_typed_like_any_other(case: MakeCase, between: str, says: str) -> None:
    wrong = RISEN.replace("later.AVAL >= AVAL AND later.VISITNUM = VISITNUM + 1", between)
    study = case("base").replace("adam/advs.yaml", "variables:\n", f"{wrong}variables:\n")
    with pytest.raises(SpecError, match=says):
        study.check()


@pytest.mark.parametrize("between", ["later.ABLFL <> 'Y'", "later.VSDTC > VSDTC"])
def test_a_flag_and_a_partial_date_mean_the_same_of_two_records(case: MakeCase, between: str) -> None:
    """No baseline is <> 'Y' here too; that a month lies after its own 3rd is not known, so 1-02 has none."""
    pair = RISEN.replace("later.AVAL >= AVAL AND later.VISITNUM = VISITNUM + 1", between)
    study = case("base").replace("adam/advs.yaml", "variables:\n", f"{pair}variables:\n")
    study.replace("forms/vs.yaml", "[YYYY-MM-DD]", "[YYYY-MM-DD, YYYY-MM]")
    study.replace("raw/vs.csv", "1-02,Week 4,2024-04-17", "1-02,Week 4,2024-04")
    made = {r["USUBJID"] for r in study.rows("ADVS") if r["PARAMCD"] == "RISE"}
    assert made == {f"BASE-{n}" for n in ("1-01", "1-03", "1-04", "2-05", "2-06", "2-07", "2-08")}


def test_a_case_of_a_formula_that_no_record_meets_is_told(case: MakeCase) -> None:
    """SEX is F or M here: 'Female' would give every woman the rate of a man."""
    wrong = EGFR.replace("WHEN SEX = 'F'", "WHEN SEX = 'Female'")
    study = case("base").replace("adam/adlb.yaml", "variables:\n", f"{wrong}variables:\n")
    study.replace("adam/adlb.yaml", "ADSL: [TRT01A,", "ADSL: [SEX, AGE, TRT01A,")
    study.replace("adam/adlb.yaml", "ADT, LBSEQ]", "ADT, LBSEQ, DTYPE]")
    specs = study.study.specs
    found = never_met(conditions_of(specs), study.data, kinds_of(specs, compile_graph(specs)))
    told = {(f.severity, f.dataset, f.value) for f in found if f.field == "SEX"}
    assert told == {("warning", "ADLB", "Female")}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("PARAMCD: MAP,", "PARAMCD: SYSBP,", "SYSBP has two PARAM: 'Systolic"),
        ("PARAMCD: MAP, PARAM: Mean arterial pressure (mmHg)",
         "PARAMCD: SYSBP, PARAM: Systolic blood pressure (mmHg), PARAMN: '7'}", "SYSBP has two PARAMN"),
        ("variables:", "  - {derive: expected_records, subjects: ADSL.TRTSDT, parameter: ADVS.PARAMCD,"
         " parameters: [{PARAMCD: DIABP, PARAM: DBP}], visit: ADVS.AVISIT, number: ADVS.AVISITN}\nvariables:",
         "DIABP has two PARAM: 'Diastolic blood pressure (mmHg)' and 'DBP'"),
    ],
)  # fmt: skip
def test_a_parameter_has_one_name(case: MakeCase, old: str, new: str, says: str) -> None:
    """ADaMIG 1.3, 3.3.4: a table by PARAM would show one parameter in two."""
    study = case("base").replace("adam/advs.yaml", "variables:\n", f"{MAP}variables:\n")
    if "PARAMN" in new:
        study.replace("adam/advs.yaml", "mmHg),  where", "mmHg), PARAMN: 1, where")
        new = new.rstrip("}")
    with pytest.raises(SpecError) as refused:
        study.replace("adam/advs.yaml", old, new).check()
    assert says in str(refused.value) and refused.value.place.line


def test_a_parameter_that_two_rules_make_has_one_number(case: MakeCase) -> None:
    """MAP of the visits at the first layer, and of week 2 again at another day: number 4, not 4 and 5."""
    again = MAP.removeprefix("records:\n").replace("PARAM: Mean", "DTYPE: AGAIN, PARAM: Mean")
    study = case("base").replace("adam/advs.yaml", "variables:\n", f"{MAP}{again}variables:\n")
    study.replace("adam/advs.yaml", "ADT, VSSEQ]", "ADT, VSSEQ, DTYPE]")
    found = [(r["PARAMN"], r["DTYPE"]) for r in study.rows("ADVS") if r["PARAMCD"] == "MAP"]
    assert set(found) == {(4, None), (4, "AGAIN")}


def test_an_expected_record_has_the_number_of_its_parameter(case: MakeCase) -> None:
    """DIABP is the second of `parameters`; week 8 is no visit that a record has."""
    expected = """records:
  - {derive: expected_records, subjects: ADSL.TRTSDT, parameter: ADVS.PARAMCD, visit: ADVS.AVISIT,
     parameters: [{PARAMCD: DIABP, PARAM: Diastolic blood pressure (mmHg)}], number: ADVS.AVISITN,
     expected: {Week 8: 4}}
"""
    study = case("base").replace("adam/advs.yaml", "variables:\n", f"{expected}variables:\n")
    study.replace("adam/advs.yaml", "ADT, VSSEQ]", "AVISITN]")
    made = [r for r in study.rows("ADVS") if r["AVISIT"] == "Week 8"]
    assert [(r["PARAMCD"], r["PARAMN"], r["AVAL"]) for r in made] == [("DIABP", 2, None)] * 8
