"""Student's t test of two means."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tlfgen.stats import method
from tlfgen.stats.arguments import Floats, one_of

Variances = Literal["equal", "unequal"]


@dataclass(frozen=True)
class TTest:
    """NaN where there is no test; `reason` says why."""

    p_value: float
    statistic: float = math.nan
    degrees: float = math.nan
    reason: str = ""


@method("t_test", "mean_comparison")
def compare_t_test(
    values: npt.ArrayLike, values_against: npt.ArrayLike, variances: Variances = "equal"
) -> TTest:
    """Compare the means of two groups by the t test, two-sided.

    variances: equal, one variance pooled from both groups (Student); unequal, each group's own, with
    Satterthwaite's degrees of freedom (Welch). Values that are NaN do not count.

    First case that applies, each without a P value:
      1. a group without a value, or with a single one where variances are unequal
      2. fewer than three values in all
      3. all values of each group are alike: there is no variance to judge by

    Source: Student, Biometrika 1908; 6: 1-25; Welch, Biometrika 1947; 34: 28-35.
    """
    from scipy.special import stdtr

    one_of(variances, Variances, "assumption of variances")
    x, y = (_known(a) for a in (values, values_against))
    least = 1 if variances == "equal" else 2
    if min(len(x), len(y)) < least or len(x) + len(y) < 3:
        return TTest(math.nan, reason="too few values in a group")
    if not np.ptp(x) and not np.ptp(y):
        return TTest(math.nan, reason="all values of a group are alike")
    squares = float(((x - x.mean()) ** 2).sum()), float(((y - y.mean()) ** 2).sum())
    if variances == "equal":
        degrees = float(len(x) + len(y) - 2)
        error = sum(squares) / degrees * (1 / len(x) + 1 / len(y))
    else:
        parts = [s / (len(v) - 1) / len(v) for s, v in zip(squares, (x, y), strict=True)]
        error, shares = sum(parts), [p**2 / (len(v) - 1) for p, v in zip(parts, (x, y), strict=True)]
        degrees = error**2 / sum(shares)
    t = float(x.mean() - y.mean()) / math.sqrt(error)
    return TTest(float(2 * stdtr(degrees, -abs(t))), t, degrees)


def _known(values: npt.ArrayLike) -> Floats:
    x = np.asarray(values, float)
    if x.ndim != 1:
        raise ValueError("values are one list a group")
    kept: Floats = x[~np.isnan(x)]
    return kept
