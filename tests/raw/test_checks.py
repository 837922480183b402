"""Checks across fields and forms."""

from __future__ import annotations

import pytest

from tlfgen.engine.registry import ROW
from tlfgen.errors import Finding, SpecError
from tlfgen.raw import checks
from tlfgen.raw.checks import check_subjects

from .conftest import Bench

DM = "key: [SUBJ]\nfields: [{name: SUBJ}, {name: AGE, type: integer}]"
DS = """
fields: [{name: SUBJ}, {name: DEATHDT, type: date, partial: true}, {name: TERM}]
"""
AE = """
fields:
  - {name: SUBJ}
  - {name: AESER, type: code, codelist: NY}
  - {name: AESDTH, type: code, codelist: NY}
  - {name: AESTDAT, type: date, layouts: [DD/MM/YYYY, YYYY-MM, YYYY], partial: true}
  - {name: AEENDAT, type: date, layouts: [DD/MM/YYYY, YYYY-MM, YYYY], partial: true}
checks:
"""
HEAD = "SUBJ,AESER,AESDTH,AESTDAT,AEENDAT\n"


def found(bench: Bench) -> list[Finding]:
    return [f for f in bench.run().findings if f.rule.startswith("check")]


def test_rows_where_the_condition_holds_are_findings(bench: Bench) -> None:
    bench.form(AE + '  - {id: AE-01, where: "AEENDAT < AESTDAT", says: ends before it starts}\n')
    bench.file(HEAD + "1-01,,,05/03/2014,04/03/2014\n1-01,,,05/03/2014,05/03/2014\n1-01,,,05/03/2014,\n")
    assert found(bench) == [
        Finding(
            "error", "raw", "AE", "check AE-01",
            "ends before it starts (AEENDAT 2014-03-04, AESTDAT 2014-03-05)",
            1, "S-1-01", "AEENDAT", "04/03/2014",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "certain"),
    [
        ("05/03/2014", "2014-02", True),
        ("05/03/2014", "2014-03", False),
        ("2014-03", "28/02/2014", True),
        ("2014", "2013", True),
        ("2014", "2014", False),
        ("2014-04", "2014-03", True),
    ],
)
def test_partial_dates_are_findings_only_where_that_is_certain(
    bench: Bench, start: str, end: str, certain: bool
) -> None:
    bench.form(AE + '  - {id: AE-01, where: "AEENDAT < AESTDAT", says: x}\n')
    assert bool(found(bench.file(HEAD + f"1-01,,,{start},{end}\n"))) is certain


def test_a_check_may_void_values_that_stay_as_collected(bench: Bench) -> None:
    bench.form(AE + """\
  - {id: AE-01, where: "AEENDAT < AESTDAT", says: ends before it starts, voids: AEENDAT}
  - {id: AE-02, where: "AEENDAT IS NULL AND AESER = 'Y'", severity: warning, says: serious without an end}
""")  # fmt: skip
    bench.file(HEAD + "1-01,Yes,,05/03/2014,04/03/2014\n1-01,Yes,,05/03/2014,06/03/2014\n")
    form = bench.read()
    assert form.frame["AEENDAT"].to_list() == [None, "2014-03-06"]
    assert form.frame["AESER"].to_list() == ["Y", "Y"]
    assert form.collected["AEENDAT"].to_list() == ["04/03/2014", "06/03/2014"]
    (finding,) = found(bench)  # AE-02 sees the value as it was
    assert finding.message.endswith("; AEENDAT kept as collected, the value is null")


def test_severity_is_the_checks_own_and_nulls_are_no_finding(bench: Bench) -> None:
    bench.form(
        AE
        + "  - {id: AE-03, where: \"AESER = 'N' AND AESDTH = 'Y'\", severity: warning, says: not serious}\n"
    )
    bench.file(HEAD + "1-01,No,Yes,,\n1-01,,Yes,,\n1-01,No,,,\n1-01,Maybe,Yes,,\n")
    assert [(f.severity, f.row, f.message) for f in found(bench)] == [
        ("warning", 1, "not serious (AESER N, AESDTH Y)")
    ]


def test_another_forms_value_counts_where_it_holds_for_any_row_of_the_subject(bench: Bench) -> None:
    bench.form(DS, "DS").file("""
        SUBJ,DEATHDT,TERM
        1-01,,Visit
        1-01,2014-03-04,Died
        1-01,2014-05-01,Died again
        1-02,2014-03,Died
        bad,2000-01-01,Died
    """.replace("    ", ""), "ds.csv")  # fmt: skip
    bench.form(AE + '  - {id: AE-04, where: "AESTDAT > form.DS.DEATHDT", says: starts after death}\n')
    bench.file(
        HEAD
        + "1-01,,,05/03/2014,\n1-01,,,04/03/2014,\n"
        + "1-02,,,31/03/2014,\n1-02,,,01/04/2014,\n1-03,,,01/04/2014,\n"
    )
    assert [(f.row, f.message) for f in found(bench)] == [
        (1, "starts after death (AESTDAT 2014-03-05, form.DS.DEATHDT 2014-03-04)"),
        (4, "starts after death (AESTDAT 2014-04-01, form.DS.DEATHDT 2014-03)"),
    ]


