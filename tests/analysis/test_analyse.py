"""Rows that ask for a registered analysis: what reaches the statistics, and what comes back.

TIMES: six subjects; times 1, 2, 3, 4, 5 and 6 months, events at 1, 3, 4 and 6. Overall S(t) is 5/6, 5/8, 5/12
and 0 there, by hand: the median is 4 months.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tlfgen.analysis.check import check_outputs
from tlfgen.engine.plan import Schema
from tlfgen.errors import SpecError

Desk = Any

TIMES = pl.DataFrame(
    {
        "USUBJID": ["1", "2", "3", "4", "5", "6"],
        "PARAMCD": ["OS"] * 6,
        "AVAL": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "CNSR": [0, 1, 0, 0, 1, 0],
    }
)
SURVIVAL = """kind: table
population: SCRNFL
from: ADTTE
columns: {total: All}
rows:
  - {id: os, do: kaplan_meier, rates: [3.5, 9], cells: {Median: "{median}"}}"""
RESPONSES = pl.DataFrame({"USUBJID": ["1", "2", "3", "4"], "AVALC": ["PR", "SD", "CR", "PD"]})


@pytest.fixture
def timed(desk: Desk) -> Desk:
    desk.put("ADTTE", TIMES)
    desk.put("ADRS", RESPONSES)
    return desk


def test_kaplan_meier_of_a_column(timed: Desk) -> None:
    found = timed.results(
        SURVIVAL, "n", "events", "events_pct", "censored", "median", "q1", "max", "rate_3_5"
    )
    assert found == {
        "os.n": 6, "os.events": 4, "os.events_pct": pytest.approx(4 / 6), "os.censored": 2,
        "os.median": 4, "os.q1": 3, "os.max": 6, "os.rate_3_5": pytest.approx(5 / 8),
    }  # fmt: skip


def test_what_is_not_estimable_is_null_with_its_reason(timed: Desk) -> None:
    text = SURVIVAL.replace("ADTTE\n", "ADTTE\nwhere: \"USUBJID IN ('1', '2', '5')\"\n")
    found = timed.results(text, "median", "rate_9")
    assert found == {"os.median": None, "os.rate_9": None}
    reasons = timed.reasons(text)
    assert reasons["os.median"] == "the curve does not get there"
    assert reasons["os.rate_9"] == "not followed so long"


def test_reverse_and_rounded_times(timed: Desk) -> None:
    timed.put("ADTTE", TIMES.with_columns(pl.col("AVAL") + 0.05))
    reverse = SURVIVAL.replace("rates: [3.5, 9]", "reverse: true")
    assert timed.results(reverse, "events", "median") == {"os.events": 2, "os.median": pytest.approx(5.05)}
    rounded = SURVIVAL.replace("rates: [3.5, 9]", "round: 1")
    assert timed.results(rounded, "median", "min") == {"os.median": 4.1, "os.min": 1.1}


def test_the_records_of_a_result_are_those_of_its_condition(timed: Desk) -> None:
    (row,) = timed.ard(SURVIVAL).filter(pl.col("statistic") == "median").to_dicts()
    assert (row["dataset"], row["population"]) == ("ADTTE", "SCRNFL")
    assert row["method"].startswith("analyse kaplan_meier: Medians and quartiles by the Kaplan-Meier method")


def test_a_proportion_is_of_the_column_and_within_a_level_of_those_there(timed: Desk) -> None:
    """Six subjects are screened, four have a response, two of them PR or CR; of sex F 1, 3 and 4."""
    rows = """kind: table
