"""Counts of subjects and events; every number is read off the six subjects in conftest.py."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tlfgen.errors import SpecError

Desk = Any

AE = """
kind: table
population: SAFFL
from: ADAE
columns: {by: ADSL.TRT01A, total: Total}
rows:
"""
ANY = AE + '  - {id: any, count: subjects, label: Any, cell: "{n} ({pct}) [{events}]"}\n'


def test_subjects_are_counted_once_and_events_as_records(desk: Desk) -> None:
    # A: subject 1 of 2, four records; B: subjects 3 and 4 of 3, three records; subject 6 is not in the set
    assert desk.results(ANY, "n", "events") == {
        "any.n[TRT01A=A]": 1, "any.events[TRT01A=A]": 4,
        "any.n[TRT01A=B]": 2, "any.events[TRT01A=B]": 3,
        "any.n[TRT01A=C]": 0, "any.events[TRT01A=C]": 0,
        "any.n[TRT01A=Total]": 3, "any.events[TRT01A=Total]": 7,
    }  # fmt: skip


def test_n_is_of_the_population_not_of_those_with_events(desk: Desk) -> None:
    assert desk.results(ANY, "N") == {
        "population.N[TRT01A=A]": 2, "population.N[TRT01A=B]": 3,
        "population.N[TRT01A=C]": 0, "population.N[TRT01A=Total]": 5,
    }  # fmt: skip
    assert desk.results(ANY, "pct")["any.pct[TRT01A=B]"] == pytest.approx(2 / 3, rel=1e-15)


def test_an_arm_without_subjects_is_there_and_has_no_proportion(desk: Desk) -> None:
    assert desk.results(ANY, "pct")["any.pct[TRT01A=C]"] is None
    assert desk.reasons(ANY) == {"any.pct[TRT01A=C]": "no subject in the denominator"}


def test_an_inner_level_does_not_sum_to_the_outer_one(desk: Desk) -> None:
    text = AE + '  - {id: t, count: subjects, by: [AESOC, AEDECOD], nested: true, cell: "{n}"}\n'
    found = desk.results(text, "n")
    # subject 1 has both nausea and vomiting: Gut counts it once
    assert found["t.n[TRT01A=A,AESOC=Gut]"] == 1
    assert found["t.n[TRT01A=A,AESOC=Gut,AEDECOD=Nausea]"] == 1
    assert found["t.n[TRT01A=A,AESOC=Gut,AEDECOD=Vomiting]"] == 1


def lines(found: dict[str, float | None], column: str) -> list[str]:
    inside = (name.split("[")[1].rstrip("]") for name in found)
    return [i.removeprefix(f"TRT01A={column},") for i in inside if i.startswith(f"TRT01A={column},")]


def test_lines_are_sorted_by_frequency_in_a_column_and_ties_by_the_characters_codes(desk: Desk) -> None:
    text = AE + (
        "  - {id: t, count: subjects, nested: true, "
        'by: [{name: AESOC, sort: {in: Total}}, {name: AEDECOD, sort: {in: Total}}], cell: "{n}"}\n'
    )
    # Skin: subjects 1, 3, 4; Gut: 1, 3. In Skin one subject each: capitals before small letters
    assert lines(desk.results(text, "n"), "Total") == [
        "AESOC=Skin", "AESOC=Skin,AEDECOD=Itch", "AESOC=Skin,AEDECOD=Rash", "AESOC=Skin,AEDECOD=rash",
        "AESOC=Gut", "AESOC=Gut,AEDECOD=Nausea", "AESOC=Gut,AEDECOD=Vomiting",
    ]  # fmt: skip
    # in column A Gut has 1 and Skin 1: a tie, so alphabetical
    assert lines(desk.results(text.replace("in: Total", "in: A"), "n"), "A")[0] == "AESOC=Gut"


def test_a_sort_by_a_column_that_is_not_there_names_the_columns(desk: Desk) -> None:
    row = '  - {id: t, count: subjects, by: {name: AESOC, sort: {in: Totl}}, cell: "{n}"}\n'
    with pytest.raises(SpecError, match="(?s)'Totl', which is not there.*Columns: A, B, C, Total"):
        desk.ard(AE + row)


def test_declared_levels_stand_even_when_empty_and_others_below_them(desk: Desk) -> None:
    row = '  - {id: t, count: subjects, by: {name: AESOC, levels: {Skin: Skin, Heart: Heart}}, cell: "{n}"}\n'
    found = desk.results(AE + row, "n")
    assert lines(found, "B") == ["AESOC=Skin", "AESOC=Heart", "AESOC=Gut"]
    assert [v for n, v in found.items() if "TRT01A=B" in n] == [2, 0, 1]


def test_declared_levels_stand_where_there_is_no_record_at_all(desk: Desk) -> None:
    row = '  - {id: t, count: subjects, by: {name: AESOC, levels: {Skin: Skin}}, cell: "{n}"}\n'
    found = desk.results(
        AE.replace("from: ADAE", "from: ADAE\nwhere: \"AESOC = 'None'\"") + row, "n", "records"
    )
    assert found["t.n[TRT01A=Total,AESOC=Skin]"] == 0
    assert found["population.records"] == 0


def test_records_without_a_level_are_counted_apart(desk: Desk) -> None:
    row = '  - {id: g, count: subjects, by: AETOXGR, cell: "{n}"}\n'
    # subjects 1 and 4 have an event without a grade each
    assert desk.results(AE + row, "missing") == {"g.missing": 2}
    labelled = desk.results(
        AE + row.replace("AETOXGR", "{name: AETOXGR, missing: Not graded}"), "n", "missing"
    )
    assert labelled["g.n[TRT01A=Total,AETOXGR=Not graded]"] == 2
    assert "g.missing" not in labelled


def test_a_label_of_the_missing_that_is_also_a_value_is_refused(desk: Desk) -> None:
    row = '  - {id: t, count: subjects, by: {name: AESOC, missing: Skin}, cell: "{n}"}\n'
    with pytest.raises(SpecError, match="missing: 'Skin' is also a value of AESOC"):
        desk.ard(AE + row)


def test_grades_are_ordered_as_numbers(desk: Desk) -> None:
    row = '  - {id: g, count: subjects, by: AETOXGR, cell: "{n}"}\n'
    assert lines(desk.results(AE + row, "n"), "B") == [f"AETOXGR={g}" for g in (1, 2, 3, 10)]


WORST = """
kind: table
population: SAFFL
from: ADAE
columns:
  of: AETOXGR
  worst: true
  levels: {"1": Grade 1, "2": Grade 2, "3": Grade 3, "10": Grade 10}
  missing: Not graded
  total: Any grade
  groups: {"3 or more": ["3", "10"]}
