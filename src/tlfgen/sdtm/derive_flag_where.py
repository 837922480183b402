"""flag_where: a flag by a condition."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.gives import flag
from tlfgen.engine.keyed import truth
from tlfgen.engine.registry import Derived, Where, derivation
from tlfgen.errors import Finding


@derivation(gives=flag)
def derive_flag_where(
    rows: pl.DataFrame,
    *,
    where: Where,
    value: str = "Y",
    otherwise: str | None = None,
    unknown_as: str | None = None,
) -> Derived:
    """Flag the records that meet a condition.

    First case that applies:
      1. the condition is true    `value`
      2. it is false              `otherwise` (null)
      3. its values do not tell   `unknown_as` (null)

    A missing value, and one that cannot be read, tell nothing: "N" is said only where it is known. Where
    `otherwise` or `unknown_as` is given, a note counts the records of case 3. Flags of records are Y or null
    (ADaM); `otherwise: N` is for those that the standard has as Y/N, and where unknown must differ from no.
    """
    return flagged_by(truth(where, rows), value, otherwise, unknown_as, "flag_where")


def flagged_by(
    met: pl.Series, value: str, otherwise: str | None, unknown_as: str | None, rule: str
) -> Derived:
    """A flag by what is true, false or not known, and a note of how many are not known."""
    flag = (
        pl.when("met")
        .then(pl.lit(value))
        .when(~pl.col("met"))
        .then(pl.lit(otherwise, dtype=pl.String))
        .otherwise(pl.lit(unknown_as, dtype=pl.String))
    )
    unknown = met.null_count()
    words = f"{{count}} of {{of}} records: not known, {unknown_as or 'null'}"
    told = otherwise is not None or unknown_as is not None
    return Derived(
        pl.DataFrame({"met": met}).select(flag.alias("flag")).to_series(),
        findings=(Finding("note", "", "", rule, words, value="{count}", count=unknown, of=met.len()),)
        if told
        else (),
    )