population: SCRNFL
from: ADRS
columns: {total: All}
rows:
  - {id: orr, do: proportion, event: "AVALC IN ('CR', 'PR')", limits: wald, cells: {a: "{n}"}}
  - {id: sex, do: proportion, by: ADSL.SEX, event: "AVALC IN ('CR', 'PR')", cells: {a: "{n}"}}
  - id: known
    do: proportion
    event: "AVALC = 'PR'"
    denominator: "AVALC IS NOT NULL"
    cells: {a: "{n}/{size}"}"""
    found = timed.results(rows, "n", "size", "pct")
    assert found == {
        "orr.n": 2, "orr.size": 6, "orr.pct": pytest.approx(2 / 6),
        "sex.n[SEX=F]": 2, "sex.size[SEX=F]": 3, "sex.pct[SEX=F]": pytest.approx(2 / 3),
        "sex.n[SEX=M]": 0, "sex.size[SEX=M]": 1, "sex.pct[SEX=M]": 0,
        "known.n": 1, "known.size": 4, "known.pct": pytest.approx(1 / 4),
    }  # fmt: skip
    low = timed.results(rows, "low")["orr.low"]
    assert low == pytest.approx(1 / 3 - 1.959963985 * (2 / 9 / 6) ** 0.5)  # p (1 - p) / n = 2/9 / 6


def test_two_groups_are_compared_in_the_column_that_is_asked_for(timed: Desk) -> None:
    text = """kind: table
population: SCRNFL
from: ADTTE
columns: {by: ADSL.SEX, levels: {F: Women, M: Men}, total: Both}
rows:
  - id: sex
    do: kaplan_meier
    cells: {a: "{n}"}
    compare:
      - {id: test, do: log_rank, each: others, against: Men}
      - {id: hr, do: cox, each: Women, against: Men}
      - {id: rates, do: rate_ratio, each: Women, against: Men}"""
    found = timed.results(text, "test", "hr", "rates")
    assert set(found) == {f"sex.{s}[SEX=F~M]" for s in ("test", "hr", "rates")}
    # women 1, 3, 4 (events), men 2 and 5 (censored), 6: O = 3, E = 1/2 + 2/4 + 1/3, V = 1/4 + 1/4 + 2/9
    from scipy.stats import chi2

    expected = 1 / 2 + 2 / 4 + 1 / 3
    statistic = (3 - expected) ** 2 / (1 / 4 + 1 / 4 + 2 / 9)
    assert found["sex.test[SEX=F~M]"] == pytest.approx(float(chi2.sf(statistic, 1)))
    assert found["sex.rates[SEX=F~M]"] == pytest.approx((3 / 8) / (1 / 13))
    assert found["sex.hr[SEX=F~M]"] is None  # every woman dies before a man does
    assert "monotone" in timed.reasons(text)["sex.hr[SEX=F~M]"]


def test_a_comparison_without_one_of_its_groups_says_so(timed: Desk) -> None:
    text = """kind: table
population: SCRNFL
from: ADTTE
where: "ADSL.SEX = 'F'"
columns: {by: ADSL.SEX, levels: {F: Women, M: Men}}
rows:
  - id: sex
    do: kaplan_meier
    cells: {P: "{p}"}
    compare: [{id: p, do: log_rank, each: Women, against: Men}]"""
    assert timed.reasons(text)["sex.p[SEX=F~M]"] == "no subject of Men"


def test_logistic_of_a_condition(timed: Desk) -> None:
    """Response 1 and 3; women 1, 3 and 4, a man 2: two of three against none of one, odds 2 against 0."""
    text = """kind: table
population: SCRNFL
from: ADRS
columns: {total: All}
rows:
  - id: sex
    do: logistic
    response: "AVALC IN ('CR', 'PR')"
    coded: "ADSL.SEX = 'F'"
    cells: {OR: "{or}"}"""
    found = timed.results(text, "n", "events", "with_n", "with_events", "without_events", "or", "p_fisher")
    assert found == {
        "sex.n": 4, "sex.events": 2, "sex.with_n": 3, "sex.with_events": 2, "sex.without_events": 0,
        "sex.or": None, "sex.p_fisher": pytest.approx(1.0),
    }  # fmt: skip
    assert "separation" in timed.reasons(text)["sex.or"]
    firth = timed.results(text, "or_firth")["sex.or_firth"]
    assert firth == pytest.approx((2.5 / 1.5) / (0.5 / 1.5))  # a saturated model: half a subject to each cell


def test_events_count_among_the_subjects_of_the_denominator(timed: Desk) -> None:
    text = """kind: table
