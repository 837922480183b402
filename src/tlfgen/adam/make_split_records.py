"""split_records: several parameters of one record, as the totals of ADSL."""

from __future__ import annotations

import polars as pl
from pydantic import Field

from tlfgen.adam.records_of_records import LOST, as_value, bares, indexed, owner_of, read_row, told, valued
from tlfgen.engine.keyed import SUBJECT
from tlfgen.engine.registry import ROW, Fetch, Made, Others, OtherWhere, maker
from tlfgen.errors import NOWHERE, Place, SpecError
from tlfgen.spec.loader import Decimals, Entry, Number

RULE = "split_records"
SAYS = "the value of {PARAMCD} cannot be read: null"


class SplitParameter(Entry):
    """A parameter and the variable that has its value. decimals: of its values, as collected."""

    PARAMCD: str = Field(max_length=8)
    PARAM: str
    PARAMN: Number
    of: str
    decimals: Decimals | None = None

    def names(self) -> tuple[str, ...]:
        """The variable that it reads."""
        return (self.of,)


@maker
def make_split_records(
    fetch: Fetch,
    *,
    parameters: tuple[SplitParameter, ...],
    keep: Others = (),
    where: OtherWhere = None,
    at: Place = NOWHERE,
) -> Made:
    """Make a record for each parameter of each record of another dataset, as of an exposure summary in ADSL.

    First case that applies:
      1. the variable has no value              no record
      2. it has one that cannot be read         a record without a value, and a warning
      3. otherwise                              its value: a number is AVAL, a text AVALC, a date ADT

    where: the records that count. The variables of `keep` stand on each record. The record read is
    the source.

    Source: ADaMIG 1.3, 3.3: a BDS parameter has one record a subject and analysis time point.
    """
    owners = {owner_of(p.of) for p in parameters}
    if len(owners) != 1:
        raise SpecError(
            f"The parameters are of {len(owners)} datasets ({', '.join(sorted(owners)) or 'none'}).",
            place=at, hint="Records are split of one dataset: write an entry for each.",
        )  # fmt: skip
    parts = [_made(fetch, parameter, keep, where) for parameter in parameters]
    made = indexed(pl.concat(parts, how="diagonal"))
    owner = owners.pop()
    return Made(
        made.drop("index", ROW, LOST),
        read_row(made, owner),
        told("warning", owner, RULE, SAYS, made.filter(LOST), "PARAMCD"),
    )


def _made(fetch: Fetch, one: SplitParameter, keep: tuple[str, ...], where: OtherWhere) -> pl.DataFrame:
    value = bares([one.of])[0]
    found = valued(fetch(one.of, *keep, where=where), value)
    named = {"PARAMCD": one.PARAMCD, "PARAM": one.PARAM}
    return found.select(
        SUBJECT,
        ROW,
        LOST,
        *(n for n in bares(keep) if n != value),
        *(pl.lit(text).alias(name) for name, text in named.items()),
        pl.lit(one.PARAMN, dtype=pl.Int64).alias("PARAMN"),
        as_value(value, found, value),
    )
