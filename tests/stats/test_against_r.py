"""Survival, proportion and regression statistics against R: 11 data sets with their expected values.

R and package versions stand beside the values (VERSIONS.json); 15 significant digits.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tlfgen.stats.cox import cox
from tlfgen.stats.kaplan_meier import (
    kaplan_meier,
    quantile,
    quantile_limits,
    reverse,
    survival_at,
    survival_limits,
)
from tlfgen.stats.log_rank import log_rank
from tlfgen.stats.logistic import firth, logistic
from tlfgen.stats.proportion import limits_clopper_pearson, limits_wald, limits_wilson

TTE = (
    "tte03_n12_zero_events",
    "tte04_n10_plateau_half",
    "tte05_n20_ties",
    "tte09_n30_arm_zero",
    "tte11_n100_strata2",
)
BIN = (
    "bin01_n5_one_arm",
    "bin04_n24_arm_zero",
    "bin05_n26_separated",
    "bin08_n120_strata3",
    "bin11_n50_empty_stratum",
)
# R fits no model without an event, without a second arm, or over strata in a single stratum.
COX = tuple(
    (name, model)
    for name in TTE[1:]
    for model in ("cox", "cox_stratified", "cox_adjusted")
    if (name, model) != ("tte04_n10_plateau_half", "cox_stratified")
)
TWO_ARMS = BIN[1:]
TRANSFORMS = (("log_log", "loglog"), ("log", "log"), ("plain", "plain"))


@pytest.fixture
def oracle(reference: Path) -> Any:
    def load(name: str) -> tuple[pl.DataFrame, dict[str, Any]]:
        folder = reference / "oracle"
        expected = json.loads((folder / "expected" / f"{name}.json").read_text("utf-8"))
        return pl.read_csv(folder / "datasets" / f"{name}.csv"), expected

    return load


def same(ours: Any, theirs: Any, rel: float = 1e-8) -> None:
    ours = np.atleast_1d(np.asarray(ours, float)).tolist()
    theirs = theirs if isinstance(theirs, list) else [theirs]
    wanted = [math.nan if v is None else float(v) for v in theirs]
    assert ours == pytest.approx(wanted, rel=rel, abs=1e-12, nan_ok=True)


def curves(frame: pl.DataFrame, expected: dict[str, Any]) -> list[tuple[pl.DataFrame, dict[str, Any]]]:
    by_arm = expected.get("km_by_arm") or {}
    return [
        (frame, expected["km_overall"]),
        *((frame.filter(pl.col("ARM") == a), e) for a, e in by_arm.items()),
    ]


@pytest.mark.parametrize("name", TTE)
def test_kaplan_meier(oracle: Any, name: str) -> None:
    frame, expected = oracle(name)
    for part, wanted in curves(frame, expected):
        km = kaplan_meier(part["TIME"], part["EVENT"])
        curve = wanted["curve"]
        keys = {"n_risk": km.at_risk, "n_event": km.events, "n_censor": km.censored, "surv": km.survival}
        for key, ours in (keys | {"time": km.time}).items():
            same(ours, curve[key])
        known = km.survival > 0
        same(km.se[known], [v for v, k in zip(curve["se_greenwood"], known, strict=True) if k])


@pytest.mark.parametrize("name", TTE)
@pytest.mark.parametrize(("key", "transform"), TRANSFORMS)
def test_limits_of_the_curve_its_quantiles_and_landmarks(
    oracle: Any, name: str, key: str, transform: Any
) -> None:
    frame, expected = oracle(name)
    for part, wanted in curves(frame, expected):
        km, theirs = kaplan_meier(part["TIME"], part["EVENT"]), wanted[key]
        low, high = survival_limits(km.survival, km.se, transform)
        between = (km.survival > 0) & (km.survival < 1)
        for ours, side in ((low, "lower"), (high, "upper")):
            same(ours[between], [v for v, b in zip(theirs["curve_ci"][side], between, strict=True) if b])
        quantiles = theirs["quantiles"]
        same([quantile(km, p, "midpoint") for p in quantiles["prob"]], quantiles["estimate"])
        limits = [quantile_limits(km, p, transform=transform, rule="midpoint") for p in quantiles["prob"]]
        same([v for v, _ in limits], quantiles["lower"])
        same([v for _, v in limits], quantiles["upper"])
        marks = theirs["landmark"]
        survival, se, at_risk = survival_at(km, marks["time"])
        same(at_risk, marks["n_risk"])
        inside = [not b for b in marks["beyond_last_time"]]
        same(survival[inside], [v for v, i in zip(marks["surv"], inside, strict=True) if i])
        positive = np.array(inside) & ~(survival == 0)
        same(se[positive], [v for v, i in zip(marks["se"], positive, strict=True) if i])


@pytest.mark.parametrize("name", TTE)
def test_reverse_kaplan_meier(oracle: Any, name: str) -> None:
    frame, expected = oracle(name)
    wanted = expected["reverse_km_log_log"]["overall"]
    km = kaplan_meier(frame["TIME"], reverse(frame["EVENT"]))
    same([quantile(km, p, "midpoint") for p in wanted["prob"]], wanted["estimate"])
    limits = [quantile_limits(km, p, rule="midpoint") for p in wanted["prob"]]
    same([v for v, _ in limits], wanted["lower"])
    same([v for _, v in limits], wanted["upper"])


@pytest.mark.parametrize("name", TTE)
@pytest.mark.parametrize(("key", "weight"), [("logrank", "log_rank"), ("gehan_wilcoxon", "gehan")])
def test_log_rank(oracle: Any, name: str, key: str, weight: Any) -> None:
    frame, expected = oracle(name)
    for suffix, strata in (("", None), ("_stratified", frame["STRATUM"])):
        wanted = expected.get(key + suffix)
        if not isinstance(wanted, dict) or wanted.get("chisq") is None:
            continue
        ours = log_rank(frame["TIME"], frame["EVENT"], frame["ARM"], strata, weight)
        same([ours.chi_square, ours.p_value], [wanted["chisq"], wanted["p"]])
        assert ours.degrees == wanted["df"]


def covariates(frame: pl.DataFrame, names: Any) -> Any:
    """Columns of the model: ARMB, STRATUMS2, X."""
    columns = []
    for name in [names] if isinstance(names, str) else names:
        variable = next(v for v in ("ARM", "STRATUM", "X") if str(name).startswith(v))
        own = frame[variable]
        columns.append(own if variable == "X" else (own == str(name).removeprefix(variable)).cast(pl.Float64))
    return np.column_stack(columns).astype(float)


@pytest.mark.parametrize(("name", "model"), COX)
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_cox(oracle: Any, name: str, ties: Any, model: str) -> None:
    frame, expected = oracle(name)
    wanted = expected[f"{model}_{ties}"]
    strata = frame["STRATUM"] if model == "cox_stratified" else None
    ours = cox(frame["TIME"], frame["EVENT"], covariates(frame, wanted["term"]), ties, strata)
    if wanted.get("monotone_or_singular"):
        assert not ours.converged and ours.reason and np.isnan(ours.hazard_ratio).all()
        for ours_p, key in ((ours.score_p, "score_test"), (ours.likelihood_ratio_p, "lr_test")):
            if wanted[key]["p"] is not None:
                same(ours_p, wanted[key]["p"], 1e-6)
        return
    for value, key in (
        (ours.coefficient, "coef"),
        (ours.se, "se"),
        (ours.hazard_ratio, "hr"),
        (ours.wald_p, "wald_p"),
    ):
        same(value, wanted[key], 1e-6)
    same(ours.low, wanted["ci95"]["lower"], 1e-6)
    same(ours.high, wanted["ci95"]["upper"], 1e-6)
    same(ours.log_likelihood, wanted["loglik"][1], 1e-8)
    same([ours.likelihood_ratio_p, ours.score_p], [wanted["lr_test"]["p"], wanted["score_test"]["p"]], 1e-6)


@pytest.mark.parametrize("name", BIN)
@pytest.mark.parametrize("level", [95, 90, 80])
def test_limits_of_a_proportion(oracle: Any, name: str, level: int) -> None:
    _, expected = oracle(name)
    methods = {
        "clopper_pearson": limits_clopper_pearson,
        "wilson": limits_wilson,
        "wald_unclipped": limits_wald,
    }
    for group, wanted in expected[f"ci_one_prop_{level}"].items():
        counts = expected["counts"][group]
        for key, limits in methods.items():
            ours = limits(counts["x"], counts["n"], level / 100)
            same([ours.low[0], ours.high[0]], wanted[key])


@pytest.mark.parametrize("name", TWO_ARMS)
@pytest.mark.parametrize("model", ["arm", "arm_x", "arm_x_stratum"])
def test_logistic(oracle: Any, name: str, model: str) -> None:
    frame, expected = oracle(name)
    wanted = expected[f"logistic_{model}"]
    ours = logistic(frame["RESP"], covariates(frame, wanted["term"][1:]))
    if wanted.get("separated"):
        assert np.isnan(ours.odds_ratio).all() and ours.reason
        return
    same(ours.coefficient, wanted["coef"][1:], 1e-6)
    same(ours.se, wanted["se"][1:], 1e-6)
    same(ours.wald_p, wanted["wald_p"][1:], 1e-6)
    same(np.log(ours.low), [math.log(v) for v in wanted["ci95"]["lower"][1:]], 1e-5)


@pytest.mark.parametrize("name", TWO_ARMS)
@pytest.mark.parametrize("model", ["arm", "arm_x", "arm_x_stratum"])
def test_firth(oracle: Any, name: str, model: str) -> None:
    frame, expected = oracle(name)
    wanted = expected[f"firth_{model}"]
    ours = firth(frame["RESP"], covariates(frame, wanted["term"][1:]))
    same(ours.coefficient, wanted["coef"][1:], 1e-5)
    same(ours.se, wanted["se_information"][1:], 1e-5)
    same(ours.likelihood_ratio_p, wanted["plr_p"][1:], 1e-5)
    upper = wanted["profile_ci95"]["upper"][1:]
    if (name, model) == ("bin05_n26_separated", "arm_x_stratum"):
        upper[0] = top_of_the_contour(frame)  # logistf stops on a lower top of the profile, at 11.10
    same(np.log(ours.low), wanted["profile_ci95"]["lower"][1:], 1e-4)
    same(np.log(ours.high), upper, 1e-4)


def top_of_the_contour(frame: pl.DataFrame) -> float:
    """The arm's upper limit by simplex searches from many starts: where the penalised likelihood has fallen
    by 1.9207 from its top, whatever the other coefficients are."""
    from scipy.optimize import brentq, minimize

    y = frame["RESP"].to_numpy().astype(float)
    design = np.column_stack([np.ones(len(y)), covariates(frame, ["ARMB", "X", "STRATUMS2"])])

    def penalised(beta: Any) -> float:
        eta = design @ beta
        p = 1 / (1 + np.exp(-eta))
        information = design.T @ ((p * (1 - p))[:, None] * design)
        return float(np.sum(y * eta - np.logaddexp(0, eta)) + np.linalg.slogdet(information)[1] / 2)

    def highest(arm: float | None) -> float:
        options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 6000, "maxfev": 6000}
        starts = [(a, x, z) for a in (-3, -8) for x in (-4, 4) for z in (-4, 0, 4)]
        if arm is None:
            found = minimize(
                lambda b: -penalised(b), (-2.7, 5.2, -0.3, 0), method="Nelder-Mead", options=options
            )
            return -float(found.fun)
        every = [
            minimize(
                lambda b: -penalised(np.array([b[0], arm, *b[1:]])), s, method="Nelder-Mead", options=options
            ).fun
            for s in starts
        ]
        return -float(min(every))

    target = highest(None) - 3.841458820694124 / 2
    return float(brentq(lambda arm: highest(arm) - target, 13, 16, xtol=1e-5))