rows:
  - {id: any, count: subjects, cell: "{n} [{events}]"}
  - {id: t, count: subjects, by: AESOC, cell: "{n}"}
"""


def test_a_subject_counts_once_at_its_worst_grade_within_the_row(desk: Desk) -> None:
    found = desk.results(WORST, "n")
    any_row = {n.split("=")[1].rstrip("]"): v for n, v in found.items() if n.startswith("any.")}
    # worst over all events: subject 1 grade 3, subject 3 grade 10 (not "3" or "2" as texts), subject 4 none
    assert any_row == {
        "1": 0, "2": 0, "3": 1, "10": 1, "Not graded": 1, "Any grade": 3, "3 or more": 2,
    }  # fmt: skip
    # within Gut: subject 1 grade 3, subject 3 grade 2; within Skin: 1 and 4 none, 3 grade 10
    gut = {n.split("=")[1].split(",")[0]: v for n, v in found.items() if "AESOC=Gut" in n}
    assert gut == {"1": 0, "2": 1, "3": 1, "10": 0, "Not graded": 0, "Any grade": 2, "3 or more": 1}
    skin = {n.split("=")[1].split(",")[0]: v for n, v in found.items() if "AESOC=Skin" in n}
    assert skin == {"1": 0, "2": 0, "3": 0, "10": 1, "Not graded": 2, "Any grade": 3, "3 or more": 1}


def test_events_stand_at_their_own_grade(desk: Desk) -> None:
    found = desk.results(WORST, "events")
    assert found["any.events[AETOXGR=1]"] == 1
    assert found["any.events[AETOXGR=2]"] == 2
    assert found["any.events[AETOXGR=Any grade]"] == 7


def test_without_worst_a_subject_counts_at_each_of_its_grades(desk: Desk) -> None:
    found = desk.results(WORST.replace("  worst: true\n", ""), "n")
    # subject 1 has grades 1, 2 and 3; subject 3 grades 2 and 10
    assert [found[f"any.n[AETOXGR={g}]"] for g in (1, 2, 3, 10)] == [1, 2, 1, 1]


def test_the_worst_of_levels_that_are_no_numbers_is_the_last_declared(desk: Desk) -> None:
    severity = pl.Series("AESEV", ["MILD", "SEVERE", "MILD", None, "MODERATE", "MILD", None, "MILD"])
    desk.put("ADAE", desk.data["ADAE"].frame.with_columns(severity))
    text = WORST.replace("AETOXGR", "AESEV").replace('{"3 or more": ["3", "10"]}', "{}")
    levels = '{"1": Grade 1, "2": Grade 2, "3": Grade 3, "10": Grade 10}'
    found = desk.results(text.replace(levels, "{MILD: Mild, MODERATE: Moderate, SEVERE: Severe}"), "n")
    assert [found[f"any.n[AESEV={s}]"] for s in ("MILD", "MODERATE", "SEVERE", "Not graded")] == [0, 1, 1, 1]
    with pytest.raises(SpecError, match="(?s)worst AESEV cannot be told.*the worst last"):
        desk.ard(text.replace(f"  levels: {levels}\n", ""))


def test_a_row_takes_each_subject_at_the_record_that_is_worst(desk: Desk) -> None:
    grade = pl.col("AETOXGR").cast(pl.Int64).alias("ATOXGRN")
    desk.put("ADAE", desk.data["ADAE"].frame.with_columns(grade))
    row = '  - {id: w, count: subjects, by: {name: AETOXGR, worst: ATOXGRN, missing: "-"}, cell: "{n}"}\n'
    found = desk.results(AE + row, "n")
    assert {n.split("AETOXGR=")[1].rstrip("]"): v for n, v in found.items() if "Total" in n} == {
        "1": 0, "2": 0, "3": 1, "10": 1, "-": 1,
    }  # fmt: skip


def test_a_denominator_of_its_own_within_the_outer_levels(desk: Desk) -> None:
    row = (
        "  - {id: d, count: subjects, where: \"AESER = 'Y'\", by: [AESOC, AEDECOD], nested: true, "
        'denominator: "AETOXGR IS NOT NULL", cell: "{n} ({pct})"}\n'
    )
    ard = desk.ard(AE + row).filter(pl.col("statistic") == "pct")
    total = {r["level3"] or r["level2"]: r for r in ard.iter_rows(named=True) if r["level1"] == "Total"}
    # with a grade at all: subjects 1 and 3; within Gut: 1 and 3 too. Serious: subject 1
    assert (total["Gut"]["denominator"], total["Gut"]["stat_num"]) == (2, 0.5)
    assert (total["Nausea"]["denominator"], total["Nausea"]["stat_num"]) == (2, 0.5)


def test_a_count_holds_only_subjects_of_its_denominator(desk: Desk) -> None:
    row = '  - {id: d, count: subjects, denominator: "AESER = \'Y\'", cell: "{n} ({pct})"}\n'
    found = desk.results(AE + row, "n", "pct")
    assert found["d.pct[TRT01A=Total]"] == 1
    assert (
        found["d.n[TRT01A=Total]"]
        == desk.results(AE + row.replace("denominator", "where"), "n")["d.n[TRT01A=Total]"]
    )


def test_the_total_holds_subjects_of_no_arm_and_without_a_total_they_are_outside(desk: Desk) -> None:
    text = """
