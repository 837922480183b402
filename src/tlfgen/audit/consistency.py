"""What cannot hold among printed numbers, whatever the data are.

Each rule reads printed claims alone and gives a remark for what contradicts itself. `percentage` and `limits`
look at every claim; the others at the claims that claims.yaml joins.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from tlfgen.display.numbers import half_up
from tlfgen.spec.claims import ClaimSpec, ClaimsSpec, HazardRatioSpec, LevelsSumSpec, SameNumberSpec

Floats = npt.NDArray[np.float64]
PAIRS = (("low", "high"), ("median_low", "median_high"))
ESTIMATES = ("pct", "estimate", "median", "hr")
MOST_ARRANGEMENTS = 200_000


@dataclass(frozen=True)
class Remark:
    """What cannot hold: the rule, the claims that it is about, and what contradicts what."""

    rule: str
    claims: tuple[str, ...]
    says: str


def remarks(spec: ClaimsSpec) -> list[Remark]:
    """Apply every rule; the remarks in the order of the claims, then of the rules."""
    found: list[Remark] = []
    claims = {c.id: c for c in spec.claims}
    for claim in spec.claims:
        found += [*percentage(claim), *limits(claim)]
    for rule in spec.rules:
        if isinstance(rule, LevelsSumSpec):
            found += levels_sum(rule, claims)
        elif isinstance(rule, SameNumberSpec):
            found += same_number(rule, claims)
        else:
            found += hazard_ratio(rule, claims)
    return found


def number(text: str) -> Decimal | None:
    """The number of a printed text; None for a bound."""
    return None if text[:1] in "<>" else Decimal(text)


def places(text: str) -> int:
    """The decimals that a number is printed with."""
    return len(text.partition(".")[2])


def percentage(claim: ClaimSpec) -> Iterator[Remark]:
    """A percentage is its count over its denominator, rounded half up at the decimals printed.

    A zero count may be printed with a bare 0.
    """
    n, of, pct = (claim.says.get(k) for k in ("n", "of", "pct"))
    if n is None or of is None:
        return
    if Decimal(n) > Decimal(of):
        yield Remark("percentage", (claim.id,), f"{n} is more than its denominator {of}")
    elif pct is not None and Decimal(of) > 0:
        right = half_up(100 * int(n) / int(of), places(pct))
        if right != Decimal(pct):
            yield Remark("percentage", (claim.id,), f"{n} of {of} are {right}%, not {pct}%")


def limits(claim: ClaimSpec) -> Iterator[Remark]:
    """Limits stand in order around their estimate, within what is possible.

    A proportion, in percent or not, lies between 0 and 1; a time and a hazard ratio are not negative.
    """
    for low_key, high_key in PAIRS:
        if low_key not in claim.says or high_key not in claim.says:
            continue
        low, high = Decimal(claim.says[low_key]), Decimal(claim.says[high_key])
        estimate = next((claim.says[k] for k in ESTIMATES if k in claim.says), None)
        value = None if estimate is None else Decimal(estimate)
        share = "pct" in claim.says
        most = Decimal(100 if max(low, high) > Decimal("1.5") else 1) if share else None
        if share and value is not None and most == 1:
            value /= 100
        if low > high:
            yield Remark("limits", (claim.id,), f"the lower limit {low} is above the upper one {high}")
        if most is not None and high > most:
            yield Remark("limits", (claim.id,), f"the upper limit {high} of a proportion is above {most}")
        if low < 0:
            yield Remark("limits", (claim.id,), f"the lower limit {low} is below 0")
        slack = Decimal(1).scaleb(-min(places(claim.says[low_key]), places(claim.says[high_key])))
        if value is not None and not (low - slack <= value <= high + slack):
            yield Remark("limits", (claim.id,), f"the estimate {value} lies outside {low} to {high}")


def levels_sum(rule: LevelsSumSpec, claims: Mapping[str, ClaimSpec]) -> Iterator[Remark]:
    """The counts of levels, or of maximum grades, add up to the total's: each subject is in one of them."""
    counts = [int(claims[p].says["n"]) for p in rule.parts]
    total = int(claims[rule.total].says["n"])
    if sum(counts) != total:
        what = "maximum grades" if rule.rule == "maximum_grades" else "levels"
        shown = " + ".join(map(str, counts))
        says = f"the {what} {shown} = {sum(counts)} do not add up to {total}"
        yield Remark(rule.rule, (*rule.parts, rule.total), says)


def same_number(rule: SameNumberSpec, claims: Mapping[str, ClaimSpec]) -> Iterator[Remark]:
    """A number that is printed twice is the same, at the coarser of the two precisions."""
    for one, other in itertools.combinations([claims[c] for c in rule.claims], 2):
        for key in one.says.keys() & other.says.keys():
            a, b = one.says[key], other.says[key]
            x, y = number(a), number(b)
            if x is None or y is None:
                continue
            coarse = min(places(a), places(b))
            if half_up(float(x), coarse) != half_up(float(y), coarse):
                yield Remark("same_number", (one.id, other.id), f"{key} is {a} in one and {b} in the other")


