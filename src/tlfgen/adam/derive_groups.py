"""groups: a value put into named groups, as AGEGR1."""

from __future__ import annotations

import polars as pl

from tlfgen.engine.gives import INTEGER, keys_of
from tlfgen.engine.registry import Columns, Cuts, Derived, Fills, derivation
from tlfgen.errors import NOWHERE, Finding, Place, unknown


@derivation(gives=keys_of("cuts"), fills={"number_to": INTEGER})
def derive_groups(
    rows: pl.DataFrame, *, of: Columns, cuts: Cuts, number_to: Fills = None, at: Place = NOWHERE
) -> Derived:
    """Put each record into the first group whose condition it meets.

    First case that applies:
      1. a condition of `cuts` is true, and each before it is false   the group's name
      2. otherwise                                                    null

    A condition whose values do not tell is not false: a grade without its limit is no grade 0. A note counts
    the records that are null for that though a later condition is true.

    of: every variable that the conditions name. cuts: the group's name -> its condition, as `{"<65": "AGE <
    65", ">=65": "AGE >= 65"}`; a missing value meets no comparison. number_to: the variable for the group's
    number, from 1 in the order of `cuts`.

    Source: ADaMIG 1.3, grouping variables with their numeric twins (AGEGR1, AGEGR1N).
    """
    met, left = [], pl.Series([False]).new_from_index(0, rows.height)
    unsure = left
    for condition in cuts.values():
        for name in condition.columns:
            if name not in of:
                raise unknown("In cuts, the variable", name, of, at, more="List it under of:.")
        found = condition.truth(rows)
        met.append(found.fill_null(False) & ~unsure)
        left, unsure = left | (found.fill_null(False) & unsure), unsure | found.is_null()
    number = pl.coalesce(
        [
            *(pl.when(pl.lit(rule)).then(n) for n, rule in enumerate(met, start=1)),
            pl.lit(None, dtype=pl.Int64),
        ]
    )
    numbers = rows.select(number.cast(pl.Int64).alias("number")).to_series()
    names = numbers.replace_strict(dict(enumerate(cuts, start=1)), default=None, return_dtype=pl.String)
    lost = int((left & numbers.is_null()).sum())
    says = "{count} of {of} records: whether an earlier group holds them is not known, null"
    return Derived(
        {"": names, **({number_to: numbers} if number_to is not None else {})},
        findings=(Finding("note", "", "", "groups", says, value="{count}", count=lost, of=rows.height),),
    )