kind: table
population: SCRNFL
columns: {by: ADSL.TRT01A, total: All, groups: {A or B: [A, B]}}
rows: [{id: all, count: subjects, cell: "{n}"}]
"""
    assert desk.results(text, "n", "outside") == {
        "population.outside": 0, "all.n[TRT01A=A]": 2, "all.n[TRT01A=B]": 3, "all.n[TRT01A=C]": 0,
        "all.n[TRT01A=A or B]": 5, "all.n[TRT01A=All]": 6,
    }  # fmt: skip
    assert desk.results(text.replace("total: All, ", ""), "outside") == {"population.outside": 1}


def test_columns_stand_as_levels_groups_total_and_with_a_records_variable_the_total_first(desk: Desk) -> None:
    by = "columns: {by: ADSL.TRT01A, total: All, groups: {A or B: [A, B]}}"
    found = desk.results(ANY.replace("columns: {by: ADSL.TRT01A, total: Total}", by), "N")
    assert [n.split("=")[1] for n in found] == ["A]", "B]", "C]", "A or B]", "All]"]
    found = desk.results(WORST, "N")
    assert [n.split("=")[1] for n in found] == [
        "1]", "2]", "3]", "10]", "Not graded]", "Any grade]", "3 or more]",
    ]  # fmt: skip


def test_a_table_without_arms_has_one_column_and_plain_names(desk: Desk) -> None:
    text = """
