"""The table of results (ARD): one row a statistic, raw float64, with what brings its records back.

output      the output it was made for          analysis    `output.row`, or `output.row.VARIABLE`
variable    what is counted or summarised       statistic   n, pct, mean, p_value, ...
group1, level1, group2, level2, ...   grouping variables, the columns' first, and their levels as text; as
            many pairs as the widest result has, null where a result has fewer
stat_num    the raw value; proportions in [0, 1]  stat_chr  a result that is a text
shown       the form in which it is shown       decimals    its own decimals, where it has any
label       what it is called                   limit_of    the statistic that it is a limit of
side        low or high, of a limit
reason      why stat_num is null                denominator of a proportion
method      a registered statistic, or count    parameters  of the method, as JSON: limits, ties, rule, level
dataset     whose records                       where       the condition on the records
population  the analysis set, or all

The forms:
count       a whole number                      percent     a proportion as a percentage
p           a P value                           ratio       2 decimals
proportion  3 decimals                          number      1 decimal
censored    a number that was cut off: 165+     summary     the collected decimals, and the study's for it
place       with the decimals that it has       text        stat_chr

Its own decimals, and those that a row gives its analysis, go before the form's. What has no form cannot be
shown: a SpecError.

A result is named `analysis.statistic[GROUP=level,...]`. Rows stand in the order in which they are displayed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import polars as pl

from tlfgen.errors import NOWHERE, Place, SpecError, nearest
from tlfgen.spec.condition import in_brackets

Shown = Literal[
    "count", "percent", "p", "ratio", "proportion", "number", "censored", "summary", "place", "text"
]
ARD: dict[str, type[pl.DataType]] = {
    "output": pl.String,
    "analysis": pl.String,
    "variable": pl.String,
    "statistic": pl.String,
    "stat_num": pl.Float64,
    "stat_chr": pl.String,
    "shown": pl.String,
    "decimals": pl.Int64,
    "label": pl.String,
    "limit_of": pl.String,
    "side": pl.String,
    "reason": pl.String,
    "denominator": pl.Float64,
    "method": pl.String,
    "parameters": pl.String,
    "dataset": pl.String,
    "where": pl.String,
    "population": pl.String,
}  # fmt: skip
PAIRS_BEHIND = "variable"
PAIR = r"^(?:group|level)([1-9][0-9]*)$"
_GROUP = re.compile(r"(?:^|,)([A-Za-z_][A-Za-z0-9_]*)=")
Groups = Sequence[tuple[str, str]]


def group_at(i: int) -> str:
    """The column with the name of the i-th group of a result, from 0."""
    return f"group{i + 1}"


def level_at(i: int) -> str:
    """The column with the level of the i-th group of a result, from 0."""
    return f"level{i + 1}"


def pairs(groups: Iterable[tuple[str, str | None]]) -> dict[str, str | None]:
    """Groups with their levels, by the columns of the table.

    >>> pairs([("TRT01A", "Placebo"), ("SEX", "F")])
    {'group1': 'TRT01A', 'level1': 'Placebo', 'group2': 'SEX', 'level2': 'F'}
    """
    found: dict[str, str | None] = {}
    for i, (group, level) in enumerate(groups):
        found |= {group_at(i): group, level_at(i): level}
    return found


def columns_for(most: int) -> dict[str, type[pl.DataType]]:
    """The columns of a table whose widest result has so many groups, in order, with their types."""
    found: dict[str, type[pl.DataType]] = {}
    for name, kind in ARD.items():
        found[name] = kind
        if name == PAIRS_BEHIND:
            found |= dict.fromkeys(pairs([("", "")] * most), pl.String)
    return found


def width(names: Iterable[str]) -> int:
    """How many groups the columns of a table have room for."""
    return max((int(m[1]) for n in names if (m := re.match(PAIR, n))), default=0)


def in_shape(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame with the columns of the table, in order and typed; one that is not there is null."""
    columns = columns_for(width(frame.columns))
    absent = (pl.lit(None, kind).alias(name) for name, kind in columns.items() if name not in frame.columns)
    return frame.with_columns(*absent).select(pl.col(name).cast(kind) for name, kind in columns.items())


