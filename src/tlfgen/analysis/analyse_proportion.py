"""proportion: subjects with an event, and the limits of their proportion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from tlfgen.analysis.forms import COUNT, PERCENT, Declared
from tlfgen.analysis.registry import AnalysedCell, Level, Value, analysis, known, percent_of_level
from tlfgen.analysis.source import NUMBER
from tlfgen.analysis.times import EVENT_UNKNOWN
from tlfgen.engine.registry import Where
from tlfgen.spec.condition import Condition
from tlfgen.spec.survival import LEVEL
from tlfgen.spec.usual import PROPORTION_LIMITS
from tlfgen.spec.words import Sentence, sentence
from tlfgen.stats import find_method

Limits = Literal["clopper_pearson", "wilson", "wald", "mean_t"]
FORMS: Mapping[str, Declared] = {
    "n": COUNT,
    "size": Declared("count", "N"),
    "pct": PERCENT,
    "low": Declared("proportion", "lower limit", "pct", "low"),
    "high": Declared("proportion", "upper limit", "pct", "high"),
    "low_pct": Declared("percent", "lower limit", "pct", "low"),
    "high_pct": Declared("percent", "upper limit", "pct", "high"),
}
NOBODY, SINGLE, MORE = "no subject", "a single subject", "more subjects than in the denominator"


def _notes(*, limits: Limits, level: float, **_: object) -> Mapping[str, Sentence]:
    said = sentence("proportion_limits", level=percent_of_level(level), method=sentence(f"method_{limits}"))
    return dict.fromkeys(("low", "high", "low_pct", "high_pct"), said)


def _unknown(cell: AnalysedCell, *, event: Condition, **_: object) -> Mapping[str, int]:
    met = cell.judged(event)
    meeting = cell.records.filter(met.fill_null(False))[NUMBER].unique()
    unknown = cell.records.filter(met.is_null())[NUMBER].drop_nulls().unique()
    return {EVENT_UNKNOWN: len(set(unknown) - set(meeting))}


def _counts(cell: AnalysedCell, *, event: Condition, **_: object) -> tuple[float, float]:
    return cell.subjects(event), cell.size if cell.size is not None else cell.subjects()


@analysis(FORMS, _notes, left_out=_unknown, sized=True, compares="proportions", sides=_counts)
def analyse_proportion(
    cell: AnalysedCell, *, event: Where, limits: Limits = PROPORTION_LIMITS, level: Level = LEVEL
) -> Mapping[str, Value]:
    """Count the subjects with a record that meets `event`, and give their proportion with limits.

    The proportion is of the column's subjects, or within a level of `by` of those with a record there; a
    subject without a record has no event. limits: clopper_pearson, wilson, wald or mean_t; the last two may
    pass 0 and 1, and are given as they are. low, high are proportions, low_pct and high_pct percentages.
    Not estimable without a subject, and where more subjects have the event than are in the denominator.
    """
    assert event is not None
    n, size = _counts(cell, event=event)
    if n > size or not size:
        low = high = none = Value(None, MORE if n > size else NOBODY, size)
        pct = replace(none, where=event.text)
    else:
        found = find_method(limits, "proportion").function([n], [size], level)
        low, high = (known(v[0], SINGLE, size) for v in (found.low, found.high))
        pct = Value(n / size, None, size, event.text)
    return {
        "n": Value(n, None, size, event.text),
        "size": Value(size),
        "pct": pct,
        "low": low,
        "high": high,
        "low_pct": low,
        "high_pct": high,
    }
