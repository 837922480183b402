"""The ratio of two odds, of many pairs at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tlfgen.spec.survival import LEVEL
from tlfgen.stats import method
from tlfgen.stats.arguments import Floats, two_sided


@dataclass(frozen=True)
class OddsRatio:
    """One ratio a pair; NaN where all or none of a group have the event."""

    estimate: Floats
    low: Floats
    high: Floats


@method("odds_ratio", "ratio")
def odds_ratio(
    events: npt.ArrayLike,
    size: npt.ArrayLike,
    events_against: npt.ArrayLike,
    size_against: npt.ArrayLike,
    level: float = LEVEL,
) -> OddsRatio:
    """Divide the odds of the event in the first group by those in the second, with Wald limits.

    The same as a logistic regression of the event on the group: exp(log(ad / bc)), with limits by the
    variance 1/a + 1/b + 1/c + 1/d of the logarithm. Without a value where one of the four is 0.

    ValueError where there are more events than subjects, or fewer than none.

    Source: Woolf, Annals of Human Genetics 1955; 19: 251-253.
    """
    given = (events, size, events_against, size_against)
    x, n, y, m = (np.atleast_1d(np.asarray(a, float)) for a in given)
    cells = np.stack([x, n - x, y, m - y])
    if (cells < 0).any():
        raise ValueError("there are more events than subjects, or fewer than none")
    a, b, c, d = np.where((cells > 0).all(axis=0), cells, np.nan)
    ratio = (a * d) / (b * c)
    away = np.exp(two_sided(level) * np.sqrt(1 / a + 1 / b + 1 / c + 1 / d))
    return OddsRatio(ratio, ratio / away, ratio * away)
