"""Nothing leaves a table unseen: the cases of tables and listings, with their right results."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases.conftest import Case, MakeCase

from tlfgen.analysis.table import groups_of
from tlfgen.audit.record import write_cells
from tlfgen.display.lay_out import lay_out
from tlfgen.errors import SpecError
from tlfgen.spec.shell import OutputShell
from tlfgen.spec.theme import NumberRules


def line_of(text: str, label: str) -> str:
    """The line of a table that begins with a label."""
    return next(line for line in text.splitlines() if line.strip().startswith(label))


def test_a_format_of_another_language_is_refused(case: MakeCase) -> None:
    """Case 25: an error with the place, for xx.x and for {mean:.3f}."""
    unread = case("25-unread-format")
    with pytest.raises(SpecError, match=r"would print 'xx.x' as it stands[\s\S]*demography.yaml, line 8"):
        unread.check()
    unread.replace("outputs/demography.yaml", "xx.x", "{mean}")
    with pytest.raises(SpecError, match=r"has ':.3f' behind mean[\s\S]*demography.yaml, line 8"):
        unread.check()
    unread.replace("outputs/demography.yaml", "{mean:.3f}", "{mean}")
    unread.check()


@pytest.mark.parametrize("form", ["{mean!r}", "{}", "{{mean}}", "##.# ({sd})", "%.1f", "x ({sd})"])
def test_every_part_of_a_format_is_read_or_refused(case: MakeCase, form: str) -> None:
    """Case 25, the kind: everything between braces is understood or refused."""
    made = case("base").replace("outputs/demography.yaml", "{mean} ({sd})", form)
    with pytest.raises(SpecError, match="demography.yaml, line 8"):
        made.check()


def test_a_listings_format_is_read_or_refused(case: MakeCase) -> None:
    made = case("base").replace("outputs/ae-listing.yaml", "name: AETERM", 'cell: "{AETERM:20}"')
    with pytest.raises(SpecError, match=r"has ':20' behind AETERM[\s\S]*ae-listing.yaml"):
        made.check()


def test_a_footnote_with_the_word_percentage_removes_nothing(case: MakeCase) -> None:
    """Case 37: "Percentages are of the N in the column header." stands below the user's own."""
    made = case("37-words-of-a-footnote")
    shown = made.shown("deaths").splitlines()
    own = shown.index("Deaths after the cut-off are not counted in any percentage.")
    assert shown[own + 1] == "Percentages are of the N in the column header."
    made.replace("outputs/deaths.yaml", "footnotes:", "denominator_footnote: none\nfootnotes:")
    assert "column header" not in made.shown("deaths")


def test_a_rows_denominator_is_said_whatever_its_label(case: MakeCase) -> None:
    """Case 37, the kind: a label with "% of" took the row's sentence away."""
    row = '{id: died, count: subjects, where: "DTHDT IS NOT NULL", label: Died'
    made = case("base").replace(
        "outputs/deaths.yaml",
        row,
        row.replace("Died", '"Died, n (% of women)"') + ", denominator: \"SEX = 'F'\"",
    )
    assert "percentages are of the subjects with SEX = 'F'." in made.shown("deaths")


def test_no_p_value_where_nothing_happened(case: MakeCase) -> None:
    """Case 38: blank where both arms have 0; Fisher's P of 3/4 and 2/4 is 1, and stays."""
    made = case("38-p-value-without-events")
    shown = made.shown("ae-by-term")
    assert line_of(shown, "Life threatening").split() == ["Life", "threatening", "0", "0", "0"]
    assert ">0.999" in line_of(shown, "Any event")
    assert "Blank P value: no subject with a record on either side." in shown
    found = made.results("ae-by-term")
    (row,) = found.filter(
        (found["analysis"] == "ae-by-term.fatal") & (found["statistic"] == "p_value")
    ).to_dicts()
    assert (row["stat_num"], row["reason"]) == (None, "nothing on either side")


def test_the_subtitle_names_the_sets_of_the_columns(case: MakeCase) -> None:
    """Case 36: the only column is the safety set, so is the subtitle and the source."""
    shown = case("36-subtitle-of-sets").shown("deaths").splitlines()
    assert shown[1] == "Safety set"
    assert shown[-1] == "Source: ADSL, SAFFL = 'Y'"
    assert "Enrolled" not in "\n".join(shown)