def test_a_subject_without_rows_in_the_other_form_has_nulls_there(bench: Bench) -> None:
    bench.form(DS, "DS").file("SUBJ,DEATHDT,TERM\n1-01,,x\n", "ds.csv")
    bench.form(AE + '  - {id: A, where: "form.DS.TERM IS NULL", says: no disposition}\n')
    assert [f.row for f in found(bench.file(HEAD + "1-01,,,,\n1-02,,,,\n"))] == [2]


def test_two_other_forms_in_one_check(bench: Bench) -> None:
    bench.form(DS, "DS").file("SUBJ,DEATHDT,TERM\n1-01,2014-03-04,x\n1-02,,x\n", "ds.csv")
    bench.form(DM, "DM").file("SUBJ,AGE\n1-01,70\n1-02,70\n", "dm.csv")
    where = "form.DM.AGE > 60 AND form.DS.DEATHDT <= AESTDAT"
    bench.form(AE + f'  - {{id: A, where: "{where}", says: x}}\n')
    assert [f.row for f in found(bench.file(HEAD + "1-01,,,04/03/2014,\n1-02,,,04/03/2014,\n"))] == [1]


def test_many_rows_are_joined_in_parts(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MOST_PAIRS", 4)
    bench.form(DS, "DS").file("SUBJ,DEATHDT,TERM\n" + "1-01,2014-03-04,x\n1-01,2014-03-05,y\n", "ds.csv")
    bench.form(AE + '  - {id: A, where: "AESTDAT > form.DS.DEATHDT", says: x}\n')
    dates = ["04/03/2014", "05/03/2014", "06/03/2014", "03/03/2014", "07/03/2014"]
    bench.file(HEAD + "".join(f"1-01,,,{d},\n" for d in dates))
    assert [f.row for f in found(bench)] == [2, 3, 5]


def test_the_cutoff_the_parts_and_usubjid_can_be_named(bench: Bench) -> None:
    where = "AESTDAT > cutoff AND SITEID = '1' AND USUBJID <> 'S-1-02'"
    bench.form(AE + f'  - {{id: A, where: "{where}", says: after the cut-off}}\n')
    bench.file(HEAD + "1-01,,,30/06/2024,\n1-01,,,01/07/2024,\n1-02,,,01/07/2024,\n2-01,,,01/07/2024,\n")
    (finding,) = found(bench)
    assert (finding.row, finding.field) == (2, "AESTDAT")
    assert (
        finding.message
        == "after the cut-off (AESTDAT 2024-07-01, cutoff 2024-06-30, SITEID 1, USUBJID S-1-01)"
    )


def test_a_comparison_of_a_text_with_a_number_is_an_error_with_its_line(bench: Bench) -> None:
    bench.form(AE + '  - {id: A, where: "AESER > 5", says: x}\n').file(HEAD + "1-01,Yes,,,\n")
    with pytest.raises(SpecError, match="AESER is text, 5 is a number") as caught:
        bench.run()
    assert "specs/s/forms/ae.yaml, line 11" in str(caught.value)


def test_subjects_missing_in_the_form_of_demography_are_an_error_each_and_stay(bench: Bench) -> None:
    bench.form(DM, "DM").file("SUBJ,AGE\n1-01,70\n", "dm.csv").form(DS, "DS").file(
        "SUBJ,DEATHDT,TERM\n", "ds.csv"
    )
    bench.form(AE.replace("checks:\n", "")).file(HEAD + "1-02,,,,\n1-01,,,,\n1-02,Yes,,,\n1-03,,,,\n")
    bench.write("sdtm/dm.yaml", "domain: DM\nfrom: DM\nvariables: []\n")
    result = bench.run()
    assert result.forms["AE"].frame[ROW].to_list() == [1, 2, 3, 4]
    expected = [
        Finding(
            "error", "raw", "AE", "subjects", "the subject has 2 rows here and none in form DM", 1, "S-1-02"
        ),
        Finding(
            "error", "raw", "AE", "subjects", "the subject has 1 row here and none in form DM", 4, "S-1-03"
        ),
    ]
    assert [f for f in result.findings if f.rule == "subjects"] == expected
    assert check_subjects(result.forms, "DM") == expected
