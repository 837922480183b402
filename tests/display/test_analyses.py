"""Tables whose rows are analyses, as they are printed.

TIMES: six subjects, 2 and 5 censored; S(t) is 5/6, 5/8, 5/12 and 0 at 1, 3, 4 and 6 months, by hand.
GRADES: 1 and 2 start at 0 and end at 0 and 2; 3 and 4 start at 1 and end at 1 and 0; 5 has no baseline.
"""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import polars as pl
import pytest

Page = Any

TIMES = pl.DataFrame(
    {"USUBJID": list("123456"), "AVAL": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "CNSR": [0, 1, 0, 0, 1, 0]}
)
RESPONSES = pl.DataFrame({"USUBJID": list("1234"), "AVALC": ["PR", "SD", "CR", "PD"]})
GRADES = pl.DataFrame(
    {
        "USUBJID": list("12345"),
        "PARAM": ["ALT"] * 5,
        "BTOXGR": ["0", "0", "1", "1", None],
        "ATOXGR": ["0", "2", "1", "0", "3"],
    }
)
SURVIVAL = """kind: table
population: SCRNFL
from: ADTTE
columns: {by: ADSL.SEX, levels: {F: Women, M: Men}, total: All}
rows:
"""
RATES = """kind: table
population: SCRNFL
from: ADRS
columns: {sets: {SAFFL: Treated, SCRNFL: Screened}}
rows:
"""


@pytest.fixture
def timed(page: Page) -> Page:
    page.frames |= {"ADTTE": TIMES, "ADRS": RESPONSES, "ADLB": GRADES}
    return page


def test_response_in_two_sets_side_by_side(timed: Page) -> None:
    """Exact limits, scipy binomtest: 2 of 5, 5.27 to 85.34 per cent; 2 of 6, 4.33 to 77.72."""
    text = (
        RATES
        + """  - id: orr
    do: proportion
    event: "AVALC IN ('CR', 'PR')"
    label: Response
    cells: {"n (%)": "{n} ({pct})", "95% CI": "({low_pct}, {high_pct})", Share: "{low}, {high}"}"""
    )
    assert timed.text(text) == dedent("""\
        Table 14.1.1  Title
        Safety set; Screened set

                  Treated       Screened
                  (N=5)         (N=6)
        ------------------------------------
        Response
          n (%)   2 (40.0)      2 (33.3)
          95% CI  (5.3, 85.3)   (4.3, 77.7)
          Share   0.053, 0.853  0.043, 0.777

        Percentages are of the N in the column header.
        95% limits of proportions: Clopper-Pearson exact limits.
        Source: ADRS; subjects of ADSL, SAFFL = 'Y' or SCRNFL = 'Y'
        """)


def test_survival_and_a_comparison_in_the_column_of_both(timed: Page) -> None:
    text = (
        SURVIVAL
        + """  - id: os
    do: kaplan_meier
    rates: 3.5
    label: Survival (months)
    cells: {"Events, n (%)": "{events} ({events_pct})", Median: "{median}", "3.5 months": "{rate_3_5}"}
  - id: sex
    do: kaplan_meier
    in: All
    compare:
      - {id: exact, do: log_rank_permutation, each: Women, against: Men}
      - {id: hr, do: cox, each: Women, against: Men}
    label: Women against men
    cells: {Permutation P: "{exact}", Hazard ratio: "{hr} ({hr_low}, {hr_high})"}"""
    )
    assert timed.body(text) == [
        "Survival (months)",
        "  Events, n (%)    3 (100.0)  1 (33.3)  4 (66.7)",
        "  Median           3.0        6.0       4.0",
        "  3.5 months       33.3       100.0     62.5",
        "",
        "Women against men",
        # of the 20 ways to choose three of six, one is as extreme as 1, 3 and 4 and one as its mirror
        "  Permutation P                         0.100",
        "  Hazard ratio                          NE (NE, NE)",
    ]
    assert timed.part(text).footnotes == (
        "Percentages of events are of the subjects analysed.",
        "Medians and quartiles by the Kaplan-Meier method: the first time at which the curve is below the "
        "level, or the middle of a plateau at it.",
        "Rates by the Kaplan-Meier method.",
        "Permutation P: log-rank scores over every arrangement of the two groups (100,000 at random where "
        "there are more), two-sided.",
        "Hazard ratio, Women over Men: Cox's model with Efron's treatment of ties, with 95% Wald limits.",
        "NE: not estimable; in the analyses: the likelihood is monotone: the coefficient has no finite "
        "estimate.",
    )


