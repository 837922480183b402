"""groups: a value put into named groups, as AGEGR1."""

from __future__ import annotations

import polars as pl

from tlfgen.data.gives import INTEGER, keys_of
from tlfgen.data.registry import Columns, Cuts, Derived, Fills, derivation
from tlfgen.errors import NOWHERE, Place, unknown


@derivation(gives=keys_of("cuts"), fills={"number_to": INTEGER})
def derive_groups(
    rows: pl.DataFrame, *, of: Columns, cuts: Cuts, number_to: Fills = None, at: Place = NOWHERE
) -> Derived:
    """Put each record into the first group whose condition it meets.

    First case that applies:
      1. the conditions of `cuts`, in their order   the group's name
      2. none is known to be true                   null

    of: every variable that the conditions name. cuts: the group's name -> its condition, as `{"<65": "AGE <
    65", ">=65": "AGE >= 65"}`; a missing value meets no comparison. number_to: the variable for the group's
    number, from 1 in the order of `cuts`.

    Source: ADaMIG 1.3, grouping variables with their numeric twins (AGEGR1, AGEGR1N).
    """
    met = []
    for condition in cuts.values():
        for name in condition.columns:
            if name not in of:
                raise unknown("In cuts, the variable", name, of, at, more="List it under of:.")
        met.append(condition.rows(rows))
    number = pl.coalesce(
        [
            *(pl.when(pl.lit(rule)).then(n) for n, rule in enumerate(met, start=1)),
            pl.lit(None, dtype=pl.Int64),
        ]
    )
    numbers = rows.select(number.cast(pl.Int64).alias("number")).to_series()
    names = numbers.replace_strict(dict(enumerate(cuts, start=1)), default=None, return_dtype=pl.String)
    return Derived({"": names, **({number_to: numbers} if number_to is not None else {})})