def test_numbers_with_letters_are_taken_and_sorted(case: MakeCase) -> None:
    """Case 65: 14.3.2.1a is accepted and stands behind 14.3.2.1."""
    from tlfgen.checks import check_specs, place_outputs

    made = case("65-output-number-with-letter").replace("outputs/exposure.yaml", "14.1.3.1", "14.3.2.1")
    made.replace("outputs/vital-signs.yaml", "14.3.6.1", "14-3.06")
    specs = made.study.specs
    check_specs(specs)
    ids = next(ids for section, ids in place_outputs(specs) if section.number == "14")
    assert ids[ids.index("deaths") - 1] == "exposure"
    assert ids[-1] == "vital-signs"


def test_numbers_sort_by_their_parts() -> None:
    wanted = [
        "14.2.1",
        "14.2.1.2.1",
        "14.2.1a",
        "14.2.2",
        "14-2.03",
        "14.2.10",
        "14.2.F1",
        "14.2.F2",
        "14.4.01a",
    ]
    outputs = [OutputShell(output="x", number=n, title="T", population="all") for n in reversed(wanted)]
    assert [o.number for o in sorted(outputs, key=lambda o: o.place_in_order)] == wanted
    with pytest.raises(ValueError, match="14.3.1.2a"):
        OutputShell(output="x", number="../14", title="T", population="all")


def test_a_listing_leaves_a_line_for_each_cell(case: MakeCase, tmp_path: Path) -> None:
    """Case 47: a line for each printed cell, with the record and variable behind it."""
    made = case("base")
    specs = made.study.specs
    output = specs.outputs["ae-listing"]
    part = lay_out(output, made.results("ae-listing"), made.data, specs.study, NumberRules())
    write_cells(part, tmp_path / "cells.csv")
    lines = (tmp_path / "cells.csv").read_text("utf-8").splitlines()
    printed = sum(bool(text) for row in part.rows for text in row)  # type: ignore[union-attr]
    assert len(lines) == 1 + printed
    assert lines[2] == "1,Term,2,Headache,ADAE[row=1].AETERM,"


def test_the_n_of_a_header_stands_among_the_cells(case: MakeCase, tmp_path: Path) -> None:
    """Case 47 and case 12: header Ns stand in the cells file with their result."""
    made = case("base")
    specs = made.study.specs
    part = lay_out(specs.outputs["deaths"], made.results("deaths"), made.data, specs.study, NumberRules())
    write_cells(part, tmp_path / "cells.csv")
    lines = (tmp_path / "cells.csv").read_text("utf-8").splitlines()
    assert lines[1:4] == [
        "0,Arm A,1,(N=4),deaths.population.N[TRT01A=Arm A],",
        "0,Arm B,2,(N=4),deaths.population.N[TRT01A=Arm B],",
        "0,Total,3,(N=8),deaths.population.N[TRT01A=Total],",
    ]


def with_severity_named(made: Case) -> Case:
    """Let the condition name the severity: the check leaves its levels to the spec, the table counts them."""
    return made.replace("outputs/ae-by-severity.yaml", "AND TRT01A", "AND AESEV IS NOT NULL AND TRT01A")


def test_a_level_without_a_column_is_an_error_where_the_codelist_knows_it(case: MakeCase) -> None:
    """Case 03: the codelist AESEV has a fourth value, and no column for it."""
    made = case("03-column-level-not-listed")
    with pytest.raises(
        SpecError, match=r"AESEV can also be LIFE THREATENING[\s\S]*ae-by-severity.yaml, line 8"
    ):
        made.check()
    made.replace("outputs/ae-by-severity.yaml", "SEVERE: Severe", "SEVER: Severe")
    with pytest.raises(
        SpecError, match=r"AESEV: the value 'SEVER' does not exist[\s\S]*Did you mean 'SEVERE'"
    ):
        made.check()


@pytest.mark.parametrize(
    ("output", "old", "new", "says"),
    [
        ("deaths", "total: Total", "levels: {Arm A: A}, total: Total", "TRT01A can also be Arm B"),
        ("deaths", "total: Total", "total: Total, groups: {Both: [Arm A, Arm C]}", "the value 'Arm C'"),
        (
            "lab-shift",
            "{by: ADSL.TRT01A, total: Total}",
            "{of: ANRIND, levels: {NORMAL: N}}",
            "ANRIND can also be",
        ),
        ("demography", "F: Female", "W: Female", "SEX: the value 'W'"),
    ],
)
def test_arms_groups_shifts_and_rows_are_checked_too(
    case: MakeCase, output: str, old: str, new: str, says: str
) -> None:
    """Case 03, the kind: columns, groups of columns, shifts, arms in `levels`; a mistyped key of a row."""
    made = case("base").replace(f"outputs/{output}.yaml", old, new)
    with pytest.raises(SpecError, match=says):
        made.check()


