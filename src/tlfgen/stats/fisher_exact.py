"""Fisher's exact test of many 2 x 2 tables at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tlfgen.stats import method

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

SLACK = 1 + 1e-7  # tables this little more probable than the observed one count as equally so, as in R
MOST_CELLS = 2_000_000


@dataclass(frozen=True)
class FisherExact:
    """One number a table; NaN where a group has no subject."""

    p_value: Floats


@method("fisher_exact", "comparison")
def compare_fisher_exact(
    events: npt.ArrayLike, size: npt.ArrayLike, events_against: npt.ArrayLike, size_against: npt.ArrayLike
) -> FisherExact:
    """Compare two proportions by Fisher's exact test, two-sided.

    Given the margins, the number of events in the first group is hypergeometric if the proportions are equal.
    P is the total probability of the tables that are no likelier than the observed one (relative slack 1e-7).

    events, events_against: subjects with the event; size, size_against: subjects in all. ValueError where
    there are more events than subjects, or fewer than none.

    Source: Fisher, Statistical Methods for Research Workers, section 21.02; the choice of tables is that of
    R's fisher.test and of SAS's PROC FREQ.
    """
    given = (events, size, events_against, size_against)
    x, n, y, m = (np.atleast_1d(np.asarray(a)).astype(np.int64) for a in given)
    if (x < 0).any() or (y < 0).any() or (x > n).any() or (y > m).any():
        raise ValueError("events lie between 0 and the number of subjects")
    tables, back = np.unique(np.stack([x, n, y, m], axis=1), axis=0, return_inverse=True)
    widest = int((np.minimum(tables[:, 0] + tables[:, 2], tables[:, 1])).max(initial=0)) + 1
    step = max(1, MOST_CELLS // widest)
    parts = [_p_values(tables[at : at + step]) for at in range(0, len(tables), step)]
    p = np.concatenate(parts) if parts else np.zeros(0)
    return FisherExact(p[back.reshape(-1)])


def _p_values(tables: Whole) -> Floats:
    from scipy.special import gammaln

    x, n, y, m = (tables[:, [c]] for c in range(4))
    total = x + y
    low, high = np.maximum(0, total - m), np.minimum(n, total)
    k = low + np.arange(int((high - low).max()) + 1)
    possible = k <= high
    k = np.where(possible, k, low)

    def log_choose(a: Whole, b: Whole) -> Floats:
        result: Floats = gammaln(a + 1.0) - gammaln(b + 1.0) - gammaln(a - b + 1.0)
        return result

    logs = np.where(possible, log_choose(n, k) + log_choose(m, total - k), -np.inf)
    likelihood = np.exp(logs - logs.max(axis=1, keepdims=True))
    observed = np.take_along_axis(likelihood, x - low, axis=1)
    no_likelier = np.where(likelihood <= observed * SLACK, likelihood, 0.0)
    p = np.minimum(no_likelier.sum(axis=1) / likelihood.sum(axis=1), 1.0)
    return np.where((n[:, 0] > 0) & (m[:, 0] > 0), p, np.nan)