def test_footnotes_name_the_level_the_rounding_and_the_scale(timed: Page) -> None:
    text = (
        SURVIVAL
        + """  - id: os
    do: kaplan_meier
    level: 0.9
    limits: log
    round: 1
    rates: 3
    cells:
      n: "{n}"
      M: "{median} ({median_low}, {median_high})"
      R: "{rate_3} ({rate_3_low}, {rate_3_high})" """
    )
    wanted = [
        "Medians and quartiles by the Kaplan-Meier method, of times rounded to 1 decimal: the first time at "
        "which the curve is below the level, or the middle of a plateau at it.",
        "90% limits of medians and quartiles: Brookmeyer-Crowley limits on the log scale.",
        "Rates by the Kaplan-Meier method, of times rounded to 1 decimal.",
        "90% limits of rates: Greenwood's variance on the log scale.",
    ]
    assert [n for n in timed.part(text).footnotes if not n.startswith("NE")] == wanted


def test_separation_prints_ne_and_says_so_with_firth_beside(timed: Page) -> None:
    """Two of three women respond, the man does not; Firth adds half a subject to each cell: 5.00."""
    text = SURVIVAL.replace("ADTTE", "ADRS").replace("by: ADSL.SEX, levels: {F: Women, M: Men}, ", "")
    text += """  - id: sex
    do: logistic
    response: "AVALC IN ('CR', 'PR')"
    coded: "ADSL.SEX = 'F'"
    cells: {ML: "{or} ({or_low}, {or_high})", Firth: "{or_firth}", Responders: "{with_events}/{with_n}"}"""
    assert timed.body(text) == ["ML          NE (NE, NE)", "Firth       5.00", "Responders  2/3"]
    (last,) = [n for n in timed.part(text).footnotes if n.startswith("NE")]
    assert last.startswith("NE: not estimable; in the analyses: separation: ")


def test_percentages_name_what_they_are_of(timed: Page) -> None:
    row = "  - {id: a, label: PR, do: proportion, event: \"AVALC = 'PR'\", MORE, "
    row += 'cells: {x: "{n} ({pct})"}}'
    notes = {
        more: timed.part(RATES + row.replace("MORE", more)).footnotes[0]
        for more in ("by: ADSL.SEX", "denominator: \"AVALC <> 'PD'\"")
    }
    assert notes == {
        "by: ADSL.SEX": "Percentages within a level are of the subjects with a record there.",
        "denominator: \"AVALC <> 'PD'\"": "PR: percentages are of the subjects with AVALC <> 'PD'.",
    }
    beside = row.replace("MORE", "by: ADSL.SEX").replace("{pct}", "{pct} of {size}")
    assert timed.part(RATES + beside).footnotes == ()
    everyone = """kind: table
population: all
from: ADRS
columns: {}
rows:
""" + row.replace("MORE, ", "")
    assert timed.part(everyone).footnotes == ("Percentages are of the subjects with a record.",)


def test_an_analysis_stands_once_in_columns_with_spans(timed: Page) -> None:
    text = SURVIVAL.replace(
        "by: ADSL.SEX, levels: {F: Women, M: Men}, total: All", "spans: {Time: AVAL, C: CNSR}"
    )
    text += """  - {id: a, summarise: [AVAL, CNSR], cells: {Mean: "{mean}"}}
  - {id: os, do: kaplan_meier, cells: {Events: "{events}"}}"""
    assert timed.body(text) == ["Mean    3.5           0.3", "", "Events  4"]


def test_a_shift_from_baseline_to_the_worst_grade(timed: Page) -> None:
    text = """kind: table
population: SAFFL
from: ADLB
stub: Grade at baseline
columns: {of: ATOXGR, levels: {"0": Grade 0, "1": Grade 1, "2": Grade 2, "3": Grade 3}, total: All}
rows:
  - id: shift
    count: subjects
    by:
      - PARAM
      - name: BTOXGR
        levels: {"0": Grade 0, "1": Grade 1, "2": Grade 2}
        missing: No baseline
    nested: true
    cell: "{n} ({pct})" """
    assert timed.text(text).split("\n")[3:13] == [
        "                   Safety set",
        "                   (N=5)",
        "Grade at baseline  Grade 0   Grade 1   Grade 2   Grade 3   All",
        "-" * 68,
        "ALT                2 (40.0)  1 (20.0)  1 (20.0)  1 (20.0)  5 (100.0)",
        "  Grade 0          1 (20.0)  0         1 (20.0)  0         2 (40.0)",
        "  Grade 1          1 (20.0)  1 (20.0)  0         0         2 (40.0)",
        "  Grade 2          0         0         0         0         0",
        "  No baseline      0         0         0         1 (20.0)  1 (20.0)",
        "",
    ]
