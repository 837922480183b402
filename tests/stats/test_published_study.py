"""The simulated patients of the bundled study: published numbers, and lifelines as the second opinion.

Published: Yang et al., Drug Design, Development and Therapy (ChiCTR2000028711). The patients are calibrated
to its summaries; each expected value below is printed there, or is lifelines'.
"""

from __future__ import annotations

import csv
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tlfgen.stats.cox import cox
from tlfgen.stats.hazard_ratio import (
    hazard_ratio_log_rank,
    hazard_ratio_mantel_haenszel,
    rate_ratio,
    ratio_of_medians,
)
from tlfgen.stats.kaplan_meier import (
    kaplan_meier,
    quantile,
    quantile_limits,
    reverse,
    survival_at,
    survival_limits,
)
from tlfgen.stats.log_rank import log_rank, log_rank_permutation
from tlfgen.stats.logistic import firth, logistic
from tlfgen.stats.proportion import limits_clopper_pearson, limits_mean_t, limits_wald

SEED = Path(__file__).parents[2] / "specs" / "pyrotinib-mcrc" / "seed" / "pseudo_ipd.csv"
WILD, MUTATED = "RAS/BRAF WILD TYPE", "KRAS MUTANT"


@pytest.fixture(scope="module")
def evaluable() -> list[dict[str, str]]:
    with SEED.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["efficacy_set"] == "Y"]


def months(rows: list[dict[str, str]], what: str, decimals: int | None = 1) -> Any:
    """Months of a duration, rounded half up as the publication most likely has them."""
    values = np.array([int(r[f"{what}_days"]) / 30.4375 for r in rows])
    return values if decimals is None else np.floor(values * 10**decimals + 0.5) / 10**decimals


def events(rows: list[dict[str, str]], what: str) -> Any:
    return np.array([int(r[f"{what}_event"]) for r in rows])


@pytest.mark.parametrize(
    ("method", "responders", "low", "high"),
    [
        (limits_mean_t, 4, 0.010, 0.460),  # as printed for the objective response
        (limits_mean_t, 15, 0.712, 1.053),  # as printed for disease control
        (limits_wald, 4, 0.034, 0.437),
        (limits_clopper_pearson, 4, 0.068, 0.499),
        (limits_clopper_pearson, 15, 0.636, 0.985),
    ],
)
def test_limits_of_the_response_rates(method: Any, responders: int, low: float, high: float) -> None:
    limits = method(responders, 17)
    assert (limits.low[0], limits.high[0]) == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=5e-4))


def test_medians_and_symmetric_limits_are_the_printed_ones(evaluable: list[dict[str, str]]) -> None:
    pfs, os_ = months(evaluable, "pfs"), months(evaluable, "os")
    died = events(evaluable, "os")
    for time, event, printed in (
        (pfs, events(evaluable, "pfs"), (6.2, 0.42, 11.98)),
        (os_, died, (21.1, 15.84, 26.36)),
        (os_, reverse(died), (21.5, 14.12, 28.88)),
    ):
        km = kaplan_meier(time, event)
        low, high = quantile_limits(km, method="spss_symmetric")
        assert (quantile(km), round(low, 2), round(high, 2)) == pytest.approx(printed)


def test_log_rank_p_values_and_medians_by_gene_status_are_the_printed_ones(
    evaluable: list[dict[str, str]],
) -> None:
    known = [r for r in evaluable if r["ras_group"] in (WILD, MUTATED)]
    group = [r["ras_group"] for r in known]
    for what, p, wild, mutated in (("pfs", 0.0081, 8.5, 2.6), ("os", 0.022, 22.6, 4.9)):
        time, event = months(known, what), events(known, what)
        slack = 5e-4 if what == "os" else 5e-5
        assert log_rank(time, event, group).p_value == pytest.approx(p, abs=slack)
        for label, printed in ((WILD, wild), (MUTATED, mutated)):
            own = np.array(group) == label
            assert quantile(kaplan_meier(time[own], event[own]), rule="first") == pytest.approx(printed)


