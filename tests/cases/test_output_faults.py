"""Nothing leaves a table, a listing or a figure unseen: outputs of every kind over changed data."""

from __future__ import annotations

import pytest
from cases.conftest import Case, MakeCase

from tlfgen.errors import SpecError

EVENTS = "output: t\nnumber: 14.9.1\nkind: table\ntitle: T\npopulation: SAFFL\nfrom: ADAE\n"
ARMS = "columns: {by: ADSL.TRT01A, total: Total}\n"
ANY = "rows:\n  - {id: a, count: subjects, label: Any event, cell: '{n} ({pct})'}\n"
TERMS = "rows:\n  - {id: a, count: subjects, by: AEDECOD, label: Terms, cell: '{n} ({pct})'%s}\n"


def with_output(case: MakeCase, text: str) -> Case:
    return case("base").write("outputs/t.yaml", text)


def line_of(text: str, label: str) -> str:
    return next(line for line in text.splitlines() if line.strip().startswith(label))


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ("{by: ADSL.TRT01A, total: Arm B}", "two columns are called 'Arm B'"),
        ("{by: ADSL.TRT01A, groups: {Total: [Arm A]}, total: Total}", "two columns are called 'Total'"),
        ("{of: AESEV, total: MILD}", "two columns are called 'MILD'"),
        ("{of: AESEV, groups: {MILD: [MODERATE, SEVERE]}}", "two columns are called 'MILD'"),
        ("{of: AESEV, missing: SEVERE}", "two columns are called 'SEVERE'"),
        ("{by: ADSL.SEX, levels: {F: All, M: Men}, total: All}", "two columns are called 'All'"),
        ("{by: ADSL.SEX, levels: {F: X, M: X}}", "levels has the label 'X' twice"),
        ("{sets: {ENRLFL: X, SAFFL: X}}", "sets has the label 'X' twice"),
        ("{by: ADSL.TRT01A, groups: {Both: []}}", "the group 'Both' has no value"),
    ],
)
def test_no_column_stands_for_another(case: MakeCase, columns: str, says: str) -> None:
    """A total called as an arm took its column: "Arm B (N=8)" with the events of both arms."""
    made = with_output(case, f"{EVENTS}columns: {columns}\n{ANY}")
    with pytest.raises(SpecError, match=says):
        made.check()


def test_a_level_of_the_data_does_not_take_the_total(case: MakeCase) -> None:
    """What only the data know: a term that is called as the total."""
    made = with_output(case, f"{EVENTS}columns: {{of: AEDECOD, total: Nausea}}\n{ANY}")
    with pytest.raises(SpecError, match="two columns are called 'Nausea'"):
        made.results("t")


def test_two_results_of_one_name_are_an_error(case: MakeCase) -> None:
    """Two marks of one label: one number would stand for both in the legend."""
    mark = "{label: Death, where: 'DTHDT IS NOT NULL', date: DTHDT, marker: %s}"
    made = with_output(
        case,
        "output: t\nnumber: 14.9.F1\nkind: figure\nshape: swimmer\ntitle: T\npopulation: SAFFL\n"
        "start: TRTSDT\n"
        f"end: TRTEDT\nunit: days\nx_label: d\nalt: x\nmarks: [{mark % 'cross'}, {mark % 'star'}]\n",
    )
    with pytest.raises(SpecError, match=r"Two results are called 't.marks.n\[MARK=Death\]'"):
        made.results("t")


def test_levels_below_the_least_are_not_none(case: MakeCase) -> None:
    """Headache has 3 of 8, and no term 90%: the line "Terms" had 0 in every column."""
    shown = with_output(case, EVENTS + ARMS + TERMS % ", at_least: 90").shown("t")
    assert line_of(shown, "Terms").split() == ["Terms"]
    assert "Terms: no row has at least 90% of the subjects in some column." in shown


def test_records_without_a_level_are_not_none(case: MakeCase) -> None:
    """All six severities blank: not 0 subjects, but six records that are not shown."""
    made = with_output(case, EVENTS + ARMS + (TERMS % "").replace("AEDECOD", "AESEV"))
    for severity in ("Mild", "Moderate", "Severe"):
        made.replace("raw/ae.csv", f",{severity},", ",,")
    shown = made.shown("t")
    assert line_of(shown, "Terms").split() == ["Terms"]
    assert "Terms: 6 records without a value are not shown." in shown


@pytest.mark.parametrize(
    ("key", "by"), [("at_least: 30", "AEDECOD"), ("worst: ASTDY", "{name: AEDECOD, worst: ASTDY}")]
)
def test_what_is_of_subjects_is_refused_of_events(case: MakeCase, key: str, by: str) -> None:
    """`at_least` left every line of a count of events out, `worst` was not looked at."""
    rows = TERMS.replace("count: subjects", "count: events").replace("{n} ({pct})", "{events}")
    with pytest.raises(SpecError, match=f"row 'a' counts no subjects; {key.split(':')[0]}"):
        rows = rows.replace("by: AEDECOD", f"by: {by}")
        with_output(case, EVENTS + ARMS + rows % (f", {key}" if by == "AEDECOD" else "")).check()


