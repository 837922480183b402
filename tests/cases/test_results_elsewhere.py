"""Results that were made elsewhere are read from a file, held against their entry, shown, quoted, claimed,
and marked where they are printed. The values are those of the file: nothing of them is computed here."""

from __future__ import annotations

from typing import Any

import pytest
from cases.conftest import MakeCase

from tlfgen.analysis.elsewhere import check_results
from tlfgen.analysis.table import find_result
from tlfgen.display.results import displayed
from tlfgen.errors import DataError, SpecError
from tlfgen.spec.theme import NumberRules

BY = "SAS 9.4, program ancova.sas, 2026-05-01"
ENTRY = f"""analysis: change
file: results/change.csv
made_by: {BY}
population: SAFFL
by: ADSL.TRT01A
statistics:
  lsmean: {{shown: number, label: LS mean, decimals: 2}}
  diff: {{shown: number, label: difference, decimals: 2, against: Arm B}}
  diff_low: {{shown: number, label: lower limit, limit_of: diff, side: low, against: Arm B}}
  diff_high: {{shown: number, label: upper limit, limit_of: diff, side: high, against: Arm B}}
  p: {{shown: p, label: P value, against: Arm B}}
"""
HEAD = "statistic,group1,level1,value,reason\n"
ROWS = """lsmean,TRT01A,Arm A,-1.875,
lsmean,TRT01A,Arm B,,the model did not converge
diff,TRT01A,Arm A~Arm B,-0.515,
diff_low,TRT01A,Arm A~Arm B,-2.1,
diff_high,TRT01A,Arm A~Arm B,1.1,
p,TRT01A,Arm A~Arm B,0.0314,
"""
TABLE = """output: lsmeans
number: 14.2.9.1
kind: table
title: Change from Baseline
population: SAFFL
columns: {by: ADSL.TRT01A}
rows:
  - id: change
    analysis: change
    label: Change from baseline
    cells: {LS mean: "{lsmean}", Difference: "{diff} ({diff_low}, {diff_high})", P value: "{p}"}
"""
PAIR = "[TRT01A=Arm A~Arm B]"


@pytest.fixture
def study(case: MakeCase) -> Any:
    made = case("base").write("analyses/change.yaml", ENTRY).write("results/change.csv", HEAD + ROWS)
    return made.write("outputs/lsmeans.yaml", TABLE)


def test_a_row_shows_the_results_of_the_file(study: Any) -> None:
    """Each with its declared decimals, rounded half away from zero; a limit with those of what it limits."""
    study.check()
    lines = [x.split() for x in study.shown("lsmeans").splitlines()]
    assert ["LS", "mean", "-1.88", "NE"] in lines
    assert ["Difference", "-0.52", "(-2.10,", "1.10)"] in lines
    assert ["P", "value", "0.03"] in lines or ["P", "value", "0.031"] in lines


def test_it_says_who_made_them_and_why_one_is_not_there(study: Any) -> None:
    shown = " ".join(study.shown("lsmeans").split())
    assert f"Change from baseline: made elsewhere ({BY}); the results are shown as they came" in shown
    assert "NE: not estimable; in the analyses: the model did not converge." in shown


def test_in_chooses_the_columns_where_they_stand(study: Any) -> None:
    study.replace("outputs/lsmeans.yaml", "label: Change", "in: Arm A\n    label: Change")
    lines = [x.split() for x in study.shown("lsmeans").splitlines()]
    assert ["LS", "mean", "-1.88"] in lines


def test_a_result_says_from_which_row_of_which_file_it_is(study: Any) -> None:
    found = find_result(study.results("change"), f"change.p{PAIR}")
    assert found["stat_num"] == 0.0314
    assert '"file": "results/change.csv"' in found["parameters"] and '"row": 7' in found["parameters"]
    assert found["method"] == "analyse made elsewhere"


def test_a_text_quotes_and_a_claim_names_one(study: Any) -> None:
    study.write("report/synopsis.md.j2", f'P {{{{ n("change.p{PAIR}") }}}}.\n')
    study.write(
        "claims.yaml",
        "source: A paper\nclaims:\n  - {id: m, where: Table 2, label: Difference, printed: '-0.5', "
        f'result: "change{PAIR}", says: {{diff: "-0.5"}}}}\n',
    )
    study.build()
    (claim,), _ = study.study.claims()
    assert (claim.verdict, claim.ours) == ("match", ("-0.5",))
    ratio = displayed(
        study.results("change"), f"change.p{PAIR}", None, study.study.specs.study, NumberRules()
    )
    numbers = (study.study.folders[2] / "numbers.csv").read_text("utf-8").replace('"', "")
    assert f"change.p{PAIR},{ratio.text}" in numbers


def test_lines_split_the_results_further(study: Any) -> None:
    """Cells of a line are those of its level, in the order of the file."""
    study.replace("analyses/change.yaml", "statistics:", "from: ADAE\nlines: AESER\nstatistics:")
    study.replace("outputs/lsmeans.yaml", "columns:", "from: ADAE\ncolumns:")
    split = [f"{a},{b},{c},AESER,{x},{v},{r}" for x in "YN" for a, b, c, v, r in rows_of(ROWS)]
    head = "statistic,group1,level1,group2,level2,value,reason\n"
    study.write("results/change.csv", head + "\n".join(split) + "\n")
    study.check()
    lines = [x.split() for x in study.shown("lsmeans").splitlines()]
    assert lines.count(["LS", "mean", "-1.88", "NE"]) == 2
    assert lines.index(["Y"]) < lines.index(["N"])
    found = find_result(study.results("change"), "change.lsmean[TRT01A=Arm A,AESER=Y]")
    assert found["stat_num"] == -1.875
    study.replace("results/change.csv", "AESER,N", "AESER,No")
    del study.stages
    with pytest.raises(DataError, match="no record of the analysis has the AESER 'No'"):
        study.results("change")


