"""Nothing leaves a table unseen: the cases of tables and listings, with their right results."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases.conftest import MakeCase

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
    assert unread.check() == []


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
    assert "blank where neither has a subject in the row" in shown
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
    specs = made.study.specs
    check_specs(specs)
    ids = next(ids for section, ids in place_outputs(specs) if section.number == "14")
    assert ids[ids.index("deaths") - 1] == "exposure"


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
    assert lines[2] == "1,Term,2,Headache,ADAE[row=1].AETERM"


def test_the_n_of_a_header_stands_among_the_cells(case: MakeCase, tmp_path: Path) -> None:
    """Case 47 and case 12: header Ns stand in the cells file with their result."""
    made = case("base")
    specs = made.study.specs
    part = lay_out(specs.outputs["deaths"], made.results("deaths"), made.data, specs.study, NumberRules())
    write_cells(part, tmp_path / "cells.csv")
    lines = (tmp_path / "cells.csv").read_text("utf-8").splitlines()
    assert lines[1:4] == [
        "0,Arm A,1,(N=4),deaths.population.N[TRT01A=Arm A]",
        "0,Arm B,2,(N=4),deaths.population.N[TRT01A=Arm B]",
        "0,Total,3,(N=8),deaths.population.N[TRT01A=Total]",
    ]
