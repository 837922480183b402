"""Listings: records in order, values as text, formats with parts that are missing."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import polars as pl
import pytest

from tlfgen.display.parts import Listing
from tlfgen.errors import SpecError
from tlfgen.spec.theme import NumberRules

Page = Any

LISTING = """
kind: listing
population: SCRNFL
from: ADAE
order: [ADSL.TRT01A, -USUBJID, AESEQ]
columns:
  - {name: USUBJID, label: Subject, width: 10%, repeat: page}
  - {name: [AEDECOD, AETERM], label: "Preferred term /\\nreported term", width: 30%}
  - {cell: "{ASTDT} ({ASTDY})", label: Start (day), width: 20%}
  - {cell: "{AESOC} / {AETOXGR} / {DOSE} mg", label: Several, width: 30%}
  - {name: DOSE, label: Dose, width: 10%, align: right}
"""


def test_a_listing(page: Page) -> None:
    # High before Low, no arm last; subjects falling; markup stays as it was written
    assert page.text(LISTING) == dedent("""
        Listing 14.1.1  Title
        Screened set

                 Preferred term /
        Subject  reported term     Start (day)      Several             Dose
        ---------------------------------------------------------------------
        4        Itch              2024-02-01       Skin / 0.3 mg       0.3
        3        Nausea            2024-01-02 (2)   Gut / 2 / -1.25 mg  -1.25
                 nausea
        3        Rash              2024-01-01 (-1)  Skin / 3
                 <b>rash</b>
        1        Nausea            2024-01-03 (3)   Gut / 1 / 54 mg     54
                 nausea
        1        Nausea                             Gut / 3 / 54 mg     54
                 sick
        1        Vomiting          2024-01-05 (5)   Gut / 2 / 0.5 mg    0.5
                 vomit
        6        Nausea                             Gut / 4 / 1 mg      1
                 nausea

        Source: ADAE; subjects of ADSL, SCRNFL = 'Y'
        """).lstrip("\n")  # fmt: skip


def test_every_row_names_its_record_by_its_number_in_the_dataset(page: Page) -> None:
    part = page.part(LISTING.replace("SCRNFL", "SAFFL"))
    assert isinstance(part, Listing)
    assert part.keys == tuple(f"ADAE[row={n}]" for n in (6, 4, 5, 1, 2, 3))
    men = (
        "kind: listing\npopulation: SAFFL\nwhere: \"SEX = 'M'\"\ncolumns: [{name: SEX, label: S, width: 9}]\n"
    )
    assert page.part(men).keys == ("ADSL[row=2]", "ADSL[row=5]")


def test_the_condition_and_the_population_choose_the_records(page: Page) -> None:
    part = page.part(LISTING.replace("from: ADAE", "from: ADAE\nwhere: \"AEDECOD = 'Nausea'\""))
    assert [row[0] for row in part.rows] == ["3", "1", "1", "6"]
    part = page.part(LISTING.replace("SCRNFL", "all").replace("from: ADAE", 'from: ADAE\nwhere: "AESEQ > 1"'))
    assert (part.population, part.source) == ("All records", "ADAE, AESEQ > 1")


@pytest.mark.parametrize(
    ("form", "a", "b", "text"),
    [
        ("{A} ({B})", "x", "y", "x (y)"),
        ("{A} ({B})", "x", None, "x"),
        ("{A} ({B})", None, "y", "(y)"),
        ("{A} ({B})", None, None, ""),
        ("{A} / {B}", None, "y", "y"),
        ("Day {A}, {B}", "1", None, "Day 1"),
        ("Day {A}, {B}", None, "y", "y"),
        ("{A} [{B} days]", "x", "3", "x [3 days]"),
        ("{A} [{B} days]", "x", None, "x"),
        ("{A} {B} mg", "x", None, "x"),
        ("{A} (day {B})", "x", "3", "x (day 3)"),
    ],
)
def test_a_missing_part_takes_its_brackets_and_its_text_along(
    page: Page, form: str, a: str | None, b: str | None, text: str
) -> None:
    page.frames["ADAE"] = pl.DataFrame(
        {"USUBJID": ["1"], "A": [a], "B": [b]}, schema_overrides={"A": pl.String, "B": pl.String}
    )
    listing = (
        f'kind: listing\npopulation: SAFFL\nfrom: ADAE\ncolumns: [{{cell: "{form}", label: X, width: 9}}]\n'
    )
    assert page.part(listing).rows == ((text,),)


def test_a_bracket_without_its_pair_is_refused(page: Page) -> None:
    with pytest.raises(SpecError, match="has a bracket without its pair"):
        page.part(LISTING.replace("({ASTDY})", "({ASTDY}"))


def test_a_first_value_that_is_missing_keeps_its_line(page: Page) -> None:
    listing = LISTING.replace("[AEDECOD, AETERM]", "[AETERM, AEDECOD]")
    assert [row[1] for row in page.part(listing).rows][0] == "\nItch"


def test_the_theme_gives_the_marks(page: Page) -> None:
    page.rules = NumberRules(decimal_mark=",", minus="\u2212")
    assert [row[4] for row in page.part(LISTING).rows][:2] == ["0,3", "\u22121,25"]


def test_no_record_gives_the_sentence(page: Page) -> None:
    text = page.text(LISTING.replace("from: ADAE", 'from: ADAE\nwhere: "AESEQ > 9"\nempty: None occurred.'))
    assert "None occurred." in text


def test_widths_and_repeats_are_handed_on(page: Page) -> None:
    first, *_, last = page.part(LISTING).columns
    assert (first.width, first.repeat, last.align) == (10.0, "page", "right")
