"""carried_forward: the last observation at each expected visit that has none (LOCF)."""

from __future__ import annotations

import polars as pl

from tlfgen.adam.records_of_records import (
    AT,
    LOST,
    VISIT,
    as_value,
    bares,
    check_shown,
    indexed,
    misnamed,
    owner_of,
    planned_visits,
    read_row,
    told,
    valued,
)
from tlfgen.engine.keyed import INDEX, group_keys, last_by, trail
from tlfgen.engine.registry import ROW, Fetch, Further, Made, Other, Others, OtherWhere, maker
from tlfgen.errors import NOWHERE, Place
from tlfgen.spec.significant import significant
from tlfgen.spec.study import StudySpec

RULE = "carried_forward"
SAYS = "the last value cannot be read, so that none is carried: null"
NOTHING: dict[str, float] = {}


@maker
def make_carried_forward(
    fetch: Fetch,
    *,
    of: Other,
    by: Others,
    visit: Further,
    number: Further,
    expected: dict[str, float] = NOTHING,
    order: Others = (),
    keep: Others = (),
    where: OtherWhere = None,
    study: StudySpec,
    at: Place = NOWHERE,
) -> Made:
    """Make a record at each expected visit without a value: that of the last visit before it.

    A group is a subject and the values of `by`. For each expected visit, first case that applies:
      1. the group has a value at the visit, or one
         that cannot be read                         no record
      2. no record before it may be carried          no record
      3. the last one cannot be read                 a null value, and a warning
      4. otherwise                                   the value of the last one before it: by `number`, of one
                                                     visit by `order`, then the last as it came; DTYPE LOCF

    where: the records that may be carried (`AVISITN > 0` leaves the baseline where it is); whether a visit
    has a value is asked of all records; one without a `number` is not carried. visit, number: AVISIT and
    AVISITN, which on the made record are those of the expected visit. expected: the visits by name with their
    number; where it is not said, those of study.yaml that are analysed. The variables of `by`, `order` and
    `keep` stand on the record as they were.

    Source: ADaMIG 1.3, 4.5.1 (LOCF rows and DTYPE); which visits are imputed is the analysis plan's.
    """
    value, keys = bares([of])[0], group_keys(bares(by))
    name, count = bares([visit])[0], bares([number])[0]
    columns = (of, *by, visit, number, *(n.removeprefix("-") for n in order), *keep)
    given = valued(fetch(*columns), value)
    carried = valued(fetch(*columns, where=where), value).filter(pl.col(count).is_not_null())
    visits = planned_visits(expected, study, at)
    check_shown(value, keys, [*keys, *bares(order), *bares(keep)], at)
    lacking = (
        carried.select(keys)
        .unique(maintain_order=True)
        .join(visits, how="cross", maintain_order="left_right")
        .join(given.select(*keys, _exact(count).alias(AT)), on=[*keys, AT], how="anti", nulls_equal=True)
    )
    pairs = lacking.join(carried, on=keys, nulls_equal=True).filter(_exact(count) < pl.col(AT))
    ways = [count, *(("-" if n.startswith("-") else "") + bares([n])[0] for n in order)]
    made = indexed(last_by(pairs, [*keys, AT], ways).sort(*keys, AT))
    kept = [n for n in (*keys, *bares(order), *bares(keep)) if n not in (name, count, value)]
    chosen = made.select(*keys, AT, pl.col("index").alias(INDEX), pl.col(ROW).alias("#taken"))
    return Made(
        made.select(
            *dict.fromkeys(kept),
            pl.col(VISIT).alias(name),
            pl.col(AT).cast(carried.schema[count]).alias(count),
            as_value(value, made, value),
            pl.lit("LOCF").alias("DTYPE"),
        ),
        read_row(made, owner_of(of)),
        (
            *told("warning", owner_of(of), RULE, SAYS, made.filter(LOST), value),
            *misnamed(visits, given, name, count, owner_of(of), RULE),
        ),
        decisions=trail(
            pairs.join(chosen, on=[*keys, AT], nulls_equal=True),
            [INDEX],
            pl.col(ROW) == pl.col("#taken"),
            candidate=pl.format("{} {}", pl.lit(name), pl.col(name).fill_null("none")),
            value=pl.col(value),
            rule=RULE,
            reasons=("the last before the visit", "a later one is taken"),
        ),
    )


def _exact(number: str) -> pl.Expr:
    return significant(pl.col(number))