def test_a_level_without_a_column_counts_nobody_lower_and_is_counted(case: MakeCase) -> None:
    """Case 03: the worst event of 1-01 is life threatening: not Mild, and a footnote counts its record."""
    shown = with_severity_named(case("03-column-level-not-listed")).shown("ae-by-severity")
    assert line_of(shown, "Any event").split()[2:] == ["1", "(25.0)", "0", "1", "(25.0)", "3", "(75.0)"]
    assert "(N=4)" in shown  # the condition is of Arm A, and so is the N
    assert "1 record of AESEV LIFE THREATENING stands only under Any." in shown


def test_a_level_without_a_column_is_said_without_a_total(case: MakeCase) -> None:
    """Case 03, the kind: a shift with groups, HIGH 4 times (1-02, 2-06 at Week 2, 1-03, 2-06 at Week 4);
    and columns over values that only data tell."""
    made = case("base").replace(
        "outputs/lab-shift.yaml", "PARAMCD = 'ALT'", "PARAMCD = 'ALT' AND ANRIND IS NOT NULL"
    )
    columns = "columns: {by: ADSL.TRT01A, total: Total}"
    shift = "columns: {of: ANRIND, levels: {NORMAL: Normal}, groups: {Not high: [NORMAL]}}"
    made.replace("outputs/lab-shift.yaml", columns, shift)
    assert "4 records of ANRIND HIGH are in none of the columns." in made.shown("lab-shift")
    made.replace(
        "outputs/deaths.yaml", columns, 'columns: {by: ADSL.SUBJID, levels: {"01": First}, total: Total}'
    )
    assert "7 subjects of SUBJID 02, 03, 04, 05, 06, 07, 08 stand only under Total." in made.shown("deaths")


def test_a_filter_that_meets_a_null_says_how_many_it_could_not_judge(case: MakeCase) -> None:
    """Case 04: the table says how many events have an unknown seriousness."""
    shown = case("04-seriousness-unreadable").shown("ae-by-term")
    assert "Serious: 1 record has no AESER and could not be judged." in shown
    assert "could not be judged" not in case("base").shown("ae-by-term")


def test_the_filter_of_an_output_says_so_too(case: MakeCase) -> None:
    """Case 04, the kind: the condition of a table, of a listing and of a figure."""
    made = case("04-seriousness-unreadable")
    made.replace("outputs/ae-by-term.yaml", "where: \"TRTEMFL = 'Y'\"", "where: \"AESER = 'N'\"")
    assert "1 record has no AESER and could not be judged: not in this table." in made.shown("ae-by-term")
    made.replace("outputs/ae-listing.yaml", "order:", "where: \"AESER = 'Y'\"\norder:")
    assert "1 record has no AESER and could not be judged: not in this listing." in made.shown("ae-listing")


def test_a_record_of_nobody_is_seen(case: MakeCase) -> None:
    """Case 07: the listing shows it apart, and the table says that it is not in it."""
    made = case("07-subject-not-enrolled")
    listing = made.shown("ae-listing")
    records = [line for line in listing.splitlines() if line.startswith("BASE-")]
    assert len(records) == len(made.rows("ADAE"))
    assert records[-1].split()[:2] == ["BASE-2-50", "Pneumonia"]
    assert "1 record of 1 subject without a record in ADSL stands last." in listing
    assert "1 record of 1 subject without a record in ADSL is not in this table." in made.shown("ae-by-term")


def test_the_numerator_lies_within_its_denominator(case: MakeCase) -> None:
    """Case 11: Week 2, Arm A: Normal 2 (66.7), High 1 (33.3) of 3; Total: 6 (85.7), 1 (14.3) of 7."""
    lines = case("11-numerator-outside-denominator").shown("lab-shift").splitlines()
    week2 = next(i for i, line in enumerate(lines) if line.startswith("Week 2"))
    normal, high = (lines[week2 + i].split() for i in (1, 2))
    assert (normal[:3], normal[-2:]) == (["Normal", "2", "(66.7)"], ["6", "(85.7)"])
    assert (high[:3], high[-2:]) == (["High", "1", "(33.3)"], ["1", "(14.3)"])


