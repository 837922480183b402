"""compare_survival: two groups' times to an event against each other."""

from __future__ import annotations

from collections.abc import Mapping

from tlfgen.analysis.analyse_kaplan_meier import of_rounded
from tlfgen.analysis.registry import AnalysedCell, Decimals, Level, Value, analysis
from tlfgen.analysis.source import text_of
from tlfgen.analysis.survival import COMPARED, P_VALUES, RATIOS, SIDES, Pair, compared
from tlfgen.analysis.table import Shown
from tlfgen.analysis.times import REASONS, Times
from tlfgen.engine.registry import Column, Where
from tlfgen.spec.condition import Condition
from tlfgen.spec.survival import LEVEL

FORMS: Mapping[str, Shown] = {
    "n": "count",
    "events": "count",
    **dict.fromkeys(P_VALUES, "p"),
    **dict.fromkeys([f"{r}{side}" for r in RATIOS for side in SIDES], "ratio"),
    "ratio_of_medians": "ratio",
    "rate_ratio": "ratio",
}
TESTS = {
    "p_log_rank": "Log-rank P: unstratified log-rank test, asymptotic, two-sided",
    "p_permutation": "Permutation P: log-rank scores over every arrangement of the two groups (100,000 at "
    "random where there are more), two-sided",
    "p_gehan": "Gehan P: Gehan-Breslow-Wilcoxon test, two-sided",
    "p_wald": "Wald P of Cox's model with Efron's treatment of ties",
    "p_likelihood_ratio": "Likelihood ratio P of Cox's model with Efron's treatment of ties",
    "p_score": "Score P of Cox's model with Efron's treatment of ties",
}
HAZARDS = {
    "hr": "Cox's model with Efron's treatment of ties",
    "hr_breslow": "Cox's model with Breslow's treatment of ties",
    "hr_oe": "ratio of observed to expected events of the log-rank test",
    "hr_mh": "Mantel and Haenszel's exp((O - E) / V) of the log-rank test",
}
VARIANCES = {
    "hr_oe": "limits by the variance 1 / E + 1 / E of its logarithm",
    "hr_mh": "limits by the variance 1 / V of its logarithm",
}


def _statistics(*, each: str, against: str, **_: object) -> tuple[str, ...]:
    if each == against:
        raise ValueError(f"compares '{each}' with itself")
    return ("n", "events", *COMPARED)


def _notes(*, each: str, against: str, round: int | None, level: float, **_: object) -> Mapping[str, str]:
    rounded = of_rounded(round)
    found = {name: f"{words}{rounded}." for name, words in TESTS.items()}
    for name, words in HAZARDS.items():
        limits = f"{100 * level:g}% {VARIANCES.get(name, 'Wald limits')}"
        said = f"Hazard ratio, {each} over {against}: {words}, with {limits}{rounded}."
        found |= dict.fromkeys((f"{name}{side}" for side in SIDES), said)
    found["ratio_of_medians"] = (
        f"Ratio of the medians, {against} over {each}, by the middle of a plateau{rounded}: no hazard ratio."
    )
    of_rates = f"Ratio of events per person-time, {each} over {against}{rounded}"
    return found | {"rate_ratio": f"{of_rates}: a hazard ratio only where hazards are constant."}


def _read(
    cell: AnalysedCell, group: str, each: str, against: str, time: str, event: Condition, round: int | None
) -> Times:
    belongs = cell.texts(group).is_in([each, against]).fill_null(False)
    return cell.only(belongs).times(time, event, round)


def _left_out(
    cell: AnalysedCell,
    *,
    group: str,
    each: str,
    against: str,
    time: str,
    event: Condition,
    round: int | None,
    **_: object,
) -> Mapping[str, int]:
    read = _read(cell, group, each, against, time, event, round)
    return {REASONS[why]: count for why, count in read.left_out()}


@analysis(FORMS, _notes, statistics=_statistics, left_out=_left_out)
def analyse_compare_survival(
    cell: AnalysedCell,
    *,
    group: Column,
    each: str,
    against: str,
    time: Column = "AVAL",
    event: Where = "CNSR = 0",  # type: ignore[assignment]
    round: Decimals | None = None,
    level: Level = LEVEL,
) -> Mapping[str, Value]:
    """Compare the survival of two groups; the records of other groups are left out.

    group: the variable; each, against: its two values. A record without a time, or where `event` is not
    known, is left out. A ratio is of the hazard of `each` over that of `against`. ratio_of_medians (of
    `against` over `each`, by the middle of a plateau) and rate_ratio are no hazard ratios. round: decimals of
    the times before the analysis. Without an event, or a subject of one group, nothing is estimable. A
    SpecError where a subject has two records.
    """
    assert event is not None
    read = _read(cell, group, each, against, time, event, round)
    own = cell.source.own(group)
    first = (read.frame.select(text_of(read.frame, own).alias("g"))["g"] == each).cast(int).to_numpy()
    n = len(read.time)
    found: dict[str, Value] = {"n": Value(n), "events": Value(int(read.event.sum()), None, n)}
    pair = Pair(read.time, read.event, first, each, against)
    return found | compared(pair, cell.wanted, level)