def test_events_below_a_subjects_worst_are_not_hidden(case: MakeCase) -> None:
    """1-01 had a mild headache and a moderate nausea: it counts as moderate, and the headache is an event
    of nobody. The cell was 0."""
    columns = "{of: AESEV, worst: true, levels: {MILD: a, MODERATE: b, SEVERE: c, LIFE THREATENING: d}}"
    where = "where: \"USUBJID = 'BASE-1-01'\""
    rows = (
        f"rows:\n  - {{id: a, count: subjects, {where}, label: One, cell: '{{n}} ({{pct}}) [{{events}}]'}}\n"
    )
    shown = with_output(case, f"{EVENTS}columns: {columns}\n{rows}").shown("t")
    assert line_of(shown, "One").split() == ["One", "0", "(0)", "[1]", "1", "(12.5)", "[1]", "0", "0"]


def test_a_subject_left_out_of_n_for_want_of_a_value_is_told(case: MakeCase) -> None:
    """2-07, 58 years old and without an event: without its age the N of Arm B is 2 and not 3, and no record
    said so. Ages over 55: 61, 57, 66 in Arm A; 70, 63 in Arm B."""
    made = with_output(case, f'{EVENTS}where: "ADSL.AGE > 55"\n{ARMS}{ANY}')
    shown = made.replace("raw/dm.csv", "2-07,Male,58", "2-07,Male,").shown("t")
    assert line_of(shown, "(N=").split() == ["(N=3)", "(N=2)", "(N=5)"]
    assert "1 subject has no AGE and could not be judged: not in N." in shown


def test_a_subject_that_another_part_rules_out_is_judged(case: MakeCase) -> None:
    """2-07 is a man: of women over 55 its age decides nothing."""
    made = with_output(case, f"{EVENTS}where: \"ADSL.AGE > 55 AND ADSL.SEX = 'F'\"\n{ARMS}{ANY}")
    assert "judged" not in made.replace("raw/dm.csv", "2-07,Male,58", "2-07,Male,").shown("t")


FIGURE = "output: t\nnumber: 14.9.F1\nkind: figure\ntitle: T\npopulation: SAFFL\nalt: x\nx_label: X\n"


def test_a_spider_counts_the_values_that_it_cannot_draw(case: MakeCase) -> None:
    """2-05 has its value of Week 4 at no date, 2-06 after the cut-off of 2024-12-31; both were gone."""
    spec = "shape: spider\nfrom: ADVS\nwhere: \"PARAMCD = 'SYSBP'\"\ny: AVAL\ndate: ADT\nstart: ADSL.TRTSDT\n"
    made = with_output(case, f"{FIGURE}{spec}unit: weeks\ny_label: Y\n")
    made.replace("raw/vs.csv", "2-05,Week 4,2024-04-17", "2-05,Week 4,")
    shown = made.replace("raw/vs.csv", "2-06,Week 4,2024-04-17", "2-06,Week 4,2025-04-17").shown("t")
    assert "1 value without a full date is not drawn." in shown
    assert "1 value after the data cut-off is not drawn." in shown
    assert "before the start" not in shown


def test_means_over_time_count_the_records_without_a_time(case: MakeCase) -> None:
    """Week 9 is no visit: the table of the same numbers says that a record is not shown."""
    spec = "shape: mean_over_time\nfrom: ADVS\nwhere: \"PARAMCD = 'SYSBP'\"\ncolumns: {by: ADSL.TRT01A}\n"
    made = with_output(case, f"{FIGURE}{spec}y: AVAL\nx: AVISIT\nx_value: AVISITN\nlimits: se\ny_label: Y\n")
    shown = made.replace("raw/vs.csv", "1-01,Week 2", "1-01,Week 9").shown("t")
    assert "1 record without AVISIT is not shown." in shown


@pytest.mark.parametrize(("do", "ratio"), [("proportion", "odds_ratio"), ("kaplan_meier", "cox")])
def test_a_forest_counts_the_subjects_without_a_group(case: MakeCase, do: str, ratio: str) -> None:
    """1-01 has no arm: 3 and 4 subjects of the 8 are compared."""
    spec = (
        "shape: forest\nfrom: ADTTE\ncolumns: {by: ADSL.TRT01A, levels: {Arm A: A, Arm B: B}}\n"
        f"do: {do}\nevent: 'CNSR = 0'\ncompare: [{{id: x, do: {ratio}, each: A, against: B}}]\n"
        "overall: All\n"
    )
    rest = "subgroups: [{by: ADSL.SEX, label: Sex, levels: {F: F, M: M}}]\ncounts: n\nlabel: R\n"
    made = with_output(case, FIGURE + spec + rest).replace(
        "raw/dm.csv", "1-01,Female,61,A", "1-01,Female,61,"
    )
    shown = made.shown("t")
    assert line_of(shown, "All").split()[1:3] == ["1/3", "2/4"]
    assert "1 subject without a group is left out." in shown


def test_an_output_that_no_section_takes_is_a_finding(case: MakeCase) -> None:
    """The base's sections take 14.* and 16.2.*; an output of another number was in no report."""
    made = with_output(case, EVENTS.replace("14.9.1", "15.1") + ARMS + ANY)
    (found,) = [f for f in made.check() if f.rule == "in no section"]
    assert (found.severity, found.dataset, found.row) == ("warning", "t", 2)
    assert "table 15.1 (T)" in found.message


def test_a_count_at_the_worst_is_recorded_as_one(case: MakeCase) -> None:
    """Its condition brings back every record of a grade: the method says that not each is counted."""
    columns = "{of: AESEV, worst: true, levels: {MILD: a, MODERATE: b, SEVERE: c, LIFE THREATENING: d}}"
    found = with_output(case, f"{EVENTS}columns: {columns}\n{ANY}").results("t").filter(statistic="n")
    assert set(found["method"]) == {"count, worst"}