def test_a_subject_without_an_arm_is_said(case: MakeCase) -> None:
    """Case 23: 1 subject without an arm stands only under Total, on each table of the arms."""
    made = case("23-arm-misspelt")
    for output in ("deaths", "demography", "ae-by-term", "os-km"):
        assert "1 subject without an arm stands only under Total." in made.shown(output)


def test_a_set_that_is_not_within_the_population_is_whole_and_said(case: MakeCase) -> None:
    """Case 91: 2-08 is treated and not randomised; the table is built with it said."""
    made = case("91-set-not-within-set")
    shown = made.shown("deaths")
    assert "Safety set  Randomised set" in shown and "(N=8)       (N=7)" in shown
    assert "1 subject of the safety set is not in the randomised set." in shown
    found = made.results("deaths")
    (row,) = found.filter(found["statistic"] == "not_within").to_dicts()
    assert row["where"] == "USUBJID IN ('BASE-2-08')"
    told = [f for f in made.check() if f.rule == "set not within"]
    assert [(f.severity, f.subject, f.message) for f in told] == [
        ("warning", "BASE-2-08", "is in SAFFL and not in RANDFL, the population of output deaths")
    ]


def test_a_column_that_names_a_part_has_the_n_of_the_part(case: MakeCase) -> None:
    """Case 12: a label that the safety set's N does not fit is an error; patients who died are N=3."""
    made = case("12-subset-column-n")
    with pytest.raises(
        SpecError, match=r"'Patients who died' would have the N of SAFFL[\s\S]*line 8[\s\S]*n: records"
    ):
        made.check()
    made.replace("outputs/death-times.yaml", "Patients who died}", "Patients who died, n: records}")
    shown = made.shown("death-times")
    assert "Patients who died" in shown and "(N=3)" in shown
    assert line_of(shown, "Days to death") and line_of(shown, "n").split() == ["n", "3"]


def test_a_condition_on_subjects_narrows_the_n(case: MakeCase) -> None:
    """Case 12, the kind: a condition on the sex gives headers the N of the men, arm by arm."""
    made = case("base")
    men = {arm: made.data["ADSL"].frame.to_dicts() for arm in ("Arm A", "Arm B")}
    of = {a: sum(r["SEX"] == "M" and r["TRT01A"] == a for r in rows) for a, rows in men.items()}
    made.replace(
        "outputs/ae-by-term.yaml", "where: \"TRTEMFL = 'Y'\"", "where: \"TRTEMFL = 'Y' AND ADSL.SEX = 'M'\""
    )
    shown = made.shown("ae-by-term")
    assert f"(N={of['Arm A']})" in shown and f"(N={sum(of.values())})" in shown and sum(of.values()) < 8
    assert "N: the subjects of the safety set with ADSL.SEX = 'M'." in shown
    row = made.results("ae-by-term").to_dicts()[0]
    assert (row["stat_num"], row["where"]) == (of["Arm A"], "ADSL.SEX = 'M' AND ADSL.TRT01A = 'Arm A'")


def test_the_n_may_be_that_of_the_subjects_with_a_record(case: MakeCase) -> None:
    made = case("base").replace("outputs/ae-by-term.yaml", "total: Total}", "total: Total, n: records}")
    shown = made.shown("ae-by-term")
    assert "(N=3)" in shown and "(N=2)" in shown and "(N=5)" in shown  # emergent events 3 / 2 / 5
    assert "N: the subjects of the safety set with a record." in shown
    assert "3 (100.0) [4]" in line_of(shown, "Any event")


def test_a_test_within_an_analysis_is_blank_where_nothing_happened(case: MakeCase) -> None:
    """Case 38, the kind: Fisher's P of a logistic regression without a single response."""
    row = """rows:
  - id: m
    do: logistic
    response: "DTHDT < DATE '2000-01-01'"
    coded: "SEX = 'M'"
    label: Male
    cells: {P: "{p_fisher}"}"""
    made = case("base").replace("outputs/deaths.yaml", "rows:", row)
    assert line_of(made.shown("deaths"), "P").strip() == "P"
    assert "Blank P value: no subject with a record" in made.shown("deaths")