kind: table
population: SAFFL
from: ADAE
columns: {total: All patients}
rows: [{id: any, count: subjects, cell: "{n} ({pct})"}]
"""
    found = desk.results(text, "n", "pct", "N")
    assert found == {"population.N": 5, "any.n": 3, "any.pct": 0.6}


def test_a_column_for_each_arm_and_grade_has_the_arms_n(desk: Desk) -> None:
    text = WORST.replace("  of: AETOXGR\n", "  by: ADSL.TRT01A\n  of: AETOXGR\n")
    found = desk.results(text.replace("[{events}]", "({pct})"), "n", "pct", "N")
    assert found["population.N[TRT01A=B,AETOXGR=10]"] == 3
    assert found["any.n[TRT01A=B,AETOXGR=10]"] == 1
    assert found["any.pct[TRT01A=A,AETOXGR=3]"] == 0.5


def test_a_dataset_without_subjects_counts_its_records(desk: Desk) -> None:
    desk.put("ISSUES", pl.DataFrame({"RULE": ["a", "b", "b"], "SEVERITY": ["error", "note", None]}))
    text = """
kind: table
population: all
from: ISSUES
columns: {of: SEVERITY, levels: {error: Error, note: Note}, total: Total}
rows: [{id: r, count: events, by: RULE, cell: "{events}"}]
"""
    found = desk.results(text, "events", "N")
    assert found["r.events[SEVERITY=note,RULE=b]"] == 1
    assert found["r.events[SEVERITY=Total,RULE=b]"] == 2
    assert found["population.N[SEVERITY=error]"] is None
    with pytest.raises(SpecError, match="row 'r' counts subjects, and ISSUES names none"):
        desk.ard(text.replace("count: events", "count: subjects"))
    with pytest.raises(SpecError, match="ISSUES has no USUBJID"):
        desk.ard(text.replace("population: all", "population: SAFFL"))


def test_columns_by_a_variable_that_is_not_a_subjects_are_refused(desk: Desk) -> None:
    with pytest.raises(SpecError, match="(?s)by names 'AESOC'.*line 8.*of: AESOC for a record's"):
        desk.ard(ANY.replace("ADSL.TRT01A", "AESOC"))


def test_a_misspelt_variable_is_named_with_the_nearest(desk: Desk) -> None:
    row = '  - {id: t, count: subjects, by: AEDECODE, cell: "{n}"}\n'
    with pytest.raises(SpecError, match="(?s)ADAE has no variable 'AEDECODE'.*'AEDECOD'"):
        desk.ard(AE + row)
    with pytest.raises(SpecError, match="(?s)ADSL has no variable 'TRT01'.*'TRT01A'"):
        desk.ard(ANY.replace("ADSL.TRT01A", "ADSL.TRT01"))


def test_a_subject_that_stands_twice_in_adsl_stops_the_count(desk: Desk) -> None:
    adsl = desk.data["ADSL"].frame
    desk.put("ADSL", pl.concat([adsl, adsl.head(1)]))
    with pytest.raises(Exception, match="ADSL holds a subject twice"):
        desk.ard(ANY)


def test_every_count_comes_back_by_asking_its_condition_again(desk: Desk) -> None:
    frame = desk.data["ADAE"].frame.with_columns(
        pl.col("AESOC").replace("Gut", "Gut's, or [not]"), pl.Series("AESPID", [1.0, 1, 2, 2, 3, 3, 4, 4])
    )
    desk.put("ADAE", frame)
    text = AE.replace("from: ADAE", "from: ADAE\nwhere: \"AESER = 'N' OR AESER = 'Y'\"") + (
        "  - {id: t, count: subjects, by: [AESOC, {name: AESPID, missing: none}], nested: true, "
        'cell: "{n}"}\n'
    )
    ard = desk.ard(text)
    asked = 0
    for row in ard.filter(pl.col("statistic").is_in(["n", "events"])).iter_rows(named=True):
        if row["analysis"] != "x.t":
            continue
        again = (
            "kind: table\npopulation: SAFFL\nfrom: ADAE\ncolumns: {total: T}\n"
            f'where: "{row["where"]}"\nrows: [{{id: a, count: subjects, cell: "{{n}}"}}]\n'
        )
        assert desk.results(again, row["statistic"])[f"a.{row['statistic']}"] == row["stat_num"], row["where"]
        asked += 1
    assert asked > 30
