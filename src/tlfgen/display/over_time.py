"""What figures over time show alike: panels by facet, places on the axis, strips of numbers below it."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tlfgen.analysis.over_time import X_VALUE
from tlfgen.analysis.prepare import MISSING, REPEATED
from tlfgen.analysis.table import groups_of
from tlfgen.display.figure import Groups
from tlfgen.display.footnotes import percentile_note
from tlfgen.display.panels import Strip
from tlfgen.display.results import Results
from tlfgen.spec.over_time import OverTimeSpec

At = tuple[float, str, Groups]
LETTERS = string.ascii_uppercase


def analysis_of(figure: OverTimeSpec) -> str:
    """The analysis of its results."""
    return f"{figure.output}.{figure.y.removeprefix('ADSL.')}"


def facets_of(figure: OverTimeSpec, results: Results) -> list[Groups]:
    """The levels of `facet`, each as the groups of its results; one without groups where there is none."""
    if not figure.facet:
        return [()]
    name = figure.facet.removeprefix("ADSL.")
    found = dict.fromkeys(dict(groups_of(r))[name] for r in results.of(analysis_of(figure), X_VALUE))
    return [((name, level),) for level in found]


def places_of(results: Results, analysis: str, facet: Groups) -> list[At]:
    """Where each x stands, its label, and the groups of its results, from left to right."""
    rows = [r for r in results.of(analysis, X_VALUE) if groups_of(r)[:-1] == facet]
    rows.sort(key=lambda r: float(r["stat_num"]))
    return [(float(r["stat_num"]), groups_of(r)[-1][1], groups_of(r)) for r in rows]


def strips_of(
    results: Results,
    analysis: str,
    wanted: Mapping[str, str],
    columns: Sequence[tuple[Groups, str]],
    places: Sequence[At],
) -> Iterator[Strip]:
    """For each statistic a heading, then a row a column in the column's look."""
    for statistic, heading in wanted.items():
        yield Strip(heading, heading=True)
        for i, (groups, label) in enumerate(columns):
            found = [results.get(analysis, statistic, (*groups, *at)) for _, _, at in places]
            texts = tuple(results.text(f[1]) if f else "" for f in found)
            yield Strip(label, texts, i, results=tuple(f[0] for f in found if f))


def notes_of(figure: OverTimeSpec, results: Results, statistics: Iterable[str] = ()) -> Iterator[str]:
    """Subjects with several values at a point, records without one, and the definition of quartiles where
    the strips or these statistics have any."""
    analysis = analysis_of(figure)
    say = results.rules.words.say
    repeated = results.number(analysis, REPEATED)
    if repeated:
        yield say("repeated_at_point", repeated, who=say("subject", repeated))
    missing = results.number(analysis, MISSING)
    if missing:
        names = say("or").join(n.removeprefix("ADSL.") for n in (figure.facet, figure.x) if n)
        yield say("without_place", missing, who=say("record", missing), names=names)
    note = percentile_note(results, (*figure.strips, *statistics))
    if note:
        yield note