def test_a_level_without_its_number_is_not_counted_lower(case: MakeCase) -> None:
    """Case 03, the kind: the numeric twin knows three of four severities; 1-01 is not Mild."""
    made = case("03-column-level-not-listed")
    twin = """  - name: AESEVN
    derive: number_of
    of: AESEV
    levels: {MILD: 1, MODERATE: 2, SEVERE: 3}
    label: Severity (N)
    type: integer
"""
    made.replace("adam/adae.yaml", "  - {name: RELFL", twin + "  - {name: RELFL")
    shown = with_severity_named(made).shown("ae-by-severity")
    assert line_of(shown, "Any event").split()[2:] == ["1", "(25.0)", "0", "1", "(25.0)", "3", "(75.0)"]


def test_a_shift_by_visit_has_five_groups(case: MakeCase) -> None:
    """ALT of raw/lb.csv, limit 40: above it is grade 1, above 120 grade 2. At baseline nobody is
    above 40; at week 2 1-02 has 60 and 2-06 130; at week 4 1-03 has 90 and 2-06 70. Four patients an arm."""
    made = case("81-shift-by-visit")
    found = {
        (*(level for _, level in groups_of(row)),): row["stat_num"]
        for row in made.results("lab-shift").iter_rows(named=True)
        if row["statistic"] == "n" and row["stat_num"]
    }
    alt = "Alanine aminotransferase (U/L)"
    inner = {levels: n for levels, n in found.items() if len(levels) == 5}
    assert inner == {
        ("Arm A", "0", alt, "Baseline", "0"): 4, ("Arm B", "0", alt, "Baseline", "0"): 4,
        ("Arm A", "0", alt, "Week 2", "0"): 3, ("Arm A", "1", alt, "Week 2", "0"): 1,
        ("Arm B", "0", alt, "Week 2", "0"): 3, ("Arm B", "2", alt, "Week 2", "0"): 1,
        ("Arm A", "0", alt, "Week 4", "0"): 3, ("Arm A", "1", alt, "Week 4", "0"): 1,
        ("Arm B", "0", alt, "Week 4", "0"): 3, ("Arm B", "1", alt, "Week 4", "0"): 1,
    }  # fmt: skip
    text = made.shown("lab-shift")
    assert line_of(text, "Week 4").split()[2:] == ["3", "(75.0)", "1", "(25.0)", "0", "0", "0"] * 2


def test_classes_by_the_alphabet_and_terms_by_frequency(case: MakeCase) -> None:
    """raw/ae.csv by hand: Lymphopenia of 2-07 and 2-08, Anaemia of 2-07; Headache of 3, Dizziness of 1."""
    own = case("82-sort-by-level").shown("ae-by-term")
    block = own[own.index("By class and term") :].splitlines()[1:]
    labels = [line.split("  ")[1] or "- " + line.strip().split("  ")[0] for line in block if line[:2] == "  "]
    assert labels == [
        "Blood and lymphatic system disorders", "- Lymphopenia", "- Anaemia",
        "Gastrointestinal disorders", "- Nausea",
        "Infections and infestations", "- Pneumonia",
        "Nervous system disorders", "- Headache", "- Dizziness",
    ]  # fmt: skip


def test_subjects_without_a_record_are_missing_too(case: MakeCase) -> None:
    """Weight at week 4: 1-02 has no record of it, 2-05 a record without a weight, 2-08 neither vital sign of
    that visit; with a value are 3 of 4, 2 of 4 and 5 of 8. Nobody lacks a weight at baseline."""
    made = case("base")
    made.replace("raw/vs.csv", "1-02,Week 4,2024-04-17,128,83,81.0\n", "")
    made.replace("raw/vs.csv", "142,97,70.0", "142,97,")
    made.replace("raw/vs.csv", "2-08,Week 4,2024-04-17,129,84,63.5\n", "")
    made.replace("outputs/vital-signs.yaml", 'n: "{n}"', 'n: "{n}", Missing: "{n_missing} ({missing_pct})"')
    made.replace("outputs/vital-signs.yaml", "from: ADVS", "from: ADVS\nwhere: \"PARAMCD = 'WEIGHT'\"")
    made.replace("outputs/vital-signs.yaml", "[PARAM, AVISIT]", "AVISIT")
    shown = made.shown("vital-signs")
    week_4 = shown[shown.index("Week 4") :]
    assert line_of(week_4, "n ").split() == ["n", "3", "2", "5"]
    assert line_of(week_4, "Missing").split() == ["Missing", "1", "(25.0)", "2", "(50.0)", "3", "(37.5)"]
    assert line_of(shown, "Missing").split() == ["Missing", "0", "0", "0"]
    assert "Percentages are of the N in the column header." in shown
    made.replace("outputs/vital-signs.yaml", "population: SAFFL", "population: all")
    with pytest.raises(SpecError, match="row 'vs': {n_missing} needs an analysis set to be of"):
        made.check()


