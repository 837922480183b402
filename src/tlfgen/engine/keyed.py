"""One record of a group: the first or the last by a stated order, and the trail of what was chosen.

Polars sorts and groups here, on the candidates only; what that costs is in docs/how-to-derivation.md.

An order is a list of columns, ascending; "-NAME" is descending. Nulls come last either way, so that a
missing value never wins. Floats that are equal at 12 significant digits are ties. Ties go by ROW, the
record's number as it came: the same records give the same choice in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from tlfgen.engine.registry import ROW
from tlfgen.spec.condition import Condition
from tlfgen.spec.significant import comparable, significant

SUBJECT = "USUBJID"
INDEX = "#index"


def numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with their position, from 0, in INDEX."""
    return rows.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(INDEX))


def holds(where: Condition | None, rows: pl.DataFrame) -> pl.Series:
    """The rows that meet a condition; all of them where there is none."""
    return pl.Series([True]).new_from_index(0, rows.height) if where is None else where.rows(rows)


def truth(where: Condition | None, rows: pl.DataFrame) -> pl.Series:
    """Whether the rows meet a condition: true, false, or null where their values do not tell."""
    return pl.Series([True]).new_from_index(0, rows.height) if where is None else where.truth(rows)


def group_keys(by: Iterable[str]) -> list[str]:
    """The columns of a group: the subject first, so that no group reaches over subjects."""
    return list(dict.fromkeys([SUBJECT, *by]))


def first_by(frame: pl.DataFrame, keys: Sequence[str], order: Sequence[str]) -> pl.DataFrame:
    """The first row of each group by an order; ties go to the lowest ROW."""
    return _edge(frame, keys, order, last=False)


def last_by(frame: pl.DataFrame, keys: Sequence[str], order: Sequence[str]) -> pl.DataFrame:
    """The last row of each group by an order; a null is never last, ties go to the highest ROW."""
    return _edge(frame, keys, order, last=True)


def _edge(frame: pl.DataFrame, keys: Sequence[str], order: Sequence[str], *, last: bool) -> pl.DataFrame:
    names = [name.removeprefix("-") for name in order]
    down = [name.startswith("-") != last for name in order]
    values = [comparable(pl.col(n), frame.schema[n]) for n in names]
    ordered = frame.sort([*values, pl.col(ROW)], descending=[*down, last], nulls_last=True)
    return ordered.unique(subset=list(keys), keep="first")


def like_with_like(left: pl.Series, right: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Two columns of keys as one type, so that what is the same on the form is the same key.

    First case that applies:
      1. one type and no floats                as they are
      2. numbers, or a number and a text       numbers at 12 significant digits; a text that is none is null
      3. otherwise (a date and a text)         texts
    """
    if left.dtype == right.dtype and not left.dtype.is_float():
        return left, right
    if left.dtype.is_numeric() or right.dtype.is_numeric():
        return _as_number(left), _as_number(right)
    return left.cast(pl.String), right.cast(pl.String)


def _as_number(keys: pl.Series) -> pl.Series:
    text = keys.str.strip_chars() if keys.dtype == pl.String else keys
    number = text.cast(pl.Float64, strict=False)
    return number.to_frame("#key").select(significant(pl.col("#key"))).to_series().alias(keys.name)


def flagged(height: int, index: pl.Series, value: str = "Y") -> pl.Series:
    """A column that is `value` at these positions and null elsewhere."""
    mask = pl.int_range(height, dtype=pl.Int64, eager=True).is_in(index.implode())
    return pl.DataFrame({"mask": mask}).select(pl.when("mask").then(pl.lit(value)).alias("flag")).to_series()


def trail(
    candidates: pl.DataFrame,
    keys: Sequence[str],
    chosen: pl.Expr,
    *,
    candidate: pl.Expr,
    value: pl.Expr,
    rule: str,
    reasons: tuple[str, str],
) -> pl.DataFrame:
    """The decisions of a choice: index, candidate, value, rule, chosen, reason.

    candidates: the rows between which it was made, with INDEX. reasons: of the chosen, and of the others. A
    group with a single candidate left nothing to choose and is not recorded.
    """
    between = candidates.filter(pl.len().over(list(keys)) > 1)
    picked = between.select(chosen.fill_null(False).alias("chosen")).to_series()
    decided = between.select(
        pl.col(INDEX).alias("index"),
        candidate.cast(pl.String).alias("candidate"),
        value.cast(pl.String).alias("value"),
        pl.lit(rule).alias("rule"),
        picked,
        pl.when(picked).then(pl.lit(reasons[0])).otherwise(pl.lit(reasons[1])).alias("reason"),
    )
    return decided.sort("index", "candidate", "value")