def rows_of(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.splitlines()]


WRONG = {
    "a column that is not known": ("statistic,group1", "statistc,group1", "column 'statistc' is not known"),
    "a column that is missing": ("reason\n", "reason,level2\n", "'group2' of the results is missing"),
    "a statistic that is not declared": ("p,TRT01A", "pval,TRT01A", "'pval' is not declared"),
    "another group": ("lsmean,TRT01A,Arm A", "lsmean,TRT01P,Arm A", "its groups are TRT01P; .* TRT01A"),
    "a value that is no number": ("-1.875", "minus 2", "Row 2 of results/change.csv: 'minus 2' is no number"),
    "infinity": ("-1.875", "inf", "'inf' is no number"),
    "a P value of 2": ("0.0314", "2", "Row 7 of results/change.csv: 2 cannot be shown as p"),
    "neither a value nor a reason": ("-1.875,", ",", "'lsmean' has neither a value nor a reason"),
    "a value and a reason": ("-1.875,", "-1.875,no", "'lsmean' has a value, and a reason"),
    "a result that stands twice": ("lsmean,TRT01A,Arm B,,the", "lsmean,TRT01A,Arm A,,the", "in row 2"),
}  # fmt: skip


def test_check_reads_the_file(study: Any) -> None:
    study.replace("results/change.csv", "-1.875", "minus 2")
    with pytest.raises(DataError, match="Row 2 of results/change.csv: 'minus 2' is no number"):
        study.check()


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_in_the_file_is_found(study: Any, kind: str) -> None:
    old, new, says = WRONG[kind]
    text = (HEAD + ROWS).replace(old, new, 1)
    if "level2" in new:
        text = text.replace(",\n", ",,x\n").replace("converge\n", "converge,x\n")
    study.write("results/change.csv", text)
    with pytest.raises((DataError, SpecError), match=f"(?s){says}"):
        check_results(study.study.specs.results_elsewhere, study.folder)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("change.csv", "chang.csv", "The file 'results/chang.csv' of the analysis 'change' is not there"),
        ("file: results/", "file: ../results/", "leaves the study's folder"),
        (f"made_by: {BY}\n", "", "The key 'made_by' is missing"),
        ("shown: p,", "shown: pvalue,", "'p': the form 'pvalue' does not exist"),
        ("shown: p,", "shown: p, decimals: 3,", "'p' is shown as p, and has no decimals of its own"),
        ("limit_of: diff, side: low", "limit_of: dif, side: low", "is a limit of 'dif', which"),
        ("side: low, ", "", "a limit says limit_of: and side:"),
        ("against: Arm B}\n  diff_low", "against: Arm Bb}\n  diff_low", "The column 'Arm Bb' does not exist"),
        ("population: SAFFL", "population: SAFL", "The analysis set 'SAFL' does not exist"),
        ("statistics:\n", "do: ancova\nstatistics:\n", "The key 'do' is not known here"),
        ("statistics:\n", "statistics:\n  se: {shown: number, label: SE}\n", "statistic 'se' has no row"),
    ],
)  # fmt: skip
def test_what_the_entry_says_wrongly_is_found_by_check(study: Any, old: str, new: str, says: str) -> None:
    study.replace("analyses/change.yaml", old, new)
    with pytest.raises(SpecError, match=f"(?s){says}"):
        study.check()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("lsmean,TRT01A,Arm A", "lsmean,TRT01A,Arm C", "Row 2 .*'lsmean' is of no column 'Arm C'"),
        ("diff,TRT01A,Arm A~Arm B", "diff,TRT01A,Arm B~Arm A", "Row 4 .*no column 'Arm B~Arm A'"),
        ("lsmean,TRT01A,Arm B,,the model did not converge\n", "", "'change.lsmean.TRT01A=Arm B.' has no row"),
    ],
)  # fmt: skip
def test_a_level_without_a_column_and_a_column_without_a_row_stop_the_build(
    study: Any, old: str, new: str, says: str
) -> None:
    study.replace("results/change.csv", old, new)
    with pytest.raises(DataError, match=f"(?s){says}"):
        study.results("change")


def test_a_figure_cannot_show_them(study: Any) -> None:
    study.write(
        "outputs/km.yaml",
        "output: km\nnumber: 14.2.F9\nkind: figure\nshape: kaplan_meier\ntitle: T\nanalysis: change\n",
    )
    with pytest.raises(SpecError, match="results from a file stand in rows and texts"):
        study.check()


def test_a_row_cannot_say_by_itself_what_a_file_holds(study: Any) -> None:
    study.replace("outputs/lsmeans.yaml", "analysis: change", "do: kaplan_meier\n    elsewhere: {}")
    with pytest.raises(SpecError):
        study.check()


def test_a_statistic_that_the_file_does_not_hold_is_found_in_a_row_and_in_a_text(study: Any) -> None:
    study.replace("outputs/lsmeans.yaml", "{lsmean}", "{lsmeen}")
    with pytest.raises(SpecError, match="the statistic 'lsmeen' does not exist"):
        study.check()
    study.replace("outputs/lsmeans.yaml", "{lsmeen}", "{lsmean}")
    study.write("report/synopsis.md.j2", '{{ n("change.lsmeen[TRT01A=Arm A]") }}.\n')
    with pytest.raises(SpecError, match="the statistic 'lsmeen' does not exist"):
        study.check()