population: SCRNFL
from: ADRS
columns: {total: All}
rows:
  - {id: a, do: proportion, event: "AVALC IN ('CR', 'PR')", denominator: "AVALC = 'SD'",
     cells: {a: "{n}"}}
  - {id: b, do: proportion, event: "AVALC = 'SD'", limits: mean_t, denominator: "AVALC = 'SD'",
     cells: {a: "{n}"}}"""
    found = timed.results(text, "n", "size", "pct", "low")
    assert found == {
        "a.n": 0, "a.size": 1, "a.pct": 0, "a.low": 0, "b.n": 1, "b.size": 1, "b.pct": 1, "b.low": None,
    }  # fmt: skip
    assert timed.reasons(text)["b.low"] == "a single subject"


def test_the_condition_of_events_brings_back_their_records(timed: Desk) -> None:
    where = {r["statistic"]: r["where"] for r in timed.ard(SURVIVAL).iter_rows(named=True)}
    assert where["n"] == "AVAL IS NOT NULL"
    assert where["events"] == where["events_pct"] == "AVAL IS NOT NULL AND CNSR = 0"
    assert not where["median"]
    reverse = SURVIVAL.replace("rates: [3.5, 9]", "reverse: true")
    where = {r["statistic"]: r["where"] for r in timed.ard(reverse).iter_rows(named=True)}
    assert where["censored"] == "AVAL IS NOT NULL AND CNSR = 0"
    responses = """kind: table
population: SCRNFL
from: ADRS
where: "USUBJID < '4'"
columns: {by: ADSL.SEX, levels: {F: F}}
rows:
  - {id: a, do: proportion, event: "AVALC = 'CR' OR AVALC = 'PR'", cells: {a: "{n}"}}"""
    where = {r["statistic"]: r["where"] for r in timed.ard(responses).iter_rows(named=True)}
    assert where["n"] == "USUBJID < '4' AND (AVALC = 'CR' OR AVALC = 'PR') AND ADSL.SEX = 'F'"
    assert where["size"] == "USUBJID < '4' AND ADSL.SEX = 'F'"


def test_a_number_s_levels_are_compared_as_they_are_written(timed: Desk) -> None:
    groups = pl.Series("GRPN", [1.0, 2.0, 1.0, 1.0, 2.0, 2.0])
    timed.put("ADSL", timed.data["ADSL"].frame.with_columns(groups))
    compared = "kaplan_meier, compare: [{id: p, do: log_rank, each: 1, against: 2}]"
    text = SURVIVAL.replace("kaplan_meier, rates: [3.5, 9]", compared)
    text = text.replace("columns: {total: All}", "columns: {by: ADSL.GRPN}")
    row = next(r for r in timed.ard(text).iter_rows(named=True) if r["statistic"] == "p")
    assert (row["level1"], row["denominator"], row["where"]) == ("1~2", 6, "ADSL.GRPN IN (1, 2)")


@pytest.mark.parametrize(
    ("old", "new", "frame", "message"),
    [
        (
            "kaplan_meier",
            "kaplan_meier",
            pl.concat([TIMES, TIMES[2:3]]),
            "more than one time of subject 3.*line 9",
        ),
        ("rates:", "time: PARAMCD, rates:", TIMES, "PARAMCD is no number.*line 9"),
        (
            "os",
            "os",
            TIMES.with_columns(pl.col("AVAL") - 2),
            "time of subject 1 is -1.0; it cannot be negative.*line 9",
        ),
        ("rates:", "in: Everyone, rates:", TIMES, "The column 'Everyone' does not exist.*line 9.*Known: All"),
    ],
)
def test_what_the_data_do_not_allow_names_the_row(
    timed: Desk, old: str, new: str, frame: pl.DataFrame, message: str
) -> None:
    timed.put("ADTTE", frame)
    text = SURVIVAL.replace(old, new, 1)
    with pytest.raises(SpecError, match=f"(?s){message}"):
        timed.ard(text)


def test_two_records_of_which_one_has_a_time_are_one(timed: Desk) -> None:
    timed.put("ADTTE", pl.concat([TIMES, TIMES[2:3].with_columns(AVAL=pl.lit(None, pl.Float64))]))
    assert timed.results(SURVIVAL, "n") == {"os.n": 6}


def test_a_set_that_the_population_cuts_is_whole_and_its_subjects_are_a_result(timed: Desk) -> None:
    text = SURVIVAL.replace("{total: All}", "{sets: {SAFFL: Treated, SCRNFL: Screened}}")
    assert timed.results(text, "N") == {"population.N[SAFFL=Y]": 5, "population.N[SCRNFL=Y]": 6}
    cut = text.replace("population: SCRNFL", "population: SAFFL")
    assert timed.results(cut, "N", "not_within") == {
        "population.N[SAFFL=Y]": 5, "population.N[SCRNFL=Y]": 6, "population.not_within[SET=SCRNFL]": 1,
    }  # fmt: skip


def test_columns_may_be_analysis_sets(timed: Desk) -> None:
    text = """kind: table