def test_no_hazard_ratio_is_the_printed_one(evaluable: list[dict[str, str]]) -> None:
    """0.32 is printed; Cox 0.109, O/E 0.180, Mantel-Haenszel 0.012; two other quantities give it."""
    known = [r for r in evaluable if r["ras_group"] in (WILD, MUTATED)]
    time, event = months(known, "pfs"), events(known, "pfs")
    wild = np.array([r["ras_group"] == WILD for r in known]).astype(int)
    test = log_rank(time, event, wild)
    assert cox(time, event, wild).hazard_ratio[0] == pytest.approx(0.109, abs=5e-4)
    assert hazard_ratio_log_rank(test).hazard_ratio == pytest.approx(0.180, abs=5e-4)
    assert hazard_ratio_mantel_haenszel(test).hazard_ratio == pytest.approx(0.012, abs=5e-4)
    curves = [kaplan_meier(time[wild == k], event[wild == k]) for k in (0, 1)]
    assert 1 / ratio_of_medians(curves[0], curves[1], "midpoint") == pytest.approx(0.320, abs=5e-4)
    assert rate_ratio(time, event, wild) == pytest.approx(0.3197, abs=5e-5)


def test_the_permutation_p_value_by_hand(evaluable: list[dict[str, str]]) -> None:
    """Times 1 to 4, an event each, two to a group: the scores 3/4, 5/12, -1/12, -13/12 give six pairs, whose
    sums are 7/6, 2/3, -1/3, 1/3, -2/3 and -7/6; the first two subjects' is as far out as one other."""
    found = log_rank_permutation([1, 2, 3, 4], [1, 1, 1, 1], [0, 0, 1, 1])
    assert found.p_value == pytest.approx(2 / 6)
    assert (found.arrangements, found.exact) == (6, True)
    found = log_rank_permutation([1, 2, 3, 4], [1, 1, 1, 1], [0, 1, 0, 1])
    assert found.p_value == pytest.approx(4 / 6)


@pytest.mark.parametrize(("what", "turn"), [("pfs", False), ("os", False), ("os", True)])
def test_lifelines_has_the_same_curve_limits_and_median(
    evaluable: list[dict[str, str]], what: str, turn: bool
) -> None:
    from lifelines import KaplanMeierFitter
    from lifelines.utils import median_survival_times

    time, event = months(evaluable, what, None), events(evaluable, what)
    event = reverse(event) if turn else event
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = KaplanMeierFitter().fit(time, event)
        medians = median_survival_times(fitted.confidence_interval_)
    km = kaplan_meier(time, event)
    theirs = fitted.survival_function_["KM_estimate"].to_numpy()[1:]
    assert km.survival == pytest.approx(theirs)
    low, high = survival_limits(km.survival, km.se)
    inside = (km.survival > 0) & (km.survival < 1)
    limits = fitted.confidence_interval_.to_numpy()[1:]
    assert low[inside] == pytest.approx(limits[inside, 0])
    assert high[inside] == pytest.approx(limits[inside, 1])
    assert quantile(km) == pytest.approx(fitted.median_survival_time_)
    assert quantile_limits(km)[0] == pytest.approx(float(medians.iloc[0, 0]))
    upper = float(medians.iloc[0, 1])
    if math.isinf(upper) or turn:  # at S = 0 lifelines has limits of 0; R and SAS have none, and so have we
        assert math.isnan(quantile_limits(km)[1])
    else:
        assert quantile_limits(km)[1] == pytest.approx(upper)
    survival, _, _ = survival_at(km, [6.0])
    assert survival == pytest.approx(fitted.survival_function_at_times([6.0]).to_numpy())