def stack(tables: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Tables of results below one another, whatever the number of their groups."""
    every = list(tables)
    return in_shape(pl.concat(every, how="diagonal")) if every else rows(())


def compose(analysis: str, statistic: str, groups: Groups = ()) -> str:
    """Name a result."""
    inside = ",".join(f"{group}={level}" for group, level in groups)
    return f"{analysis}.{statistic}[{inside}]" if inside else f"{analysis}.{statistic}"


def groups_of(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The groups of a row of the table, with their levels."""
    slots = range(width(row))
    return tuple((row[group_at(i)], row[level_at(i)]) for i in slots if row[group_at(i)] is not None)


def level_of(row: Mapping[str, Any]) -> str:
    """The level of a row's last group."""
    return str(groups_of(row)[-1][1])


def result_name(row: Mapping[str, Any]) -> str:
    """The name of a row of the table."""
    return compose(row["analysis"], row["statistic"], groups_of(row))


def parse_name(name: str, at: Place = NOWHERE) -> tuple[str, str, dict[str, str]]:
    """Take a result's name apart: analysis, statistic, groups. A level may hold commas and brackets.

    A SpecError says what a name looks like.
    """
    head, bracket, inside = name.partition("[")
    analysis, dot, statistic = head.rpartition(".")
    body = inside[:-1]
    starts = list(_GROUP.finditer(body))
    if not dot or (bracket and (not inside.endswith("]") or not starts or starts[0].start())):
        raise SpecError(
            f"'{name}' is not the name of a result.",
            place=at,
            hint="Write output.row.statistic[GROUP=level,...], as in demography.age.mean[TRT01A=Placebo].",
        )
    ends = [*(s.start() for s in starts[1:]), len(body)][: len(starts)]
    return analysis, statistic, {s[1]: body[s.end() : e] for s, e in zip(starts, ends, strict=True)}


def find_result(ard: pl.DataFrame, name: str, at: Place = NOWHERE) -> dict[str, Any]:
    """Find the row that a name stands for; groups may stand in any order.

    A SpecError names the nearest result where there is none.
    """
    analysis, statistic, groups = parse_name(name, at)
    own = ard.filter((pl.col("analysis") == analysis) & (pl.col("statistic") == statistic))
    for row in own.iter_rows(named=True):
        if dict(groups_of(row)) == groups:
            return row
    raise _missing(ard, own, name, at)


def _missing(ard: pl.DataFrame, own: pl.DataFrame, name: str, at: Place) -> SpecError:
    output = name.split(".", 1)[0]
    near = own if own.height else ard.filter(pl.col("output") == output)
    if not near.height:
        outputs = ard["output"].unique().to_list()
        known = nearest(output, outputs)
        every = "Outputs: " + ", ".join(sorted(outputs)) + "."
        hint = f"Did you mean the output '{known}'?" if known else every
    else:
        names = [result_name(r) for r in near.iter_rows(named=True)]
        known = nearest(name, names)
        every = f"There are {len(names)} results, '{names[0]}' the first."
        hint = f"Did you mean '{known}'?" if known else every
    return SpecError(f"The result '{name}' does not exist.", place=at, hint=hint)


def quoted(text: str) -> str:
    """A text as a condition has it."""
    return "'" + text.replace("'", "''") + "'"


def both(*conditions: str | None) -> str:
    """Join conditions with AND; one that is an OR stands in brackets."""
    kept = [c for c in conditions if c and c.strip().lower() != "all"]
    return " AND ".join(map(in_brackets, kept))


def rows(found: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """A table of results from rows that hold only what they have."""
    every = list(found)
    columns = columns_for(max(map(width, every), default=0))
    return pl.DataFrame([{c: r.get(c) for c in columns} for r in every], schema=columns, orient="row")


def parameters_text(parameters: Mapping[str, Any]) -> str:
    """The parameters of a method as JSON, with which a result can be computed again."""
    given = {k: v for k, v in parameters.items() if v not in (None, ())}
    return json.dumps(given, sort_keys=True, ensure_ascii=False, default=str)
