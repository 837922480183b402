"""Nulls that are no "no", whatever else the other records happen to say."""

from __future__ import annotations

from cases.conftest import Case, MakeCase


def events(made: Case, *changes: tuple[str, str]) -> Case:
    """Change the form of adverse events."""
    for old, new in changes:
        made.replace("raw/ae.csv", old, new)
    return made


def test_an_unknown_among_nothing_but_yes_is_counted_openly(case: MakeCase) -> None:
    """Six emergent events: five serious, one whose seriousness is blank. A variable that can be "N" is no
    tick, though no record of it is "N": "unknown seriousness is counted openly", as in case 04."""
    made = events(case("base"), (",No,No,", ",Yes,No,"), ("Moderate,Yes,No", "Moderate,,No"))
    shown = made.shown("ae-by-term")
    assert "Serious                 3 (75.0) [3]  2 (50.0) [2]  5 (62.5) [5]" in shown
    assert "Serious: 1 record has no AESER and could not be judged." in shown


def test_the_same_of_a_derived_flag_and_of_what_a_filter_leaves(case: MakeCase) -> None:
    """Both events of nausea left, one related and one of which no relation was recorded."""
    made = events(case("base"), ("Mild,No,No,RELATED,NOT RELATED", "Mild,No,No,,"))
    made.replace("outputs/ae-by-term.yaml", "\"TRTEMFL = 'Y'\"", "\"AEDECOD = 'Nausea'\"")
    assert {r["RELFL"] for r in made.rows("ADAE") if r["AEDECOD"] == "Nausea"} == {"Y", None}
    assert "1 record without RELFL (Related to either drug)" in made.shown("ae-by-term")


def test_a_flag_that_can_only_be_ticked_is_judged(case: MakeCase) -> None:
    """`flag_where` without `otherwise` gives "Y" or nothing: nothing is "no", and no footnote."""
    made = case("base")
    flag = "  - {name: SEVFL, derive: flag_where, where: \"AESEV = 'SEVERE'\", label: Severe Flag}\n"
    made.write("adam/adae.yaml", (made.folder / "adam/adae.yaml").read_text("utf-8") + flag)
    made.replace("outputs/ae-by-term.yaml", "AESER = 'Y'", "SEVFL = 'Y'")
    shown = made.shown("ae-by-term")
    assert "Serious                 1 (25.0) [1]  1 (25.0) [1]  2 (25.0) [2]" in shown
    assert "judged" not in shown


def test_an_indented_row_without_a_label_goes_by_the_row_above(case: MakeCase) -> None:
    """The terms of the serious events: the footnote names the line that a reader sees, once."""
    made = events(case("base"), ("Moderate,No,No", "Moderate,,No"))
    terms = (
        '  - {id: serterm, count: subjects, where: "AESER = \'Y\'", by: AEDECOD, indent: 1, cell: "{n}"}\n'
    )
    made.replace("outputs/ae-by-term.yaml", "  - {id: rel, ", terms + "  - {id: rel, ")
    assert "\nSerious: 1 record has no AESER and could not be judged.\n" in made.shown("ae-by-term")
