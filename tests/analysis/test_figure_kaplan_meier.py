"""Curves, numbers below the axis, medians, comparisons: by hand, and on data that are printed elsewhere."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tlfgen.errors import SpecError

Desk = Any

COMPARED = """compare:
  - {id: hr, do: cox, each: [EACH], against: B}
  - {id: p, do: log_rank, each: [EACH], against: B}
"""
FIGURE = """
kind: figure
shape: kaplan_meier
population: SAFFL
from: ADTTE
columns: {by: ADSL.TRT01A}
at_risk: {every: 5, rows: [at risk, censored, events]}
x_label: Months
y_label: Probability
alt: Curves.
"""
# A: event at 4, censored at 8; B: event at 2, at 6, censored at 6; subject 6 is outside the set
ADTTE = pl.DataFrame(
    {
        "USUBJID": ["1", "2", "3", "4", "5", "6"],
        "AVAL": [4.0, 8.0, 2.0, 6.0, 6.0, 1.0],
        "CNSR": [0, 1, 0, 0, 1, 0],
    }
)


def test_a_small_curve_by_hand(desk: Desk) -> None:
    desk.put("ADTTE", ADTTE)
    found = desk.results(FIGURE, "survival", "at_risk", "events", "censored", "n", "median")
    # A: 1/2 at 4, level to 8. B: 2/3 at 2; at 6 one event of two at risk, the other censored there: 1/3
    curve = {n: v for n, v in found.items() if n.startswith("curve.survival")}
    assert curve == {
        "curve.survival[TRT01A=A,AVAL=4]": 0.5, "curve.survival[TRT01A=A,AVAL=8]": 0.5,
        "curve.survival[TRT01A=B,AVAL=2]": pytest.approx(2 / 3),
        "curve.survival[TRT01A=B,AVAL=6]": pytest.approx(1 / 3),
    }  # fmt: skip
    assert (found["curve.at_risk[TRT01A=B,AVAL=6]"], found["curve.censored[TRT01A=B,AVAL=6]"]) == (2, 1)
    below = {
        t: [found[f"at_risk.{s}[TRT01A=B,AVAL={t}]"] for s in ("at_risk", "censored", "events")]
        for t in (0, 5, 10)
    }
    assert below == {0: [3, 0, 0], 5: [2, 0, 1], 10: [0, 1, 2]}, "each sums to three"
    # the middle of a plateau at a half that no event ends is not estimable; the first time at it is 4
    assert (found["summary.median[TRT01A=A]"], found["summary.median[TRT01A=B]"]) == (None, 6)
    assert desk.results(FIGURE + "quantile_rule: first\n", "median")["summary.median[TRT01A=A]"] == 4
    assert [found[f"summary.n[TRT01A={a}]"] for a in "ABC"] == [2, 3, 0]


def test_every_result_of_the_curves_has_a_label_and_limits_say_of_what(desk: Desk) -> None:
    desk.put("ADTTE", ADTTE)
    found = desk.ard(FIGURE).filter(pl.col("analysis").str.contains(r"\.(curve|at_risk)$"))
    found = found.filter(~pl.col("statistic").is_in(["left_out", "without_time", "without_status"]))
    assert set(found["statistic"]) == {
        "survival", "survival_low", "survival_high", "se", "at_risk", "events", "censored",
    }  # fmt: skip
    assert found["label"].null_count() == 0
    limits = found.filter(pl.col("side").is_not_null()).select("statistic", "limit_of", "side").unique()
    assert set(limits.rows()) == {
        ("survival_low", "survival", "low"), ("survival_high", "survival", "high"),
    }  # fmt: skip


def test_what_is_not_estimable_has_a_reason(desk: Desk) -> None:
    desk.put("ADTTE", ADTTE)
    reasons = desk.reasons(FIGURE)
    assert reasons["summary.median[TRT01A=C]"] == "no subject"
    assert reasons["summary.median_high[TRT01A=A]"] == "the limit is not reached"
    desk.put("ADTTE", ADTTE.with_columns(CNSR=pl.lit(1)))
    assert desk.reasons(FIGURE)["summary.median[TRT01A=A]"] == "no event"
    one = FIGURE.replace("y_label", COMPARED.replace("EACH", "A") + "y_label")
    reasons = desk.reasons(one)
    assert reasons["summary.p[TRT01A=A~B]"] == "no event"
    assert reasons["summary.hr[TRT01A=A~B]"] == "no event"


# Freireich et al., Blood 1963; 21: 699-716: weeks in remission, + censored
TREATED = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def remission(desk: Desk) -> None:
    times = [(arm, t) for arm, text in (("A", TREATED), ("B", PLACEBO)) for t in text.split()]
    subjects = [f"{i:02d}" for i in range(len(times))]
    desk.put("ADSL", pl.DataFrame({"USUBJID": subjects, "TRT01A": [a for a, _ in times], "SAFFL": "Y"}))
    desk.put(
        "ADTTE",
        pl.DataFrame(
            {
                "USUBJID": subjects,
                "AVAL": [float(t.rstrip("+")) for _, t in times],
                "CNSR": [int(t.endswith("+")) for _, t in times],
            }
        ),
    )


def test_remission_in_leukaemia(desk: Desk) -> None:
    """The estimates of Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data, chapter 1;
    log-rank chi-square 16.79; Cox by Efron -1.572 (SE 0.412), as coxph of R prints."""
    remission(desk)
    spec = FIGURE.replace("y_label", COMPARED.replace("EACH", "A") + "y_label")
    found = desk.results(spec, "survival", "median", "p", "hr", "hr_low", "hr_high")
    expected = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    for time, survival in expected.items():
        assert found[f"curve.survival[TRT01A=A,AVAL={time}]"] == pytest.approx(survival, abs=5e-4)
    assert (found["summary.median[TRT01A=A]"], found["summary.median[TRT01A=B]"]) == (23, 8)
    assert found["summary.p[TRT01A=A~B]"] == pytest.approx(4.17e-5, rel=2e-3)
    assert found["summary.hr[TRT01A=A~B]"] == pytest.approx(0.2076, abs=1e-4)
    assert found["summary.hr_low[TRT01A=A~B]"] == pytest.approx(0.0925, abs=2e-4)
    assert found["summary.hr_high[TRT01A=A~B]"] == pytest.approx(0.4659, abs=5e-4)


def test_a_time_or_a_status_that_is_missing_is_counted_and_not_censored(desk: Desk) -> None:
    desk.put("ADTTE", ADTTE.with_columns(pl.Series("CNSR", [0, None, 0, 0, 1, 0])))
    found = desk.results(FIGURE, "n", "without_time", "without_status", "left_out", "censored")
    names = ("summary.n", "curve.without_time", "curve.without_status", "summary.censored")
    assert [found[f"{s}[TRT01A=A]"] for s in names] == [1, 0, 1, 0]
    lost = {n: v for n, v in found.items() if n.startswith("curve.left_out")}
    assert lost == {
        "curve.left_out[REASON=without a time]": 0,
        "curve.left_out[REASON=with a time and without a known censoring status]": 1,
    }


@pytest.mark.parametrize(
    ("frame", "spec", "message"),
    [
        (pl.concat([ADTTE, ADTTE]), FIGURE, "more than one time of subject 1"),
        (ADTTE.with_columns(AVAL=-pl.col("AVAL")), FIGURE, "time of subject 1 is -4.0"),
        (ADTTE, FIGURE.replace("every: 5", "every: 0.01"), "gives 800 ticks"),
        (ADTTE, FIGURE + COMPARED.replace("EACH", "D"), "The column 'D' does not exist"),
        (ADTTE, FIGURE.replace("by: ADSL.TRT01A", "total: B") + COMPARED.replace("EACH", "A"), "by"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(desk: Desk, frame: pl.DataFrame, spec: str, message: str) -> None:
    desk.put("ADTTE", frame)
    with pytest.raises(SpecError, match=message):
        desk.ard(spec)


def test_the_axis_ends_where_it_is_told(desk: Desk) -> None:
    desk.put("ADTTE", ADTTE)
    found = desk.results(FIGURE + "until: 5\n", "at_risk")
    assert [n for n in found if n.startswith("at_risk.at_risk[TRT01A=A")] == [
        "at_risk.at_risk[TRT01A=A,AVAL=0]", "at_risk.at_risk[TRT01A=A,AVAL=5]",
    ]  # fmt: skip
