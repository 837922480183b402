"""What a filter could not judge: records in which a null leaves open whether a condition is met."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from tlfgen.spec.condition import Condition

if TYPE_CHECKING:
    from tlfgen.analysis.source import Source

WHY = "#why"


def unjudged(condition: Condition | None, source: Source, frame: pl.DataFrame) -> Mapping[str, int]:
    """Count the records that a condition cannot judge, by the variable that has no value.

    First case that applies to a variable:
      1. it holds nothing but "Y",
         and its spec has no other   a tick: null is "no", and judged
      2. null                        its record may be unjudged
      3. a partial date              so may this one
    A record counts once, for the first such variable of the condition.
    """
    if condition is None or not frame.height:
        return {}
    own = {name: source.own(name) for name in condition.columns}
    ticks = [
        pl.col(c).fill_null("N")
        for c in dict.fromkeys(own.values())
        if c not in source.answered and _is_tick(frame[c])
    ]
    open_ = frame.filter(source.truth(condition, frame.with_columns(ticks)).is_null())
    if not open_.height:
        return {}
    why = pl.coalesce(*(pl.when(pl.col(c).is_null()).then(pl.lit(n)) for n, c in own.items()), pl.lit(""))
    dated = next((n for n, c in own.items() if c.endswith("DTC")), next(iter(own)))
    found = open_.select(why.replace("", dated).alias(WHY)).group_by(WHY, maintain_order=True).len()
    return {name.removeprefix("ADSL."): count for name, count in found.iter_rows()}


def _is_tick(values: pl.Series) -> bool:
    """Say whether a variable can only be ticked: no value but "Y"."""
    return values.dtype in (pl.String, pl.Null) and set(values.drop_nulls().unique()) <= {"Y"}
