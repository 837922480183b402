"""What is wrong with an output is found before any data is read, with file and line."""

from __future__ import annotations

from typing import Any

import pytest

from tlfgen.analysis.check import check_outputs
from tlfgen.engine.plan import Schema
from tlfgen.errors import SpecError

Desk = Any

TABLE = """kind: table
population: SAFFL
from: ADAE
where: "AESER = 'Y'"
columns: {by: ADSL.TRT01A, total: Total}
rows:
  - {id: any, count: subjects, cell: "{n} ({pct}) [{events}]"}
  - id: t
    count: subjects
    by: [{name: AESOC, sort: frequency}, {name: AEDECOD, sort: {in: Total}}]
    nested: true
    cell: "{n}"
compare: [{id: p_value, do: fisher_exact, each: B, against: A}]"""
LISTING = """kind: listing
population: all
from: ADAE
order: [USUBJID]
columns:
  - {name: AEDECOD, label: Term, width: 50%}
  - {cell: "{AESOC} ({AETOXGR})", label: SOC, width: 50%}"""
FIGURE = """kind: figure
shape: mean_over_time
population: SAFFL
from: ADSL
columns: {by: ADSL.TRT01A}
y: WEIGHT
x: SEX
x_label: Sex
y_label: Weight
strips: {n: Number}
alt: A figure."""
ADAE = {"USUBJID", "AESOC", "AEDECOD", "AETOXGR", "AESER"}
SCHEMAS = {
    "ADSL": Schema("ADSL", {"USUBJID", "TRT01A", "SAFFL", "SEX", "AGE", "WEIGHT"}),
    "ADAE": Schema("ADAE", ADAE),
}


def check(desk: Desk, text: str) -> None:
    check_outputs({"x": desk.spec(text)}, desk.study, SCHEMAS)


@pytest.mark.parametrize("text", [TABLE, LISTING, FIGURE])
def test_what_is_right_passes(desk: Desk, text: str) -> None:
    check(desk, text)


@pytest.mark.parametrize(
    ("text", "old", "new", "message"),
    [
        (TABLE, "from: ADAE", "from: ADEA", "The dataset 'ADEA' does not exist.*line 6.*'ADAE'"),
        (
            TABLE,
            "population: SAFFL",
            "population: SAFL",
            "analysis set 'SAFL' does not exist.*line 5.*'SAFFL'",
        ),
        (TABLE, "AESER =", "AESERX =", "ADAE has no variable 'AESERX'.*line 7.*'AESER'"),
        (TABLE, "ADSL.TRT01A", "ADSL.TRT01AA", "ADSL has no variable 'TRT01AA'"),
        (TABLE, "ADSL.TRT01A", "AESOC", "by names 'AESOC', which is not said to be of ADSL"),
        (TABLE, "{name: AESOC, sort: frequency}", "ADEX.X", "'ADEX.X' cannot be read here"),
        (TABLE, "{pct}", "{percent}", "the statistic 'percent' does not exist"),
        (TABLE, "{pct}", "{pct", "The format .* cannot be read"),
        (TABLE, "in: Total", "in: Totl", "The column 'Totl' does not exist.*'Total'"),
        (TABLE, "each: B", "each: b", "The column 'b' does not exist"),
        (TABLE, "fisher_exact", "fisher", "The comparison 'fisher' does not exist"),
        (TABLE, "total: Total}", "total: Total, spans: {V: AGE}}", "compare needs columns by a subject's"),
        (TABLE, "total: Total}", "total: Total, worst: true}", "worst needs of:"),
        (TABLE, "id: t\n", "id: any\n", "The row id 'any' is taken.*line 11"),
        (TABLE, "id: any,", "id: population,", "The row id 'population' is taken"),
        (
            TABLE,
            "    by: [{name: AESOC, sort: frequency}, {name: AEDECOD, sort: {in: Total}}]\n",
            "",
            "row 't' is nested",
        ),
        (LISTING, "{name: AEDECOD,", "{name: AEDECODE,", "ADAE has no variable 'AEDECODE'.*line 9"),
        (LISTING, "{AETOXGR}", "{AETOXG}", "ADAE has no variable 'AETOXG'.*line 10"),
        (LISTING, "[USUBJID]", "[USUBJID, AESEQ]", "ADAE has no variable 'AESEQ'.*line 7"),
        (FIGURE, "y: WEIGHT", "y: WIEGHT", "ADSL has no variable 'WIEGHT'.*line 9"),
        (FIGURE, "mean_over_time", "means", "The shape 'means' does not exist"),
        (FIGURE, "{n: Number}", "{m: Number}", "The statistic 'm' does not exist"),
    ],
)
def test_what_is_wrong_is_an_error(desk: Desk, text: str, old: str, new: str, message: str) -> None:
    assert text.count(old) >= 1
    with pytest.raises(SpecError, match=f"(?s){message}"):
        check(desk, text.replace(old, new))


def test_a_percentage_needs_an_analysis_set(desk: Desk) -> None:
    plain = TABLE.split("compare:")[0].replace("population: SAFFL", "population: all")
    with pytest.raises(SpecError, match="row 'any': {pct} needs an analysis set"):
        check(desk, plain)


def test_subjects_have_no_events_of_their_own(desk: Desk) -> None:
    plain = TABLE.split("  - id: t")[0].replace("from: ADAE\nwhere: \"AESER = 'Y'\"", "from: ADSL")
    with pytest.raises(SpecError, match="(?s)row 'any': the statistic 'events' does not exist.*n, pct"):
        check(desk, plain)


def test_a_summary_of_none_of_the_spans_is_refused(desk: Desk) -> None:
    text = """kind: table
population: SAFFL
columns: {by: ADSL.TRT01A, spans: {Age: AGE}}
rows: [{id: w, summarise: WEIGHT, cells: {n: "{n}"}}]"""
    with pytest.raises(SpecError, match="row 'w' summarises none of the columns' spans"):
        check(desk, text)


def test_a_number_stands_for_one_output(desk: Desk) -> None:
    first, second = desk.spec(TABLE), desk.spec(LISTING)
    with pytest.raises(SpecError, match="(?s)14.1.1 is also the number of 'x'.*line 2"):
        check_outputs({"x": first, "y": second}, desk.study, SCHEMAS)


def test_a_bare_name_may_be_a_variable_of_adsl(desk: Desk) -> None:
    check(desk, TABLE.replace("[AESOC, AEDECOD]", "[SEX, AEDECOD]"))
