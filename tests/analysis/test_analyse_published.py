"""Published numbers, asked for as rows of a table.

LEUKAEMIA: weeks of remission of 21 children with 6-mercaptopurine and 21 with placebo, a + censored
(Freireich et al., Blood 1963; 21: 699-716; as in Cox, JRSS B 1972; 34: 187-220).
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

Desk = Any

MP = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"
LEUKAEMIA = """kind: table
population: SCRNFL
from: ADTTE
columns: {by: ADSL.TRT01A, levels: {MP: 6-MP, P: Placebo}, total: Both}
rows:
  - {id: a, do: kaplan_meier, rates: 10, cells: {a: "{median}"}}
  - id: b
    do: kaplan_meier
    cells: {a: "{n}"}
    compare:
      - {id: test, do: log_rank, each: 6-MP, against: Placebo}
      - {id: hr, do: cox, each: 6-MP, against: Placebo}
      - {id: breslow, do: cox, ties: breslow, each: 6-MP, against: Placebo}
      - {id: oe, do: hazard_ratio_log_rank, each: 6-MP, against: Placebo}"""
RESPONSE = """kind: table
population: SCRNFL
from: ADRS
columns: {sets: {SAFFL: Evaluable, SCRNFL: All}}
rows:
  - {id: orr, do: proportion, event: "AVALC = 'PR'", limits: LIMITS, cells: {a: "{n}"}}"""


@pytest.fixture
def children(desk: Desk) -> Desk:
    with_mp, with_placebo = MP.split(), PLACEBO.split()
    weeks = [*with_mp, *with_placebo]
    subjects = [f"{i:02}" for i in range(len(weeks))]
    arms = ["MP"] * len(with_mp) + ["P"] * len(with_placebo)
    desk.put("ADSL", pl.DataFrame({"USUBJID": subjects, "TRT01A": arms, "SCRNFL": ["Y"] * len(weeks)}))
    times = [float(w.rstrip("+")) for w in weeks]
    censored = [int(w.endswith("+")) for w in weeks]
    desk.put("ADTTE", pl.DataFrame({"USUBJID": subjects, "AVAL": times, "CNSR": censored}))
    return desk


def test_kaplan_meier_of_the_leukaemia_trial(children: Desk) -> None:
    # lifelines 0.30.3, log-log limits: median 23 (13, infinite) with 6-MP and 8 (4, 11) with placebo;
    # S(10) 0.753 (0.503, 0.889) and 0.381 (0.183, 0.578)
    wanted = ("n", "events", "median", "median_low", "median_high", "rate_10", "rate_10_low", "rate_10_high")
    found = children.results(LEUKAEMIA, *wanted)
    own = [[found[f"a.{s}[TRT01A={arm}]"] for s in wanted] for arm in ("MP", "P")]
    assert own[0] == [21, 9, 23, 13, None, *(pytest.approx(v, abs=5e-4) for v in (0.753, 0.503, 0.889))]
    assert own[1] == [21, 21, 8, 4, 11, *(pytest.approx(v, abs=5e-4) for v in (0.381, 0.183, 0.578))]


def test_comparison_of_the_leukaemia_trial(children: Desk) -> None:
    # lifelines 0.30.3: chi-square 16.793, P = 4.169e-05; Cox by Efron 0.207604 (0.092513, 0.465873).
    # Breslow: exp(-1.509), Kleinbaum and Klein, Survival Analysis, 2nd ed., section 3.II; O and E: there,
    # section 2.IV (9 and 21, 19.25 and 10.75)
    found = children.results(LEUKAEMIA, "test", "test_chi_square", "hr", "hr_low", "hr_high", "breslow", "oe")
    both = {n.removeprefix("b.").removesuffix("[TRT01A=MP~P]"): v for n, v in found.items() if n[0] == "b"}
    assert both["test_chi_square"] == pytest.approx(16.793, abs=5e-4)
    assert both["test"] == pytest.approx(4.169e-5, rel=1e-3)
    assert both["hr"] == pytest.approx(0.2076, abs=1e-4)
    assert both["hr_low"] == pytest.approx(0.0925, abs=1e-4)
    assert both["hr_high"] == pytest.approx(0.4659, abs=1e-4)
    assert both["breslow"] == pytest.approx(0.2211, abs=2e-4)
    assert both["oe"] == pytest.approx((9 / 19.25) / (21 / 10.75), rel=1e-3)


@pytest.mark.parametrize(
    ("limits", "evaluable", "everyone"),
    [
        # scipy 1.x binomtest(4, 17) and (4, 20), exact
        ("clopper_pearson", (0.0681, 0.4990), (0.0573, 0.4366)),
        # p -+ t(n - 1) sqrt(p (1 - p) / (n - 1)), with t(16) = 2.119905 and t(19) = 2.093024
        ("mean_t", (0.0105, 0.4601), (0.0079, 0.3921)),
    ],
)
def test_limits_of_a_response_rate_in_two_sets(
    desk: Desk, limits: str, evaluable: tuple[float, float], everyone: tuple[float, float]
) -> None:
    """Three of the twenty have no response record: no responders, and in the denominator."""
    names = [f"{i:02}" for i in range(20)]
    sets = {"SAFFL": ["Y"] * 17 + ["N"] * 3, "SCRNFL": ["Y"] * 20}
    desk.put("ADSL", pl.DataFrame({"USUBJID": names, **sets}))
    desk.put("ADRS", pl.DataFrame({"USUBJID": names[:17], "AVALC": ["PR"] * 4 + ["SD"] * 13}))
    found = desk.results(RESPONSE.replace("LIMITS", limits), "size", "low", "high")
    for flag, size, expected in (("SAFFL", 17, evaluable), ("SCRNFL", 20, everyone)):
        assert found[f"orr.size[{flag}=Y]"] == size
        got = [found[f"orr.{side}[{flag}=Y]"] for side in ("low", "high")]
        assert got == [pytest.approx(v, abs=6e-5) for v in expected]
