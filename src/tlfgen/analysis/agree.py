"""Do figures and tables say the same: curves and the rows that analyse the same times, marks and counts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from tlfgen.analysis.figure_kaplan_meier import SUMMARY
from tlfgen.analysis.prepare import LEFT_OUT
from tlfgen.analysis.subjects import MARKS
from tlfgen.analysis.table import find_result, groups_of, level_of, parse_name
from tlfgen.analysis.times import REASONS, WITHOUT_STATUS
from tlfgen.errors import Finding
from tlfgen.spec.figure import FigureSpec
from tlfgen.spec.figure_kaplan_meier import KaplanMeierSpec
from tlfgen.spec.subject_figure import SubjectFigureSpec

STAGE = "results"
CURVE_AND_TABLE, MARK_AND_TABLE, NO_STATUS = "curve_and_table", "mark_and_table", "status_not_known"
# What a curve's summary calls a statistic: what a row of a table does.
PAIRS = {
    "n": "n",
    "events": "events",
    "censored": "censored",
    "median": "median",
    "median_low": "median_low",
    "median_high": "median_high",
}
OF_METHOD = {"median", "median_low", "median_high"}
ALIKE = ("time", "event", "round")
METHOD = ("limits", "quantile_rule", "quantile_limits", "level")


def disagreements(outputs: Mapping[str, Any], results: Mapping[str, pl.DataFrame]) -> list[Finding]:
    """Compare what figures draw with what tables count, and tell of times whose status is not known.

    outputs: the specs by id; results: the results by the same ids, of those that were made.
    """
    found: list[Finding] = []
    for name, output in outputs.items():
        if name not in results or not isinstance(output, FigureSpec):
            continue
        for figure in output.figures():
            if isinstance(figure, KaplanMeierSpec) and figure.analysis is None:
                found += _curves(figure.output, results[name], results)
            elif isinstance(figure, SubjectFigureSpec):
                found += _marks(figure, results[name], results)
    for name, ard in results.items():
        found += _without_status(name, ard)
    return found


def _curves(figure: str, made: pl.DataFrame, results: Mapping[str, pl.DataFrame]) -> Iterator[Finding]:
    """Each number of a curve against every row that analyses the same records by the same method."""
    own = made.filter(pl.col("analysis") == f"{figure}.{SUMMARY}", pl.col("statistic").is_in(PAIRS))
    given = own.filter(pl.col("statistic") == "median").to_dicts()
    told = json.loads(given[0]["parameters"]) if given else {}
    for name, ard in results.items():
        rows = ard.filter(pl.col("method").str.starts_with("analyse kaplan_meier")).to_dicts()
        for curve in own.iter_rows(named=True):
            for row in rows:
                if _same(curve, row, told) and curve["stat_num"] != row["stat_num"]:
                    yield _finding(
                        CURVE_AND_TABLE,
                        figure,
                        f"{_named(curve)} is {_said(curve)}, and {_named(row)} in '{name}' is {_said(row)}.",
                    )


def _same(curve: Mapping[str, Any], row: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    """Say whether a row of results is of the curve's records, and of its method where that matters."""
    if row["statistic"] != PAIRS[curve["statistic"]] or row["dataset"] != curve["dataset"]:
        return False
    how = json.loads(row["parameters"])
    keys = (*ALIKE, *(METHOD if curve["statistic"] in OF_METHOD else ()))
    if how.get("reverse") or any(told.get(k) != how.get(k) for k in keys):
        return False
    own = {f"{how['time']} IS NOT NULL"}
    own |= {how["event"]} if row["statistic"] == "events" else set()
    return _records(row) - own == _records(curve) - own


def _records(row: Mapping[str, Any]) -> set[str]:
    """The conditions on the records, with that of the population; a column of a set stands within it."""
    found = {p for p in str(row["where"] or "").split(" AND ") if p}
    if not any(level == "Y" and f"ADSL.{name} = 'Y'" in found for name, level in groups_of(row)):
        found.add(f"ADSL.{row['population']} = 'Y'")
    return found


def _marks(
    figure: SubjectFigureSpec, made: pl.DataFrame, results: Mapping[str, pl.DataFrame]
) -> Iterator[Finding]:
    """The subjects that a mark draws against the result that it says it is the same as."""
    for mark in figure.marked():
        if not mark.same_as or parse_name(mark.same_as)[0].split(".")[0] not in results:
            continue
        place = mark.at_key("same_as")
        table = find_result(results[parse_name(mark.same_as)[0].split(".")[0]], mark.same_as, place)
        drawn = find_result(made, f"{figure.output}.{MARKS}.n[MARK={mark.label}]", place)
        if drawn["stat_num"] != table["stat_num"]:
            yield _finding(
                MARK_AND_TABLE,
                figure.output,
                f"'{mark.label}' is drawn of {_said(drawn)} subjects, and {mark.same_as} is {_said(table)}.",
            )


def _without_status(output: str, ard: pl.DataFrame) -> Iterator[Finding]:
    own = ard.filter(pl.col("statistic") == LEFT_OUT, pl.col("stat_num") > 0)
    for row in own.iter_rows(named=True):
        if level_of(row) != REASONS[WITHOUT_STATUS]:
            continue
        is_one = row["stat_num"] == 1
        yield _finding(
            NO_STATUS,
            output,
            f"{row['analysis']}: {row['stat_num']:.0f} record{'' if is_one else 's'} of {row['dataset']} "
            f"{REASONS[WITHOUT_STATUS]} {'is' if is_one else 'are'} left out.",
        )


def _named(row: Mapping[str, Any]) -> str:
    level = ", ".join(v for _, v in groups_of(row))
    return f"{row['analysis']}.{row['statistic']}{f' of {level}' if level else ''}"


def _said(row: Mapping[str, Any]) -> str:
    return "not estimable" if row["stat_num"] is None else f"{row['stat_num']:.6g}"


def _finding(rule: str, output: str, message: str) -> Finding:
    return Finding("error", STAGE, output, rule, message)
