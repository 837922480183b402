"""Means over time: a line a column, limits, and what stands below the axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.analysis.figure_mean_over_time import LOWER, UPPER, X_VALUE
from tlfgen.analysis.prepare import MISSING, REPEATED
from tlfgen.display.footnotes import count_of, percentile_note
from tlfgen.display.output import shared_of
from tlfgen.display.parts import Lines, Series, Strip
from tlfgen.display.results import Results, require
from tlfgen.spec.figure_mean_over_time import MeanOverTimeSpec
from tlfgen.spec.study import StudySpec
from tlfgen.spec.theme import NumberRules

if TYPE_CHECKING:
    from tlfgen.data.dataset import Dataset

Groups = tuple[tuple[str, str], ...]
LIMITS = {"se": "one standard error", "sd": "one standard deviation"}


def lay_out_figure(
    figure: MeanOverTimeSpec,
    ard: pl.DataFrame,
    data: Mapping[str, Dataset],
    study: StudySpec,
    rules: NumberRules,
) -> Lines:
    """Lay out the figure from the results of `output.Y`; without any the `empty` sentence stands."""
    results = Results(ard, study, rules)
    analysis = f"{figure.output}.{figure.y.removeprefix('ADSL.')}"
    places = sorted(results.of(analysis, X_VALUE), key=lambda r: float(r["stat_num"]))
    levels = [((str(r["group1"]), str(r["level1"])),) for r in places]
    ticks = tuple((float(r["stat_num"]), str(r["level1"])) for r in places)
    columns = [
        (g, figure.columns.levels.get(g[-1][1], g[-1][1]) if g else figure.columns.total or "")
        for g, _ in results.columns(figure.output)
    ]
    series = [_series(results, analysis, groups, label, levels, ticks, figure) for groups, label in columns]
    return Lines(
        **shared_of(figure, study, _footnotes(figure, results, analysis)),
        shape=figure.shape,
        series=tuple(series) if ticks else (),
        x_label=figure.x_label,
        y_label=figure.y_label,
        ticks=ticks,
        strips=tuple(_strips(results, analysis, figure, columns, levels)),
        alt=figure.alt,
        empty=figure.empty,
    )


def _series(
    results: Results,
    analysis: str,
    groups: Groups,
    label: str,
    levels: Sequence[Groups],
    ticks: Sequence[tuple[float, str]],
    figure: MeanOverTimeSpec,
) -> Series:
    def values(statistic: str) -> tuple[float | None, ...]:
        found = (
            require(results.get(analysis, statistic, (*groups, *x)), f"{analysis}.{statistic}")
            for x in levels
        )
        return tuple(row["stat_num"] for _, row in found)

    limits = figure.limits != "none"
    names = tuple(
        require(results.get(analysis, "mean", (*groups, *x)), f"{analysis}.mean")[0] for x in levels
    )
    return Series(
        label,
        tuple(x for x, _ in ticks),
        values("mean"),
        values(LOWER) if limits else (),
        values(UPPER) if limits else (),
        names,
    )


def _strips(
    results: Results,
    analysis: str,
    figure: MeanOverTimeSpec,
    columns: Sequence[tuple[Groups, str]],
    levels: Sequence[Groups],
) -> Iterator[Strip]:
    """For each statistic a row with its label and blanks, then a row a column."""
    for statistic, heading in figure.strips.items():
        yield Strip(heading, ("",) * len(levels))
        for groups, label in columns:
            found = [results.get(analysis, statistic, (*groups, *x)) for x in levels]
            yield Strip(label, tuple(results.text(f[1]) if f else "" for f in found))


def _footnotes(figure: MeanOverTimeSpec, results: Results, analysis: str) -> Iterator[str]:
    if figure.limits != "none":
        yield f"Points are means; bars reach {LIMITS[figure.limits]} to each side."
    repeated = results.number(analysis, REPEATED)
    if repeated:
        who = count_of(repeated, "subject")
        yield f"{who} {'has' if repeated == 1 else 'have'} more than one value at a point."
    missing = results.number(analysis, MISSING)
    if missing:
        x = figure.x.removeprefix("ADSL.")
        yield f"{count_of(missing, 'record')} without {x} {'is' if missing == 1 else 'are'} not shown."
    note = percentile_note(results, figure.strips)
    if note:
        yield note