population: SCRNFL
from: ADRS
columns: {sets: {SAFFL: Treated, SCRNFL: Screened}}
rows:
  - {id: pr, count: subjects, where: "AVALC = 'PR'", cell: "{n} ({pct})"}
  - {id: orr, do: proportion, event: "AVALC IN ('CR', 'PR')", cells: {a: "{n}/{size}"}}"""
    found = timed.results(text, "N", "n", "size")
    assert found == {
        "population.N[SAFFL=Y]": 5, "population.N[SCRNFL=Y]": 6, "pr.n[SAFFL=Y]": 1, "pr.n[SCRNFL=Y]": 1,
        "orr.n[SAFFL=Y]": 2, "orr.size[SAFFL=Y]": 5, "orr.n[SCRNFL=Y]": 2, "orr.size[SCRNFL=Y]": 6,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kaplan_meier", "kaplan_maier", "The analysis 'kaplan_maier' does not exist.*'kaplan_meier'"),
        ("rates: [3.5, 9]", "rate: 3", "The parameter of 'kaplan_meier' 'rate' does not exist.*line 9"),
        ("rates: [3.5, 9]", "limits: arcsin", "limits: Input should be 'plain', 'log' or 'loglog'"),
        ("rates: [3.5, 9]", "time: AVALX", "AVALX"),
        ("rates: [3.5, 9]", 'event: "CNSRX = 0"', "CNSRX"),
        ("{median}", "{medain}", "row 'os': the statistic 'medain' does not exist.*'median'"),
        ("rates: [3.5, 9]", "in: Bot", "The column 'Bot'"),
        ("{total: All}", "{sets: {SAFL: Treated}}", "'SAFL'.*line 7.*'SAFFL'"),
        ("{total: All}", "{sets: {SAFFL: T}, by: ADSL.SEX}", "sets stands instead of by and of"),
        ("{total: All}", "{sets: {SAFFL: T}, total: All}", "with sets there is no total.*line 7"),
        ("rates: [3.5, 9]", "rates: [3.5, 0]", "rates: Input should be greater than 0.*line 9"),
        ("rates: [3.5, 9]", "level: 95", "level: Input should be less than 1, not '95'.*line 9"),
        ("rates: [3.5, 9]", "round: -1", "round: Input should be greater than or equal to 0.*line 9"),
        ("rates: [3.5, 9]", 'event: "CNSR =="', "The condition cannot be read: CNSR ==.*line 9"),
        ("rates: [3.5, 9]", 'denominator: "CNSR = 0"', "kaplan_meier has no denominator.*line 9"),
        (
            "rates: [3.5, 9]",
            "by: {name: ADSL.SEX, sort: frequency}",
            "'os' counts nothing to sort ADSL.SEX by",
        ),
        ("rates: [3.5, 9]", "by: [ADSL.SEX, ADSL.SEX]", "'os' is split by a variable twice"),
        ("rates: [3.5, 9]", "cell: x", "'os' analyses; cell: is not for it.*line 9"),
        (
            'do: kaplan_meier, rates: [3.5, 9], cells: {Median: "{median}"}',
            'count: subjects, in: All, cell: "{n}"',
            "'os' does not analyse; in: is not for it.*line 9",
        ),
        (
            "kaplan_meier, rates: [3.5, 9]",
            "kaplan_meier, compare: [{id: p, do: log_rank, each: F, against: F}]",
            "'p' compares 'F' with itself.*line 9",
        ),
        (
            "kaplan_meier, rates: [3.5, 9]",
            "kaplan_meier, compare: [{id: p, do: log_rank, each: F, against: M}]",
            "compare needs columns by a subject's variable only.*line 9",
        ),
        (
            "kaplan_meier, rates: [3.5, 9]",
            'logistic, response: "CNSR = 0"',
            "logistic takes either covariate:, a variable, or coded:, a condition.*line 9",
        ),
        (
            "kaplan_meier, rates: [3.5, 9]",
            'logistic, response: "CNSR = 0", covariate: AVAL, coded: "AVAL > 1"',
            "logistic takes either covariate:.*line 9",
        ),
        ('cells: {Median: "{median}"}', 'cell: "{n}"', "analyses and needs cells"),
    ],
)
def test_what_is_wrong_is_found_before_data_are_read(timed: Desk, old: str, new: str, message: str) -> None:
    schemas = {
        "ADSL": Schema("ADSL", {"USUBJID", "SEX", "SAFFL", "SCRNFL"}),
        "ADTTE": Schema("ADTTE", {"USUBJID", "PARAMCD", "AVAL", "CNSR"}),
    }
    text = (
        SURVIVAL.replace(
            "columns: {total: All}", "columns: {by: ADSL.SEX, levels: {F: F, M: M}, total: Both}"
        )
        if "Bot" in new
        else SURVIVAL
    )
    check_outputs({"x": timed.spec(text)}, timed.study, schemas)
    with pytest.raises(SpecError, match=f"(?s){message}"):
        check_outputs({"x": timed.spec(text.replace(old, new))}, timed.study, schemas)


BY_LINES = """kind: table
population: SCRNFL
from: ADTTE
columns: {total: All}
rows:
  - id: os
    do: kaplan_meier
    limits: log
    rates: [6]
    cells:
      Median: "{median}" """


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("limits: log", "limits: arcsin", "limits: Input should be.*line 11"),
        ("limits: log", "limit: log", "The parameter of 'kaplan_meier' 'limit' does not exist.*line 11"),
        ("limits: log", "time: AVALX", "no variable 'AVALX'.*line 11"),
        ("limits: log", 'event: "CNSRX = 0"', "no variable 'CNSRX'.*line 11"),
        ("rates: [6]", "rates: [six]", "rates: Input should be a valid number.*line 12"),
        ("do: kaplan_meier", "do: cox", "The analysis 'cox' does not exist.*line 10"),
        ("{median}", "{median_lo}", "the statistic 'median_lo' does not exist.*line 13.*'median_low'"),
    ],
)
def test_an_error_names_the_line_of_the_key(timed: Desk, old: str, new: str, message: str) -> None:
    schemas = {n: Schema(n, set(timed.data[n].frame.columns)) for n in ("ADSL", "ADTTE")}
    with pytest.raises(SpecError, match=f"(?s){message}"):
        check_outputs({"x": timed.spec(BY_LINES.replace(old, new))}, timed.study, schemas)