def hazard_ratio(rule: HazardRatioSpec, claims: Mapping[str, ClaimSpec]) -> Iterator[Remark]:
    """A hazard ratio and a log-rank P value come from one order of events.

    For two small groups every order of the subjects is tried, without ties, with each number of censored
    subjects from the fewest to the most, and each choice of who they are: those whose log-rank P value
    prints as the claim's give the hazard ratios that can stand beside it (Cox; O/E; Mantel-Haenszel; either
    way round). The claim cannot hold if none of them prints as the claim's ratio. With more than 200,000
    arrangements the rule says nothing.
    """
    p_text, ratio_text = claims[rule.p_value].says, claims[rule.ratio].says
    p_key = next(k for k in p_text if k.startswith("p"))
    ratio_key = next(iter(ratio_text))
    p, ratio = p_text[p_key], ratio_text[ratio_key]
    group, event = arrangements(rule.n, rule.censored)
    if not len(group):
        return
    observed, expected, variance = log_rank_terms(group, event)
    known = variance > 0
    chi_square = np.divide((observed - expected) ** 2, variance, out=np.zeros_like(variance), where=known)
    p_values = chi_square_tail(chi_square)
    fits = known & np.array([half_up(v, places(p)) == Decimal(p) for v in p_values])
    says = f"no order of {rule.n[0]} and {rule.n[1]} subjects gives P = {p}"
    if fits.any():
        group, event = group[fits], event[fits]
        o, e, v = observed[fits], expected[fits], variance[fits]
        every = event.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = [(o / e) / ((every - o) / (every - e)), np.exp((o - e) / v), cox_ratios(group, event)]
            found = np.concatenate([r for one in ratios for r in (one, 1 / one)])
        found = found[np.isfinite(found)]
        if any(half_up(float(r), places(ratio)) == Decimal(ratio) for r in found):
            return
        below = sorted({f"{half_up(float(r), 2)}" for r in found if r < 1})
        says = (
            f"a hazard ratio of {ratio} cannot stand beside P = {p}: of {len(fits)} orders of {rule.n[0]} "
            f"and {rule.n[1]} subjects {int(fits.sum())} give that P, with ratios {', '.join(below)} "
            "(Cox, O/E, Mantel-Haenszel)"
        )
    yield Remark("hazard_ratio", (rule.ratio, rule.p_value), says)


def arrangements(n: tuple[int, int], censored: tuple[int, int]) -> tuple[Floats, Floats]:
    """Every order of two groups by time, and every choice of the censored: two arrays (arrangement, place),
    1 for the second group and 1 for an event. Empty where there are too many."""
    total = sum(n)
    choices = sum(math.comb(total, k) for k in range(censored[0], censored[1] + 1))
    if math.comb(total, n[1]) * choices > MOST_ARRANGEMENTS:
        return np.zeros((0, total)), np.zeros((0, total))
    groups = _placed(total, (n[1],))
    events = 1 - _placed(total, range(censored[0], censored[1] + 1))
    return np.repeat(groups, len(events), axis=0), np.tile(events, (len(groups), 1))


def _placed(total: int, sizes: range | tuple[int, ...]) -> Floats:
    chosen = [c for k in sizes for c in itertools.combinations(range(total), k)]
    found = np.zeros((len(chosen), total))
    for row, places_ in enumerate(chosen):
        found[row, list(places_)] = 1
    return found


def log_rank_terms(group: Floats, event: Floats) -> tuple[Floats, Floats, Floats]:
    """Observed and expected events of the second group and their variance, an arrangement a row, no ties."""
    at_risk = np.arange(group.shape[1], 0, -1.0)
    share = group[:, ::-1].cumsum(axis=1)[:, ::-1] / at_risk
    return (group * event).sum(axis=1), (share * event).sum(axis=1), (share * (1 - share) * event).sum(axis=1)


def cox_ratios(group: Floats, event: Floats, steps: int = 60) -> Floats:
    """Cox's hazard ratio of the second group, an arrangement a row, no ties; by Newton's method."""
    beta = np.zeros(len(group))
    ones = 1 - group
    for _ in range(steps):
        weight = np.exp(np.clip(beta, -30, 30))[:, None] * group
        second = weight[:, ::-1].cumsum(axis=1)[:, ::-1]
        share = second / (second + ones[:, ::-1].cumsum(axis=1)[:, ::-1])
        score = ((group - share) * event).sum(axis=1)
        information = (share * (1 - share) * event).sum(axis=1)
        beta = beta + np.clip(score / np.maximum(information, 1e-12), -1, 1)
    found: Floats = np.where(np.abs(beta) < 20, np.exp(np.clip(beta, -30, 30)), np.nan)
    return found


def chi_square_tail(statistic: Floats) -> Floats:
    """The P value of a chi-square with one degree of freedom."""
    from scipy.special import erfc

    found: Floats = erfc(np.sqrt(np.maximum(statistic, 0) / 2))
    return found