BANDS = """output: bands
number: 14.3.6.2
kind: table
title: Systolic Pressure by Visit
population: SAFFL
from: ADVS
where: "PARAMCD = 'SYSBP'"
columns: {by: ADSL.TRT01A, total: Total}
rows:
  - id: band
    count: subjects
    by: [AVISIT, {name: BAND, levels: {Up to 140: Up to 140}, missing: No value, missing_of: subjects}]
    nested: true
    cell: "{n} ({pct})"
"""
BAND = """variables:
  - name: BAND
    label: Band
    cases: [{where: "AVAL <= 140", value: Up to 140}]
"""


def test_a_line_of_missing_counts_the_subjects_without_a_record_too(case: MakeCase) -> None:
    """Systolic pressure at week 4: 1-02 and 2-08 have no record, 2-05 has 142, without a band. With a
    record are 3 of 4, 3 of 4 and 6 of 8; without a band 1, 2 and 3. At baseline nobody is without one, and
    by sex, where the men are none of the women's, nobody at all."""
    made = case("base").write("outputs/bands.yaml", BANDS)
    made.replace("adam/advs.yaml", "variables:\n", BAND)
    made.replace("raw/vs.csv", "1-02,Week 4,2024-04-17,128,83,81.0\n", "")
    made.replace("raw/vs.csv", "2-08,Week 4,2024-04-17,129,84,63.5\n", "")
    shown = made.shown("bands")
    week_4 = shown[shown.index("Week 4") :]
    assert line_of(week_4, "Week 4").split()[2:] == ["3", "(75.0)", "3", "(75.0)", "6", "(75.0)"]
    assert line_of(week_4, "Up to 140").split()[3:] == ["3", "(75.0)", "2", "(50.0)", "5", "(62.5)"]
    assert line_of(week_4, "No value").split()[2:] == ["1", "(25.0)", "2", "(50.0)", "3", "(37.5)"]
    assert "No value" not in shown[: shown.index("Week 2")]
    made.replace("outputs/bands.yaml", "[AVISIT,", "[ADSL.SEX,")
    assert "No value" not in made.shown("bands")
    made.replace("outputs/bands.yaml", "[ADSL.SEX,", "[AVISIT,")
    made.replace("outputs/bands.yaml", ", missing_of: subjects", "")
    shown = made.shown("bands")
    assert line_of(shown[shown.index("Week 4") :], "No value").split()[2:] == [
        "0",
        "1",
        "(25.0)",
        "1",
        "(12.5)",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("missing: No value, ", "", "by BAND: missing_of needs missing, the label of its row"),
        ("subjects}]", "subjects, worst: AVAL}]", "by BAND: missing_of says nothing with worst"),
        (
            "count: subjects",
            "count: events",
            "row 'band': missing_of: subjects is of a row that counts subjects",
        ),
        ("SAFFL", "all", "row 'band': missing_of: subjects needs an analysis set"),
        ("    nested: true", "    denominator: all", "is of the columns' N, and the row has a denominator"),
        ("by: ADSL.TRT01A, total: Total", "of: AVISIT", "missing_of: subjects needs columns without of"),
        (
            "AVISIT, {",
            "{name: PARAM, missing: None, missing_of: subjects}, {",
            "is of the last variable of by",
        ),
    ],
)
def test_a_line_of_missing_that_nothing_can_count_is_refused(
    case: MakeCase, old: str, new: str, message: str
) -> None:
    made = case("base").write("outputs/bands.yaml", BANDS).replace("adam/advs.yaml", "variables:\n", BAND)
    made.replace("outputs/bands.yaml", "{n} ({pct})", "{events}" if "events" in new else "{n}")
    with pytest.raises(SpecError, match=message):
        made.replace("outputs/bands.yaml", old, new).check()
