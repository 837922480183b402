"""Results that were made elsewhere: a file with a row for each, read, typed, and held against its entry.

Columns of the file: `statistic`, `value`, `reason` (why there is no value), and for each group of the result
`group1`, `level1`, `group2`, `level2`, ..., as in ard.parquet. Names in capitals are the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from tlfgen.analysis.columns import label_of
from tlfgen.analysis.forms import Declared
from tlfgen.analysis.pairs import pairs_of
from tlfgen.analysis.planned import MADE_ELSEWHERE, Planned, planned
from tlfgen.analysis.prepare import Prepared
from tlfgen.analysis.registry import METHOD
from tlfgen.analysis.source import SUBJECTS, text_of
from tlfgen.analysis.table import Groups, compose, group_at, level_at, pairs, parameters_text, rows, width
from tlfgen.data.formats import RawTable, read_raw
from tlfgen.errors import DataError, SpecError, nearest, unknown
from tlfgen.spec.analysis import ElsewhereAnalysisSpec
from tlfgen.spec.specs import inside

NEEDED, REASON = ("statistic", "value"), "reason"
WITHIN = {"p": (0.0, 1.0), "proportion": (0.0, 1.0), "percent": (-1.0, 1.0), "ratio": (0.0, math.inf)}
Text = str | None


@dataclass(frozen=True)
class Given:
    """A result of the file. row: where it stands there."""

    row: int
    statistic: str
    groups: Groups
    value: float | None
    reason: Text


def check_results(analyses: Mapping[str, ElsewhereAnalysisSpec], folder: Path) -> None:
    """Read every file of results, before any data; the first thing wrong is an error with file and row."""
    for spec in analyses.values():
        read_results(spec, folder)


def results_elsewhere(spec: ElsewhereAnalysisSpec, prepared: Prepared, folder: Path) -> pl.DataFrame:
    """The results of a file as results of the analysis, in the order of the file.

    Each statistic has a row for each column of the analysis, or for each pair that it compares, in each line;
    what could not be computed there is a row without a value and with its reason. A DataError names what is
    not there, and a level that no column, pair or record has.
    """
    plan, given = planned(spec.row), read_results(spec, folder)
    lines = list(dict.fromkeys(g.groups[len(g.groups) - len(spec.lines) :] for g in given))
    _check_lines(spec, prepared, given)
    there = {(g.statistic, tuple(g.groups)) for g in given}
    expected = _expected(spec, plan, prepared)
    for one in given:
        across = one.groups[: len(one.groups) - len(spec.lines)]
        known = expected[one.statistic]
        if across not in known:
            _no_column(spec, one, across, known)
    for statistic, every in expected.items():
        for across in every:
            missing = next((x for x in lines if (statistic, (*across, *x)) not in there), None)
            if missing is not None:
                raise DataError(
                    f"The result '{compose(spec.analysis, statistic, (*across, *missing))}' has no row.",
                    path=spec.file,
                    hint="Give it one; where it could not be computed, without a value and with its reason.",
                )
    return rows(_row(spec, one, plan.declared(one.statistic)) for one in given)


def read_results(spec: ElsewhereAnalysisSpec, folder: Path) -> list[Given]:
    """Read a file of results and hold it against its entry.

    First thing wrong that applies:
      1. the file is not there (SpecError), or cannot be read
      2. a column that is not known, or one that is missing
      3. a statistic that the entry does not declare, or that has no row
      4. groups that are not those of the columns and of `lines`
      5. a value that is no number, or cannot be of its form: a P value of 2; none, and no reason
      6. a result that stands twice
    """
    table, names = _table(spec, folder), tuple(planned(spec.row).statistics)
    _check_columns(spec, table)
    groups = [*([spec.columns.by] if spec.columns.by else []), *spec.lines]
    wanted = [name.removeprefix(f"{SUBJECTS}.") for name in groups]
    found, seen = [], dict[tuple[str, Groups], int]()
    for place, cells in enumerate(table.frame.iter_rows(named=True), table.first_row):
        one = _given(spec, place, cells, names, wanted)
        if (one.statistic, one.groups) in seen:
            name = compose(spec.analysis, one.statistic, one.groups)
            raise _wrong(spec, place, f"'{name}' stands in row {seen[one.statistic, one.groups]} already")
        seen[one.statistic, one.groups] = place
        found.append(one)
    without = next((n for n in names if n not in {g.statistic for g in found}), None)
    if without is not None:
        place_ = spec.at_key(f"statistics.{without}")
        raise SpecError(f"The statistic '{without}' has no row in {spec.file}.", place=place_)
    return found


def _given(
    spec: ElsewhereAnalysisSpec,
    place: int,
    cells: Mapping[str, Text],
    names: Iterable[str],
    groups: list[str],
) -> Given:
    statistic = cells["statistic"] or ""
    if statistic not in names:
        told = unknown("The statistic", statistic, names)
        raise _wrong(spec, place, f"the statistic '{statistic}' is not declared", told.hint or "")
    own = {
        str(cells[group_at(i)]): cells[level_at(i)]
        for i in range(width(cells))
        if cells[group_at(i)] is not None
    }
    levels = [(g, level) for g in groups if (level := own.get(g)) is not None]
    sets = [(g, level) for g, level in own.items() if g in spec.columns.sets and level is not None]
    said = (*sets, *levels)
    if len(said) != len(own) or len(said) != len(groups) + bool(spec.columns.sets):
        wanted = ", ".join([*(["a set"] if spec.columns.sets else []), *groups]) or "none"
        raise _wrong(spec, place, f"its groups are {', '.join(own) or 'none'}; they should be {wanted}")
    value = _value(spec, place, statistic, cells["value"], cells.get(REASON))
    return Given(place, statistic, said, value, cells.get(REASON))


def _value(spec: ElsewhereAnalysisSpec, place: int, statistic: str, text: Text, reason: Text) -> float | None:
    if text is None or not text.strip():
        if not (reason or "").strip():
            raise _wrong(spec, place, f"'{statistic}' has neither a value nor a reason")
        return None
    if (reason or "").strip():
        raise _wrong(spec, place, f"'{statistic}' has a value, and a reason why it has none")
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _wrong(spec, place, f"'{text}' is no number")
    shown = spec.statistics[statistic].shown
    low, high = WITHIN.get(shown, (-math.inf, math.inf))
    if not low <= number <= high or (shown == "count" and (number < 0 or number != round(number))):
        of = f"between {low:g} and {high:g}" if shown in WITHIN else "a whole number from 0"
        raise _wrong(spec, place, f"{text} cannot be shown as {shown}, which is {of}")
    return number


def _expected(
    spec: ElsewhereAnalysisSpec, plan: Planned, prepared: Prepared
) -> dict[str, dict[tuple[tuple[str, str], ...], str]]:
    """For each statistic the groups of the columns, or pairs of columns, that it is of, with their labels."""
    own = {tuple(c.groups): label_of(c, spec.columns) for c in prepared.columns}
    found: dict[str, dict[tuple[tuple[str, str], ...], str]] = dict.fromkeys(plan.own, own)
    for comparison in plan.comparisons:
        every = pairs_of(comparison.spec, spec.columns, prepared.columns)
        found |= dict.fromkeys(
            comparison.statistics, {tuple(p.column.groups): " ~ ".join(p.labels) for p in every}
        )
    return found


def _no_column(spec: ElsewhereAnalysisSpec, one: Given, across: Groups, known: Iterable[Groups]) -> None:
    levels = [str(groups[-1][1]) for groups in known if groups]
    level = across[-1][1]
    near = nearest(level, levels)
    hint = f"Did you mean '{near}'?" if near else "Known: " + ", ".join(levels) + "."
    raise _wrong(spec, one.row, f"'{one.statistic}' is of no column '{level}'", hint)


def _check_lines(spec: ElsewhereAnalysisSpec, prepared: Prepared, given: Iterable[Given]) -> None:
    """A level of a line is one that records of the analysis have."""
    source = prepared.source
    for i, name in enumerate(reversed(spec.lines), 1):
        frame = source.frame
        there = frame.select(text_of(frame, source.own(name)).alias("v"))["v"].drop_nulls().unique().to_list()
        for one in given:
            level = one.groups[-i][1]
            if level not in there:
                near = nearest(level, there)
                hint = f"Did you mean '{near}'?" if near else ""
                raise _wrong(spec, one.row, f"no record of the analysis has the {name} '{level}'", hint)


def _check_columns(spec: ElsewhereAnalysisSpec, table: RawTable) -> None:
    names = table.frame.columns
    known = [*NEEDED, REASON, *pairs([("", "")] * max(width(names), 1))]
    for name in names:
        if name not in known:
            near = nearest(name, known)
            hint = f"Did you mean '{near}'?" if near else "Known: " + ", ".join(known) + "."
            raise DataError(f"The column '{name}' is not known in results.", path=spec.file, hint=hint)
    of_groups = pairs([("", "")] * width(names))
    for name in (*NEEDED, *of_groups):
        if name not in names:
            raise DataError(f"The column '{name}' of the results is missing.", path=spec.file)


def _wrong(spec: ElsewhereAnalysisSpec, row: int, says: str, hint: str = "") -> DataError:
    return DataError(f"Row {row} of {spec.file}: {says}.", path=str(spec.at), hint=hint or None)


def _row(spec: ElsewhereAnalysisSpec, one: Given, declared: Declared) -> dict[str, object]:
    own = spec.statistics[one.statistic]
    limited = spec.statistics[own.limit_of].decimals if own.limit_of else None
    parameters = {"file": spec.file, "row": one.row, "made_by": spec.made_by}
    return {
        "output": spec.analysis, "analysis": spec.analysis, "variable": "", "statistic": one.statistic,
        "stat_num": one.value, "reason": one.reason, "shown": declared.shown, "label": declared.label,
        "limit_of": declared.of or None, "side": declared.side or None,
        "decimals": limited if own.decimals is None else own.decimals,
        "method": f"{METHOD}{MADE_ELSEWHERE}", "parameters": parameters_text(parameters),
        "dataset": spec.from_, "where": spec.where, "population": spec.population, **pairs(one.groups),
    }  # fmt: skip


def _table(spec: ElsewhereAnalysisSpec, folder: Path) -> RawTable:
    path = inside(folder, spec.file, spec.at_key("file"))
    if not path.is_file():
        said = f"The file '{spec.file}' of the analysis '{spec.analysis}' is not there."
        raise SpecError(said, place=spec.at_key("file"), hint="It lies in the study's folder.")
    told = path.stat()
    return _cached(path, spec.encoding, told.st_mtime_ns, told.st_size)


@lru_cache(maxsize=8)
def _cached(path: Path, encoding: str | None, changed: int, size: int) -> RawTable:
    """A file as text, read once as long as it stays as it is; the names of its columns in small letters."""
    table = read_raw(path, encoding=encoding)
    small = [name.lower() for name in table.frame.columns]
    if len(set(small)) < len(small):
        raise DataError("Two columns have one name.", path=str(path))
    return RawTable(table.frame.rename(dict(zip(table.frame.columns, small, strict=True))), table.first_row)
