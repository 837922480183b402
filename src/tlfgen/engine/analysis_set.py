"""Who is in an analysis set, who is not and why, and of whom it cannot be judged."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tlfgen.engine.registry import ROW
from tlfgen.spec.condition import Condition
from tlfgen.spec.study import AnalysisSetSpec

UNJUDGED = "Cannot be judged: "  # how the reason of a subject begins of whom it is not known


def reasons_of(spec: AnalysisSetSpec) -> list[tuple[Condition | None, str | None]]:
    """The reasons for which a subject is outside a set, each with its condition."""
    if isinstance(spec.reason, str):
        return [(None, spec.reason)]
    return [(r.condition, r.says) for r in spec.reason]


def judge_set(
    spec: AnalysisSetSpec, inside: pl.Series, met: Sequence[pl.Series | None], asked: pl.DataFrame
) -> pl.DataFrame:
    """Give flag and reason of each subject: USUBJID, ROW, flag, reason, open.

    First case that applies:
      1. the set's condition is true                    Y
      2. it is false                                    N, and the first reason whose condition is met
      3. it cannot be judged, and the condition of a
         reason is met                                  N, and that reason
      4. it cannot be judged                            N, and the variables that are not known; open

    inside: the set's condition, null where it cannot be judged. met: that of each reason, None where it has
    none. asked: the subjects with the variables of the set's condition.
    """
    frame = asked.with_columns(inside.alias("#inside"))
    why = pl.lit(None, dtype=pl.String)
    for holds, (_, says) in reversed(list(zip(met, reasons_of(spec), strict=True))):
        applies = pl.col("#inside").is_not_null() if holds is None else pl.lit(holds)
        why = pl.when(applies).then(pl.lit(says)).otherwise(why)
    missing = [pl.when(pl.col(c).is_null()).then(pl.lit(c)) for c in spec.condition.columns]
    gaps = pl.concat_str(missing or [pl.lit("")], separator=", ", ignore_nulls=True)
    unjudged = pl.format(f"{UNJUDGED}{{}} not known", gaps)
    return frame.select(
        "USUBJID",
        ROW,
        pl.when("#inside").then(pl.lit("Y")).otherwise(pl.lit("N")).alias("flag"),
        pl.when("#inside").then(None).otherwise(pl.coalesce(why, unjudged)).alias("reason"),
        (pl.col("#inside").is_null() & why.is_null()).alias("open"),
    )
