"""proportion: subjects with an event, and the limits of their proportion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from tlfgen.ard.analysis import AnalysedCell, Value, analysis, known
from tlfgen.data.registry import Where
from tlfgen.stats import find_method

Limits = Literal["clopper_pearson", "wilson", "wald", "mean_t"]
STATISTICS = ("n", "size", "pct", "low", "high", "low_pct", "high_pct")
NOBODY = "no subject"


def _notes(*, limits: Limits, level: float, **_: object) -> Mapping[str, str]:
    said = f"{level:.0%} limits of proportions: {find_method(limits, 'proportion').label}."
    return dict.fromkeys(("low", "high", "low_pct", "high_pct"), said)


@analysis(lambda **_: STATISTICS, _notes)
def analyse_proportion(
    cell: AnalysedCell, *, event: Where, limits: Limits = "clopper_pearson", level: float = 0.95
) -> Mapping[str, Value]:
    """Count the subjects with a record that meets `event`, and give their proportion with limits.

    The proportion is of the column's subjects, or within a level of `by` of those with a record there; a
    subject without a record has no event. limits: clopper_pearson, wilson, wald or mean_t; the last two may
    pass 0 and 1, and are given as they are. low, high are proportions, low_pct and high_pct percentages.
    """
    assert event is not None
    n, size = cell.subjects(event), cell.size if cell.size is not None else cell.subjects()
    found = find_method(limits, "proportion").function([n], [size], level)
    low, high = (known(v[0], NOBODY) for v in (found.low, found.high))
    pct = Value(n / size, None, size) if size else Value(None, NOBODY, size)
    return {
        "n": Value(n, None, size),
        "size": Value(size),
        "pct": pct,
        "low": low,
        "high": high,
        "low_pct": low,
        "high_pct": high,
    }
