"""The difference of two proportions, of many pairs at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tlfgen.spec.survival import LEVEL
from tlfgen.stats import method
from tlfgen.stats.arguments import Floats
from tlfgen.stats.proportion import limits_wilson


@dataclass(frozen=True)
class Difference:
    """One number a pair, a proportion; NaN where a group has no subject."""

    estimate: Floats
    low: Floats
    high: Floats


@method("risk_difference", "difference")
def risk_difference(
    events: npt.ArrayLike,
    size: npt.ArrayLike,
    events_against: npt.ArrayLike,
    size_against: npt.ArrayLike,
    level: float = LEVEL,
) -> Difference:
    """Subtract the second proportion from the first, with limits from both groups' score limits.

    With Wilson's limits l1, u1 and l2, u2 of the two, without continuity correction, they are
    d - sqrt((p1 - l1)^2 + (u2 - p2)^2) and d + sqrt((u1 - p1)^2 + (p2 - l2)^2); never beyond -1 and 1.

    ValueError where there are more events than subjects, or fewer than none.

    Source: Newcombe, Statistics in Medicine 1998; 17: 873-890, method 10.
    """
    first, second = limits_wilson(events, size, level), limits_wilson(events_against, size_against, level)
    given = (events, size, events_against, size_against)
    x, n, y, m = (np.atleast_1d(np.asarray(a, float)) for a in given)
    p, q = x / np.where(n > 0, n, np.nan), y / np.where(m > 0, m, np.nan)
    below = np.sqrt((p - first.low) ** 2 + (second.high - q) ** 2)
    above = np.sqrt((first.high - p) ** 2 + (q - second.low) ** 2)
    return Difference(p - q, p - q - below, p - q + above)