def test_lifelines_has_the_same_log_rank_and_cox(evaluable: list[dict[str, str]]) -> None:
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.statistics import logrank_test

    known = [r for r in evaluable if r["ras_group"] in (WILD, MUTATED)]
    wild = np.array([r["ras_group"] == WILD for r in known]).astype(int)
    for what in ("pfs", "os"):
        time, event = months(known, what, None), events(known, what)
        theirs = logrank_test(time[wild == 0], time[wild == 1], event[wild == 0], event[wild == 1])
        ours = log_rank(time, event, wild)
        assert (ours.chi_square, ours.p_value) == pytest.approx((theirs.test_statistic, theirs.p_value))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = CoxPHFitter().fit(pd.DataFrame({"t": time, "e": event, "x": wild}), "t", "e")
        model = cox(time, event, wild)
        assert model.hazard_ratio[0] == pytest.approx(float(fitted.hazard_ratios_["x"]), rel=1e-5)
        assert model.se[0] == pytest.approx(float(fitted.standard_errors_["x"]), rel=1e-4)


Coding = tuple[Callable[[dict[str, str]], float], float | None, float, float]
COVARIATES: dict[str, Coding] = {  # the codings with ML's odds ratio (None: separated), Firth's and its P
    "age": (lambda r: float(r["age"]), 1.02, 1.02, 0.807),
    "age60": (lambda r: int(r["age"]) >= 60, 9.00, 6.33, 0.129),
    "male": (lambda r: r["sex"] == "M", 2.00, 1.62, 0.673),
    "right": (lambda r: r["primary_side"] == "RIGHT", None, 0.70, 0.836),
    "medium": (lambda r: r["differentiation"] == "Medium", None, 4.20, 0.321),
    "sites2": (lambda r: int(r["n_met_sites"]) >= 2, None, 6.23, 0.187),
    "sites3": (lambda r: int(r["n_met_sites"]) >= 3, 12.00, 7.93, 0.071),
    "angio": (lambda r: r["prior_antiangio"] == "Y", None, 1.42, 0.836),
    "immuno": (lambda r: r["prior_io"] == "Y", None, 0.38, 0.527),
}


@pytest.mark.parametrize("name", COVARIATES)
def test_logistic_and_firth_of_a_covariate(evaluable: list[dict[str, str]], name: str) -> None:
    """Expected values: an independent maximisation by simplex search."""
    wild = [r for r in evaluable if r["ras_group"] == WILD]
    coding, ml, penalised, p = COVARIATES[name]
    response = [int(r["bor"] in ("CR", "PR")) for r in wild]
    x = [float(coding(r)) for r in wild]
    ours = logistic(response, x)
    if ml is None:
        assert ours.separated and math.isnan(ours.odds_ratio[0])
    else:
        assert ours.odds_ratio[0] == pytest.approx(ml, abs=5e-3)
    other = firth(response, x)
    assert other.odds_ratio[0] == pytest.approx(penalised, abs=5e-3)
    assert other.likelihood_ratio_p[0] == pytest.approx(p, abs=5e-4)
    assert other.low[0] < other.odds_ratio[0] < other.high[0]


@pytest.mark.parametrize("time", [[-1.0, 2.0], [math.nan, 2.0]])
def test_a_time_that_is_none_is_refused(time: list[float]) -> None:
    with pytest.raises(ValueError, match="missing, infinite or negative"):
        kaplan_meier(time, [1, 0])


def test_lists_of_unequal_length_and_other_events_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        kaplan_meier([1.0, 2.0], [1])
    with pytest.raises(ValueError, match="an event is 1"):
        kaplan_meier([1.0, 2.0], [1, 2])
    with pytest.raises(ValueError, match="whole numbers"):
        limits_wald(3, 2)


def test_without_events_nothing_is_estimable() -> None:
    km = kaplan_meier([1.0, 2.0, 3.0], [0, 0, 0])
    assert km.survival.tolist() == [1, 1, 1]
    assert math.isnan(quantile(km)) and all(map(math.isnan, quantile_limits(km)))
    assert math.isnan(log_rank([1, 2, 3], [0, 0, 0], [0, 1, 1]).p_value)
    assert cox([1, 2, 3], [0, 0, 0], [0, 1, 1]).reason == "no event"
    assert np.isnan(limits_clopper_pearson(0, 0).low[0])
